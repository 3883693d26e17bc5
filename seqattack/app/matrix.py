"""The robustness matrix: the attack rate of every attack on every victim, group by group."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from seqattack.app.index import RunIndex
from seqattack.app.runs import Run
from seqattack.metrics.bootstrap import Interval
from seqattack.metrics.metric import find_metric
from seqattack.pipeline.names import BASELINE
from seqattack.report.names import recipe_name, table_ids, victim_title
from seqattack.report.paper import PaperResults, paper_results
from seqattack.report.record_tables import different_parts
from seqattack.report.tables import Column, Row, Table

RATE = find_metric("attack_rate")

GROUPS = {
    "comparison": "Attacks compared",
    "published": "Attacks as published",
    "robustness": "Robust victims",
    "training set": "Training sets",
    "imported": "Imported",
    "": "Other attacks",
}
"""What the experiments of runs are called, in the order of the page."""

COMPARES_VICTIMS = frozenset({"robustness"})
"""Experiments that compare victims, so that a low attack rate is the best."""


@dataclass(frozen=True, slots=True)
class Place:
    """A run's place in a matrix.

    Args:
        index: The run's index.
        rate: Its attack rate; None where nothing was attacked.
        interval: The rate's 95 % interval.
        paper: The paper's attack rate; None where it has none.
        is_best: Whether no other attack on the victim does better or, among victims, whether no
            other victim stands the attack better.
    """

    index: RunIndex
    rate: float | None
    interval: Interval | None
    paper: float | None
    is_best: bool


@dataclass(frozen=True, slots=True)
class Matrix:
    """The runs of one experiment.

    Args:
        key: The experiment, as it is named in addresses.
        title: Its name.
        attacks: Names of the attacks, which are the columns.
        victims: Names of the victims, which are the rows.
        places: By victim and attack, the run, if there is one.
    """

    key: str
    title: str
    attacks: tuple[str, ...]
    victims: tuple[str, ...]
    places: Mapping[tuple[str, str], Place]

    @property
    def is_upright(self) -> bool:
        """Whether attacks are better shown as rows, because they are more than the victims."""
        return len(self.attacks) > len(self.victims)

    @property
    def rule(self) -> str:
        """What is printed in bold."""
        if self.key in COMPARES_VICTIMS:
            return "bold: the lowest rate of each attack, so the most robust victim"
        return "bold: the highest rate on each victim, so the strongest attack"

    def table(self) -> Table:
        """Return the matrix as a table that can be written in any format."""
        columns = [Column(name, name, RATE.kind, RATE.direction.value) for name in self.attacks]
        caption = f"{self.title}: {RATE.heading} ({RATE.explanation}) with 95 % intervals."
        rows = [self._row(victim) for victim in self.victims]
        return Table(f"matrix-{self.key or 'other'}", caption, "Victim", columns, rows)

    def _row(self, victim: str) -> Row:
        found = {a: self.places[victim, a] for a in self.attacks if (victim, a) in self.places}
        return Row(
            victim,
            {attack: place.rate for attack, place in found.items()},
            {attack: place.paper for attack, place in found.items() if place.paper is not None},
            {attack: place.interval for attack, place in found.items() if place.interval},
            {attack: place.index.card.attacked for attack, place in found.items()},
        )


def matrices(indices: Iterable[RunIndex]) -> list[Matrix]:
    """Return the matrices of all runs, one an experiment."""
    groups: dict[str, list[RunIndex]] = {}
    for index in indices:
        groups.setdefault(index.run.experiment, []).append(index)
    order = [*GROUPS, *sorted(set(groups) - set(GROUPS))]
    return [_matrix(key, groups[key]) for key in order if key in groups]


def _matrix(key: str, indices: Sequence[RunIndex]) -> Matrix:
    paper = paper_results()
    named = _named(indices)
    rates = {names: index.card.attack_rate for names, index in named.items()}
    best = set(_best(key, {n: rate.value for n, rate in rates.items() if rate.value is not None}))
    places = {
        names: Place(
            index,
            rates[names].value,
            rates[names].interval,
            _paper_rate(paper, index.run),
            names in best,
        )
        for names, index in named.items()
    }
    return Matrix(
        key,
        GROUPS.get(key, key.capitalize()),
        tuple(dict.fromkeys(attack for _, attack in places)),
        tuple(sorted(dict.fromkeys(victim for victim, _ in places), key=_natural)),
        places,
    )


def _named(indices: Sequence[RunIndex]) -> dict[tuple[str, str], RunIndex]:
    """Return runs by victim and attack as the matrix calls them, no two runs the same."""
    alike: dict[tuple[str, str], list[RunIndex]] = {}
    for index in indices:
        alike.setdefault(_names(index.run), []).append(index)
    named = {}
    for (victim, attack), same in alike.items():
        places = different_parts([Path(index.run.key) for index in same])
        for index, place in zip(same, places, strict=True):
            named[f"{victim} ({place})" if len(same) > 1 else victim, attack] = index
    return named


def _names(run: Run) -> tuple[str, str]:
    """Return what a run's victim and attack are called, if no other run has both names."""
    victim = victim_title(run.victim) or "unknown victim"
    victim += f", seed {run.seed}" if run.seed else ""
    return victim, recipe_name(run.recipe)


