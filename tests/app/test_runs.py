"""Which runs are found, and what is known of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from seqattack.app.charts import charts_of
from seqattack.app.index import Library
from seqattack.app.query import Query, QueryError, page_of
from seqattack.app.runs import find_runs
from seqattack.errors import RecordError, SeqAttackError
from seqattack.io import write_jsonl
from seqattack.pipeline.config import load_config
from seqattack.report.sources import as_yaml
from tests.helpers.configs import minimal_config
from tests.helpers.examples import OTHER, RECORDS, RUN, prediction, write_run
from tests.helpers.records import attack_record


def test_runs_are_found_wherever_their_records_lie(results: Path) -> None:
    write_run(results, "seed-3/attacks/comparison/full/clare", RECORDS[:1])
    write_jsonl(results / "augmentation" / "clare" / "shard-10.jsonl", [RECORDS[1].to_json()])
    write_jsonl(results / "augmentation" / "clare" / "shard-9.jsonl", [RECORDS[0].to_json()])
    runs = find_runs(results)
    assert list(runs) == [RUN, OTHER, "augmentation/clare", "seed-3/attacks/comparison/full/clare"]
    assert runs[RUN].title == "DeepWordBug-I-5 on NERfull (comparison)"
    assert runs["seed-3/attacks/comparison/full/clare"].seed == "3"
    index = Library(results).index("augmentation/clare")
    assert index
    assert [row.id for row in index.rows] == ["test-1", "test-2"]
    assert index.record(index.rows[1]) == RECORDS[1]


def test_links_out_of_the_folder_are_not_followed(results: Path, tmp_path: Path) -> None:
    outside = write_run(tmp_path / "elsewhere", "secret", RECORDS)
    (results / "linked").symlink_to(outside.parent)
    (results / "file").mkdir()
    (results / "file" / "records.jsonl").symlink_to(outside)
    assert list(find_runs(results)) == [RUN, OTHER]


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SeqAttackError, match="no such folder"):
        find_runs(tmp_path / "nowhere")


def test_records_are_read_again_when_they_change(results: Path) -> None:
    library = Library(results)
    first = library.index(RUN)
    assert first
    assert library.index(RUN) is first
    row = first.rows[5]
    write_run(results, RUN, RECORDS[:2])
    with pytest.raises(RecordError, match="changed on the disk"):
        first.record(row)
    again = library.index(RUN)
    assert again
    assert len(again.rows) == 2


def test_a_damaged_file_is_named_with_its_line(results: Path) -> None:
    path = results / RUN / "records.jsonl"
    path.write_text(path.read_text() + "{}\n")
    with pytest.raises(RecordError, match=r"records\.jsonl:7"):
        Library(results).index(RUN)


def select(results: Path, **values: str) -> list[str]:
    index = Library(results).index(RUN)
    assert index
    decisions = {"test-2": "accepted"}
    return [row.id for row in Query.parse(values).select(index.rows, decisions)]


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"outcome": "failed"}, [5]),
        ({"outcome": "skipped"}, [6]),
        ({"label": "PER"}, [2, 4]),
        ({"kind": "missed"}, [1, 3]),
        ({"kind": "already-wrong"}, [2]),
        ({"kind": "spurious"}, [3]),
        ({"text": "LEEDS"}, [1, 5]),
        ({"text": "never"}, [2]),
        ({"pick": "accepted"}, [2]),
        ({"pick": "undecided", "outcome": "success"}, [1, 3, 4]),
        ({"modification_rate-min": "0.3"}, [1, 4]),
        ({"modification_rate-max": "0.25"}, [2, 3]),
        ({"queries-min": "9", "queries-max": "30"}, [1, 2, 4]),
        ({"similarity-min": "0"}, []),
        ({"label": "LOC", "kind": "boundary"}, [3]),
        ({"label": "MISC", "kind": "boundary"}, []),
        ({"label": "PER", "kind": "newly-broken"}, [2]),
        ({"label": "ORG", "kind": "type"}, [4]),
        ({"label": "PER", "kind": "type"}, [2, 4]),
        ({"label": "MISC", "kind": "spurious"}, [3]),
        ({"label": "LOC", "kind": "spurious"}, []),
        ({"text": "im rme", "mode": "token"}, [1]),
        ({"text": "im r", "mode": "token"}, []),
        ({"text": "^(leeds|oslo)", "mode": "regex"}, [1, 3, 5]),
        ({"text": r"\bR?me$", "mode": "regex"}, [1]),
        ({"change": "B-ORG → B-PER"}, [4]),
        ({"change": "B-PER->B-LOC"}, [2]),
        ({"change": "LOC → O"}, [1, 3]),
        ({"sort": "queries", "order": "descending"}, [3, 2, 1, 4, 5, 6]),
        ({"sort": "modification_rate"}, [3, 2, 1, 4, 5, 6]),
    ],
)
def test_filters(results: Path, values: dict[str, str], found: list[int]) -> None:
    assert select(results, **values) == [f"test-{number}" for number in found]


def test_a_query_survives_its_own_address() -> None:
    values = {
        "outcome": "success",
        "label": "PER",
        "kind": "type",
        "change": "B-ORG → B-PER",
        "pick": "accepted",
        "text": "a&b=c",
        "mode": "regex",
        "labels_score-min": "0.5",
        "sort": "queries",
        "order": "descending",
        "page": "3",
    }
    query = Query.parse(values)
    assert Query.parse(dict(parse_qsl(query.address()))) == query
    assert query.address(run="x", page=1).startswith("run=x&")


@pytest.mark.parametrize(
    ("bounds", "says"),
    [
        ({"min": "5"}, "queries from 5"),
        ({"max": "5"}, "queries up to 5"),
        ({"min": "0", "max": "5"}, "queries 0 to 5"),
    ],
)
def test_a_range_is_said_in_words(bounds: dict[str, str], says: str) -> None:
    query = Query.parse({f"queries-{end}": value for end, value in bounds.items()})
    assert [text for text, _ in query.chips("x")] == [says]


def test_the_bar_that_was_clicked_is_the_one_that_is_marked(results: Path) -> None:
    """Every bar of every metric, as its address comes back."""
    scores = [number / 20 for number in range(21)]
    records = [
        replace(RECORDS[0], id=f"t-{number}", labels_score=score, queries=number**5)
        for number, score in enumerate(scores)
    ]
    write_run(results, RUN, records)
    index = Library(results).index(RUN)
    assert index
    seen = 0
    for chart in charts_of(index, index.rows, Query()).histograms:
        for number, bar in enumerate(chart.bars):
            query = Query.parse(dict(parse_qsl(bar.address)))
            chosen = query.select(index.rows, {})
            again = next(
                each
                for each in charts_of(index, chosen, query).histograms
                if each.metric == chart.metric
            )
            assert [each.is_chosen for each in again.bars] == [
                place == number for place in range(len(again.bars))
            ]
            assert len(chosen) == bar.count
            seen += 1
    assert seen > 20


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("outcome", "won"),
        ("sort", "id"),
        ("queries-min", "many"),
        ("page", "nan"),
        ("kind", "x"),
        ("change", "B-PER"),
    ],
)
def test_what_cannot_be_asked_is_named(name: str, value: str) -> None:
    with pytest.raises(QueryError, match=name):
        Query.parse({name: value})


def test_pages_end_with_the_last_one() -> None:
    page = page_of(range(45), 9)
    assert (page.number, page.count, list(page.rows)) == (3, 3, list(range(40, 45)))
    assert page_of([], 1).count == 1


def test_a_pathological_expression_ends(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seqattack.app.query.PATIENCE", 0.05)
    text = prediction("a" * 60 + "!", "O", "O")
    write_run(results, RUN, [attack_record(text, id="test-1")])
    with pytest.raises(QueryError, match="takes longer"):
        select(results, text="^(a|aa)+$", mode="regex")
    with pytest.raises(QueryError, match="not a regular expression"):
        select(results, text="(", mode="regex")


def test_attacks_that_the_config_no_longer_names_are_marked(tmp_path: Path) -> None:
    for recipe in ("deepwordbug-i-5", "deepwordbug-i-30"):
        folder = tmp_path / "attacks/comparison/full" / recipe
        folder.mkdir(parents=True)
        (folder / "records.jsonl").write_text("")
    (tmp_path / "records.jsonl").write_text("")
    assert not any(run.is_left_over for run in find_runs(tmp_path).values()), "without a config"
    config = load_config(minimal_config(results="elsewhere/results"))
    (tmp_path / "config.yaml").write_text(as_yaml(config.to_json()))
    runs = find_runs(tmp_path)
    left_over = {key for key, run in runs.items() if run.is_left_over}
    assert left_over == {"attacks/comparison/full/deepwordbug-i-30"}
    (key,) = left_over
    assert runs[key].title.endswith("no longer in the config)")
    (tmp_path / "config.yaml").write_text("nonsense: 1")
    assert not any(run.is_left_over for run in find_runs(tmp_path).values())
