"""Tables: the paper beside ours, four formats, nothing gets out of its cell."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from scipy import stats
from seqeval.metrics import f1_score, precision_score, recall_score
from seqeval.scheme import IOB2

from seqattack.metrics.distribution import distributions
from seqattack.metrics.entities import EntityMetrics, entity_metrics
from seqattack.report.further_tables import classes_table, distributions_table, stops_table
from seqattack.report.latex import to_latex
from seqattack.report.page import to_html
from seqattack.report.paper import paper_results
from seqattack.report.paper_tables import (
    comparison_table,
    only_invented,
    published_table,
    robustness_table,
    significance_table,
    standard_table,
)
from seqattack.report.table_files import write_table
from seqattack.report.tables import (
    Column,
    Row,
    Table,
    summary_table,
    to_csv,
    to_long_csv,
    to_markdown,
    to_text,
)
from tests.helpers.records import scored_example
from tests.helpers.summaries import any_summary

RECORD = Path(__file__).resolve().parents[2] / "docs" / "results"

SMALL = Table(
    id="small",
    caption="50% of a_b.",
    corner="Attack",
    columns=(Column("attack_rate", "A-Rate", arrow="↑"), Column("errors", "ΔGErr", "number", "↓")),
    rows=(
        Row("one", {"attack_rate": 0.784, "errors": 1.5}, {"attack_rate": 0.78}, n={"errors": 9}),
        Row("two", {"attack_rate": None, "errors": -0.25}, intervals={"errors": (-1.0, 0.5)}),
    ),
)


def test_markdown() -> None:
    assert to_markdown(SMALL) == (
        "| Attack   |   A-Rate ↑ |   ΔGErr ↓ |\n"
        "|:---------|-----------:|----------:|\n"
        "| one      |  78% (78%) |      1.50 |\n"
        "| two      |          – |     -0.25 |\n"
        "\nSmall. 50% of a\\_b. In parentheses: the paper's figure.\n"
    )


def test_csv_has_plain_numbers_and_the_paper_s_beside() -> None:
    assert to_csv(SMALL) == (
        "row,attack_rate,attack_rate_paper,errors\none,0.784,0.78,1.5\ntwo,,,-0.25\n"
    )
    assert to_long_csv(SMALL).splitlines()[1:] == [
        "one,attack_rate,0.784,,,,,0.78",
        "one,errors,1.5,,,,9,",
        "two,attack_rate,,,,,,",
        "two,errors,-0.25,-1.0,0.5,,,",
    ]


def test_negative_figures_are_rounded_and_tiny_ones_are_not() -> None:
    values = {"attack_rate": 2.4212345e-9, "errors": -0.123456789}
    row = Row("one", values, intervals={"errors": (-1.00000001, 0.0)}, n={"errors": 3})
    table = replace(SMALL, rows=(row,))
    assert to_csv(table).splitlines()[1] == "one,2.4212345e-09,-0.123457"
    assert to_long_csv(table).splitlines()[2] == "one,errors,-0.123457,-1.0,0.0,,3,"


def test_the_frames_hold_what_was_given() -> None:
    assert list(SMALL.figures.columns) == [
        "row",
        "metric",
        "ours",
        "low",
        "high",
        "sd",
        "n",
        "paper",
    ]
    figures = SMALL.figures.set_index(["row", "metric"])
    assert figures.loc[("one", "attack_rate"), "ours"] == 0.784
    assert figures.loc[("one", "errors"), "n"] == 9
    assert list(SMALL.wide.columns) == ["row", "attack_rate", "attack_rate_paper", "errors"]
    assert list(SMALL.shown["A-Rate ↑"]) == ["78% (78%)", "–"]


def test_latex() -> None:
    text = to_latex(SMALL)
    assert r"\shortstack{A-Rate\\$\uparrow$} & " in text
    assert "one & 78\\% & 1.50 \\\\\n & \\textit{78\\%} &  \\\\\n" in text
    assert r"\caption{50\% of a\_b. In italics: the paper's figure.}\label{tab:small}" in text
    narrow = to_latex(SMALL, narrow=True)
    assert "textit" not in narrow
    assert r"\begin{table}" in narrow


def test_the_whole_caption_is_shown_wherever_a_table_is() -> None:
    table = replace(SMALL, of_run="Of seed 3.")
    assert to_markdown(table).endswith(
        "50% of a\\_b. Of seed 3. In parentheses: the paper's figure.\n"
    )
    assert r"\caption{50\% of a\_b. Of seed 3. In italics" in to_latex(table)
    assert "50% of a_b. Of seed 3." in " ".join(to_text(table).split())
    assert "<caption>50% of a_b. Of seed 3.</caption>" in to_html(table)


def test_tables_of_older_versions_can_be_read() -> None:
    paths = sorted(RECORD.glob("*/tables/*.json"))
    assert len(paths) > 20
    for path in paths:
        value = json.loads(path.read_text(encoding="utf-8"))
        table = Table.from_json(value)
        assert table.whole_caption == f"{value['caption']} {value.get('of_run', '')}".strip()
        assert len(table.rows) == len(value["rows"]) > 0


def test_written_twice_the_bytes_are_the_same(tmp_path: Path) -> None:
    write_table(SMALL, tmp_path / "a")
    write_table(SMALL, tmp_path / "b")
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert names == [
        "small-long.csv",
        "small-narrow.tex",
        "small.csv",
        "small.json",
        "small.md",
        "small.tex",
    ]
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


@pytest.mark.parametrize("table", ["table1", "table2", "table3", "table4", "table5"])
def test_the_paper_s_f1_is_the_harmonic_mean_of_acc_and_recall(table: str) -> None:
    """What shows that the paper's column "Acc" is precision; its figures are rounded to 1 %."""
    rows = paper_results().tables[table]
    for row in rows.values():
        p, r = row["precision"], row["recall"]
        assert 2 * p * r / (p + r) == pytest.approx(row["f1"], abs=0.0101)


