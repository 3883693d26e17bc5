"""The page of measured obfuscation: the defence holds."""

from __future__ import annotations

import pytest

from seqattack.io import read_json
from tools.measure_obfuscation import ALLOWED, FIGURES, UNDONE, Attack

FOUND = read_json(FIGURES)


@pytest.mark.parametrize("victim", FOUND["clean"])
@pytest.mark.parametrize("recipe", UNDONE)
def test_normalise_undoes_what_readers_do_not_see(victim: str, recipe: str) -> None:
    plain, behind = (
        FOUND["attacks"][Attack(victim, recipe, normalise).key] for normalise in (False, True)
    )
    assert behind["failure"] <= ALLOWED * plain["failure_before"]
    assert behind["failure"] < plain["failure"] or plain["successes"] == 0


@pytest.mark.parametrize("victim", FOUND["clean"])
def test_normalise_costs_nothing_on_clean_text(victim: str) -> None:
    clean = FOUND["clean"][victim]
    assert abs(clean["plain"] - clean["normalise"]) <= 0.001
