"""Densities of scores (the paper's Figure 4), for the report's figures and the application."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from seqattack.metrics.bootstrap import Floats
from seqattack.metrics.metric import Metric, find_metric

if TYPE_CHECKING:
    from seqattack.metrics.scores import ScoredExample

POINTS = 200
"""Points of the grid on which densities are computed."""

LEAST = 10
"""The fewest values of a density; of fewer, each is shown on its own."""


@dataclass(frozen=True, slots=True, eq=False)
class Density:
    """The density of one sample.

    Args:
        values: The sample, in ascending order.
        heights: The density at each point of the grid; None of fewer than `LEAST` values, and where
            all are equal.
    """

    values: tuple[float, ...]
    heights: Floats | None

    @property
    def count(self) -> int:
        """Values of the sample."""
        return len(self.values)

    @property
    def mean(self) -> float | None:
        """Their mean; None without any."""
        return sum(self.values) / len(self.values) if self.values else None


@dataclass(frozen=True, slots=True, eq=False)
class DensityPanel:
    """The densities of one metric of several attacks.

    Args:
        metric: What is measured.
        grid: Where the densities are computed: from 0 to the metric's upper bound, or to the
            largest value.
        densities: One an attack.
    """

    metric: Metric
    grid: Floats
    densities: tuple[Density, ...]

    @property
    def title(self) -> str:
        """What is measured, in words."""
        return f"{self.metric.name} ({self.metric.meaning})"

    @property
    def upper(self) -> float:
        """The end of the grid."""
        return float(self.grid[-1])


def density_panels(
    attacks: Sequence[Sequence[ScoredExample]],
) -> tuple[DensityPanel, DensityPanel]:
    """Return the two panels of Figure 4.

    Args:
        attacks: The scored examples of each attack.

    Returns:
        The labels score of all sentences, and the modification rate of the successes.
    """
    scores = [[example.labels_score for example in scored] for scored in attacks]
    rates = [
        [rate for example in scored if (rate := example.modification_rate) is not None]
        for scored in attacks
    ]
    return (
        density_panel(find_metric("labels_score"), scores, upper=1.0),
        density_panel(find_metric("modification_rate"), rates),
    )


def density_panel(
    metric: Metric, samples: Sequence[Sequence[float]], upper: float | None = None
) -> DensityPanel:
    """Return the densities of samples between 0 and the upper bound.

    Gaussian kernels with Scott's bandwidth, reflected at 0 and, where the metric has an upper
    bound, there: what a kernel has beyond a bound is added inside, so that a density is not too low
    there. Without an upper bound, the curve ends at the largest value.

    Args:
        metric: What is measured.
        samples: The values, one sample a curve.
        upper: The metric's upper bound; None takes the largest value.
    """
    largest = upper or max((max(values) for values in samples if values), default=1.0) or 1.0
    grid = np.linspace(0.0, largest, POINTS)
    return DensityPanel(metric, grid, tuple(_density(each, grid, upper) for each in samples))


def _density(values: Sequence[float], grid: Floats, upper: float | None) -> Density:
    from scipy.stats import gaussian_kde

    heights = None
    if len(values) >= LEAST and len(set(values)) > 1:
        kernels = gaussian_kde(values)
        heights = kernels(grid) + kernels(-grid)
        if upper is not None:
            heights = heights + kernels(2 * upper - grid)
    return Density(tuple(sorted(values)), heights)
