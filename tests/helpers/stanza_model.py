"""A tiny English model of Stanza, trained by Stanza on parses that the project makes itself."""

from __future__ import annotations

import logging
import random
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from nltk import Tree

from seqattack.corpus.newswire import generate_newswire
from seqattack.scpn.embedded.shallow_parser import ShallowParser
from seqattack.scpn.stanza_folder import FILES

SENTENCES, EPOCHS = 60, 8
"""Sentences of the treebank, and how often the parser sees them."""

BRACKETED = ("Leeds", "(", "England", ")", "beat", "Jordan", ".")


def make_stanza_model(folder: Path) -> Path:
    """Train a tagger and a parser in a few seconds and write the files that `StanzaParser` loads.

    They are in Stanza's own formats: word vectors, two character models, a tagger and a parser.
    The treebank is generated sentences with their shallow parses.
    """
    trees = treebank()
    by_room = {path.split("/")[1]: folder / path for path in FILES}
    for path in by_room.values():
        path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as scratch, _quiet(), _own_randomness():
        _write_vectors(trees, by_room["pretrain"])
        for direction in ("forward", "backward"):
            _train_characters(trees, by_room[f"{direction}_charlm"], direction, Path(scratch))
        _train_tagger(trees, by_room, Path(scratch))
        _train_parser(trees, by_room, Path(scratch))
    return folder


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence Stanza: its modules set the level of its logger, and it leaves files open."""
    logging.disable(logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
    logging.disable(logging.NOTSET)


@contextmanager
def _own_randomness() -> Iterator[None]:
    """Seed the global generators, which Stanza draws from, and put them back."""
    states = random.getstate(), np.random.get_state()
    with torch.random.fork_rng():
        random.seed(0)
        torch.manual_seed(0)
        yield
    random.setstate(states[0])
    np.random.set_state(states[1])


def treebank() -> list[Tree]:
    """Return the parses that the model is trained on."""
    sentences = generate_newswire(seed=3, train=SENTENCES - 1, dev=1, test=1)["train"]
    texts = [*(sentence.tokens for sentence in sentences), BRACKETED]
    return [ShallowParser().parse(tokens) for tokens in texts]


def _write_vectors(trees: Sequence[Tree], path: Path) -> None:
    from stanza.models.common.pretrain import Pretrain, PretrainedWordVocab

    words = sorted({word.lower() for tree in trees for word in tree.leaves()})
    vectors = Pretrain(str(path), save_to_file=False)
    vectors._vocab = PretrainedWordVocab(words, lang="en")
    vectors._emb = torch.randn(len(vectors._vocab), 16)
    vectors.save(str(path))


def _train_characters(trees: Sequence[Tree], path: Path, direction: str, scratch: Path) -> None:
    from stanza.models import charlm

    text = scratch / "text.txt"
    text.write_text("\n".join(" ".join(tree.leaves()) for tree in trees))
    charlm.main(
        [
            *("--train_file", str(text), "--eval_file", str(text), "--shorthand", "en_test"),
            *("--direction", direction, "--epochs", "1", "--cutoff", "1", "--no_checkpoint"),
            *("--char_emb_dim", "8", "--char_hidden_dim", "16", "--cpu"),
            *("--batch_size", "4", "--bptt_size", "50"),
            *("--save_dir", str(path.parent), "--save_name", path.name),
            *("--vocab_save_name", f"../{direction}-vocabulary.pt"),
        ]
    )
    (path.parent.parent / f"{direction}-vocabulary.pt").unlink()


def _train_tagger(trees: Sequence[Tree], by_room: dict[str, Path], scratch: Path) -> None:
    from stanza.models import tagger

    text = scratch / "treebank.conllu"
    text.write_text("".join(map(_conllu, trees)))
    tagger.main(
        [
            *("--train_file", str(text), "--eval_file", str(text), "--shorthand", "en_test"),
            *("--lang", "en", "--max_steps", "150", "--eval_interval", "150", "--cpu"),
            *("--fix_eval_interval", "--batch_size", "10", "--word_emb_dim", "8"),
            *("--lr", "0.01", "--dropout", "0.1", "--word_dropout", "0.1"),
            *("--hidden_dim", "24", "--deep_biaff_hidden_dim", "24", "--transformed_dim", "16"),
            *("--composite_deep_biaff_hidden_dim", "8", "--tag_emb_dim", "8"),
            *("--save_dir", str(by_room["pos"].parent), "--save_name", by_room["pos"].name),
            *("--charlm", "--charlm_shorthand", "en_test", *_foundations(by_room)),
        ]
    )


def _conllu(tree: Tree) -> str:
    """Return a tree's words and parts of speech as a sentence in CoNLL-U."""
    rows = [
        [str(n), word, "_", "X", tag, "_", str(n - 1), "dep" if n > 1 else "root", "_", "_"]
        for n, (word, tag) in enumerate(tree.pos(), start=1)
    ]
    return "\n".join(map("\t".join, rows)) + "\n\n"


