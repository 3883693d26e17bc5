"""Densities of scores (the paper's Figure 4) as paths of an SVG that the page's style colours."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from seqattack.metrics.density import LEAST, Density, DensityPanel

WIDTH, HEIGHT = 480, 220
LEFT, RIGHT, TOP, BOTTOM = 36, 10, 12, 40


@dataclass(frozen=True, slots=True)
class Curve:
    """The drawn density of one sample.

    Args:
        count: Values of the sample.
        mean: Their mean; None without any.
        path: The SVG path of the density; empty where there are too few values for one.
        mean_x: Where the mean is drawn; None without one.
        dots: Where the values are drawn instead of a density.
    """

    count: int
    mean: float | None
    path: str
    mean_x: float | None
    dots: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Tick:
    """A number at an axis.

    Args:
        at: Where it is drawn.
        text: The number.
        anchor: Which of its ends is there, so that it is not cut off.
    """

    at: float
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Panel:
    """The drawn densities of several samples over one axis.

    Args:
        title: What is measured.
        curves: One for each sample.
        ticks: The numbers at the horizontal axis.
    """

    title: str
    curves: tuple[Curve, ...]
    ticks: tuple[Tick, ...]


def drawn(panel: DensityPanel) -> Panel:
    """Return a panel's densities as SVG paths; the highest one fills the height."""
    peaks = [float(d.heights.max()) for d in panel.densities if d.heights is not None]
    top = max(peaks, default=1.0) or 1.0
    anchors = {0.0: "start", 1.0: "end"}
    ticks = (
        Tick(_x(share, 1.0), f"{100 * share * panel.upper:.4g} %", anchors.get(share, "middle"))
        for share in (0.0, 0.25, 0.5, 0.75, 1.0)
    )
    curves = (
        _dots(density, panel, number) if density.count < LEAST else _curve(density, panel, top)
        for number, density in enumerate(panel.densities)
    )
    return Panel(panel.title, tuple(curves), tuple(ticks))


def _curve(density: Density, panel: DensityPanel, top: float) -> Curve:
    path = ""
    if density.heights is not None:
        points = [
            f"{_x(float(x), panel.upper):.1f},{_y(float(y) / top):.1f}"
            for x, y in zip(panel.grid, density.heights, strict=True)
        ]
        path = f"M{_x(0, 1):.1f},{_y(0):.1f}L{'L'.join(points)}L{_x(1, 1):.1f},{_y(0):.1f}Z"
    mean = density.mean
    return Curve(density.count, mean, path, None if mean is None else _x(mean, panel.upper))


def _dots(density: Density, panel: DensityPanel, number: int) -> Curve:
    """Return a curve of dots; equal values are stacked, each sample above the one before it."""
    seen: Counter[float] = Counter()
    dots = []
    for value in density.values:
        height = 0.08 + 0.45 * number + 0.045 * seen[value]
        dots.append((round(_x(value, panel.upper), 1), round(_y(height), 1)))
        seen[value] += 1
    mean_x = None if density.mean is None else _x(density.mean, panel.upper)
    return Curve(density.count, density.mean, "", mean_x, tuple(dots))


def _x(value: float, largest: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * value / largest


def _y(share: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share
