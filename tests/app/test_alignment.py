"""What stands above what, and what is said about it."""

from __future__ import annotations

from seqattack.app.alignment import align
from seqattack.explain.edits import Edit
from tests.helpers.examples import RECORDS, prediction
from tests.helpers.records import attack_record


def shape(index: int) -> list[tuple[str, str | None, str | None]]:
    return [
        (
            column.edit,
            column.original.token if column.original else None,
            column.adversarial.token if column.adversarial else None,
        )
        for column in align(RECORDS[index])
    ]


def test_an_inserted_token_has_a_gap_above_and_shifts_nothing() -> None:
    assert shape(1) == [
        ("equal", "Ann", "Ann"),
        ("equal", "Lee", "Lee"),
        ("insert", None, "never"),
        ("equal", "met", "met"),
        ("equal", "Bob", "Bob"),
    ]


def test_a_deleted_token_has_a_gap_below() -> None:
    assert shape(2)[1] == ("delete", "and", None)
    assert shape(2)[2] == ("equal", "Bergen", "Bergen")


def test_newly_broken_already_wrong_and_spurious_are_told_apart() -> None:
    _, lee, _, _, bob = align(RECORDS[1])
    assert lee.original
    assert lee.original.state == "before"
    assert lee.adversarial
    assert lee.adversarial.state == "before"
    assert bob.original
    assert bob.original.state == "right"
    assert bob.adversarial
    assert bob.adversarial.state == "broken"
    states = [c.adversarial.state for c in align(RECORDS[2]) if c.adversarial]
    assert states == ["right", "broken", "", "spurious", "broken"]


def test_what_the_goal_does_not_count_is_no_error() -> None:
    record = attack_record(
        prediction("Ann Lee", "B-PER I-PER", "B-PER I-PER"),
        prediction("An Lee", "B-PER I-PER", "B-LOC B-PER"),
        goal="untargeted-strict",
        newly_broken=(0,),
    )
    second = align(record)[1].adversarial
    assert second
    assert second.state == "flip"


def test_the_title_says_everything() -> None:
    last = align(RECORDS[0])[4].adversarial
    assert last
    assert last.title == "gold B-LOC, predicted O, confidence 0.90, newly broken"


def test_control_characters_are_made_visible() -> None:
    assert "\u202e" not in "".join(c.adversarial.token for c in align(RECORDS[3]) if c.adversarial)


def test_a_failed_attack_has_the_original_alone() -> None:
    assert all(column.adversarial is None for column in align(RECORDS[4]))


def test_letters_that_differ_are_told_from_those_that_do_not() -> None:
    last = align(RECORDS[0])[4]
    assert last.original
    assert last.adversarial
    assert [(p.text, p.changed) for p in last.original.parts] == [
        ("R", False),
        ("o", True),
        ("me", False),
    ]
    assert [(p.text, p.changed) for p in last.adversarial.parts] == [
        ("R", False),
        ("", True),
        ("me", False),
    ]
    first = align(RECORDS[0])[0]
    assert first.original
    assert first.original.parts == ()


def test_edits_without_need_are_marked() -> None:
    columns = align(RECORDS[0], [Edit(3, 3)])
    assert [column.is_idle for column in columns] == [False, False, False, True, False]
