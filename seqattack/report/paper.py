"""The figures and claims that the paper printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement of the paper as a comparison: `left` − `minus` `relation` `right`.

    Args:
        section: Where the paper says it.
        says: The statement in words.
        quote: The paper's own words.
        left: A figure, named ``table/row/metric``.
        relation: ``<``, ``<=``, ``>`` or ``>=``.
        right: A number, or figures; the claim must hold for all of them that a run has.
        minus: A figure to subtract from `left`.
        difference: Where `left` is a p-value: ``<`` or ``>``, whether the second victim's mean is
            the lower or the higher one if the claimed (or denied) change took place.
    """

    section: str
    says: str
    quote: str
    left: str
    relation: str
    right: float | tuple[str, ...]
    minus: str | None = None
    difference: str | None = None

    @property
    def is_test(self) -> bool:
        """Whether it is about a p-value."""
        return self.left.endswith("/p")

    @property
    def figures(self) -> tuple[str, ...]:
        """The names of the figures that it compares."""
        right = self.right if isinstance(self.right, tuple) else ()
        return (self.left, *([self.minus] if self.minus else []), *right)


@dataclass(frozen=True, slots=True)
class PaperResults:
    """The paper's figures.

    Args:
        tables: By table (``table1`` ...), row and metric; percentages as fractions.
        p_values: By recipe, first victim, second victim and metric.
        claims: Statements of its text that a run can be checked against.
    """

    tables: Mapping[str, Mapping[str, Mapping[str, float]]]
    p_values: Mapping[tuple[str, str, str, str], float]
    claims: Sequence[Claim]

    def row(self, table: str, row: str) -> Mapping[str, float]:
        """Return the metrics of a row; empty where the paper has no such row."""
        return self.tables.get(table, {}).get(row, {})


def paper_results() -> PaperResults:
    """Return the paper's figures (``paper-results.yaml``).

    Example:
        >>> paper_results().row("table1", "deepwordbug-i-5")["attack_rate"]
        0.78
    """
    text = (resources.files("seqattack.report") / "paper-results.yaml").read_text(encoding="utf-8")
    value = yaml.safe_load(text)
    p_values = {
        (each["recipe"], each["a"], each["b"], each["metric"]): float(each["p"])
        for each in value.pop("p_values")
    }
    claims = [_claim(each) for each in value.pop("claims")]
    return PaperResults(value, p_values, claims)


def _claim(value: Mapping[str, Any]) -> Claim:
    right = value["right"]
    if isinstance(right, str):
        right = [right]
    return Claim(**{**value, "right": tuple(right) if isinstance(right, list) else float(right)})
