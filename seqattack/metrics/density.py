"""Densities of scores (the paper's Figure 4), for the report's figures and the application."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqattack.metrics.metric import Metric, find_metric

if TYPE_CHECKING:
    from seqattack.metrics.scores import ScoredExample

POINTS = 200
"""Points of the grid on which densities are computed."""

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Density:
    """The density of one sample.

    Args:
        count: Values of the sample.
        mean: Their mean; None without any.
        heights: The density at each point of the grid; None without two different values.
    """

    count: int
    mean: float | None
    heights: Floats | None


@dataclass(frozen=True, slots=True, eq=False)
class DensityPanel:
    """The densities of one metric of several attacks.

    Args:
        metric: What is measured.
        grid: Where the densities are computed: from 0 to the metric's upper bound.
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
    """Return the densities of samples, cut off at 0 and at the upper bound.

    Gaussian kernels with Scott's bandwidth.

    Args:
        metric: What is measured.
        samples: The values, one sample a curve.
        upper: The metric's upper bound; None takes the largest value.
    """
    largest = upper or max((max(values) for values in samples if values), default=1.0) or 1.0
    grid = np.linspace(0.0, largest, POINTS)
    return DensityPanel(metric, grid, tuple(_density(values, grid) for values in samples))


def _density(values: Sequence[float], grid: Floats) -> Density:
    from scipy.stats import gaussian_kde

    mean = sum(values) / len(values) if values else None
    heights = gaussian_kde(values)(grid) if len(set(values)) > 1 else None
    return Density(len(values), mean, heights)