def test_tables_of_a_run_have_the_paper_s_figures_beside() -> None:
    paper = paper_results()
    metrics = EntityMetrics(0.98, 0.97, 0.975, 0.99, 12, {})
    table = comparison_table(
        [any_summary("deepwordbug-i-5"), any_summary("my-attack")], metrics, paper
    )
    rows = {row["row"]: row for row in csv.DictReader(io.StringIO(to_csv(table)))}
    assert rows["DeepWordBug-I-5"]["attack_rate"] == "0.333333"
    assert rows["DeepWordBug-I-5"]["attack_rate_paper"] == "0.78"
    assert rows["DeepWordBug-I-5"]["timeouts"] == "2"
    assert rows["my-attack"]["attack_rate_paper"] == ""
    assert rows["Original"]["f1"] == "0.975"
    assert rows["Original"]["attack_rate"] == ""
    assert "all-MiniLM-L6-v2" in table.caption
    assert "too long" not in table.whole_caption
    noted = comparison_table([any_summary("my-attack")], metrics, paper, {}, ["test-3", "test-9"])
    assert "too long for the victim: 2 sentences (test-3, test-9)." in noted.whole_caption
    long = list(csv.DictReader(io.StringIO(to_long_csv(table))))
    rate = next(line for line in long if line["metric"] == "attack_rate")
    assert (rate["low"], rate["high"], rate["n"]) == ("0.1", "0.6", "9")
    sizes = {
        "500": any_summary("deepwordbug-i-5"),
        "baseline": any_summary("deepwordbug-i-5", "small"),
    }
    assert "84%" in to_markdown(robustness_table("deepwordbug-i-5", sizes, paper))
    standard = standard_table("deepwordbug-i-5", {"500": metrics}, 100, paper)
    assert "98% (91%)" in to_markdown(standard)


