"""Attack recipes by name: transformation, constraints and search of one sentence's attack.

A package may bring recipes of its own, as entry points of the group ``seqattack.recipes``: each
names a function that takes the recipe's name and returns its `Recipe`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from copy import copy
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any

from seqattack.errors import RecipeError
from seqattack.suggest import did_you_mean

if TYPE_CHECKING:
    from seqattack.attack.attack import TokenAttack
    from seqattack.attack.goals import TokenGoalFunction
    from seqattack.masked_lm.session import MaskedLMSession
    from seqattack.metrics.similarity import SimilaritySession
    from seqattack.scpn.session import ParaphraseSession
    from seqattack.victim.gateway import Session


@dataclass(frozen=True, slots=True)
class RecipeOptions:
    """Choices that every recipe honours.

    Args:
        max_pieces: Words of more sub-tokens than this are not ranked; None ranks all.
        ascii_only: Refuse candidates with a non-ASCII character, as the published code does.
        refuse_negations: Refuse candidates with a negation; the published code refuses some.
    """

    max_pieces: int | None = 3
    ascii_only: bool = False
    refuse_negations: bool = False


@dataclass(frozen=True, slots=True)
class Workbench:
    """What a recipe is given to build the attack of one sentence.

    Args:
        victim: The sentence's session with the victim.
        goal: The sentence's goal function.
        rng: The sentence's generator, seeded by run seed, recipe and sentence id.
        options: Choices that every recipe honours.
        lm: The sentence's session with the masked LM, where the recipe needs one.
        similarity: The sentence's similarities, where the recipe needs them.
        entities: By class, the entities to choose from, where the recipe needs them.
        paraphrases: The sentence's session with the paraphraser, where the recipe needs one.
    """

    victim: Session
    goal: TokenGoalFunction
    rng: random.Random
    options: RecipeOptions
    lm: MaskedLMSession | None = None
    similarity: SimilaritySession | None = None
    entities: Mapping[str, Sequence[tuple[str, ...]]] | None = None
    paraphrases: ParaphraseSession | None = None


class Need(StrEnum):
    """What a recipe needs besides the victim; the values are the command line's options."""

    MASKED_LM = "masked-lm"
    SIMILARITY = "similarity"
    ENTITIES = "entities"
    PARAPHRASER = "paraphraser"


@dataclass(frozen=True, slots=True)
class Recipe:
    """A named attack.

    Args:
        name: Such as ``deepwordbug-i-5``.
        build: Makes the attack of one sentence.
        needs: What it needs besides the victim.
        shares_batches: Whether several sentences may be in flight.
        around: Given the sentence's generator, what building and search happen in.
    """

    name: str
    build: Callable[[Workbench], TokenAttack]
    needs: frozenset[Need] = frozenset()
    shares_batches: bool = True
    around: Callable[[random.Random], AbstractContextManager[None]] = lambda rng: nullcontext()


def deepwordbug(name: str, max_distance: int, protect_entities: bool) -> Recipe:
    """Return DeepWordBug (Gao et al., 2018; paper, section 3.1.1).

    Each of four kinds of typo gives one candidate a word; words are tried in order of importance,
    each at most once; the whole text stays within a Levenshtein distance of the original.

    Args:
        name: The recipe's name.
        max_distance: Largest Levenshtein distance, in characters, of text and original.
        protect_entities: DeepWordBug-II: entity tokens are not changed, and no changed word may be
            taken for an entity.
    """

    def build(bench: Workbench) -> TokenAttack:
        from textattack.constraints.overlap import LevenshteinEditDistance

        from seqattack.attack import constraints as c
        from seqattack.attack.characters import CharacterEdits

        checks = [LevenshteinEditDistance(max_distance)]
        if protect_entities:
            checks += [c.ProtectEntities(), c.NoNewEntity(bench.victim)]
        return greedy_attack(bench, CharacterEdits(bench.rng), checks)

    return Recipe(name, build)


