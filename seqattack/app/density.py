"""Densities of scores (the paper's Figure 4) as paths of an SVG that the page's style colours."""

from __future__ import annotations

from dataclasses import dataclass

from seqattack.metrics.density import Density, DensityPanel

WIDTH, HEIGHT = 480, 220
LEFT, RIGHT, TOP, BOTTOM = 36, 10, 12, 40


@dataclass(frozen=True, slots=True)
class Curve:
    """The drawn density of one sample.

    Args:
        count: Values of the sample.
        mean: Their mean; None without any.
        path: The SVG path of the density; empty without two different values.
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
    ticks = (
        Tick(_x(share, 1.0), f"{share * panel.upper:.2g}") for share in (0, 0.25, 0.5, 0.75, 1)
    )
    curves = (_curve(density, panel, top) for density in panel.densities)
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


def _x(value: float, largest: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * value / largest


def _y(share: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share
