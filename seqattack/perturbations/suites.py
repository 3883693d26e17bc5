"""Suites of noise: what goes wrong with a word, each of one kind and under one name."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from seqattack.errors import ConfigError
from seqattack.perturbations.edits import (
    delete_character,
    double_character,
    mix_case,
    swap_neighbours,
)
from seqattack.perturbations.perturbers import PERTURBERS, VISIBLE_EDITS, edited
from seqattack.perturbations.tables import ACCENTS, CONTRACTIONS, STEMS
from seqattack.suggest import did_you_mean

Way = Callable[[str, random.Random], str]
"""Given a token and a generator, returns the token written otherwise.

A space in it splits the token, and `JOIN` behind it joins the token with the next. It is empty
where the token is left out, and the token itself where there is no such way to write it.
"""

JOIN = "\n"

EUROPEAN = "\u0180"
"""The first character behind the letters of Latin-1 and Latin Extended-A."""

PLUS = "+"
"""Stands between the names of suites that are drawn from as one."""


@dataclass(frozen=True, slots=True)
class Suite:
    """Noise of one kind.

    Args:
        name: As commands and configurations call it.
        meaning: What it does to a word.
        ways: Of which each word gets one, all equally likely.
    """

    name: str
    meaning: str
    ways: tuple[Way, ...]

    def draw(self, token: str, rng: random.Random) -> str:
        """Return a token written otherwise, as a `Way` does, by one of the suite's ways.

        Args:
            token: The token.
            rng: Draws the way; where that can do nothing with the token, another.
        """
        for way in rng.sample(self.ways, len(self.ways)):
            if (made := way(token, rng)) != token:
                return made
        return token


def find_suite(name: str) -> Suite:
    """Return a suite, or several as one: of ``typos+ocr``, each word gets one of the two.

    Raises:
        ConfigError: There is no such suite.

    Example:
        >>> find_suite("upper").draw("Rome", random.Random(0))
        'ROME'
    """
    names = name.split(PLUS)
    for each in names:
        if each not in SUITES:
            raise ConfigError(f"there is no suite {each!r}{did_you_mean(each, SUITES)}")
    if len(set(names)) < len(names):
        raise ConfigError(f"{name}: names a suite twice; leave one out.")
    parts = [SUITES[each] for each in names]
    if len(parts) == 1:
        return parts[0]
    meaning = f"for each word one of {', '.join(names)}"
    return Suite(name, meaning, tuple(each.draw for each in parts))


def _perturbed(name: str) -> Way:
    """Return one of the ways of a perturber, by chance."""
    ways = PERTURBERS[name].ways
    return lambda token, rng: rng.choice(ways(token, rng) or [token])


def _least(name: str) -> Way:
    """Return the way of a perturber that changes least: one character."""
    ways = PERTURBERS[name].ways
    return lambda token, rng: next(iter(ways(token, rng)), token)


def _of_words(way: Way, least: int = 1) -> Way:
    """Return a way that leaves alone what has no letter or digit, or too few characters."""

    def write(token: str, rng: random.Random) -> str:
        is_word = len(token) >= least and any(map(str.isalnum, token))
        return way(token, rng) if is_word else token

    return write


def _same_length(change: Callable[[str], str]) -> Way:
    """Return the way of a change of case, which leaves alone what would become longer: ``ß``."""

    def write(token: str, rng: random.Random) -> str:
        made = change(token)
        return made if len(made) == len(token) else token

    return write


def _accented(token: str, rng: random.Random) -> str:
    """Return a token with an accent on one or two letters, as European languages have them."""

    def composed(letter: str) -> list[str]:
        made = (unicodedata.normalize("NFC", letter + accent) for accent in ACCENTS)
        return [each for each in made if len(each) == 1 and each < EUROPEAN]

    return next(iter(edited(token, composed, rng, rng.randint(1, VISIBLE_EDITS))), token)


def _unaccented(token: str, rng: random.Random) -> str:
    """Return a token whose letters have no accents any more."""
    if token.isascii():
        return token
    letters = unicodedata.normalize("NFD", token)
    made = "".join(c for c in letters if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", made) or token


def _stripped(token: str, rng: random.Random) -> str:
    """Return a token without punctuation: nothing is left of a full stop."""
    return "".join(c for c in token if not unicodedata.category(c).startswith("P"))


def _marked(token: str, rng: random.Random) -> str:
    return token + rng.choice(",.;:!?")


def _written_out(token: str, rng: random.Random) -> str:
    """Return a contraction as the words that it is made of: ``don't``, or ``n't`` alone."""
    plain = token.replace("\u2019", "'")
    for ending, word in CONTRACTIONS.items():
        if plain.lower().endswith(ending):
            stem = token[: -len(ending)]
            return f"{_whole(stem)} {word}".strip()
    return token


def _whole(stem: str) -> str:
    """Return the word of which a contraction has the stem, in the stem's case."""
    whole = STEMS.get(stem.lower())
    if whole is None:
        return stem
    if stem.isupper():
        return whole.upper()
    return whole.capitalize() if stem[0].isupper() else whole


def _contracted(token: str, rng: random.Random) -> str:
    return "n't" if token == "not" else token


def _joined(token: str, rng: random.Random) -> str:
    return token + JOIN


_TYPOS = (
    _of_words(_least("keyboard")),
    _of_words(swap_neighbours, least=2),
    _of_words(delete_character, least=2),
    _of_words(double_character),
)
_LOWER, _UPPER, _TITLE = map(_same_length, (str.lower, str.upper, str.capitalize))
_CASES = (_LOWER, _UPPER, _TITLE, mix_case)

SUITES: Mapping[str, Suite] = {
    each.name: each
    for each in (
        Suite(
            "typos", "a key beside the right one, two letters swapped, one lost or twice", _TYPOS
        ),
        Suite("ocr", "one or two characters that OCR confuses", (_perturbed("ocr"),)),
        Suite("case", "lower case, upper case, one capital, or cases by chance", _CASES),
        Suite("lower", "lower case", (_LOWER,)),
        Suite("upper", "upper case", (_UPPER,)),
        Suite("title", "a capital, and the rest in lower case", (_TITLE,)),
        Suite(
            "punctuation",
            "punctuation lost, or a mark put behind the word",
            (_stripped, _of_words(_marked)),
        ),
        Suite(
            "spacing",
            "a word split, or joined with the next",
            (_perturbed("spacing"), _joined),
        ),
        Suite(
            "contractions",
            "an English contraction written out, or “not” written as “n't”",
            (_written_out, _contracted),
        ),
        Suite("diacritics", "accents on one or two letters, or lost", (_unaccented, _accented)),
        *(
            Suite(
                f"keyboard{layout}",
                f"one or two keys beside the right ones{of}",
                (_perturbed(f"keyboard{layout}"),),
            )
            for layout, of in (
                ("", ", of QWERTY"),
                ("-qwertz", ", of QWERTZ"),
                ("-azerty", ", of AZERTY"),
            )
        ),
        Suite("leet", "digits and signs for one or two letters", (_perturbed("leet"),)),
        Suite("combining", "marks below one or two letters", (_perturbed("combining"),)),
        Suite("homoglyph", "letters that look the same", (_perturbed("homoglyph"),)),
        Suite("zero-width", "characters of no width", (_perturbed("zero-width"),)),
        Suite("full-width", "full-width characters", (_perturbed("full-width"),)),
        Suite("bidi", "a part written backwards and shown forwards", (_perturbed("bidi"),)),
    )
}
"""By name."""
