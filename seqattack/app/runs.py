"""The runs below a results folder: which folders hold the records of an attack."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from seqattack.errors import SeqAttackError
from seqattack.pipeline.config import load_config
from seqattack.pipeline.layout import (
    ATTACKS,
    AUGMENTATION,
    RECORDS,
    SEED,
    WITHOUT_RECORDS,
    AttackFolder,
    Layout,
)
from seqattack.pipeline.plan import Plan
from seqattack.report.names import recipe_name, victim_title

IMPORTS = "imports"
"""Folder, below the results, of SeqAttack's own JSON files."""

_SHARD = re.compile(r"shard-(\d+)\.jsonl")


@dataclass(frozen=True, slots=True)
class Run:
    """One attack on one victim.

    Args:
        key: Its path below the results folder, which is also its name in addresses.
        folder: The folder of its files.
        files: The files of its records: one file, or the shards of an attack that is still running
            or that was made for adversarial training.
        victim: The victim's name.
        recipe: The attack's recipe.
        experiment: ``comparison``, ``robustness``, ``training set`` or the folder's name.
        seed: The run's seed, if the folder names it.
        is_left_over: Whether the configuration beside its results no longer names it.
    """

    key: str
    folder: Path
    files: tuple[Path, ...]
    victim: str
    recipe: str
    experiment: str = ""
    seed: str = ""
    is_left_over: bool = False

    @property
    def title(self) -> str:
        """Recipe and victim, with experiment and seed if there are any."""
        rest = [self.experiment] if self.experiment else []
        rest += [f"seed {self.seed}"] if self.seed else []
        rest += ["no longer in the config"] if self.is_left_over else []
        names = recipe_name(self.recipe)
        names += f" on {victim_title(self.victim)}" if self.victim else ""
        return names + (f" ({', '.join(rest)})" if rest else "")

    @property
    def is_imported(self) -> bool:
        """Whether the records are a file of the original SeqAttack."""
        return self.files[0].suffix == ".json"

    @property
    def state(self) -> tuple[tuple[int, int], ...]:
        """Times and sizes of the run's files, which change whenever one of the files does."""
        beside = [AttackFolder(self.folder).scored, AttackFolder(self.folder).summary]
        stats = [path.stat() for path in (*self.files, *beside) if path.is_file()]
        return tuple((stat.st_mtime_ns, stat.st_size) for stat in stats)


def find_runs(results: Path) -> dict[str, Run]:
    """Return the runs below a folder by their keys, sorted.

    Links that lead out of the folder are not followed.

    Raises:
        SeqAttackError: There is no such folder.
    """
    if not results.is_dir():
        raise SeqAttackError(
            f"{results}: no such folder; name the results folder of a pipeline run, "
            "or one with a records.jsonl of `seqattack attack` in it."
        )
    root = results.resolve()
    planned = cache(_planned)
    runs = (_marked(run, planned) for run in _walk(root))
    return {run.key: run for run in sorted(runs, key=lambda run: run.key)}


def described(run: Run, facts: Mapping[str, str]) -> Run:
    """Return an imported run with the names that its file gives.

    Args:
        run: The run as its path describes it.
        facts: What the file says of itself: ``model``, ``recipe`` and ``seed`` are used.
    """
    return replace(
        run,
        victim=facts.get("model", run.victim),
        recipe=facts.get("recipe", run.recipe),
        seed=facts.get("seed", run.seed),
    )


def _marked(run: Run, planned: Callable[[Path], frozenset[Path] | None]) -> Run:
    """Return a run of the pipeline marked if its results' configuration does not name it."""
    if len(run.folder.parts) < 4 or run.folder.parts[-4] != ATTACKS:
        return run
    results = run.folder.parents[3]
    named = planned(results)
    is_left_over = named is not None and run.folder.relative_to(results) not in named
    return replace(run, is_left_over=is_left_over)


def _planned(results: Path) -> frozenset[Path] | None:
    """Return the folders of all attacks that a finished run's configuration names, in its results.

    They are None where there is no configuration that can be read.
    """
    path = Layout(results).config
    if not path.is_file():
        return None
    try:
        # What was left out because it could not be had is named all the same.
        plan = Plan(replace(load_config(path), unavailable="stop"))
    except SeqAttackError:
        return None
    folders = (plan.folder(attack).path for attack in plan.attacks)
    return frozenset(folder.relative_to(plan.layout.results) for folder in folders)


def _walk(root: Path) -> Iterator[Run]:
    for name, folders, files in os.walk(root):
        folder = Path(name)
        folders[:] = [f for f in folders if not f.startswith(".") and f not in WITHOUT_RECORDS]
        inside = [f for f in files if (folder / f).resolve().is_relative_to(root)]
        records = _records(inside)
        if records:
            yield _run(root, folder, tuple(folder / file for file in records))
        if folder == root / IMPORTS:
            for file in sorted(f for f in inside if f.endswith(".json") and f[0] != "."):
                stem = file.removesuffix(".json")
                yield Run(f"{IMPORTS}/{file}", folder, (folder / file,), "", stem, "imported")


def _records(files: list[str]) -> list[str]:
    if RECORDS in files:
        return [RECORDS]
    shards = {int(match[1]): file for file in files if (match := _SHARD.fullmatch(file))}
    return [shards[number] for number in sorted(shards)]


def _run(root: Path, folder: Path, files: tuple[Path, ...]) -> Run:
    parts = folder.relative_to(root).parts
    key = "/".join(parts) or "."
    seed = next((p.removeprefix(SEED) for p in parts if p.startswith(SEED)), "")
    if len(parts) > 3 and parts[-4] == ATTACKS:
        return Run(key, folder, files, parts[-2], parts[-1], parts[-3], seed)
    if len(parts) > 1 and parts[-2] == AUGMENTATION:
        return Run(key, folder, files, "small", parts[-1], "training set", seed)
    return Run(key, folder, files, folder.name, "attack", "", seed)
