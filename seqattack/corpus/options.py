"""How a file is read where that can't be told from the file itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from seqattack.errors import ConfigError

Scheme = Literal["auto", "iob1", "iob2", "bioes", "io"]
"""How tags mark entities; ``bioes`` stands for BILOU and BMES too."""

SCHEMES: tuple[str, ...] = get_args(Scheme)


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What a reader is told.

    Args:
        token_column: Where the tokens are: the number of a column, from 1 (from the end: -1), or
            the name of a JSON key or parquet column. None: found out.
        tag_column: Where the tags are, in the same way.
        scheme: How tags mark entities; ``auto`` finds out all but ``io`` (bare classes).
        strict: Refuse what would otherwise be repaired or left out with a note.
        tag_names: The tags by number, for files with numbers as tags.
        document_ids: Let ids say the document also where the file does not name its documents.
        labels: New names of the corpus' classes; an empty name leaves a class out.

    Raises:
        ConfigError: The scheme is unknown, or a column has the number 0.
    """

    token_column: int | str | None = None
    tag_column: int | str | None = None
    scheme: Scheme = "auto"
    strict: bool = False
    tag_names: tuple[str, ...] = ()
    document_ids: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.scheme not in SCHEMES:
            raise ConfigError(f"scheme {self.scheme!r} is unknown; write {', '.join(SCHEMES)}.")
        for name in ("token_column", "tag_column"):
            if getattr(self, name) == 0:
                raise ConfigError(f"{name}: columns are counted from 1; -1 is the last.")

    @classmethod
    def of(cls, source: Mapping[str, Any]) -> ReadOptions:
        """Return the options in a source of the config's ``corpus``.

        >>> ReadOptions.of({"train": "a", "columns": {"token": 2, "tag": 3}}).tag_column
        3
        """
        columns = source.get("columns") or {}
        return cls(
            token_column=columns.get("token"),
            tag_column=columns.get("tag"),
            scheme=source.get("scheme") or "auto",
            strict=bool(source.get("strict")),
            tag_names=tuple(source.get("tag_names") or ()),
            document_ids=bool(source.get("document_ids")),
        )


DEFAULT = ReadOptions()
"""Everything is found out."""
