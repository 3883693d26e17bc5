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
