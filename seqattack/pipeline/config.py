"""The run's configuration: checked against its JSON Schema, as frozen dataclasses."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from seqattack.attack.recipes.registry import find_recipe
from seqattack.errors import ConfigError, RecipeError
from seqattack.files.fetch import is_address
from seqattack.sentence_encoder.encoder import USE
from seqattack.suggest import did_you_mean

PICKS = "picks"
"""Source of the examples of robust victims that people picked, in names of victims and tables."""

SCHEMA = resources.files("seqattack.pipeline") / "config.schema.yaml"


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """How victims are fine-tuned; see the schema for each key."""

    epochs: int
    learning_rate: float
    batch_size: int
    precision: str
    warmup_ratio: float
    weight_decay: float
    threads: int


@dataclass(frozen=True, slots=True)
class VictimConfig:
    """An undefended victim: trained on so many sentences, or a ready model."""

    sentences: int | str
    path: str | None = None


@dataclass(frozen=True, slots=True)
class SubsetConfig:
    """The sentences to attack."""

    size: int
    max_wrong: float
    order: str


@dataclass(frozen=True, slots=True)
class AttackConfig:
    """What all attacks share."""

    query_budget: int
    max_mispredicted: float
    max_pieces: int | None
    ascii_only: bool
    refuse_negations: bool
    in_flight: int
    shard_size: int


@dataclass(frozen=True, slots=True)
class ComparisonConfig:
    """The comparison of attacks (Table 1)."""

    victim: str
    goal: str
    timeout: float | None
    recipes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AdversarialConfig:
    """What robust victims are trained on, and the attack that they are tried with.

    Args:
        recipe: The attack.
        goal: Its goal function.
        timeout: Its time limit in seconds.
        sizes: Numbers of adversarial examples.
        picks: A file of picked examples; without one they are the attack's own.
        allow_test_sentences: Whether picks made of test sentences are taken.
    """

    recipe: str
    goal: str
    timeout: float | None
    sizes: tuple[int, ...]
    picks: str | None
    allow_test_sentences: bool

    @property
    def source(self) -> str:
        """Where the examples come from: the recipe, or ``picks``."""
        return PICKS if self.picks else self.recipe


@dataclass(frozen=True, slots=True)
class Config:
    """A checked configuration with every default filled in."""

    seeds: tuple[int, ...]
    results: str
    figures: str
    logs: str
    device: str
    precision: str
    corpus: Mapping[str, Any]
    pretrained: Mapping[str, str]
    training: TrainingConfig
    victims: Mapping[str, VictimConfig]
    subset: SubsetConfig
    attack: AttackConfig
    masked_lm: Mapping[str, Mapping[str, Any]]
    scpn: Mapping[str, Any]
    attacks: ComparisonConfig
    adversarial_training: tuple[AdversarialConfig, ...]
    similarity: Mapping[str, Any]
    grammar: Mapping[str, Any]

    @property
    def seed(self) -> int:
        """The seed of a run of one seed.

        Raises:
            ValueError: There are several.
        """
        (seed,) = self.seeds
        return seed

    def adversarial(self, source: str) -> AdversarialConfig:
        """Return the adversarial training whose examples come from `source`."""
        return next(each for each in self.adversarial_training if each.source == source)

    def masked_lm_entry(self, recipe: str) -> str:
        """Return which entry of `masked_lm` a recipe uses."""
        return recipe if recipe in self.masked_lm else "default"

    def to_json(self) -> dict[str, Any]:
        """Return the configuration as a JSON object, which `load_config` takes."""
        value: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        for victim in value["victims"].values():
            if victim["path"] is None:
                del victim["path"]
        return value


def of_one_seed(source: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """Return the configuration of one of several seeds, with folders of its own.

    Args:
        source: The parsed configuration of all seeds.
        seed: One of them.

    Example:
        >>> of_one_seed({"seeds": [1, 2]}, 2)["results"]
        'results/seed-2'
    """
    folders = {name: source.get(name, name) for name in ("results", "figures", "logs")}
    own = {name: f"{folder}/seed-{seed}" for name, folder in folders.items()}
    return {**source, **own, "seeds": [seed]}


def load_config(source: Mapping[str, Any] | str | os.PathLike[str]) -> Config:
    """Check a configuration and fill in its defaults.

    Args:
        source: The parsed configuration, or the path of its YAML file.

    Raises:
        ConfigError: Something is unknown, missing or wrong; the message lists every problem with
            its key and what to write instead.
    """
    value = deepcopy(dict(source)) if isinstance(source, Mapping) else _read_yaml(Path(source))
    schema = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    problems = [line for error in _errors(schema, value) for line in _explain(error)]
    if problems:
        raise _config_error(problems)
    _fill(schema, schema, value)
    problems = list(_inconsistencies(value))
    if problems:
        raise _config_error(problems)
    return _build(value)


def _config_error(problems: Sequence[str]) -> ConfigError:
    return ConfigError("the configuration is not usable:\n" + "\n".join(f"  {p}" for p in problems))


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        value = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}).") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid YAML in UTF-8: {error}") from error
    if not isinstance(value, dict):
        raise ConfigError(f"{path}: a mapping of keys is needed; see config/README.md.")
    return value


def _errors(schema: Mapping[str, Any], value: Any) -> list[ValidationError]:
    found = Draft202012Validator(schema).iter_errors(value)
    return sorted(found, key=lambda error: [str(part) for part in error.absolute_path])


def _explain(error: ValidationError) -> Iterator[str]:
    """Yield one line a problem: where, what, and what to write instead."""
    where = ".".join(str(part) for part in error.absolute_path) or "top level"
    schema: Any = error.schema
    expected: Any = error.validator_value
    value: Any = error.instance
    known = schema.get("properties", {})
    if error.validator == "additionalProperties":
        for name in sorted(set(value) - set(known), key=str):
            yield f"{where}: unknown key {str(name)!r}{did_you_mean(str(name), known)}"
    elif error.validator == "required":
        missing = [name for name in expected if name not in value]
        described = (f"{name} ({known.get(name, {}).get('description', '')})" for name in missing)
        yield f"{where}: missing {'; '.join(described)}"
    elif error.validator == "anyOf" and known:
        names = [name for each in expected for name in each["required"]]
        yield f"{where}: {' or '.join(names)} is needed"
    elif error.validator in ("minProperties", "maxProperties", "oneOf") and known:
        given = ", ".join(value) or "none"
        yield f"{where}: exactly one of {', '.join(known)} is needed; found {given}"
    elif error.validator == "enum":
        choices = [str(choice) for choice in expected]
        yield f"{where}: {value!r} is not known{did_you_mean(str(value), choices)}"
    else:
        hint = schema.get("description", "")
        if error.validator == "type" and "number" in str(expected) and isinstance(value, str):
            hint = "write a number with a point, such as 0.0002, without quotes"
        yield f"{where}: {value!r} is not allowed; {hint or error.message}"


def _fill(root: Mapping[str, Any], schema: Mapping[str, Any], value: Any) -> None:
    """Fill in the schema's defaults, in place."""
    schema = _resolve(root, schema)
    if isinstance(value, list):
        for item in value:
            _fill(root, schema.get("items", {}), item)
    if not isinstance(value, dict):
        return
    for name, each in schema.get("properties", {}).items():
        each = _resolve(root, each)
        if name not in value and "default" in each:
            default = each["default"]
            value[name] = type(default)(default) if isinstance(default, dict | list) else default
        if name in value:
            _fill(root, each, value[name])


