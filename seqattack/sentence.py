"""The unit of the whole system: a sentence, which is tokens with IOB2 tags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from seqattack.checks import shown
from seqattack.errors import CorpusError
from seqattack.tags import Entity, entities, is_iob2


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence: its id, its tokens, and an IOB2 tag for each token.

    Args:
        id: Unique within its corpus, such as ``test-17``.
        tokens: The tokens, split as in the corpus; none has white space in it. A list is kept as a
            tuple.
        tags: The tags, one for each token; valid IOB2. A list is kept as a tuple.

    Raises:
        CorpusError: Tokens or tags are no list of texts, the sentence is empty, a token is empty or
            has white space in it, a character is not valid Unicode, the numbers of tokens and tags
            differ, or the tags are not IOB2, of a class ``O``, or have white space in them that is
            not one space.

    Example:
        >>> Sentence("s-1", ("EU", "rejects", "German", "call"), ("B-ORG", "O", "B-MISC", "O")).text
        'EU rejects German call'
    """

    id: str
    tokens: tuple[str, ...]
    tags: tuple[str, ...]

    def __post_init__(self) -> None:
        for name in ("tokens", "tags"):
            value = getattr(self, name)
            try:
                object.__setattr__(self, name, texts(value))
            except TypeError as error:
                raise CorpusError(
                    f"sentence {self.id}: the {name} are {shown(value)}; write a list of texts."
                ) from error
        if not self.tokens:
            raise CorpusError(f"sentence {self.id} has no tokens; remove it.")
        for index, token in enumerate(self.tokens):
            if not token or any(character.isspace() for character in token):
                raise CorpusError(
                    f"sentence {self.id}, token {index + 1} ({token!r}): a token may not be empty "
                    "or have white space in it; split it or replace the space."
                )
        try:
            "".join((self.id, *self.tokens, *self.tags)).encode()
        except UnicodeEncodeError as error:
            raise CorpusError(
                f"sentence {self.id!r} has half a character (a lone surrogate) in it; remove it."
            ) from error
        if len(self.tokens) != len(self.tags):
            raise CorpusError(
                f"sentence {self.id} has {len(self.tokens)} tokens but {len(self.tags)} tags; "
                "give each token one tag."
            )
        if not is_iob2(self.tags):
            raise CorpusError(
                f"sentence {self.id}: the tags {' '.join(self.tags)} are not IOB2; an entity must "
                "begin with its B- tag, and no class may be called O."
            )

    @property
    def text(self) -> str:
        """The tokens joined by single spaces."""
        return " ".join(self.tokens)

    @property
    def entities(self) -> list[Entity]:
        """The entities, in order."""
        return entities(self.tags)

    def to_json(self) -> dict[str, Any]:
        """Return the sentence as a JSON object with the keys ``id``, ``tokens`` and ``tags``."""
        return {"id": self.id, "tokens": list(self.tokens), "tags": list(self.tags)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Sentence:
        """Return the sentence that `to_json` wrote.

        Raises:
            CorpusError: A key is missing or the sentence is not valid.
        """
        try:
            return cls(str(value["id"]), texts(value["tokens"]), texts(value["tags"]))
        except (KeyError, TypeError) as error:
            raise CorpusError(
                f"a sentence needs the keys id, tokens and tags; {error} is missing or wrong."
            ) from error


def texts(value: Any) -> tuple[str, ...]:
    """Return the strings of a list; a string itself is none.

    Raises:
        TypeError: The value is no list of strings.
    """
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        raise TypeError(f"{shown(value)}, which is no list of strings,")
    return tuple(value)
