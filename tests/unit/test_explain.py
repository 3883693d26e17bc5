"""Which edit breaks which entity: told by a victim whose reasons are known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.adversarial_examples import main as collect_examples
from seqattack.corpus import read_jsonl
from seqattack.errors import RecordError
from seqattack.explain.edits import EditedText
from seqattack.explain.explanation import Explanation, explain, read_explanations
from seqattack.explain.minimal import minimal, reduction
from seqattack.io import dump_line, write_jsonl
from seqattack.records import AttackRecord, Outcome, Prediction
from seqattack.tags import repair_iob2
from seqattack.victim.function import FunctionVictim
from tests.helpers.fake_victim import FakeVictim
from tests.helpers.records import attack_record

TAGS = ("B-PER", "O", "O", "B-LOC", "O", "O")
ORIGINAL = ("Hamilton", "won", "in", "Rome", "last", "week")


def known(texts: list[list[str]]) -> list[list[str]]:
    """Miss Hamilton where nobody won, and Rome where both "at" and "past" are written."""
    found = []
    for text in texts:
        missed = {"Hamilton"} if "won" not in text else set()
        missed |= {"Rome"} if {"at", "past"} <= set(text) else set()
        names = {"Hamilton": "B-PER", "Rome": "B-LOC"}
        found.append(["O" if token in missed else names.get(token, "O") for token in text])
    return found


VICTIM = FunctionVictim(known, ["O", "B-PER", "B-LOC"], "known", "1")


def tagged(tokens: Sequence[str], tags: Sequence[str]) -> Prediction:
    (predicted,) = known([list(tokens)])
    return Prediction(tuple(tokens), tuple(tags), tuple(predicted), (1.0,) * len(tokens))


def example(tokens: Sequence[str], tags: Sequence[str] = TAGS) -> AttackRecord:
    return attack_record(tagged(ORIGINAL, TAGS), tagged(tokens, tags))


def test_each_edit_is_told_what_it_does() -> None:
    found = explain(example(("Hamilton", "own", "at", "Rome", "past", "month")), VICTIM)
    assert found.sentences() == [
        "“won” → “own” alone breaks Hamilton",
        "“in” → “at” breaks Rome together with others",
        "“last” → “past” breaks Rome together with others",
        "“week” → “month” is not needed",
    ]
    assert [effect.is_idle for effect in found.effects] == [False, False, False, True]
    assert found.queries == 8
    assert Explanation.from_json(found.to_json()) == found


def test_insertions_and_deletions_are_edits() -> None:
    longer = ("B-PER", "O", "O", "B-LOC", "O", "O", "O")
    inserted = example(("Hamilton", "won", "at", "Rome", "past", "last", "week"), longer)
    assert explain(inserted, VICTIM).sentences() == [
        "“in” → “at” breaks Rome together with others",
        "“past” inserted breaks Rome together with others",
    ]
    deleted = example(("Hamilton", "in", "Rome", "last", "week"), (*TAGS[:1], *TAGS[2:]))
    assert explain(deleted, VICTIM).sentences() == ["“won” deleted alone breaks Hamilton"]


def test_the_budget_is_kept() -> None:
    record = example(("Hamilton", "own", "at", "Rome", "past", "month"))
    assert explain(record, VICTIM, budget=7).effects == ()
    victim = FakeVictim()
    explain(record, victim)  # its gateway measures the victim first
    victim.rows = 0
    assert explain(record, victim, budget=8).queries == victim.rows == 8


def test_a_failed_attack_has_nothing_to_explain() -> None:
    failed = attack_record(tagged(ORIGINAL, TAGS))
    with pytest.raises(RecordError, match="test-1"):
        explain(failed, VICTIM)
    assert minimal(failed, VICTIM) is failed


def test_explanations_are_read_as_they_were_written(tmp_path: Path) -> None:
    made = explain(example(("Hamilton", "own", "at", "Rome", "past", "month")), VICTIM)
    path = tmp_path / "explained.jsonl"
    write_jsonl(path, [made.to_json()] * 2)
    assert list(read_explanations(path)) == [made, made]
    for line in ("[" * 100_000, "{}", "NaN"):
        path.write_text(f"{dump_line(made.to_json())}{line}\n", encoding="utf-8")
        with pytest.raises(RecordError, match=r"explained.jsonl:2: not an explanation"):
            list(read_explanations(path))


def test_only_needed_edits_are_kept() -> None:
    record = example(("Hamilton", "own", "at", "Rome", "past", "month"))
    less = minimal(record, VICTIM)
    assert less.adversarial == tagged(("Hamilton", "own", "at", "Rome", "past", "week"), TAGS)
    assert less.newly_broken == record.newly_broken == (0, 3)
    assert less.labels_score == 1
    assert less.queries - record.queries == less.forward_passes - record.forward_passes > 0
    assert minimal(less, VICTIM) is less
    saved = reduction([record], [less])
    assert (saved.edits_before, saved.edits_after) == (4, 3)
    assert saved.rate_before == pytest.approx(4 / 6)
    assert saved.rate_after == pytest.approx(3 / 6)
    assert str(saved).startswith("3 of 4 edits of 1 adversarial examples are needed")


def test_examples_are_reduced_with_the_threads_and_on_the_device_of_their_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def load(name: str, **options: object) -> FunctionVictim:
        asked.extend((name, options["device"], options["precision"]))
        return VICTIM

    monkeypatch.setattr("seqattack.victim.kinds.load_victim", load)
    monkeypatch.setattr("seqattack.cli.script_victim.set_threads", asked.append)
    record = example(("Hamilton", "own", "at", "Rome", "past", "month"))
    write_jsonl(tmp_path / "shard-0.jsonl", [record.to_json()])
    files = ["--records", str(tmp_path / "shard-0.jsonl"), "--output", str(tmp_path / "out.jsonl")]
    machine = ["--minimal", "small", "--device", "cuda", "--threads", "3"]
    monkeypatch.setattr("sys.argv", ["script", *files, "--wanted", "1", *machine])
    collect_examples()
    assert asked == [3, "small", "cuda", "float32"]
    (sentence,) = read_jsonl(tmp_path / "out.jsonl")
    assert sentence.tokens == ("Hamilton", "own", "at", "Rome", "past", "week")


def test_a_token_keeps_its_tag_unless_the_attack_changed_its_class() -> None:
    old = tagged(("in", "New", "York"), ("O", "B-LOC", "I-LOC"))
    shorter = EditedText(attack_record(old, tagged(("in", "York"), ("O", "B-LOC"))))
    assert shorter.variant(()).tags == old.tags
    assert shorter.variant(shorter.edits).tags == ("O", "B-LOC")
    other = EditedText(attack_record(old, tagged(("by", "New", "York"), ("O", "B-PER", "I-PER"))))
    assert other.variant(()).tags == other.variant(other.edits).tags == ("O", "B-PER", "I-PER")


WORDS = st.lists(st.sampled_from("abcde"), min_size=1, max_size=7)


@given(WORDS, WORDS, st.data())
def test_all_edits_give_the_example_and_none_the_original(
    before: list[str], after: list[str], data: st.DataObject
) -> None:
    kinds = st.sampled_from(["O", "B-PER", "I-PER", "B-LOC", "I-LOC"])
    tags = [
        tuple(repair_iob2(data.draw(st.lists(kinds, min_size=len(t), max_size=len(t)))))
        for t in (before, after)
    ]
    old, new = (
        Prediction(tuple(t), each, each, (1.0,) * len(t))
        for t, each in zip((before, after), tags, strict=True)
    )
    record = attack_record(old, new, outcome=Outcome.SUCCESS)
    text = EditedText(record)
    assert text.variant(text.edits).tokens == new.tokens
    assert text.variant(()).tokens == old.tokens
    assert text.variant(text.edits).places == tuple(range(len(after)))
    if not text.edits and tags[0] == tags[1]:
        assert text.variant(()).tags == old.tags


@given(
    st.lists(st.sampled_from(["won", "own", "at", "in", "past", "last"]), min_size=6, max_size=6)
)
def test_a_minimal_example_breaks_the_same_and_needs_every_edit(words: list[str]) -> None:
    tokens = ["Hamilton", *words[1:3], "Rome", *words[4:]]
    record = example(tokens)
    if not record.newly_broken:
        return
    less = minimal(record, VICTIM)
    names = [[each.final.tokens[k] for k in each.newly_broken] for each in (record, less)]
    assert names[0] == names[1]
    assert all(not effect.is_idle for effect in explain(less, VICTIM).effects)
