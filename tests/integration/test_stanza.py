"""Stanza's parser on a tiny model in Stanza's own formats."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nltk import Tree

from seqattack.attack.engine import Engine
from seqattack.attack.resources.loaded import Resources
from seqattack.attack.settings import AttackSettings
from seqattack.corpus.newswire import generate_newswire
from seqattack.errors import BackendError, ModelError
from seqattack.files.artefacts import artefacts
from seqattack.models.scheduling import compute_now
from seqattack.scpn import stanza_parser
from seqattack.scpn.embedded.settings import ScpnSettings
from seqattack.scpn.embedded.training import train_scpn
from seqattack.scpn.parser import ParseService
from seqattack.scpn.parsing import find_parser, linearise
from seqattack.scpn.session import Paraphraser
from seqattack.scpn.stanza_folder import FILES
from seqattack.scpn.stanza_parser import StanzaParser
from tests.helpers.fake_victim import FakeVictim
from tests.helpers.hostile import Hostile
from tests.helpers.stanza_model import BRACKETED, treebank
from tests.helpers.world import World, a_world, as_repository

pytestmark = pytest.mark.slow
WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)
BRACKETS = st.sampled_from(["(", ")", "-LRB-", "-RRB-", "[", "((", "a b", " ", "\u200b", "''"])


@pytest.fixture(scope="module")
def parser(stanza_files: Path) -> StanzaParser:
    return StanzaParser(stanza_files)


@pytest.fixture(scope="module")
def texts() -> list[tuple[str, ...]]:
    sentences = generate_newswire(seed=9, train=30, dev=1, test=1)["train"]
    return [*(sentence.tokens for sentence in sentences), BRACKETED, ("Rome",)]


def copied(folder: Path, target: Path) -> Path:
    shutil.copytree(folder, target, dirs_exist_ok=True)
    return target


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(tokens=st.lists(WORDS | BRACKETS, min_size=1, max_size=12))
def test_the_leaves_are_the_tokens(parser: StanzaParser, tokens: list[str]) -> None:
    tree = parser.parse(tokens)
    assert tree.leaves() == tokens
    assert tree.label() == "ROOT"
    assert len(tree) == 1
    assert len(linearise(tree, full=True).split("(")) > len(tokens)
    assert all(part.height() == 2 for part in tree.subtrees() if isinstance(part[0], str))


def test_the_model_has_learnt_something(parser: StanzaParser) -> None:
    trees = treebank()
    found = parser.parse_all([tree.leaves() for tree in trees])
    pairs = [
        (mine[1], theirs[1])
        for tree, parse in zip(trees, found, strict=True)
        for mine, theirs in zip(tree.pos(), parse.pos(), strict=True)
    ]
    assert sum(mine == theirs for mine, theirs in pairs) > 0.8 * len(pairs)
    assert {"S", "NP"} <= {part.label() for tree in found for part in tree.subtrees()}


def test_brackets_are_shown_to_stanza_as_brackets(parser: StanzaParser) -> None:
    written = ["-LRB-" if token == "(" else token for token in BRACKETED]
    tree, again = parser.parse_all([BRACKETED, written])
    assert linearise(tree, full=True) == linearise(again, full=True)
    assert ("-LRB-", "-LRB-") in again.pos()
    assert again.leaves() == written


@pytest.fixture
def pipeline(stanza_files: Path, tmp_path: Path) -> Any:
    """Stanza's own pipeline on the same files."""
    import stanza

    resources = tmp_path / "resources.json"
    resources.write_text(json.dumps({"en": {"lang_name": "English"}}))
    constituency, pos, vectors, forward, backward = (str(stanza_files / name) for name in FILES)
    shared = {
        f"{processor}_{kind}_path": path
        for processor in ("pos", "constituency")
        for kind, path in (
            ("pretrain", vectors),
            ("forward_charlm", forward),
            ("backward_charlm", backward),
        )
    }
    return stanza.Pipeline(
        "en",
        dir=str(tmp_path),
        resources_filepath=str(resources),
        package=None,
        processors={"tokenize": "default", "pos": "default", "constituency": "default"},
        tokenize_pretokenized=True,
        pos_model_path=pos,
        constituency_model_path=constituency,
        download_method=None,
        use_gpu=False,
        verbose=False,
        **shared,
    )


