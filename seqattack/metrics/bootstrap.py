"""Percentile bootstrap intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

LEVEL = 0.95


RESAMPLES = 2000


def bootstrap_interval(
    columns: Mapping[str, Sequence[float]],
    statistic: Callable[[Mapping[str, Any]], Any],
    seed: int,
) -> tuple[float, float]:
    """Return the percentile bootstrap interval of a statistic of sums.

    Args:
        columns: Numbers of each sentence, by name.
        statistic: Computes the statistic from the columns' sums over a resample, given as one
            array a column with an entry a resample.
        seed: Of the resamples.

    Returns:
        The 2.5th and 97.5th percentile over the resamples where the statistic is defined.
    """
    n = len(next(iter(columns.values())))
    weights = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=RESAMPLES)
    sums = {name: weights @ np.asarray(values, dtype=float) for name, values in columns.items()}
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.asarray(statistic(sums), dtype=float)
    values = values[np.isfinite(values)]
    if not len(values):
        return float("nan"), float("nan")
    tail = 100 * (1 - LEVEL) / 2
    low, high = np.percentile(values, [tail, 100 - tail])
    return float(low), float(high)
