"""Which victim is meant: a kind, a name, and what the kind has to be told."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args

from seqattack.checks import check_boolean, check_choice, check_mapping, check_number, check_text
from seqattack.errors import ConfigError, ModelError
from seqattack.io import json_value
from seqattack.sentence import texts
from seqattack.suggest import did_you_mean
from seqattack.text import clipped

WordTag = Literal["first", "vote"]
"""How a token of several sub-tokens gets its tag: from the first, or from a vote of them all."""

OPTIONS: Mapping[str, tuple[str, ...]] = {
    "transformers": ("revision", "tags", "word_tag"),
    "spacy": (),
    "gliner": ("revision", "tags"),
    "onnx": ("tags",),
    "openvino": ("tags",),
    "python": ("tags",),
    "http": ("tags", "per_second"),
}
"""The kinds of victims, and which options each of them takes besides `labels` and `normalise`."""

NORMALISE = "normalise"
"""The prefix of a name whose victim sees normalised texts."""

FOLDERS = ("transformers", "onnx", "openvino")
"""The kinds that are loaded from a folder, if not from the hub."""

CONFIGURABLE = ("transformers", "openvino")
"""The kinds that also run in bfloat16 and on OpenVINO; all others run as they are."""

PATH = "path"
"""What a configuration calls the folder of a transformers model."""


@dataclass(frozen=True, slots=True)
class VictimSource:
    """A victim by kind and name.

    Args:
        kind: One of `OPTIONS`.
        name: A folder, a package, a hub name, a function or an address, as the kind has it.
        revision: Pinned revision of a hub model.
        tags: The tags in the order of their ids, where the victim does not say them; the classes
            that a GLiNER looks for.
        labels: Classes by those of the victim that they replace; an empty one drops a class.
        per_second: Most requests a second to a server.
        word_tag: Where a transformers model's tag of a token is read: at its ``first`` sub-token,
            which is the default, or by a ``vote`` of all.
        normalise: Whether the victim sees texts without disguises, as `NormalisedVictim` has it.

    Raises:
        ModelError: There is no such kind, it does not take an option, or an option has a value that
            is not allowed.
    """

    kind: str
    name: str
    revision: str | None = None
    tags: Sequence[str] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    per_second: float | None = None
    word_tag: WordTag | None = None
    normalise: bool = False

    def __post_init__(self) -> None:
        if self.kind not in OPTIONS:
            raise ModelError(
                f"{self.kind}:{self.name}: there is no kind of victim {self.kind!r}"
                f"{did_you_mean(self.kind, OPTIONS)}"
            )
        for option in ("revision", "tags", "per_second", "word_tag"):
            if getattr(self, option) and option not in OPTIONS[self.kind]:
                raise ModelError(
                    f"{self.kind}:{self.name}: a victim of this kind has no {option}; remove it."
                )
        try:
            self._check_options()
        except ConfigError as error:
            raise ModelError(f"{self.kind}:{self.name}: {error}") from error

    def _check_options(self) -> None:
        if self.revision is not None:
            check_text("revision", self.revision)
        try:
            texts(self.tags)
        except TypeError as error:
            raise ConfigError(f"tags: {error} is not allowed; write a list of tags.") from error
        for old, new in check_mapping("labels", self.labels).items():
            if new != "":
                check_text(f"labels.{old}", new)
        if self.per_second is not None:
            check_number("per_second", self.per_second, 0, over=True)
        if self.word_tag is not None:
            check_choice("word_tag", self.word_tag, get_args(WordTag))
        check_boolean("normalise", self.normalise)

    @classmethod
    def of(cls, name: str | os.PathLike[str], **options: Any) -> VictimSource:
        """Return the victim that a word names.

        Args:
            name: ``KIND:NAME``, an address, the folder or hub name of a transformers model, or
                what a configuration says of a victim, as a JSON object; ``normalise:`` before any
                of these.
            **options: Attributes other than kind and name.

        Raises:
            ModelError: There is no such kind, an option is unknown, or the JSON is none.

        Example:
            >>> VictimSource.of("spacy:en_core_web_sm").kind
            'spacy'
            >>> VictimSource.of("normalise:spacy:en_core_web_sm").normalise
            True
            >>> VictimSource.of("http://localhost:8000/tag").name
            'http://localhost:8000/tag'
            >>> VictimSource.of('{"gliner": "models/tiny", "tags": ["person"]}').tags
            ['person']
        """
        text = os.fspath(name)
        if text.startswith("{"):
            return cls._of_json(text, options)
        kind, colon, rest = text.partition(":")
        if kind in ("http", "https") and colon:
            return cls("http", text if rest.startswith("//") else rest, **options)
        if kind == NORMALISE and colon and not os.path.exists(text):
            if not rest:
                raise ModelError(f"{clipped(text)}: names no victim; write {NORMALISE}:VICTIM.")
            return cls.of(rest, **{**options, "normalise": True})
        if colon and not os.path.exists(text):
            return cls(kind, rest, **options)
        return cls("transformers", text, **options)

    @classmethod
    def _of_json(cls, text: str, options: Mapping[str, Any]) -> VictimSource:
        try:
            value = {**json_value(text), **options}
        except ValueError as error:
            raise ModelError(f"{clipped(text)}: not JSON ({error}); write KIND:NAME.") from error
        known = {each.name for each in fields(cls)} - {"kind", "name"}
        named = [key for key in value if key not in known]
        if len(named) != 1:
            raise ModelError(
                f"{clipped(text)}: a victim needs exactly one of "
                f"{', '.join((PATH, *OPTIONS))} besides {', '.join(sorted(known))}."
            )
        if not isinstance(value[named[0]], str):
            raise ModelError(
                f"{clipped(text)}: {named[0]} must be a text, such as a folder or a name."
            )
        kind = "transformers" if named[0] == PATH else named[0]
        return cls(kind, value.pop(named[0]), **value)
