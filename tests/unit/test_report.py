"""The report: every link leads somewhere, nothing is loaded, no text gets out of its place."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from seqattack.explain.edits import EditedText
from seqattack.explain.explanation import Effect, Explanation
from seqattack.io import write_jsonl
from seqattack.pipeline.config import load_config
from seqattack.records import read_records
from seqattack.report.examples import LONGEST
from seqattack.report.matrix import Matrix, robustness_matrices
from seqattack.report.page import anchor
from seqattack.report.sources import EXAMPLES, comparison_sources
from seqattack.report.tables import Table
from tests.helpers.html_page import Page
from tests.helpers.run_report import CONFIG, HOSTILE, make, run_sources, run_tables, summary


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
                if table.id != "claims":
                    assert f"#{source}" in page.values("href")
                    assert {source, f"{source}-config", f"{source}-command"} <= set(page.ids)
                else:
                    assert f"#row-{source}" in page.values("href")
                    assert f"row-{source}" in page.ids, "a claim leads to what it compares"


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


def test_only_what_can_have_examples_says_that_it_has_none(tmp_path: Path) -> None:
    page = make(tmp_path)
    assert "There is none" not in page, "an undefended victim has no adversarial examples"
    long = replace(run_sources(tmp_path)[0], examples=[])
    assert f"There is none of at most {LONGEST} tokens." in make(tmp_path, [long])


@pytest.mark.parametrize("place", ["attacks/mine/results", "results"])
def test_only_attacks_are_shown_in_the_application(tmp_path: Path, place: str) -> None:
    key = "attacks/comparison/full/bert-attack"
    written = run_sources(tmp_path)[0]
    target = tmp_path / place / key / "summary.json"
    assert replace(written, target=str(target)).run == key
    for name in ("subset.jsonl", "noise/full.json", "evaluation/small.json"):
        assert replace(written, target=str(Path(place) / name)).run == ""


def test_an_attack_s_command_makes_its_shards_again(tmp_path: Path) -> None:
    run_sources(tmp_path)
    shards = [tmp_path / "2" / "bert-attack" / f"shard-{number}.jsonl" for number in range(11)]
    for shard in shards:
        shard.touch()
    sources = {source.id: source for source in run_sources(tmp_path)}
    attacked = sources["robustness/bert-attack/2"]
    words = shlex.split(attacked.command("my results/config.yaml"))
    assert words[:5] == ["snakemake", "--cores", "all", "--configfile", "my results/config.yaml"]
    assert words[5:] == ["--forcerun", *map(str, shards), "--", attacked.target]


def test_the_report_is_the_same_every_time(tmp_path: Path) -> None:
    assert make(tmp_path) == make(tmp_path)


def test_a_table_is_the_same_after_a_round_trip() -> None:
    for table in run_tables():
        plain = json.loads(json.dumps(table.to_json()))
        assert json.loads(json.dumps(Table.from_json(plain).to_json())) == plain


def test_the_config_that_the_report_writes_is_the_runs() -> None:
    assert load_config(CONFIG.to_json()) == CONFIG


def test_the_report_begins_with_claims_and_matrix_and_tables_are_in_order(page: Page) -> None:
    text = " ".join(page.text.split())
    assert re.search(r"Of the \d+ claims of the paper .* ✓ \d+ hold, ✗ \d+ fail", text)
    places = list(page.ids)
    order = ["summary", "matrix", "claims", "table1", "table3", "table5", "figure1", "sources"]
    assert sorted(order, key=places.index) == order


def test_the_config_is_written_once(page: Page) -> None:
    assert page.text.count("query_budget: 512") == 1


def test_a_matrix_has_a_cell_where_an_attack_was_tried() -> None:
    """Another goal is another attack; a victim of both joins what else would stand apart."""
    targeted = {
        "robustness/clare/baseline": replace(summary("clare", "small"), goal="targeted"),
        "robustness/clare/500": replace(summary("clare", "robust-clare-500"), goal="targeted"),
        "robustness/bae/500": replace(summary("bae", "robust-clare-500"), goal="targeted"),
    }
    full = {f"comparison/{each}": summary(each, "full") for each in ("clare", "bae")}
    first, second = robustness_matrices(full | targeted)
    assert (first.goal, first.columns, list(first.rows)) == (
        "untargeted",
        ["NERfull"],
        ["CLARE", "BAE"],
    ), "more attacks than victims"
    cell = first.rows["CLARE"][0]
    assert cell is not None
    assert (cell.text, cell.bounds, cell.n) == ("88%", "[50, 100]", 80)
    assert (second.goal, second.columns) == ("targeted", ["CLARE", "BAE"])
    assert _tried(second) == {"NERsmall": [True, False], "NERsmall + 500 (CLARE)": [True, True]}

    both = {"defences/small/clare": summary("clare", "small")}
    (matrix,) = robustness_matrices(full | targeted | both)
    assert (matrix.goal, matrix.columns) == ("", matrix.victims)
    assert _tried(matrix) == {
        "CLARE (untargeted)": [True, True, False],
        "BAE (untargeted)": [True, False, False],
        "CLARE (targeted)": [False, True, True],
        "BAE (targeted)": [False, False, True],
    }


def _tried(matrix: Matrix) -> dict[str, list[bool]]:
    return {name: [cell is not None for cell in cells] for name, cells in matrix.rows.items()}


def test_edits_that_are_not_needed_are_greyed(tmp_path: Path) -> None:
    """What `explain` wrote beside the records is shown with the examples."""
    run_sources(tmp_path)
    folder = tmp_path / "full" / "bert-attack"
    (known, *_) = (each for each in read_records(folder / "records.jsonl") if each.adversarial)
    idle, needed = EditedText(known).edits[:2]
    effects = (Effect(idle, "“a” → “b”", (), ()), Effect(needed, "“c” → “d”", (0,), (0,)))
    found = Explanation(known.id, effects, {0: "Leeds <b>United"}, 4)
    write_jsonl(folder / "explained.jsonl", [found.to_json()])
    (source,) = (
        each
        for each in comparison_sources([folder], "results/subset.jsonl", CONFIG)
        if each.id == "comparison/bert-attack"
    )
    (example,) = (each for each in source.examples if each.id == known.id)
    assert example.notes == ("“a” → “b” is not needed", "“c” → “d” alone breaks Leeds <b>United")
    parts = [part for piece in example.lines[1] for token in piece.tokens for part in token]
    assert [part.idle for part in parts][:2] == [True, False]
