"""A tiny SCPN for real: trained, loaded by OpenAttack's own class, decoded, attacked with."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from seqattack.attack.engine import Engine
from seqattack.attack.resources.loaded import Resources
from seqattack.attack.settings import AttackSettings
from seqattack.corpus.newswire import generate_newswire
from seqattack.errors import ConfigError, ModelError, RecipeError
from seqattack.records import Outcome, Stop
from seqattack.scpn.embedded import networks, training
from seqattack.scpn.embedded.settings import ScpnSettings
from seqattack.scpn.embedded.shallow_parser import ShallowParser
from seqattack.scpn.embedded.training import train_scpn
from seqattack.scpn.files import load_attacker
from seqattack.scpn.folder import FILES
from seqattack.scpn.parsing import linearise
from seqattack.scpn.session import Paraphraser, ParaphraseSession
from seqattack.sentence import Sentence
from seqattack.tags import entity_tokens, is_iob2
from tests.helpers.fake_victim import FakeVictim
from tests.helpers.published_scpn import write_published_scpn

SETTINGS = ScpnSettings(steps=14, batch_size=8, hidden=24)
ATTACK = AttackSettings("scpn", query_budget=40)


@pytest.fixture(scope="module")
def sentences() -> dict[str, list[Sentence]]:
    return generate_newswire(seed=5, train=60, dev=5, test=40)


def train(
    sentences: dict[str, list[Sentence]], folder: Path, settings: ScpnSettings = SETTINGS
) -> None:
    train_scpn(
        sentences["train"],
        sentences["dev"],
        output=folder,
        settings=settings,
        device="cpu",
        threads=1,
    )


@pytest.fixture(scope="module")
def folder(sentences: dict[str, list[Sentence]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("scpn") / "scpn"
    train(sentences, made)
    return made


@pytest.fixture(scope="module")
def learned(sentences: dict[str, list[Sentence]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SCPN that was trained for long enough to say something."""
    made = tmp_path_factory.mktemp("learned") / "scpn"
    train(sentences, made, ScpnSettings(steps=400, batch_size=16, hidden=48))
    return made


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_a_killed_training_ends_with_the_same_bytes(
    sentences: dict[str, list[Sentence]],
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(training, "CHECKPOINT_STEPS", 5)
    real, calls = networks.batch_losses, []

    def dying(*arguments: Any) -> Any:
        calls.append(1)
        if len(calls) in (8, 26):
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(training, "batch_losses", dying)
    again = tmp_path / "again"
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            train(sentences, again)
        assert not again.exists()
    train(sentences, again)
    assert contents(again) == contents(folder)
    assert capsys.readouterr().err.count("parse_generator.pt: step 5,") == 1


@pytest.mark.parametrize("split", ["train", "dev"])
def test_sentences_that_are_all_too_long_are_refused(
    sentences: dict[str, list[Sentence]], split: str, tmp_path: Path
) -> None:
    documents = [Sentence(f"{split}-1", ("Leeds",) * 80, ("O",) * 80)]
    with pytest.raises(ConfigError, match=r"at most 60 sub-words.*split the long ones"):
        train(sentences | {split: documents}, tmp_path / "scpn")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("line", ["\n", "a\n"])
def test_a_cut_line_of_merges_is_named(folder: Path, line: str, tmp_path: Path) -> None:
    damaged = shutil.copytree(folder, tmp_path / "damaged")
    with (damaged / "bpe.codes").open("a") as merges:
        merges.write(line)
    with pytest.raises(ModelError, match=r"OpenAttack can't load this SCPN \(IndexError"):
        load_attacker(damaged, "cpu")


class Parser:
    """Our parses, as OpenAttack asks for them."""

    def __call__(self, sentence: str) -> str:
        return linearise(ShallowParser().parse(sentence.split()), full=False)


def eager(attacker: Any, amount: float) -> None:
    """Make both networks end sooner, so that more beams end early."""
    with torch.no_grad():
        attacker.net.out_dense_2.bias[attacker.pp_vocab["EOS"]] += amount
        attacker.parse_net.out_dense_2.bias[attacker.parse_gen_voc["EOP"]] += amount


@pytest.mark.slow
@pytest.mark.parametrize("amount", [0.0, 1.0])
def test_batched_decoding_writes_what_openattack_writes(
    learned: Path, sentences: dict[str, list[Sentence]], amount: float
) -> None:
    paraphraser = Paraphraser.load(learned, device="cpu")
    attacker = paraphraser.attacker
    eager(attacker, amount)
    attacker.parser = Parser()
    compared = 0
    for sentence in sentences["test"][:5]:
        # OpenAttack has no answer where a parse is empty.
        mine = ParaphraseSession(paraphraser).paraphrases(sentence.tokens)
        try:
            theirs = attacker.gen_paraphrase(sentence.text, attacker.templates)
        except RuntimeError:
            continue
        ended = [words for words in theirs if "EOS" not in words.split()]
        assert [" ".join(words) for words in mine if " ".join(words) in ended] == ended
        compared += len(ended)
    assert compared > 10, "OpenAttack wrote nothing to compare with"


@pytest.mark.slow
def test_a_short_training_learns_to_copy_and_to_obey_the_form(
    learned: Path, sentences: dict[str, list[Sentence]]
) -> None:
    """Without guidance the same training writes one or two strings for all forms."""
    paraphraser = Paraphraser.load(learned, device="cpu")
    distinct = shared = words = 0
    chosen = sentences["train"][:8]
    for sentence in chosen:
        found = set(ParaphraseSession(paraphraser).paraphrases(sentence.tokens))
        source = {token.lower() for token in sentence.tokens}
        distinct += len(found)
        shared += sum(word in source for text in found for word in text)
        words += sum(map(len, found))
    assert distinct / len(chosen) > 3.5, "the form is overlooked"
    assert shared / words > 0.4, "words of the sentence are not copied"


def test_a_batch_changes_nothing(folder: Path, sentences: dict[str, list[Sentence]]) -> None:
    texts = [sentence.tokens for sentence in sentences["test"][:6]]
    alone = [
        ParaphraseSession(Paraphraser.load(folder, device="cpu")).paraphrases(t) for t in texts
    ]
    paraphraser = Paraphraser.load(folder, device="cpu")
    for model in (paraphraser.trees, paraphraser.parses, paraphraser.sentences):
        model.batch_tokens = 2048
    session = ParaphraseSession(paraphraser)
    assert [session.paraphrases(text) for text in texts] == alone
    written = paraphraser.sentences.rows
    assert [session.paraphrases(text) for text in texts] == alone
    assert paraphraser.sentences.rows == written, "a paraphrase was written twice"


def tagged(sentences: dict[str, list[Sentence]], count: int) -> list[Sentence]:
    known = set(FakeVictim().labels)
    found = [s for s in sentences["test"] if s.entities and known.issuperset(s.tags)]
    return found[:count]


@pytest.fixture(scope="module")
def victim() -> FakeVictim:
    return FakeVictim()


def attack(
    folder: Path,
    sentences: list[Sentence],
    victim: FakeVictim,
    settings: AttackSettings = ATTACK,
    **machine: Any,
) -> list[Any]:
    resources = Resources({"paraphraser": Paraphraser.load(folder, device="cpu")})
    found = list(Engine(victim, settings, resources, **machine).attack(sentences))
    return sorted(found, key=lambda record: record.id)


def test_records_are_the_same_however_many_are_in_flight(
    learned: Path, sentences: dict[str, list[Sentence]], victim: FakeVictim
) -> None:
    chosen = tagged(sentences, 16)
    alone = attack(learned, chosen, victim, in_flight=1)
    assert attack(learned, chosen[::-1], victim, in_flight=5) == alone
    assert any(record.outcome is Outcome.SUCCESS for record in alone)
    assert len(alone) == len(chosen)
    for record, sentence in zip(alone, sorted(chosen, key=lambda s: s.id), strict=True):
        assert record.queries <= 40
        assert record.stop in (
            Stop.GOAL_REACHED,
            Stop.QUERY_BUDGET,
            Stop.CANDIDATES_EXHAUSTED,
            Stop.ALREADY_WRONG,
        )
        if record.outcome is not Outcome.SUCCESS:
            continue
        made = record.adversarial
        names = {sentence.tokens[index] for index in entity_tokens(sentence.tags)}
        assert is_iob2(made.tags)
        assert {made.tokens[index] for index in entity_tokens(made.tags)} <= names


def test_paraphrases_keep_to_the_settings(
    learned: Path,
    sentences: dict[str, list[Sentence]],
    victim: FakeVictim,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refuse = "seqattack.attack.constraints.ascii_only"
    monkeypatch.setattr(refuse, lambda tokens, original: False)
    chosen = tagged(sentences, 16)
    assert any(record.adversarial for record in attack(learned, chosen, victim))
    strict = attack(learned, chosen, victim, replace(ATTACK, ascii_only=True))
    assert not any(record.adversarial for record in strict)


def test_the_recipe_asks_for_a_paraphraser() -> None:
    with pytest.raises(RecipeError, match="--paraphraser"):
        Engine(FakeVictim(), AttackSettings("scpn"))


@pytest.mark.skipif(
    "SEQATTACK_SCPN" not in os.environ,
    reason="SEQATTACK_SCPN names no folder with the published bpe.codes, vocab.txt, ptb_tagset.txt",
)
def test_a_folder_like_the_published_one_loads(tmp_path: Path) -> None:
    from OpenAttack.attackers.scpn import subword

    published = Path(os.environ["SEQATTACK_SCPN"])
    for name in ("bpe.codes", "vocab.txt"):
        shutil.copy(published / name, tmp_path / name)
    lines = (published / "ptb_tagset.txt").read_text().split("\n")
    symbols = dict.fromkeys(line.strip() for line in lines if line.strip())
    with (published / "vocab.txt").open(encoding="utf-8") as file:
        words = ["PAD", "EOS", *sorted(subword.read_vocabulary(file, 50))]
    write_published_scpn(tmp_path, words, list(symbols))
    assert {path.name for path in tmp_path.iterdir()} == set(FILES)
    assert load_attacker(tmp_path, "cpu").net.len_voc == len(words)
    paraphraser = Paraphraser.load(tmp_path, device="cpu")
    assert paraphraser.full_parses
    tokens = ("Leeds", "beat", "Jordan", "in", "Buenos", "Aires", ".")
    parse = [list(symbols)[i] for i in paraphraser.parse_ids(ShallowParser().parse(tokens))]
    assert "NNP" in parse
    assert len(paraphraser.word_ids(tokens)) > len(tokens)
    assert ParaphraseSession(paraphraser).paraphrases(tokens)
