"""Tables of attacks from files of records: `seqattack summarize` and `seqattack compare`."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from seqattack.cli.main import main
from seqattack.io import write_jsonl
from seqattack.records import AttackRecord, Outcome, Stop
from seqattack.report.record_tables import different_parts
from tests.helpers.records import leeds_record

OLD = ("Leeds", "United", "won", "in", "Rome")
TAGS = ("B-ORG", "I-ORG", "O", "O", "B-LOC")


@pytest.fixture
def records() -> list[AttackRecord]:
    """Two successes, one with one changed token and one with two, a failure, one not attacked."""
    failed = leeds_record("c", OLD, TAGS)
    failed = replace(failed, adversarial=None, outcome=Outcome.FAILED, newly_broken=())
    skipped = replace(failed, id="d", outcome=Outcome.SKIPPED, stop=Stop.ALREADY_WRONG)
    return [
        leeds_record("a", ("Leeds", "United", "won", "in", "Rmoe")),
        leeds_record("b", ("Leeds", "Untied", "wno", "in", "Rome"), ("O", "O", "O", "O", "B-LOC")),
        failed,
        skipped,
    ]


def write(path: Path, records: list[AttackRecord]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_jsonl(path, [record.to_json() for record in records])
    return path


def test_the_metrics_are_those_of_the_records(
    records: list[AttackRecord], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, output = write(tmp_path / "records.jsonl", records), tmp_path / "attacks.csv"
    assert (
        main(["summarize", str(path), "--quick", "--format", "csv", "--output", str(output)]) == 0
    )
    assert capsys.readouterr().out == ""
    (row,) = pd.read_csv(output).to_dict("records")
    assert row["row"] == "DeepWordBug-I-5"
    assert (row["attacked"], row["successes"]) == (3, 2)
    assert row["attack_rate"] == pytest.approx(2 / 3, abs=1e-6)
    assert row["modification_rate"] == pytest.approx((0.2 + 0.4) / 2)
    # Of eight entities, a keeps Leeds United, b keeps Rome, c and d keep both; a has one invented.
    assert row["recall"] == pytest.approx(6 / 8)
    assert row["precision"] == pytest.approx(6 / 7, abs=1e-6)
    assert pd.isna(row["similarity"])


def test_what_is_measured_by_models_is_that_of_the_library(
    records: list[AttackRecord], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from seqattack import summarize

    main(["summarize", str(write(tmp_path / "records.jsonl", records)), "--format", "json"])
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {"attacks", "classes", "outcomes", "stops"}
    values = found["attacks"]["rows"][0]["values"]
    expected = summarize(records)
    assert values["similarity"] == pytest.approx(expected.similarity)
    assert values["grammar_error_change"] == pytest.approx(expected.grammar_error_change)
    assert found["stops"]["rows"][0]["values"]["already-wrong"] == 1
    assert [row["label"] for row in found["classes"]["rows"]] == [
        "DeepWordBug-I-5: LOC",
        "DeepWordBug-I-5: MISC",
        "DeepWordBug-I-5: ORG",
    ]


@pytest.mark.parametrize("form", ["text", "markdown", "latex"])
def test_attacks_of_one_recipe_are_told_apart_by_their_folders(
    form: str, records: list[AttackRecord], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [write(tmp_path / name / "records.jsonl", records) for name in ("full", "small")]
    main(["summarize", *map(str, paths), "--quick", "--format", form, "--table", "attacks"])
    out = capsys.readouterr().out
    assert "DeepWordBug-I-5, full" in out
    assert "DeepWordBug-I-5, small" in out
    assert str(tmp_path) not in out


def test_parts_that_differ() -> None:
    assert different_parts([Path("a.jsonl")]) == ["a.jsonl"]
    assert different_parts([Path("x/a.jsonl"), Path("x/b.jsonl")]) == ["a.jsonl", "b.jsonl"]
    assert different_parts([Path("x/a/r"), Path("x/b/c/r"), Path("x/r")])[:2] == ["a", "b/c"]
    assert different_parts([Path("a/r"), Path("a/r")]) == ["a/r", "a/r"]


def test_two_attacks_are_compared_sentence_by_sentence(
    records: list[AttackRecord], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = write(tmp_path / "first.jsonl", records)
    none = [replace(record, adversarial=None, outcome=Outcome.FAILED) for record in records[:3]]
    second = write(tmp_path / "second.jsonl", [*none, records[3]])
    assert main(["compare", str(first), str(second), "--quick", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    tests = {row["key"]: row["values"] for row in found["significance"]["rows"]}
    rate = tests["attack rate"]
    assert (rate["n"], rate["mean_a"], rate["mean_b"]) == (3, pytest.approx(2 / 3), 0)
    assert rate["p"] == pytest.approx(0.5), "both pairs that differ go one way: 2 * 0.5 ** 2"


def test_what_cannot_be_compared_is_refused(
    records: list[AttackRecord], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = write(tmp_path / "first.jsonl", records)
    others = [replace(record, id=f"x-{record.id}") for record in records]
    assert main(["compare", str(first), str(write(tmp_path / "o.jsonl", others)), "--quick"]) == 2
    assert "no sentence in common" in capsys.readouterr().err
    changed = replace(records[0].original, tokens=("York", *OLD[1:]))
    edited = [replace(records[0], original=changed), *records[1:]]
    assert main(["compare", str(first), str(write(tmp_path / "e.jsonl", edited)), "--quick"]) == 2
    assert "sentence a of" in capsys.readouterr().err
    assert main(["summarize", str(write(tmp_path / "none.jsonl", []))]) == 2
    assert "attack at least one sentence" in capsys.readouterr().err
