"""Attacks on victims without a model, and their records as lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seqattack.attack.engine import Engine
from seqattack.attack.resources.loaded import Resources
from seqattack.attack.settings import AttackSettings
from seqattack.io import dump_line
from seqattack.records import AttackRecord
from seqattack.sentence import Sentence
from tests.helpers.fake_victim import FakeVictim


def attack(
    recipe: str,
    sentences: Sequence[Sentence],
    resources: Resources,
    victim: type[FakeVictim] = FakeVictim,
    **machine: Any,
) -> list[AttackRecord]:
    """Attack a victim without a model, with 60 queries a sentence.

    Args:
        recipe: The recipe's name.
        sentences: What to attack.
        resources: What the recipe needs.
        victim: The victim's class.
        **machine: Arguments of `Engine` that must not change a record.
    """
    chosen = AttackSettings(recipe, query_budget=60)
    return list(Engine(victim(), chosen, resources, **machine).attack(sentences))


def lines(records: list[AttackRecord]) -> list[str]:
    """Return the records as JSON lines, in the order of their ids."""
    return [dump_line(record.to_json()) for record in sorted(records, key=lambda r: r.id)]