def test_table_1_as_published_counts_what_breaks_no_entity() -> None:
    metrics = EntityMetrics(0.98, 0.97, 0.975, 0.99, 12, {})
    summaries = [any_summary("clare-published-1"), any_summary("scpn")]
    table = published_table(summaries, [2, 0], metrics, paper_results())
    assert table.id == "table1-published"
    assert table.titled.startswith("Table 1 as published.")
    rows = {row["row"]: row for row in csv.DictReader(io.StringIO(to_csv(table)))}
    assert list(rows) == ["CLARE", "SCPN", "Original"]
    clare, scpn = rows["CLARE"], rows["SCPN"]
    assert (clare["only_invented"], scpn["only_invented"]) == ("2", "0")
    assert (clare["attack_rate"], clare["attack_rate_paper"]) == ("0.333333", "0.37")
    assert table.rows[0].sources == ["published/clare-published-1"]
    assert "Mod by position = places with different tokens / original tokens" in table.caption
    headings = table.headings
    assert headings.index("Mod by position ↓") == headings.index("Mod ↓") + 1
    assert headings.index("Only invented entities") == headings.index("Successes") + 1
    figures = list(csv.DictReader(io.StringIO(to_long_csv(table))))
    assert sum(line["metric"] == "positional_modification_rate" for line in figures) == 2
    assert "entity_attack_rate" in {line["metric"] for line in figures}
    broken = replace(scored_example(1, 0.25, 0.5), outcome="success", newly_broken=1)
    invented = replace(broken, newly_broken=0)
    failed = replace(invented, outcome="failed")
    assert only_invented([broken, invented, failed, invented]) == 2


def test_a_table_of_any_attacks() -> None:
    table = summary_table([any_summary("deepwordbug-i-5"), any_summary("my-attack", "mine")])
    assert [row.label for row in table.rows] == ["DeepWordBug-I-5 on NERfull", "my-attack on mine"]
    assert table.rows[0].n["similarity"] == 3
    assert table.rows[0].n["attack_rate"] == 9
    text = to_text(table)
    assert "33%" in text
    assert "A-Rate = successes / attacked sentences" in " ".join(text.split())
    assert "all-MiniLM-L6-v2" in table.caption
    assert "harper" in table.caption


def test_a_table_for_a_notebook_is_a_fragment_with_headers_and_intervals() -> None:
    page = to_html(summary_table([any_summary("deepwordbug-i-5")]))
    assert "id=" not in page, "several tables may stand in one notebook"
    assert page.strip().startswith("<table>")
    assert page.strip().endswith("</table>")
    assert page.count('scope="col"') == 14
    assert page.count('scope="row"') == 1
    assert "33% <small>[10, 60]</small>" in page
    assert "<caption>Goal: untargeted." in page
    hostile = to_html(summary_table([any_summary("<script>x</script>", "\x1b[2J")]))
    assert "<script" not in hostile
    assert "&lt;script&gt;" in hostile
    assert "\x1b" not in hostile


def test_every_sentence_is_counted_under_its_reason_for_stopping() -> None:
    attacks = {"a": any_summary("deepwordbug-i-5"), "b": any_summary("my-attack", "small")}
    table = stops_table(attacks)
    first, second = csv.DictReader(io.StringIO(to_csv(table)))
    assert (first["row"], second["row"]) == ("DeepWordBug-I-5 on NERfull", "my-attack on NERsmall")
    counts = {key: int(value) for key, value in first.items() if key not in ("row", "goal")}
    assert counts == {**dict.fromkeys(counts, 0), "timeout": 2, "goal-reached": 8}


def test_each_size_is_compared_with_the_undefended_and_with_the_smallest() -> None:
    """As in section 5.2, whose p-values stand beside ours."""
    harmed = [scored_example(n, 0.1 * n, score) for n, score in enumerate((1.0, 0.5, 1.0, 0.8), 1)]
    robust = [scored_example(n, None, score) for n, score in enumerate((0.5, 0.0, 0.0, 0.2), 1)]
    victims = {"500": robust, "1000": robust, "2000": harmed, "baseline": harmed}
    table = significance_table({"deepwordbug-i-5": victims}, paper_results())
    rows = {row.key: row for row in table.rows}
    pairs = ["baseline/500", "baseline/1000", "baseline/2000", "500/1000", "500/2000"]
    metrics = [
        "modification rate",
        "labels score",
        "attack rate",
        "similarity",
        "grammar error change",
    ]
    assert list(rows) == [
        f"deepwordbug-i-5/{pair}/{metric}" for pair in pairs for metric in metrics
    ]
    found = rows["deepwordbug-i-5/baseline/500/labels score"]
    assert found.paper == {"p": 2.42e-09}
    assert found.values["n"] == 4
    assert found.values["difference"] == pytest.approx(0.175 - 0.825)
    p = found.values["p"]
    assert isinstance(p, float)
    assert 0 < p < 0.05
    assert found.sources == [
        "robustness/deepwordbug-i-5/baseline",
        "robustness/deepwordbug-i-5/500",
    ]
    none = rows["deepwordbug-i-5/baseline/500/modification rate"]
    assert none.values["n"] == 0
    assert "fewer than 2 pairs" in str(none.values["p"])
    assert rows["deepwordbug-i-5/500/1000/labels score"].paper == {}
    low, high = found.intervals["difference"]
    assert low < found.values["difference"] < high < 0  # type: ignore[operator]
    rate = rows["deepwordbug-i-5/baseline/500/attack rate"]
    assert (rate.values["test"], rate.values["n"], rate.values["p"]) == ("McNemar", 4, 0.125)
    assert (rate.values["t"], rate.values["difference"]) == (None, -1)
    same = rows["deepwordbug-i-5/baseline/2000/attack rate"]
    assert same.values["p"] == "all pairs have the same outcome"


