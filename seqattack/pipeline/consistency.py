"""What a configuration's keys must agree on, which its schema cannot say."""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from seqattack.attack.recipes.recipe import base_recipe
from seqattack.attack.recipes.registry import find_recipe
from seqattack.attack.resources.registry import OWN, find_resource
from seqattack.checks import LARGEST
from seqattack.errors import ConfigError, ModelError, RecipeError
from seqattack.files.artefacts import Kind, find_artefact
from seqattack.metrics.grammar.checker import LANGUAGETOOL
from seqattack.pipeline.names import PICKS
from seqattack.scpn.stanza_folder import STANZA
from seqattack.sentence_encoder.settings import USE
from seqattack.suggest import did_you_mean
from seqattack.text import clipped
from seqattack.victim.source import OPTIONS, PATH, VictimSource

RESOURCE_KEYS = {
    "masked-lm": "masked_lm",
    "similarity": "similarity",
    "entities": "corpus",
    "distractors": "corpus",
    "paraphraser": "scpn",
}
"""The keys that describe the project's own resources; those of the corpus may be others."""


PATHS = frozenset(
    ("results", "figures", "logs", "train", "dev", "test", "path", "picks", "parser_path")
)
"""The keys that name files or folders of the user's."""

FOLDERS = frozenset(("results", "figures", "logs"))
"""Those that name folders to be made."""

_UNLISTED = frozenset(("Cc", "Cs", "Zl", "Zp"))
"""Unicode's categories of control characters, bytes that are no text, and breaks of lines."""


