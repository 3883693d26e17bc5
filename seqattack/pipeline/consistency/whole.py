"""All that is inconsistent in a configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seqattack.files.artefacts import Kind
from seqattack.metrics.grammar.checker import LANGUAGETOOL
from seqattack.pipeline.adversarial import AdversarialConfig
from seqattack.pipeline.consistency.adversarial import adversarial_problems
from seqattack.pipeline.consistency.parts import (
    artefact_problem,
    goal_problem,
    masked_lm_problems,
    recipe_problem,
    resource_problem,
    similarity_problems,
    suite_problem,
    training_problem,
)
from seqattack.pipeline.consistency.paths import path_problems
from seqattack.pipeline.consistency.sizes import size_problems
from seqattack.pipeline.consistency.victims import list_problems, victim_problems
from seqattack.scpn.stanza_folder import STANZA


def inconsistencies(value: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each problem.

    Args:
        value: A configuration that fits the schema, with every default filled in.
    """
    robust = list(map(AdversarialConfig.of, value["adversarial_training"]))
    victims = [*value["victims"], *(each.victim(size) for each in robust for size in each.sizes)]
    recipes = {*value["attacks"]["recipes"], *(name for each in robust for name in each.attacks)}
    yield from path_problems(value)
    for index, recipe in enumerate(value["attacks"]["recipes"]):
        yield from recipe_problem(f"attacks.recipes.{index}", recipe)
    yield from goal_problem("attacks.goal", value["attacks"]["goal"])
    for index, suite in enumerate(value["noise"]["suites"]):
        yield from suite_problem(f"noise.suites.{index}", suite)
    yield from adversarial_problems(value, robust)
    yield from training_problem("training", value["training"])
    yield from list_problems(value["attacks"], victims)
    yield from masked_lm_problems(value["masked_lm"], recipes)
    for name in value["resources"]:
        yield from resource_problem(name)
    yield from victim_problems(value, victims)
    yield from similarity_problems(value["similarity"])
    for key in ("scpn", "similarity"):
        yield from artefact_problem(f"{key}.artefact", value[key].get("artefact"), Kind.ARCHIVE)
    if (value["backend"], value["device"]) == ("openvino", "cuda"):
        yield "backend: openvino runs on the processor; set device: cpu, or backend: auto"
    if "server" in value["grammar"] and value["grammar"]["backend"] != LANGUAGETOOL:
        yield "grammar.server: only languagetool has one; set grammar.backend to it"
    if "parser_path" in value["scpn"] and value["scpn"].get("parser") != STANZA:
        yield "scpn.parser_path: only stanza has one; set scpn.parser to it"
    yield from size_problems(value, robust)
