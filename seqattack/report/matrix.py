"""The robustness matrix: how often each attack succeeds against each victim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

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
    """Victims, and the attacks that were tried on any of them.

    Args:
        goal: The goal function of all attacks; empty if they have several, which their names tell.
        victims: Their names.
        attacks: Their names.
        cells: By victim and attack, where it was tried.
    """

    goal: str
    victims: Sequence[str]
    attacks: Sequence[str]
    cells: Mapping[tuple[str, str], MatrixCell]

    @property
    def is_upright(self) -> bool:
        """Whether the attacks are the rows, because they are more than the victims."""
        return len(self.attacks) > len(self.victims)

    @property
    def columns(self) -> Sequence[str]:
        """The names of the columns."""
        return self.victims if self.is_upright else self.attacks

    @property
    def rows(self) -> dict[str, list[MatrixCell | None]]:
        """By the names of the rows, a cell for each column; None where there is nothing."""
        if self.is_upright:
            return {a: [self.cells.get((v, a)) for v in self.victims] for a in self.attacks}
        return {v: [self.cells.get((v, a)) for a in self.attacks] for v in self.victims}


def robustness_matrices(attacks: Mapping[str, AttackSummary]) -> list[Matrix]:
    """Return how often each attack succeeds against each victim.

    Victims that share no attack stand in matrices of their own, since a single one would be mostly
    empty. An attack under another goal is another attack.

    Args:
        attacks: All attacks of a run by their source ids; the same sentences for all.
    """
    groups: list[list[str]] = []
    for source, summary in attacks.items():
        joined = [group for group in groups if any(_meet(attacks[i], summary) for i in group)]
        groups = [group for group in groups if group not in joined]
        groups.append([*chain.from_iterable(joined), source])
    order = list(attacks)
    found = sorted(sorted(map(order.index, group)) for group in groups)
    return [_matrix({order[place]: attacks[order[place]] for place in group}) for group in found]


def _meet(one: AttackSummary, other: AttackSummary) -> bool:
    """Whether two attacks are of the same victim, or the same attack."""
    same_attack = (one.recipe, one.goal) == (other.recipe, other.goal)
    return one.victim == other.victim or same_attack


def _matrix(attacks: Mapping[str, AttackSummary]) -> Matrix:
    pairs = dict.fromkeys((each.recipe, each.goal) for each in attacks.values())
    goals = {goal for _, goal in pairs}
    names = {
        (recipe, goal): recipe_name(recipe) + (f" ({goal})" if len(goals) > 1 else "")
        for recipe, goal in pairs
    }
    cells = {
        (victim_title(each.victim), names[each.recipe, each.goal]): _cell(source, each)
        for source, each in attacks.items()
    }
    victims = list(dict.fromkeys(victim for victim, _ in cells))
    return Matrix(goals.pop() if len(goals) == 1 else "", victims, list(names.values()), cells)


def _cell(source: str, summary: AttackSummary) -> MatrixCell:
    nothing = (float("nan"), float("nan"))
    interval = summary.intervals.get("attack_rate", nothing)
    return MatrixCell(source, summary.attack_rate, interval, summary.attacked, summary.goal)
