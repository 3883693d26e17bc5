"""On which side scores lie: the paper's Figure 4 as numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from seqattack.metrics.bootstrap import Floats, percentile_interval, resampled
from seqattack.metrics.metric import find_metric

if TYPE_CHECKING:
    from seqattack.metrics.scores import ScoredExample


@dataclass(frozen=True, slots=True, eq=False)
class Distribution:
    """How the scores of one attack are distributed.

    Args:
        metric: Name of the metric.
        n: Number of scores.
        mean: Their mean; None without any.
        median: Their median; None without any.
        skewness: scipy.stats.skew; None where it can't be computed.
        resamples: The skewness on each resample of the sentences.
        note: Why there is no skewness; empty where there is.
    """

    metric: str
    n: int
    mean: float | None
    median: float | None
    skewness: float | None
    resamples: Floats
    note: str = ""

    @property
    def interval(self) -> tuple[float, float] | None:
        """The skewness's 95 % bootstrap interval; None where there is no skewness."""
        return None if self.skewness is None else percentile_interval(self.resamples)


def distributions(scored: Sequence[ScoredExample], seed: int) -> tuple[Distribution, Distribution]:
    """Return how the labels score of all sentences and the modification rate of successes lie.

    Args:
        scored: The scores of one attack.
        seed: Seed of the bootstrap.
    """
    return (
        distribution(find_metric("labels_score").name, [e.labels_score for e in scored], seed),
        distribution(
            find_metric("modification_rate").name, [e.modification_rate for e in scored], seed
        ),
    )


def distribution(metric: str, scores: Sequence[float | None], seed: int) -> Distribution:
    """Return how scores are distributed.

    Args:
        metric: Name of the metric.
        scores: One for each sentence; None where it has none, which still counts for the resamples.
        seed: Seed of the bootstrap.
    """
    known = np.asarray([score for score in scores if score is not None], dtype=float)
    if not len(known):
        return Distribution(metric, 0, None, None, None, np.full(1, np.nan), "no score")
    mean, median = float(known.mean()), float(np.median(known))
    found = _resampled_skewness(scores, mean, seed)
    if np.ptp(known) == 0:
        note = "all scores are equal"
        return Distribution(metric, len(known), mean, median, None, found, note)
    from scipy.stats import skew

    return Distribution(metric, len(known), mean, median, float(skew(known)), found)


def _resampled_skewness(scores: Sequence[float | None], mean: float, seed: int) -> Floats:
    """Return the skewness on each resample, from sums of the powers of scores − their mean."""
    powers = {
        f"{power}": [0.0 if score is None else (score - mean) ** power for score in scores]
        for power in (1, 2, 3)
    }
    powers["n"] = [float(score is not None) for score in scores]

    def skewness(sums: Mapping[str, Any]) -> Floats:
        first, second, third = (sums[key] / sums["n"] for key in ("1", "2", "3"))
        variance = np.where(second - first**2 > 1e-12, second - first**2, np.nan)
        result: Floats = (third - 3 * first * second + 2 * first**3) / variance**1.5
        return result

    return resampled(powers, skewness, seed)
