"""What the paper printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

import yaml


@dataclass(frozen=True, slots=True)
class PaperResults:
    """The paper's figures.

    Args:
        tables: By table (``table1`` ...), row and metric; percentages as fractions.
        p_values: By recipe, first victim, second victim and metric.
    """

    tables: Mapping[str, Mapping[str, Mapping[str, float]]]
    p_values: Mapping[tuple[str, str, str, str], float]

    def row(self, table: str, row: str) -> Mapping[str, float]:
        """Return the metrics of a row; empty where the paper has no such row."""
        return self.tables.get(table, {}).get(row, {})


def paper_results() -> PaperResults:
    """Return the paper's figures (``seqattack/paper-results.yaml``).

    Example:
        >>> paper_results().row("table1", "deepwordbug-i-5")["attack_rate"]
        0.78
    """
    text = (resources.files("seqattack") / "paper-results.yaml").read_text(encoding="utf-8")
    value = yaml.safe_load(text)
    p_values = {
        (each["recipe"], each["a"], each["b"], each["metric"]): float(each["p"])
        for each in value.pop("p_values")
    }
    return PaperResults(value, p_values)


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
