"""The victim asked first and the sentence encoder last: against searches that ask for everything.

The reference is TextAttack's own greedy searches, which get candidates that all constraints allow.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace

import pytest

from seqattack.attack.attack import TokenAttack
from seqattack.attack.one_sentence import attack_sentence
from seqattack.attack.recipes.masked_lm import clare
from seqattack.attack.recipes.recipe import AttackContext, Recipe
from seqattack.attack.recipes.registry import find_recipe
from seqattack.attack.resources.loaded import Resources
from seqattack.attack.search import Greedy, GreedyByImportance
from seqattack.attack.settings import AttackSettings
from seqattack.attack.text import TaggedText
from seqattack.attack.textattack import GreedySearch, GreedyWordSwapWIR, SearchMethod
from seqattack.models.scheduling import compute_now
from seqattack.records import AttackRecord, Outcome
from seqattack.sentence import Sentence
from seqattack.victim.gateway import Gateway, Session
from tests.helpers.attacks import attack, small_resources
from tests.helpers.corpora import english_corpus
from tests.helpers.fake_victim import FragileVictim

ALL_CANDIDATES = 10**9
RECIPES = [
    find_recipe(name)
    for name in (
        "deepwordbug-i-5",
        "deepwordbug-ii-5",
        "deepwordbug-ii-30",
        "bert-attack",
        "clare",
        "textfooler",
        "bae",
        "morpheus",
        "entity-swap",
        "entity-typo",
        "boundary",
        "context",
        "concat",
    )
]
RECIPES.append(clare("clare-spread", ALL_CANDIDATES))  # its limit of a step counts as the budget
ASKED_MUCH_LESS = {"bert-attack", "clare", "clare-spread"}


@pytest.fixture(scope="module")
def resources(tmp_path_factory: pytest.TempPathFactory) -> Resources:
    return small_resources(tmp_path_factory.mktemp("lm"))


class AnySimilarity:
    """Similarities by chance, the same for the same text, and a list of all that was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def similarities(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        texts = [text for _, text in pairs]
        self.asked += texts
        return [1 - (zlib.crc32(text.encode()) % 1000 / 1000) ** 4 for text in texts]


class PlainByImportance(GreedyWordSwapWIR):  # type: ignore[misc]  # TextAttack is untyped
    """TextAttack's search, its words ranked as ours."""

    def __init__(self, ours: GreedyByImportance) -> None:
        super().__init__(unk_token=ours.unk_token)
        self.ours = ours

    def _get_index_order(self, text: TaggedText, max_len: int = -1) -> tuple[list[int], bool]:
        self.ours.get_indices_to_order = self.get_indices_to_order
        self.ours.get_goal_results = self.get_goal_results
        return self.ours._order(text)


def plain(recipe: Recipe) -> Recipe:
    """Return a recipe with the search of TextAttack's that its own stands for."""

    def build(context: AttackContext) -> TokenAttack:
        made = recipe.build(context)
        ours = made.search_method
        is_greedy = isinstance(ours, Greedy)
        search: SearchMethod = GreedySearch() if is_greedy else PlainByImportance(ours)
        checks = [*made.pre_transformation_constraints, *made.constraints]
        return TokenAttack(made.goal_function, checks, made.transformation, search)

    return replace(recipe, build=build)


def attacked(
    recipe: Recipe, sentence: Sentence, resources: Resources, budget: int
) -> tuple[AttackRecord, list[str]]:
    """Attack a sentence; return its record and what the sentence encoder was asked about."""
    similarity = AnySimilarity()
    sessions = resources.sessions(compute_now) | {"similarity": similarity}
    settings = AttackSettings(recipe.name, query_budget=budget)
    session = Session(Gateway(FragileVictim()))
    return attack_sentence(sentence, session, recipe, settings, sessions), similarity.asked


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_the_examples_are_those_of_a_search_that_asks_for_everything(
    recipe: Recipe, resources: Resources
) -> None:
    few = recipe.name in ("clare", "clare-spread")
    count = {"textfooler": 40, "bae": 30}.get(recipe.name, 6 if few else 12)
    outcomes, asked, asked_plainly = [], 0, 0
    for sentence in [s for s in english_corpus(count) if len(s.tokens) <= (7 if few else 11)]:
        ours, texts = attacked(recipe, sentence, resources, ALL_CANDIDATES)
        theirs, all_texts = attacked(plain(recipe), sentence, resources, ALL_CANDIDATES)
        passes = ours.forward_passes
        assert ours == replace(theirs, queries=ours.queries, forward_passes=passes)
        assert ours.queries >= theirs.queries, "what a constraint refuses afterwards counts"
        assert set(texts) <= set(all_texts)
        outcomes.append(ours.outcome)
        asked, asked_plainly = asked + len(texts), asked_plainly + len(all_texts)
    assert Outcome.SUCCESS in outcomes
    if recipe.name in ASKED_MUCH_LESS:
        assert asked < asked_plainly / 3


@pytest.mark.parametrize("recipe", ["bert-attack", "clare", "deepwordbug-ii-30"])
def test_a_query_is_a_text_that_the_victim_was_asked_to_judge(
    recipe: str, resources: Resources
) -> None:
    records = attack(recipe, english_corpus(12), resources, FragileVictim)
    for record in records:
        # No text twice: none is made of two texts, and none is only ranked.
        assert record.forward_passes == record.queries <= 60
