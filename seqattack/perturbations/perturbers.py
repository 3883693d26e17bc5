"""Perturbers: pure functions from a token to other ways to write it.

Attacks search among what they give, and noise suites draw from it. All chance comes from the
generator that they are given.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from seqattack.perturbations.confusables import lookalikes
from seqattack.perturbations.edits import mix_case
from seqattack.perturbations.invisible import OVERRIDE, POP, ZERO_WIDTH
from seqattack.perturbations.tables import LAYOUTS, LEET, MARKS, confused, neighbours

COUNT = 8
"""Most ways to write a token that a perturber gives."""

VISIBLE_EDITS = 2
"""Most characters of a token that stand-ins replace where a reader sees it."""

COMMON = 4
"""Lookalikes of a letter that are used: the first by code point, which most fonts have."""

Options = Callable[[str], Sequence[str]]
"""What may stand for a character; nothing where it stays."""


@dataclass(frozen=True, slots=True)
class Perturber:
    """Ways to write a token otherwise.

    Args:
        name: The name that recipes and noise suites have, too.
        ways: Given a token and a generator, returns other ways to write it, those that change
            least first. A space in one splits the token. None is the token itself.
        visible: Whether a reader sees the difference. What is not visible is undone by
            `seqattack.perturbations.normalisation.normalise`: to its reader, it is the token.
    """

    name: str
    ways: Callable[[str, random.Random], list[str]]
    visible: bool


def edited(token: str, options: Options, rng: random.Random, most: int | None = None) -> list[str]:
    """Return a token with some of its characters written otherwise.

    Args:
        token: The token.
        options: What may stand for a character.
        rng: Draws the places and what stands there.
        most: Most characters of the token; None for all that have options.

    Returns:
        At most `COUNT`, from one character to as many as there may be, evenly.
    """
    found = {place: ways for place, each in enumerate(token) if (ways := options(each))}
    largest = len(found) if most is None else min(most, len(found))
    made: dict[str, None] = {}
    for number in range(COUNT if found else 0):
        size = 1 + round(number * (largest - 1) / (COUNT - 1))
        characters = list(token)
        for place in rng.sample(sorted(found), size):
            characters[place] = rng.choice(found[place])
        made["".join(characters)] = None
    made.pop(token, None)
    return list(made)


def homoglyphs(token: str, rng: random.Random) -> list[str]:
    """Return a token with letters that look like its own (Boucher et al., 2022)."""
    table = lookalikes()
    return edited(token, lambda character: table.get(character, "")[:COMMON], rng)


def zero_widths(token: str, rng: random.Random) -> list[str]:
    """Return a token with characters of no width in it (Boucher et al., 2022)."""
    return edited(token, lambda character: [character + each for each in ZERO_WIDTH], rng)


def overrides(token: str, rng: random.Random) -> list[str]:
    """Return a token part of which is written backwards and shown forwards (Boucher et al., 2022).

    A bidirectional override turns the part around.
    """
    made: dict[str, None] = {}
    for number in range(COUNT if len(token) > 1 else 0):
        size = 2 + round(number * (len(token) - 2) / (COUNT - 1))
        start = rng.randrange(len(token) - size + 1)
        part = token[start : start + size][::-1]
        made[f"{token[:start]}{OVERRIDE}{part}{POP}{token[start + size :]}"] = None
    return list(made)


def full_widths(token: str, rng: random.Random) -> list[str]:
    """Return a token with full-width characters, as East Asian text has them."""

    def wide(character: str) -> str:
        return chr(ord(character) + 0xFEE0) if character.isascii() else ""

    return edited(token, wide, rng)


def combining(token: str, rng: random.Random) -> list[str]:
    """Return a token with marks below its letters."""
    marked = _of_letters(lambda letter: [letter + mark for mark in MARKS])
    return edited(token, marked, rng, VISIBLE_EDITS)


def ocr(token: str, rng: random.Random) -> list[str]:
    """Return a token with characters that OCR engines confuse with its own."""
    table = confused()
    return edited(token, lambda character: table.get(character, ""), rng, VISIBLE_EDITS)


def keyboard(layout: str) -> Callable[[str, random.Random], list[str]]:
    """Return the perturber that hits a key beside the right one.

    Args:
        layout: One of `LAYOUTS`.
    """
    return lambda token, rng: edited(token, _cased(neighbours(layout)), rng, VISIBLE_EDITS)


def leet(token: str, rng: random.Random) -> list[str]:
    """Return a token with digits and signs for some of its letters."""
    table = {**LEET, **{letter.upper(): others for letter, others in LEET.items()}}
    return edited(token, lambda character: table.get(character, ""), rng, VISIBLE_EDITS)


def cases(token: str, rng: random.Random) -> list[str]:
    """Return a token in lower case, in upper case, with a capital, and in cases by chance."""
    drawn = [mix_case(token, rng) for _ in range(2)]
    made = dict.fromkeys([token.lower(), token.upper(), token.capitalize(), *drawn])
    made.pop(token, None)
    return [each for each in made if len(each.split()) == 1]


def splits(token: str, rng: random.Random) -> list[str]:
    """Return a token with a space in it, at some places, and one between all its letters."""
    places = range(1, len(token))
    chosen = rng.sample(places, min(COUNT - 1, len(places)))
    made = dict.fromkeys(f"{token[:place]} {token[place:]}" for place in chosen)
    return list(made | dict.fromkeys([" ".join(token)] if places else []))


def _of_letters(options: Options) -> Options:
    return lambda character: options(character) if character.isalpha() else ()


def _cased(table: Mapping[str, str]) -> Options:
    """Return the options of a table of small letters, in the case of the letter they stand for."""

    def options(character: str) -> Sequence[str]:
        found = table.get(character.lower(), "")
        return found.upper() if character.isupper() else found

    return options


PERTURBERS: Mapping[str, Perturber] = {
    each.name: each
    for each in (
        Perturber("homoglyph", homoglyphs, visible=False),
        Perturber("zero-width", zero_widths, visible=False),
        Perturber("bidi", overrides, visible=False),
        Perturber("full-width", full_widths, visible=False),
        Perturber("combining", combining, visible=True),
        Perturber("ocr", ocr, visible=True),
        Perturber("keyboard", keyboard("qwerty"), visible=True),
        *(
            Perturber(f"keyboard-{layout}", keyboard(layout), visible=True)
            for layout in LAYOUTS
            if layout != "qwerty"
        ),
        Perturber("case", cases, visible=True),
        Perturber("spacing", splits, visible=True),
        Perturber("leet", leet, visible=True),
    )
}
"""By name."""
