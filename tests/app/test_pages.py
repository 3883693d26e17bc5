"""The pages over HTTP."""

from __future__ import annotations

import html
import json
import os
import re
from collections import Counter
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from seqattack.app.agreement import agreements
from seqattack.app.index import RunIndex
from seqattack.app.row import Row
from seqattack.app.site import Site
from seqattack.corpus import read_conll, read_jsonl
from seqattack.explain.explanation import explain
from seqattack.io import write_jsonl
from seqattack.pipeline.picks import Decision, PickError, picked_examples
from seqattack.records import AttackRecord
from seqattack.report.seeds import over_seeds
from seqattack.report.table_files import write_table
from seqattack.sentence import Sentence
from tests.helpers.examples import HOSTILE, OTHER, RECORDS, RUN, prediction, write_run
from tests.helpers.fake_victim import FakeVictim
from tests.helpers.records import attack_record
from tests.helpers.run_report import run_tables


def test_all_runs_are_listed_with_their_metrics(client: httpx.Client) -> None:
    text = client.get("/").text
    assert re.findall(r'title="([^:"]+): 4 of 5 sentences"', text) == [
        "DeepWordBug-I-5 on NERfull (comparison)"
    ]
    assert text.count('<svg class="rate"') == 2
    assert "paper 78%" in text


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


def links(text: str, rel: str) -> list[str]:
    return [html.unescape(each) for each in re.findall(f'rel="{rel}" href="([^"]*)"', text)]


def test_an_example_leads_on_within_the_filters(client: httpx.Client) -> None:
    text = client.get("/run", params={"run": RUN, "outcome": "success", "sort": "queries"}).text
    found = re.search(r'href="(/example[^"]*id=test-2[^"]*)"', text)
    assert found
    page = client.get(html.unescape(found[1])).text
    assert "3 of 4" in page  # by queries: test-1, test-4, test-2, test-3
    (before,), (after,) = links(page, "prev"), links(page, "next")
    assert ("id=test-4" in before, "id=test-3" in after) == (True, True)
    assert links(client.get(after).text, "next") == []
    (back,) = links(page, "up")
    assert re.findall(r">(test-\d)</a>", client.get(back).text)[:1] == ["test-1"]
    assert "outcome=success" in back


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


def attacked(client: httpx.Client, **config: Any) -> str:
    """Return a file of the original SeqAttack."""
    pick(client, "test-2", decision="accepted")
    value = client.get("/picks/export/seqattack").json()
    return json.dumps(value | {"config": value["config"] | config})


def test_seqattack_s_files_can_be_brought_in(client: httpx.Client, site: Site) -> None:
    text = attacked(client)
    answer = client.post("/import", files={"file": ("../../old results.json", text)})
    assert answer.headers["location"] == "/run?run=imports/old-results.json"
    assert (site.library.results / "imports" / "old-results.json").is_file()
    page = client.get(answer.headers["location"]).text
    assert "example-1" in page
    assert "unknown 1" in page
    half = text.replace('"recipe": "', '"recipe": "\\ud800')
    endless = text.replace('"num_queries": 30', '"num_queries": 1e999')
    odd = json.dumps({"attacked_examples": [1]})
    for wrong in ("{", "{}", odd, "[" * 100_000, half, endless):
        assert wrong != text
        assert client.post("/import", files={"file": ("x.json", wrong)}).status_code == 400
    assert not (site.library.results / "imports" / "x.json").exists()


def test_an_imported_file_says_what_made_it(client: httpx.Client) -> None:
    text = attacked(
        client, model="bert-ner", recipe="bert-attack", random_seed=567, query_budget=512
    )
    where = client.post("/import", files={"file": ("a.json", text)}).headers["location"]
    page = client.get(where).text
    assert "<h1>BERT-Attack on bert-ner (imported, seed 567)</h1>" in page
    assert "query budget 512" in page
    assert "BERT-Attack on bert-ner" in client.get("/compare").text


@pytest.mark.parametrize("recipe", ["deepwordbug-i", "deepwordbug-ii", "deepwordbug-improved"])
def test_a_file_may_name_any_recipe(client: httpx.Client, recipe: str) -> None:
    text = attacked(client, model="bert-ner", recipe=recipe)
    where = client.post("/import", files={"file": ("a.json", text)}).headers["location"]
    asked = "/import/delete?run=imports/a.json"
    for path in ("/", where, "/compare", asked):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert f"{recipe} on bert-ner" in answer.text, path


