"""SCPN's files, parses and forms, without a network."""

from __future__ import annotations

import json
import pickle
import random
import re
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from nltk import Tree

from seqattack.corpus.newswire import generate_newswire
from seqattack.errors import BackendError, ModelError
from seqattack.files.artefacts import artefacts
from seqattack.models.scheduling import compute_now
from seqattack.pipeline.artefacts import wanted_artefacts
from seqattack.pipeline.config import load_config
from seqattack.pipeline.doctor import check_scpn_files
from seqattack.pipeline.layout import Layout
from seqattack.scpn.embedded.forms import FORMS, random_name, rephrase
from seqattack.scpn.embedded.pairs import SYMBOLS
from seqattack.scpn.embedded.shallow_parser import ShallowParser
from seqattack.scpn.embedded.tagging import tag_words
from seqattack.scpn.files import load_attacker, read_plain_pickle
from seqattack.scpn.folder import FILES, check_folder, check_openattack
from seqattack.scpn.parser import ParseService
from seqattack.scpn.parsing import CoreNLPParser, find_parser, linearise
from seqattack.scpn.session import Paraphraser
from seqattack.scpn.stanza_folder import FILES as STANZA_FILES
from tests.helpers.configs import minimal_config
from tests.helpers.hostile import Hostile

PARSER = ShallowParser()


def folder_with(folder: Path, **contents: Any) -> Path:
    """A folder with the six files, empty where nothing else is given."""
    for name in FILES:
        (folder / name).write_bytes(contents.get(name.partition(".")[0], b""))
    return folder


def test_plain_pickles_are_read(tmp_path: Path) -> None:
    for value in ({"NP": 1, "EOP": 2}, ({"a": 1}, {1: "a"}), OrderedDict(a=1)):
        (tmp_path / "v.pkl").write_bytes(pickle.dumps(value, protocol=2))
        assert read_plain_pickle(tmp_path / "v.pkl") == value


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_a_hostile_pickle_is_refused(tmp_path: Path, protocol: int) -> None:
    proof = tmp_path / "ran"
    data = pickle.dumps(({"a": Hostile(proof)}, {}), protocol=protocol)
    folder = folder_with(tmp_path, parse_vocab=data)
    with pytest.raises(ModelError, match=r"parse_vocab.pkl: not a pickle of plain containers"):
        load_attacker(folder, "cpu")
    assert not proof.exists()
    pickle.loads(data)
    assert proof.exists(), "the pickle was no danger, so the test shows nothing"


def test_hostile_weights_are_refused(tmp_path: Path) -> None:
    proof = tmp_path / "ran"
    plain = pickle.dumps({})
    folder = folder_with(tmp_path, parse_vocab=plain, ptb_tagset=plain)
    torch.save({"config_args": Hostile(proof), "state_dict": {}}, folder / "scpn.pt")
    with pytest.raises(ModelError, match=r"scpn.pt: not the weights of an SCPN"):
        load_attacker(folder, "cpu")
    assert not proof.exists()


@pytest.mark.parametrize("data", [b"", b"no pickle", pickle.dumps({})[:-3]])
def test_a_damaged_file_is_named(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "v.pkl").write_bytes(data)
    with pytest.raises(ModelError, match=r"v.pkl"):
        read_plain_pickle(tmp_path / "v.pkl")


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    (folder_with(tmp_path) / "bpe.codes").unlink()
    with pytest.raises(BackendError, match=r"lacks bpe.codes.*published"):
        check_folder(tmp_path)


def config(recipe: str, **scpn: str) -> Any:
    return load_config(minimal_config(attacks={"recipes": [recipe]}, scpn=scpn))


def test_the_plan_of_a_run_checks_what_it_needs(tmp_path: Path) -> None:
    missing = str(tmp_path / "nowhere")
    check_scpn_files(config("clare", path=missing))
    check_scpn_files(config("scpn", embedded="small"))
    with pytest.raises(BackendError, match="nowhere lacks"):
        check_scpn_files(config("scpn", path=missing))
    check_scpn_files(config("scpn", path=str(folder_with(tmp_path)), parser="shallow"))


