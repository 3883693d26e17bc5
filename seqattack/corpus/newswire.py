"""A generated newswire corpus: the embedded default, in CoNLL-2003's classes.

Sentences follow the patterns in ``newswire.yaml``. Many names are a surname, a town, a team or a
firm at once, so that a model has to read the context. A part of every list of names is kept for the
test split, so that it has names that training never saw.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

from seqattack.errors import CorpusError
from seqattack.sentence import Sentence
from seqattack.tags import OUTSIDE, entity_tags

NAME_LISTS = (
    "ambiguous",
    "first",
    "last",
    "city",
    "country",
    "region",
    "nationality",
    "stem",
    "event",
    "agency",
    "newspaper",
)
"""The lists in ``newswire.yaml`` of which a part is kept for the test split."""

HELD_OUT = 0.25
"""Share of every list of names that only the test split uses."""

_PIECE = re.compile(r"\{([A-Z]+):(\w+)\}|\{(\w+)\}|\[([^\]]*)\]|([^\s{\[]+)|(\s+)")


@dataclass(frozen=True, slots=True)
class _Grammar:
    """Lists, entity templates and patterns, as in the YAML file."""

    lists: Mapping[str, Sequence[str]]
    words: Mapping[str, Sequence[str]]
    entities: Mapping[str, Mapping[str, Mapping[str, int]]]
    patterns: tuple[str, ...]


@lru_cache(maxsize=1)
def _grammar() -> _Grammar:
    text = (resources.files("seqattack.corpus") / "newswire.yaml").read_text(encoding="utf-8")
    value = yaml.safe_load(text)
    words, entities, patterns = value.pop("words"), value.pop("entities"), value.pop("patterns")
    flat = tuple(pattern for register in patterns.values() for pattern in register)
    return _Grammar(value, words, entities, flat)


def patterns() -> tuple[str, ...]:
    """Return all sentence patterns."""
    return _grammar().patterns


def generate_newswire(seed: int, train: int, dev: int, test: int) -> dict[str, list[Sentence]]:
    """Generate a corpus; the same seed and sizes give the same corpus.

    Args:
        seed: The seed of all choices.
        train: Number of training sentences.
        dev: Number of dev sentences.
        test: Number of test sentences, some of them with names that occur in no other split.

    Returns:
        Distinct sentences in the splits ``train``, ``dev`` and ``test``.

    Raises:
        CorpusError: The patterns do not give so many sentences.

    Example:
        >>> len(generate_newswire(seed=1, train=5, dev=2, test=2)["train"])
        5
    """
    grammar = _grammar()
    rng = random.Random(seed)
    known = {name: _without_held_out(grammar.lists[name], rng) for name in NAME_LISTS}
    seen: set[tuple[str, ...]] = set()
    corpus = {}
    for split, size in (("train", train), ("dev", dev), ("test", test)):
        names = dict(grammar.lists) if split == "test" else {**grammar.lists, **known}
        writer = _Writer(grammar, names, random.Random(f"{seed} {split}"))
        corpus[split] = list(_distinct(writer, split, size, seen))
    return corpus


def _without_held_out(names: Sequence[str], rng: random.Random) -> list[str]:
    held_out = set(rng.sample(list(names), round(HELD_OUT * len(names))))
    return [name for name in names if name not in held_out]


def _distinct(
    writer: _Writer, split: str, size: int, seen: set[tuple[str, ...]]
) -> Iterator[Sentence]:
    """Yield sentences that differ from all earlier ones, in this split and the others."""
    number = failures = 0
    while number < size:
        tokens, tags = writer.sentence()
        if tokens in seen:
            failures += 1
            if failures > 100 * size + 10_000:
                raise CorpusError(
                    f"the newswire patterns gave only {number} distinct {split} sentences, not "
                    f"{size}; ask for fewer in corpus.newswire."
                )
            continue
        seen.add(tokens)
        number += 1
        yield Sentence(f"{split}-{number}", tokens, tags)


class _Writer:
    """Fills patterns with names and words."""

    def __init__(
        self, grammar: _Grammar, names: Mapping[str, Sequence[str]], rng: random.Random
    ) -> None:
        self.grammar = grammar
        self.names = names
        self.rng = rng

    def sentence(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the tokens and tags of a random sentence."""
        tokens: list[str] = []
        tags: list[str] = []
        for text, label in self._pieces(self.rng.choice(self.grammar.patterns)):
            words = text.split()
            tokens.extend(words)
            if label is None:
                tags.extend([OUTSIDE] * len(words))
            else:
                tags.extend(entity_tags(label, len(words)))
        return tuple(tokens), tuple(tags)

    def _pieces(self, pattern: str) -> Iterator[tuple[str, str | None]]:
        """Yield the parts of a filled pattern, each with its entity class or None."""
        joined = ""
        for match in _PIECE.finditer(pattern):
            label, kind, word, choices, plain, space = match.groups()
            if label:
                yield joined, None
                joined = ""
                yield self._entity(label, kind), label
            elif word:
                joined += self._word(word)
            elif choices is not None:
                joined += self.rng.choice(choices.split("|"))
            else:
                joined += plain or space
        yield joined, None

    def _entity(self, label: str, kind: str) -> str:
        templates = self.grammar.entities[label][kind]
        (template,) = self.rng.choices(list(templates), list(templates.values()))
        return re.sub(r"\{(\w+)\}", lambda match: self._word(match[1]), template)

    def _word(self, kind: str) -> str:
        if kind in _NUMBERS:
            return str(_NUMBERS[kind](self.rng))
        return self.rng.choice(self.grammar.words.get(kind) or self.names[kind])


def _set(rng: random.Random) -> str:
    loser = rng.randint(0, 5)
    return rng.choice([f"6-{loser}", "7-5", "7-6"])


_NUMBERS: Mapping[str, Any] = {
    "digit": lambda rng: str(rng.randint(0, 4)),
    "number": lambda rng: str(rng.randint(2, 98)),
    "thousands": lambda rng: f"{rng.randint(1, 48)},{rng.randint(0, 999):03}",
    "score": lambda rng: f"{rng.randint(1, 5)}-{rng.randint(0, 3)}",
    "set": _set,
    "rank": lambda rng: str(rng.randint(1, 12)),
    "minute": lambda rng: str(rng.randint(1, 90)),
    "time": lambda rng: f"{rng.randint(9, 58)}.{rng.randint(0, 99):02}",
    "percent": lambda rng: f"{rng.randint(0, 14)}.{rng.randint(1, 9)}",
    "price": lambda rng: f"{rng.randint(2, 94)}.{rng.randint(0, 99):02}",
    "money": lambda rng: f"${rng.randint(2, 940)} {rng.choice(['million', 'billion'])}",
    "temperature": lambda rng: str(rng.randint(-9, 36)),
    "date": lambda rng: f"1996-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}",
    "phone": lambda rng: (
        f"+{rng.randint(30, 49)} {rng.randint(100, 999)} {rng.randint(1000, 9999)}"
    ),
    "initial": lambda rng: f"{rng.choice('ABCDEFGHJKLMNPRST')}.",
}