def _resolve(root: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref")
    if reference is None:
        return dict(schema)
    return {**root["$defs"][reference.rpartition("/")[2]], **schema}


def _inconsistencies(value: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the schema cannot say."""
    for index, recipe in enumerate(value["attacks"]["recipes"]):
        yield from _recipe_problem(f"attacks.recipes.{index}", recipe)
    seen: dict[str, tuple[str, Any, Any]] = {}
    for index, entry in enumerate(value["adversarial_training"]):
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
    recipes = {*value["attacks"]["recipes"], *(e["recipe"] for e in value["adversarial_training"])}
    for name in sorted(set(value["masked_lm"]) - recipes - {"default"}):
        yield (
            f"masked_lm.{name}: no attack of this configuration is called so"
            f"{did_you_mean(name, ['default', *sorted(recipes)])}"
        )
    yield from _similarity_problems(value["similarity"])
    if "server" in value["grammar"] and value["grammar"]["backend"] != "languagetool":
        yield "grammar.server: only languagetool has one; set grammar.backend to it"
    newswire = value["corpus"].get("newswire")
    if newswire:
        yield from _too_many(value, newswire)


def _too_many(value: Mapping[str, Any], newswire: Mapping[str, int]) -> Iterator[str]:
    if value["subset"]["size"] > newswire["test"]:
        yield (
            f"subset.size: {value['subset']['size']} is more than the {newswire['test']} test "
            "sentences of corpus.newswire; lower it or make more"
        )
    for name, victim in value["victims"].items():
        wanted = victim["sentences"]
        if wanted != "all" and wanted > newswire["train"]:
            yield (
                f"victims.{name}.sentences: {wanted} is more than the {newswire['train']} training "
                "sentences of corpus.newswire; lower it or make more"
            )


def _similarity_problems(similarity: Mapping[str, str]) -> Iterator[str]:
    model = similarity.get("model")
    if similarity["backend"] == USE:
        if model is None:
            yield "similarity.model: use needs a SavedModel's folder or an archive's address"
        if "revision" in similarity:
            yield "similarity.revision: only sentence-transformers has one; use takes sha256"
    elif "revision" in similarity and model is None:
        yield "similarity.revision: the embedded model has none; set similarity.model too"
    if "sha256" in similarity and not (similarity["backend"] == USE and is_address(model or "")):
        yield "similarity.sha256: only an archive that use fetches has one; remove it"


def _recipe_problem(where: str, name: str) -> Iterator[str]:
    try:
        find_recipe(name)
    except RecipeError as error:
        yield f"{where}: {error}"


def _build(value: Mapping[str, Any]) -> Config:
    parts = {
        "seeds": tuple(value["seeds"]),
        "training": TrainingConfig(**value["training"]),
        "victims": {name: VictimConfig(**each) for name, each in value["victims"].items()},
        "subset": SubsetConfig(**value["subset"]),
        "attack": AttackConfig(**value["attack"]),
        "attacks": ComparisonConfig(
            **{**value["attacks"], "recipes": tuple(value["attacks"]["recipes"])}
        ),
        "adversarial_training": tuple(
            AdversarialConfig(**{**entry, "sizes": tuple(entry["sizes"])})
            for entry in value["adversarial_training"]
        ),
    }
    return Config(**{**value, **parts})