def test_a_class_is_measured_before_and_after_each_attack() -> None:
    """Against seqeval on the tags of each class alone."""
    gold = [["B-PER", "I-PER", "O", "B-LOC"], ["O", "B-LOC", "B-LOC", "O"]]
    before = [["B-PER", "I-PER", "O", "B-LOC"], ["O", "B-LOC", "B-PER", "O"]]
    after = [["B-PER", "O", "O", "B-MISC"], ["O", "B-LOC", "B-PER", "O"]]
    table = classes_table(entity_metrics(gold, before), {"clare": entity_metrics(gold, after)})
    assert [row.key for row in table.rows] == ["clare/LOC", "clare/MISC", "clare/PER"]
    for row in table.rows:
        name = row.key.partition("/")[2]
        alone = [
            [[tag if tag.endswith(name) else "O" for tag in tags] for tags in side]
            for side in (gold, before, after)
        ]
        assert row.values["entities"] == sum(tags.count(f"B-{name}") for tags in gold)
        for key, side in (("_before", alone[1]), ("", alone[2])):
            scores = {"precision": precision_score, "recall": recall_score, "f1": f1_score}
            for metric, score in scores.items():
                expected = score(alone[0], side, mode="strict", scheme=IOB2, zero_division=0)
                assert row.values[f"{metric}{key}"] == pytest.approx(expected), (name, metric)
    assert table.rows[0].values["recall"] == pytest.approx(1 / 3)


def test_figure_4_as_numbers() -> None:
    attack = [scored_example(k, rate, 2 * (rate or 0)) for k, rate in enumerate((0.1, 0.4, None))]
    equal = [scored_example(k, 0.2, 0.5) for k in range(3)]
    sizes = {"500": distributions(attack, 0), "baseline": distributions(equal, 0)}
    table = distributions_table({"bert-attack": sizes})
    assert [row.key for row in table.rows] == [
        f"bert-attack/{size}/{metric}"
        for size in sizes
        for metric in ("labels score", "modification rate")
    ]
    score, rate, same, _ = table.rows
    assert score.values["skewness"] == pytest.approx(stats.skew([0.2, 0.8, 0.0]))
    assert (rate.values["n"], rate.values["mean"], rate.values["median"]) == (2, 0.25, 0.25)
    assert same.values["skewness"] == "all scores are equal"
    assert same.sources == ["robustness/bert-attack/baseline"]


def test_the_long_form_has_the_modification_rate_position_by_position() -> None:
    table = summary_table([any_summary("clare")])
    assert "positional_modification_rate" not in table.wide.columns
    assert "Mod by position" not in to_markdown(table)
    lines = csv.DictReader(io.StringIO(to_long_csv(table)))
    (found,) = (line for line in lines if line["metric"] == "positional_modification_rate")
    assert (float(found["ours"]), int(found["n"])) == (0.7, 3)
    assert Table.from_json(json.loads(json.dumps(table.to_json()))).figures.equals(table.figures)


def test_a_long_name_leaves_room_for_the_figures_in_a_terminal() -> None:
    name = "a name of many words that says everything twice, and then says it all again"
    rows = [Row(name, {f"c{k}": 0.123 for k in range(9)}), Row("short", {})]
    columns = [Column(f"c{k}", f"Heading {k}") for k in range(9)]
    text = to_text(Table("t", "", "Name", columns, rows))
    assert max(map(len, text.splitlines())) <= 160
    assert text.count("12%") == 9
    assert "…" not in text
    assert " ".join(text.replace("12%", "").split()).count("says it all again") == 1