def test_the_plan_of_a_run_looks_for_stanza_s_files(tmp_path: Path) -> None:
    folder = str(folder_with(tmp_path))
    given = {"path": folder, "parser": "stanza", "parser_path": str(tmp_path / "stanza")}
    check_scpn_files(config("scpn", path=folder, parser="stanza"))
    for name in STANZA_FILES:
        with pytest.raises(BackendError, match=rf"{tmp_path}/stanza lacks {name}"):
            check_scpn_files(config("scpn", **given))
        (tmp_path / "stanza" / name).parent.mkdir(parents=True)
        (tmp_path / "stanza" / name).touch()
    check_scpn_files(config("scpn", **given))


def test_without_stanza_it_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seqattack.scpn.stanza_folder.find_spec", lambda name: None)
    with pytest.raises(BackendError, match="run `pip install stanza`"):
        find_parser("stanza", tmp_path)


def test_only_stanza_has_a_folder(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="only the parser stanza has a folder"):
        find_parser("shallow", tmp_path)


def test_stanza_s_files_are_those_that_are_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tuple(artefacts()["stanza"].files) == STANZA_FILES
    monkeypatch.setenv("SEQATTACK_CACHE", str(tmp_path))
    with pytest.raises(BackendError, match="run `seqattack fetch stanza`"):
        find_parser("stanza")


@pytest.mark.parametrize(
    ("parser", "names"),
    [
        ({"parser": "shallow"}, ["scpn"]),
        ({"parser": "stanza"}, ["scpn", "stanza"]),
        ({"parser": "stanza", "parser_path": "folder"}, ["scpn"]),
    ],
)
def test_what_is_fetched_for_scpn(parser: dict[str, str], names: list[str]) -> None:
    files = Layout.of(config("scpn", artefact="scpn", **parser)).run_files
    wanted = wanted_artefacts(config("scpn", artefact="scpn", **parser), files)
    assert list(wanted) == names
    if "stanza" in wanted:
        assert wanted["stanza"].instead == "scpn: {artefact: scpn, parser: shallow}"


class Together(ShallowParser):
    """Notes which sentences it is given together."""

    def __init__(self, *, is_batched: bool) -> None:
        super().__init__()
        self.is_batched = is_batched
        self.batches: list[int] = []

    def parse_all(self, sentences: Sequence[Sequence[str]]) -> list[Tree]:
        self.batches.append(len(sentences))
        return super().parse_all(sentences)


@pytest.mark.parametrize(("is_batched", "batches"), [(True, [4, 4, 1, 1]), (False, [1] * 10)])
def test_only_some_parsers_get_batches(is_batched: bool, batches: list[int]) -> None:
    sentences = [("Leeds", "wins", ".")] * 9 + [tuple("abcdefghi")]
    parser = Together(is_batched=is_batched)
    trees = compute_now(ParseService(parser, batch_tokens=32), sentences)
    assert trees == [PARSER.parse(tokens) for tokens in sentences]
    assert parser.batches == batches


def test_what_scpn_does_not_know_becomes_x() -> None:
    known = {"(": 0, "ROOT": 1, "NP": 2, "X": 3, ")": 4, "EOP": 5}
    paraphraser = Paraphraser.__new__(Paraphraser)
    paraphraser.attacker = SimpleNamespace(parse_gen_voc=known)
    paraphraser.full_parses, paraphraser._end = True, known["EOP"]
    found = paraphraser.parse_ids(Tree.fromstring("(ROOT (NML (NP Leeds)))"))
    names = {number: symbol for symbol, number in known.items()}
    assert " ".join(names[each] for each in found) == "( ROOT ( X ( NP ) ) ) EOP"


