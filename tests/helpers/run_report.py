"""The report of a run that never was, with hostile text wherever there is text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np

from seqattack.corpus import write_jsonl
from seqattack.io import write_json
from seqattack.io import write_jsonl as write_lines
from seqattack.metrics.entities import EntityMetrics
from seqattack.metrics.summary import AttackSummary
from seqattack.pipeline.config import load_config
from seqattack.pipeline.damage import Verification
from seqattack.records import AttackRecord, Outcome, Prediction
from seqattack.report.claims import claims_table
from seqattack.report.examples import classes
from seqattack.report.matrix import robustness_matrices
from seqattack.report.paper import paper_results
from seqattack.report.paper_tables import comparison_table, robustness_table, standard_table
from seqattack.report.run_report import ReportFigure, report
from seqattack.report.sources import (
    Source,
    comparison_sources,
    evaluation_sources,
    robustness_sources,
)
from seqattack.report.style import class_looks
from seqattack.report.tables import Table
from seqattack.sentence import Sentence
from tests.helpers.records import attack_record
from tests.helpers.summaries import any_summary

HOSTILE = ("<script>alert(1)</script>", "\x1b[31m", "\u202eevil", "</dd>{{7*7}}", "a&b\"'")
TAGS = ("B-ORG", "I-ORG", "O", "O", "B-<b>X</b>")
CONFIG = load_config(
    {
        "corpus": {"newswire": {"seed": 1, "train": 40, "dev": 20, "test": 20}},
        "pretrained": {"embedded": "minilm"},
        "victims": {"full": {"sentences": "all"}, "small": {"sentences": 20}},
        "subset": {"size": 8},
        "masked_lm": {"default": {"embedded": "minilm", "steps": 40}},
        "attacks": {"recipes": ["deepwordbug-i-5", "bert-attack"]},
        "adversarial_training": [
            {"recipe": "bert-attack", "sizes": [2, 3]},
            {"recipe": "clare", "sizes": [2]},
        ],
    }
)
PROVENANCE = {
    "remarks": ["This run was put together from 2 versions of the code: <b>old</b> and new."],
    "made_by": [
        {
            "version": "1",
            "code": "ef" * 32,
            "commit": commit,
            "changes": {"sha256": "01" * 32, "files": ["seqattack/<b>.py"]},
            "python": "3.11",
            "machine": "<img src=x>",
            "device": "<img src=y>",
            "packages": {"torch": "2"},
            "files": ["results/a"],
        }
        for commit in (None, "c0ffee" * 6)
    ],
    "models": {
        "small": {"checksum": "ab" * 32},
        "mine": {"checksum": "cd" * 32, "device": "cpu", "threads": 2, "bfloat16": False},
    },
}


def record(name: str, recipe: str, outcome: Outcome) -> AttackRecord:
    """Return an attack whose adversarial text is hostile.

    Args:
        name: The sentence's id.
        recipe: The attack.
        outcome: How it ended.
    """
    original = Prediction(("Leeds", "United", "won", "in", "Rome"), TAGS, TAGS, (0.9,) * 5)
    broken = ("B-ORG", "O", "O", "B-MISC", "O")
    attacked = Prediction(HOSTILE, TAGS, broken, (0.9,) * 5)
    found = attacked if outcome is Outcome.SUCCESS else None
    return attack_record(original, found, id=name, recipe=recipe, outcome=outcome)


def summary(recipe: str, victim: str) -> AttackSummary:
    """Return the figures of an attack.

    Args:
        recipe: The attack.
        victim: The victim.
    """
    return replace(
        any_summary(recipe, victim),
        sentences=90,
        attacked=80,
        successes=70,
        attack_rate=0.875,
        grammar_error_change=1.5,
        stops={"goal-reached": 7, "query-budget": 1},
        intervals={"attack_rate": (0.5, 1.0), "grammar_error_change": (-0.25, 2.0)},
    )


def attack(folder: Path, recipe: str, victim: str) -> Path:
    """Write what the pipeline writes of an attack."""
    outcomes = [Outcome.FAILED, *([Outcome.SUCCESS] * 7), Outcome.SKIPPED]
    records = [record(f"test-{k}", recipe, outcome) for k, outcome in enumerate(outcomes)]
    write_lines(folder / "records.jsonl", (each.to_json() for each in records))
    write_json(folder / "summary.json", summary(recipe, victim).to_json())
    return folder


METRICS = EntityMetrics(0.9, 0.8, 0.85, 0.95, 20, {})
SIZES = {"bert-attack": ("2", "3", "baseline"), "clare": ("2", "baseline")}


def run_tables() -> list[Table]:
    """Return the tables of the run."""
    paper = paper_results()
    tables = [
        comparison_table([summary(r, "full") for r in CONFIG.attacks.recipes], METRICS, paper)
    ]
    for recipe, sizes in SIZES.items():
        attacked = {size: summary(recipe, size) for size in sizes}
        tables.append(robustness_table(recipe, attacked, paper))
        tables.append(standard_table(recipe, dict.fromkeys(sizes, METRICS), 20, paper))
    resamples = {
        f"{table.id}/{row.key}/{metric}": np.linspace(0.99 * value, 1.01 * value, 100)
        for table in tables[:1]
        for row in table.rows
        for metric, value in row.values.items()
        if isinstance(value, float)
    }
    return [claims_table(tables, paper, resamples), *tables]


def run_sources(folder: Path) -> list[Source]:
    """Return what stands behind their rows.

    Args:
        folder: Where the files of the run are written.
    """
    compared = [attack(folder / "full" / r, r, "full") for r in CONFIG.attacks.recipes]
    examples = folder / "examples.jsonl"
    write_jsonl(examples, [Sentence(f"train-{k}", HOSTILE[::-1], TAGS) for k in range(3)])
    sources = list(comparison_sources(compared, "results/subset.jsonl", CONFIG))
    for recipe, sizes in SIZES.items():
        attacked = {size: attack(folder / size / recipe, recipe, size) for size in sizes}
        metrics = {size: folder / f"{size}.json" for size in sizes}
        sources += robustness_sources(recipe, attacked, CONFIG)
        sources += evaluation_sources(recipe, metrics, {recipe: examples}, CONFIG)
    return sources


def make(folder: Path, sources: Sequence[Source] = ()) -> str:
    """Return the report of the run.

    Args:
        folder: Where the files of the run are written.
        sources: What stands behind its rows; the run's own without any.
    """
    sources = sources or run_sources(folder)
    images = folder / "figure4.svg", folder / "figure4-dark.svg"
    for image in images:
        image.write_text(f"<svg xmlns='http://www.w3.org/2000/svg' id='{image.stem}'/>")
    figures = [
        ReportFigure("figure1", "Figure 1. One", "A <caption>.", examples=sources[0].examples[:1]),
        ReportFigure("figure4", "Figure 4. Two", "Why?", [sources[0].id], images=images),
    ]
    attacks = {
        "comparison/bert-attack": summary("bert-attack", "full"),
        "robustness/bert-attack/2": summary("bert-attack", "robust-bert-attack-2"),
    }
    return report(
        run_tables(),
        figures,
        sources,
        PROVENANCE,
        Verification(212),
        CONFIG,
        "results/config.yaml",
        robustness_matrices(attacks),
        class_looks(chain.from_iterable(classes(source.examples) for source in sources)),
    )
