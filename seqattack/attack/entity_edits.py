"""Transformations of whole entities, of their edges, and of what stands behind a sentence."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from seqattack.attack.stopwords import stopwords
from seqattack.attack.text import TaggedText
from seqattack.attack.transformation import TokenTransformation, interleaved
from seqattack.attack.words import match_case
from seqattack.masked_lm.session import Slot
from seqattack.tags import entities

if TYPE_CHECKING:
    from seqattack.masked_lm.session import MaskedLMSession

T = TypeVar("T")
Tokens = tuple[str, ...]
Names = Mapping[str, Sequence[Tokens]]
"""By class, the tokens of entities."""

Choice = Callable[[str, Tokens], Sequence[tuple[str, Tokens]]]
"""Given an entity's class and tokens, returns classes and tokens of others for its place."""


class EntityReplacements(TokenTransformation):
    """Replaces an entity by another, of its class or of another one.

    An entity is replaced as a whole, where all its tokens may be changed. The new tokens have the
    tags of the new entity's class, and the first of them stand for the old ones.

    Args:
        choose: Returns the candidates for an entity; it may draw from the sentence's generator.
    """

    def __init__(self, choose: Choice) -> None:
        self.choose = choose

    @property
    def deterministic(self) -> bool:
        """False: TextAttack may not cache the candidates."""
        return False

    def candidates(self, text: TaggedText, indices: Sequence[int]) -> Iterator[TaggedText]:
        """Yield each entity's candidates in turn; see `TokenTransformation.candidates`."""
        allowed = set(indices)
        columns = []
        for entity in entities(text.tags):
            if allowed.issuperset(range(entity.start, entity.end)):
                old = text.tokens[entity.start : entity.end]
                chosen = self.choose(entity.label, old)
                columns.append([(entity, tokens, label) for label, tokens in chosen])
        return (text.replace_entity(*swap) for swap in interleaved(columns))


def same_class(names: Names, rng: random.Random, count: int) -> Choice:
    """Return a choice of other entities of the same class.

    Args:
        names: What to choose from.
        rng: The sentence's generator.
        count: Most candidates for an entity.
    """
    return _of_its_class(names, rng, count, lambda name, old: name != old)


def longer(names: Names, rng: random.Random, count: int) -> Choice:
    """Return a choice of entities of the same class that have more tokens.

    Args:
        names: What to choose from.
        rng: The sentence's generator.
        count: Most candidates for an entity.
    """
    return _of_its_class(names, rng, count, lambda name, old: len(name) > len(old))


def _of_its_class(
    names: Names, rng: random.Random, count: int, fits: Callable[[Tokens, Tokens], bool]
) -> Choice:
    """Return a choice among those entities of the same class that fit the old one."""

    def choose(label: str, old: Tokens) -> list[tuple[str, Tokens]]:
        others = [name for name in names.get(label, ()) if fits(name, old)]
        return [(label, name) for name in _sample(others, rng, count)]

    return choose


def other_class(names: Names, rng: random.Random, count: int) -> Choice:
    """Return a choice of entities of other classes whose name no entity of the old one's class has.

    A name that is in the lists of both classes would leave the truth open.

    Args:
        names: What to choose from.
        rng: The sentence's generator.
        count: Most candidates for an entity.
    """

    @cache
    def pool(label: str) -> list[tuple[str, Tokens]]:
        own = set(names.get(label, ()))
        others = (each for each in names if each != label)
        return [(each, name) for each in others for name in names[each] if name not in own]

    return lambda label, old: _sample(pool(label), rng, count)


def unseen(names: Names, rng: random.Random, count: int) -> Choice:
    """Return a choice of made-up entities, whose new words are in no entity of any class.

    A word is the first half of a word of one entity of the class and the second half of another, or
    of the same.
    Every word of the old entity is replaced by such a one, but for stopwords and what has no
    letters, so that its length and its capitals stay.

    Args:
        names: What to choose from.
        rng: The sentence's generator.
        count: Most candidates for an entity.
    """

    @cache
    def known() -> frozenset[str]:
        return frozenset(t.lower() for each in names.values() for name in each for t in name)

    @cache
    def words(label: str) -> list[str]:
        found = {t.lower() for name in names.get(label, ()) for t in name if t.isalpha()}
        return sorted(found - stopwords())

    def new_word(old: str, label: str) -> str:
        if old.lower() in stopwords() or not any(map(str.isalpha, old)):
            return old
        one, other = rng.choice(words(label)), rng.choice(words(label))
        return match_case(one[: (len(one) + 1) // 2] + other[len(other) // 2 :], old)

    def is_new(name: Tokens, old: Tokens) -> bool:
        changed = [new for new, before in zip(name, old, strict=True) if new != before]
        return bool(changed) and not any(each.lower() in known() for each in changed)

    def choose(label: str, old: Tokens) -> list[tuple[str, Tokens]]:
        if len(words(label)) < 2:
            return []
        made = [tuple(new_word(word, label) for word in old) for _ in range(2 * count)]
        distinct = dict.fromkeys(name for name in made if is_new(name, old))
        return [(label, name) for name in distinct][:count]

    return choose


class EdgeInsertions(TokenTransformation):
    """Inserts a word before or behind an entity, one word a text; it is outside the entity.

    Args:
        lm: The sentence's session with the masked LM, which suggests words for the place.
        count: Most words a place, the most probable ones.
    """

    def __init__(self, lm: MaskedLMSession, count: int) -> None:
        self.lm = lm
        self.count = count

    def candidates(self, text: TaggedText, indices: Sequence[int]) -> Iterator[TaggedText]:
        """Yield each edge's most probable words in turn; see `TokenTransformation.candidates`."""
        if None in text.origins:
            return iter(())
        spans = entities(text.tags)
        edges = sorted({each.start for each in spans} | {each.end for each in spans})
        slots = [Slot(edge, insert=True) for edge in edges]
        columns = []
        for edge, words in zip(edges, self.lm.infill(text.tokens, slots, self.count), strict=True):
            beside = {token.lower() for token in text.tokens[max(0, edge - 1) : edge + 1]}
            new = [word for word in words if word.isalpha() and word.lower() not in beside]
            columns.append([(edge, word) for word in new])
        return (text.insert_token(*insertion) for insertion in interleaved(columns))


class Appendices(TokenTransformation):
    """Appends a sentence without entities, once.

    Args:
        sentences: Their tokens.
    """

    def __init__(self, sentences: Sequence[Tokens]) -> None:
        self.sentences = sentences

    def candidates(self, text: TaggedText, indices: Sequence[int]) -> Iterator[TaggedText]:
        """Yield the text with each sentence behind it; see `TokenTransformation.candidates`."""
        if None in text.origins:
            return iter(())
        return (text.append_tokens(tokens) for tokens in self.sentences)


def _sample(pool: Sequence[T], rng: random.Random, count: int) -> list[T]:
    return rng.sample(pool, min(count, len(pool)))
