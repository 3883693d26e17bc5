"""The run's configuration: checked against its JSON Schema, as frozen dataclasses."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

import yaml

from seqattack.attack.recipes.registry import published_recipe
from seqattack.attack.resources.masked_lm import entry_of
from seqattack.attack.settings import AttackSettings
from seqattack.errors import ConfigError
from seqattack.models.backend import BackendChoice
from seqattack.models.batch_size import Auto
from seqattack.models.precisions import PrecisionChoice
from seqattack.pipeline.adversarial import AdversarialConfig
from seqattack.pipeline.consistency.paths import name_problem
from seqattack.pipeline.consistency.victims import TRAINED
from seqattack.pipeline.consistency.whole import inconsistencies
from seqattack.pipeline.layout import SEED, Layout
from seqattack.pipeline.schema import fill_defaults, problems
from seqattack.pipeline.yaml_file import read_yaml


@dataclass(frozen=True, slots=True)
class NewswireConfig:
    """The generated corpus; see the schema for each key, as for the other sections."""

    seed: int
    train: int
    dev: int
    test: int


@dataclass(frozen=True, slots=True)
class FilesConfig:
    """A corpus in three files; `seqattack.corpus.ReadOptions` describes the other keys."""

    train: str
    dev: str
    test: str
    columns: Mapping[str, int | str] | None = None
    scheme: str | None = None
    strict: bool | None = None
    tag_names: Sequence[str] | None = None
    document_ids: bool | None = None


@dataclass(frozen=True, slots=True)
class HubConfig:
    """A corpus on the hub; `files` holds path and SHA-256 of each split's file, if any."""

    name: str
    revision: str | None = None
    files: Mapping[str, Mapping[str, str]] | None = None
    config: str | None = None
    splits: Mapping[str, str] | None = None
    tokens: str | None = None
    tags: str | None = None
    scheme: str | None = None
    strict: bool | None = None
    tag_names: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class CorpusConfig:
    """Where the sentences come from: exactly one of the sources is not None."""

    newswire: NewswireConfig | None = None
    conll: FilesConfig | None = None
    jsonl: FilesConfig | None = None
    files: FilesConfig | None = None
    hub: HubConfig | None = None

    @property
    def kind(self) -> str:
        """Which of the sources it is."""
        return next(name for name in self.__slots__ if getattr(self, name) is not None)


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """A model: embedded, in a folder, or on the hub.

    Args:
        embedded: Name of an embedded model.
        path: Folder of a model.
        name: Name of a model on the hub.
        revision: The hub model's commit.
        steps: Optimizer steps of the training of an embedded masked LM.
    """

    embedded: str | None = None
    path: str | None = None
    name: str | None = None
    revision: str | None = None
    steps: int | None = None

    @property
    def source(self) -> str:
        """The hub name, the folder or the embedded model's name."""
        return self.name or self.path or str(self.embedded)


@dataclass(frozen=True, slots=True)
class ScpnConfig:
    """The SCPN: a small one to be trained, a folder, or a listed artefact."""

    embedded: str | None = None
    path: str | None = None
    artefact: str | None = None
    parser: str | None = None
    parser_path: str | None = None
    steps: int | None = None


@dataclass(frozen=True, slots=True)
class SimilarityConfig:
    """The sentence encoder."""

    backend: str
    model: str | None = None
    artefact: str | None = None
    revision: str | None = None


@dataclass(frozen=True, slots=True)
class GrammarConfig:
    """The grammar checker."""

    backend: str
    server: str | None = None


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """How victims are fine-tuned; see the schema for each key."""

    epochs: int
    learning_rate: float
    batch_size: int
    precision: PrecisionChoice
    warmup_ratio: float
    weight_decay: float
    threads: int
    noise: Mapping[str, Any] | None
    embedding_attack: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class VictimConfig:
    """A victim of the section ``victims``: trained, or ready; see the schema for each key."""

    sentences: int | str
    training: Mapping[str, Any] | None = None
    path: str | None = None
    transformers: str | None = None
    spacy: str | None = None
    gliner: str | None = None
    onnx: str | None = None
    openvino: str | None = None
    python: str | None = None
    http: str | None = None
    revision: str | None = None
    tags: tuple[str, ...] | None = None
    per_second: float | None = None
    word_tag: str | None = None
    victim: str | None = None
    normalise: bool | None = None


@dataclass(frozen=True, slots=True)
class SubsetConfig:
    """The sentences to attack."""

    size: int
    max_wrong: float
    order: str
    seed: int | None


@dataclass(frozen=True, slots=True)
class AttackConfig:
    """What all attacks share."""

    query_budget: int
    max_mispredicted: float
    max_pieces: int | None
    ascii_only: bool
    refuse_negations: bool
    new_entity_check: Literal["default", "published"]
    explain: bool
    in_flight: int | Auto
    batch_tokens: int | Auto
    shard_size: int


