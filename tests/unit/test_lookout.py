"""Limits end a search between two batches, however many texts one step asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from seqattack.attack.engine import Engine
from seqattack.attack.settings import AttackSettings
from seqattack.records import AttackRecord, Outcome, Stop
from seqattack.sentence import Sentence
from seqattack.victim.probabilities import Probabilities
from seqattack.victim.tagging import tag_text
from tests.helpers.fake_victim import FakeVictim, FragileVictim

PASSES = 12
"""Forward passes after which a search is told to stop."""

BATCH = 4
"""Texts of a full batch."""


class LongVictim(FakeVictim):
    """Counts the passes of the sentence alone, not those of the gateway's short probes."""

    max_length = 512
    passes = 0

    def probabilities(
        self, texts: Sequence[Sequence[str]], padded_length: int
    ) -> list[Probabilities]:
        self.passes += sum(len(tokens) > 100 for tokens in texts)
        return super().probabilities(texts, padded_length)


class LongFragileVictim(FragileVictim, LongVictim):
    """Nearly every edit of a long sentence breaks something."""


def long_sentence(victim: type[LongVictim]) -> Sentence:
    return tag_text(" ".join(f"word{number}" for number in range(120)), victim())


def attack(
    recipe: str, watch: Any = None, victim: LongVictim | None = None, **settings: Any
) -> tuple[AttackRecord, int]:
    """Return the record and the number of the victim's forward passes."""
    victim = victim or LongVictim()
    engine = Engine(victim, AttackSettings(recipe, **settings), batch_tokens=BATCH * 128)
    sentence = long_sentence(type(victim))
    (record,) = engine.attack([sentence], watch and (lambda goal: watch(victim.passes)))
    return record, victim.passes


@pytest.mark.parametrize("recipe", ["deepwordbug-i-5", "deepwordbug-ii-5"])
def test_a_cancelled_search_computes_no_further_batch(recipe: str) -> None:
    record, passes = attack(recipe, lambda passes: passes >= PASSES)
    assert record.stop is Stop.CANCELLED
    assert passes <= PASSES + BATCH
    assert record.queries <= passes


def test_a_search_whose_time_is_up_computes_no_further_batch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    victim = LongVictim()
    monkeypatch.setattr(
        "seqattack.models.scheduling.Scheduler.seconds",
        lambda self: 2.0 if victim.passes >= PASSES else 0.0,
    )
    record, passes = attack("deepwordbug-i-5", victim=victim, timeout=1.0)
    assert record.stop is Stop.TIMEOUT
    assert passes <= PASSES + BATCH


def test_a_success_before_the_limit_is_kept_whatever_else_the_step_asked_for() -> None:
    """Eight texts are judged before the limit, of the thousands that typos in entities make."""
    record, passes = attack("entity-typo", lambda passes: passes >= PASSES, LongFragileVictim())
    assert (record.outcome, record.stop) == (Outcome.SUCCESS, Stop.CANCELLED)
    assert passes <= PASSES + BATCH


def test_a_limit_that_is_not_reached_changes_nothing() -> None:
    free, _ = attack("deepwordbug-i-5", query_budget=200)
    limited, _ = attack("deepwordbug-i-5", lambda passes: False, query_budget=200, timeout=1e6)
    assert limited == free
    assert free.queries > 100
