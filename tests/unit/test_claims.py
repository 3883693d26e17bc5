"""The paper's claims: true of the paper's own figures, and checked against a run's tables."""

from __future__ import annotations

from dataclasses import replace

import pytest

from seqattack.report.claims import RELATIONS, claims_table, paper_figures, run_figures, sides_of
from seqattack.report.paper import Claim, paper_results
from seqattack.report.tables import Row, Table

PAPER = paper_results()


@pytest.mark.parametrize("claim", PAPER.claims, ids=lambda claim: claim.says)
def test_every_claim_holds_for_the_papers_own_figures(claim: Claim) -> None:
    sides = sides_of(claim, paper_figures(PAPER))
    assert sides is not None
    assert RELATIONS[claim.relation](*sides)


def table(identity: str, **rows: dict[str, float]) -> Table:
    return Table(
        identity,
        "",
        "",
        (),
        [Row(key, values, key=key, n=dict.fromkeys(values, 7)) for key, values in rows.items()],
    )


def attacks(best: str) -> Table:
    rates = {"deepwordbug-i-5": 0.5, "deepwordbug-ii-5": 0.2, "bert-attack": 0.4}
    rates[best] = 0.9
    return table("table1", **{key: {"attack_rate": rate} for key, rate in rates.items()})


def verdicts(tables: list[Table]) -> dict[str, object]:
    return {row.label: row.values["holds"] for row in claims_table(tables, PAPER).rows}


def test_claims_follow_the_runs_figures() -> None:
    most = "DeepWordBug-I-5 is the most effective attack"
    word_level = "BERT-Attack beats similarly constrained character-level attacks"
    good = verdicts([attacks("deepwordbug-i-5")])
    assert (good[most], good[word_level]) == ("yes", "yes")
    other = verdicts([attacks("deepwordbug-ii-5")])
    assert (other[most], other[word_level]) == ("no", "no")
    assert not any("CLARE" in says for says in good), "no claim about an attack that was not run"


def test_sizes_are_found_by_their_position() -> None:
    sizes = {"25": {"precision": 0.6}, "50": {"precision": 0.5}, "baseline": {"precision": 0.4}}
    found = run_figures([table("table2", **sizes)])
    assert found["table2/first/precision"] == found["table2/25/precision"] == 0.6
    assert found["table2/last/precision"] == found["table2/second/precision"] == 0.5
    assert found["table2/baseline/precision"] == 0.4
    keys = {f"deepwordbug-i-5/{a}/{b}/labels score": {"p": p} for a, b, p in TESTS}
    found = run_figures([table("significance", **keys)])
    assert found["significance/deepwordbug-i-5/baseline/first/labels score/p"] == 0.01
    assert found["significance/deepwordbug-i-5/baseline/last/labels score/p"] == 0.02
    assert found["significance/deepwordbug-i-5/first/last/labels score/p"] == 0.03


TESTS = [("baseline", "25", 0.01), ("baseline", "50", 0.02), ("25", "50", 0.03)]


def test_of_several_figures_the_hardest_counts() -> None:
    figures = {"a": 0.3, "b": 0.2, "c": 0.9}
    claim = Claim("", "", left="a", relation=">", right=("b", "c", "missing"))
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
    made = claims_table([attacked, tests], PAPER)
    rows = {row.label: row for row in made.rows}
    similar = rows["BERT-Attack's examples are more similar than DeepWordBug-I-5's"]
    assert similar.values["ours"] == "87.5% > 50.0%"
    assert similar.values["paper"] == "84.0% > 77.0%"
    assert similar.sources == ["table1/bert-attack", "table1/deepwordbug-i-5"]
    grammar = rows["BERT-Attack adds less than 0.5 grammar errors"]
    assert (grammar.values["ours"], grammar.values["holds"]) == ("0.70 < 0.50", "no")
    assert grammar.sources == ["table1/bert-attack"]
    tested = rows["The fewest DeepWordBug-I-5 examples change the labels score significantly"]
    assert (tested.values["ours"], tested.values["n"]) == ("1e-06 < 0.05", 40)
    assert tested.sources == ["significance/deepwordbug-i-5/baseline/25/labels score"]


def test_the_caption_counts_what_is_left_out() -> None:
    made = claims_table([attacks("bert-attack")], PAPER)
    left_out = len(PAPER.claims) - len(made.rows)
    held = [row for row in made.rows if row.values["holds"] == "yes"]
    assert 0 < len(held) < len(made.rows)
    assert f": {len(held)} of {len(made.rows)} hold." in made.caption
    assert made.caption.endswith(f": {left_out}.")
    assert all(row.values["n"] == 7 for row in made.rows)
