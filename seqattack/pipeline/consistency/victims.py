"""Victims that cannot be had as they are described, and names of none."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from seqattack.errors import ModelError
from seqattack.pipeline.consistency.parts import training_problem
from seqattack.pipeline.names import UNDEFENDED
from seqattack.suggest import did_you_mean
from seqattack.victim.source import CONFIGURABLE, OPTIONS, PATH, VictimSource

TRAINED = frozenset(("sentences", "training"))
"""The keys of a victim that say how it is trained; the others are those of a ready one."""


def victim_problems(value: Mapping[str, Any], known: Sequence[str]) -> Iterator[str]:
    """Yield a line for each victim that cannot be had as it is described.

    Args:
        value: The configuration.
        known: The names of all victims, robust ones too.
    """
    victims = value["victims"]
    for name, victim in victims.items():
        if "victim" in victim:
            yield from _filter_problem(name, victims, known)
        else:
            yield from _victim_problem(f"victims.{name}", victim, value)


def _victim_problem(
    where: str, victim: Mapping[str, Any], value: Mapping[str, Any]
) -> Iterator[str]:
    ready = {key: each for key, each in victim.items() if key not in TRAINED}
    if not ready:
        yield from training_problem(f"{where}.training", victim.get("training", {}))
        return
    if "training" in victim:
        yield f"{where}.training: a ready victim is not trained; remove {', '.join(ready)} or this"
    try:
        source = VictimSource.of(json.dumps(ready))
    except ModelError as error:
        yield f"{where}: {error}"
        return
    is_pinned = source.revision or PATH in ready or os.path.isdir(source.name)
    if "revision" in OPTIONS[source.kind] and not is_pinned:
        yield f"{where}: {source.name} needs a revision, so that the run can be repeated"
    if source.kind in CONFIGURABLE:
        return
    for key, choice, how in (("precision", "bfloat16", "in"), ("backend", "openvino", "on")):
        if value[key] == choice:
            yield f"{where}: a {source.kind} victim cannot run {how} {choice}; set {key}: auto"


def _filter_problem(
    name: str, victims: Mapping[str, Mapping[str, Any]], known: Sequence[str]
) -> Iterator[str]:
    """Yield a line where a victim cannot be another one behind a filter."""
    base, where = victims[name]["victim"], f"victims.{name}.victim"
    others = sorted(victims[name].keys() - {"victim", "normalise"} - TRAINED)
    if name in UNDEFENDED:
        yield f"{where}: {name} is the start of all others; give the filtered one another name"
    if base not in known:
        yield f"{where}: there is no victim {base}{did_you_mean(base, known)}"
    elif "victim" in victims.get(base, ()):
        yield f"{where}: {base} is another victim behind a filter itself; write that one"
    if "training" in victims[name]:
        others.append("training")
    if others:
        yield f"victims.{name}: {', '.join(others)} is that of {base}; remove it here"
    if not victims[name].get("normalise"):
        yield f"{where}: without a filter it would be {base} itself; write normalise: true"


def list_problems(attacks: Mapping[str, Any], known: Sequence[str]) -> Iterator[str]:
    """Yield a line for each name of no victim."""
    for key in ("leaderboard", "defences"):
        for index, name in enumerate(attacks[key] or ()):
            if name not in known:
                hint = did_you_mean(name, known)
                yield f"attacks.{key}.{index}: there is no victim {name}{hint}"
