"""Is a robust victim really harder to attack? Paired tests of one attack on two victims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from seqattack.metrics.bootstrap import LEVEL
from seqattack.metrics.metric import find_metric
from seqattack.records import Outcome

if TYPE_CHECKING:
    from seqattack.metrics.scores import ScoredExample

Pair = tuple["ScoredExample", "ScoredExample"]
"""The scores of one sentence under two attacks."""

T_TEST, MCNEMAR = "paired t", "McNemar"
"""The names of the tests."""


@dataclass(frozen=True, slots=True)
class PairedTest:
    """A test of two paired samples.

    Args:
        metric: Name of the metric.
        test: Name of the test.
        n: Number of pairs.
        mean_a: Mean of the first sample; None without pairs.
        mean_b: Mean of the second; None without pairs.
        t: The t statistic; None where it can't be computed, and of McNemar's test.
        p: The test's two-sided p-value; None where it can't be computed.
        wilcoxon_p: Wilcoxon's p-value; None where there is no t.
        interval: The t-test's 95 % interval of `difference`; None where there is no t.
        note: Why there is no p-value; empty where there is.
    """

    metric: str
    test: str
    n: int
    mean_a: float | None
    mean_b: float | None
    t: float | None = None
    p: float | None = None
    wilcoxon_p: float | None = None
    interval: tuple[float, float] | None = None
    note: str = ""

    @property
    def difference(self) -> float | None:
        """The effect: second mean − first mean."""
        if self.mean_a is None or self.mean_b is None:
            return None
        return self.mean_b - self.mean_a


def paired_test(metric: str, a: Sequence[float], b: Sequence[float]) -> PairedTest:
    """Compare two paired samples with scipy.stats.ttest_rel.

    Args:
        metric: Name of the metric.
        a: The first sample.
        b: The second sample, in the same order.
    """
    means = _means(a, b)
    differences = np.asarray(b, dtype=float) - np.asarray(a, dtype=float)
    note = ""
    if len(a) < 2:
        note = "fewer than 2 pairs"
    elif np.ptp(differences) == 0:
        note = "all pairs have the same difference"
    if note:
        return PairedTest(metric, T_TEST, len(a), *means, note=note)
    from scipy import stats

    test = stats.ttest_rel(b, a)
    low, high = test.confidence_interval(LEVEL)
    return PairedTest(
        metric,
        T_TEST,
        len(a),
        *means,
        t=float(test.statistic),
        p=float(test.pvalue),
        wilcoxon_p=float(stats.wilcoxon(b, a).pvalue),
        interval=(float(low), float(high)),
    )


def mcnemar_test(metric: str, a: Sequence[bool], b: Sequence[bool]) -> PairedTest:
    """Compare two paired samples of successes with McNemar's exact test.

    Of the pairs that differ, the first wins half under the null hypothesis: the p-value is
    scipy.stats.binomtest's of their number.

    Args:
        metric: Name of the metric.
        a: The first sample.
        b: The second sample, in the same order.
    """
    lost = sum(x and not y for x, y in zip(a, b, strict=True))
    gained = sum(y and not x for x, y in zip(a, b, strict=True))
    if not lost + gained:
        note = "all pairs have the same outcome" if a else "fewer than 2 pairs"
        return PairedTest(metric, MCNEMAR, len(a), *_means(a, b), note=note)
    from scipy import stats

    p = float(stats.binomtest(lost, lost + gained).pvalue)
    return PairedTest(metric, MCNEMAR, len(a), *_means(a, b), p=p)


def compare_attacks(
    a: Sequence[ScoredExample], b: Sequence[ScoredExample]
) -> tuple[PairedTest, ...]:
    """Compare one attack on two victims (paper, section 5.2); see `compare_pairs`.

    Args:
        a: Scores of the attack on the first victim.
        b: Scores of the attack on the second; sentences are matched by their ids.
    """
    first = {example.id: example for example in a}
    return compare_pairs([(first[each.id], each) for each in b if each.id in first])


def compare_pairs(pairs: Sequence[Pair]) -> tuple[PairedTest, ...]:
    """Compare the scores of the same sentences under two attacks.

    Args:
        pairs: One for each sentence.

    Returns:
        The paper's t-tests of the modification rate, over sentences where both attacks succeeded,
        and of the labels score, over all sentences (without a success, a sentence has the labels
        score of its original); McNemar's test of the attack rate, over sentences that were attacked
        twice; and t-tests of similarity and grammar errors, where the modification rate has them.
    """
    return (
        _of_examples("modification_rate", pairs),
        paired_test(
            find_metric("labels_score").name,
            [x.labels_score for x, _ in pairs],
            [y.labels_score for _, y in pairs],
        ),
        _of_outcomes(pairs),
        _of_examples("similarity", pairs),
        _of_examples("grammar_error_change", pairs),
    )


def _of_examples(key: str, pairs: Sequence[Pair]) -> PairedTest:
    """Test a metric over the pairs of which both have it."""
    metric = find_metric(key)
    values = [(x.value(metric), y.value(metric)) for x, y in pairs]
    both = [(x, y) for x, y in values if x is not None and y is not None]
    return paired_test(metric.name, [x for x, _ in both], [y for _, y in both])


def _of_outcomes(pairs: Sequence[Pair]) -> PairedTest:
    attacked = [
        (x.outcome == Outcome.SUCCESS, y.outcome == Outcome.SUCCESS)
        for x, y in pairs
        if Outcome.SKIPPED not in (x.outcome, y.outcome)
    ]
    name = find_metric("attack_rate").name
    return mcnemar_test(name, [x for x, _ in attacked], [y for _, y in attacked])


def _means(a: Sequence[float], b: Sequence[float]) -> tuple[float | None, float | None]:
    first, second = (float(np.mean(x)) if len(x) else None for x in (a, b))
    return first, second
