"""The names of a run's parts, in its configuration, paths, tables and arguments."""

from __future__ import annotations

PICKS = "picks"
"""Where the examples of a robust victim come from that people picked."""

BASELINE = "baseline"
"""The victim without adversarial examples, among those with some, in tables and arguments."""

COMPARISON, ROBUSTNESS, PUBLISHED = "comparison", "robustness", "published"
"""The experiments, which set goal and time limit: Table 1, Tables 2 and 3, Table 1 as published."""

UNDEFENDED = ("full", "small")
"""The victims that are not trained on adversarial examples."""

PUBLISHED_GOAL = "untargeted-strict-published"
"""The goal of Table 1 as published; see `seqattack.attack.goals.UntargetedStrictPublished`."""

TRACKERS = ("mlflow", "tensorboard", "wandb")
"""The experiment trackers that a finished run can be given to."""
