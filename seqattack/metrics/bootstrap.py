"""Percentile bootstrap intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

Interval = tuple[float, float]
"""The lower and the upper bound."""

LEVEL = 0.95
"""Coverage of an interval."""

RESAMPLES = 2000
"""Resamples of an interval."""


def resampled(
    columns: Mapping[str, Sequence[float]],
    statistic: Callable[[Mapping[str, Any]], Any],
    seed: int,
) -> Floats:
    """Return a statistic that is computed from sums, on each of `RESAMPLES` resamples.

    The same seed draws the same sentences from two samples of one length. The difference of their
    results is therefore that of paired samples.

    Args:
        columns: One number for each sentence, by name of the column.
        statistic: Computes the statistic from the columns' sums. Each sum is an array with one
            entry for each resample.
        seed: Seed of the resamples.

    Returns:
        One value for each resample; not finite where the statistic is not defined.
    """
    n = len(next(iter(columns.values())))
    drawn = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=RESAMPLES)
    weights = drawn.astype(float)  # once, not for each column
    sums = {name: weights @ np.asarray(values, dtype=float) for name, values in columns.items()}
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(statistic(sums), dtype=float)


def percentile_interval(values: Floats) -> Interval:
    """Return the 2.5th and the 97.5th percentile of the finite values; NaN without any."""
    values = values[np.isfinite(values)]
    if not len(values):
        return float("nan"), float("nan")
    tail = 100 * (1 - LEVEL) / 2
    low, high = np.percentile(values, [tail, 100 - tail])
    return float(low), float(high)


def bootstrap_interval(
    columns: Mapping[str, Sequence[float]],
    statistic: Callable[[Mapping[str, Any]], Any],
    seed: int,
) -> Interval:
    """Return the percentile bootstrap interval of a statistic that is computed from sums.

    Args:
        columns: See `resampled`.
        statistic: See `resampled`.
        seed: Seed of the resamples.
    """
    return percentile_interval(resampled(columns, statistic, seed))