def inconsistencies(value: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each problem.

    Args:
        value: A configuration that fits the schema, with every default filled in.
    """
    yield from _path_problems(value)
    for index, entry in enumerate(value["adversarial_training"]):
        yield from _path_problems(entry, f"adversarial_training.{index}.")
    for index, recipe in enumerate(value["attacks"]["recipes"]):
        yield from _recipe_problem(f"attacks.recipes.{index}", recipe)
    yield from _adversarial_problems(value["adversarial_training"])
    yield from _leaderboard_problems(value)
    recipes = {*value["attacks"]["recipes"], *(e["recipe"] for e in value["adversarial_training"])}
    recipes |= set(map(base_recipe, recipes))
    for name in sorted(set(value["masked_lm"]) - recipes - {"default"}):
        yield (
            f"masked_lm.{name}: no attack of this configuration has that name"
            f"{did_you_mean(name, ['default', *sorted(recipes)])}"
        )
    for name in value["resources"]:
        yield from _resource_problem(name)
    for name, victim in value["victims"].items():
        yield from _victim_problem(f"victims.{name}", victim)
    yield from _similarity_problems(value["similarity"])
    for key in ("scpn", "similarity"):
        yield from _artefact_problem(f"{key}.artefact", value[key].get("artefact"), Kind.ARCHIVE)
    if "server" in value["grammar"] and value["grammar"]["backend"] != LANGUAGETOOL:
        yield "grammar.server: only languagetool has one; set grammar.backend to it"
    if "parser_path" in value["scpn"] and value["scpn"].get("parser") != STANZA:
        yield "scpn.parser_path: only stanza has one; set scpn.parser to it"
    yield from _too_many(value, value["corpus"].get("newswire") or {})


def name_problem(where: str, path: str) -> Iterator[str]:
    """Yield a line where a path has a character that Snakemake or a list of paths cannot hold.

    Args:
        where: What the path is of.
        path: The path.
    """
    if "{" in path or "}" in path:
        yield f"{where}: {path} has a brace, which Snakemake takes for a placeholder; rename it"
    elif any(unicodedata.category(character) in _UNLISTED for character in path):
        yield (
            f"{where}: {clipped(path, 200)} has a line break, another control character "
            "or bytes that are not UTF-8; rename it"
        )


def _path_problems(value: Any, where: str = "") -> Iterator[str]:
    """Yield a line for each path that cannot be used."""
    for name, each in value.items() if isinstance(value, Mapping) else ():
        if name in PATHS and isinstance(each, str):
            yield from _path_problem(f"{where}{name}", each, name in FOLDERS)
        yield from _path_problems(each, f"{where}{name}.")


def _path_problem(where: str, path: str, is_folder: bool) -> Iterator[str]:
    """Yield a line if a path cannot be used; a folder to be made may not be below a file."""
    if not path.strip():
        yield f"{where}: an empty path names nothing; write one, or remove the key"
    elif path[0] in "-~":
        yield (
            f"{where}: {path} begins with {path[0]}, which commands and shells read in their own "
            f"ways; write the whole path, or ./{path}"
        )
    else:
        yield from name_problem(where, path)
    if is_folder:
        yield from _folder_problem(where, Path(os.path.abspath(path)))


def _folder_problem(where: str, folder: Path) -> Iterator[str]:
    """Yield a line if a folder cannot be there, such as below a file."""
    try:
        folder.lstat()
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:
        yield f"{where}: {clipped(str(folder), 200)} cannot be used ({error.strerror})"
        return
    nearest = next(each for each in (folder, *folder.parents) if os.path.lexists(each))
    if not nearest.is_dir():
        yield f"{where}: {nearest} is no folder; name another, or move it away"


def _adversarial_problems(entries: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    seen: dict[str, tuple[str, Any, Any]] = {}
    for index, entry in enumerate(entries):
        where = f"adversarial_training.{index}"
        yield from _recipe_problem(f"{where}.recipe", entry["recipe"])
        source, key = (PICKS, "picks") if entry["picks"] else (entry["recipe"], "recipe")
        attack = (entry["recipe"], entry["goal"], entry["timeout"])
        if source in seen:
            yield f"{where}.{key}: {source} comes twice; list all sizes in one entry"
        others = [each for each in seen.values() if each[0] == entry["recipe"] and each != attack]
        if others:
            yield (
                f"{where}: goal and timeout must be those of the other entry with "
                f"{entry['recipe']}: goal: {others[0][1]}, timeout: {others[0][2]}"
            )
        seen[source] = attack
        sizes = entry["sizes"]
        if sizes != sorted(set(sizes)):
            yield f"{where}.sizes: {sizes} must rise, such as {sorted(set(sizes))}"


def _leaderboard_problems(value: Mapping[str, Any]) -> Iterator[str]:
    robust = (
        f"robust-{PICKS if entry['picks'] else entry['recipe']}-{size}"
        for entry in value["adversarial_training"]
        for size in entry["sizes"]
    )
    known = [*value["victims"], *robust]
    for index, name in enumerate(value["attacks"]["leaderboard"] or ()):
        if name not in known:
            hint = did_you_mean(name, known)
            yield f"attacks.leaderboard.{index}: there is no victim {name}{hint}"


def _too_many(value: Mapping[str, Any], newswire: Mapping[str, int]) -> Iterator[str]:
    if value["subset"]["size"] > newswire.get("test", LARGEST):
        yield (
            f"subset.size: {value['subset']['size']} is more than the {newswire['test']} test "
            "sentences of corpus.newswire; lower it or make more"
        )
    for index, entry in enumerate(value["adversarial_training"]):
        wanted, most = entry["sizes"][-1], _attacked(value, newswire)
        if not entry["picks"] and wanted > most:
            yield (
                f"adversarial_training.{index}.sizes: {wanted} is more than the {most} sentences "
                "that the small victim is trained on, each of which gives at most one example; "
                "lower it"
            )
    for name, victim in value["victims"].items():
        wanted = victim["sentences"]
        if wanted != "all" and wanted > newswire.get("train", LARGEST):
            yield (
                f"victims.{name}.sentences: {wanted} is more than the {newswire['train']} training "
                "sentences of corpus.newswire; lower it or make more"
            )


def _attacked(value: Mapping[str, Any], newswire: Mapping[str, int]) -> int:
    """Return how many sentences adversarial examples are made of, as far as that is known."""
    small = value["victims"]["small"]["sentences"]
    return min(newswire.get("train", LARGEST), LARGEST if small == "all" else int(small))


def _victim_problem(where: str, victim: Mapping[str, Any]) -> Iterator[str]:
    ready = {key: each for key, each in victim.items() if key != "sentences"}
    if not ready:
        return
    try:
        source = VictimSource.of(json.dumps(ready))
    except ModelError as error:
        yield f"{where}: {error}"
        return
    is_pinned = source.revision or PATH in ready or os.path.isdir(source.name)
    if "revision" in OPTIONS[source.kind] and not is_pinned:
        yield f"{where}: {source.name} needs a revision, so that the run can be repeated"


def _similarity_problems(similarity: Mapping[str, str]) -> Iterator[str]:
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


def _artefact_problem(where: str, name: str | None, kind: Kind) -> Iterator[str]:
    try:
        artefact = find_artefact(name) if name is not None else None
    except ConfigError as error:
        yield f"{where}: {error}"
        return
    if artefact is not None and artefact.kind != kind:
        yield f"{where}: {name} is a {artefact.kind}, and one of kind {kind} is needed"


def _resource_problem(name: str) -> Iterator[str]:
    if name in OWN and RESOURCE_KEYS[name] != "corpus":
        key = RESOURCE_KEYS[name]
        yield f"resources.{name}: it is described by the key {key}; remove it here"
        return
    try:
        find_resource(name)
    except RecipeError as error:
        yield f"resources.{name}: {error}"


def _recipe_problem(where: str, name: str) -> Iterator[str]:
    try:
        find_recipe(name)
    except RecipeError as error:
        yield f"{where}: {error}"
