"""Is a robust victim really harder to attack? Paired tests of one attack on two victims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from seqattack.metrics.metric import find_metric

if TYPE_CHECKING:
    from seqattack.metrics.scores import ScoredExample


@dataclass(frozen=True, slots=True)
class PairedTest:
    """A paired t-test and Wilcoxon's signed-rank test of the same samples.

    Args:
        metric: Name of the metric.
        n: Number of pairs.
        mean_a: Mean of the first sample; None without pairs.
        mean_b: Mean of the second; None without pairs.
        t: The t statistic; None where it can't be computed.
        p: The t-test's two-sided p-value; None where it can't be computed.
        wilcoxon_p: Wilcoxon's p-value; None where it can't be computed.
        note: Why there is no t and no p-value; empty where there are.
    """

    metric: str
    n: int
    mean_a: float | None
    mean_b: float | None
    t: float | None
    p: float | None
    wilcoxon_p: float | None
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
    mean_a, mean_b = (float(np.mean(x)) if len(x) else None for x in (a, b))
    differences = np.asarray(b, dtype=float) - np.asarray(a, dtype=float)
    note = ""
    if len(a) < 2:
        note = "fewer than 2 pairs"
    elif np.ptp(differences) == 0:
        note = "all pairs have the same difference"
    if note:
        return PairedTest(metric, len(a), mean_a, mean_b, None, None, None, note)
    from scipy import stats

    test = stats.ttest_rel(b, a)
    wilcoxon = stats.wilcoxon(b, a)
    return PairedTest(
        metric,
        len(a),
        mean_a,
        mean_b,
        float(test.statistic),
        float(test.pvalue),
        float(wilcoxon.pvalue),
    )


def compare_attacks(
    a: Sequence[ScoredExample], b: Sequence[ScoredExample]
) -> tuple[PairedTest, PairedTest]:
    """Compare one attack on two victims (paper, section 5.2).

    Returns:
        The test of the modification rate over sentences where both attacks succeeded, and the test
        of the labels score over all sentences; without a success, a sentence has the labels score
        of its original.
    """
    first = {example.id: example for example in a}
    return compare_pairs([(first[each.id], each) for each in b if each.id in first])


def compare_pairs(
    pairs: Sequence[tuple[ScoredExample, ScoredExample]],
) -> tuple[PairedTest, PairedTest]:
    """Compare the scores of the same sentences under two attacks; see `compare_attacks`."""
    both = [
        (x.modification_rate, y.modification_rate)
        for x, y in pairs
        if x.modification_rate is not None and y.modification_rate is not None
    ]
    return (
        paired_test(
            find_metric("modification_rate").name, [x for x, _ in both], [y for _, y in both]
        ),
        paired_test(
            find_metric("labels_score").name,
            [x.labels_score for x, _ in pairs],
            [y.labels_score for _, y in pairs],
        ),
    )
