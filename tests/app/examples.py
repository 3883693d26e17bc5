"""Records for the web application's tests, made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from seqattack.attack.records import AttackRecord, Outcome, Prediction, Stop
from seqattack.io import write_jsonl

HOSTILE = "<script>alert(1)</script>"
REORDERING = "a\u202eb"


def prediction(text: str, tags: str, predicted: str) -> Prediction:
    tokens = tuple(text.split())
    return Prediction(tokens, tuple(tags.split()), tuple(predicted.split()), (0.9,) * len(tokens))


def success(
    name: str,
    original: Prediction,
    adversarial: Prediction,
    broken: Sequence[int],
    already: Sequence[int] = (),
    queries: int = 9,
) -> AttackRecord:
    total = sum(tag != "O" for tag in adversarial.tags)
    return AttackRecord(
        id=name,
        recipe="deepwordbug-i-5",
        goal="untargeted",
        outcome=Outcome.SUCCESS,
        stop=Stop.GOAL_REACHED,
        original=original,
        adversarial=adversarial,
        labels_score_before=len(already) / total,
        labels_score=(len(broken) + len(already)) / total,
        already_wrong=tuple(already),
        newly_broken=tuple(broken),
        queries=queries,
        forward_passes=queries,
    )


def no_success(name: str, text: Prediction, outcome: Outcome, stop: Stop) -> AttackRecord:
    return AttackRecord(
        id=name,
        recipe="deepwordbug-i-5",
        goal="untargeted",
        outcome=outcome,
        stop=stop,
        original=text,
        adversarial=None,
        labels_score_before=0.0,
        labels_score=0.0,
        already_wrong=(),
        newly_broken=(),
        queries=5,
        forward_passes=5,
    )


LEEDS = prediction("Leeds United won in Rome", "B-ORG I-ORG O O B-LOC", "B-ORG I-ORG O O B-LOC")

RECORDS = (
    success(
        "test-1",
        LEEDS,
        prediction("Leeds United won im Rme", "B-ORG I-ORG O O B-LOC", "B-ORG I-ORG O O O"),
        broken=[4],
    ),
    success(
        "test-2",
        prediction("Ann Lee met Bob", "B-PER I-PER O B-PER", "B-PER B-PER O B-PER"),
        prediction("Ann Lee never met Bob", "B-PER I-PER O O B-PER", "B-PER B-PER O O B-LOC"),
        broken=[4],
        already=[1],
        queries=30,
    ),
    success(
        "test-3",
        prediction(
            "Oslo and Bergen are in Norway", "B-LOC O B-LOC O O B-LOC", "B-LOC O B-LOC O O B-LOC"
        ),
        prediction("Oslo Bergen are in Norway", "B-LOC B-LOC O O B-LOC", "B-LOC I-LOC O B-MISC O"),
        broken=[1, 4],
        queries=60,
    ),
    success(
        "test-4",
        prediction(f"{HOSTILE} beat Ajax", "O O B-ORG", "O O B-ORG"),
        prediction(f"{HOSTILE} {REORDERING} Ajx", "O O B-ORG", "O O B-PER"),
        broken=[2],
    ),
    no_success("test-5", LEEDS, Outcome.FAILED, Stop.QUERY_BUDGET),
    no_success("test-6", prediction("It rains", "O O", "O O"), Outcome.SKIPPED, Stop.NO_ENTITY),
)

RUN = "attacks/comparison/full/deepwordbug-i-5"
OTHER = "attacks/robustness/small/deepwordbug-i-5"


def write_run(results: Path, key: str, records: Sequence[AttackRecord]) -> Path:
    path = results / key / "records.jsonl"
    write_jsonl(path, [record.to_json() for record in records])
    return path