def _foundations(by_room: dict[str, Path]) -> list[str]:
    return [
        *("--wordvec_pretrain_file", str(by_room["pretrain"])),
        *("--charlm_forward_file", str(by_room["forward_charlm"])),
        *("--charlm_backward_file", str(by_room["backward_charlm"])),
    ]


def _train_parser(trees: Sequence[Tree], by_room: dict[str, Path], scratch: Path) -> None:
    """Train as Stanza's `iterate_training` does, without its evaluation, which needs Java."""
    from stanza.models import constituency_parser
    from stanza.models.common.foundation_cache import FoundationCache
    from stanza.models.constituency import parser_training, tree_reader
    from stanza.models.constituency.in_order_oracle import InOrderOracle

    bank = scratch / "treebank.mrg"
    bank.write_text("\n".join(tree.pformat(margin=10**6) for tree in map(_escaped, trees)))
    args = constituency_parser.parse_args(
        [
            *("--shorthand", "en_test", "--cpu", "--save_dir", str(scratch)),
            *("--hidden_size", "32", "--delta_embedding_dim", "8", "--tag_embedding_dim", "8"),
            *("--transition_embedding_dim", "8", "--transition_hidden_size", "8"),
            *("--pattn_num_layers", "1", "--pattn_d_model", "32", "--pattn_num_heads", "2"),
            *("--pattn_d_kv", "8", "--pattn_d_ff", "16", "--lattn_d_proj", "8"),
            *("--lattn_d_l", "4", "--lattn_d_kv", "8", "--lattn_d_ff", "8", "--use_lattn"),
            *("--no_multistage", "--optim", "adamw", "--learning_rate", "0.005"),
            *("--train_batch_size", "10", *_foundations(by_room)),
        ]
    )
    found = tree_reader.read_treebank(str(bank))
    trainer, sequences, _, _ = parser_training.build_trainer(
        args, found, found[-1:], [], FoundationCache(), None
    )
    data = parser_training.compose_train_data(found, sequences)
    data.sort(key=lambda item: len(item.gold_sequence))
    oracle = InOrderOracle(trainer.root_labels, args["oracle_level"], [], [])
    steps = {step: torch.tensor([n]) for n, step in enumerate(trainer.transitions)}
    loss = torch.nn.CrossEntropyLoss(reduction="sum")
    trainer.train()
    for epoch in range(EPOCHS):
        parser_training.train_model_one_epoch(
            epoch, trainer, steps, _same, loss, data, oracle, args
        )
    trainer.save(str(by_room["constituency"]), save_optimizer=False)


def _same(output: Any) -> Any:
    return output


def _escaped(tree: Tree) -> Tree:
    """Return a tree with its brackets written as in the Penn Treebank."""
    escaped = tree.copy(deep=True)
    for position in escaped.treepositions("leaves"):
        word = escaped[position]
        escaped[position] = word.replace("(", "-LRB-").replace(")", "-RRB-")
    return escaped
