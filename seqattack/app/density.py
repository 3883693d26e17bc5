"""Densities of scores (the paper's Figure 4) as paths of an SVG that the page's style colours."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from seqattack.app.axes import Frame, Tick
from seqattack.metrics.density import LEAST, Density, DensityPanel

FRAME = Frame(width=480, height=220, left=36, right=10, top=12, bottom=40)


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
        Tick(FRAME.x(share), f"{100 * share * panel.upper:.4g}%", anchors.get(share, "middle"))
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
            f"{FRAME.x(float(x) / panel.upper):.1f},{FRAME.y(float(y) / top):.1f}"
            for x, y in zip(panel.grid, density.heights, strict=True)
        ]
        left, right = (f"{FRAME.x(end):.1f},{FRAME.y(0):.1f}" for end in (0, 1))
        path = f"M{left}L{'L'.join(points)}L{right}Z"
    mean = density.mean
    return Curve(density.count, mean, path, None if mean is None else FRAME.x(mean / panel.upper))


def _dots(density: Density, panel: DensityPanel, number: int) -> Curve:
    """Return a curve of dots; equal values are stacked, each sample above the one before it."""
    seen: Counter[float] = Counter()
    dots = []
    for value in density.values:
        height = 0.08 + 0.45 * number + 0.045 * seen[value]
        dots.append((round(FRAME.x(value / panel.upper), 1), round(FRAME.y(height), 1)))
        seen[value] += 1
    mean_x = None if density.mean is None else FRAME.x(density.mean / panel.upper)
    return Curve(density.count, density.mean, "", mean_x, tuple(dots))
