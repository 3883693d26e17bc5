"""The robustness matrix: how often each attack succeeds against each victim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from seqattack.metrics.metric import show, show_interval
from seqattack.metrics.summary import AttackSummary
from seqattack.report.names import recipe_name, victim_title


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """An attack on a victim.

    Args:
        source: Id of what stands behind it.
        rate: The attack rate; None if no sentence was attacked.
        interval: Its 95 % bootstrap interval.
        n: Attacked sentences.
        goal: The goal function.
    """

    source: str
    rate: float | None
    interval: tuple[float, float]
    n: int
    goal: str

    @property
    def text(self) -> str:
        """The attack rate as a reader sees it."""
        return show(self.rate, "percent")

    @property
    def bounds(self) -> str:
        """The interval as a reader sees it.

        >>> MatrixCell("s", 0.5, (0.375, 0.61), 64, "untargeted").bounds
        '[38, 61]'
        """
        return show_interval(self.interval, "percent")


@dataclass(frozen=True, slots=True)
class Matrix:
    """Victims × attacks.

    Args:
        attacks: The names of the columns.
        rows: By victim, a cell for each attack; None where it was not tried.
    """

    attacks: Sequence[str]
    rows: Mapping[str, Sequence[MatrixCell | None]]


def robustness_matrix(attacks: Mapping[str, AttackSummary]) -> Matrix:
    """Return how often each attack succeeds against each victim.

    An attack under another goal has a column of its own.

    Args:
        attacks: All attacks of a run by their source ids; the same sentences for all.
    """
    columns = list(dict.fromkeys((each.recipe, each.goal) for each in attacks.values()))
    victims = list(dict.fromkeys(each.victim for each in attacks.values()))
    cells = {(each.victim, each.recipe, each.goal): _cell(i, each) for i, each in attacks.items()}
    repeated = {recipe for recipe, _ in columns if sum(r == recipe for r, _ in columns) > 1}
    names = [
        f"{recipe_name(recipe)} ({goal})" if recipe in repeated else recipe_name(recipe)
        for recipe, goal in columns
    ]
    rows = {
        victim_title(victim): [cells.get((victim, *column)) for column in columns]
        for victim in victims
    }
    return Matrix(names, rows)


def _cell(source: str, summary: AttackSummary) -> MatrixCell:
    nothing = (float("nan"), float("nan"))
    interval = summary.intervals.get("attack_rate", nothing)
    return MatrixCell(source, summary.attack_rate, interval, summary.attacked, summary.goal)
