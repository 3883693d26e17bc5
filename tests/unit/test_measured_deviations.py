"""The page of measured deviations names what there is."""

from __future__ import annotations

import pytest

from seqattack.attack.goals import find_goal
from seqattack.attack.recipes.registry import find_recipe
from seqattack.cli.main import build_parser
from seqattack.io import read_json
from tools.departing_recipes import RECIPES
from tools.measure_deviations import DEPARTURES, FIGURES, Reading, readings


def test_all_readings_are_measured_on_the_paper_s_number_of_sentences() -> None:
    found = read_json(FIGURES)["readings"]
    assert {reading.key for reading in readings()} == set(found)
    assert {each["sentences"] for each in found.values()} == {256}


@pytest.mark.parametrize("reading", list(readings()), ids=lambda reading: reading.key)
def test_readings_are_attacks_that_there_are(reading: Reading) -> None:
    recipe = RECIPES[reading.recipe](reading.recipe) if reading.recipe in RECIPES else None
    assert (recipe or find_recipe(reading.recipe)).name == reading.recipe
    find_goal(reading.goal)
    wanted = ["--model", "m", "--word-tag", reading.word_tag, "--sentences", "s", "--output", "o"]
    build_parser().parse_args(
        ["attack", *wanted, "--recipe", reading.recipe, "--goal", reading.goal, *reading.options]
    )


def test_a_departure_changes_one_thing() -> None:
    for departure in DEPARTURES:
        for ours, other in departure.pairs:
            assert ours != other
            parts = ("recipe", "goal", "word_tag", "order", "options")
            changed = [part for part in parts if getattr(ours, part) != getattr(other, part)]
            assert (
                len(changed) == 1 or departure is DEPARTURES[-1] or changed == ["recipe", "options"]
            )
