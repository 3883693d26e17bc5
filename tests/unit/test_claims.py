"""The paper's claims: true of the paper's own figures, and checked against a run's tables."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from seqattack.report.claims import claims_table, named_rows, paper_figures, run_figures, sides_of
from seqattack.report.paper import Claim, paper_results
from seqattack.report.resamples import Resamples
from seqattack.report.tables import Row, Table
from seqattack.report.verdicts import RELATIONS, Decision, Verdict, decide
from tools.make_claims_page import page

PAPER = paper_results()
BY_NAME = {claim.says: claim for claim in PAPER.claims}
ROOT = Path(__file__).resolve().parents[2]
METRICS = {"modification rate": "modification_rate", "labels score": "labels_score"}


@pytest.mark.parametrize("claim", PAPER.claims, ids=lambda claim: claim.says)
def test_every_claim_holds_for_the_papers_own_figures(claim: Claim) -> None:
    figures = paper_figures(PAPER)
    sides = sides_of(claim, figures)
    if sides is None:
        named = claim.left.startswith("distributions/") or (
            claim.is_test and claim.relation == ">="
        )
        assert named, "only skews and p-values of no importance are not printed"
        return
    assert RELATIONS[claim.relation](*sides)
    if claim.difference and claim.relation == "<":
        _, recipe, a, b, metric, _ = claim.left.split("/")
        table = "table2" if recipe == "deepwordbug-i-5" else "table3"
        means = [figures[f"{table}/{size}/{METRICS[metric]}"] for size in (a, b)]
        assert all(isinstance(mean, float) for mean in means)
        assert RELATIONS[claim.difference](means[1], means[0])  # type: ignore[arg-type]


def test_every_claim_has_a_name_of_its_own_and_the_papers_words() -> None:
    assert len(BY_NAME) == len(PAPER.claims) == 41
    assert all(len(claim.quote.split()) > 3 for claim in PAPER.claims)
    assert {claim.section for claim in PAPER.claims} == {"abstract", "5.1", "5.2", "6"}


def test_the_page_of_claims_is_made_of_the_list() -> None:
    assert (ROOT / "docs" / "claims.md").read_text(encoding="utf-8") == page()


def table(identity: str, **rows: dict[str, float]) -> Table:
    return Table(
        identity,
        "",
        "",
        (),
        [Row(key, values, key=key, n=dict.fromkeys(values, 70)) for key, values in rows.items()],
    )


def attacks(best: str) -> Table:
    rates = {"deepwordbug-i-5": 0.5, "deepwordbug-ii-5": 0.2, "bert-attack": 0.4}
    rates[best] = 0.9
    return table("table1", **{key: {"attack_rate": rate} for key, rate in rates.items()})


def resampled(tables: list[Table], noise: float = 0.001) -> Resamples:
    """Return what each figure could have been: normal around its value."""
    random = np.random.default_rng(0)
    return {
        f"{place}/{metric}": random.normal(value, noise, 500)
        for place, row in named_rows(tables).values()
        for metric, value in row.values.items()
        if isinstance(value, float)
    }


def verdicts(tables: list[Table], noise: float = 0.001) -> dict[str, object]:
    made = claims_table(tables, PAPER, resampled(tables, noise))
    return {row.label: row.values["verdict"] for row in made.rows}


def test_claims_follow_the_runs_figures() -> None:
    most = "DeepWordBug-I-5 is the most effective attack"
    word_level = "BERT-Attack beats similarly constrained character-level attacks"
    good = verdicts([attacks("deepwordbug-i-5")])
    assert (good[most], good[word_level]) == ("holds", "holds")
    other = verdicts([attacks("deepwordbug-ii-5")])
    assert (other[most], other[word_level]) == ("fails", "fails")
    assert not any("CLARE" in says for says in good), "no claim about an attack that was not run"
    vague = verdicts([attacks("deepwordbug-i-5")], noise=0.5)
    assert (vague[most], vague[word_level]) == ("not decidable", "not decidable")
    unknown = claims_table([attacks("deepwordbug-i-5")], PAPER)
    assert {row.values["verdict"] for row in unknown.rows} == {"not decidable"}


def test_sizes_are_found_by_their_position() -> None:
    sizes = {"25": {"precision": 0.6}, "50": {"precision": 0.5}, "baseline": {"precision": 0.4}}
    found = run_figures([table("table2", **sizes)])
    assert found["table2/first/precision"] == found["table2/25/precision"] == 0.6
    assert found["table2/last/precision"] == 0.5
    assert "table2/second/precision" not in found, "the second is not the last"
    assert found["table2/baseline/precision"] == 0.4
    keys = {f"deepwordbug-i-5/{a}/{b}/labels score": {"p": p} for a, b, p in TESTS}
    found = run_figures([table("significance", **keys)])
    assert found["significance/deepwordbug-i-5/baseline/first/labels score/p"] == 0.01
    assert found["significance/deepwordbug-i-5/baseline/last/labels score/p"] == 0.02
    assert found["significance/deepwordbug-i-5/first/last/labels score/p"] == 0.03


TESTS = [("baseline", "25", 0.01), ("baseline", "50", 0.02), ("25", "50", 0.03)]


def test_of_several_figures_the_hardest_counts() -> None:
    figures = {"a": 0.3, "b": 0.2, "c": 0.9}
    claim = Claim("", "", "", left="a", relation=">", right=("b", "c", "missing"))
    assert sides_of(claim, figures) == (0.3, 0.9)
    assert sides_of(replace(claim, relation="<"), figures) == (0.3, 0.2)
    assert sides_of(replace(claim, minus="b", right=0.5), figures) == (0.1, 0.5)
    assert sides_of(replace(claim, left="missing"), figures) is None
    assert sides_of(replace(claim, right=("missing",)), figures) is None
    assert sides_of(claim, figures | {"a": "too few pairs"}) is None


def test_a_row_states_both_sides_and_what_stands_behind_them() -> None:
    attack = {"grammar_error_change": 0.7, "similarity": 0.875, "attack_rate": 0.5}
    keys = {f"deepwordbug-i-5/{a}/{b}/labels score": {"p": p / 1e4, "n": 40} for a, b, p in TESTS}
    attacked = table("table1", **{"bert-attack": attack, "deepwordbug-i-5": {"similarity": 0.5}})
    tests = table("significance", **keys)
    tests = replace(tests, rows=[replace(row, n={}) for row in tests.rows])
    made = claims_table([attacked, tests], PAPER, resampled([attacked, tests]))
    rows = {row.label: row for row in made.rows}
    similar = rows["BERT-Attack's examples are more similar than DeepWordBug-I-5's"]
    assert similar.values["ours"] == "87.5% > 50.0%"
    assert similar.values["paper"] == "84.0% > 77.0%"
    assert similar.sources == ["table1/bert-attack", "table1/deepwordbug-i-5"]
    grammar = rows["BERT-Attack adds less than 0.5 grammar errors"]
    assert (grammar.values["ours"], grammar.values["verdict"]) == ("0.70 < 0.50", "fails")
    assert grammar.values["interval"] == "[+0.198, +0.202]"
    assert grammar.sources == ["table1/bert-attack"]
    tested = rows["The fewest DeepWordBug-I-5 examples lower the labels score significantly"]
    assert (tested.values["ours"], tested.values["n"]) == ("1e-06 < 0.05", 40)
    assert tested.sources == ["significance/deepwordbug-i-5/baseline/25/labels score"]


def test_the_caption_counts_what_is_left_out() -> None:
    tables = [attacks("bert-attack")]
    made = claims_table(tables, PAPER, resampled(tables))
    left_out = len(PAPER.claims) - len(made.rows)
    held = [row for row in made.rows if row.values["verdict"] == "holds"]
    failed = [row for row in made.rows if row.values["verdict"] == "fails"]
    assert 0 < len(held) < len(made.rows)
    open_ = len(made.rows) - len(held) - len(failed)
    assert f": {len(held)} hold, {len(failed)} fail, and {open_} are not" in made.caption
    assert f"claims, this run can check {len(made.rows)}:" in made.caption
    assert made.caption.endswith(f": {left_out}.")
    assert all(row.values["n"] == 70 for row in made.rows)


@pytest.mark.parametrize(
    ("p", "difference", "n", "verdict"),
    [
        (0.01, -0.1, 200, Verdict.HOLDS),
        (0.01, 0.1, 200, Verdict.FAILS),
        (0.2, -0.1, 200, Verdict.UNDECIDED),
        (0.01, -0.1, 9, Verdict.UNDECIDED),
        (0.01, None, 200, Verdict.UNDECIDED),
    ],
)
def test_a_significant_change_must_have_the_papers_direction(
    p: float, difference: float | None, n: int, verdict: Verdict
) -> None:
    claim = BY_NAME["The fewest DeepWordBug-I-5 examples lower the labels score significantly"]
    found = decide(claim, (p, 0.05), {}, {}, (difference, (-0.3, 0.1)), n)
    assert found == Decision(verdict, (-0.3, 0.1))


@pytest.mark.parametrize(
    ("p", "difference", "n", "verdict"),
    [
        (0.2, -0.1, 200, Verdict.HOLDS),
        (0.0081, -0.1, 200, Verdict.FAILS),
        (0.0081, -0.1, 20, Verdict.FAILS),
        (0.0081, 0.1, 200, Verdict.HOLDS),
        (0.2, -0.1, 99, Verdict.UNDECIDED),
        (0.0081, -0.1, 9, Verdict.UNDECIDED),
        (0.0081, 0.1, 9, Verdict.UNDECIDED),
    ],
)
def test_few_pairs_do_not_show_that_nothing_changes(
    p: float, difference: float, n: int, verdict: Verdict
) -> None:
    claim = BY_NAME["The fewest BERT-Attack examples do not lower the labels score significantly"]
    assert decide(claim, (p, 0.05), {}, {}, (difference, None), n).verdict is verdict


def test_a_comparison_is_decided_by_the_interval_of_the_difference_to_the_hardest() -> None:
    """Against plain percentiles of the differences; the figures move together."""
    random = np.random.default_rng(1)
    shared = random.normal(0, 0.3, 2000)
    figures = {"t/a/f1": 0.5, "t/b/f1": 0.45, "t/c/f1": 0.47}
    resamples = {
        name: value + shared + random.normal(0, 0.005, 2000) for name, value in figures.items()
    }
    claim = Claim("", "", "", "t/a/f1", ">", ("t/b/f1", "t/c/f1", "t/missing/f1"))
    found = decide(claim, (0.5, 0.47), figures, resamples, (None, None), 50)
    rest = [max(b, c) for b, c in zip(resamples["t/b/f1"], resamples["t/c/f1"], strict=True)]
    expected = np.percentile(resamples["t/a/f1"] - np.array(rest), [2.5, 97.5])
    assert found.interval == pytest.approx(tuple(expected))
    assert found.verdict is Verdict.HOLDS
    alone = {name: random.normal(value, 0.3, 2000) for name, value in figures.items()}
    assert decide(claim, (0.5, 0.47), figures, alone, (None, None), 50).verdict is Verdict.UNDECIDED
    few = decide(claim, (0.5, 0.47), figures, resamples, (None, None), 9)
    assert few.verdict is Verdict.UNDECIDED
    least = replace(claim, minus="t/b/f1", relation=">=", right=0.06)
    assert decide(least, (0.05, 0.06), figures, resamples, (None, None), 50).verdict is (
        Verdict.UNDECIDED
    )
    assert decide(replace(least, right=0.2), (0.05, 0.2), figures, resamples, (None, None), 50) == (
        Decision(Verdict.FAILS, found_interval(resamples))
    )


def found_interval(resamples: Resamples) -> tuple[float, float]:
    low, high = np.percentile(resamples["t/a/f1"] - resamples["t/b/f1"] - 0.2, [2.5, 97.5])
    return round(float(low), 9), round(float(high), 9)