@dataclass(frozen=True, slots=True)
class NoiseConfig:
    """Noise without search; see the schema for each key."""

    suites: tuple[str, ...]
    rates: tuple[float, ...]
    where: str
    draws: int
    seed: int | None


@dataclass(frozen=True, slots=True)
class ComparisonConfig:
    """The comparison of attacks (Table 1)."""

    victim: str
    goal: str
    timeout: float | None
    recipes: tuple[str, ...]
    leaderboard: tuple[str, ...] | None
    defences: tuple[str, ...]
    published: bool

    @property
    def published_recipes(self) -> tuple[str, ...]:
        """The recipes of Table 1 as published; none unless it is asked for."""
        found = map(published_recipe, self.recipes) if self.published else ()
        return tuple(recipe for recipe in found if recipe is not None)


@dataclass(frozen=True, slots=True)
class Config:
    """A checked configuration with every default filled in."""

    seeds: tuple[int, ...]
    results: str
    figures: str
    logs: str
    unavailable: Literal["stop", "skip"]
    report_to: tuple[str, ...]
    device: str
    precision: PrecisionChoice
    backend: BackendChoice
    corpus: CorpusConfig
    pretrained: ModelConfig
    training: TrainingConfig
    victims: Mapping[str, VictimConfig]
    labels: Mapping[str, str]
    subset: SubsetConfig
    attack: AttackConfig
    certainty: float | None
    noise: NoiseConfig
    masked_lm: Mapping[str, ModelConfig]
    scpn: ScpnConfig
    resources: Mapping[str, Mapping[str, Any]]
    attacks: ComparisonConfig
    adversarial_training: tuple[AdversarialConfig, ...]
    similarity: SimilarityConfig
    grammar: GrammarConfig

    @property
    def seed(self) -> int:
        """The seed of a run of one seed.

        Raises:
            ValueError: There are several.
        """
        (seed,) = self.seeds
        return seed

    @property
    def subset_seed(self) -> int:
        """The seed of the subset's shuffle, which is the run's unless it has its own."""
        return self.seed if self.subset.seed is None else self.subset.seed

    @property
    def noise_seed(self) -> int:
        """The seed of the noise, which is the run's unless it has its own."""
        return self.seed if self.noise.seed is None else self.noise.seed

    def adversarial(self, source: str) -> AdversarialConfig:
        """Return the adversarial training whose examples come from `source`."""
        return next(each for each in self.adversarial_training if each.source == source)

    def ready_victim(self, name: str) -> str | None:
        """Return a ready victim as commands name it: a folder or a JSON object; else None."""
        made = _without_nulls(asdict(self.victims[name]))
        made = {name: each for name, each in made.items() if name not in TRAINED}
        if not made:
            return None
        if base := made.pop("victim", None):
            return self._filtered(base, made)
        if list(made) == ["path"] and not self.labels:
            return str(made["path"])
        return json.dumps(made | ({"labels": dict(self.labels)} if self.labels else {}))

    def _filtered(self, base: str, filters: Mapping[str, Any]) -> str:
        """Return a victim of the run with a filter before it, as commands name it."""
        word = self.ready_victim(base) if base in self.victims else None
        if word is None or not word.startswith("{"):
            return json.dumps({"path": word or str(Layout.of(self).model(base)), **filters})
        return json.dumps({**json.loads(word), **filters})

    def masked_lm_entry(self, recipe: str) -> str:
        """Return which entry of `masked_lm` a recipe uses."""
        return entry_of(recipe, self.masked_lm)

    @property
    def recipes(self) -> tuple[str, ...]:
        """All recipes of the run, each once, those of Table 1 first."""
        others = (recipe for entry in self.adversarial_training for recipe in entry.attacks)
        return tuple(dict.fromkeys((*self.attacks.recipes, *others)))

    def attack_settings(self, recipe: str, goal: str, timeout: float | None) -> AttackSettings:
        """Return the settings of an attack.

        Args:
            recipe: The recipe's name.
            goal: The goal's name.
            timeout: Seconds a sentence; None for no limit.
        """
        shared = asdict(self.attack)
        names = (each.name for each in fields(AttackSettings))
        own = {name: shared[name] for name in names if name in shared}
        return AttackSettings(recipe, goal, self.seed, timeout=timeout, **own)

    def to_json(self) -> dict[str, Any]:
        """Return the configuration as a JSON object, which `load_config` takes."""
        value: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        for name in _WITHOUT_NULLS:
            value[name] = _without_nulls(value[name])
        value["adversarial_training"] = list(map(_without_nulls, value["adversarial_training"]))
        return value


