"""How the tests run the project's workflow, and the smallest run that has every kind of job."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from seqattack.integrity import State, examine

ROOT = Path(__file__).resolve().parents[2]

TINY: dict[str, Any] = {
    "seeds": [0],
    "corpus": {"newswire": {"seed": 1, "train": 160, "dev": 10, "test": 80}},
    "pretrained": {"embedded": "minilm"},
    "training": {"learning_rate": 0.001, "epochs": 2},
    "victims": {"full": {"sentences": "all"}, "small": {"sentences": 120}},
    "subset": {"size": 4, "max_wrong": 0.3},
    "attack": {"shard_size": 2, "query_budget": 48},
    "attacks": {"recipes": ["deepwordbug-i-5"]},
    "adversarial_training": [{"recipe": "deepwordbug-i-5", "sizes": [2]}],
}
"""Two shards an attack, and every rule but the masked LM's."""


def command(
    folder: Path, config: Mapping[str, Any], *arguments: str, snakefile: Path = ROOT / "Snakefile"
) -> list[str]:
    """Return the command that runs the workflow with `folder` as its working folder."""
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(dict(config)))
    call = [sys.executable, "-m", "snakemake", "--snakefile", str(snakefile)]
    call += ["--directory", str(folder), "--configfile", str(path)]
    return [*call, *arguments]


def snakemake(
    folder: Path, config: Mapping[str, Any], *arguments: str
) -> subprocess.CompletedProcess[str]:
    """Run the workflow to its end on two cores."""
    return subprocess.run(
        command(folder, config, "--cores", "2", *arguments),
        capture_output=True,
        text=True,
        timeout=3600,
        cwd=folder,
    )


def results(folder: Path) -> dict[str, bytes]:
    """Return the bytes of a run's records, scores and tables by path."""
    made = folder / "results"
    kept = ("attacks", "augmentation", "evaluation", "tables", "transfer")
    return {
        str(path.relative_to(made)): path.read_bytes()
        for name in kept
        for path in sorted((made / name).rglob("*"))
        if path.is_file() and path.parent.name != ".made"  # names the code, which tests may change
    }


OF_ITS_TIME = ("training.json", "provenance.json", "report.html")
"""Files that say how long something took, or by what it was made."""


def made(folder: Path) -> dict[str, str | None]:
    """Return the SHA-256 of all files of a run that are as they were made, but `OF_ITS_TIME`."""
    return {
        str(finding.path.relative_to(folder)): finding.found
        for name in ("results", "figures")
        for finding in examine(folder / name)
        if finding.state is State.INTACT and finding.path.name not in OF_ITS_TIME
    }