def test_trees_are_those_of_stanza_s_pipeline(
    parser: StanzaParser, pipeline: Any, texts: list[tuple[str, ...]]
) -> None:
    for tokens in texts:
        (sentence,) = pipeline([list(tokens)]).sentences
        assert as_written(parser.parse(tokens)) == str(sentence.constituency)


def as_written(tree: Tree) -> str:
    """Return a tree as Stanza writes it."""
    if isinstance(tree, str):
        return tree.replace("(", "-LRB-").replace(")", "-RRB-")
    return f"({tree.label()} {' '.join(map(as_written, tree))})"


def test_a_batch_changes_no_tree(parser: StanzaParser, texts: list[tuple[str, ...]]) -> None:
    before = torch.random.get_rng_state()
    alone = [parser.parse(tokens) for tokens in texts]
    assert parser.parse_all(texts) == alone
    assert parser.parse_all(texts[::-1]) == alone[::-1]
    assert compute_now(ParseService(parser, batch_tokens=64), texts) == alone
    assert torch.equal(torch.random.get_rng_state(), before)


def disturbed(parser: StanzaParser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Add noise of at most 0.2 to scores; it depends on how many sentences are parsed at once."""
    model = parser._models.parser
    plain = model.forward

    def forward(states: Sequence[Any]) -> torch.Tensor:
        scores: torch.Tensor = plain(states)
        noise = torch.rand(scores.shape, generator=torch.Generator().manual_seed(len(states)))
        return scores + (0.4 * noise - 0.2) * (len(states) > 1)

    monkeypatch.setattr(model, "forward", forward)


def test_noise_of_a_batch_decides_no_step(
    parser: StanzaParser, texts: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = [parser.parse(tokens) for tokens in texts]
    disturbed(parser, monkeypatch)
    monkeypatch.setattr(stanza_parser, "MARGIN", 0.5)
    assert parser.parse_all(texts) == alone
    monkeypatch.setattr(stanza_parser, "MARGIN", 0.0)
    assert parser.parse_all(texts) != alone, "the noise was no danger, so the test shows nothing"


def test_most_sentences_are_parsed_once(
    parser: StanzaParser, texts: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    again = []
    alone = parser._parse_alone

    def counted(words: list[tuple[str, str]]) -> Any:
        again.append(words)
        return alone(words)

    monkeypatch.setattr(parser, "_parse_alone", counted)
    parser.parse_all(texts)
    assert len(again) < len(texts) / 4


def test_a_sentence_that_stanza_gives_up_is_flat(
    parser: StanzaParser, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = parser._models.parser
    plain = model.parse_sentences
    hard = ("Rome", "wins")

    def parse_sentences(tagged: Iterator[Any], *arguments: Any, **more: Any) -> Any:
        kept = [each for each in tagged if tuple(word for word, _ in each) != hard]
        return plain(iter(kept), *arguments, **more)

    monkeypatch.setattr(model, "parse_sentences", parse_sentences)
    easy = ("Leeds", "beat", "Jordan", ".")
    trees = parser.parse_all([easy, hard, easy])
    assert trees[0] == trees[2] == parser.parse(easy)
    assert [part.label() for part in trees[1].subtrees()][:2] == ["ROOT", "X"]
    assert trees[1].leaves() == list(hard)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(stanza_files: Path, tmp_path: Path, name: str) -> None:
    (copied(stanza_files, tmp_path) / name).unlink()
    with pytest.raises(BackendError, match=rf"lacks {name}\. Put the files there"):
        StanzaParser(tmp_path)


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_refused(stanza_files: Path, tmp_path: Path, name: str) -> None:
    folder, proof = copied(stanza_files, tmp_path / "model"), tmp_path / "ran"
    torch.save({"params": Hostile(proof)}, folder / name)
    with pytest.raises(ModelError, match=rf"{name}: not a file of Stanza that is safe to load"):
        StanzaParser(folder)
    assert not proof.exists()
    torch.load(folder / name, weights_only=False)
    assert proof.exists(), "the file was no danger, so the test shows nothing"


@pytest.mark.parametrize("data", [b"", b"no pickle", pickle.dumps([1], protocol=2)])
def test_a_damaged_file_is_named(stanza_files: Path, tmp_path: Path, data: bytes) -> None:
    (copied(stanza_files, tmp_path) / FILES[1]).write_bytes(data)
    with pytest.raises(ModelError, match=rf"{FILES[1]}: not a file of Stanza"):
        StanzaParser(tmp_path)


def test_files_in_each_other_s_place_are_refused(stanza_files: Path, tmp_path: Path) -> None:
    shutil.copy(stanza_files / FILES[1], copied(stanza_files, tmp_path) / FILES[0])
    with pytest.raises(ModelError, match="Stanza can't load this model"):
        StanzaParser(tmp_path)


def test_a_model_that_needs_a_transformer_is_refused(stanza_files: Path, tmp_path: Path) -> None:
    path = copied(stanza_files, tmp_path) / FILES[0]
    value = torch.load(path, weights_only=True)
    value["params"]["config"]["bert_model"] = "google/electra-large-discriminator"
    torch.save(value, path)
    with pytest.raises(ModelError, match="needs google/electra-large-discriminator of the hub"):
        StanzaParser(tmp_path)


def test_what_is_fetched_from_the_hub_parses(
    stanza_files: Path, tmp_path: Path, parser: StanzaParser
) -> None:
    listed = artefacts()["stanza"]
    own = tmp_path / "own.yaml"
    own.write_text(json.dumps({"stanza": {"files": dict.fromkeys(FILES)}}))
    place = f"models/{listed.repository}@{listed.version}"
    world = World(repositories={place: {**as_repository(stanza_files), "README.md": b"-"}})
    program = (
        "from seqattack.scpn.parsing import find_parser\n"
        "print(find_parser('stanza').parse(['Leeds', 'wins', '.']))"
    )
    with a_world(world, tmp_path) as served:
        environment = {
            **os.environ,
            **served.environment(),
            "HF_HUB_OFFLINE": "0",
            "HF_HOME": str(tmp_path / "hub"),
            "SEQATTACK_CACHE": str(tmp_path / "cache"),
            "SEQATTACK_ARTEFACTS": str(own),
        }
        fetch = [sys.executable, "-m", "seqattack", "fetch", "stanza"]
        subprocess.run(fetch, env=environment, check=True, capture_output=True)
        asked = len(served.asked)
        done = subprocess.run(
            [sys.executable, "-c", program],
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
        assert len(served.asked) == asked, "loading asked the network"
    assert asked
    assert not any("README" in each for each in served.asked)
    assert done.stdout.strip() == str(parser.parse(["Leeds", "wins", "."]))


def test_records_are_the_same_however_many_are_in_flight(
    stanza_files: Path, tmp_path: Path
) -> None:
    sentences = generate_newswire(seed=5, train=60, dev=5, test=40)
    folder = tmp_path / "scpn"
    train_scpn(
        sentences["train"],
        sentences["dev"],
        output=folder,
        settings=ScpnSettings(steps=14, batch_size=8, hidden=24),
        device="cpu",
        threads=1,
    )
    victim = FakeVictim()
    chosen = [s for s in sentences["test"] if s.entities and set(s.tags) <= set(victim.labels)][:16]
    scpn = Paraphraser.load(folder, parser="stanza", parser_path=stanza_files, device="cpu")
    parser = find_parser("stanza", stanza_files, "cpu")
    assert scpn.trees.parser is parser
    assert scpn.checksum.endswith(parser.name)

    def attack(in_flight: int) -> list[Any]:
        engine = Engine(
            victim,
            AttackSettings("scpn", query_budget=20),
            Resources({"paraphraser": scpn}),
            in_flight=in_flight,
        )
        return sorted(engine.attack(chosen), key=lambda record: str(record.id))

    alone = attack(1)
    parsed, batches = scpn.trees.rows, scpn.trees.batches
    assert parsed == batches > 8
    assert attack(6) == alone
    assert scpn.trees.rows == 2 * parsed
    assert scpn.trees.batches - batches < parsed, "no two sentences were parsed together"