def test_generated_sentences_have_every_form() -> None:
    from OpenAttack.attackers.scpn import DEFAULT_TEMPLATES

    rng = random.Random(0)
    for sentence in generate_newswire(seed=2, train=60, dev=1, test=1)["train"]:
        tree = PARSER.parse(sentence.tokens)
        for number, template in enumerate(DEFAULT_TEMPLATES):
            made = rephrase(tree, number, rng)
            assert f"{linearise(made, full=False)} EOP" == template
            words = made.leaves()
            assert words == [word.lower() for word in words]
    assert len(FORMS) == len(DEFAULT_TEMPLATES)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (1, "beat jordan in rome ."),
        (2, "leeds beating jordan in rome ."),
        (4, "leeds beat jordan , and it was in rome ."),
        (6, "how did leeds beat jordan in rome ?"),
        (7, "in rome , leeds beat jordan ."),
    ],
)
def test_forms_of_a_sentence(template: int, expected: str) -> None:
    tree = PARSER.parse(["Leeds", "beat", "Jordan", "in", "Rome", "."])
    found = {" ".join(rephrase(tree, template, random.Random(n)).leaves()) for n in range(20)}
    assert expected in found


def test_a_long_sentence_is_cut() -> None:
    tree = PARSER.parse(("Leeds beat Jordan" + " in a big town" * 30 + " .").split())
    assert len(rephrase(tree, 0, random.Random(0)).leaves()) < 30


@given(st.lists(st.text("aAbB.,'\"()-$1é", min_size=1, max_size=5), min_size=1, max_size=15))
def test_anything_has_a_parse(tokens: list[str]) -> None:
    tree = PARSER.parse(tokens)
    assert tree.leaves() == tokens
    assert set(linearise(tree, full=False).split()) <= set(SYMBOLS)
    assert linearise(tree, full=True).count("(") >= len(tokens)
    for number in range(len(FORMS)):
        assert rephrase(tree, number, random.Random(0)).leaves()


@pytest.mark.parametrize(
    ("words", "tags"),
    [
        ("Oil prices rose .", "NN NNS VBD ."),
        ("LEEDS BEAT ROME", "NNP VBD NNP"),
        ("He was jailed for fraud", "PRP VBD VBN IN NN"),
        ("They will vote on Monday", "PRP MD VB IN NNP"),
    ],
)
def test_words_are_tagged_by_what_is_around_them(words: str, tags: str) -> None:
    assert tag_words(words.split()) == tags.split()


def test_made_up_names_differ() -> None:
    rng = random.Random(0)
    assert len({random_name(rng) for _ in range(50)}) > 40


class CoreNLP(BaseHTTPRequestHandler):
    """Answers as a Stanford CoreNLP server does, which splits words itself if it may."""

    def do_GET(self) -> None:
        self._answer(b"pong")

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        (properties,) = parse_qs(urlsplit(self.path).query)["properties"]
        is_split = json.loads(properties).get("tokenize.whitespace") == "true"
        words = text.split() if is_split else re.findall(r"\w+|\S", text)
        rest = " ".join(f"(. {word})" for word in words[2:])
        parse = f"(ROOT (S (NP (NNP {words[0]})) (VP (VBZ {words[1]})) {rest}))"
        self._answer(json.dumps({"sentences": [{"parse": parse}]}).encode())

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        """Stay quiet."""


@pytest.fixture
def server() -> Iterator[str]:
    running = HTTPServer(("127.0.0.1", 0), CoreNLP)
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    thread.join()
    running.server_close()


def test_a_corenlp_server_parses(server: str) -> None:
    parser = find_parser(server)
    assert isinstance(parser, CoreNLPParser)
    assert parser.name == server
    tree = parser.parse(["Leeds", "wins", "."])
    assert linearise(tree, full=True) == ("( ROOT ( S ( NP ( NNP ) ) ( VP ( VBZ ) ) ( . ) ) )")
    tokens = ["Leeds-2", "wins", "3-1", "F.C."]
    assert parser.parse(tokens).leaves() == tokens


def test_without_openattack_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seqattack.scpn.folder.find_spec", lambda name: None)
    with pytest.raises(BackendError, match="needs OpenAttack; run `pip install OpenAttack`"):
        check_openattack()
