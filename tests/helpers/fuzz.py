"""What fuzzers share: wrong values, damaged bytes, and a tally of what became of them."""

from __future__ import annotations

import datetime
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

SLOW = 20.0
"""Seconds after which an input counts as a hang."""

LONGEST = 1000
"""Characters of the longest line of a message."""

BAD: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2, 64.0, 0.5, -0.5, 1e308, 10**9, 2**32, 2**63, 10**30),
    *(float("nan"), float("inf"), -float("inf"), 10**5000),
    *("", " ", "a", "0", "-1", "1e999", "nan", "none", "true", "all", "x" * 5000, "/", ".", ".."),
    *("{x}", "{", "%s", "a\nb", "\x00", "\x1b[2J", "\u202eabc", "\ud800", "=1+1", "<b>", "a/b/c"),
    *("targeted:", "targeted:O", "deepwordbug-i-", "deepwordbug-i-99999999999", "http://", "a:b"),
    *([], [None], [1, 1], ["a"], [[]], [{}], [1, "a"], [100000], [float("nan")], ["O", "O"]),
    *({}, {"a": 1}, {"a": {"b": {}}}, {"path": None}, {"embedded": "minilm"}, {"default": None}),
    datetime.date(2026, 1, 1),
    b"bytes",
)
"""Wrong for nearly every key."""

PIECES = (
    b"\x00",
    b"\xff",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b'"',
    b"-",
    b"9" * 30,
    b"null",
    b"\n",
)


@dataclass
class Tally:
    """What became of the inputs.

    Attributes:
        outcomes: How many were taken, refused, or ended in a traceback.
        slowest: Seconds of the slowest.
        problems: What must not be: tracebacks, hangs, messages of no or of too many words.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    problems: list[str] = field(default_factory=list)

    def add(self, outcome: str, said: str, seconds: float, name: str) -> None:
        """Count an input.

        Args:
            outcome: ``taken``, ``refused`` or ``traceback``.
            said: The message.
            seconds: How long it took.
            name: The input.
        """
        self.outcomes[outcome] += 1
        self.slowest = max(self.slowest, seconds)
        if outcome == "traceback":
            self.problems.append(f"{said[:300]}: {name}")
        elif outcome == "refused" and not 10 < max(map(len, said.split("\n"))) < LONGEST:
            self.problems.append(f"a line of {len(said)} characters, {said[:200]}: {name}")
        elif seconds > SLOW:
            self.problems.append(f"{seconds:.1f} s: {name}")


def damage(data: bytes, rng: random.Random) -> bytes:
    """Return bytes of which some are changed, cut out, doubled or put in."""
    made = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 5))):
        at, to = sorted(rng.randrange(len(made) + 1) for _ in range(2))
        action = rng.randrange(4)
        if action == 0:
            made[at : at + 1] = bytes([rng.randrange(256)])
        elif action == 1:
            del made[at : min(to, at + 40)]
        elif action == 2:
            made[at:at] = made[at : min(to, at + 40)]
        else:
            made[at:at] = rng.choice(PIECES)
    return bytes(made)