def bert_attack(name: str) -> Recipe:
    """Return BERT-Attack (Li et al., 2020; paper, section 3.1.2).

    Words are tried in order of importance. The masked LM, which sees the whole sentence, suggests
    48 words; at most 40 % of the words, rounded up, are replaced.
    """

    def build(bench: Workbench) -> TokenAttack:
        from textattack.constraints.overlap import MaxWordsPerturbed

        from seqattack.attack import words as w

        swaps = w.WordSwaps(w.seen_words(_lm(bench), 48))
        checks = [MaxWordsPerturbed(max_percent=0.4), *word_level_checks(bench, 0.4)]
        return greedy_attack(bench, swaps, checks)

    return Recipe(name, build, frozenset({Need.MASKED_LM, Need.SIMILARITY}))


def clare(name: str) -> Recipe:
    """Return CLARE without merges (Li et al., 2021; paper, section 3.1.3).

    Every step tries replacements and insertions at all places and takes the best. A step tries at
    most an eighth of the paper's query budget, the most probable words of all places first, so
    that the budget is enough for several edits.
    """

    def build(bench: Workbench) -> TokenAttack:
        from textattack.search_methods import GreedySearch

        from seqattack.attack import words as w

        edits = w.SwapsAndInsertions(_lm(bench), count=50, least=5e-4)
        return word_attack(
            bench, edits, word_level_checks(bench, 0.7), GreedySearch(), most_candidates=64
        )

    return Recipe(name, build, frozenset({Need.MASKED_LM, Need.SIMILARITY}))


def textfooler(name: str) -> Recipe:
    """Return TextFooler (Jin et al., 2020).

    Replacements are the 50 words whose vectors are nearest, with a cosine of at least 0.5. The
    vectors are the masked LM's own word vectors, which need no further download.
    """

    def build(bench: Workbench) -> TokenAttack:
        from seqattack.attack import constraints as c
        from seqattack.attack import words as w

        lm = _lm(bench)
        swaps = w.WordSwaps(w.each_word(lambda word: lm.neighbours(word, 50, 0.5)))
        return greedy_attack(bench, swaps, [c.SamePartOfSpeech(), *word_level_checks(bench, 0.878)])

    return Recipe(name, build, frozenset({Need.MASKED_LM, Need.SIMILARITY}))


def bae(name: str) -> Recipe:
    """Return BAE-R (Garg and Ramakrishnan, 2020): 50 masked-LM replacements of masked words."""

    def build(bench: Workbench) -> TokenAttack:
        from seqattack.attack import constraints as c
        from seqattack.attack import words as w

        swaps = w.WordSwaps(w.masked_words(_lm(bench), 50))
        return greedy_attack(bench, swaps, [c.SamePartOfSpeech(), *word_level_checks(bench, 0.936)])

    return Recipe(name, build, frozenset({Need.MASKED_LM, Need.SIMILARITY}))


def morpheus(name: str) -> Recipe:
    """Return Morpheus (Tan et al., 2020): other inflections of nouns, verbs and adjectives."""

    def build(bench: Workbench) -> TokenAttack:
        from textattack.search_methods import GreedySearch

        from seqattack.attack import words as w

        checks = word_level_checks(bench, None)
        return word_attack(bench, w.WordSwaps(w.each_word(w.inflections)), checks, GreedySearch())

    return Recipe(name, build)


def entity_swap(name: str) -> Recipe:
    """Return an attack on the entities themselves (the paper's future work, section 5.1).

    Every entity may be replaced once, by one of 50 entities of the same class.
    """

    def build(bench: Workbench) -> TokenAttack:
        from textattack.constraints.pre_transformation import RepeatModification
        from textattack.search_methods import GreedySearch

        from seqattack.attack.attack import TokenAttack
        from seqattack.attack.words import EntitySwaps

        swaps = EntitySwaps(bench.entities or {}, bench.rng, 50)
        checks = [RepeatModification(), *_for_every_recipe(bench)]
        return TokenAttack(bench.goal, checks, swaps, GreedySearch())

    return Recipe(name, build, frozenset({Need.ENTITIES}))


