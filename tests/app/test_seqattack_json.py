"""Files of the original SeqAttack, read and written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from seqattack.app.seqattack_json import parse_seqattack, read_seqattack, to_seqattack
from seqattack.errors import RecordError
from seqattack.records import Outcome
from tests.helpers.examples import RECORDS


def example(**changes: Any) -> dict[str, Any]:
    """An example without labels, as the first versions wrote it."""
    return {
        "original_text": "Ann Lee lives in Rome",
        "ground_truth": [3, 4, 0, 0, 7],
        "original_pred": [3, 4, 0, 0, 5],
        "status": "Successful",
        "perturbed_text": "An Lee lives in Rome",
        "final_ground_truth": [3, 4, 0, 0, 7],
        "perturbed_pred": [0, 3, 0, 0, 5],
        "num_queries": 13,
        **changes,
    }


def test_numbers_stand_for_seqattack_s_own_labels() -> None:
    (record,) = parse_seqattack({"attacked_examples": [example()]}, "x").records
    assert record.original.tags == ("B-PER", "I-PER", "O", "O", "B-LOC")
    assert record.original.predicted[4] == "B-ORG"
    assert record.already_wrong == (4,)
    assert record.newly_broken == (0, 1)
    assert record.labels_score == 1.0
    assert record.outcome is Outcome.SUCCESS


def test_labels_of_any_set_are_taken_as_they_are() -> None:
    tags = ["B-GENE", "O"]
    value = example(
        original_text="p53 binds",
        perturbed_text="p35 binds",
        **{f"{key}_labels": tags for key in ("ground_truth", "original_pred", "perturbed_pred")},
        final_ground_truth_labels=tags,
    )
    (record,) = parse_seqattack({"attacked_examples": [value]}, "x").records
    assert record.original.tags == ("B-GENE", "O")


def test_examples_that_do_not_fit_are_left_out_and_counted() -> None:
    broken = [
        example(perturbed_pred=[0]),
        example(status="Odd"),
        {},
        None,
        example(ground_truth=[99]),
        example(ground_truth=[-1, 4, 0, 0, 7]),
        example(num_queries=float("inf")),
    ]
    found = parse_seqattack({"attacked_examples": [example(), *broken]}, "x")
    assert (len(found.records), found.left_out) == (1, 7)


@pytest.mark.parametrize("value", [[], {}, {"attacked_examples": 1}, {"attacked_examples": [{}]}])
def test_other_files_are_refused(value: Any) -> None:
    with pytest.raises(RecordError, match=r"old\.json"):
        parse_seqattack(value, "old.json")


def test_what_is_written_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "picks.json"
    path.write_text(json.dumps(to_seqattack(RECORDS)))
    read = read_seqattack(path)
    assert read.left_out == 0
    for before, after in zip(RECORDS, read.records, strict=True):
        assert after.original.tokens == before.original.tokens
        assert after.final.predicted == before.final.predicted
        assert after.newly_broken == before.newly_broken
        assert after.outcome == before.outcome
