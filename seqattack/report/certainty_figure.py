"""Certainty under attack as a figure: reliability and coverage before and under attack."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seqattack.metrics.certainty import BINS, Certainty, VictimCertainty
from seqattack.metrics.metric import show
from seqattack.report.figures import FORMATS, PAGE, handle, save, style, write_caption
from seqattack.report.names import recipe_name, victim_title
from seqattack.report.style import SERIES, SOFT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROW_HEIGHT, MOST_HEIGHT = 1.5, 8.6
"""Inches of an attack in the figure, and of the whole figure: an ACL page less its caption."""


def certainty_figure_files(stem: str | Path) -> list[Path]:
    """Return the files that `write_certainty_figure` writes.

    Args:
        stem: Path without the ending.
    """
    return [Path(f"{stem}{ending}") for ending in (*FORMATS, "-dark.svg", ".tex", ".txt")]


def write_certainty_figure(victim: VictimCertainty, stem: str | Path) -> None:
    """Write reliability and coverage under each attack as PDF, SVG and PNG.

    A second SVG, for dark pages, ends in ``-dark``; caption and LaTeX float lie beside it.

    Args:
        victim: What it shows.
        stem: Path without the ending.
    """
    save(_drawn(victim), stem)
    save(_drawn(victim, dark=True), f"{stem}-dark", (".svg",))
    write_caption(stem, _caption(victim), wide=True)


def _caption(victim: VictimCertainty) -> str:
    promised = show(victim.promised, "percent")
    return (
        f"Certainty of {victim_title(victim.victim)} on the same sentences before and under each "
        f"attack. Left: accuracy of entity tokens by confidence, in {BINS} bins; the larger a "
        "mark, the more tokens; on the diagonal confidence is right, below it there is too much of "
        "it. ECE: expected calibration error. Right: share of the tokens of each class whose "
        f"conformal prediction set, calibrated on other sentences to cover {promised} of them (the "
        "upright line), holds the true tag, with 95 % bootstrap intervals over sentences."
    )


def _drawn(victim: VictimCertainty, dark: bool = False) -> Figure:
    import matplotlib.pyplot as plt

    attacks = victim.attacks
    height = min(ROW_HEIGHT * len(attacks) + 0.5, MOST_HEIGHT)
    with style(8.0 if height < MOST_HEIGHT else 6.5, dark):
        figure, rows = plt.subplots(
            len(attacks),
            2,
            figsize=(PAGE, height),
            layout="constrained",
            squeeze=False,
            sharex="col",
        )
        colours = [look.dark if dark else look.colour for look in SERIES[:2]]
        for (left, right), (attack, each) in zip(rows, attacks.items(), strict=True):
            both = (each.before, each.after)
            _draw_reliability(left, recipe_name(attack), both, colours)
            _draw_coverage(right, both, colours, victim.promised)
        rows[-1][0].set_xlabel("confidence")
        rows[-1][1].set_xlabel("coverage")
        handles = [handle(*each) for each in zip(SERIES, colours, strict=False)]
        figure.legend(handles, ("before", "under attack"), loc="outside upper center", ncols=2)
        return figure


def _draw_reliability(
    axes: Axes, attack: str, both: Sequence[Certainty], colours: Sequence[str]
) -> None:
    axes.plot([0, 1], [0, 1], color=SOFT, linewidth=0.6)
    for each, look, colour in zip(both, SERIES, colours, strict=False):
        points = [held.confidence for held in each.bins], [held.accuracy for held in each.bins]
        axes.plot(*points, color=colour, linestyle=look.line, linewidth=1)
        areas = [4 + 40 * held.tokens / each.tokens for held in each.bins]
        axes.scatter(*points, areas, color=colour, marker=look.marker, clip_on=False)
    errors = " → ".join(show(each.calibration_error, "percent") for each in both)
    axes.set_title(f"{attack}: ECE {errors}")
    axes.set(xlim=(0, 1.02), ylim=(0, 1.02), ylabel="accuracy")


def _draw_coverage(
    axes: Axes, both: Sequence[Certainty], colours: Sequence[str], promised: float
) -> None:
    names = sorted({name for each in both for name in each.per_class})
    axes.axvline(promised, color=SOFT, linewidth=0.6)
    shifts = (-0.15, 0.15)
    for each, look, colour, shift in zip(both, SERIES, colours, shifts, strict=False):
        for place, name in enumerate(names):
            if name in each.per_class:
                found = each.per_class[name]
                axes.plot(found.coverage_interval, [place + shift] * 2, color=colour, linewidth=1)
                axes.plot(found.coverage, place + shift, look.marker, color=colour, markersize=3)
    axes.set_yticks(range(len(names)), names)
    axes.set(xlim=(0, 1.02), ylim=(len(names) - 0.5, -0.5))
