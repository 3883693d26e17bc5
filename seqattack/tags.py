"""Entity tags: IOB2 checks, repair, conversion from IOB1, and entity spans."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

OUTSIDE = "O"


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity: tokens `start` up to, not including, `end`, of class `label`."""

    start: int
    end: int
    label: str


def tag_class(tag: str) -> str:
    """Return the class of a tag: ``B-PER`` and ``I-PER`` are ``PER``; ``O`` is ``O``.

    >>> tag_class("I-ORG"), tag_class("O")
    ('ORG', 'O')
    """
    return tag if tag == OUTSIDE else tag[2:]


def iob2_tags(classes: Iterable[str]) -> tuple[str, ...]:
    """Return ``O`` and, for each class in the order given, its ``B-`` and its ``I-`` tag.

    >>> iob2_tags(["PER", "LOC"])
    ('O', 'B-PER', 'I-PER', 'B-LOC', 'I-LOC')
    """
    return (OUTSIDE, *(f"{prefix}-{name}" for name in classes for prefix in "BI"))


def entity_tags(label: str, length: int) -> list[str]:
    """Return the tags of an entity of a class, of `length` tokens.

    >>> entity_tags("PER", 3)
    ['B-PER', 'I-PER', 'I-PER']
    """
    return [f"B-{label}", *[f"I-{label}"] * (length - 1)]


def continuation(tag: str) -> str:
    """Return the tag of a token that continues what a token with `tag` is part of.

    >>> continuation("B-PER"), continuation("O")
    ('I-PER', 'O')
    """
    return tag if tag == OUTSIDE else f"I-{tag_class(tag)}"


def map_tag(tag: str, mapping: Mapping[str, str]) -> str:
    """Return a tag with another class.

    Args:
        tag: An IOB2 tag.
        mapping: New classes by old ones; an empty one makes the tag ``O``, and a class that is not
            named stays.

    >>> map_tag("I-PERSON", {"PERSON": "PER"}), map_tag("B-DATE", {"DATE": ""})
    ('I-PER', 'O')
    """
    label = tag_class(tag)
    new = mapping.get(label, label) if tag != OUTSIDE else OUTSIDE
    return f"{tag[:2]}{new}" if new not in ("", OUTSIDE) else OUTSIDE


@lru_cache(maxsize=1000)
def is_tag(tag: str) -> bool:
    """Whether `tag` is ``O`` or has the form ``B-CLASS`` or ``I-CLASS``.

    >>> is_tag("O"), is_tag("B-X"), is_tag("I-"), is_tag("MISC"), is_tag("B-O")
    (True, True, False, False, False)
    """
    return tag == OUTSIDE or (tag[:2] in ("B-", "I-") and is_class(tag[2:]))


def is_class(name: str) -> bool:
    r"""Whether a class may have this name: not ``O``, and words with one space between two.

    >>> is_class("PER"), is_class("sports team"), is_class("O"), is_class("a\nb")
    (True, True, False, False)
    """
    has_halves = any("\ud800" <= character <= "\udfff" for character in name)
    return name not in ("", OUTSIDE) and " ".join(name.split()) == name and not has_halves


def is_iob2(tags: Sequence[str]) -> bool:
    """Whether `tags` is valid IOB2: every entity begins with its ``B-`` tag.

    >>> is_iob2(["B-PER", "I-PER", "O"]), is_iob2(["O", "I-PER"])
    (True, False)
    """
    return all(is_tag(tag) for tag in tags) and list(tags) == repair_iob2(tags)


def repair_iob2(tags: Sequence[str]) -> list[str]:
    """Return `tags` with every entity's first tag made ``B-``.

    An ``I-`` tag that does not continue an entity of its own class begins one. This is also the
    conversion from IOB1, where ``B-`` only separates two adjacent entities of one class.

    >>> repair_iob2(["I-PER", "O", "B-LOC", "I-ORG"])
    ['B-PER', 'O', 'B-LOC', 'B-ORG']
    """
    repaired = []
    previous = OUTSIDE
    for tag in tags:
        starts = tag.startswith("I-") and tag_class(previous) != tag_class(tag)
        repaired.append("B-" + tag[2:] if starts else tag)
        previous = tag
    return repaired


def entities(tags: Sequence[str]) -> list[Entity]:
    """Return the entities of IOB2 `tags`, in order.

    >>> entities(["B-PER", "I-PER", "O", "B-LOC"])
    [Entity(start=0, end=2, label='PER'), Entity(start=3, end=4, label='LOC')]
    """
    found = []
    start: int | None = None
    for index, tag in enumerate([*repair_iob2(tags), OUTSIDE]):
        if start is not None and not tag.startswith("I-"):
            found.append(Entity(start, index, tag_class(tags[start])))
            start = None
        if tag.startswith("B-"):
            start = index
    return found


def entity_tokens(tags: Sequence[str]) -> tuple[int, ...]:
    """Return the indices of the tokens whose tag is not ``O``."""
    return tuple(index for index, tag in enumerate(tags) if tag != OUTSIDE)


def entity_around(tags: Sequence[str], index: int) -> range:
    """Return the indices of the tokens of the entity that a token is part of; none for ``O``.

    >>> entity_around(["B-PER", "I-PER", "O"], 1), entity_around(["B-PER", "O"], 1)
    (range(0, 2), range(1, 1))
    """
    for entity in entities(tags):
        if entity.start <= index < entity.end:
            return range(entity.start, entity.end)
    return range(index, index)
