"""Stand-ins for every artefact of the paper's configuration, tiny and in the real formats."""

from __future__ import annotations

import io
import subprocess
import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import torch

from seqattack.corpus.newswire import generate_newswire
from seqattack.files.artefacts import Artefact, Kind, artefacts
from seqattack.sentence import Sentence
from tests.helpers.published_scpn import write_published_scpn
from tests.helpers.stanza_model import make_stanza_model
from tests.helpers.use_models import make_use_models
from tests.helpers.world import World, as_repository

TAGS = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC", "B-MISC", "I-MISC"]
SIZES = {"train": 400, "dev": 40, "test": 120}
PARSES = [
    "(",
    ")",
    "ROOT",
    "S",
    "NP",
    "VP",
    "PP",
    "SBAR",
    "SBARQ",
    "SQ",
    "ADVP",
    "ADJP",
    "WHADVP",
    "FRAG",
    "LST",
    "NN",
    "NNS",
    "NNP",
    "VBD",
    "VBZ",
    "VB",
    "DT",
    "IN",
    "JJ",
    "RB",
    "CD",
    "CC",
    ".",
    ",",
    ":",
    "X",
    "EOP",
]
"""Categories and parts of speech; the end of a parse comes last."""

JAVA = """
package org.languagetool.server;
import com.sun.net.httpserver.*;
import java.io.*;
import java.net.*;
import java.nio.charset.StandardCharsets;

public class HTTPServer {
  static void say(HttpExchange call, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    call.getResponseHeaders().add("Content-Type", "application/json");
    call.sendResponseHeaders(200, bytes.length);
    call.getResponseBody().write(bytes);
    call.close();
  }
  public static void main(String[] words) throws Exception {
    int port = Integer.parseInt(words[java.util.Arrays.asList(words).indexOf("-p") + 1]);
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
    server.createContext("/v2/healthcheck", call -> say(call, "OK"));
    server.createContext("/v2/languages", call ->
        say(call, "[{\\"name\\":\\"English\\",\\"code\\":\\"en\\",\\"longCode\\":\\"en-US\\"}]"));
    server.createContext("/v2/check", call -> {
      String asked = new String(call.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)
          + call.getRequestURI().getRawQuery();
      String found = asked.contains("zz") ? "{\\"message\\":\\"zz\\",\\"offset\\":0,\\"length\\":1,"
          + "\\"replacements\\":[],\\"context\\":{\\"text\\":\\"\\",\\"offset\\":0,\\"length\\":1},"
          + "\\"sentence\\":\\"\\",\\"rule\\":{\\"id\\":\\"ZZ\\",\\"issueType\\":\\"misspelling\\","
          + "\\"category\\":{\\"id\\":\\"ZZ\\",\\"name\\":\\"ZZ\\"}}}" : "";
      say(call, "{\\"matches\\":[" + found + "]}");
    });
    server.setExecutor(java.util.concurrent.Executors.newFixedThreadPool(8));
    server.start();
  }
}
"""


def the_outside(folder: Path) -> World:
    """Return a world that has every artefact of the paper's configuration.

    Args:
        folder: Where the stand-ins are made.
    """
    sentences = generate_newswire(seed=1, **SIZES)
    listed = artefacts()
    addresses = [address for artefact in listed.values() for address in artefact.addresses]
    world = World(hosts=frozenset(str(urlsplit(address).hostname) for address in addresses))
    for name, files in (
        ("conll2003", _corpus(listed["conll2003"], sentences, folder)),
        ("bert-base-cased", _bert(folder / "cased", sentences, cased=True)),
        ("bert-base-uncased", _bert(folder / "uncased", sentences, cased=False)),
        ("distilroberta-base", _roberta(folder / "roberta", sentences)),
        ("stanza", as_repository(make_stanza_model(folder / "stanza"))),
    ):
        artefact = listed[name]
        place = f"{artefact.kind}s/{artefact.repository}@{artefact.version}"
        world.repositories[place] = files
    for name, archive in (
        ("universal-sentence-encoder", _use(folder / "use")),
        ("languagetool", _languagetool(folder / "languagetool")),
        ("scpn", _scpn(folder / "scpn", sentences["train"])),
    ):
        world.files[listed[name].addresses[0]] = archive
    return world


