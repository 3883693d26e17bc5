"""The report: every link leads somewhere, nothing is loaded, no text gets out of its place."""

from __future__ import annotations

import json
import shlex
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from itertools import chain
from pathlib import Path

import numpy as np
import pytest

from seqattack.corpus import write_jsonl
from seqattack.io import write_json
from seqattack.io import write_jsonl as write_lines
from seqattack.metrics.entities import EntityMetrics
from seqattack.metrics.summary import AttackSummary
from seqattack.pipeline.config import load_config
from seqattack.records import AttackRecord, Outcome, Prediction
from seqattack.report.claims import claims_table
from seqattack.report.examples import classes
from seqattack.report.matrix import robustness_matrix
from seqattack.report.page import anchor
from seqattack.report.paper import paper_results
from seqattack.report.paper_tables import comparison_table, robustness_table, standard_table
from seqattack.report.run_report import ReportFigure, report
from seqattack.report.sources import (
    EXAMPLES,
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
        "adversarial_training": [{"recipe": "bert-attack", "sizes": [2, 3]}],
    }
)
PROVENANCE = {
    "commit": None,
    "python": "3.11",
    "machine": "<img src=x>",
    "packages": {"torch": "2", "absent": None},
    "models": {
        "small": {"checksum": "ab" * 32},
        "mine": {"checksum": "cd" * 32, "device": "cpu", "threads": 2, "bfloat16": False},
    },
}


def record(name: str, recipe: str, outcome: Outcome) -> AttackRecord:
    original = Prediction(("Leeds", "United", "won", "in", "Rome"), TAGS, TAGS, (0.9,) * 5)
    broken = ("B-ORG", "O", "O", "B-MISC", "O")
    attacked = Prediction(HOSTILE, TAGS, broken, (0.9,) * 5)
    found = attacked if outcome is Outcome.SUCCESS else None
    return attack_record(original, found, id=name, recipe=recipe, outcome=outcome)


def summary(recipe: str, victim: str) -> AttackSummary:
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
SIZES = ("2", "3", "baseline")


def run_tables() -> list[Table]:
    paper = paper_results()
    tables = [
        comparison_table([summary(r, "full") for r in CONFIG.attacks.recipes], METRICS, paper),
        robustness_table(
            "bert-attack", {size: summary("bert-attack", size) for size in SIZES}, paper
        ),
        standard_table("bert-attack", dict.fromkeys(SIZES, METRICS), 20, paper),
    ]
    resamples = {
        f"{table.id}/{row.key}/{metric}": np.linspace(0.99 * value, 1.01 * value, 100)
        for table in tables[:1]
        for row in table.rows
        for metric, value in row.values.items()
        if isinstance(value, float)
    }
    return [claims_table(tables, paper, resamples), *tables]


def run_sources(folder: Path) -> list[Source]:
    compared = [attack(folder / "full" / r, r, "full") for r in CONFIG.attacks.recipes]
    attacked = {size: attack(folder / size / "bert-attack", "bert-attack", size) for size in SIZES}
    examples = folder / "examples.jsonl"
    write_jsonl(examples, [Sentence(f"train-{k}", HOSTILE[::-1], TAGS) for k in range(3)])
    metrics = {size: folder / f"{size}.json" for size in SIZES}
    return [
        *comparison_sources(compared, "results/subset.jsonl", CONFIG),
        *robustness_sources("bert-attack", attacked, CONFIG),
        *evaluation_sources("bert-attack", metrics, str(examples), CONFIG),
    ]


def make(folder: Path) -> str:
    sources = run_sources(folder)
    images = folder / "figure4.svg", folder / "figure4-dark.svg"
    for image in images:
        image.write_text("<svg/>")
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
        CONFIG,
        "results/config.yaml",
        robustness_matrix(attacks),
        class_looks(chain.from_iterable(classes(source.examples) for source in sources)),
    )


