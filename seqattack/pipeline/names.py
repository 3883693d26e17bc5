"""The names of a run's parts, in its configuration, paths, tables and arguments."""

from __future__ import annotations

PICKS = "picks"
"""Where the examples of a robust victim come from that people picked."""

NAME = r"\w[\w.-]*"
"""What a recipe may be called, and with it what is called after a recipe, in paths."""

RECIPE = rf"(?!{PICKS}/){NAME}"
"""A recipe in a path, where `PICKS` may stand, too."""

MIXTURE = "mixture"
"""What examples of several recipes are called together."""

CONTINUED = "-continued"
"""What follows the name of the examples where the small victim is trained on with them."""

VICTIM = "victim"
"""The start of such a training, which otherwise is the pretrained model."""

BASELINE = "baseline"
"""The victim without adversarial examples, among those with some, in tables and arguments."""

COMPARISON, ROBUSTNESS, PUBLISHED = "comparison", "robustness", "published"
"""The experiments, which set goal and time limit: Table 1, Tables 2 and 3, Table 1 as published."""

UNDEFENDED = ("full", "small")
"""The two victims that every run has; robust ones are compared with the second."""

PUBLISHED_GOAL = "untargeted-strict-published"
"""The goal of Table 1 as published; see `seqattack.attack.goals.UntargetedStrictPublished`."""

TRACKERS = ("mlflow", "tensorboard", "wandb")
"""The experiment trackers that a finished run can be given to."""