def scpn(name: str) -> Recipe:
    """Return the attack by SCPN's paraphrases (Iyyer et al., 2018; paper, section 3.1.4).

    The original, and then up to 15 paraphrases, the best first, are paraphrased in ten forms each.
    """

    def build(bench: Workbench) -> TokenAttack:
        from seqattack.attack.attack import TokenAttack
        from seqattack.attack.paraphrases import BestFirst, Paraphrases

        if bench.paraphrases is None:
            raise ValueError("this recipe needs a paraphraser")
        forms = Paraphrases(bench.paraphrases, bench.goal.initial_attacked_text)
        return TokenAttack(bench.goal, _for_every_recipe(bench), forms, BestFirst(16))

    return Recipe(name, build, frozenset({Need.PARAPHRASER}))


def textattack_recipe(name: str) -> Recipe:
    """Return a recipe of TextAttack's own, its goal function swapped for the sentence's.

    Transformation, constraints and search are TextAttack's; a recipe may change entities. Such
    recipes draw from Python's, NumPy's or torch's own generators, so their sentences are attacked
    one after the other.
    """

    @cache
    def original() -> Any:
        from seqattack.attack.foreign import build_recipe

        return build_recipe(name)

    def around(rng: random.Random) -> AbstractContextManager[None]:
        from seqattack.attack.foreign import running

        return running(name, rng)

    def build(bench: Workbench) -> TokenAttack:
        from seqattack.attack.attack import TokenAttack

        found = original()
        checks = [*found.pre_transformation_constraints, *found.constraints]
        return TokenAttack(
            bench.goal,
            [*checks, *_for_every_recipe(bench)],
            found.transformation,
            copy(found.search_method),
        )

    return Recipe(name, build, shares_batches=False, around=around)


def _lm(bench: Workbench) -> MaskedLMSession:
    if bench.lm is None:
        raise ValueError("this recipe needs a masked LM")
    return bench.lm


def word_level_checks(bench: Workbench, least_similarity: float | None) -> list[object]:
    """Return what all word-level attacks must keep to (paper, sections 3.1.2 and 3.1.3).

    Entity tokens stay, numbers stay numbers, and the victim takes no changed word for an entity.

    Args:
        bench: As given to the recipe's `build`.
        least_similarity: Least cosine of candidate and original; None asks for none.

    Returns:
        Constraints, the costliest last.
    """
    from seqattack.attack import constraints as c

    checks = [c.ProtectEntities(), c.NumbersStayNumbers(), c.NoNewEntity(bench.victim)]
    if least_similarity is None:
        return checks
    if bench.similarity is None:
        raise ValueError("this recipe needs a similarity backend")
    return [*checks, c.SimilarEnough(bench.similarity, least_similarity)]


def _for_every_recipe(bench: Workbench) -> list[object]:
    from seqattack.attack import constraints as c

    checks: list[object] = []
    if bench.options.ascii_only:
        checks.append(c.TokenCheck("ascii-only", c.ascii_only))
    if bench.options.refuse_negations:
        checks.append(c.TokenCheck("no-negation", c.no_negation))
    checks.append(c.TokenCheck("fits-victim", lambda tokens, _: bench.victim.fits(tokens)))
    return checks


