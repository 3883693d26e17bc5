"""The English stopwords that no attack changes."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path


def nltk_data() -> Path:
    """Return the folder of the NLTK data that the project ships: a list of stopwords."""
    return Path(str(resources.files("seqattack.attack") / "nltk_data"))


@cache
def stopwords() -> frozenset[str]:
    """Return the stopwords, in lower case.

    CoNLL's clitics (``'s``, ``n't``) are among them, since they are tokens of their own there.
    """
    path = nltk_data() / "corpora" / "stopwords" / "english"
    return frozenset(path.read_text(encoding="utf-8").split())
