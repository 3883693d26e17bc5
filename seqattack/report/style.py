"""One look for figures, report and application: each class of entities has a colour and a shape.

Colours alone never carry a meaning: a class has a shape (of its border or its marker) and its name
beside it, and a series has a line style. The strong colours of the four classes of CoNLL-2003
differ in lightness, so they stay apart in print without colours, and for all kinds of vision. What
recipes, victims and tables are called is in `seqattack.report.names`; figures are shown by
`seqattack.metrics.metric.show`.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from typing import Literal


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour in both themes.

    Args:
        tint: Behind text, in light mode.
        edge: Around text, and of lines and marks, in light mode.
        dark_tint: Behind text, in dark mode.
        dark_edge: Around text, and of lines and marks, in dark mode.
    """

    tint: str
    edge: str
    dark_tint: str
    dark_edge: str


@dataclass(frozen=True, slots=True)
class Shape:
    """The shape of a class.

    Args:
        css: How the border around its tokens looks on a page.
        line: matplotlib's line style of that border.
        rounding: How round its corners are, as a share of half the height.
        marker: matplotlib's marker of its points.
    """

    css: str
    line: str
    rounding: float
    marker: str


@dataclass(frozen=True, slots=True)
class Series:
    """The look of a curve: of a victim or an attack.

    Args:
        colour: Its colour in light mode.
        dark: Its colour in dark mode.
        line: matplotlib's line style.
        marker: matplotlib's marker of its points.
    """

    colour: str
    dark: str
    line: Literal["solid", "dashed", "dashdot", "dotted"]
    marker: str


@dataclass(frozen=True, slots=True)
class Look:
    """The look of a class: places in `COLOURS` and `SHAPES`."""

    colour: int
    shape: int

    @property
    def css(self) -> str:
        """The style classes of its tokens on a page; see `palette_css`.

        >>> class_looks(["PER"])["PER"].css
        'colour-0 shape-0'
        """
        return f"colour-{self.colour} shape-{self.shape}"


COLOURS = (
    Colour("#cde6f5", "#0b4a80", "#17405a", "#4493d6"),
    Colour("#ffe3b0", "#b85f00", "#4c390d", "#f2ac4a"),
    Colour("#cfeadf", "#006650", "#184332", "#3cb58a"),
    Colour("#f6d3e4", "#d873ad", "#562940", "#f9c8e2"),
    Colour("#fbf6b8", "#94901f", "#433f0d", "#e6e07a"),
    Colour("#e3daf2", "#6a3fa0", "#3f3160", "#a58ae6"),
    Colour("#e2e2e2", "#5a5a5a", "#3b3e44", "#b5b5b5"),
)
"""The colours of classes; every text colour of the pages is readable on every tint."""

SHAPES = (
    Shape("border-radius: 4px; border-style: solid;", "solid", 0.35, "o"),
    Shape("border-radius: 999px; border-style: solid;", "solid", 1.0, "s"),
    Shape("border-radius: 0; border-style: dashed;", "dashed", 0.0, "^"),
    Shape("border-radius: 0 9px 0 9px; border-style: dotted;", "dotted", 0.7, "D"),
)
"""The shapes of classes."""

SERIES = (
    Series("#0072b2", "#56b4e9", "solid", "o"),
    Series("#b84a00", "#f0905a", "dashed", "s"),
    Series("#00664d", "#4fbf95", "dashdot", "^"),
    Series("#a3517c", "#dd8bb6", "dotted", "D"),
)
"""The looks of curves; the undefended victim has the first, a robust one the second."""

RED, DARK_RED = "#b80000", "#ff8a80"
"""The colour of what an attack changed, of what the victim got wrong, and of claims that fail."""

GREEN, DARK_GREEN = "#0b6b3a", "#6fd39b"
"""The colour of what was accepted and of claims that hold, in both themes."""

INK, SOFT = "#16181d", "#565c66"
"""The colours of text and of notes in figures."""

CLASSES = {
    **dict.fromkeys(("PER", "PERSON"), Look(0, 0)),
    **dict.fromkeys(("ORG", "ORGANIZATION", "ORGANISATION"), Look(1, 1)),
    **dict.fromkeys(("LOC", "LOCATION"), Look(2, 2)),
    "MISC": Look(3, 3),
    "FAC": Look(2, 1),
    "GPE": Look(2, 0),
    "NORP": Look(3, 0),
    "LANGUAGE": Look(3, 1),
    "PRODUCT": Look(4, 0),
    "EVENT": Look(4, 1),
    "WORK_OF_ART": Look(4, 2),
    "LAW": Look(4, 3),
    "DATE": Look(5, 0),
    "TIME": Look(5, 1),
    "ORDINAL": Look(5, 2),
    "CARDINAL": Look(5, 3),
    "PERCENT": Look(6, 0),
    "MONEY": Look(6, 1),
    "QUANTITY": Look(6, 2),
}
"""The looks of the classes of CoNLL-2003 and OntoNotes, the same in every run."""

_ALL = tuple(
    Look(colour, shape) for shape, colour in product(range(len(SHAPES)), range(len(COLOURS)))
)


def class_looks(labels: Iterable[str]) -> dict[str, Look]:
    """Return the look of each class of a run.

    A class of `CLASSES` always has the look that stands there. Any other has one that follows from
    its name, or, where that is taken, the next one that is free. So a class looks the same whatever
    other classes a figure shows, as long as all are given the classes of the whole run.

    Args:
        labels: The classes of the run, without ``B-`` and ``I-``; in any order, also repeated.

    >>> looks = class_looks(["MISC", "PER", "Disease"])
    >>> looks["PER"] == class_looks(["PER"])["PER"]
    True
    """
    found: dict[str, Look] = {}
    names = sorted(set(labels), key=lambda label: (label.upper() not in CLASSES, label))
    for label in names:
        wanted = CLASSES.get(label.upper()) or _ALL[zlib.crc32(label.encode()) % len(_ALL)]
        first = _ALL.index(wanted)
        order = (*_ALL[first:], *_ALL[:first])
        taken = set(found.values())
        found[label] = next((look for look in order if look not in taken), wanted)
    return found


def palette_css() -> str:
    """Return the style rules of all classes and series, for both themes.

    A token has the style classes of `Look.css`. The variables are ``--tint-K`` and ``--edge-K`` of
    `COLOURS`, ``--series-K`` of `SERIES`, ``--red`` and ``--green``.
    """
    light, dark = {"red": RED, "green": GREEN}, {"red": DARK_RED, "green": DARK_GREEN}
    for k, series in enumerate(SERIES):
        light[f"series-{k}"], dark[f"series-{k}"] = series.colour, series.dark
    for k, colour in enumerate(COLOURS):
        light |= {f"tint-{k}": colour.tint, f"edge-{k}": colour.edge}
        dark |= {f"tint-{k}": colour.dark_tint, f"edge-{k}": colour.dark_edge}
    colours = (
        f".colour-{k} {{ background: var(--tint-{k}); border-color: var(--edge-{k}); }}"
        for k in range(len(COLOURS))
    )
    shapes = (f".shape-{k} {{ {shape.css} }}" for k, shape in enumerate(SHAPES))
    dark_rule = f"@media screen and (prefers-color-scheme: dark) {{ {_root(dark)} }}"
    return "\n".join((_root(light), dark_rule, *colours, *shapes, ""))


def _root(values: dict[str, str]) -> str:
    return f":root {{ {' '.join(f'--{name}: {value};' for name, value in values.items())} }}"
