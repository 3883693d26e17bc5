"""Densities of scores (the paper's Figure 4) as paths of an SVG that the page's style colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

WIDTH, HEIGHT = 480, 220
LEFT, RIGHT, TOP, BOTTOM = 36, 10, 12, 40
POINTS = 160


@dataclass(frozen=True, slots=True)
class Curve:
    """One sample's density.

    Args:
        count: Values of the sample.
        mean: Their mean; None without any.
        path: The SVG path of the density; empty where all values are equal.
        mean_x: Where the mean is drawn; None without one.
    """

    count: int
    mean: float | None
    path: str
    mean_x: float | None


@dataclass(frozen=True, slots=True)
class Tick:
    """A number at an axis."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Panel:
    """Densities of several samples over one axis.

    Args:
        title: What is measured.
        curves: One a sample.
        ticks: Of the horizontal axis.
    """

    title: str
    curves: tuple[Curve, ...]
    ticks: tuple[Tick, ...]


def panel(title: str, samples: Sequence[Sequence[float]], upper: float | None = None) -> Panel:
    """Return the densities of samples, cut off at 0 and at the upper bound.

    Gaussian kernels with Scott's bandwidth, as in the pipeline's Figure 4.

    Args:
        title: What is measured.
        samples: Their values.
        upper: The scores' upper bound; the largest value where there is none.
    """
    largest = upper or max((max(values) for values in samples if values), default=1.0) or 1.0
    grid = np.linspace(0.0, largest, POINTS)
    densities = [_density(values, grid) for values in samples]
    top = max((float(d.max()) for d in densities if d is not None), default=1.0) or 1.0
    curves = tuple(_curve(v, d, largest, top) for v, d in zip(samples, densities, strict=True))
    ticks = tuple(
        Tick(_x(share, 1.0), f"{share * largest:.2g}") for share in (0, 0.25, 0.5, 0.75, 1)
    )
    return Panel(title, curves, ticks)


def _density(values: Sequence[float], grid: np.ndarray) -> np.ndarray | None:
    from scipy.stats import gaussian_kde

    return gaussian_kde(values)(grid) if len(set(values)) > 1 else None


def _curve(
    values: Sequence[float], density: np.ndarray | None, largest: float, top: float
) -> Curve:
    mean = sum(values) / len(values) if values else None
    path = ""
    if density is not None:
        points = [
            f"{_x(x, largest):.1f},{_y(float(y) / top):.1f}"
            for x, y in zip(np.linspace(0.0, largest, POINTS), density, strict=True)
        ]
        path = f"M{_x(0, 1):.1f},{_y(0):.1f}L{'L'.join(points)}L{_x(1, 1):.1f},{_y(0):.1f}Z"
    return Curve(len(values), mean, path, None if mean is None else _x(mean, largest))


def _x(value: float, largest: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * value / largest


def _y(share: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share