def test_runs_of_one_name_are_all_on_the_first_page(client: httpx.Client, site: Site) -> None:
    keys = (
        *(f"{place}/attacks/comparison/full/clare" for place in ("mine", "theirs")),
        *(f"{place}/out" for place in ("one", "two")),
    )
    for key in keys:
        write_run(site.library.results, key, RECORDS)
    site.library.refresh()
    page = client.get("/").text
    assert all(f'href="/run?run={quote(key, safe="")}"' in page for key in keys)
    for name in ("NERfull (mine)", "NERfull (theirs)", "out (one)", "out (two)", "NERfull"):
        assert f">{name}</th>" in page


def test_the_same_file_is_imported_once(client: httpx.Client, site: Site) -> None:
    text = attacked(client)
    client.post("/import", files={"file": ("old.json", text)})
    again = client.post("/import", files={"file": ("copy.json", json.dumps(json.loads(text)))})
    assert again.headers["location"].startswith("/run?run=imports/old.json")
    other = client.post("/import", files={"file": ("old.json", attacked(client, model="b"))})
    assert other.headers["location"] == "/run?run=imports/old-2.json"
    names = sorted(path.name for path in (site.library.results / "imports").iterdir())
    assert names == ["old-2.json", "old.json"]


def test_an_import_can_be_deleted_and_nothing_else(client: httpx.Client, site: Site) -> None:
    client.post("/import", files={"file": ("old.json", attacked(client))})
    page = client.get("/run?run=imports/old.json").text
    ask = re.search(r'href="(/import/delete[^"]*)"', page)
    assert ask
    assert "examples: 1)" in client.get(html.unescape(ask[1])).text
    assert (site.library.results / "imports" / "old.json").exists()
    answer = client.post("/import/delete", data={"run": "imports/old.json"})
    assert answer.headers["location"] == "/"
    assert not (site.library.results / "imports" / "old.json").exists()
    assert client.get("/run?run=imports/old.json").status_code == 404
    for run in (RUN, "imports/old.json", "imports/../picks.json", ""):
        assert client.post("/import/delete", data={"run": run}).status_code == 404
    assert (site.library.results / RUN / "records.jsonl").exists()


