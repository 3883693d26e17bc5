"""Whether a run confirms a claim, refutes it, or is too small to say."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from seqattack.metrics.bootstrap import Floats, Interval, percentile_interval
from seqattack.metrics.metric import Value
from seqattack.report.paper import Claim
from seqattack.report.resamples import Resamples

Figures = Mapping[str, Value]
"""Figures by name: ``table/row/metric``."""


RELATIONS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
"""The relations of claims."""

SIGNIFICANT = 0.05
"""A p-value below it is called significant, as in the paper."""

LEAST = 10
"""The fewest sentences or pairs that decide a claim."""

LEAST_FOR_NO_CHANGE = 100
"""The fewest pairs that decide that a change is not significant."""


class Verdict(StrEnum):
    """What a run says of a claim."""

    HOLDS = "holds"
    FAILS = "fails"
    UNDECIDED = "not decidable"


DIFFERS = "differs between seeds"
"""What is said of a claim on which the runs of several seeds do not agree."""


def shared_verdict(values: Mapping[str, Value]) -> str:
    """Return a claim's verdict; of several seeds, the one that all have that could check it.

    Args:
        values: Those of the claim's row in the table of claims, of one run or over seeds.
    """
    if "verdict" in values:
        return str(values["verdict"])
    shared = (each for each in Verdict if values[each.name.lower()] == values["checked"])
    return next(shared, DIFFERS)


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict and what it rests on.

    Args:
        verdict: The verdict.
        interval: The 95 % interval of what is compared: left − right, or the second victim's mean −
            the first one's under a paired test; None where there is none.
    """

    verdict: Verdict
    interval: Interval | None = None


def decide(
    claim: Claim,
    sides: tuple[float, float],
    figures: Figures,
    resamples: Resamples,
    tested: tuple[float | None, Interval | None],
    n: int,
) -> Decision:
    """Return whether a run confirms a claim.

    A comparison of figures is decided if its whole interval lies on one side. A claim of a
    significant change holds if p < 0.05 and the change has the paper's direction, fails if it has
    the other one, and is not decidable if p ≥ 0.05. A claim of no such change fails where the other
    would hold, holds where the change is significant the other way, and otherwise holds if there
    are enough pairs. Few sentences or pairs decide nothing.

    Args:
        claim: The claim.
        sides: The two numbers that it compares.
        figures: The run's figures.
        resamples: The same figures on resamples.
        tested: Of a paired test, the difference and its interval.
        n: The fewest sentences or pairs behind the figures.
    """
    if claim.is_test:
        return Decision(_of_test(claim, sides[0], tested[0], n), tested[1])
    values = _resampled(claim, figures, resamples)
    low, high = (np.nan, np.nan) if values is None else percentile_interval(values)
    if low != low:
        return Decision(Verdict.UNDECIDED)
    interval = (round(low, 9), round(high, 9))
    answers = {RELATIONS[claim.relation](bound, 0.0) for bound in interval}
    if n < LEAST or len(answers) > 1:
        return Decision(Verdict.UNDECIDED, interval)
    return Decision(Verdict.HOLDS if answers == {True} else Verdict.FAILS, interval)


def _of_test(claim: Claim, p: float, difference: float | None, n: int) -> Verdict:
    if n < LEAST:
        return Verdict.UNDECIDED
    significant = p < SIGNIFICANT and difference is not None
    right_way = RELATIONS[claim.difference or "<"](difference or 0.0, 0.0)
    if claim.relation.startswith(">"):
        if significant:
            return Verdict.FAILS if right_way else Verdict.HOLDS
        return Verdict.HOLDS if n >= LEAST_FOR_NO_CHANGE else Verdict.UNDECIDED
    if not significant:
        return Verdict.UNDECIDED
    return Verdict.HOLDS if right_way else Verdict.FAILS


def _resampled(claim: Claim, figures: Figures, resamples: Resamples) -> Floats | None:
    """Return left − right on each resample; None where a figure has no resamples."""
    left = [claim.left, *([claim.minus] if claim.minus else [])]
    right: Sequence[str] = ()
    if isinstance(claim.right, tuple):
        right = [name for name in claim.right if isinstance(figures.get(name), int | float)]
    if not all(name in resamples for name in (*left, *right)):
        return None
    values = resamples[claim.left] - (resamples[claim.minus] if claim.minus else 0.0)
    if isinstance(claim.right, float):
        return values - claim.right
    hardest = np.max if claim.relation.startswith(">") else np.min
    others: Floats = hardest(np.stack([resamples[name] for name in right]), axis=0)
    return values - others
