"""Victims that are spaCy pipelines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from seqattack.errors import BackendError, ModelError
from seqattack.files.checksums import sha256_file, sha256_json
from seqattack.tags import OUTSIDE, iob2_tags
from seqattack.text import reason_of
from seqattack.victim.answers import check_tags
from seqattack.victim.probabilities import Probabilities, one_hot, with_tags
from seqattack.victim.victim import Victim

UNUSED = frozenset(
    {
        "tagger",
        "morphologizer",
        "attribute_ruler",
        "lemmatizer",
        "trainable_lemmatizer",
        "textcat",
        "textcat_multilabel",
    }
)
"""Components that a trained entity recognizer does not look at; the parser is not among them, since
no entity crosses the sentence borders that it sets."""

RECOGNIZERS = ("ner", "beam_ner")


class SpacyVictim(Victim):
    """A spaCy pipeline, given ready-made tokens.

    Where its only source of entities is a recognizer with a beam, the probability of a tag is the
    share of the beam's parses that have it, each with its score. Other pipelines give tags alone.

    Args:
        nlp: The pipeline.
        checksum: SHA-256 of its files.
        name: What errors call it.

    Raises:
        ModelError: No component of it finds entities.
    """

    batch_size = 64
    unk_token = "[UNK]"

    def __init__(self, nlp: Any, checksum: str, name: str = "the pipeline") -> None:
        self.nlp = nlp
        self.checksum = checksum
        finders = [each for each in nlp.pipe_names if "doc.ents" in nlp.get_pipe_meta(each).assigns]
        classes = dict.fromkeys(label for each in finders for label in nlp.pipe_labels[each])
        if not classes:
            raise ModelError(
                f"{name}: no component of it finds entities ({', '.join(nlp.pipe_names)}); choose "
                "a pipeline with an entity recognizer."
            )
        self.labels = check_tags(name, iob2_tags(classes))
        self._beam = finders[0] if len(finders) == 1 and _has_beam(nlp, finders[0]) else None
        self.hard_labels = self._beam is None
        self._off = _unneeded(nlp, finders)

    def probabilities(
        self, texts: Sequence[Sequence[str]], padded_length: int
    ) -> list[Probabilities]:
        """Run the pipeline on a batch; see `Victim.probabilities`."""
        from spacy.tokens import Doc

        docs = [Doc(self.nlp.vocab, words=list(tokens)) for tokens in texts]
        off = [*self._off, self._beam] if self._beam else self._off
        done = list(self.nlp.pipe(docs, batch_size=max(1, len(docs)), disable=off))
        if self._beam:
            return list(self._beams(done))
        return [one_hot([_tag(token) for token in doc], self.labels) for doc in done]

    def _beams(self, docs: list[Any]) -> Iterator[Probabilities]:
        recognizer = self.nlp.get_pipe(self._beam)
        width, density = recognizer.cfg["beam_width"], recognizer.cfg["beam_density"]
        beams = recognizer.beam_parse(docs, beam_width=width, beam_density=density)
        for doc, beam in zip(docs, beams, strict=True):
            # Parses that end with the same entities count together.
            parses = recognizer.moves.get_beam_parses(beam)
            scored = [(score, self._ids(len(doc), spans)) for score, spans in parses]
            rows = np.zeros((len(doc), len(self.labels)))
            for score, ids in scored:
                rows[np.arange(len(doc)), ids] += score
            best = max(scored, key=lambda pair: pair[0])[1]
            yield with_tags(rows / rows.sum(axis=1, keepdims=True), best)

    def _ids(self, length: int, spans: Sequence[tuple[int, int, str]]) -> list[int]:
        ids = [0] * length
        for start, end, label in spans:
            begin = self.labels.index(f"B-{label}")
            ids[start:end] = [begin, *[begin + 1] * (end - start - 1)]
        return ids


def load_spacy(name: str) -> SpacyVictim:
    """Load a spaCy pipeline.

    Args:
        name: An installed package, such as ``en_core_web_sm``, or a folder.

    Raises:
        BackendError: spaCy is not installed.
        ModelError: There is no such pipeline, or it finds no entities.
    """
    try:
        import spacy
    except ImportError as error:
        raise BackendError("spaCy is not installed; run `pip install 'seqattack[spacy]'`.") from (
            error
        )
    try:
        nlp = spacy.load(name)
    except Exception as error:
        raise ModelError(
            f"spacy:{name}: cannot be loaded ({reason_of(error)}); give a folder, or "
            f"install the package: `python -m spacy download {name}`."
        ) from error
    return SpacyVictim(nlp, _checksum(Path(nlp.path)), f"spacy:{name}")


def _checksum(folder: Path) -> str:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return sha256_json([[str(path.relative_to(folder)), sha256_file(path)] for path in paths])


def _has_beam(nlp: Any, name: str) -> bool:
    if nlp.get_pipe_meta(name).factory not in RECOGNIZERS:
        return False
    return int(nlp.get_pipe(name).cfg.get("beam_width", 1)) > 1


def _unneeded(nlp: Any, finders: Sequence[str]) -> list[str]:
    """Return the components that change no entity; rules may look at all of them."""
    factories = {name: nlp.get_pipe_meta(name).factory for name in nlp.pipe_names}
    if any(factories[name] not in RECOGNIZERS for name in finders):
        return []
    return [name for name, factory in factories.items() if factory in UNUSED]


def _tag(token: Any) -> str:
    return f"{token.ent_iob_}-{token.ent_type_}" if token.ent_type_ else OUTSIDE
