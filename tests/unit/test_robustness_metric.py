"""The metric in the manner of `evaluate`: what it says is what `summarize` says of the records."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import seqattack
from seqattack.errors import RecordError
from seqattack.io import dump_line
from seqattack.report.record_tables import measure_files
from tests.helpers.documentation import ROOT, blocks
from tests.helpers.fake_victim import FakeVictim
from tests.helpers.runs import SENTENCES, small_run


@pytest.fixture(scope="module")
def run() -> seqattack.AttackRun:
    return small_run()


def lines(run: seqattack.AttackRun) -> list[str]:
    return [dump_line(record.to_json()) for record in run]


def test_it_says_what_summarize_says(run: seqattack.AttackRun, tmp_path: Path) -> None:
    found = seqattack.RobustnessMetric().compute(predictions=run)
    run.to_jsonl(tmp_path / "records.jsonl")
    (measured,) = measure_files([tmp_path / "records.jsonl"], quick=True)
    summary = measured.summary
    for key, value in found.items():
        if not key.endswith("_before"):
            assert value == getattr(summary, key), key
    assert {"attack_rate", "entity_attack_rate", "f1", "modification_rate"} <= set(found)
    assert found["f1_before"] == seqattack.evaluate(FakeVictim(), SENTENCES).f1
    assert not {"similarity", "grammar_error_change"} & set(found)


def test_records_objects_and_lines_are_the_same(run: seqattack.AttackRun) -> None:
    compute = seqattack.RobustnessMetric().compute
    tags = [sentence.tags for sentence in SENTENCES]
    wanted = compute(predictions=run)
    assert compute(predictions=lines(run), references=tags) == wanted
    assert compute(predictions=map(json.loads, lines(run)), references=tags) == wanted


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"predictions": []}, "no record to measure"),
        ({"predictions": ["{}"]}, "prediction 1: not an attack record"),
        ({"predictions": ["["]}, "prediction 1: not an attack record"),
        ({"references": [["O"]]}, "1 references, but 3 records"),
        ({"references": [["O"], ["O"], ["O"]]}, "reference 1: its tags are not those of .* a;"),
    ],
)
def test_what_is_wrong_is_refused(
    run: seqattack.AttackRun, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(RecordError, match=said):
        seqattack.RobustnessMetric().compute(**{"predictions": run, **changes})


def test_the_pages_file_is_a_metric_of_evaluate(
    run: seqattack.AttackRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluate = pytest.importorskip("evaluate", reason="is in no lock")
    monkeypatch.chdir(tmp_path)
    page = blocks(ROOT / "docs/howto/share.md")
    (block,) = (each for each in page if each.title == "robustness.py")
    Path("robustness.py").write_text(block.text)
    metric = evaluate.load("robustness.py", cache_dir=str(tmp_path))
    tags = [list(sentence.tags) for sentence in SENTENCES]
    wanted = seqattack.RobustnessMetric().compute(predictions=run)
    assert metric.compute(predictions=lines(run), references=tags) == wanted
