"""The entities of a corpus."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seqattack.tags import entities


def entity_inventory(
    sentences: Iterable[tuple[Sequence[str], Sequence[str]]],
) -> dict[str, list[tuple[str, ...]]]:
    """Return, by class, the distinct entities of sentences, each given as tokens and tags.

    >>> entity_inventory([(("Leeds", "beat", "New", "York"), ("B-ORG", "O", "B-LOC", "I-LOC"))])
    {'LOC': [('New', 'York')], 'ORG': [('Leeds',)]}
    """
    found: dict[str, set[tuple[str, ...]]] = {}
    for tokens, tags in sentences:
        for entity in entities(tags):
            found.setdefault(entity.label, set()).add(tuple(tokens[entity.start : entity.end]))
    return {name: sorted(found[name]) for name in sorted(found)}
