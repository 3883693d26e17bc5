"""The list of metrics: complete, and the only place that names and explains a metric."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from seqattack.app.card import CARD
from seqattack.app.row import EXAMPLE_FIGURES
from seqattack.metrics.metric import EXAMPLE_METRICS, METRICS, Direction, Of, find_metric
from seqattack.metrics.scores import ScoredExample
from seqattack.metrics.summary import AttackSummary
from seqattack.report import further_tables, paper_tables, tables
from seqattack.report.paper import paper_results
from tests.helpers.records import scored_example
from tests.helpers.summaries import any_summary

LIBRARY = Path(__file__).resolve().parents[2] / "seqattack"


def test_keys_are_unique_and_found() -> None:
    assert max(Counter(metric.key for metric in METRICS).values()) == 1
    assert all(find_metric(metric.key) is metric for metric in METRICS)
    with pytest.raises(KeyError):
        find_metric("none")


def test_the_metrics_of_an_example_are_means_over_successes() -> None:
    assert [metric.key for metric in EXAMPLE_METRICS] == [
        "modification_rate",
        "positional_modification_rate",
        "labels_score",
        "similarity",
        "grammar_error_change",
    ]
    example = scored_example(1, 0.25, 0.5)
    assert [example.value(metric) for metric in EXAMPLE_METRICS] == [
        0.25,
        0.25,
        0.5,
        None,
        None,
    ]


def test_every_metric_of_an_attack_says_what_it_is_of() -> None:
    means = {each.name for each in fields(AttackSummary)} & {metric.key for metric in METRICS}
    counts = {"attacked", "successes"}
    assert {m.key for m in METRICS if m.of is not Of.NOTHING} == means - counts
    made = any_summary("clare")
    assert made.sample_size(find_metric("recall")) == made.sentences
    assert made.sample_size(find_metric("queries")) == made.attacked
    assert made.sample_size(find_metric("similarity")) == made.successes
    assert made.sample_size(find_metric("timeouts")) is None


def test_an_explanation_says_what_a_figure_is_a_mean_over() -> None:
    assert find_metric("attack_rate").explanation == "successes / attacked sentences"
    assert find_metric("labels_score").explanation.endswith(", mean over successes")
    assert find_metric("queries").explanation.endswith(", mean over attacked sentences")
    assert find_metric("recall").explanation == find_metric("recall").meaning


def test_tables_cards_filters_and_the_paper_read_the_list() -> None:
    columns = (
        *tables.ATTACK_COLUMNS,
        *paper_tables.ENTITY_COLUMNS,
        *tables.FURTHER_ATTACK_COLUMNS,
        *paper_tables.TEST_COLUMNS[2:],
        *further_tables.OUTCOME_COLUMNS,
        *further_tables.CLASS_COLUMNS,
        *further_tables.DISTRIBUTION_COLUMNS[1:],
    )
    for column in columns:
        metric = find_metric(column.key)
        assert (column.heading, column.kind, column.arrow) == (
            metric.heading,
            metric.kind,
            metric.direction,
        )
    assert all(metric.direction is not Direction.NONE for metric in CARD)
    assert all(hasattr(ScoredExample, key) for key in EXAMPLE_FIGURES)
    printed = {
        key for table in paper_results().tables.values() for row in table.values() for key in row
    }
    assert printed <= {metric.key for metric in METRICS}


def test_no_metric_is_named_or_explained_anywhere_else() -> None:
    words = {metric.heading for metric in METRICS} | {metric.meaning for metric in METRICS}
    keys = {metric.key for metric in METRICS}  # "n", "t" and "p" are their own headings
    found = [
        f"{path.relative_to(LIBRARY)}: {text!r}"
        for path in sorted(LIBRARY.rglob("*.*"))
        if path != LIBRARY / "metrics" / "metric.py"
        for text in _texts(path)
        if text in words - keys
    ]
    assert not found, "\n".join(found)


def _texts(path: Path) -> Iterator[str]:
    """Yield the strings of a Python file, and the texts and titles of a template."""
    if path.suffix == ".py":
        tree = ast.parse(path.read_text(encoding="utf-8"))
        yield from (
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        )
    elif path.suffix in (".html", ".jinja", ".js"):
        text = path.read_text(encoding="utf-8")
        yield from re.findall(r">([^<>{}]+)<", text)
        yield from re.findall(r'"([^"]+)"', text)
