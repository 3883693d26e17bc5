"""Names and settings that a single key gives, wherever it stands."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from seqattack.attack.goals import find_goal
from seqattack.attack.recipes.recipe import base_recipe
from seqattack.attack.recipes.registry import find_recipe
from seqattack.attack.resources.registry import OWN, find_resource
from seqattack.errors import ConfigError, RecipeError
from seqattack.files.artefacts import Kind, find_artefact
from seqattack.perturbations.suites import find_suite
from seqattack.pipeline.names import NAME, PICKS
from seqattack.sentence_encoder.settings import USE
from seqattack.suggest import did_you_mean
from seqattack.victim.settings import TrainingSettings

RESOURCE_KEYS = {
    "masked-lm": "masked_lm",
    "similarity": "similarity",
    "entities": "corpus",
    "distractors": "corpus",
    "paraphraser": "scpn",
}
"""The keys that describe the project's own resources; those of the corpus may be others."""


def recipe_problem(where: str, name: str) -> Iterator[str]:
    """Yield a line where there is no recipe of a name, or its name cannot be part of paths."""
    try:
        find_recipe(name)
    except RecipeError as error:
        yield f"{where}: {error}"
        return
    if name == PICKS or not re.fullmatch(NAME, name):
        yield (
            f"{where}: files cannot be called after a recipe {name!r}; its package must give it "
            "another name, of letters, digits and . _ -"
        )


def goal_problem(where: str, name: str) -> Iterator[str]:
    """Yield a line where there is no goal of a name."""
    try:
        find_goal(name)
    except RecipeError as error:
        yield f"{where}: {error}"


def suite_problem(where: str, name: str) -> Iterator[str]:
    """Yield a line where there is no suite of noise of a name."""
    try:
        find_suite(name)
    except ConfigError as error:
        yield f"{where}: {error}"


def training_problem(where: str, training: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line where noise or an attack on embeddings is not as it must be."""
    for key in ("noise", "embedding_attack"):
        try:
            own: dict[str, Any] = {key: training.get(key)}
            TrainingSettings(**own)
        except ConfigError as error:
            yield f"{where}.{error}"


def masked_lm_problems(names: Iterable[str], recipes: Collection[str]) -> Iterator[str]:
    """Yield a line for each masked LM that no attack uses.

    Args:
        names: The entries of ``masked_lm``.
        recipes: All recipes of the run.
    """
    known = {"default", *recipes, *map(base_recipe, recipes)}
    for name in sorted(set(names) - known):
        yield (
            f"masked_lm.{name}: no attack of this configuration has that name"
            f"{did_you_mean(name, ['default', *sorted(known - {'default'})])}"
        )


def similarity_problems(similarity: Mapping[str, str]) -> Iterator[str]:
    """Yield a line for each key that the sentence encoder does not have, or lacks."""
    model = similarity.get("model")
    if similarity["backend"] == USE:
        if "revision" in similarity:
            yield "similarity.revision: only sentence-transformers has one; remove it"
        if {"model", "artefact"} <= similarity.keys():
            yield "similarity: model and artefact are both given; keep one"
    else:
        if "revision" in similarity and "model" not in similarity:
            yield "similarity.revision: the embedded model has none; set similarity.model too"
        if "artefact" in similarity:
            yield "similarity.artefact: only use takes one; remove it"
        if model is not None and "revision" not in similarity and not os.path.isdir(model):
            yield (
                f"similarity.model: there is no folder {model}; a model on the hub needs its "
                "commit as similarity.revision"
            )


def artefact_problem(where: str, name: str | None, kind: Kind) -> Iterator[str]:
    """Yield a line where there is no artefact of a name, or it is of another kind.

    Args:
        where: The key.
        name: The artefact's; None where none is given.
        kind: Which is needed.
    """
    try:
        artefact = find_artefact(name) if name is not None else None
    except ConfigError as error:
        yield f"{where}: {error}"
        return
    if artefact is not None and artefact.kind != kind:
        yield f"{where}: {name} is a {artefact.kind}, and one of kind {kind} is needed"


def resource_problem(name: str) -> Iterator[str]:
    """Yield a line where there is no resource of a name, or another key describes it."""
    if name in OWN and RESOURCE_KEYS[name] != "corpus":
        key = RESOURCE_KEYS[name]
        yield f"resources.{name}: it is described by the key {key}; remove it here"
        return
    try:
        find_resource(name)
    except RecipeError as error:
        yield f"resources.{name}: {error}"