def own_list(world: World) -> dict[str, Any]:
    """Return the list of artefacts whose checksums are those of a world's stand-ins."""
    from hashlib import sha256

    found: dict[str, Any] = {}
    for artefact in artefacts().values():
        if artefact.kind == Kind.ARCHIVE and artefact.files:
            archive = world.files[artefact.addresses[0]]
            found[artefact.name] = {"files": {"archive": sha256(archive).hexdigest()}}
        elif artefact.files and artefact.kind != Kind.PACKAGE:
            found[artefact.name] = {"files": dict.fromkeys(artefact.files)}
    return found


def _words(sentences: dict[str, list[Sentence]]) -> list[str]:
    return sorted({word for split in sentences.values() for s in split for word in s.tokens})


def _corpus(
    artefact: Artefact, sentences: dict[str, list[Sentence]], folder: Path
) -> dict[str, bytes]:
    from datasets import ClassLabel, Dataset, Features, Value
    from datasets import Sequence as ListOf

    features = Features(
        {"tokens": ListOf(Value("string")), "ner_tags": ListOf(ClassLabel(names=TAGS))}
    )
    files = {}
    for split, path in zip(("train", "dev", "test"), artefact.files, strict=True):
        rows = {
            "tokens": [list(each.tokens) for each in sentences[split]],
            "ner_tags": [list(each.tags) for each in sentences[split]],
        }
        made = folder / f"{split}.parquet"
        Dataset.from_dict(rows, features=features).to_parquet(str(made))
        files[path] = made.read_bytes()
    return files


def _bert(folder: Path, sentences: dict[str, list[Sentence]], *, cased: bool) -> dict[str, bytes]:
    """Return a small BERT that knows every word of the corpus, with its masked-LM head."""
    from transformers import BertConfig, BertForMaskedLM, BertTokenizerFast

    folder.mkdir()
    words = [word if cased else word.lower() for word in _words(sentences)]
    letters = sorted({letter for word in words for letter in word})
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    pieces = dict.fromkeys([*special, *letters, *(f"##{each}" for each in letters), *words])
    (folder / "vocab.txt").write_text("\n".join(pieces), encoding="utf-8")
    tokenizer = BertTokenizerFast(str(folder / "vocab.txt"), do_lower_case=not cased)
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=128,
        max_position_embeddings=128,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        initializer_range=0.2,
    )
    BertForMaskedLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return as_repository(folder)


def _roberta(folder: Path, sentences: dict[str, list[Sentence]]) -> dict[str, bytes]:
    from tokenizers import ByteLevelBPETokenizer
    from transformers import RobertaConfig, RobertaForMaskedLM, RobertaTokenizerFast

    folder.mkdir()
    texts = [" ".join(each.tokens) for split in sentences.values() for each in split]
    trainer = ByteLevelBPETokenizer(add_prefix_space=True)
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    trainer.train_from_iterator(texts, 1500, special_tokens=special, show_progress=False)
    trainer.save_model(str(folder))
    tokenizer = RobertaTokenizerFast(str(folder / "vocab.json"), str(folder / "merges.txt"))
    torch.manual_seed(1)
    config = RobertaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=130,
        pad_token_id=tokenizer.pad_token_id,
        initializer_range=0.2,
    )
    RobertaForMaskedLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return as_repository(folder)


def _use(folder: Path) -> bytes:
    make_use_models(folder)
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        archive.add(folder / "callable", arcname="./")
    return out.getvalue()


def _languagetool(folder: Path) -> bytes:
    """Return LanguageTool's archive, whose server finds an error in every text with ``zz``."""
    folder.mkdir()
    (folder / "HTTPServer.java").write_text(JAVA)
    for command in (
        ["javac", "-d", "classes", "HTTPServer.java"],
        ["jar", "--create", "--file", "languagetool-server.jar", "-C", "classes", "."],
    ):
        subprocess.run(command, cwd=folder, check=True)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.write(
            folder / "languagetool-server.jar", "LanguageTool-6.8/languagetool-server.jar"
        )
    return out.getvalue()


def _scpn(folder: Path, sentences: Sequence[Sentence]) -> bytes:
    """Return the archive of an SCPN with random weights that knows the corpus's words."""
    folder.mkdir()
    found = sorted({word.lower() for each in sentences for word in each.tokens})
    letters = sorted({letter for word in found for letter in word})
    words = ["PAD", "EOS", *letters, *(f"{each}@@" for each in letters)]
    words = list(dict.fromkeys(words))
    (folder / "bpe.codes").write_text("#version: 0.2\n")
    (folder / "vocab.txt").write_text("".join(f"{word} 99\n" for word in words[2:]))
    write_published_scpn(folder, words, PARSES)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, f"AttackAssist.SCPN/{path.name}")
    return out.getvalue()
