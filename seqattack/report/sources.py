"""What stands behind a row of a table: examples, config, files, and the command to remake it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

import yaml

from seqattack.attack.recipes.recipe import base_recipe
from seqattack.attack.recipes.registry import find_recipe
from seqattack.attack.resources.masked_lm import entry_of
from seqattack.corpus import read_jsonl
from seqattack.explain.explanation import Explanation, read_explanations
from seqattack.explain.marks import marked_texts
from seqattack.io import read_json
from seqattack.metrics.metric import show
from seqattack.metrics.noise import VictimNoise
from seqattack.metrics.summary import read_summary
from seqattack.perturbations.noise import Noise, noisy_sentences
from seqattack.perturbations.suites import find_suite
from seqattack.pipeline.config import Config
from seqattack.pipeline.consistency.parts import RESOURCE_KEYS
from seqattack.pipeline.layout import ATTACKS, AttackFolder
from seqattack.pipeline.names import BASELINE
from seqattack.records import Prediction, read_records
from seqattack.report.examples import LONGEST, Example, choose, figure_title, pieces
from seqattack.report.names import (
    ORIGINAL,
    comparison_source,
    defence_source,
    evaluation_source,
    examples_name,
    noise_source,
    published_source,
    recipe_name,
    robustness_source,
    training_name,
    victim_name,
    victim_title,
)
from seqattack.report.noise import noise_label
from seqattack.sentence import Sentence

EXAMPLES = 5
"""The most examples of a source that the report shows."""

AUGMENTED = "Adversarial examples in its training set, with their true entities"
"""The heading of the examples that a victim was trained on."""


@dataclass(frozen=True, slots=True)
class Source:
    """What stands behind rows of the tables.

    Args:
        id: Its id, which rows and figures name.
        title: Its heading.
        says: What it is, and the result in a sentence.
        settings: The part of the config that it depends on.
        target: The file to ask Snakemake for.
        again: What makes the file again: a rule, or the files that rules make again.
        files: The files that hold all of it.
        heading: The heading of the examples; empty where it can have none.
        examples: The first few examples.
    """

    id: str
    title: str
    says: str
    settings: Mapping[str, Any]
    target: str
    again: Sequence[str]
    files: Sequence[str]
    heading: str
    examples: Sequence[Example]

    @property
    def run(self) -> str:
        """The key of its attack in the application; empty where it is none."""
        folder = Path(self.target).parent
        is_attack = AttackFolder(folder).summary == Path(self.target)
        parts = folder.parts[-4:]
        return "/".join(parts) if is_attack and len(parts) == 4 and parts[0] == ATTACKS else ""

    def command(self, config_file: str) -> str:
        """Return the command that makes it again.

        Args:
            config_file: The file of the run's configuration.
        """
        words = ("snakemake", "--cores", "all", "--configfile", config_file)
        return shlex.join([*words, "--forcerun", *self.again, "--", self.target])


def comparison_sources(folders: Sequence[Path], subset: str, config: Config) -> Iterator[Source]:
    """Yield what stands behind Table 1: each attack, and the unattacked subset.

    Args:
        folders: The folders of the attacks.
        subset: The file of the attacked sentences.
        config: The run's configuration.
    """
    shared = asdict(config.attacks)
    del shared["recipes"]
    for folder in folders:
        recipe = folder.name
        settings = {"attacks": shared | {"recipes": [recipe]}}
        title = f"{recipe_name(recipe)} on {victim_title(config.attacks.victim)}"
        yield _attack(
            comparison_source(recipe), title, figure_title(recipe), folder, settings, config
        )
    records = read_records(AttackFolder(folders[0]).records)
    texts = ((record.id, record.original) for record in records)
    yield Source(
        id=comparison_source(ORIGINAL),
        title="The unattacked subset",
        says=(
            f"Test sentences in {config.subset.order} order in which NERfull gets at most "
            f"{config.subset.max_wrong:.0%} of the entity tokens wrong, with the predictions of "
            f"{victim_title(config.attacks.victim)}."
        ),
        settings={"seeds": config.seeds, "subset": asdict(config.subset)},
        target=subset,
        again=["subset"],
        files=[subset],
        heading="Sentences with predictions",
        examples=_alone(texts),
    )


def published_sources(folders: Sequence[Path], config: Config) -> Iterator[Source]:
    """Yield what stands behind Table 1 as published.

    Args:
        folders: The folders of the attacks.
        config: The run's configuration.
    """
    shared = asdict(config.attacks)
    for folder in folders:
        recipe = folder.name
        settings = {"attacks": {**shared, "recipes": [base_recipe(recipe)]}}
        title = f"{recipe_name(recipe)} on {victim_title(config.attacks.victim)}, published goal"
        heading = "Adversarial examples"
        yield _attack(published_source(recipe), title, heading, folder, settings, config)


def defence_sources(folders: Sequence[Path], config: Config) -> Iterator[Source]:
    """Yield what stands behind the tables of defences, besides Table 1's attacks.

    Args:
        folders: The folders of the attacks.
        config: The run's configuration.
    """
    shared = asdict(config.attacks)
    for folder in folders:
        recipe, victim = folder.name, folder.parent.name
        settings = {"attacks": shared | {"recipes": [recipe], "defences": [victim]}}
        title = f"{recipe_name(recipe)} on {victim_title(victim)} (defences)"
        heading = f"Adversarial examples against {victim_title(victim)}"
        yield _attack(defence_source(victim, recipe), title, heading, folder, settings, config)


def robustness_sources(
    source: str, folders: Mapping[str, Path], config: Config
) -> Iterator[Source]:
    """Yield what stands behind Table 2 or 3: one attack on each victim.

    Args:
        source: Of the robust victims' examples; see `seqattack.report.names.training_name`.
        folders: The attacks' folders by number of adversarial examples.
        config: The run's configuration.
    """
    entry = config.adversarial(source)
    for size, folder in folders.items():
        name = "" if size == BASELINE else f" ({training_name(source)})"
        title = f"{recipe_name(entry.recipe)} on {victim_name(size)}{name}"
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
    source: str, metrics: Mapping[str, Path], examples: Mapping[str, Path], config: Config
) -> Iterator[Source]:
    """Yield what stands behind Table 4 or 5: how each victim was trained.

    Args:
        source: Of the robust victims' examples; see `seqattack.report.names.training_name`.
        metrics: The files of test metrics by number of adversarial examples.
        examples: The files of the adversarial examples that were added, by their origin.
        config: The run's configuration.
    """
    entry, small = config.adversarial(source), config.to_json()["victims"]["small"]
    for size, path in metrics.items():
        says = f"Trained on {small['sentences']} sentences"
        settings = {"seeds": config.seeds, "training": asdict(config.training)}
        settings |= {"victims": {"small": small}}
        shown: list[Example] = []
        files = [str(path)]
        if size != BASELINE:
            parts = entry.parts(int(size))
            added = [f"the first {n} {examples_name(origin)}" for origin, n in parts.items()]
            says += " and " + " and ".join(added)
            says += ", from the weights of NERsmall" if entry.is_continued else ""
            settings |= {"adversarial_training": [asdict(entry)]}
            each = (islice(read_jsonl(examples[origin]), n) for origin, n in parts.items())
            texts = ((s.id, Prediction(s.tokens, s.tags, s.tags, ())) for s in _in_turn(each))
            shown = _alone(texts)
            files += map(str, examples.values())
        yield Source(
            id=evaluation_source(source, size),
            title=f"{victim_name(size)} on the test set ({training_name(source)})",
            says=f"{says}; the metrics are of the whole unattacked test set.",
            settings=settings,
            target=str(path),
            again=["test_metrics"],
            files=files,
            heading="" if size == BASELINE else AUGMENTED,
            examples=shown,
        )


def noise_sources(paths: Sequence[str], test: str, config: Config) -> Iterator[Source]:
    """Yield what stands behind the tables of noise: each victim's figures.

    Args:
        paths: The victims' figures.
        test: The file of the test sentences.
        config: The run's configuration.
    """
    for path in paths:
        found = VictimNoise.from_json(read_json(path))
        lost = {noise_label(each): -each.overall.f1.change for each in found.suites}
        worst = max(lost, key=lambda label: lost[label])
        yield Source(
            id=noise_source(found.victim),
            title=f"{victim_title(found.victim)} with noise",
            says=(
                f"Measured on {found.sentences} test sentences; {worst} cost it most, "
                f"{show(lost[worst], 'percent')} of F1."
            ),
            settings={"seeds": config.seeds, "noise": asdict(config.noise)},
            target=path,
            again=["noise"],
            files=[path, test],
            heading="Sentences before and after noise, with their true entities",
            examples=_with_noise(found, test),
        )


def _with_noise(found: VictimNoise, test: str) -> list[Example]:
    """Return, for each of the first suites, a sentence of its own before and after noise."""
    sentences = {s.id: s for s in read_jsonl(test) if s.entities and len(s.tokens) <= LONGEST}
    examples = []
    for suite in islice(found.suites, EXAMPLES):
        noise = Noise(find_suite(suite.suite), suite.rate, found.where)
        noisy = noisy_sentences(noise, list(sentences.values()), found.seed)
        chosen = next((each.sentence for each in noisy if each.changed), None)
        if chosen is not None:
            texts = (sentences.pop(chosen.id), chosen)
            marked = marked_texts(*(text.tokens for text in texts))
            lines = (
                pieces(Prediction(text.tokens, text.tags, text.tags, ()), each)
                for text, each in zip(texts, marked, strict=True)
            )
            examples.append(Example(f"{chosen.id}, {noise_label(suite)}", tuple(lines)))
    return examples


def _in_turn(groups: Iterable[Iterable[Sentence]]) -> Iterator[Sentence]:
    """Yield the first sentence of each group, then the second of each, and so on."""
    for row in zip_longest(*groups):
        yield from (sentence for sentence in row if sentence is not None)


def as_yaml(value: Mapping[str, Any]) -> str:
    r"""Return settings as they stand in a config file.

    >>> as_yaml({"subset": {"size": 8}})
    'subset: {size: 8}\n'
    >>> as_yaml({"device": "cpu"})
    'device: cpu\n'
    """
    plain = json.loads(json.dumps(value))
    # Only values are put on one line: a mapping without lists or mappings would be, as a whole.
    flow = None if any(isinstance(each, dict | list) for each in plain.values()) else False
    return yaml.safe_dump(
        plain, sort_keys=False, allow_unicode=True, default_flow_style=flow, width=100
    )


def _attack(
    identity: str,
    title: str,
    heading: str,
    folder: Path,
    settings: Mapping[str, Any],
    config: Config,
) -> Source:
    files = AttackFolder(folder)
    summary = read_summary(files.summary)
    value = config.to_json()
    failed = summary.attacked - summary.successes
    stops = ", ".join(f"{why} {count}" for why, count in summary.stops.items())
    return Source(
        id=identity,
        title=title,
        says=(
            f"{summary.successes} of {summary.attacked} attacks succeeded, {failed} failed and "
            f"{summary.skipped} sentences were skipped; goal {summary.goal}. "
            f"Why the searches stopped: {stops}."
        ),
        settings={
            **{key: value[key] for key in ("seeds", "device", "precision", "backend", "attack")},
            **settings,
            **{key: value[key] for key in ("similarity", "grammar")},
            **_resources(summary.recipe, value),
        },
        target=str(files.summary),
        again=list(map(str, files.shards)),
        files=[str(path) for path in (files.records, files.scored, files.summary)],
        heading=heading,
        examples=choose(read_records(files.records), EXAMPLES, explanations=_explanations(files)),
    )


def _explanations(files: AttackFolder) -> dict[str, Explanation]:
    """Return what is known of the edits, by the sentence's id."""
    found = read_explanations(files.explained) if files.explained.is_file() else ()
    return {each.id: each for each in found}


def _resources(recipe: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of the configuration that say what a recipe's resources are."""
    needs = find_recipe(recipe).needs
    found = {key: config[key] for name, key in RESOURCE_KEYS.items() if name in needs}
    if "masked_lm" in found:
        entry = entry_of(recipe, config["masked_lm"])
        found["masked_lm"] = {entry: config["masked_lm"][entry]}
    others = {name: config["resources"][name] for name in needs if name in config["resources"]}
    return found | ({"resources": others} if others else {})


def _alone(texts: Iterator[tuple[str, Prediction]]) -> list[Example]:
    """Return the first short texts as examples with one line each."""
    short = (Example(name, (pieces(text),)) for name, text in texts if len(text.tokens) <= LONGEST)
    return list(islice(short, EXAMPLES))
