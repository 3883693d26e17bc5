"""Percentile bootstrap intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

LEVEL = 0.95
"""Coverage of an interval."""

RESAMPLES = 2000
"""Resamples of an interval."""


def bootstrap_interval(
    columns: Mapping[str, Sequence[float]],
    statistic: Callable[[Mapping[str, Any]], Any],
    seed: int,
) -> tuple[float, float]:
    """Return the percentile bootstrap interval of a statistic that is computed from sums.

    Args:
        columns: One number for each sentence, by name of the column.
        statistic: Computes the statistic from the columns' sums. Each sum is an array with one
            entry for each resample.
        seed: Seed of the resamples.

    Returns:
        The 2.5th and 97.5th percentile over the resamples in which the statistic is defined; NaN
        where there are none.
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
