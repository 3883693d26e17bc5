"""Figures: one style, byte-reproducible PDF and PNG."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqattack.io import atomic_path

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from seqattack.metrics.scores import ScoredExample

COLOURS = ("#0072B2", "#D55E00")
"""Of Okabe and Ito's palette, told apart by everyone: undefended and robust."""

TINTS = ("#CDE6F5", "#FFE3B0", "#CFEADF", "#F6D3E4", "#FBF6B8", "#E3DAF2", "#E6E6E6")
"""Light tints of that palette, one a class of entities; classes beyond share the last."""

RED = "#C00000"
"""What an attack changed, and what the victim got wrong."""

KDE_CAPTION = (
    "Densities (Gaussian kernels, Scott's bandwidth, cut off at the data's bounds) of one attack "
    "on two victims over the same sentences. Left: the labels score over all sentences, one that "
    "the attack did not fool with its own score; right: the modification rate over successes, "
    "whose number differs between the two. Dashed: the means. The robust victim is the one with "
    "the fewest adversarial examples."
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
    }
    with mpl.rc_context(settings):
        yield


def save(figure: Figure, stem: str | Path) -> None:
    """Write a figure as ``.pdf`` and ``.png``, without the date, so the bytes stay the same.

    Args:
        figure: It is closed afterwards.
        stem: Path without the ending.
    """
    import matplotlib.pyplot as plt

    quiet: Mapping[str, dict[str, Any]] = {
        ".pdf": {"CreationDate": None, "Producer": None, "Creator": None},
        ".png": {"Software": None},
    }
    for ending, metadata in quiet.items():
        with atomic_path(f"{stem}{ending}") as path:
            figure.savefig(path, dpi=200, metadata=metadata)
    plt.close(figure)


def kde_figure(
    baseline: Sequence[ScoredExample],
    robust: Sequence[ScoredExample],
    stem: str | Path,
    names: tuple[str, str],
) -> None:
    """Draw Figure 4: what an attack does to an undefended victim and to a robust one.

    Left the labels score over all attacked sentences, an unattacked one with its own score; right
    the modification rate over successes. Densities are cut off at the data's bounds.

    Args:
        baseline: Scores of the attack on the undefended victim.
        robust: Scores of the attack on the robust victim.
        stem: Path of the figure without its ending.
        names: Of the two victims.
    """
    import matplotlib.pyplot as plt

    with style():
        figure, (left, right) = plt.subplots(1, 2, figsize=(7.0, 2.7), layout="constrained")
        scores = [[e.labels_score for e in scored] for scored in (baseline, robust)]
        rates = [
            [e.modification_rate for e in scored if e.modification_rate is not None]
            for scored in (baseline, robust)
        ]
        _panel(left, scores, names, "labels score (share of entity tokens wrong)", 1.0)
        _panel(right, rates, names, "modification rate (changed by original tokens)", None)
        save(figure, stem)


def _panel(
    axes: Axes,
    samples: Sequence[Sequence[float]],
    names: Sequence[str],
    label: str,
    upper: float | None,
) -> None:
    """Draw one panel: a density for each sample, and its mean as a dashed line."""
    import seaborn as sns

    for values, name, colour in zip(samples, names, COLOURS, strict=True):
        if not values:
            axes.plot([], [], color=colour, label=f"{name} (no success)")
            continue
        mean = sum(values) / len(values)
        legend = f"{name} (n = {len(values)}, mean {mean:.2f})"
        axes.axvline(mean, ymax=0.72, color=colour, linestyle="--", linewidth=0.8)
        if len(set(values)) < 2:
            axes.plot([], [], color=colour, label=f"{legend}, all equal")
            continue
        bounds = (0.0, upper if upper is not None else max(map(max, filter(None, samples))))
        sns.kdeplot(
            x=values, ax=axes, color=colour, fill=True, alpha=0.25, clip=bounds, label=legend
        )
    axes.set(xlabel=label, ylabel="density", xlim=(0, upper))
    axes.set_ylim(top=axes.get_ylim()[1] * 1.35)
    axes.legend(loc="upper left")
