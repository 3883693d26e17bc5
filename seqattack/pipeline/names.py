"""The names of a run's parts, in its configuration, paths, tables and arguments."""

from __future__ import annotations

PICKS = "picks"
"""Where the examples of a robust victim come from that people picked."""

BASELINE = "baseline"
"""The victim without adversarial examples, among those with some, in tables and arguments."""

COMPARISON, ROBUSTNESS = "comparison", "robustness"
"""The experiments, which set goal and time limit: Table 1, and Tables 2 and 3."""

UNDEFENDED = ("full", "small")
"""The victims that are not trained on adversarial examples."""
