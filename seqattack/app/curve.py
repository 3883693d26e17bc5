"""The labels score of a live attack against its queries, as a path of an SVG."""

from __future__ import annotations

from dataclasses import dataclass

from seqattack.app.axes import Frame
from seqattack.app.live import LiveAttack

FRAME = Frame(width=480, height=150, left=44, right=14, top=12, bottom=36)


@dataclass(frozen=True, slots=True)
class Point:
    """A better example of the search.

    Args:
        x: Where it is drawn.
        y: Where it is drawn.
        queries: Its queries.
        labels_score: Its labels score.
        text: Its text.
    """

    x: float
    y: float
    queries: int
    labels_score: float
    text: str


@dataclass(frozen=True, slots=True)
class ScoreCurve:
    """The drawn course of a search.

    Args:
        path: The labels score from the first query to the last one so far.
        points: Its steps.
        last: The number at the end of the horizontal axis: the most queries.
    """

    path: str
    points: tuple[Point, ...]
    last: int


def draw_curve(attack: LiveAttack) -> ScoreCurve | None:
    """Return the course of an attack; None before the victim has tagged the sentence."""
    if attack.labels_score_before is None:
        return None
    last = max(attack.queries, 2)
    points = tuple(
        Point(
            _x(step.queries, last),
            FRAME.y(step.labels_score),
            step.queries,
            step.labels_score,
            " ".join(step.text.tokens),
        )
        for step in attack.steps
    )
    path = f"M{_x(1, last):.1f},{FRAME.y(attack.labels_score_before):.1f}"
    path += "".join(f"H{point.x:.1f}V{point.y:.1f}" for point in points)
    return ScoreCurve(f"{path}H{_x(last, last):.1f}", points, last)


def _x(queries: int, last: int) -> float:
    return FRAME.x((queries - 1) / (last - 1))
