"""`seqattack check` on a real model: the verdict, the exit status, and what is asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seqattack.cli.main import main
from seqattack.metrics.entities import entity_metrics
from seqattack.records import Outcome, read_records


def check(victim: Path, sentences: Path, *more: str) -> int:
    options = ["--model", str(victim), "--sentences", str(sentences), "--limit", "8", *more]
    return main(["check", *options])


def test_the_verdict_follows_from_the_records(
    victim_folder: Path, sentences_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "records.jsonl"
    kept = ("--output", str(output), "--json")
    check(victim_folder, sentences_file, *kept, "--max-attack-rate", "1")
    capsys.readouterr()
    records = list(read_records(output))
    assert len(records) == 8
    texts = [record.final for record in records]
    recall = entity_metrics([t.tags for t in texts], [t.predicted for t in texts]).recall
    attacked = [record for record in records if record.outcome is not Outcome.SKIPPED]
    won = sum(record.outcome is Outcome.SUCCESS for record in attacked)
    rate = won / len(attacked)
    assert rate > 0
    floor = ("--min-recall-under-attack", f"{recall:.6f}")
    below = ("--max-attack-rate", f"{max(0, rate - 0.01):.6f}")
    assert check(victim_folder, sentences_file, *kept, "--max-attack-rate", "1") == 0
    capsys.readouterr()
    assert check(victim_folder, sentences_file, *kept, *floor, *below) == 1
    verdict = json.loads(capsys.readouterr().out)
    assert verdict["verdict"] == "fails"
    found = {limit["metric"]: limit for limit in verdict["limits"]}
    assert found["recall"]["found"] == pytest.approx(recall)
    assert found["attack_rate"]["found"] == pytest.approx(rate)
    assert not found["attack_rate"]["holds"]
    assert (verdict["attacked"], verdict["successes"]) == (len(attacked), won)


def test_a_floor_is_the_least_that_holds(
    victim_folder: Path, sentences_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check(victim_folder, sentences_file, "--min-recall-under-attack=0", "--json")
    (limit,) = json.loads(capsys.readouterr().out)["limits"]
    recall = limit["found"]
    assert 0.01 < recall < 0.99
    for floor, status in ((recall - 0.01, 0), (recall, 0), (recall + 0.01, 1)):
        wanted = f"--min-recall-under-attack={floor!r}"
        assert check(victim_folder, sentences_file, wanted) == status


def test_the_verdict_is_two_lines(
    victim_folder: Path, sentences_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(victim_folder, sentences_file, "--max-attack-rate", "1") == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("holds: attack rate ")
    assert second.startswith("deepwordbug-i-5, goal untargeted-strict, seed 0: ")
    settings = {"recipe": "deepwordbug-i-5", "goal": "untargeted", "seed": 7, "query_budget": 4}
    job = json.dumps({"settings": settings, "resources": {}, "machine": {"device": "cpu"}})
    assert check(victim_folder, sentences_file, "--max-attack-rate", "1", "--job", job) == 0
    _, second = capsys.readouterr().out.splitlines()
    assert second.startswith("deepwordbug-i-5, goal untargeted, seed 7: ")


def test_a_limit_is_needed_and_must_be_a_share(
    victim_folder: Path, sentences_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(victim_folder, sentences_file) == 2
    assert "name a limit" in capsys.readouterr().err
    for wrong in ("nan", "1.5", "-0.1", "many"):
        with pytest.raises(SystemExit):
            check(victim_folder, sentences_file, f"--max-attack-rate={wrong}")
        assert "write a number, 0 or more and at most 1" in capsys.readouterr().err
