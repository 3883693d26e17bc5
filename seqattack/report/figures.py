"""Figure 4 and what all figures share: one style, and files with the same bytes every time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqattack.io import atomic_path, write_text
from seqattack.metrics.bootstrap import bootstrap_interval
from seqattack.metrics.density import LEAST, Density, DensityPanel, density_panels
from seqattack.metrics.metric import show, show_interval
from seqattack.metrics.significance import PairedTest, compare_attacks
from seqattack.report.latex import figure_to_latex
from seqattack.report.style import INK, SERIES, SOFT, Series

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from seqattack.metrics.scores import ScoredExample

COLUMN, PAGE = 3.03, 6.3
"""Widths in inches: one column and both columns of the ACL's pages."""

DARK = {"page": "#14161a", "ink": "#e8eaee", "soft": "#a5acb8"}
"""The dark theme of figures; the light one is white, `INK` and `SOFT`."""


@contextmanager
def style(size: float = 8.0, dark: bool = False) -> Iterator[None]:
    """Apply the project's style to the figures made inside.

    Args:
        size: Size of the letters in points.
        dark: Whether they are for dark pages.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    ink, soft = (DARK["ink"], DARK["soft"]) if dark else (INK, SOFT)
    page = DARK["page"] if dark else "white"
    settings: dict[Any, Any] = {
        "font.family": "DejaVu Sans",
        "font.size": size,
        "text.color": ink,
        "axes.labelcolor": ink,
        "axes.edgecolor": soft,
        "axes.linewidth": 0.6,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": size,
        "axes.titlelocation": "left",
        "xtick.color": soft,
        "ytick.color": soft,
        "xtick.labelsize": size - 1,
        "ytick.labelsize": size - 1,
        "figure.facecolor": page,
        "axes.facecolor": page,
        "legend.frameon": False,
        "legend.fontsize": size,
        "text.parse_math": False,  # a name with dollars is a name
    }
    with mpl.rc_context(settings):
        yield


FORMATS: Mapping[str, dict[str, Any]] = {
    ".pdf": {"CreationDate": None, "Producer": None, "Creator": None},
    ".svg": {"Date": None, "Creator": None},
    ".png": {"Software": None},
}
"""The files of a figure, and what keeps the date out of each."""


def save(figure: Figure, stem: str | Path, endings: Sequence[str] = tuple(FORMATS)) -> None:
    """Write a figure; without a date, so the bytes are always the same.

    Args:
        figure: It is closed afterwards.
        stem: Path without the ending.
        endings: The files to write, of `FORMATS`.
    """
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    settings: dict[Any, Any] = {"pdf.fonttype": 42, "svg.hashsalt": "seqattack"}
    with mpl.rc_context(settings):
        for ending in endings:
            with atomic_path(f"{stem}{ending}") as path:
                figure.savefig(path, dpi=200, metadata=FORMATS[ending])
    plt.close(figure)


def write_caption(stem: str | Path, caption: str, wide: bool, label: str = "") -> None:
    """Write a figure's caption as ``.txt``, and its LaTeX float as ``.tex``.

    Args:
        stem: Path without the ending.
        caption: In plain text.
        wide: Whether the figure is as wide as a page of two columns.
        label: The LaTeX label; the stem's name where it is not given.
    """
    name = Path(stem).name
    write_text(f"{stem}.txt", f"{caption}\n")
    write_text(f"{stem}.tex", figure_to_latex(f"{name}.pdf", caption, label or name, wide))


@dataclass(frozen=True, slots=True)
class Comparison:
    """One attack on an undefended and on a robust victim.

    Args:
        recipe: The attack's name, as readers see it.
        goal: Its goal function.
        budget: The most queries a sentence.
        names: Of the undefended and the robust victim.
        scored: The scores on each of them.
        seed: Seed of the bootstrap.
    """

    recipe: str
    goal: str
    budget: int
    names: tuple[str, str]
    scored: tuple[Sequence[ScoredExample], Sequence[ScoredExample]]
    seed: int

    @property
    def panels(self) -> tuple[DensityPanel, DensityPanel]:
        """The labels score and the modification rate."""
        return density_panels(self.scored)

    @property
    def tests(self) -> tuple[PairedTest, PairedTest]:
        """The paired tests of both."""
        modification, labels, *_ = compare_attacks(*self.scored)
        return labels, modification

    @property
    def caption(self) -> str:
        """What the figure shows: n, means with intervals, p, and how it is drawn."""
        labels, modification = (
            self._of_panel(panel, test) for panel, test in zip(self.panels, self.tests, strict=True)
        )
        few = any(each.count < LEAST for panel in self.panels for each in panel.densities)
        dots = f" Of fewer than {LEAST} values, each is a mark instead." if few else ""
        return (
            f"{self.recipe} on {self.names[0]} and on {self.names[1]} over the same sentences "
            f"(goal {self.goal}, at most {self.budget} queries a sentence). (a) Labels score over "
            "all sentences; without a success, a sentence has the labels score of its original: "
            f"{labels}. (b) Modification rate over successes: {modification}. Left: densities "
            "(Gaussian kernels, Scott's bandwidth, reflected at 0 and in (a) at 1)."
            f"{dots} Right: the share of values that are at most x. Upright lines: means. In "
            "brackets: 95 % bootstrap intervals. p: paired t-test over the sentences for which "
            "both have a value."
        )

    def _of_panel(self, panel: DensityPanel, test: PairedTest) -> str:
        each = zip(self.names, panel.densities, strict=True)
        p = f"p = {show(test.p, 'p')} (n = {test.n})" if test.p is not None else f"p: {test.note}"
        return "; ".join([*(f"{name} {self._of_sample(d)}" for name, d in each), p])

    def _of_sample(self, density: Density) -> str:
        if density.mean is None:
            return "n = 0"
        columns = {"sum": density.values, "n": [1.0] * density.count}
        bounds = bootstrap_interval(columns, lambda sums: sums["sum"] / sums["n"], self.seed)
        mean = f"{show(density.mean, 'percent')} {show_interval(bounds, 'percent')}"
        return f"n = {density.count}, mean {mean}"


def write_figure_4(comparison: Comparison, stem: str | Path) -> None:
    """Write Figure 4 in three sizes: for both columns, for one column, and for dark pages.

    Args:
        comparison: What it shows.
        stem: Path without its ending. The others end in ``-column`` (PDF and SVG) and ``-dark``
            (SVG); those for print have their caption and LaTeX float beside them.
    """
    label = Path(stem).name
    save(_drawn(comparison, (PAGE, 3.6), 8.0), stem)
    save(_drawn(comparison, (COLUMN, 3.2), 6.0), f"{stem}-column", (".pdf", ".svg"))
    save(_drawn(comparison, (PAGE, 3.6), 8.0, dark=True), f"{stem}-dark", (".svg",))
    write_caption(stem, comparison.caption, wide=True)
    write_caption(f"{stem}-column", comparison.caption, wide=False, label=label)


def _drawn(
    comparison: Comparison, inches: tuple[float, float], size: float, dark: bool = False
) -> Figure:
    import matplotlib.pyplot as plt

    with style(size, dark):
        figure, rows = plt.subplots(2, 2, figsize=inches, layout="constrained", sharex="row")
        looks = SERIES[: len(comparison.names)]
        data = zip(rows, "ab", comparison.panels, comparison.tests, strict=True)
        for (left, right), letter, panel, test in data:
            for density, look in zip(panel.densities, looks, strict=True):
                colour = look.dark if dark else look.colour
                _draw_density(left, panel, density, look, colour)
                _draw_shares(right, panel, density, look, colour)
            _label(left, right, letter, panel, test)
        figure.legend(
            [handle(look, look.dark if dark else look.colour) for look in looks],
            comparison.names,
            loc="outside upper center",
            ncols=2,
        )
        return figure


def handle(look: Series, colour: str) -> Any:
    """Return what stands for a curve in a legend.

    Args:
        look: The curve's look.
        colour: Its colour in the figure's theme.
    """
    from matplotlib.lines import Line2D

    return Line2D([], [], color=colour, linestyle=look.line, marker=look.marker, markersize=3)


def _label(left: Axes, right: Axes, letter: str, panel: DensityPanel, test: PairedTest) -> None:
    from matplotlib.ticker import PercentFormatter

    counts = " / ".join(str(density.count) for density in panel.densities)
    p = "" if test.p is None else f", p = {show(test.p, 'p')}"
    left.set_title(f"({letter}) {panel.metric.name.capitalize()}")
    right.set_title(f"n = {counts}{p}")
    left.set(ylabel="density", ylim=(0, None))
    right.set(ylabel="share ≤ x", ylim=(0, 1.02))
    right.yaxis.set_major_formatter(PercentFormatter(1, 0))
    for axes in (left, right):
        axes.set(xlim=(0, panel.upper), xlabel=panel.metric.name)
        axes.xaxis.set_major_formatter(PercentFormatter(1, 0))


def _draw_density(
    axes: Axes, panel: DensityPanel, density: Density, look: Series, colour: str
) -> None:
    """Draw a density as a filled curve, or a few values as marks, and their mean as a line."""
    if density.mean is None:
        return
    axes.axvline(density.mean, color=colour, linestyle=look.line, linewidth=0.6)
    if density.heights is None:
        height = [0.12 if look is SERIES[0] else 0.24] * density.count
        axes.plot(
            density.values,
            height,
            color=colour,
            linestyle="",
            marker=look.marker,
            markersize=3,
            transform=axes.get_xaxis_transform(),
            clip_on=False,
        )
        return
    axes.plot(panel.grid, density.heights, color=colour, linestyle=look.line, linewidth=1.2)
    axes.fill_between(panel.grid, density.heights, color=colour, alpha=0.15, linewidth=0)


def _draw_shares(
    axes: Axes, panel: DensityPanel, density: Density, look: Series, colour: str
) -> None:
    """Draw the share of values up to each point."""
    if density.mean is None:
        return
    axes.axvline(density.mean, color=colour, linestyle=look.line, linewidth=0.6)
    steps = [(x, (k + 1) / density.count) for k, x in enumerate(density.values)]
    xs, ys = zip((0.0, 0.0), *steps, (panel.upper, 1.0), strict=True)
    axes.step(xs, ys, where="post", color=colour, linestyle=look.line, linewidth=1.2)
