"""How far two reviewers agree (Cohen, 1960)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from seqattack.pipeline.picks import Picks


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two reviewers' decisions about the examples that both decided.

    Args:
        first: A reviewer's name.
        second: Another one's.
        count: Examples that both decided.
        same: Those on which they agree.
        kappa: Cohen's kappa, in [-1, 1]; None without an example, or where both give every example
            one and the same decision, so that chance explains everything.
    """

    first: str
    second: str
    count: int
    same: int
    kappa: float | None


def agreements(picks: Picks) -> Iterator[Agreement]:
    """Yield the agreement of every two reviewers who have decided something."""
    for first, second in combinations(picks.reviewers, 2):
        yield _agreement(picks, first, second)


def _agreement(picks: Picks, first: str, second: str) -> Agreement:
    from sklearn.metrics import cohen_kappa_score

    sides = [
        {(p.run, p.id): p.decision.value for p in picks.decided if p.reviewer == name}
        for name in (first, second)
    ]
    both = [key for key in sides[0] if key in sides[1]]
    one, other = ([side[key] for key in both] for side in sides)
    kappa = cohen_kappa_score(one, other) if len({*one, *other}) > 1 else None
    same = sum(a == b for a, b in zip(one, other, strict=True))
    return Agreement(first, second, len(both), same, None if kappa is None else float(kappa))