_WITHOUT_NULLS = ("corpus", "pretrained", "victims", "masked_lm", "scpn", "similarity", "grammar")
"""Sections in which a key that is None was not given."""


def _without_nulls(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    # Within `training`, null says that something of the section of that name is left out.
    return {
        name: each if name == "training" else _without_nulls(each)
        for name, each in value.items()
        if each is not None
    }


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
    own = {name: f"{folder}/{SEED}{seed}" for name, folder in folders.items()}
    return {**source, **own, "seeds": [seed]}


def load_config(source: Mapping[str, Any] | str | os.PathLike[str]) -> Config:
    """Check a configuration and fill in its defaults.

    Args:
        source: The parsed configuration, or the path of its YAML file.

    Raises:
        ConfigError: Something is unknown, missing or wrong; the message lists every problem with
            its key and what to write instead.
    """
    value = dict(source) if isinstance(source, Mapping) else read_yaml(Path(source))
    if found := problems(value):
        raise _config_error(found)
    value = deepcopy(value)
    fill_defaults(value)
    if found := list(inconsistencies(value)):
        raise _config_error(found)
    return _build(value)


def with_types(value: Any, given: Any) -> Any:
    """Return a configuration in which what the command line gave has the types that it means.

    Snakemake's ``--config 'subset={size: 64}'`` leaves every value inside a string.

    Args:
        value: The configuration, or a part of it.
        given: What the command line gave of it.

    Example:
        >>> with_types({"subset": {"size": "64"}, "device": "cpu"}, {"subset": {"size": "64"}})
        {'subset': {'size': 64}, 'device': 'cpu'}
        >>> with_types({"labels": {"DATE": ""}}, {"labels": {"DATE": ""}})
        {'labels': {'DATE': ''}}
    """
    if isinstance(value, Mapping) and isinstance(given, Mapping):
        return {
            name: with_types(each, given[name]) if name in given else each
            for name, each in value.items()
        }
    if isinstance(value, list) and isinstance(given, list) and len(value) == len(given):
        return [with_types(*each) for each in zip(value, given, strict=True)]
    if not isinstance(value, str) or value != given or not value:
        return value
    try:
        return yaml.safe_load(value)
    except (yaml.YAMLError, ValueError, RecursionError):
        return value


def check_place(*folders: str) -> None:
    """Check that Snakemake can name the files of a run by paths in these folders.

    Raises:
        ConfigError: A path has a brace, a control character or bytes that are not UTF-8.
    """
    for folder in folders:
        for problem in name_problem("this folder", folder):
            raise ConfigError(f"{problem}, or run from elsewhere.")


def _config_error(problems: Sequence[str]) -> ConfigError:
    return ConfigError("the configuration is not usable:\n" + "\n".join(f"  {p}" for p in problems))


def _build(value: Mapping[str, Any]) -> Config:
    attacks, robust = value["attacks"], value["adversarial_training"]
    parts = {
        "seeds": tuple(value["seeds"]),
        "report_to": tuple(value["report_to"]),
        "corpus": _build_corpus(value["corpus"]),
        "pretrained": ModelConfig(**value["pretrained"]),
        "training": TrainingConfig(**value["training"]),
        "victims": {name: _build_victim(each) for name, each in value["victims"].items()},
        "subset": SubsetConfig(**value["subset"]),
        "attack": AttackConfig(**value["attack"]),
        "noise": _build_noise(value["noise"]),
        "masked_lm": {name: ModelConfig(**each) for name, each in value["masked_lm"].items()},
        "scpn": ScpnConfig(**value["scpn"]),
        "attacks": _build_comparison(attacks),
        "adversarial_training": tuple(map(AdversarialConfig.of, robust)),
        "similarity": SimilarityConfig(**value["similarity"]),
        "grammar": GrammarConfig(**value["grammar"]),
    }
    return Config(**{**value, **parts})


def _build_noise(value: Mapping[str, Any]) -> NoiseConfig:
    return NoiseConfig(**{**value, **{name: tuple(value[name]) for name in ("suites", "rates")}})


def _build_comparison(value: Mapping[str, Any]) -> ComparisonConfig:
    names = ("recipes", "leaderboard", "defences")
    lists = {name: None if value[name] is None else tuple(value[name]) for name in names}
    return ComparisonConfig(**{**value, **lists})


def _build_victim(value: Mapping[str, Any]) -> VictimConfig:
    tags = {"tags": tuple(value["tags"])} if "tags" in value else {}
    return VictimConfig(**{**value, **tags})


def _build_corpus(value: Mapping[str, Any]) -> CorpusConfig:
    kinds = {"newswire": NewswireConfig, "hub": HubConfig}
    ((kind, options),) = value.items()
    return CorpusConfig(**{kind: kinds.get(kind, FilesConfig)(**options)})
