"""Tables over several seeds, compared with means and deviations computed plainly."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from statistics import mean, stdev

import pytest

from seqattack.pipeline.config import load_config, of_one_seed
from seqattack.report.seeds import over_seeds
from seqattack.report.tables import Column, Row, Table, to_csv, to_long_csv, to_markdown
from tests.helpers.configs import minimal_config

COLUMNS = (
    Column("attack_rate", "A-Rate"),
    Column("similarity", "Sim"),
    Column("attacked", "n", "count"),
)


def table(rate: float, similarity: float | None, attacked: int = 8) -> Table:
    values = {"attack_rate": rate, "similarity": similarity, "attacked": attacked}
    row = Row("CLARE", values, {"attack_rate": 0.37}, {"attack_rate": (0.1, 0.9)}, key="clare")
    return Table("table1", "Attacks.", "Attack", COLUMNS, [row])


def claims(*holds: str) -> Table:
    rows = [
        Row(f"claim {k}", {"section": "5.1", "paper": "1 > 0", "verdict": each, "n": 8})
        for k, each in enumerate(holds)
    ]
    return Table("claims", "Claims.", "Claim", (Column("verdict", "Verdict", "text"),), rows)


def test_means_and_deviations() -> None:
    rates, similarities = (0.25, 0.5, 0.3), (0.9, 0.8, 0.7)
    runs = {k: [table(*each)] for k, each in enumerate(zip(rates, similarities, strict=True))}
    (found,) = over_seeds(runs)
    (row,) = found.rows
    assert row.values["attack_rate"] == pytest.approx(mean(rates))
    assert row.spread["attack_rate"] == pytest.approx(stdev(rates))
    assert row.values["attacked"] == 8
    assert row.spread["attacked"] == 0
    assert row.n["similarity"] == 3
    assert not row.intervals, "an interval of one run says nothing of several"
    assert found.caption.startswith("Mean ± standard deviation over 3 runs (seeds 0, 1, 2)")
    assert "35% ± 13% (37%)" in to_markdown(found)
    (line,) = csv.DictReader(io.StringIO(to_csv(found)))
    assert float(line["attack_rate_sd"]) == pytest.approx(stdev(rates), abs=1e-6)
    assert float(line["attack_rate_paper"]) == 0.37
    long = list(csv.DictReader(io.StringIO(to_long_csv(found))))
    assert float(long[1]["sd"]) == pytest.approx(stdev(similarities), abs=1e-6)


@pytest.mark.parametrize(
    ("texts", "shown"), [(("g", "g"), "g"), (("[1, 2]", "[3, 4]"), None)], ids=["shared", "not"]
)
def test_a_text_is_shown_where_all_runs_have_it(texts: tuple[str, str], shown: str | None) -> None:
    columns = (*COLUMNS[:1], Column("text", "Text", "text"))
    runs = {
        seed: [Table("t", "", "Victim", columns, [Row("a", {"attack_rate": 0.5, "text": each})])]
        for seed, each in enumerate(texts)
    }
    (found,) = over_seeds(runs)
    assert found.rows[0].values == {"attack_rate": 0.5, "text": shown}
    assert "text" not in found.rows[0].spread
    assert ("Text" in found.headings) == (shown is not None), "a column of nothing is left out"


def test_a_figure_that_some_runs_lack() -> None:
    """No attack succeeded with one seed, and with none of them in the second table."""
    (found,) = over_seeds({1: [table(0.0, None)], 2: [table(0.5, 0.75)]})
    assert found.rows[0].values["similarity"] == 0.75
    assert found.rows[0].n["similarity"] == 1
    assert "similarity" not in found.rows[0].spread
    (none,) = over_seeds({1: [table(0.0, None)], 2: [table(0.0, None)]})
    assert none.rows[0].values["similarity"] is None
    assert " – |" in to_markdown(none)


def test_what_holds_for_one_run_is_not_said_of_several() -> None:
    one = replace(table(0.25, 0.9), of_run="The long table has intervals.")
    assert "Attacks. The long table has intervals." in to_markdown(one)
    (found,) = over_seeds({1: [one], 2: [one]})
    assert found.caption.endswith("Attacks.")
    assert found.whole_caption == found.caption


def test_claims_are_counted() -> None:
    runs = {1: [claims("holds", "fails")], 2: [claims("holds")], 3: [claims("not decidable")]}
    (found,) = over_seeds(runs)
    keys = ("holds", "fails", "undecided", "checked")
    assert [(row.label, *(row.values[key] for key in keys)) for row in found.rows] == [
        ("claim 0", 2, 0, 1, 3),
        ("claim 1", 0, 1, 0, 1),
    ]
    assert [column.key for column in found.columns][2:] == list(keys)


def test_a_row_that_one_run_lacks() -> None:
    short = Table("classes", "", "", COLUMNS, [Row("a", {"similarity": 0.5}, key="a")])
    both = [Row("b", {"similarity": 0.1}, key="b"), Row("a", {"similarity": 0.7}, key="a")]
    (found,) = over_seeds({1: [short], 2: [Table("classes", "", "", COLUMNS, both)]})
    assert {row.key: row.n["similarity"] for row in found.rows} == {"a": 2, "b": 1}
    assert found.rows[0].values["similarity"] == pytest.approx(0.6)


def test_a_table_survives_json() -> None:
    before = table(0.25, None)
    after = Table.from_json(json.loads(json.dumps(before.to_json())))
    assert to_markdown(after) == to_markdown(before)
    assert to_long_csv(after) == to_long_csv(before)


def test_the_configuration_of_one_seed_has_folders_of_its_own() -> None:
    source = minimal_config(seeds=[3, 4], results="out")
    one = load_config(of_one_seed(source, 4))
    assert (one.seed, one.results, one.figures) == (4, "out/seed-4", "figures/seed-4")
    with pytest.raises(ValueError, match="too many values"):
        load_config(source).seed  # noqa: B018
