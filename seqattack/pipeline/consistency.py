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
from seqattack.perturbations.suites import find_suite
from seqattack.pipeline.adversarial import AdversarialConfig
from seqattack.pipeline.names import UNDEFENDED
from seqattack.scpn.stanza_folder import STANZA
from seqattack.sentence_encoder.settings import USE
from seqattack.suggest import did_you_mean
from seqattack.text import clipped
from seqattack.victim.settings import TrainingSettings
from seqattack.victim.source import OPTIONS, PATH, VictimSource

RESOURCE_KEYS = {
    "masked-lm": "masked_lm",
    "similarity": "similarity",
    "entities": "corpus",
    "distractors": "corpus",
    "paraphraser": "scpn",
}
"""The keys that describe the project's own resources; those of the corpus may be others."""

TRAINED = frozenset(("sentences", "training"))
"""The keys of a victim that say how it is trained; the others are those of a ready one."""


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
    for index, suite in enumerate(value["noise"]["suites"]):
        yield from _suite_problem(f"noise.suites.{index}", suite)
    robust = list(map(AdversarialConfig.of, value["adversarial_training"]))
    yield from _adversarial_problems(robust)
    yield from _start_problems(value, robust)
    yield from _training_problem("training", value["training"])
    for index, entry in enumerate(robust):
        yield from _training_problem(f"adversarial_training.{index}.training", entry.training)
    victims = [*value["victims"], *(each.victim(size) for each in robust for size in each.sizes)]
    yield from _list_problems(value["attacks"], victims)
    recipes = {*value["attacks"]["recipes"], *(name for each in robust for name in each.attacks)}
    recipes |= set(map(base_recipe, recipes))
    for name in sorted(set(value["masked_lm"]) - recipes - {"default"}):
        yield (
            f"masked_lm.{name}: no attack of this configuration has that name"
            f"{did_you_mean(name, ['default', *sorted(recipes)])}"
        )
    for name in value["resources"]:
        yield from _resource_problem(name)
    for name, victim in value["victims"].items():
        if "victim" in victim:
            yield from _filter_problem(name, value["victims"], victims)
        else:
            yield from _victim_problem(f"victims.{name}", victim)
    yield from _similarity_problems(value["similarity"])
    for key in ("scpn", "similarity"):
        yield from _artefact_problem(f"{key}.artefact", value[key].get("artefact"), Kind.ARCHIVE)
    if "server" in value["grammar"] and value["grammar"]["backend"] != LANGUAGETOOL:
        yield "grammar.server: only languagetool has one; set grammar.backend to it"
    if "parser_path" in value["scpn"] and value["scpn"].get("parser") != STANZA:
        yield "scpn.parser_path: only stanza has one; set scpn.parser to it"
    yield from _too_many(value, robust, value["corpus"].get("newswire") or {})


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


def _adversarial_problems(entries: Sequence[AdversarialConfig]) -> Iterator[str]:
    seen: list[AdversarialConfig] = []
    for index, entry in enumerate(entries):
        where = f"adversarial_training.{index}"
        for recipe in entry.attacks:
            within = f"recipes.{recipe}" if recipe in (entry.recipes or ()) else "recipe"
            yield from _recipe_problem(f"{where}.{within}", recipe)
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
    if entry.name and not list(_recipe_problem("", entry.name)):
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


def _list_problems(attacks: Mapping[str, Any], known: Sequence[str]) -> Iterator[str]:
    """Yield a line for each name of no victim."""
    for key in ("leaderboard", "defences"):
        for index, name in enumerate(attacks[key] or ()):
            if name not in known:
                hint = did_you_mean(name, known)
                yield f"attacks.{key}.{index}: there is no victim {name}{hint}"


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


def _too_many(
    value: Mapping[str, Any], robust: Sequence[AdversarialConfig], newswire: Mapping[str, int]
) -> Iterator[str]:
    if value["subset"]["size"] > newswire.get("test", LARGEST):
        yield (
            f"subset.size: {value['subset']['size']} is more than the {newswire['test']} test "
            "sentences of corpus.newswire; lower it or make more"
        )
    most = _attacked(value, newswire)
    for index, entry in enumerate(robust):
        wanted = max(entry.parts(max(entry.sizes, default=0)).values())
        if not entry.picks and wanted > most:
            yield (
                f"adversarial_training.{index}.sizes: {wanted} is more than the {most} sentences "
                "that the small victim is trained on, each of which gives at most one example of a "
                "recipe; lower it"
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
    ready = {key: each for key, each in victim.items() if key not in TRAINED}
    if not ready:
        yield from _training_problem(f"{where}.training", victim.get("training", {}))
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


def _training_problem(where: str, training: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line where noise or an attack on embeddings is not as it must be."""
    for key in ("noise", "embedding_attack"):
        try:
            own: dict[str, Any] = {key: training.get(key)}
            TrainingSettings(**own)
        except ConfigError as error:
            yield f"{where}.{error}"


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


def _suite_problem(where: str, name: str) -> Iterator[str]:
    try:
        find_suite(name)
    except ConfigError as error:
        yield f"{where}: {error}"


def _recipe_problem(where: str, name: str) -> Iterator[str]:
    try:
        find_recipe(name)
    except RecipeError as error:
        yield f"{where}: {error}"
