"""The entities of a corpus, and lists of names."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from seqattack.errors import CorpusError
from seqattack.sentence import Sentence
from seqattack.tags import is_class


def entity_inventory(sentences: Iterable[Sentence]) -> dict[str, list[tuple[str, ...]]]:
    """Return the distinct entities of sentences by class, each as its tokens.

    Example:
        >>> entity_inventory([Sentence("s", ("Leeds", "beat", "Rome"), ("B-ORG", "O", "B-LOC"))])
        {'LOC': [('Rome',)], 'ORG': [('Leeds',)]}
    """
    found: dict[str, set[tuple[str, ...]]] = {}
    for sentence in sentences:
        for entity in sentence.entities:
            tokens = sentence.tokens[entity.start : entity.end]
            found.setdefault(entity.label, set()).add(tokens)
    return {name: sorted(found[name]) for name in sorted(found)}


def read_names(path: str | Path) -> dict[str, list[tuple[str, ...]]]:
    """Return the names of a YAML file by class; see `parse_names`.

    Raises:
        CorpusError: It can't be read, or is not YAML.
    """
    try:
        value = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise CorpusError(f"{path}: cannot be read ({reason}).") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise CorpusError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from error
    return parse_names(value, str(path))


def parse_names(value: Any, place: str) -> dict[str, list[tuple[str, ...]]]:
    """Return the distinct names of a mapping from classes to lists of names, each as its tokens.

    Args:
        value: Tokens of a name are separated by spaces, as in the corpus.
        place: Where it stands, for messages.

    Raises:
        CorpusError: It is something else; the message names the class.

    Example:
        >>> parse_names({"PER": ["Ana Silva", "Li"]}, "names.yaml")
        {'PER': [('Ana', 'Silva'), ('Li',)]}
    """
    if not isinstance(value, dict) or not value:
        raise CorpusError(f"{place}: write a list of names for each class, such as PER: [Ana, Li].")
    found = {}
    for label, names in value.items():
        if not isinstance(label, str) or not is_class(label):
            raise CorpusError(f"{place}: {label!r} is no class; write one, such as PER, in quotes.")
        if not isinstance(names, list) or not names:
            raise CorpusError(f"{place}: {label}: write a list of names, such as [Ana Silva, Li].")
        for name in names:
            if not isinstance(name, str) or not name.split():
                raise CorpusError(f"{place}: {label}: {name!r} is no name; write a text in quotes.")
        found[label] = sorted({tuple(name.split()) for name in names})
    return dict(sorted(found.items()))
