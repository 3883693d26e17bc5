"""Every path of a run: used by rules, report and web application alike."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqattack.attack.resources.resource import RunFiles

CORPUS, TRAINING, MODELS, EVALUATION = "corpus", "training", "models", "evaluation"
ATTACKS, AUGMENTATION, TRANSFER, TABLES = "attacks", "augmentation", "transfer", "tables"
CERTAINTY, LEADERBOARD, NOISE = "certainty", "leaderboard", "noise"
REPORTED, CARDS = "reported", "cards"

WITHOUT_RECORDS = frozenset(
    {CORPUS, TRAINING, MODELS, EVALUATION, TRANSFER, TABLES}
    | {CERTAINTY, LEADERBOARD, NOISE, REPORTED, CARDS}
)
"""Folders of a run that never hold attack records."""

RECORDS = "records.jsonl"
"""The file of all records of an attack."""

SEED = "seed-"
"""What the folder of one of several seeds begins with."""


@dataclass(frozen=True, slots=True)
class AttackFolder:
    """The files of one attack on one victim.

    Args:
        path: The folder.
    """

    path: Path

    @property
    def victim(self) -> str:
        """The victim's name."""
        return self.path.parent.name

    @property
    def shards(self) -> list[Path]:
        """The records of the shards that are there, in order."""
        found = self.path.glob("shard-*.jsonl")
        return sorted(found, key=lambda path: int(path.stem.removeprefix("shard-")))

    @property
    def records(self) -> Path:
        """All records, one a sentence."""
        return self.path / RECORDS

    @property
    def scored(self) -> Path:
        """The scores of each record."""
        return self.path / "scored.jsonl"

    @property
    def explained(self) -> Path:
        """What each edit of each adversarial example does, where that was asked for."""
        return self.path / "explained.jsonl"

    @property
    def summary(self) -> Path:
        """The attack's metrics."""
        return self.path / "summary.json"

    def shard(self, number: int | str) -> Path:
        """Return the records of one shard.

        Args:
            number: From 0; or a wildcard.
        """
        return self.path / f"shard-{number}.jsonl"