def test_an_address_without_its_parameters_leads_on_in_words(client: httpx.Client) -> None:
    answer = client.get("/run")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    for path in ("/example", "/compare?a=x&b=y", "/run?run=x"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "<!doctype html>" in answer.text
    answer = client.get("/try/attacks/x?part=perhaps")
    assert answer.status_code == 400
    assert "part:" in answer.text
    assert "<!doctype html>" in answer.text


def test_a_matrix_can_be_copied(client: httpx.Client) -> None:
    text = client.get("/matrix.md?group=comparison").text
    assert text.split()[:5] == ["|", "Victim", "|", "DeepWordBug-I-5", "↑"]
    assert "80% (78%)" in text
    assert "\\begin{tabular}" in client.get("/matrix.tex?group=comparison").text
    assert client.get("/matrix.csv?group=robustness").text.startswith("row,DeepWordBug-I-5,")
    assert client.get("/matrix.png?group=comparison").content[:4] == b"\x89PNG"
    for path in ("/matrix.md?group=none", "/matrix.exe?group=comparison"):
        assert client.get(path).status_code == 404


PERSIAN = "\u06a9\u062a\u0627\u0628\u200c\u0647\u0627"
"""A word that a zero-width non-joiner divides."""


def test_right_to_left_text_runs_right_to_left(client: httpx.Client, site: Site) -> None:
    text = prediction(f"{PERSIAN} \u0631\u0627 \u062f\u06cc\u062f", "B-PER O O", "O O O")
    write_run(site.library.results, "persian", [attack_record(text, text, id="p-1")])
    page = client.get("/example", params={"run": "persian", "id": "p-1"}).text
    assert '<div class="pair" dir="rtl">' in page
    assert f'dir="auto">{PERSIAN}</span>' in page
    assert "has a zero-width non-joiner (U+200C) in it" in page
    assert "\\u200c" not in page
    assert '<div class="pair" dir="ltr">' in client.get(f"/example?run={RUN}&id=test-1").text


def test_an_example_is_explained_where_its_victim_is(
    client: httpx.Client, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"run": RUN, "id": "test-1"}
    assert "Which edit breaks what?" not in client.get("/example", params=asked).text
    monkeypatch.setattr(site.store, "victims", lambda: {"full": "nowhere"})
    page = client.get("/example", params=asked).text
    assert "What each edit does" not in page
    link = re.search(r'href="([^"]*explain=yes)"', page)
    assert link
    page = html.unescape(client.get(html.unescape(link[1])).text)
    said = explain(RECORDS[0], FakeVictim())
    assert len(said.sentences()) == 2
    assert all(f"<li>{each}.</li>" in page for each in said.sentences())
    assert f"about {said.queries} texts" in page
    idle = sum(effect.is_idle for effect in said.effects)
    assert page.count("changed idle") == 2 * idle + 1  # both texts, and the legend


def test_training_runs_offer_only_what_they_know(client: httpx.Client) -> None:
    page = client.get("/run", params={"run": RUN}).text
    assert '<option value="queries">' in page
    assert 'value="similarity"' not in page
    assert 'name="similarity-min"' not in page
    for asked in ({"sort": "similarity"}, {"similarity-min": "0"}):
        answer = client.get("/run", params={"run": RUN, **asked})
        assert answer.status_code == 400
        assert "similarity is not known" in answer.text


def test_all_that_was_found_is_exported_or_decided_at_once(
    client: httpx.Client, site: Site
) -> None:
    filters = {"run": RUN, "queries-min": "20"}
    exported = client.get("/run/export/jsonl", params=filters).text.splitlines()
    assert [json.loads(line)["tokens"][0] for line in exported] == ["Ann", "Oslo"]
    pick(client, "test-2", decision="rejected")
    data = {**filters, "decision": "accepted", "back": "/picks"}
    assert client.post("/picks/all", data=data).headers["location"] == "/picks"
    assert {p.id: p.decision.value for p in site.picks.read().decided} == {
        "test-2": "rejected",
        "test-3": "accepted",
    }


def decided(site: Site) -> dict[str, str]:
    return {pick.id: pick.decision.value for pick in site.picks.read().decided}


def test_steps_are_undone_and_done_again_wherever_they_were_made(
    client: httpx.Client, site: Site
) -> None:
    pick(client, "test-1", decision="rejected", reason="not fluent")
    client.post("/picks/all", data={"run": RUN, "decision": "accepted"})
    everything = {f"test-{n}": "accepted" for n in (2, 3, 4)} | {"test-1": "rejected"}
    assert decided(site) == everything
    assert client.post("/picks/undo", data={"back": "/picks"}).status_code == 303
    assert decided(site) == {"test-1": "rejected"}
    said = client.post("/picks/undo", headers={"Accept": "application/json"}).json()
    assert [(p["id"], p["decision"], p["rejected-in-all"]) for p in said["picks"]] == [
        ("test-1", "undecided", 0)
    ]
    answer = client.post("/picks/undo")
    assert answer.status_code == 400
    assert "nothing to undo" in answer.text
    client.post("/picks/redo")
    client.post("/picks/redo")
    assert decided(site) == everything
    assert site.picks.read().of(RUN)["test-1"].reason == "not fluent"


def test_a_step_is_not_undone_over_another_decision(client: httpx.Client, site: Site) -> None:
    pick(client, "test-1", decision="accepted")
    site.picks.change(RUN, RECORDS[0], 1, decision=Decision.REJECTED)
    assert client.post("/picks/undo").status_code == 400
    assert decided(site) == {"test-1": "rejected"}


def test_two_reviewers_and_how_far_they_agree(client: httpx.Client, site: Site) -> None:
    def decide(name: str, *decisions: str) -> None:
        client.post("/reviewer", data={"reviewer": name})
        for number, decision in enumerate(decisions, 1):
            pick(client, f"test-{number}", decision=decision)

    decide("Ada", "accepted", "accepted", "rejected", "rejected")
    page = client.get("/run", params={"run": RUN}).text
    assert page.count('aria-pressed="true"') == 4
    decide("Çelik", "accepted", "rejected", "rejected", "rejected")
    assert [pick.id for pick in site.picks.read().accepted] == ["test-1"]
    (agreement,) = agreements(site.picks.read())
    assert (agreement.count, agreement.same) == (4, 3)
    assert agreement.kappa == pytest.approx(0.5)  # (0.75 - 0.5) / (1 - 0.5)
    page = client.get("/picks").text
    assert "Ada and Çelik" in page
    assert "0.50" in page
    assert client.post("/reviewer", data={"reviewer": "x" * 41}).status_code == 400


def test_the_page_of_picks_says_what_the_pipeline_will_say(
    client: httpx.Client, site: Site
) -> None:
    assert "adversarial_training" not in client.get("/picks").text
    pick(client, "test-1", decision="accepted")
    pick(client, "test-2", decision="accepted")
    pick(client, "test-3", decision="rejected", reason="another meaning")
    page = client.get("/picks").text
    assert f"picks: {os.path.relpath(site.picks.path)}" in page
    assert "sizes: [2]" in page
    assert "refuses" not in page
    assert page.count("DeepWordBug-I-5 on NERfull (comparison)</a>") == 2
    rejected = client.get("/picks?decision=rejected").text
    assert re.findall(r">(test-\d)</a>", rejected) == ["test-3"]
    assert "another meaning" in rejected
    tokens = RECORDS[0].original
    write_jsonl(
        site.library.results / "corpus" / "test.jsonl",
        [Sentence("test-1", tokens.tokens, tokens.tags).to_json()],
    )
    page = client.get("/picks").text
    assert "Made of test sentences: 1 of 2 accepted examples." in page
    assert "allow_test_sentences: true" in page
    with pytest.raises(PickError):
        picked_examples(site.picks.read(), read_jsonl(site.library.results / "corpus/test.jsonl"))
    assert "Test sentences: the pipeline" in client.get("/run", params={"run": RUN}).text


def test_the_claims_are_shown_with_their_verdicts(client: httpx.Client, site: Site) -> None:
    assert "Claims of the paper" not in client.get("/").text
    claims = run_tables()[0]
    verdicts = Counter(row.values["verdict"] for row in claims.rows)
    write_table(claims, site.library.results / "tables")
    page = html.unescape(client.get("/").text)
    for verdict, count in verdicts.items():
        assert f">{verdict} {count}</span>" in page
    assert len(verdicts) > 1
    assert all(f">{row.label}</th>" in page for row in claims.rows)
    assert f">{claims.rows[0].values['ours']}</td>" in page


def test_claims_of_several_seeds_are_those_on_which_they_agree(
    client: httpx.Client, site: Site
) -> None:
    claims = run_tables()[0]
    first = claims.rows[0]
    other = replace(first, values={**first.values, "verdict": "holds"})
    again = replace(claims, rows=[other, *claims.rows[1:]])
    verdicts = Counter(row.values["verdict"] for row in claims.rows[1:])
    assert first.values["verdict"] == "fails"
    (both,) = over_seeds({0: [claims], 1: [again]})
    write_table(both, site.library.results / "tables")
    page = client.get("/").text
    assert ">differs between seeds 1</span>" in page
    for verdict, count in verdicts.items():
        assert f">{verdict} {count}</span>" in page


def test_a_folder_of_several_seeds_has_a_report_and_test_sentences_of_each(
    client: httpx.Client, site: Site
) -> None:
    for seed, record in zip((2, 10), RECORDS, strict=False):
        folder = site.library.results / f"seed-{seed}"
        (folder / "corpus").mkdir(parents=True)
        (folder / "report.html").write_text(f"<p>of {seed}</p>")
        text = record.original
        sentence = Sentence(record.id, text.tokens, text.tags)
        write_jsonl(folder / "corpus/test.jsonl", [sentence.to_json()])
    page = client.get("/").text
    assert re.findall(r'href="(/report[^"]*)"', page) == ["/report?seed=2", "/report?seed=10"]
    assert client.get("/report?seed=10").text == "<p>of 10</p>"
    for missing in ("/report", "/report?seed=1", "/report?seed=../seed-2"):
        assert client.get(missing).status_code == 404
    tokens = {record.original.tokens for record in RECORDS[:2]}
    assert site.library.test_sentences() == tokens


def test_two_runs_on_the_same_sentences(client: httpx.Client) -> None:
    text = client.get("/compare", params={"a": RUN, "b": OTHER}).text
    assert "Sentences in both runs: 4." in text
    assert 'class="curve' not in text  # of four and five values, there is no density
    assert text.count('class="dot side-1"') == text.count('class="dot side-2"') == 7
    assert "Wilcoxon" in text
    text = client.get("/compare", params={"a": RUN, "b": OTHER, "relation": "neither"}).text
    assert re.findall(r"<h3>(test-\d)</h3>", text) == ["test-5"]


def test_sentences_are_the_same_by_their_text(client: httpx.Client, site: Site) -> None:
    record = type(RECORDS[0]).from_json({**RECORDS[0].to_json(), "id": "another-name"})
    write_run(site.library.results, "attacks/comparison/full/other", [record])
    text = client.get("/compare", params={"a": RUN, "b": "attacks/comparison/full/other"}).text
    assert "Sentences in both runs: 1." in text


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