def word_attack(
    bench: Workbench,
    transformation: object,
    checks: Sequence[object],
    search: object,
    most_candidates: int | None = None,
) -> TokenAttack:
    """Return an attack on words, each changed once, stopwords and punctuation never.

    Args:
        bench: As given to the recipe's `build`.
        transformation: Makes candidates, a TextAttack `Transformation`.
        checks: The recipe's own constraints, the costliest last.
        search: A TextAttack `SearchMethod`.
        most_candidates: Candidates of one step of the search; None sets no limit.
    """
    from textattack.constraints.pre_transformation import RepeatModification

    from seqattack.attack import constraints as c
    from seqattack.attack.attack import TokenAttack

    shared: list[object] = [RepeatModification(), c.NoStopwords(), c.WordsOnly()]
    shared += _for_every_recipe(bench)
    return TokenAttack(bench.goal, [*shared, *checks], transformation, search, most_candidates)


def greedy_attack(
    bench: Workbench, transformation: object, checks: Sequence[object]
) -> TokenAttack:
    """Return an attack on words in order of their importance, each changed once.

    Args:
        bench: As given to the recipe's `build`.
        transformation: Makes candidates, a TextAttack `Transformation`.
        checks: The recipe's own constraints, the costliest last.
    """
    from seqattack.attack.search import GreedyByImportance

    search = GreedyByImportance(
        bench.victim.unk_token, bench.options.max_pieces, bench.victim.pieces
    )
    return word_attack(bench, transformation, checks, search)


_DEEPWORDBUG = re.compile(r"deepwordbug-(i|ii)-([1-9][0-9]*)")
_RECIPES: Mapping[str, Callable[[str], Recipe]] = {
    "bert-attack": bert_attack,
    "clare": clare,
    "scpn": scpn,
    "textfooler": textfooler,
    "bae": bae,
    "morpheus": morpheus,
    "entity-swap": entity_swap,
}

TEXTATTACK_RECIPES = (
    "a2t",
    "alzantot",
    "bad-characters",
    "checklist",
    "deepwordbug",
    "faster-alzantot",
    "hotflip",
    "iga",
    "input-reduction",
    "kuleshov",
    "leap",
    "pruthi",
    "pso",
    "pwws",
    "seq2sick",
    "textbugger",
)
"""TextAttack's names of the recipes that have no version of our own."""

KNOWN_RECIPES = (
    "deepwordbug-i-5",
    "deepwordbug-ii-5",
    "deepwordbug-ii-30",
    *_RECIPES,
    *TEXTATTACK_RECIPES,
)

ENTRY_POINTS = "seqattack.recipes"
"""Group of the entry points of other packages' recipes."""


def find_recipe(name: str) -> Recipe:
    """Return the recipe called `name`.

    Args:
        name: ``deepwordbug-i-K`` or ``deepwordbug-ii-K`` with the largest Levenshtein distance K,
            a word-level attack, a recipe of TextAttack's by its name there, or one that an
            installed package brings.

    Raises:
        RecipeError: No recipe has this name, or its package cannot be imported.

    Example:
        >>> find_recipe("deepwordbug-ii-5").name
        'deepwordbug-ii-5'
    """
    match = _DEEPWORDBUG.fullmatch(name)
    if match:
        return deepwordbug(name, int(match[2]), match[1] == "ii")
    if name in _RECIPES:
        return _RECIPES[name](name)
    if name in TEXTATTACK_RECIPES:
        return textattack_recipe(name)
    others = {each.name: each for each in entry_points(group=ENTRY_POINTS)}
    if name in others:
        return _load(others[name])
    raise RecipeError(
        f"unknown recipe {name!r}{did_you_mean(name, (*KNOWN_RECIPES, *others))} "
        "The number at the end of a DeepWordBug name is its largest Levenshtein distance."
    )


def _load(entry: EntryPoint) -> Recipe:
    """Return a recipe of another package."""
    try:
        recipe = entry.load()(entry.name)
    except (ImportError, AttributeError) as error:
        raise RecipeError(
            f"recipe {entry.name}: {entry.value} cannot be imported ({error}); correct the entry "
            f"point in the group {ENTRY_POINTS}, or install its package again."
        ) from error
    if not isinstance(recipe, Recipe):
        raise RecipeError(f"recipe {entry.name}: {entry.value} must return a Recipe.")
    return recipe
