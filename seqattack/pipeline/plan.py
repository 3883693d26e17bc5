"""What a run does: which victims, which attacks, in which shards, for which tables."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from seqattack.attack.recipes.registry import find_recipe
from seqattack.attack.resources.registry import find_resource
from seqattack.attack.settings import AttackJob, Machine, default
from seqattack.errors import ConfigError
from seqattack.files.artefacts import file_name
from seqattack.masked_lm.settings import MaskedLMSettings
from seqattack.models.job import TrainingJob
from seqattack.pipeline.adversarial import AdversarialConfig
from seqattack.pipeline.artefacts import (
    Wanted,
    skipped_recipes,
    victim_artefact,
    wanted_artefacts,
    without_recipes,
)
from seqattack.pipeline.config import ComparisonConfig, Config
from seqattack.pipeline.contents import contents, victim_contents
from seqattack.pipeline.defences import Defence, defence
from seqattack.pipeline.layout import AttackFolder, Layout
from seqattack.pipeline.names import (
    BASELINE,
    COMPARISON,
    PICKS,
    PUBLISHED,
    PUBLISHED_GOAL,
    ROBUSTNESS,
    UNDEFENDED,
)
from seqattack.scpn.embedded.settings import ScpnSettings
from seqattack.sentence_encoder.settings import encoder_artefacts
from seqattack.victim.settings import TrainingSettings
from seqattack.victim.source import FOLDERS, VictimSource


@dataclass(frozen=True, slots=True)
class Attack:
    """One attack on one victim.

    Args:
        experiment: `COMPARISON`, `ROBUSTNESS` or `PUBLISHED`.
        victim: The victim's name.
        recipe: The attack.
    """

    experiment: str
    victim: str
    recipe: str


class Plan:
    """The plan of a run of one seed, or of what the runs of all seeds share.

    Args:
        config: The run's configuration.

    Attributes:
        config: Without the attacks that are left out.
        layout: Where everything lies.
        skipped: The attacks that are left out, and why; see `skipped_recipes`.

    Raises:
        BackendError: No attack is left.
    """

    def __init__(self, config: Config) -> None:
        self.layout = Layout.of(config)
        self.skipped = skipped_recipes(config, self.layout.run_files)
        self.config = without_recipes(config, self.skipped)

    @cached_property
    def adversarial(self) -> Mapping[str, AdversarialConfig]:
        """The adversarial trainings by their names, such as that of their recipe."""
        return {entry.source: entry for entry in self.config.adversarial_training}

    @cached_property
    def origins(self) -> Mapping[str, list[AdversarialConfig]]:
        """The adversarial trainings that take examples of each recipe, or of ``picks``."""
        found: dict[str, list[AdversarialConfig]] = {}
        for entry in self.adversarial.values():
            for origin in entry.origins:
                found.setdefault(origin, []).append(entry)
        return found

    def wanted(self, origin: str) -> int:
        """Return the number of examples of a recipe, or of ``picks``, that are needed.

        Args:
            origin: One of `origins`.
        """
        entries = self.origins[origin]
        return max(entry.parts(max(entry.sizes))[origin] for entry in entries)

    def is_minimal(self, origin: str) -> bool:
        """Whether examples are reduced to the edits that they need."""
        return self.origins[origin][0].minimal

    @property
    def picks(self) -> AdversarialConfig | None:
        """An adversarial training that takes picks; all take the same."""
        return next(iter(self.origins.get(PICKS, ())), None)

    def added(self, source: str) -> dict[str, Path]:
        """Return the files of the examples that a training adds, by their origin."""
        return {
            origin: self.layout.augmentation(origin).examples
            for origin in self.adversarial[source].origins
        }

    @cached_property
    def artefacts(self) -> Mapping[str, Wanted]:
        """What is fetched, by the name of the file that says so."""
        return wanted_artefacts(self.config, self.layout.run_files)

    def artefact_files(self, key: str) -> list[Path]:
        """Return the files that say that what a key of the configuration names was fetched.

        Args:
            key: Such as ``pretrained``.
        """
        found = self.artefacts.items()
        return [self.layout.artefact(name) for name, each in found if each.key == key]

    @property
    def encoder_files(self) -> list[Path]:
        """The files that say that the sentence encoder was fetched, also for another key."""
        encoders = encoder_artefacts(self.config.to_json()["similarity"])
        return [self.layout.artefact(file_name(each)) for each in encoders]

    def robust_victims(self, source: str) -> dict[str, str]:
        """Return the victims of a robustness table by number of examples, the undefended one last.

        Args:
            source: Of the examples.
        """
        entry = self.adversarial[source]
        return {str(size): entry.victim(size) for size in entry.sizes} | {BASELINE: "small"}

    @cached_property
    def robust(self) -> Mapping[str, AdversarialConfig]:
        """The adversarial trainings by the names of their robust victims."""
        return {
            entry.victim(size): entry for entry in self.adversarial.values() for size in entry.sizes
        }

    @cached_property
    def victims(self) -> tuple[str, ...]:
        """All victims of the run, the undefended ones first."""
        return tuple(dict.fromkeys([*UNDEFENDED, *self.config.victims, *self.robust]))

    @cached_property
    def leaderboard(self) -> tuple[str, ...]:
        """The victims that the leaderboard ranks, or the victim of Table 1 alone."""
        chosen = self.config.attacks
        if chosen.leaderboard is not None:
            return tuple(dict.fromkeys((chosen.victim, *chosen.leaderboard)))
        others = (name for name in self.config.victims if name not in UNDEFENDED)
        return (chosen.victim, *others)

    @cached_property
    def defences(self) -> tuple[Defence, ...]:
        """The victims of the table of defences, each undefended one before those that defend it."""
        groups: dict[Defence, list[Defence]] = {}
        for name in self.config.attacks.defences:
            found = defence(name, self.config)
            alone = defence(found.undefended, self.config)
            groups.setdefault(alone, []).append(found)
        rows = (each for alone, others in groups.items() for each in (alone, *others))
        return tuple(dict.fromkeys(rows))

    @cached_property
    def defended(self) -> tuple[str, ...]:
        """The names of the victims of the table of defences."""
        return tuple(each.victim for each in self.defences)

    @property
    def has_leaderboard(self) -> bool:
        """Whether there is more than one victim to rank."""
        return len(self.leaderboard) > 1

    @cached_property
    def ready(self) -> Mapping[str, str]:
        """The victims that need no training, as commands name them."""
        named = ((name, self.config.ready_victim(name)) for name in self.config.victims)
        return {name: word for name, word in named if word is not None}

    def model(self, victim: str) -> str:
        """Return a victim as commands name it: its folder, or more for a ready one."""
        return self.ready.get(victim) or str(self.layout.model(victim))

    def model_files(self, *victims: str) -> list[str]:
        """Return what victims are loaded from; one of a package or server has no file."""
        return [path for victim in victims for path in self._files_of(victim)]

    def _files_of(self, victim: str) -> list[str]:
        if victim not in self.ready:
            return [str(self.layout.model(victim))]
        source = VictimSource.of(self.ready[victim])
        artefact = victim_artefact(source)
        if artefact is not None:
            return [str(self.layout.artefact(file_name(artefact)))]
        return [source.name] if source.kind in FOLDERS or os.path.exists(source.name) else []

    def model_contents(self, *victims: str) -> list[str]:
        """Return checksums of the files of the ready ones of some victims; see `contents`."""
        words = [self.ready[victim] for victim in victims if victim in self.ready]
        return [victim_contents(word, self.layout.results) for word in words]

    def contents(self, key: str) -> str:
        """Return a checksum of the files that a section of the configuration names.

        Args:
            key: Such as ``corpus``; see `seqattack.pipeline.contents.contents`.
        """
        return contents(self.config.to_json()[key], self.layout.results)

    @property
    def picks_contents(self) -> str:
        """A checksum of the file of picks; see `contents`."""
        return contents([each.picks for each in self.adversarial.values()], self.layout.results)

    def resource_contents(self, recipe: str) -> str:
        """Return a checksum of the files that an attack's resources are made of; see `contents`."""
        return contents(self.resources(recipe), self.layout.results)

    def training(self, victim: str) -> TrainingJob[TrainingSettings]:
        """Return how a victim is fine-tuned."""
        entry = self.robust.get(victim)
        own = entry.training if entry else self.config.victims[victim].training
        shared = asdict(self.config.training) | dict(own or {})
        del shared["threads"]
        settings = TrainingSettings(**shared, seed=self.config.seed)
        if entry is None or not entry.is_continued:
            pretrained = self.config.to_json()["pretrained"]
            return TrainingJob(settings, pretrained, self.config.device)
        source = VictimSource.of(self.model("small"))
        start = {"path": source.name}
        if source.revision is not None and not os.path.isdir(source.name):
            start = {"name": source.name, "revision": source.revision}
        settings = replace(settings, continued=True)
        return TrainingJob(settings, start, self.config.device)

    def training_files(self, victim: str) -> list[str]:
        """Return the files of the model that a victim is trained from."""
        entry = self.robust.get(victim)
        if entry is not None and entry.is_continued:
            return self.model_files("small")
        return list(map(str, self.artefact_files("pretrained")))

    def training_contents(self, victim: str) -> list[str]:
        """Return checksums of the files of that model, where it is no part of the run."""
        entry = self.robust.get(victim)
        if entry is not None and entry.is_continued:
            return self.model_contents("small")
        return [self.contents("pretrained")]

    def masked_lm_training(self, entry: str) -> TrainingJob[MaskedLMSettings]:
        """Return how the masked LM of an entry of ``masked_lm`` is trained."""
        model, precision = self.config.masked_lm[entry], self.config.training.precision
        settings = MaskedLMSettings(
            model.steps or default(MaskedLMSettings, "steps"),
            seed=self.config.seed,
            precision=precision,
        )
        return TrainingJob(settings, {"embedded": str(model.embedded)}, self.config.device)

    @cached_property
    def scpn_training(self) -> TrainingJob[ScpnSettings]:
        """How the small SCPN is trained."""
        steps = self.config.scpn.steps or default(ScpnSettings, "steps")
        return TrainingJob(ScpnSettings(steps, seed=self.config.seed), device=self.config.device)

    @cached_property
    def attacks(self) -> tuple[Attack, ...]:
        """Every attack on the subset."""
        chosen = self.config.attacks
        compared = [
            Attack(COMPARISON, victim, recipe)
            for victim in self.compared_victims
            for recipe in chosen.recipes
        ]
        published = [Attack(PUBLISHED, chosen.victim, each) for each in chosen.published_recipes]
        robust = [
            self._robust_attack(entry, victim)
            for source, entry in self.adversarial.items()
            for victim in self.robust_victims(source).values()
        ]
        return tuple(dict.fromkeys([*compared, *published, *robust]))

    @cached_property
    def compared_victims(self) -> tuple[str, ...]:
        """The victims that are attacked with all recipes of Table 1."""
        return tuple(dict.fromkeys((*self.leaderboard, *self.defended)))

    def _robust_attack(self, entry: AdversarialConfig, victim: str) -> Attack:
        """Return the attack that a victim is tried with, which may be one of the comparison."""
        chosen = self.config.attacks
        same = (entry.goal, entry.timeout) == (chosen.goal, chosen.timeout)
        is_compared = victim in self.compared_victims and entry.recipe in chosen.recipes
        return Attack(COMPARISON if same and is_compared else ROBUSTNESS, victim, entry.recipe)

    def of_experiment(self, experiment: str) -> list[Attack]:
        """Return the attacks of one experiment."""
        return [attack for attack in self.attacks if attack.experiment == experiment]

    @property
    def compared(self) -> list[AttackFolder]:
        """The folders of the attacks of Table 1."""
        return self.compared_attacks(self.config.attacks.victim)

    def compared_attacks(self, victim: str) -> list[AttackFolder]:
        """Return the folders of a victim's attacks with all recipes of Table 1."""
        recipes = self.config.attacks.recipes
        return [self.layout.attack(COMPARISON, victim, recipe) for recipe in recipes]

    @cached_property
    def experiments(self) -> dict[str, list[AttackFolder]]:
        """The folders of the attacks of each experiment that there is."""
        found: dict[str, list[AttackFolder]] = {}
        for attack in self.attacks:
            found.setdefault(attack.experiment, []).append(self.folder(attack))
        return found

    def folder(self, attack: Attack) -> AttackFolder:
        """Return an attack's folder."""
        return self.layout.attack(attack.experiment, attack.victim, attack.recipe)

    def robust_attacks(self, source: str) -> dict[str, AttackFolder]:
        """Return the folders of the attacks of a robustness table by number of examples.

        Args:
            source: Of the examples.
        """
        entry = self.adversarial[source]
        return {
            size: self.folder(self._robust_attack(entry, victim))
            for size, victim in self.robust_victims(source).items()
        }

    @property
    def tried(self) -> list[AttackFolder]:
        """The folders of the attacks of all robustness tables."""
        found = (self.robust_attacks(source).values() for source in self.adversarial)
        return list(dict.fromkeys(folder for folders in found for folder in folders))

    def robust_folders(self, source: str) -> dict[str, Path]:
        """Return the paths of `robust_attacks`."""
        return {size: folder.path for size, folder in self.robust_attacks(source).items()}

    def evaluations(self, source: str) -> dict[str, Path]:
        """Return the test metrics of robust victims by number of examples.

        Args:
            source: Of the examples.
        """
        victims = self.robust_victims(source).items()
        return {size: self.layout.evaluation(victim) for size, victim in victims}

    def by_size(self, of_source: Callable[[str], Mapping[str, Path]]) -> list[str]:
        """Return paths of all sources as SOURCE/SIZE=PATH, which scripts take.

        Args:
            of_source: Given a source, returns paths by number of examples.
        """
        return [
            f"{source}/{size}={path}"
            for source in self.adversarial
            for size, path in of_source(source).items()
        ]

    @cached_property
    def shards(self) -> range:
        """The numbers of the shards of an attack on the subset."""
        return range(-(-self.config.subset.size // self.config.attack.shard_size))

    def bounds(self, shard: int) -> tuple[int, int]:
        """Return the index of a shard's first sentence, and that after its last one."""
        size = self.config.attack.shard_size
        return shard * size, (shard + 1) * size

    def experiment(self, name: str, recipe: str) -> ComparisonConfig | AdversarialConfig:
        """Return the section of the configuration that sets an attack's goal and time limit.

        Args:
            name: The experiment.
            recipe: The attack.

        Raises:
            ConfigError: The run has no such attack.
        """
        if name == COMPARISON:
            return self.config.attacks
        if name == PUBLISHED:
            return replace(self.config.attacks, goal=PUBLISHED_GOAL)
        for entry in self.adversarial.values():
            if recipe in entry.attacks:
                return entry
        raise ConfigError(f"adversarial_training has no entry with the recipe {recipe}.")

    def resources(self, recipe: str) -> dict[str, Mapping[str, Any]]:
        """Return, by resource that a recipe needs, what it is made of."""
        config, files = self.config.to_json(), self.layout.run_files
        return {
            name: find_resource(name).from_config(config, recipe, files)
            for name in sorted(find_recipe(recipe).needs)
        }

    def resource_files(self, recipe: str) -> list[str]:
        """Return the files that an attack has to wait for, besides victim and sentences."""
        files = self.layout.run_files
        return [
            path
            for name, settings in self.resources(recipe).items()
            for path in find_resource(name).inputs(settings, files)
        ]

    def job(self, experiment: str, recipe: str) -> AttackJob:
        """Return all that `seqattack attack` needs besides victim and sentences.

        Args:
            experiment: The experiment that sets goal and time limit.
            recipe: The attack.
        """
        chosen, config = self.experiment(experiment, recipe), self.config
        return AttackJob(
            config.attack_settings(recipe, chosen.goal, chosen.timeout),
            self.resources(recipe),
            Machine(
                config.device,
                config.precision,
                config.backend,
                config.attack.in_flight,
                config.attack.batch_tokens,
            ),
        )

    @cached_property
    def word_level(self) -> tuple[str, ...]:
        """The recipes of Table 1 that take their words from a masked LM."""
        recipes = self.config.attacks.recipes
        return tuple(each for each in recipes if "masked-lm" in find_recipe(each).needs)

    @cached_property
    def sentence_level(self) -> tuple[str, ...]:
        """The recipes of Table 1 that paraphrase sentences."""
        recipes = self.config.attacks.recipes
        return tuple(each for each in recipes if "paraphraser" in find_recipe(each).needs)

    @cached_property
    def scores(self) -> tuple[Path, ...]:
        """Summaries, scores and records of every attack."""
        folders = map(self.folder, self.attacks)
        return tuple(p for each in folders for p in (each.summary, each.scored, each.records))

    @cached_property
    def explained(self) -> tuple[Path, ...]:
        """What each edit does, of every attack but those as published; none unless asked for."""
        attacks = (*self.of_experiment(COMPARISON), *self.of_experiment(ROBUSTNESS))
        wanted = attacks if self.config.attack.explain else ()
        return tuple(self.folder(attack).explained for attack in wanted)

    @cached_property
    def certain(self) -> tuple[str, ...]:
        """The victims whose certainty is measured; none unless asked for."""
        attacks = (*self.of_experiment(COMPARISON), *self.of_experiment(ROBUSTNESS))
        wanted = attacks if self.config.certainty is not None else ()
        return tuple(dict.fromkeys(attack.victim for attack in wanted))

    @property
    def with_noise(self) -> tuple[str, ...]:
        """The victims that noise is measured on: all, or none where no suite is asked for."""
        return self.victims if self.config.noise.suites else ()

    def attacks_on(self, victim: str) -> dict[str, AttackFolder]:
        """Return the folders of the attacks on a victim by recipe, but not those as published.

        A victim that is attacked in both experiments has that of the comparison.
        """
        found: dict[str, AttackFolder] = {}
        for attack in (*self.of_experiment(COMPARISON), *self.of_experiment(ROBUSTNESS)):
            if attack.victim == victim:
                found.setdefault(attack.recipe, self.folder(attack))
        return found

    def card_facts(self, victim: str) -> dict[str, str]:
        """Return what is known of a trained victim besides its files, by option of its card."""
        corpus = self.config.corpus
        found = {"name": victim}
        if corpus.newswire is not None:
            found |= {"dataset": "generated newswire", "language": "en"}
        if corpus.hub is not None:
            found["dataset"] = corpus.hub.name
        return found

    @cached_property
    def figures(self) -> tuple[Path, ...]:
        """One file of each figure."""
        names = [("figure1", ".html")] if self.word_level else []
        names += [("figure2", ".html")] if self.sentence_level else []
        names += [("figure3", ".html")] if self.adversarial else []
        names += [(f"figure4-{source}", ".png") for source in self.adversarial]
        names += [(f"examples-{recipe}", ".html") for recipe in self.config.attacks.recipes]
        names += [(f"certainty-{victim}", ".png") for victim in self.certain]
        return tuple(self.layout.figure(*name) for name in names)
