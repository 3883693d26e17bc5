"""Classes of a corpus and of a victim: new names, and which of them both have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from seqattack.corpus.blocks import Notes
from seqattack.errors import ConfigError, CorpusError
from seqattack.sentence import Sentence
from seqattack.tags import OUTSIDE, is_class, map_tag, tag_class


def parse_map(text: str) -> tuple[str, str]:
    """Return the two classes of ``A=B``; ``A=`` leaves A out.

    Raises:
        ConfigError: It has another form.

    Example:
        >>> parse_map("PERSON=PER"), parse_map("MISC=")
        (('PERSON', 'PER'), ('MISC', ''))
    """
    old, equals, new = text.partition("=")
    if not equals or not is_class(old) or not (new in ("", OUTSIDE) or is_class(new)):
        raise ConfigError(f"{text!r} maps no class; write OLD=NEW, or OLD= to leave OLD out.")
    return old, new


def to_map(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the new names of classes by their old ones.

    Args:
        pairs: Of `parse_map`.

    Raises:
        ConfigError: A class comes twice.
    """
    made: dict[str, str] = {}
    for old, new in pairs:
        if made.setdefault(old, new) != new:
            raise ConfigError(f"{old} is given two names, {made[old]!r} and {new!r}; keep one.")
    return made


def rename(
    sentences: Iterable[Sentence], labels: Mapping[str, str], notes: Notes
) -> list[Sentence]:
    """Return sentences with the new names of their classes.

    Args:
        sentences: Those of a file or a corpus.
        labels: The new name of a class; an empty one leaves the class out.
        notes: Classes of `labels` that do not occur are said here.
    """
    sentences = list(sentences)
    if not labels:
        return sentences
    if missing := sorted(set(labels) - classes(tag for s in sentences for tag in s.tags)):
        notes.guess(f"the corpus has no class {', '.join(missing)}; a victim may have it")
    return [
        Sentence(s.id, s.tokens, tuple(map_tag(tag, labels) for tag in s.tags)) for s in sentences
    ]


def classes(tags: Iterable[str]) -> set[str]:
    """Return the classes of tags.

    >>> sorted(classes(["O", "B-PER", "I-PER", "B-LOC"]))
    ['LOC', 'PER']
    """
    return {tag_class(tag) for tag in set(tags)} - {OUTSIDE}


@dataclass(frozen=True, slots=True)
class Shared:
    """Sentences with the classes that corpus and victim share, and the classes of one of them.

    Args:
        sentences: Tokens of a class that the victim lacks are ``O``.
        corpus_only: Classes that the victim lacks.
        victim_only: Classes that the corpus lacks.
    """

    sentences: tuple[Sentence, ...]
    corpus_only: tuple[str, ...]
    victim_only: tuple[str, ...]

    def lines(self) -> list[str]:
        """Return what to tell the user; nothing where the classes are the same."""
        found = []
        if self.corpus_only:
            found.append(
                f"only the corpus has {', '.join(self.corpus_only)}; their tokens count as O "
                "(--map OLD=NEW renames a class of the corpus)"
            )
        if self.victim_only:
            found.append(f"only the victim has {', '.join(self.victim_only)}")
        return found


def share_classes(sentences: Sequence[Sentence], tags: Iterable[str]) -> Shared:
    """Return sentences in which only classes count that the victim has, too.

    Args:
        sentences: Of a corpus.
        tags: The victim's.

    Raises:
        CorpusError: They share no class.
    """
    own = classes(tag for sentence in sentences for tag in sentence.tags)
    known = classes(tags)
    if own and not own & known:
        raise CorpusError(
            f"the corpus has the classes {', '.join(sorted(own))}, the victim "
            f"{', '.join(sorted(known))}: none is shared. Rename those of the corpus: "
            "--map OLD=NEW (config: labels: {OLD: NEW})."
        )
    missing = dict.fromkeys(own - known, "")
    shared = rename(sentences, missing, Notes()) if missing else list(sentences)
    return Shared(tuple(shared), tuple(sorted(own - known)), tuple(sorted(known - own)))
