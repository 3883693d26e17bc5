"""A run's figures on resamples: the same sentences for all attacks, and the tables' intervals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from seqattack.metrics.bootstrap import RESAMPLES, percentile_interval
from seqattack.metrics.entities import EntityMetrics
from seqattack.metrics.scores import score_record
from seqattack.metrics.summary import summarize
from seqattack.records import AttackRecord, Outcome, Prediction
from seqattack.report.resamples import (
    AttackResults,
    comparison_resamples,
    robustness_resamples,
    standard_resamples,
)
from tests.helpers.records import attack_record

TAGS = ("O", "B-LOC", "O", "B-PER")


def record(number: int, wins: bool) -> AttackRecord:
    """Return an attack that breaks one of two entities, or the other if the number is odd."""
    original = Prediction(("In", "Rome", "met", "Ann"), TAGS, TAGS, (0.9,) * 4)
    predicted = ("O", "O", "O", "B-PER") if number % 2 else ("O", "B-LOC", "O", "B-LOC")
    attacked = Prediction(("In", "Roma", "met", "Ann"), TAGS, predicted, (0.9,) * 4)
    made = attack_record(original, attacked if wins else None, id=f"s-{number}")
    return replace(made, outcome=Outcome.SUCCESS if wins else Outcome.FAILED)


def results(step: int) -> AttackResults:
    records = [record(number, number % step == 0) for number in range(60)]
    return AttackResults(records, [score_record(each, 0.8, (1, 2)) for each in records])


def test_intervals_are_those_of_the_tables() -> None:
    attack = results(3)
    summary = summarize(attack.records, attack.scored, "full", seed=4, backends=("a", "b"))
    found = comparison_resamples({"clare": attack}, seed=4)
    assert len(summary.intervals) > 8
    for metric, interval in summary.intervals.items():
        found_here = percentile_interval(found[f"table1/clare/{metric}"])
        assert found_here == pytest.approx(interval, abs=1e-6)
    assert set(found["table1/original/recall"]) == {1.0}


def test_attacks_are_compared_on_the_same_sentences() -> None:
    """The successes of one are among those of the other: no resample turns them around."""
    found = comparison_resamples({"often": results(2), "seldom": results(4)}, seed=1)
    often, seldom = (found[f"table1/{name}/attack_rate"] for name in ("often", "seldom"))
    assert min(often - seldom) >= 0
    draws = np.random.default_rng(1).multinomial(60, np.full(60, 1 / 60), size=RESAMPLES)
    between = draws @ [float(n % 2 == 0 and n % 4 != 0) for n in range(60)] / 60
    assert often - seldom == pytest.approx(between)
    alone = np.sqrt(np.var(often) + np.var(seldom))
    assert np.std(often - seldom) < 0.8 * alone


def test_attacks_on_robust_victims_have_their_skewness() -> None:
    sizes = {"500": results(2), "baseline": results(3)}
    found = robustness_resamples("deepwordbug-i-5", sizes, seed=0)
    assert len(found["table2/500/f1"]) == RESAMPLES
    assert len(found["distributions/deepwordbug-i-5/baseline/labels score/skewness"]) == RESAMPLES
    assert "robustness-picks/500/f1" in robustness_resamples("picks", sizes, seed=0)


def test_the_test_sets_f1_varies_as_that_of_independent_entities() -> None:
    metrics = EntityMetrics(0.8, 0.9, 2 * 0.8 * 0.9 / 1.7, 0.95, 1000, {})
    found = standard_resamples("bert-attack", {"500": metrics, "baseline": metrics}, seed=0)
    first, second = found["table5/500/f1"], found["table5/baseline/f1"]
    assert np.mean(first) == pytest.approx(metrics.f1, abs=1e-3)
    deviation = 2 * np.sqrt(1000 * 0.9 * 0.1) / (1000 + 900 / 0.8)
    assert np.std(first) == pytest.approx(deviation, rel=0.1)
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.1
    nothing = replace(metrics, precision=0.0, recall=0.0, f1=0.0)
    assert set(standard_resamples("bert-attack", {"500": nothing}, 0)["table5/500/f1"]) == {0.0}