class Page(HTMLParser):
    """The elements, attributes and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.ids: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        for name, value in attrs:
            self.attributes.append((tag, name, value or ""))
            if name == "id":
                self.ids[value or ""] += 1

    def handle_data(self, data: str) -> None:
        self.text += data

    def values(self, name: str) -> list[str]:
        return [value for _, each, value in self.attributes if each == name]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Page:
    return Page(make(tmp_path_factory.mktemp("report")))


def test_every_link_leads_to_one_place_on_the_page(page: Page) -> None:
    assert set(page.ids.values()) == {1}
    links = page.values("href")
    assert len(links) > 20
    outside = [link for link in links if not link.startswith("#")]
    assert all(link.startswith("http://127.0.0.1:8765/run?run=attacks/") for link in outside)
    for link in set(links) - set(outside):
        assert link[1:] in page.ids, link


def test_every_row_leads_to_examples_config_and_command(page: Page) -> None:
    for table in run_tables():
        assert table.rows
        for row in table.rows:
            assert row.sources, (table.id, row.label)
            for source in map(anchor, row.sources):
                assert f"#{source}" in page.values("href")
                if table.id != "claims":
                    assert {source, f"{source}-config", f"{source}-command"} <= set(page.ids)
                else:
                    assert source in page.ids, "a claim leads to the rows that it compares"


def test_nothing_is_loaded(page: Page) -> None:
    assert not {"script", "link", "iframe", "object", "form", "base"} & set(page.tags)
    for name in ("src", "srcset", "action", "data", "poster", "background"):
        assert all(value.startswith("data:image/svg+xml;base64,") for value in page.values(name))
    assert len(page.values("src")) == 1
    (policy,) = (value for value in page.values("content") if "default-src" in value)
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert not page.values("style")
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    for word in ("http://", "https://", "url(", "@import"):
        assert word not in page.text


def test_hostile_text_stays_text(page: Page, tmp_path: Path) -> None:
    assert page.tags["img"] == 1, "the figure's own"
    assert page.tags["b"] == 0
    assert HOSTILE[0] in page.text
    assert "</dd>{{7*7}}" in page.text
    assert "<b>X</b>" in page.text
    assert "<img src=x>" in page.text
    source = make(tmp_path)
    assert "\x1b" not in source
    assert "\u202e" not in source


def test_figures_stand_beside_the_papers_with_n_and_interval(page: Page) -> None:
    text = " ".join(page.text.split())
    assert "BERT-Attack" in text
    assert "88% [50, 100] paper 44%" in text, "A-Rate, its interval, the paper's"
    assert "1.50 [-0.25, 2.00] paper 0.26" in text
    assert "A-Rate\N{NO-BREAK SPACE}↑" in page.text
    assert "Original n = 90" in text
    assert "✓ holds" in text
    assert "✗ fails" in text
    assert " not decidable" in text


def test_sources_show_a_bounded_number_by_the_rule(tmp_path: Path) -> None:
    sources = {source.id: source for source in run_sources(tmp_path)}
    attacked = sources["robustness/bert-attack/2"]
    assert [example.id for example in attacked.examples] == [
        f"test-{k}" for k in range(1, 1 + EXAMPLES)
    ]
    assert str(tmp_path / "2" / "bert-attack" / "records.jsonl") in attacked.files
    assert attacked.settings["adversarial_training"][0]["sizes"] == (2, 3)
    assert "masked_lm" in attacked.settings
    assert "masked_lm" not in sources["comparison/deepwordbug-i-5"].settings
    trained = sources["evaluation/bert-attack/2"]
    assert [example.id for example in trained.examples] == ["train-0", "train-1"]
    assert not sources["evaluation/bert-attack/baseline"].examples
    assert len(sources["comparison/original"].examples) == EXAMPLES
    words = shlex.split(attacked.command("my results/config.yaml"))
    assert words[:5] == ["snakemake", "--cores", "all", "--configfile", "my results/config.yaml"]
    assert words[-3:] == ["attack_shard", "--", attacked.target]


def test_the_report_is_the_same_every_time(tmp_path: Path) -> None:
    assert make(tmp_path) == make(tmp_path)


def test_a_table_is_the_same_after_a_round_trip() -> None:
    for table in run_tables():
        read = Table.from_json(json.loads(json.dumps(table.to_json())))
        assert read.to_json() == Table.from_json(table.to_json()).to_json()
        assert [row.intervals for row in read.rows] == [dict(r.intervals) for r in table.rows]


def test_the_config_that_the_report_writes_is_the_runs() -> None:
    assert load_config(CONFIG.to_json()) == CONFIG
