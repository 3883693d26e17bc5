"""Certainty under attack as tables and a figure; see `seqattack.metrics.certainty`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from seqattack.metrics.certainty import BINS, AttackCertainty, Certainty, VictimCertainty
from seqattack.metrics.metric import show
from seqattack.report.figures import PAGE, handle, save, style, write_caption
from seqattack.report.names import recipe_name, victim_title
from seqattack.report.style import SERIES, SOFT
from seqattack.report.tables import Row, Table, columns_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MEASURES = ("calibration_error", "coverage", "set_size")

CERTAINTY_COLUMNS = columns_of(
    *(key for name in _MEASURES for key in (f"{name}_before", name)), "entity_tokens"
)
"""The columns of the table of certainty."""

CLASS_COLUMNS = columns_of(
    "coverage_before", "coverage", "set_size_before", "set_size", "class_tokens"
)
"""The columns of the table of certainty by class."""

ROW_HEIGHT, MOST_HEIGHT = 1.5, 8.6
"""Inches of an attack in the figure, and of the whole figure: an ACL page less its caption."""


AttackSources = Mapping[tuple[str, str], str]
"""By victim and recipe, the source id of the attack in the report."""


def certainty_table(
    victims: Sequence[VictimCertainty], sources: AttackSources = MappingProxyType({})
) -> Table:
    """Return calibration error, coverage and set size before and under each attack.

    Args:
        victims: At least one; all promise the same coverage.
        sources: What stands behind the rows; a test set's are all attacks on its victim.
    """
    rows = [row for each in victims for row in _rows(each, sources)]
    caption = (
        f"{_promise(victims)} Over entity tokens of the attacked sentences, before the attack and "
        "with each success replaced by its adversarial example. The whole test set, where it has a "
        "row, is not attacked: its figures are the same twice. A run attacks sentences that "
        "NERfull tags well, so before the attack they are covered more often than the test set. "
        "The long table has 95 % bootstrap intervals over sentences."
    )
    return Table("certainty", caption, "Victim: attack", CERTAINTY_COLUMNS, rows)


def certainty_classes_table(
    victims: Sequence[VictimCertainty], sources: AttackSources = MappingProxyType({})
) -> Table:
    """Return coverage and set size of each class before and under each attack.

    Args:
        victims: At least one; all promise the same coverage.
        sources: What stands behind the rows.
    """
    rows = [
        Row(
            f"{victim_title(victim.victim)}: {recipe_name(attack)}: {name}",
            {
                "coverage_before": before.coverage if before else None,
                "coverage": after.coverage,
                "set_size_before": before.set_size if before else None,
                "set_size": after.set_size,
                "class_tokens": after.tokens,
            },
            intervals={"coverage": after.coverage_interval}
            | ({"coverage_before": before.coverage_interval} if before else {}),
            key=f"{victim.victim}/{attack}/{name}",
            sources=_behind(victim.victim, [attack], sources),
        )
        for victim in victims
        for attack, each in victim.attacks.items()
        for name, after in each.after.per_class.items()
        for before in [each.before.per_class.get(name)]
    ]
    caption = f"{_promise(victims)} Over the tokens of each class, O included."
    return Table("certainty-classes", caption, "Victim: attack: class", CLASS_COLUMNS, rows)


def _promise(victims: Sequence[VictimCertainty]) -> str:
    promised = show(victims[0].promised, "percent")
    return (
        "How far a victim's probabilities can be trusted. Prediction sets are calibrated on "
        "sentences that are not attacked (in a run, the dev set) to hold the true tag of "
        f"{promised} of the tokens of each class (split conformal, a threshold for each class)."
    )


def _behind(victim: str, attacks: Iterable[str], sources: AttackSources) -> list[str]:
    return [sources[victim, each] for each in attacks if (victim, each) in sources]


def _rows(victim: VictimCertainty, sources: AttackSources) -> Iterator[Row]:
    title = victim_title(victim.victim)
    texts = {f"{title}: {recipe_name(name)}": (name, each) for name, each in victim.attacks.items()}
    if victim.unattacked is not None:
        whole = AttackCertainty(victim.unattacked, victim.unattacked)
        texts = {f"{title}: test set, unattacked": ("test", whole), **texts}
    for label, (name, each) in texts.items():
        old, bounds = _figures("_before", each.before)
        new, further = _figures("", each.after)
        yield Row(
            label,
            old | new | {"entity_tokens": each.after.tokens},
            intervals=bounds | further,
            key=f"{victim.victim}/{name}",
            sources=_behind(victim.victim, victim.attacks if name == "test" else [name], sources),
        )


def _figures(ending: str, each: Certainty) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the figures and the intervals of one text set, by column."""
    values = {f"{key}{ending}": getattr(each, key) for key in _MEASURES}
    bounds = {f"{key}{ending}": getattr(each, f"{key}_interval") for key in _MEASURES}
    return values, {key: found for key, found in bounds.items() if found is not None}


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
        "upright line), holds the true tag, with 95% bootstrap intervals over sentences."
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
