"""What stands behind a row of a table: examples, config, files, the command that makes it again."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import yaml

from seqattack.attack.recipes.registry import find_recipe
from seqattack.corpus import read_jsonl
from seqattack.io import read_json
from seqattack.metrics.summary import AttackSummary
from seqattack.pipeline.config import Config
from seqattack.pipeline.consistency import RESOURCE_KEYS
from seqattack.records import Prediction, read_records
from seqattack.report.examples import LONGEST, Example, choose, figure_title, pieces
from seqattack.report.paper_tables import (
    BASELINE,
    ORIGINAL,
    comparison_source,
    evaluation_source,
    recipe_name,
    robustness_source,
    victim_name,
)

EXAMPLES = 5
"""Most examples of a source that the report shows."""


@dataclass(frozen=True, slots=True)
class Source:
    """What stands behind rows of the tables.

    Args:
        id: What rows call it.
        title: Its heading.
        says: What it is, and what came out.
        settings: The part of the config that it depends on.
        target: The file to ask Snakemake for.
        rule: The rule to run again for it.
        files: Where all of it lies.
        heading: What the examples are.
        examples: The first few.
    """

    id: str
    title: str
    says: str
    settings: Mapping[str, Any]
    target: str
    rule: str
    files: Sequence[str]
    heading: str
    examples: Sequence[Example]

    @property
    def settings_text(self) -> str:
        """The settings in YAML."""
        return as_yaml(self.settings)

    def command(self, config_file: str) -> str:
        """Return the command that makes it again.

        Args:
            config_file: The run's configuration.
        """
        words = ("snakemake", "--cores", "all", "--configfile", config_file)
        return shlex.join([*words, "--forcerun", self.rule, "--", self.target])


def comparison_sources(folders: Sequence[Path], subset: str, config: Config) -> Iterator[Source]:
    """Yield what stands behind Table 1: each attack, and the unattacked subset.

    Args:
        folders: The attacks'.
        subset: The file of the sentences attacked.
        config: The run's.
    """
    shared = asdict(config.attacks)
    del shared["recipes"]
    for folder in folders:
        recipe = folder.name
        settings = {"attacks": shared | {"recipes": [recipe]}}
        title = f"{recipe_name(recipe)} on the {config.attacks.victim} victim"
        yield _attack(
            comparison_source(recipe), title, figure_title(recipe), folder, settings, config
        )
    records = read_records(folders[0] / "records.jsonl")
    texts = ((record.id, record.original) for record in records)
    yield Source(
        id=comparison_source(ORIGINAL),
        title="The unattacked subset",
        says=(
            f"Test sentences in {config.subset.order} order of whose entity tokens the full victim "
            f"gets at most {config.subset.max_wrong:.0%} wrong, and what the "
            f"{config.attacks.victim} victim predicts for them."
        ),
        settings={"seeds": config.seeds, "subset": asdict(config.subset)},
        target=subset,
        rule="subset",
        files=[subset],
        heading="Sentences with predictions",
        examples=_alone(texts),
    )


def robustness_sources(
    source: str, folders: Mapping[str, Path], config: Config
) -> Iterator[Source]:
    """Yield what stands behind Table 2 or 3: one attack on each victim.

    Args:
        source: Where the robust victims' examples come from: the attack, or ``picks``.
        folders: The attacks' folders by number of adversarial examples.
        config: The run's.
    """
    entry = config.adversarial(source)
    for size, folder in folders.items():
        title = f"{recipe_name(entry.recipe)} on {victim_name(size)}"
        settings = {"adversarial_training": [asdict(entry)]}
        yield _attack(
            robustness_source(source, size),
            title,
            f"Adversarial examples against {victim_name(size)}",
            folder,
            settings,
            config,
        )


def evaluation_sources(
    source: str, metrics: Mapping[str, Path], examples: str, config: Config
) -> Iterator[Source]:
    """Yield what stands behind Table 4 or 5: how each victim was trained.

    Args:
        source: Where the robust victims' examples come from: a recipe, or ``picks``.
        metrics: Files of test metrics by number of adversarial examples.
        examples: File of the adversarial examples that were added.
        config: The run's.
    """
    small = config.to_json()["victims"]["small"]
    for size, path in metrics.items():
        says = f"Trained on {small['sentences']} sentences"
        settings = {"seeds": config.seeds, "training": asdict(config.training)}
        settings |= {"victims": {"small": small}}
        shown: list[Example] = []
        if size != BASELINE:
            says += f" and the first {size} examples of {recipe_name(source)}"
            settings |= {"adversarial_training": [asdict(config.adversarial(source))]}
            sentences = islice(read_jsonl(examples), int(size))
            texts = ((s.id, Prediction(s.tokens, s.tags, s.tags, ())) for s in sentences)
            shown = _alone(texts)
        yield Source(
            id=evaluation_source(source, size),
            title=f"{victim_name(size)} on the test set ({recipe_name(source)})",
            says=f"{says}; the metrics are those of the whole unattacked test set.",
            settings=settings,
            target=str(path),
            rule="test_metrics",
            files=[str(path), *([examples] if shown else [])],
            heading="Adversarial examples in its training set, with their true entities",
            examples=shown,
        )


def as_yaml(value: Mapping[str, Any]) -> str:
    r"""Return settings as a config file has them.

    >>> as_yaml({"subset": {"size": 8}})
    'subset: {size: 8}\n'
    """
    plain = json.loads(json.dumps(value))
    return yaml.safe_dump(
        plain, sort_keys=False, allow_unicode=True, default_flow_style=None, width=100
    )


def _attack(
    identity: str,
    title: str,
    heading: str,
    folder: Path,
    settings: Mapping[str, Any],
    config: Config,
) -> Source:
    summary = AttackSummary.from_json(read_json(folder / "summary.json"))
    value = config.to_json()
    failed = summary.attacked - summary.successes
    stops = ", ".join(f"{why} {count}" for why, count in summary.stops.items())
    return Source(
        id=identity,
        title=title,
        says=(
            f"{summary.successes} of {summary.attacked} attacks succeeded, {failed} failed, "
            f"{summary.skipped} sentences were skipped; goal {summary.goal}. "
            f"Why the searches stopped: {stops}."
        ),
        settings={
            **{key: value[key] for key in ("seeds", "device", "precision", "attack")},
            **settings,
            **{key: value[key] for key in ("similarity", "grammar")},
            **_resources(summary.recipe, value),
        },
        target=str(folder / "summary.json"),
        rule="attack_shard",
        files=[str(folder / name) for name in ("records.jsonl", "scored.jsonl", "summary.json")],
        heading=heading,
        examples=choose(read_records(folder / "records.jsonl"), EXAMPLES),
    )


def _resources(recipe: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of the configuration that say what a recipe's resources are."""
    needs = find_recipe(recipe).needs
    found = {key: config[key] for name, key in RESOURCE_KEYS.items() if name in needs}
    if "masked_lm" in found:
        entry = recipe if recipe in config["masked_lm"] else "default"
        found["masked_lm"] = {entry: config["masked_lm"][entry]}
    others = {name: config["resources"][name] for name in needs if name in config["resources"]}
    return found | ({"resources": others} if others else {})


def _alone(texts: Iterator[tuple[str, Prediction]]) -> list[Example]:
    """Return the first short texts as examples of one line."""
    short = (Example(name, (pieces(text),)) for name, text in texts if len(text.tokens) <= LONGEST)
    return list(islice(short, EXAMPLES))