def _natural(name: str) -> list[tuple[int, str]]:
    """Return a key that sorts numbers in names by their size."""
    return [(int(part) if part.isdecimal() else 0, part) for part in re.split(r"(\d+)", name)]


def _best(key: str, rates: Mapping[tuple[str, str], float]) -> Iterator[tuple[str, str]]:
    """Yield the places to print in bold: only where there is something to compare."""
    side = 1 if key in COMPARES_VICTIMS else 0
    choose = min if key in COMPARES_VICTIMS else max
    for name in {names[side] for names in rates}:
        mine = {names: rate for names, rate in rates.items() if names[side] == name}
        if len(mine) > 1:
            yield from (n for n, rate in mine.items() if rate == choose(mine.values()))


def _paper_rate(paper: PaperResults, run: Run) -> float | None:
    if run.experiment == "comparison" and run.victim == "full":
        return paper.row("table1", run.recipe).get(RATE.key)
    if run.experiment != "robustness":
        return None
    robust = re.fullmatch(r"robust-(.+)-(\d+)", run.victim)
    if robust and robust[1] != run.recipe:
        return None
    size = robust[2] if robust else BASELINE
    return paper.row(table_ids(run.recipe)[0], size).get(RATE.key)


def picture(matrix: Matrix) -> bytes:
    """Return a matrix as a PNG: a bar for each attack on each victim, with intervals."""
    import matplotlib.pyplot as plt

    from seqattack.report.figures import style
    from seqattack.report.style import SERIES, SOFT

    buffer = io.BytesIO()
    rows = [
        (f"{attack} on {victim}", matrix.places[victim, attack])
        for victim in matrix.victims
        for attack in matrix.attacks
        if (victim, attack) in matrix.places
    ]
    with style():
        figure, axes = plt.subplots(figsize=(6.5, 0.8 + 0.26 * len(rows)), layout="constrained")
        for y, (_, place) in enumerate(rows):
            if place.rate is None or place.interval is None:
                continue
            axes.barh(y, 100 * place.rate, 0.6, color=SERIES[0].colour)
            axes.plot([100 * end for end in place.interval], [y, y], color=SOFT, linewidth=1.5)
            if place.paper is not None:
                axes.plot(
                    100 * place.paper, y, "D", color="white", markeredgecolor=SERIES[1].colour
                )
        axes.set_yticks(range(len(rows)), [name for name, _ in rows], parse_math=False)
        axes.invert_yaxis()
        axes.set_xlim(0, 100)
        axes.set_xlabel(f"{RATE.heading} in percent, with 95 % intervals (diamond: the paper)")
        figure.savefig(buffer, format="png", dpi=160, metadata={"Software": None})
        plt.close(figure)
    return buffer.getvalue()
