"""The room of a chart in its SVG, and the numbers at its axis."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Frame:
    """An SVG, and the margins around what is drawn in it.

    Args:
        width: Of the whole.
        height: Of the whole.
        left: The margin before the horizontal axis.
        right: The margin behind it.
        top: The margin above the vertical axis.
        bottom: The margin below it.
    """

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float

    @property
    def across(self) -> float:
        """The length of the horizontal axis."""
        return self.width - self.left - self.right

    @property
    def up(self) -> float:
        """The length of the vertical axis."""
        return self.height - self.top - self.bottom

    def x(self, share: float) -> float:
        """Return the place at a share of the horizontal axis, from the left."""
        return self.left + self.across * share

    def y(self, share: float) -> float:
        """Return the place at a share of the vertical axis, from below."""
        return self.height - self.bottom - self.up * share


@dataclass(frozen=True, slots=True)
class Tick:
    """A number at an axis.

    Args:
        x: Where it is drawn.
        text: The number.
        anchor: Which of its ends is there, so that it is not cut off.
    """

    x: float
    text: str
    anchor: str
