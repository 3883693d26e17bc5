"""Noise: sentences some of whose words went wrong by chance, with their tags."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from seqattack.perturbations.suites import JOIN, Suite
from seqattack.sentence import Sentence
from seqattack.tags import OUTSIDE, continuation


class Where(StrEnum):
    """Which words of a sentence get noise."""

    EVERYWHERE = "everywhere"
    ENTITIES = "entities"
    CONTEXT = "context"


@dataclass(frozen=True, slots=True)
class NoisySentence:
    """A sentence with noise.

    Args:
        sentence: With its tags; its entities are those of the original, of the same classes.
        words: Words of the original that noise could fall on.
        changed: Those of them that it changed.
    """

    sentence: Sentence
    words: int
    changed: int


@dataclass(frozen=True, slots=True)
class Noise:
    """Noise of one suite at one rate.

    Args:
        suite: What goes wrong with a word.
        rate: The probability that a word is drawn, in [0, 1]. A drawn word that the suite can do
            nothing with stays as it is: OCR does not confuse every character with another.
        where: Which words: all, those of entities, or all others.

    Example:
        >>> from seqattack.perturbations.suites import find_suite
        >>> sentence = Sentence("s-1", ("Rome", "fell", "."), ("B-LOC", "O", "O"))
        >>> Noise(find_suite("upper"), 1.0).perturb(sentence, random.Random(0)).sentence.text
        'ROME FELL .'
    """

    suite: Suite
    rate: float
    where: Where = Where.EVERYWHERE

    def perturb(self, sentence: Sentence, rng: random.Random) -> NoisySentence:
        """Return a sentence with noise.

        What is drawn for a word depends on the generator and the word's place alone: of a
        generator of one state, a higher rate changes the same words in the same way, and others.

        The parts of a split word continue its entity. Words of different entities are not joined,
        nor is a word joined with one that gets no noise. Only words outside entities are left out,
        never all of them.

        Args:
            sentence: The sentence.
            rng: The only source of chance; it is drawn from alike at every rate.
        """
        draws = [(rng.random(), rng.getrandbits(64)) for _ in sentence.tokens]
        places = [self._reaches(tag) for tag in sentence.tags]
        written = [
            self.suite.draw(token, random.Random(key)) if may and chance < self.rate else token
            for token, may, (chance, key) in zip(sentence.tokens, places, draws, strict=True)
        ]
        tokens, tags, changed = _aligned(sentence, written, places)
        noisy = Sentence(sentence.id, tokens, tags) if changed else sentence
        return NoisySentence(noisy, sum(places), changed)

    def _reaches(self, tag: str) -> bool:
        is_outside = tag == OUTSIDE
        return self.where is Where.EVERYWHERE or is_outside == (self.where is Where.CONTEXT)


def noisy_sentences(
    noise: Noise, sentences: Sequence[Sentence], seed: int, draw: int = 0
) -> Iterator[NoisySentence]:
    """Yield sentences with noise.

    What falls on a sentence depends on the seed, the draw, the suite and the sentence's id, not on
    other sentences.

    Args:
        noise: What goes wrong, and how often.
        sentences: Of one corpus.
        seed: Of all draws.
        draw: Its number, where sentences get noise several times.
    """
    for sentence in sentences:
        rng = random.Random(f"noise {seed} {draw} {noise.suite.name} {sentence.id}")
        yield noise.perturb(sentence, rng)


def _aligned(
    sentence: Sentence, written: Sequence[str], places: Sequence[bool]
) -> tuple[tuple[str, ...], tuple[str, ...], int]:
    """Return the tokens of words as they were written, their tags, and how many words changed.

    Args:
        sentence: The original.
        written: What a `Way` made of each of its tokens.
        places: Whether each of them may get noise.
    """
    tokens: list[str] = []
    tags: list[str] = []
    changed, joins = 0, False
    following = (*zip(sentence.tags[1:], places[1:], strict=True), (None, False))
    for old, tag, (after, may_join), new in zip(
        sentence.tokens, sentence.tags, following, written, strict=True
    ):
        parts = new.split()
        is_all_left = after is None and not tokens
        if not parts and (tag != OUTSIDE or joins or is_all_left):
            parts = [old]  # it can't be left out
        changed += parts != [old]
        if joins:
            tokens[-1] += parts.pop(0)
            tags[-1] = tag if tags[-1] == OUTSIDE else tags[-1]
        elif parts:
            tokens.append(parts.pop(0))
            tags.append(tag)
        tokens += parts
        tags += [continuation(tag)] * len(parts)
        joins = new.endswith(JOIN) and may_join and _may_be_one(tags[-1], after)
        changed += joins
    return tuple(tokens), tuple(tags), changed


def _may_be_one(first: str, second: str | None) -> bool:
    """Whether words of these tags may become one; joined words of two entities would lose one."""
    return second is not None and (first == OUTSIDE or not second.startswith("B-"))
