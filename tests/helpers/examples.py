"""Records for the web application's tests, made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from seqattack.io import write_jsonl
from seqattack.records import AttackRecord, Outcome, Prediction, Stop
from tests.helpers.records import attack_record

HOSTILE = "<script>alert(1)</script>"
REORDERING = "a\u202eb"


def prediction(text: str, tags: str, predicted: str) -> Prediction:
    tokens = tuple(text.split())
    return Prediction(tokens, tuple(tags.split()), tuple(predicted.split()), (0.9,) * len(tokens))


LEEDS = prediction("Leeds United won in Rome", "B-ORG I-ORG O O B-LOC", "B-ORG I-ORG O O B-LOC")

RECORDS = (
    attack_record(
        LEEDS,
        prediction("Leeds United won im Rme", "B-ORG I-ORG O O B-LOC", "B-ORG I-ORG O O O"),
        id="test-1",
    ),
    attack_record(
        prediction("Ann Lee met Bob", "B-PER I-PER O B-PER", "B-PER B-PER O B-PER"),
        prediction("Ann Lee never met Bob", "B-PER I-PER O O B-PER", "B-PER B-PER O O B-LOC"),
        queries=30,
        id="test-2",
    ),
    attack_record(
        prediction(
            "Oslo and Bergen are in Norway", "B-LOC O B-LOC O O B-LOC", "B-LOC O B-LOC O O B-LOC"
        ),
        prediction("Oslo Bergen are in Norway", "B-LOC B-LOC O O B-LOC", "B-LOC I-LOC O B-MISC O"),
        queries=60,
        id="test-3",
    ),
    attack_record(
        prediction(f"{HOSTILE} beat Ajax", "O O B-ORG", "O O B-ORG"),
        prediction(f"{HOSTILE} {REORDERING} Ajx", "O O B-ORG", "O O B-PER"),
        id="test-4",
    ),
    attack_record(LEEDS, id="test-5", stop=Stop.QUERY_BUDGET, queries=5),
    attack_record(
        prediction("It rains", "O O", "O O"),
        id="test-6",
        outcome=Outcome.SKIPPED,
        stop=Stop.NO_ENTITY,
        queries=5,
    ),
)

RUN = "attacks/comparison/full/deepwordbug-i-5"
OTHER = "attacks/robustness/small/deepwordbug-i-5"


def write_run(results: Path, key: str, records: Sequence[AttackRecord]) -> Path:
    path = results / key / "records.jsonl"
    write_jsonl(path, [record.to_json() for record in records])
    return path
