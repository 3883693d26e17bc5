"""Entries of ``adversarial_training`` that are not possible, or not together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from seqattack.pipeline.adversarial import AdversarialConfig
from seqattack.pipeline.consistency.parts import (
    goal_problem,
    recipe_problem,
    training_problem,
)
from seqattack.pipeline.consistency.victims import TRAINED
from seqattack.victim.source import PATH


def adversarial_problems(
    value: Mapping[str, Any], entries: Sequence[AdversarialConfig]
) -> Iterator[str]:
    """Yield a line for each problem of an entry, or of two that do not agree.

    Args:
        value: The configuration.
        entries: Its entries of ``adversarial_training``.
    """
    yield from _each(entries)
    yield from _start_problems(value, entries)
    for index, entry in enumerate(entries):
        yield from training_problem(f"adversarial_training.{index}.training", entry.training)


def _each(entries: Sequence[AdversarialConfig]) -> Iterator[str]:
    seen: list[AdversarialConfig] = []
    for index, entry in enumerate(entries):
        where = f"adversarial_training.{index}"
        for recipe in entry.attacks:
            within = f"recipes.{recipe}" if recipe in (entry.recipes or ()) else "recipe"
            yield from recipe_problem(f"{where}.{within}", recipe)
        yield from goal_problem(f"{where}.goal", entry.goal)
        yield from _name_problems(where, entry)
        if any(entry.source == other.source for other in seen):
            keys = ("name", "recipes", "picks", "recipe")
            key = next(each for each in keys if getattr(entry, each))
            cure = "list all sizes in one entry, or give one of them a name"
            yield f"{where}.{key}: {entry.source} comes twice; {cure}"
        for other in seen:
            yield from _differences(where, entry, other)
        seen.append(entry)
        sizes = list(entry.sizes)
        if sizes != sorted(set(sizes)):
            yield f"{where}.sizes: {sizes} must rise, such as {sorted(set(sizes))}"
        for size in sizes:
            if size % entry.step:
                cure = f"write multiples of {entry.step}"
                yield f"{where}.sizes: {size} does not keep the proportions of recipes; {cure}"


def _name_problems(where: str, entry: AdversarialConfig) -> Iterator[str]:
    if entry.recipes and entry.picks:
        yield f"{where}: recipes and picks are both given; make two entries"
    if entry.name and not list(recipe_problem("", entry.name)):
        yield f"{where}.name: {entry.name} is the name of a recipe; write another one"


def _differences(where: str, one: AdversarialConfig, other: AdversarialConfig) -> Iterator[str]:
    """Yield a line where two entries want other things of what they share."""
    for recipe in sorted({*one.attacks} & {*other.attacks}):
        if (one.goal, one.timeout) != (other.goal, other.timeout):
            yield (
                f"{where}: goal and timeout must be those of the other entry with {recipe}: "
                f"goal: {other.goal}, timeout: {other.timeout}"
            )
    if {*one.origins} & {*other.origins}:
        for key in ("picks", "allow_test_sentences", "minimal"):
            if getattr(one, key) != getattr(other, key):
                shared = ", ".join(sorted({*one.origins} & {*other.origins}))
                yield (
                    f"{where}.{key}: must be that of the other entry with {shared}, which has "
                    f"the same examples: {getattr(other, key)}"
                )


def _start_problems(
    value: Mapping[str, Any], entries: Sequence[AdversarialConfig]
) -> Iterator[str]:
    """Yield a line for each training that cannot start from the small victim."""
    small = value["victims"]["small"]
    ready = small.keys() - TRAINED
    is_trainable = not value["labels"] and ready <= {PATH, "transformers", "revision"}
    for index, entry in enumerate(entries):
        if entry.is_continued and ready and not is_trainable:
            yield (
                f"adversarial_training.{index}.start: victims.small cannot be trained on; it must "
                "be trained here, or be a ready model of transformers that knows the corpus's "
                "classes without labels, tags or normalise"
            )
