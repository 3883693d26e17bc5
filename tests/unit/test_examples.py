"""Figures of examples: what is shown, what is underlined, and that no token breaks out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from seqattack.explain.marks import Part, marked_texts
from seqattack.io import write_json, write_jsonl
from seqattack.records import Outcome, Prediction
from seqattack.report.drawing import to_html, write_examples
from seqattack.report.example_figures import COUNT, ExampleFigure, example_figures
from seqattack.report.examples import (
    LABELLED,
    LONGEST,
    Example,
    caption,
    choose,
    choose_labelled,
    classes,
    figure_title,
    only_flips,
    pieces,
)
from seqattack.report.style import class_looks
from tests.helpers.html_page import Page
from tests.helpers.records import attack_record, leeds_record
from tests.helpers.summaries import any_summary

UNTIED = ("Leeds", "Untied", "won", "in", "Rome")


def test_pieces_follow_the_gold_entities() -> None:
    text = leeds_record("a", ("Leeds", "United", "won", "im", "Rome")).final
    marked = marked_texts(("Leeds", "United", "won", "in", "Rome"), text.tokens)[1]
    one, two, three, four = pieces(text, marked)
    assert (one.label, one.name, one.is_wrong) == ("ORG", "ORG", False)
    assert one.tokens == ((Part("Leeds"),), (Part("United"),))
    assert (two.label, two.tokens) == ("", ((Part("won"),),))
    assert (three.label, three.tokens) == ("→MISC", ((Part("i"), Part("m", True)),))
    assert (four.label, four.is_wrong) == ("LOC→O", True)
    broken = leeds_record("b", text.tokens, ("B-ORG", "B-ORG", "O", "O", "B-LOC")).final
    assert pieces(broken)[0].label == "ORG→B-ORG B-ORG"


def test_the_rule_takes_the_first_short_successes() -> None:
    long = ("x",) * (LONGEST + 1)
    tags = ("B-ORG",) + ("O",) * LONGEST
    other = Prediction(long, tags, tags, (1.0,) * len(long))
    records = [
        leeds_record("failed", ("Leeds",) * 5, outcome=Outcome.FAILED),
        leeds_record("first", ("Leeds", "Untied", "won", "in", "Rome")),
        leeds_record("second", ("Leeds", "United", "won", "in", "Roem")),
        leeds_record("third", ("Leeds", "United", "own", "in", "Rome")),
    ]
    too_long = replace(records[1], id="long", original=other)
    chosen = choose([too_long, *records], 2)
    assert [pair.id for pair in chosen] == ["first", "second"]
    assert "".join(part.text for part in chosen[0].lines[1][0].tokens[1]) == "Untied"
    again = choose(records, 2, shown={"first"})
    assert [pair.id for pair in again] == ["second", "third"]
    assert [pair.id for pair in choose(records, 3, shown={"first"})] == ["second", "third", "first"]


def test_the_two_goal_functions_differ_on_flips_alone() -> None:
    tokens = ("Leeds", "Untied", "won", "in", "Rome")
    flip = replace(
        leeds_record("flip", tokens, ("B-ORG", "B-ORG", "O", "O", "B-LOC")), newly_broken=(1,)
    )
    other = leeds_record("other", tokens)
    assert only_flips(flip)
    assert not only_flips(other)
    assert [pair.id for pair in choose([other, flip], 1, only_flips)] == ["flip"]


def figure(title: str, examples: Sequence[Example]) -> ExampleFigure:
    return ExampleFigure("figure", title, caption(examples), (), examples)


def test_hostile_tokens_stay_text(tmp_path: Path) -> None:
    hostile = ("<script>alert(1)</script>", "\x1b[31m", "\u202eevil", "$\\frac{1}$", "a&b\"'")
    pairs = choose([leeds_record("<img src=x>", hostile)], 5)
    shown = figure("title <b>", pairs)
    looks = class_looks(classes(pairs))
    page = to_html(shown, looks)
    parsed = Page(page)
    assert not {"script", "img", "b"} & set(parsed.tags)
    assert "<script>alert(1)</script>" in parsed.text
    assert "\x1b" not in page
    assert "\u202e" not in page
    write_examples(shown, looks, tmp_path / "figure")
    for ending in (".html", ".pdf", ".svg", ".png"):
        assert (tmp_path / f"figure{ending}").stat().st_size > 500


@pytest.mark.parametrize("count", [0, 2])
def test_the_files_are_the_same_every_time(tmp_path: Path, count: int) -> None:
    pairs = choose(
        [leeds_record(str(i), ("Leeds", "Untied", "won", "in", "Rome")) for i in range(2)], count
    )
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        shown = figure(figure_title("clare"), pairs)
        write_examples(shown, class_looks(["LOC", "ORG"]), tmp_path / name / "figure")
    for ending in (".html", ".pdf", ".svg", ".png", ".tex"):
        made = (tmp_path / "a" / f"figure{ending}").read_bytes()
        assert made == (tmp_path / "b" / f"figure{ending}").read_bytes()
    page = (tmp_path / "a" / "figure.html").read_text()
    assert "CLARE (Figure 9)" in page
    assert ("This run has no such example" in page) == (count == 0)


def test_figure_2_shows_true_labels_alone(tmp_path: Path) -> None:
    """Of a paraphrase that kept one of two entities, which the victim misses."""
    original = leeds_record("p", ("Leeds", "United", "won", "in", "Rome")).original
    tags, missed = ("O", "B-LOC", "O"), ("O", "O", "B-ORG")
    paraphrase = Prediction(("in", "Rome", "Leeds"), tags, missed, (0.9,) * 3)
    record = attack_record(original, paraphrase, id="p")
    (example,) = choose_labelled([replace(record, outcome=Outcome.FAILED), record], 3)
    labels = [[(piece.label, piece.is_wrong) for piece in line] for line in example.lines]
    assert labels == [
        [("ORG", False), ("", False), ("", False), ("LOC", False)],
        [("", False), ("LOC", False), ("", False)],
    ]
    shown = ExampleFigure("figure2", "Two", caption([example], meaning=LABELLED), (), [example])
    write_examples(shown, class_looks(["LOC", "ORG"]), tmp_path / "figure2")
    page = (tmp_path / "figure2.html").read_text()
    assert "Only true labels are shown" in page
    assert "after an arrow" not in page


@pytest.mark.parametrize("name", ["s", "s" * 70], ids=["short", "long"])
def test_every_figure_of_a_run_shows_other_sentences(tmp_path: Path, name: str) -> None:
    """The attack with the fewest successes chooses first, so that it is not left without any."""
    folders = []
    for recipe, successes in (("bert-attack", 20), ("clare", 2), ("scpn", 9)):
        records = [
            replace(leeds_record(f"{name}-{k}", UNTIED), recipe=recipe) for k in range(successes)
        ]
        folders.append(tmp_path / "full" / recipe)
        write_jsonl(folders[-1] / "records.jsonl", (each.to_json() for each in records))
        write_json(folders[-1] / "summary.json", any_summary(recipe).to_json())
    found = {each.id: each for each in example_figures(folders, [], "bert-attack", "scpn", 99)}
    assert list(found) == [
        "figure1",
        "figure2",
        "examples-scpn",
        "examples-bert-attack",
        "examples-clare",
    ]
    page = to_html(found["examples-clare"], class_looks(["LOC", "ORG"]))
    assert (name in page, "…s" in page) == (name == "s", name != "s"), "long ids are clipped"
    ids = [example.id for each in found.values() for example in each.examples]
    assert len(ids) == len(set(ids)) == 1 + 1 + COUNT + 2 + COUNT
    assert found["examples-clare"].caption.startswith(
        "CLARE on NERfull, goal untargeted, at most 99 queries a sentence: 3 of 9 attacks succeeded"
    )
