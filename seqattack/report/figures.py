"""Figures: one style, byte-reproducible PDF and PNG."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqattack.io import atomic_path
from seqattack.metrics.density import Density, DensityPanel, density_panels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from seqattack.metrics.scores import ScoredExample

COLOURS = ("#0072B2", "#D55E00")
"""Undefended and robust: from Okabe and Ito's palette, which is made for all kinds of vision."""

TINTS = ("#CDE6F5", "#FFE3B0", "#CFEADF", "#F6D3E4", "#FBF6B8", "#E3DAF2", "#E6E6E6")
"""Light tints of that palette, one for each class of entities; further classes share the last."""

RED = "#C00000"
"""The colour of what an attack changed and of what the victim got wrong."""

KDE_CAPTION = (
    "Densities (Gaussian kernels, Scott's bandwidth, cut off at the data's bounds) of one attack "
    "on two victims over the same sentences. Left: the labels score over all sentences; without a "
    "success, a sentence has the labels score of its original. Right: the modification rate over "
    "successes, whose number differs between the two victims. Dashed: the means. The robust victim "
    "is the one with the fewest adversarial examples in its training set."
)
"""What Figure 4 shows, and the assumptions behind it."""


@contextmanager
def style() -> Iterator[None]:
    """Apply the project's style to the figures made inside."""
    import matplotlib as mpl

    mpl.use("Agg")
    settings: dict[Any, Any] = {
        "font.family": "DejaVu Sans",
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": 9,
        "legend.frameon": False,
        "legend.fontsize": 8,
        "pdf.fonttype": 42,
        "svg.hashsalt": "seqattack",
        "text.parse_math": False,  # a name with dollars is a name
    }
    with mpl.rc_context(settings):
        yield


def save(figure: Figure, stem: str | Path) -> None:
    """Write a figure as ``.pdf`` and ``.png``; without a date, so the bytes are always the same.

    Args:
        figure: It is closed afterwards.
        stem: Path without the ending.
    """
    import matplotlib.pyplot as plt

    without_date: Mapping[str, dict[str, Any]] = {
        ".pdf": {"CreationDate": None, "Producer": None, "Creator": None},
        ".png": {"Software": None},
    }
    for ending, metadata in without_date.items():
        with atomic_path(f"{stem}{ending}") as path:
            figure.savefig(path, dpi=200, metadata=metadata)
    plt.close(figure)


def kde_figure(
    undefended: Sequence[ScoredExample],
    robust: Sequence[ScoredExample],
    stem: str | Path,
    names: tuple[str, str],
) -> None:
    """Draw Figure 4: one attack on an undefended and on a robust victim; see `KDE_CAPTION`.

    Args:
        undefended: Scores of the attack on the undefended victim.
        robust: Scores of the attack on the robust victim.
        stem: Path of the figure without its ending.
        names: Of the two victims.
    """
    import matplotlib.pyplot as plt

    with style():
        figure, places = plt.subplots(1, 2, figsize=(7.0, 2.7), layout="constrained")
        for axes, panel in zip(places, density_panels((undefended, robust)), strict=True):
            _draw_panel(axes, panel, names)
        save(figure, stem)


def _draw_panel(axes: Axes, panel: DensityPanel, names: Sequence[str]) -> None:
    for density, name, colour in zip(panel.densities, names, COLOURS, strict=True):
        _draw_density(axes, panel, density, name, colour)
    label = panel.title.replace(" (", "\n(")
    axes.set(xlabel=label, ylabel="density", xlim=(0, panel.upper), ylim=(0, None))
    axes.set_ylim(top=axes.get_ylim()[1] * 1.35)  # room for the legend
    axes.legend(loc="upper left")


def _draw_density(
    axes: Axes, panel: DensityPanel, density: Density, name: str, colour: str
) -> None:
    """Draw a density as a filled curve, and its mean as a dashed line."""
    import seaborn as sns

    if density.mean is None:
        axes.plot([], [], color=colour, label=f"{name} (no success)")
        return
    label = f"{name} (n = {density.count}, mean {density.mean:.2f})"
    axes.axvline(density.mean, ymax=0.72, color=colour, linestyle="--", linewidth=0.8)
    if density.heights is None:
        axes.plot([], [], color=colour, label=f"{label}, all equal")
        return
    sns.lineplot(x=panel.grid, y=density.heights, ax=axes, color=colour, label=label, linewidth=1)
    axes.fill_between(panel.grid, density.heights, color=colour, alpha=0.25, linewidth=0)
