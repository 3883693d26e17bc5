"""Metrics against seqeval, scipy and plain loops on the same input."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from seqeval.metrics import f1_score, precision_score, recall_score
from seqeval.scheme import IOB2

from scripts.tables import main as write_tables
from seqattack.errors import RecordError
from seqattack.io import write_json, write_jsonl
from seqattack.metrics.alignment import (
    align_tokens,
    changed_tokens,
    modification_rate,
    positional_modification_rate,
    token_positions,
)
from seqattack.metrics.bootstrap import bootstrap_interval
from seqattack.metrics.density import density_panel, density_panels
from seqattack.metrics.distribution import distribution
from seqattack.metrics.entities import EntityMetrics, entity_metrics
from seqattack.metrics.entity_outcomes import found_and_lost
from seqattack.metrics.metric import find_metric
from seqattack.metrics.scores import ScoredExample, read_scored, score_record, score_records
from seqattack.metrics.significance import compare_attacks, mcnemar_test, paired_test
from seqattack.metrics.summary import (
    AttackSummary,
    check_victims,
    entity_counts,
    original_metrics,
    quick_summary,
    summarize,
)
from seqattack.pipeline.layout import AttackFolder
from seqattack.records import AttackRecord, Outcome, Prediction, Stop
from seqattack.sentence_encoder.session import SimilaritySession
from seqattack.tags import repair_iob2, tag_class
from tests.helpers.records import attack_record, scored_example
from tests.helpers.summaries import any_summary

LABELS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
Corpus = tuple[list[list[str]], list[list[str]]]
"""The gold tags of some sentences, and the predicted ones."""


@st.composite
def corpora(draw: st.DrawFn) -> Corpus:
    gold, predicted = [], []
    for _ in range(draw(st.integers(1, 5))):
        n = draw(st.integers(1, 8))
        tag = st.sampled_from(LABELS)
        gold.append(repair_iob2([draw(tag) for _ in range(n)]))
        predicted.append([draw(tag) for _ in range(n)])
    return gold, predicted


@given(corpora())
def test_entity_metrics_and_counts_are_seqeval_s(corpus: Corpus) -> None:
    gold, predicted = corpus
    options = {"mode": "strict", "scheme": IOB2, "zero_division": 0}
    metrics = entity_metrics(gold, predicted)
    right, answered, true = np.sum([entity_counts(*pair) for pair in zip(*corpus, strict=True)], 0)
    if any(tag != "O" for tags in gold + predicted for tag in tags):
        expected = [
            f(gold, predicted, **options) for f in (precision_score, recall_score, f1_score)
        ]
        assert [metrics.precision, metrics.recall, metrics.f1] == pytest.approx(expected)
        assert metrics.precision == pytest.approx(right / answered if answered else 0)
        assert metrics.recall == pytest.approx(right / true if true else 0)
    else:
        assert (metrics.precision, metrics.recall, metrics.f1) == (0, 0, 0)
    assert metrics.support == true
    assert metrics.token_accuracy == np.mean(np.concatenate(gold) == np.concatenate(predicted))
    assert {name: found.support for name, found in metrics.per_class.items()} == {
        name: sum(tags.count(f"B-{name}") for tags in gold)
        for name in {tag_class(t) for tags in gold + predicted for t in tags if t[0] == "B"}
    }
    assert EntityMetrics.from_json(json.loads(json.dumps(metrics.to_json()))) == metrics


WORDS = st.lists(st.sampled_from("abc"), min_size=1, max_size=6)


def plain_distance(a: list[str], b: list[str]) -> int:
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row, old = [i], row
        for j, y in enumerate(b, 1):
            row.append(min(old[j] + 1, row[-1] + 1, old[j - 1] + (x != y)))
    return row[-1]


@given(WORDS, WORDS)
def test_modification_rate_is_the_minimal_alignment_s(a: list[str], b: list[str]) -> None:
    assert modification_rate(a, b) == plain_distance(a, b) / len(a)


@given(WORDS, WORDS)
def test_position_by_position_never_counts_less(a: list[str], b: list[str]) -> None:
    longest = max(len(a), len(b))
    padded = [words + [""] * (longest - len(words)) for words in (a, b)]
    rate = positional_modification_rate(a, b)
    assert rate * len(a) == pytest.approx(np.sum(np.array(padded[0]) != np.array(padded[1])))
    assert rate >= modification_rate(a, b)


@given(WORDS, WORDS)
def test_blocks_cover_both_texts_and_count_the_changes(a: list[str], b: list[str]) -> None:
    blocks = align_tokens(a, b)
    assert [i for block in blocks for i in block.original] == list(range(len(a)))
    assert [i for block in blocks for i in block.adversarial] == list(range(len(b)))
    changed = [block for block in blocks if block.edit != "equal"]
    count = sum(max(len(block.original), len(block.adversarial)) for block in changed)
    assert count == modification_rate(a, b) * len(a)
    positions = token_positions(a, b)
    kept = {i: j for i, j in positions.items() if j not in changed_tokens(a, b)}
    assert all(a[i] == b[j] for i, j in kept.items())
    assert len(b) - len(kept) == len(changed_tokens(a, b))


def test_tokens_are_aligned_in_one_place() -> None:
    library = Path(__file__).resolve().parents[2] / "seqattack"
    places = {path for path in library.rglob("*.py") if "rapidfuzz" in path.read_text("utf-8")}
    letters = library / "explain" / "marks.py"
    assert places == {library / "metrics" / "alignment.py", letters}


def test_densities_are_scipy_s() -> None:
    values = [0.1, 0.2, 0.2, 0.7] * 3
    equal_values = [0.5] * 12
    panel = density_panel(find_metric("labels_score"), [values, equal_values, []], upper=1.0)
    several, equal, none = panel.densities
    kernels, grid = stats.gaussian_kde(values), panel.grid
    assert several.heights == pytest.approx(kernels(grid) + kernels(-grid) + kernels(2 - grid))
    assert several.count == 12
    assert several.mean == pytest.approx(0.3)
    assert (equal.count, equal.mean, equal.heights) == (12, 0.5, None)
    assert (none.count, none.mean, none.heights) == (0, None, None)
    assert (panel.grid[0], panel.upper) == (0.0, 1.0)


def test_figure_4_has_the_labels_score_of_all_and_the_modification_rate_of_successes() -> None:
    attack = [scored_example(1, 0.25, 1.0), scored_example(2, 1.5, 0.5), scored_example(3, None, 0)]
    scores, rates = density_panels([attack, attack[2:]])
    assert [density.count for density in scores.densities] == [3, 1]
    assert [density.count for density in rates.densities] == [2, 0]
    assert (scores.upper, rates.upper) == (1.0, 1.5)
    assert rates.title == "modification rate (changed tokens / original tokens)"


def test_paired_test_is_scipy_s() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=30), rng.normal(0.4, size=30)
    test = paired_test("labels score", list(a), list(b))
    assert (test.t, test.p) == pytest.approx(tuple(stats.ttest_rel(b, a)))
    assert test.wilcoxon_p == pytest.approx(stats.wilcoxon(b, a).pvalue)
    assert test.difference == pytest.approx(b.mean() - a.mean())
    deviation = stats.sem(b - a)
    expected = stats.t.interval(0.95, 29, loc=np.mean(b - a), scale=deviation)
    assert test.interval == pytest.approx(expected)


OUTCOMES = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=30)


@given(OUTCOMES)
def test_mcnemar_is_the_sum_of_the_binomial_tails(pairs: list[tuple[bool, bool]]) -> None:
    """Exact: twice the smaller tail of a fair coin thrown once for each pair that differs."""
    a, b = [x for x, _ in pairs], [y for _, y in pairs]
    test = mcnemar_test("attack rate", a, b)
    lost, gained = pairs.count((True, False)), pairs.count((False, True))
    assert test.n == len(pairs)
    assert test.difference == pytest.approx((gained - lost) / len(pairs))
    if lost + gained == 0:
        assert (test.p, test.note) == (None, "all pairs have the same outcome")
        return
    tail = sum(math.comb(lost + gained, k) for k in range(min(lost, gained) + 1))
    assert test.p == pytest.approx(min(1.0, 2 * tail / 2 ** (lost + gained)))


def test_skewness_and_its_resamples_are_scipy_s() -> None:
    scores = [0.1, 0.2, None, 0.2, 0.9, 0.4, None, 1.0]
    found = distribution("labels score", scores, seed=5)
    known = [score for score in scores if score is not None]
    assert (found.n, found.mean, found.median) == (6, *map(pytest.approx, (2.8 / 6, 0.3)))
    assert found.skewness == pytest.approx(stats.skew(known))
    draws = np.random.default_rng(5).multinomial(8, np.full(8, 1 / 8), size=2000)
    for draw, value in list(zip(draws, found.resamples, strict=True))[:200]:
        drawn = [s for s, times in zip(scores, draw, strict=True) for _ in range(times)]
        drawn_known = [score for score in drawn if score is not None]
        if len(set(drawn_known)) > 1:
            assert value == pytest.approx(stats.skew(drawn_known))
        else:
            assert np.isnan(value)
    low, high = found.interval or (1, 0)
    assert low < stats.skew(known) < high
    assert distribution("x", [None], 0).note == "no score"
    assert distribution("x", [0.5, 0.5], 0).note == "all scores are equal"


@pytest.mark.parametrize(
    ("a", "b", "note"),
    [
        ([], [], "fewer than 2 pairs"),
        ([1.0], [2.0], "fewer"),
        ([1.0, 2.0], [1.0, 2.0], "same difference"),
    ],
)
def test_where_no_test_can_be_made_the_reason_is_given(
    a: list[float], b: list[float], note: str
) -> None:
    test = paired_test("x", a, b)
    assert test.p is None
    assert note in test.note


def test_bootstrap_interval_covers_the_mean_and_is_seeded() -> None:
    values = list(np.random.default_rng(1).normal(5, 1, size=200))
    columns = {"value": values, "n": [1.0] * 200}

    def mean(sums: Mapping[str, Any]) -> Any:
        return sums["value"] / sums["n"]

    low, high = bootstrap_interval(columns, mean, seed=3)
    assert low < np.mean(values) < high
    assert high - low == pytest.approx(2 * 1.96 * np.std(values) / math.sqrt(200), rel=0.05)
    assert bootstrap_interval(columns, mean, seed=3) == (low, high)
    draws = np.random.default_rng(3).multinomial(200, np.full(200, 1 / 200), size=2000)
    means = sorted(draw @ values / 200 for draw in draws)
    assert means[49] < low < means[50]  # 2.5 % of 1999 steps
    assert means[1949] < high < means[1950]


def record(i: int, outcome: Outcome, token: str = "Rmoe") -> AttackRecord:
    original = Prediction(("In", "Rome"), ("O", "B-LOC"), ("O", "B-LOC"), (0.9, 0.9))
    attacked = Prediction(("In", token), ("O", "B-LOC"), ("O", "O"), (0.9, 0.6))
    won = outcome is Outcome.SUCCESS
    return attack_record(
        original,
        attacked if won else None,
        id=f"s-{i}",
        outcome=outcome,
        stop=Stop.GOAL_REACHED if won else Stop.TIMEOUT,
        queries=4,
        forward_passes=3,
    )


class Lengths(SimilaritySession):
    """Backends whose answers can be checked by eye."""

    name = "lengths"

    def __init__(self) -> None:
        pass

    def similarities(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        return [len(a) / (len(a) + len(b)) for a, b in pairs]

    def errors(self, texts: Sequence[str]) -> list[int]:
        return [text.count("m") for text in texts]


def test_summary_of_successes_failures_and_skips(tmp_path: Path) -> None:
    outcomes = [Outcome.SUCCESS, Outcome.FAILED, Outcome.SKIPPED, Outcome.SUCCESS]
    records = [record(i, outcome) for i, outcome in enumerate(outcomes)]
    scored = score_records(records, Lengths(), Lengths())
    summary = summarize(records, scored, "full", seed=0, backends=("lengths", "lengths"))
    assert (summary.sentences, summary.attacked, summary.successes, summary.skipped) == (4, 3, 2, 1)
    assert summary.attack_rate == summary.entity_attack_rate == pytest.approx(2 / 3)
    assert summary.found_before == 3, "of the attacked sentences"
    assert summary.recall == 0.5  # two of four entities are still found
    assert summary.precision == 1.0
    assert summary.modification_rate == 0.5
    assert summary.labels_score == 1.0
    assert summary.similarity == 0.5
    assert summary.grammar_error_change == 0
    assert summary.timeouts == 2
    assert original_metrics(records).f1 == 1.0
    lines = str(summary).splitlines()
    assert lines[0] == "deepwordbug-i-5 on full, goal untargeted"
    assert any(line.startswith("attack rate                     67%  [0, 100]  ") for line in lines)
    assert any(line.startswith("timeouts                          2  ") for line in lines)
    low, high = summary.intervals["attack_rate"]
    assert 0 <= low <= 2 / 3 <= high <= 1
    assert AttackSummary.from_json(json.loads(json.dumps(summary.to_json()))) == summary
    write_jsonl(tmp_path / "scored.jsonl", (e.to_json() for e in scored))
    assert read_scored(tmp_path / "scored.jsonl") == scored


def test_what_an_attack_adds_counts_as_more_errors_and_skips_cost_no_queries() -> None:
    worse = record(0, Outcome.SUCCESS, token="Rmmmoe")
    skipped = replace(record(1, Outcome.SKIPPED), queries=1, forward_passes=1)
    records = [worse, skipped, replace(record(2, Outcome.FAILED), queries=8)]
    scored = score_records(records, Lengths(), Lengths())
    assert (scored[0].grammar_errors_before, scored[0].grammar_errors_after) == (1, 3)
    assert scored[0].similarity == pytest.approx(7 / 16)  # of the original's length
    assert (scored[0].entity_tokens, scored[0].newly_broken) == (1, 1)
    summary = summarize(records, scored, "full", seed=0, backends=("lengths", "lengths"))
    assert summary.grammar_error_change == 2
    assert summary.queries == 6
    assert summary.forward_passes == 3
    assert summary.token_accuracy == pytest.approx(5 / 6)
    assert summary.stops == {"goal-reached": 1, "timeout": 2}


@pytest.mark.parametrize("option", ["--comparison", "--published", "--robustness", "--defended"])
def test_tables_of_two_victims_of_one_name_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    attacks = {"clare": "one", "scpn": "other"}
    for recipe, victim_id in attacks.items():
        summary = replace(any_summary(recipe), victim_id=victim_id)
        write_json(AttackFolder(tmp_path / "full" / recipe).summary, summary.to_json())
    monkeypatch.chdir(tmp_path)
    folder = "full/scpn" if option == "--published" else "scpn/25=full/scpn"
    given = ["full/clare", "full/scpn"] if option == "--comparison" else ["full/clare"]
    more = [] if option == "--comparison" else [option, folder]
    files = ["--test=x", "--left-out=x", "--tables=x", "--text=x", "--seed=0"]
    monkeypatch.setattr(sys, "argv", ["tables", "--comparison", *given, *more, *files])
    said = "different victims .*clare/summary.json with one, .*scpn/summary.json with other"
    with pytest.raises(RecordError, match=said):
        write_tables()


def test_attacks_on_one_victim_go_together() -> None:
    one = any_summary("clare")
    check_victims({Path("a"): one, Path("b"): one, Path("c"): replace(one, victim="small")})
    other = replace(one, victim="small", victim_id="other")
    check_victims({Path("a"): one, Path("b"): other})
    with pytest.raises(RecordError, match="different victims"):
        check_victims({Path("a"): one, Path("b"): replace(other, victim="full")})


def test_of_sentences_alike_every_interval_is_the_value_itself() -> None:
    """Two entities of which one is found, and two that are none: all figures differ."""
    tags = ("B-PER", "O", "B-LOC", "O", "O")
    original = Prediction(tuple("abcde"), tags, tags, (0.9,) * 5)
    predicted = ("B-PER", "B-LOC", "O", "B-LOC", "O")
    attacked = Prediction(tuple("abcdx"), tags, predicted, (0.9,) * 5)
    records = [attack_record(original, attacked, id=f"s-{i}") for i in range(4)]
    scored = score_records(records, Lengths(), Lengths())
    summary = summarize(records, scored, "full", seed=0, backends=("one", "other"))
    assert (summary.similarity_backend, summary.grammar_backend) == ("one", "other")
    assert summary.precision == pytest.approx(1 / 3)
    assert summary.recall == pytest.approx(1 / 2)
    assert summary.f1 == pytest.approx(2 / 5)
    assert set(summary.intervals) > {"precision", "recall", "f1", "attack_rate", "labels_score"}
    for name, interval in summary.intervals.items():
        assert interval == pytest.approx((getattr(summary, name),) * 2, abs=1e-6)


def test_a_failure_has_no_part_in_the_interval_of_the_labels_score() -> None:
    failed = [replace(record(i, Outcome.FAILED), labels_score=0.5) for i in range(4)]
    records = [record(4, Outcome.SUCCESS), record(5, Outcome.SUCCESS), *failed]
    scored = score_records(records, Lengths(), Lengths())
    summary = summarize(records, scored, "full", seed=0, backends=("lengths", "lengths"))
    assert summary.labels_score == 1.0
    assert summary.intervals["labels_score"] == (1.0, 1.0)


def test_what_was_not_measured_has_no_interval() -> None:
    records = [record(i, Outcome.SUCCESS) for i in range(4)]
    summary = quick_summary(records, "full", seed=0)
    assert (summary.similarity, summary.grammar_error_change) == (None, None)
    assert not {"similarity", "grammar_error_change"} & set(summary.intervals)
    assert {"modification_rate", "labels_score", "attack_rate"} <= set(summary.intervals)
    (line,) = (each for each in str(summary).splitlines() if each.startswith("similarity"))
    assert "[" not in line
    measured = score_records(records[:2], Lengths(), Lengths())
    scored = [*measured, *map(score_record, records[2:])]
    partly = summarize(records, scored, "full", seed=0, backends=("lengths", "lengths"))
    assert partly.intervals["similarity"] == pytest.approx((partly.similarity,) * 2)


def test_without_a_success_there_is_no_mean() -> None:
    records = [record(0, Outcome.FAILED), record(1, Outcome.FAILED)]
    scored = score_records(records, Lengths(), Lengths())
    summary = summarize(records, scored, "full", seed=0, backends=("lengths", "lengths"))
    assert summary.attack_rate == 0
    assert summary.similarity is None
    assert "similarity" not in summary.intervals


def test_the_paper_s_pairs() -> None:
    """Mod over common successes, labels score over all sentences."""

    def scored(rows: list[tuple[float | None, float]]) -> list[ScoredExample]:
        base = score_records([record(i, Outcome.FAILED) for i in range(4)], Lengths(), Lengths())
        return [
            ScoredExample(**(e.to_json() | {"modification_rate": m, "labels_score": s}))
            for e, (m, s) in zip(base, rows, strict=True)
        ]

    a = scored([(0.1, 1.0), (0.2, 0.5), (None, 0.0), (0.4, 1.0)])
    b = scored([(0.3, 0.5), (0.5, 0.5), (0.9, 1.0), (None, 0.0)])
    mod, labels, rate, *others = compare_attacks(a, b)
    assert [test.n for test in others] == [0, 0]
    assert (rate.n, rate.note) == (4, "all pairs have the same outcome")
    assert (mod.n, labels.n) == (2, 4)
    assert mod.difference == pytest.approx((0.2 + 0.3) / 2)
    assert labels.p == pytest.approx(stats.ttest_rel([0.5, 0.5, 1, 0], [1, 0.5, 0, 1]).pvalue)


def after(
    tokens: tuple[str, ...], tags: tuple[str, ...], predicted: tuple[str, ...]
) -> tuple[int, int]:
    """Return what an attack on "Leeds United won in Rome" found and lost."""
    old = ("Leeds", "United", "won", "in", "Rome")
    truth = ("B-ORG", "I-ORG", "O", "O", "B-LOC")
    original = Prediction(old, truth, truth, (0.9,) * 5)
    text = Prediction(tokens, tags, predicted, (0.9,) * len(tokens))
    return found_and_lost(attack_record(original, text, newly_broken=(), already_wrong=()))


def test_an_entity_is_lost_where_it_is_not_found_exactly_any_more() -> None:
    old, truth = ("Leeds", "United", "won", "in", "Rome"), ("B-ORG", "I-ORG", "O", "O", "B-LOC")
    assert after(old, truth, truth) == (2, 0)
    assert after(old, truth, ("B-ORG", "O", "O", "O", "B-LOC")) == (2, 1), "other bounds"
    assert after(old, truth, ("B-PER", "I-PER", "O", "O", "O")) == (2, 2), "another class, none"
    assert after(old, truth, ("I-ORG", "I-ORG", "O", "O", "B-LOC")) == (2, 1), "no B tag"


def test_an_entity_is_followed_through_the_edits() -> None:
    longer = ("Leeds", "United", "won", "in", "New", "York", "City")
    tags = ("B-ORG", "I-ORG", "O", "O", "B-LOC", "I-LOC", "I-LOC")
    assert after(longer, tags, tags) == (2, 0)
    assert after(longer, tags, (*tags[:5], "O", "O")) == (2, 1)
    other = ("Leeds", "United", "won", "in", "Ericsson")
    relabelled = (*tags[:4], "B-ORG")
    assert after(other, relabelled, relabelled) == (2, 0), "the new truth counts"
    assert after(other, relabelled, (*tags[:4], "B-LOC")) == (2, 1)
    split = ("Leeds", "then", "United", "won", "in", "Rome")
    halves = ("B-ORG", "O", "B-ORG", "O", "O", "B-LOC")
    assert after(split, halves, halves) == (2, 0)
    assert after(split, halves, ("B-ORG", "O", "O", "O", "O", "B-LOC")) == (2, 1)
    assert after(("it", "won", "in", "Rome"), ("O", "O", "O", "B-LOC"), ("O",) * 4) == (1, 1)


@given(corpora())
def test_without_a_changed_token_found_and_lost_are_those_of_strict_recall(corpus: Corpus) -> None:
    """And what was wrong before is never lost."""
    for tags, predicted in zip(*corpus, strict=True):
        tokens = tuple(f"t{i}" for i in range(len(tags)))
        confidence = (0.9,) * len(tokens)
        before = Prediction(tokens, tuple(tags), tuple(tags), confidence)
        text = Prediction(tokens, tuple(tags), tuple(predicted), confidence)
        right, _, true = entity_counts(tags, predicted)
        assert found_and_lost(attack_record(before, text)) == (true, true - right)
        assert found_and_lost(attack_record(text, before)) == (right, 0)
        assert found_and_lost(attack_record(text)) == (right, 0)
