"""`seqattack augment` on a real model: the first successes of the seeded order, or the mildest."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqattack.cli.main import main
from seqattack.corpus import read_jsonl, read_sentences
from seqattack.metrics.alignment import modification_rate
from seqattack.pipeline.augmentation import attack_order
from seqattack.records import read_records


def command(name: str, victim: Path, sentences: Path, *more: object) -> int:
    given = ["--model", victim, "--sentences", sentences, "--recipe", "deepwordbug-i-5", *more]
    return main([name, *map(str, given)])


def test_the_examples_are_those_of_the_attack(
    victim_folder: Path, sentences_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    records = tmp_path / "records.jsonl"
    assert command("attack", victim_folder, sentences_file, "--output", records) == 0
    won = {r.id: r.adversarial for r in read_records(records) if r.adversarial is not None}
    sentences = read_jsonl(sentences_file)
    order = [s.id for s in attack_order(sentences, "deepwordbug-i-5", 0) if s.id in won]
    first, mildest = tmp_path / "first.conll", tmp_path / "mildest.jsonl"
    assert command("augment", victim_folder, sentences_file, "--count", 3, "--output", first) == 0
    found = read_sentences(first)
    assert [s.tokens for s in found[:-3]] == [s.tokens for s in sentences]
    assert [s.tokens for s in found[-3:]] == [won[id].tokens for id in order[:3]]
    assert [s.tags for s in found[-3:]] == [won[id].tags for id in order[:3]]
    few = ("--count", 2, "--least-modified", "--examples-only", "--format", "jsonl")
    assert command("augment", victim_folder, sentences_file, *few, "--output", mildest) == 0
    originals = {s.id: s.tokens for s in sentences}
    rates = sorted(modification_rate(originals[id], text.tokens) for id, text in won.items())
    taken = read_jsonl(mildest)
    assert [
        modification_rate(originals[s.id.removesuffix("-deepwordbug-i-5")], s.tokens) for s in taken
    ] == rates[:2]
    assert "0 sentences and 2 adversarial examples" in capsys.readouterr().err


def test_too_few_examples_write_nothing(
    victim_folder: Path, sentences_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "augmented.conll"
    assert command("augment", victim_folder, sentences_file, "--count", 99, "--output", output) == 2
    assert "gave only" in capsys.readouterr().err
    assert not output.exists()
    same = ("--count", 1, "--output", sentences_file)
    assert command("augment", victim_folder, sentences_file, *same) == 2
    assert read_jsonl(sentences_file)
