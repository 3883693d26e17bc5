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
        left: A figure, named ``table/row/metric``.
        relation: ``<``, ``<=``, ``>`` or ``>=``.
        right: A number, or figures; the claim must hold for all of them that a run has.
        minus: A figure to subtract from `left`.
    """

    section: str
    says: str
    left: str
    relation: str
    right: float | tuple[str, ...]
    minus: str | None = None


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
