"""The pages over HTTP."""

from __future__ import annotations

import html
import json
import re
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx
import pytest

from seqattack.app.index import Row, RunIndex
from seqattack.app.site import Site
from seqattack.corpus import read_conll, read_jsonl
from seqattack.records import AttackRecord
from tests.helpers.examples import HOSTILE, OTHER, RECORDS, RUN, write_run


def test_all_runs_are_listed_with_their_metrics(client: httpx.Client) -> None:
    text = client.get("/").text
    assert text.count("deepwordbug-i-5</a>") == 2
    assert ">0.80</td>" in text  # 4 successes of 5 attacked


def test_a_run_shows_its_card_and_all_its_examples(client: httpx.Client) -> None:
    text = client.get("/run", params={"run": RUN}).text
    assert "goal-reached 4" in text
    assert "query-budget 1" in text
    for record in RECORDS:
        assert f">{record.id}</a>" in text
    assert "failed" in text
    assert "skipped" in text


def test_filters_and_permalinks(client: httpx.Client) -> None:
    answer = client.get("/run", params={"run": RUN, "text": "oslo", "queries-min": "10"})
    assert re.findall(r">(test-\d)</a>", answer.text) == ["test-3"]
    link = re.search(r'href="(/run[^"]*)">Permalink', answer.text)
    assert link
    again = client.get(html.unescape(link[1]))
    assert re.findall(r">(test-\d)</a>", again.text) == ["test-3"]
    example = client.get("/example", params={"run": RUN, "id": "test-3"})
    assert "newly broken" in example.text


def test_texts_from_files_are_escaped(client: httpx.Client) -> None:
    for path in ("/run", "/example"):
        text = client.get(path, params={"run": RUN, "id": "test-4"}).text
        assert HOSTILE not in text
        assert html.escape(HOSTILE) in text
        assert "\u202e" not in text


@pytest.mark.parametrize(
    "params",
    [
        {"run": "../results/" + RUN},
        {"run": "/etc"},
        {"run": RUN + "/.."},
        {"run": "%2e%2e"},
        {"run": ""},
    ],
)
def test_only_runs_of_the_folder_can_be_named(client: httpx.Client, params: dict[str, str]) -> None:
    assert client.get("/run", params=params).status_code == 404
    assert client.get("/example", params={**params, "id": "test-1"}).status_code == 404


@pytest.mark.parametrize("path", ["/static/../server.py", "/static/%2e%2e/server.py", "/nowhere"])
def test_other_files_are_not_served(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_what_cannot_be_asked_is_answered_in_words(client: httpx.Client) -> None:
    answer = client.get("/run", params={"run": RUN, "queries-min": "<b>"})
    assert answer.status_code == 400
    assert "is not a number" in answer.text
    assert "<b>'" not in answer.text


def pick(client: httpx.Client, name: str, version: int = 0, **values: Any) -> httpx.Response:
    data = {"run": RUN, "id": name, "version": str(version), "back": "/picks", **values}
    return client.post("/picks", data=data)


def test_picking_without_a_script(client: httpx.Client, site: Site) -> None:
    answer = pick(client, "test-1", decision="accepted")
    assert (answer.status_code, answer.headers["location"]) == (303, "/picks")
    assert [p.id for p in site.picks.read().accepted] == ["test-1"]
    assert "test-1" in client.get("/picks").text
    assert pick(client, "test-1", decision="rejected").status_code == 400
    assert pick(client, "test-1", version=1, decision="rejected").status_code == 303
    assert site.picks.read().accepted == []


def test_picking_leads_to_no_other_site(client: httpx.Client) -> None:
    answer = pick(client, "test-1", decision="accepted", back="//evil.example/")
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize(
    ("name", "values", "status"),
    [
        ("test-9", {"decision": "accepted"}, 404),
        ("test-5", {"decision": "accepted"}, 400),
        ("test-1", {"decision": "perhaps"}, 400),
        ("test-1", {"note": "x" * 2001}, 400),
    ],
)
def test_what_cannot_be_picked(
    client: httpx.Client, name: str, values: dict[str, Any], status: int
) -> None:
    assert pick(client, name, **values).status_code == status


def test_exports_can_be_read_again(client: httpx.Client, tmp_path: Path) -> None:
    pick(client, "test-2", decision="accepted", note="insertion")
    pick(client, "test-3", decision="rejected")
    path = tmp_path / "picks.conll"
    answer = client.get("/picks/export/conll")
    assert "picks.conll" in answer.headers["content-disposition"]
    path.write_text(answer.text)
    (sentence,) = read_conll(path, "picks")
    assert sentence.tokens == RECORDS[1].final.tokens
    assert sentence.tags == RECORDS[1].final.tags
    path = tmp_path / "picks.jsonl"
    path.write_text(client.get("/picks/export/jsonl").text)
    assert read_jsonl(path)[0].tokens == sentence.tokens
    value = client.get("/picks/export/seqattack").json()
    assert value["attacked_examples"][0]["perturbed_text"] == sentence.text
    assert client.get("/picks/export/exe").status_code == 404


def test_seqattack_s_files_can_be_brought_in(client: httpx.Client, site: Site) -> None:
    pick(client, "test-2", decision="accepted")
    text = client.get("/picks/export/seqattack").text
    answer = client.post("/import", files={"file": ("../../old results.json", text)})
    assert answer.headers["location"] == "/run?run=imports/old-results.json"
    assert (site.library.results / "imports" / "old-results.json").is_file()
    again = client.post("/import", files={"file": ("old results.json", text)})
    assert again.headers["location"] == "/run?run=imports/old-results-2.json"
    page = client.get(answer.headers["location"]).text
    assert "example-1" in page
    assert "unknown 1" in page
    for wrong in ("{", "{}", json.dumps({"attacked_examples": [1]}), "[" * 100_000):
        assert client.post("/import", files={"file": ("x.json", wrong)}).status_code == 400
    assert not (site.library.results / "imports" / "x.json").exists()


def test_two_runs_on_the_same_sentences(client: httpx.Client) -> None:
    text = client.get("/compare", params={"a": RUN, "b": OTHER}).text
    assert "4 sentences are in both runs" in text
    assert text.count('class="curve side-') == 4
    assert "Wilcoxon" in text
    text = client.get("/compare", params={"a": RUN, "b": OTHER, "relation": "neither"}).text
    assert re.findall(r"<h3>(test-\d)</h3>", text) == ["test-5"]


def test_sentences_are_the_same_by_their_text(client: httpx.Client, site: Site) -> None:
    record = type(RECORDS[0]).from_json({**RECORDS[0].to_json(), "id": "another-name"})
    write_run(site.library.results, "attacks/comparison/full/other", [record])
    text = client.get("/compare", params={"a": RUN, "b": "attacks/comparison/full/other"}).text
    assert "1 sentences" in text or "1 sentence " in text


def test_only_the_records_of_a_page_are_read(
    client: httpx.Client, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "attacks/comparison/full/many"
    names = [f"test-{number}" for number in range(1, 501)]
    records = [
        type(record).from_json({**record.to_json(), "id": name})
        for name, record in zip(names, cycle(RECORDS), strict=False)
    ]
    write_run(site.library.results, key, records)
    read, real = [], RunIndex.record

    def remembering(index: RunIndex, row: Row) -> AttackRecord:
        read.append(row)
        return real(index, row)

    monkeypatch.setattr(RunIndex, "record", remembering)
    text = client.get("/run", params={"run": key, "page": "2"}).text
    assert "Page 2 of 25" in text
    assert [row.id for row in read] == names[20:40]