@dataclass(frozen=True, slots=True)
class AugmentationFolder:
    """The files of the attack on the small victim's training set.

    Args:
        path: The folder.
    """

    path: Path

    @property
    def order(self) -> Path:
        """The sentences in the order in which they are attacked."""
        return self.path / "order.jsonl"

    @property
    def plan(self) -> Path:
        """How many examples are wanted, and how many shards the first wave has."""
        return self.path / "plan.json"

    @property
    def examples(self) -> Path:
        """The adversarial examples, as training sentences."""
        return self.path / "examples.jsonl"

    def shard(self, number: int | str) -> Path:
        """Return the records of one shard.

        Args:
            number: From 0; or a wildcard.
        """
        return self.path / f"shard-{number}.jsonl"

    def wave(self, number: int | str) -> Path:
        """Return what was found after a wave of shards.

        Args:
            number: From 0; or a wildcard.
        """
        return self.path / f"wave-{number}.json"


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything of a run lies.

    Names of victims, recipes and so on may be Snakemake's wildcards, such as ``{victim}``.

    Args:
        results: Folder of everything but figures and logs.
        figures: Folder of the figures.
        logs: Folder of the jobs' logs.

    Example:
        >>> Layout(Path("results")).attack("comparison", "full", "clare").summary.as_posix()
        'results/attacks/comparison/full/clare/summary.json'
    """

    results: Path
    figures: Path = Path("figures")
    logs: Path = Path("logs")

    @classmethod
    def of(cls, config: Any) -> Layout:
        """Return the layout of a configuration's run.

        Args:
            config: With `results`, `figures` and `logs`.
        """
        return cls(Path(config.results), Path(config.figures), Path(config.logs))

    def corpus(self, split: str) -> Path:
        """Return the sentences of ``train``, ``dev`` or ``test``."""
        return self.results / CORPUS / f"{split}.jsonl"

    @property
    def corpus_statistics(self) -> Path:
        """The numbers of sentences, tokens and entities."""
        return self.results / CORPUS / "statistics.json"

    def training_set(self, victim: str) -> Path:
        """Return the sentences that a victim is trained on."""
        return self.results / TRAINING / f"{victim}.jsonl"

    @property
    def models(self) -> Path:
        """Folder of all trained models."""
        return self.results / MODELS

    def model(self, victim: str) -> Path:
        """Return the folder of a trained victim."""
        return self.models / victim

    def masked_lm(self, entry: str) -> Path:
        """Return the folder of the masked LM that is trained for an entry of ``masked_lm``."""
        return self.models / f"masked-lm-{entry}"

    @property
    def scpn(self) -> Path:
        """The folder of the SCPN that is trained."""
        return self.models / "scpn"

    def evaluation(self, victim: str) -> Path:
        """Return a victim's metrics on the unattacked test set."""
        return self.results / EVALUATION / f"{victim}.json"

    def clean_counts(self, victim: str) -> Path:
        """Return how many entities of each unattacked test sentence a victim finds."""
        return self.results / EVALUATION / "counts" / f"{victim}.json"

    def certainty(self, victim: str) -> Path:
        """Return a victim's calibration and coverage before and under attack."""
        return self.results / CERTAINTY / f"{victim}.json"

    def noise(self, victim: str) -> Path:
        """Return what noise does to a victim on the test set."""
        return self.results / NOISE / f"{victim}.json"

    @property
    def subset(self) -> Path:
        """The sentences that every attack shares."""
        return self.results / "subset.jsonl"

    @property
    def left_out(self) -> Path:
        """Ids of the test sentences that are too long for attacks."""
        return self.results / "subset-left-out.json"

    @property
    def backends(self) -> Path:
        """Folder of what is known of the backends."""
        return self.results / "backends"

    def backend(self, kind: str) -> Path:
        """Return what is known of the ``similarity`` or the ``grammar`` backend."""
        return self.backends / f"{kind}.json"

    @property
    def artefacts(self) -> Path:
        """Folder of what is known of fetched artefacts."""
        return self.results / "artefacts"

    def artefact(self, name: str) -> Path:
        """Return what is known of a fetched artefact: its version, licence and checksums."""
        return self.artefacts / f"{name}.json"

    @property
    def attacks(self) -> Path:
        """Folder of all attacks on the subset."""
        return self.results / ATTACKS

    def attack(self, experiment: str, victim: str, recipe: str) -> AttackFolder:
        """Return the folder of an attack.

        Args:
            experiment: ``comparison`` (Table 1), ``robustness`` (Tables 2 and 3) or ``published``
                (Table 1 as published).
            victim: The victim's name.
            recipe: The attack.
        """
        return AttackFolder(self.attacks / experiment / victim / recipe)

    def augmentation(self, source: str) -> AugmentationFolder:
        """Return the folder of the examples that a training set is augmented with.

        Args:
            source: Where they come from: a recipe, ``picks``, or a training's own name.
        """
        return AugmentationFolder(self.results / AUGMENTATION / source)

    def transfer(self, source: str) -> Path:
        """Return how the examples against each victim do on the others."""
        return self.results / TRANSFER / f"{source}.json"

    def victim_results(self, victim: str) -> Path:
        """Return how a victim of the leaderboard stands up to its attacks."""
        return self.results / LEADERBOARD / f"{victim}.json"

    def card(self, victim: str) -> Path:
        """Return a trained victim's card, of which its folder has a copy."""
        return self.results / CARDS / f"{victim}.md"

    def reported(self, tracker: str) -> Path:
        """Return where a tracker put the run."""
        return self.results / REPORTED / f"{tracker}.json"

    @property
    def tables(self) -> Path:
        """Folder of the tables."""
        return self.results / TABLES

    def table(self, name: str, ending: str) -> Path:
        """Return one of a table's files.

        Args:
            name: Such as ``table1``.
            ending: Such as ``.csv`` or ``-long.csv``.
        """
        return self.tables / f"{name}{ending}"

    @property
    def tables_text(self) -> Path:
        """All tables as text."""
        return self.results / "tables.txt"

    @property
    def summary(self) -> Path:
        """What the run prints at its end."""
        return self.results / "summary.txt"

    @property
    def provenance(self) -> Path:
        """What made the run."""
        return self.results / "provenance.json"

    @property
    def report(self) -> Path:
        """The report."""
        return self.results / "report.html"

    @property
    def config(self) -> Path:
        """The configuration with every default filled in."""
        return self.results / "config.yaml"

    @property
    def picks(self) -> Path:
        """What people picked in the web application."""
        return self.results / "picks.json"

    def figure(self, name: str, ending: str = "") -> Path:
        """Return one of a figure's files, or their common beginning.

        Args:
            name: Such as ``figure1``.
            ending: Such as ``.pdf``.
        """
        return self.figures / f"{name}{ending}"

    @property
    def run_files(self) -> RunFiles:
        """Where resources find what the run makes."""
        return RunFiles(self.models, self.corpus("train"), self.backends, self.artefacts)


def run_layouts(results: Path) -> dict[str, Layout]:
    """Return where the runs in a results folder lie, by their seeds; a single run has none.

    Args:
        results: The folder that a configuration names, of one seed or of several.
    """
    folders = [path for path in results.glob(f"{SEED}*") if path.is_dir()]
    folders.sort(key=lambda path: (len(path.name), path.name))  # 2 before 10
    of_seeds = {folder.name.removeprefix(SEED): Layout(folder) for folder in folders}
    return {"": Layout(results), **of_seeds}
