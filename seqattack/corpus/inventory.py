"""The entities of a corpus."""

from __future__ import annotations

from collections.abc import Iterable

from seqattack.sentence import Sentence


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
