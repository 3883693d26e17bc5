"""What the paper printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement of the paper: `left`, less `minus`, stands in `relation` to `right`.

    Args:
        section: Where the paper says it.
        says: In words.
        left: A figure, named ``table/row/metric``.
        relation: ``<``, ``<=``, ``>`` or ``>=``.
        right: A number, or figures: all those that a run has.
        minus: A figure to be subtracted from `left`.
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
        claims: What its text says, as checkable statements.
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


def table_ids(recipe: str) -> tuple[str, str]:
    """Return what the two tables on adversarial training with a recipe are called.

    The first compares the victims under attack, the second on the unattacked test set.

    >>> table_ids("bert-attack"), table_ids("clare")
    (('table3', 'table5'), ('robustness-clare', 'standard-clare'))
    """
    known = {"deepwordbug-i-5": ("table2", "table4"), "bert-attack": ("table3", "table5")}
    return known.get(recipe, (f"robustness-{recipe}", f"standard-{recipe}"))


def table_title(identity: str) -> str:
    """Return a table's name in a caption.

    >>> table_title("table3"), table_title("standard-clare")
    ('Table 3', 'standard-clare')
    """
    return f"Table {identity[5:]}" if identity.startswith("table") else identity
