"""What the terminal shows."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console

from seqattack.cli.console import render_record
from seqattack.records import AttackRecord, Prediction
from seqattack.text import printable
from tests.helpers.records import attack_record


def shown(record: AttackRecord, **options: Any) -> str:
    out = io.StringIO()
    console = Console(file=out, width=200, highlight=False, **options)
    for line in render_record(record):
        console.print(line)
    return out.getvalue()


def record(token: str) -> AttackRecord:
    return attack_record(
        Prediction(("Rome", "won"), ("B-LOC", "O"), ("B-LOC", "O"), (0.9, 0.9)),
        Prediction((token, "won"), ("B-LOC", "O"), ("O", "O"), (0.9, 0.9)),
    )


def test_changed_tokens_and_wrong_tags_stand_out() -> None:
    plain = shown(record("Rmoe")).splitlines()
    assert plain[0].split() == ["original", "Rome/B-LOC", "won"]
    assert plain[1].split() == ["attacked", "Rmoe/B-LOC→O", "won"]
    assert "9 queries" in plain[2]
    coloured = shown(record("Rmoe"), force_terminal=True, color_system="standard")
    assert "\x1b[4;31mRmoe" in coloured
    assert "\x1b[4;31mwon" not in coloured


def test_hostile_tokens_cannot_reach_the_terminal() -> None:
    text = shown(record("\x1b[2J[bold]\u202eevil"))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[bold]" in text
    assert printable("naïve 北京") == "naïve 北京"
