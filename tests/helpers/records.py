"""Records of attacks that never were."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from seqattack.attack.goals import find_goal
from seqattack.metrics.scores import ScoredExample
from seqattack.records import AttackRecord, Outcome, Prediction, Stop
from seqattack.sentence import Sentence
from seqattack.tags import entity_tokens

GOAL = "untargeted"

N = 24
"""Sentences of `leeds_records`."""


def attack_record(
    original: Prediction, adversarial: Prediction | None = None, **changes: Any
) -> AttackRecord:
    """Return a record in which scores and broken tokens follow from tags and predictions.

    Args:
        original: The text before the attack.
        adversarial: The text after it, of a success; a failure has none.
        **changes: What differs, such as ``newly_broken`` where tokens were inserted.
    """
    before, after = _wrong(original), _wrong(adversarial or original)
    record = AttackRecord(
        id="test-1",
        recipe="deepwordbug-i-5",
        goal=GOAL,
        outcome=Outcome.SUCCESS if adversarial else Outcome.FAILED,
        stop=Stop.GOAL_REACHED if adversarial else Stop.CANDIDATES_EXHAUSTED,
        original=original,
        adversarial=adversarial,
        labels_score_before=_share(before, original),
        labels_score=_share(after, adversarial or original),
        already_wrong=before,
        newly_broken=tuple(index for index in after if index not in before),
        queries=9,
        forward_passes=9,
    )
    return replace(record, **changes)


def missed_record(sentence: Sentence) -> AttackRecord:
    """Return a success: the last token becomes "!?", and the victim misses every entity."""
    confidence = (0.9,) * len(sentence.tokens)
    before = Prediction(sentence.tokens, sentence.tags, sentence.tags, confidence)
    missed = ("O",) * len(sentence.tokens)
    after = replace(before, tokens=(*sentence.tokens[:-1], "!?"), predicted=missed)
    return attack_record(before, after, id=sentence.id)


def leeds_record(
    id: str,
    tokens: tuple[str, ...],
    predicted: tuple[str, ...] = ("B-ORG", "I-ORG", "O", "B-MISC", "O"),
    outcome: Outcome = Outcome.SUCCESS,
) -> AttackRecord:
    """Return an attack on "Leeds United won in Rome".

    Args:
        id: The sentence's.
        tokens: The five tokens after the attack.
        predicted: Their predicted tags.
        outcome: Whether it counts as a success.
    """
    old, tags = ("Leeds", "United", "won", "in", "Rome"), ("B-ORG", "I-ORG", "O", "O", "B-LOC")
    confidence = (0.9,) * 5
    return attack_record(
        Prediction(old, tags, tags, confidence),
        Prediction(tokens, tags, predicted, confidence),
        id=id,
        outcome=outcome,
    )


def leeds_records(successes: int, recipe: str) -> list[AttackRecord]:
    """Return `N` attacks of which the first so many succeed; the last sentence is not attacked."""
    tokens, missed = ("Leeds", "Untied", "won", "in", "Rome"), ("O", "O", "O", "O", "B-LOC")
    won = [leeds_record(f"s-{i}", tokens, missed) for i in range(N)]
    kept = replace(won[0], adversarial=None, outcome=Outcome.FAILED, newly_broken=())
    failed = [replace(kept, id=each.id) for each in won]
    skipped = replace(failed[-1], outcome=Outcome.SKIPPED, stop=Stop.ALREADY_WRONG)
    found = (*won[:successes], *failed[successes:-1], skipped)
    return [replace(record, recipe=recipe) for record in found]


def scored_example(number: int, modification_rate: float | None, score: float) -> ScoredExample:
    """Return an example that was scored, with nothing but what figures and tests of means read.

    Args:
        number: Makes the id.
        modification_rate: None for a failure.
        score: The labels score.
    """
    failed = modification_rate is None
    return ScoredExample(
        id=f"s-{number}",
        outcome="failed" if failed else "success",
        stop="candidates-exhausted" if failed else "goal-reached",
        modification_rate=modification_rate,
        positional_modification_rate=modification_rate,
        labels_score_before=0.0,
        labels_score=score,
        similarity=None,
        grammar_errors_before=None,
        grammar_errors_after=None,
        newly_broken=0,
        already_wrong=0,
        entity_tokens=2,
        found_before=1,
        lost=0 if failed else 1,
        queries=1,
        forward_passes=1,
    )


def _wrong(text: Prediction) -> tuple[int, ...]:
    return find_goal(GOAL).wrong(text.tags, text.predicted)


def _share(wrong: tuple[int, ...], text: Prediction) -> float:
    return len(wrong) / max(1, len(entity_tokens(text.tags)))
