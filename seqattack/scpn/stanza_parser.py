"""Stanza's constituency parser (Bauer et al., 2023), from files in a folder, without a network.

Stanza tags and parses in batches, and the shape of a batch changes its scores in the last digits.
So that no tree depends on the batch, each sentence is tagged alone, and where two steps of a parse
score nearly the same, the sentence is parsed again alone.
"""

from __future__ import annotations

import logging
import pickle
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from nltk import Tree

from seqattack.errors import ModelError
from seqattack.files.checksums import sha256_file, sha256_json
from seqattack.scpn.parser import Parser
from seqattack.scpn.stanza_folder import FILES, check_stanza, check_stanza_folder
from seqattack.text import reason_of

MARGIN = 1e-3
"""How close the scores of two steps (logits) may be before the step is taken alone; the shape of a
batch changes them by about 1e-5."""

UNPARSED = "X"
"""The constituent over a sentence in which Stanza gets stuck, as in CoreNLP."""

BRACKETS = {"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "-LCB-": "{", "-RCB-": "}"}
"""Brackets as the Penn Treebank writes them, and as Stanza's models know them."""

DAMAGE = (
    pickle.UnpicklingError,
    struct.error,
    RuntimeError,
    EOFError,
    LookupError,
    AttributeError,
    ValueError,
    TypeError,
    AssertionError,
)
"""What torch and Stanza raise for a file that is damaged or not theirs."""


@dataclass(frozen=True, slots=True)
class _Models:
    """Stanza's own objects.

    Args:
        tagger: Its ``Trainer`` of parts of speech.
        vectors: Its ``Pretrain``: word vectors.
        parser: Its ``LSTMModel``.
    """

    tagger: Any
    vectors: Any
    parser: Any


class StanzaParser(Parser):
    """Stanza's constituency parser, in batches, on the processor or a GPU.

    A tree depends on neither the batch nor the order of the sentences. Brackets written as in the
    Penn Treebank (``-LRB-``) are shown to Stanza as brackets; leaves are always the given tokens.

    Args:
        folder: Holds `FILES`.
        device: ``cpu``, ``cuda`` or ``cuda:N``.

    Raises:
        BackendError: Stanza or a file is missing.
        ModelError: A file is damaged, not safe to load, or not of such a model.
    """

    is_batched = True

    def __init__(self, folder: Path, device: str = "cpu") -> None:
        check_stanza()
        check_stanza_folder(folder)
        for name in FILES:
            _check_file(folder / name)
        self._models = _load(folder, device)
        self.name = f"stanza-{sha256_json([sha256_file(folder / name) for name in FILES])}"

    def parse(self, tokens: Sequence[str]) -> Tree:
        """Return a sentence's tree, down to parts of speech."""
        return self.parse_all([tokens])[0]

    def parse_all(self, sentences: Sequence[Sequence[str]]) -> list[Tree]:
        """Return the tree of each sentence; see `Parser.parse_all`."""
        with torch.inference_mode():
            tagged = [self._tag(tokens) for tokens in sentences]
            trees = [
                self._parse_alone(words) if tree is None else tree
                for tree, words in zip(self._parse_batch(tagged), tagged, strict=True)
            ]
        pairs = zip(trees, sentences, strict=True)
        return [_with_words(tree, iter(tokens)) for tree, tokens in pairs]

    def _tag(self, tokens: Sequence[str]) -> list[tuple[str, str]]:
        """Return a sentence's words and their parts of speech in the Penn Treebank's tag set."""
        from stanza.models.common.doc import Document
        from stanza.models.pos.data import Dataset

        tagger, words = self._models.tagger, [BRACKETS.get(token, token) for token in tokens]
        rows = [{"id": (number,), "text": word} for number, word in enumerate(words, start=1)]
        data = Dataset(
            Document([rows]), tagger.args, self._models.vectors, vocab=tagger.vocab, evaluation=True
        )
        (found,) = tagger.predict(data.collate_fn([data[0]]))
        return [(word, xpos) for word, (_, xpos, _) in zip(words, found, strict=True)]

    def _parse_batch(self, tagged: Sequence[list[tuple[str, str]]]) -> list[Any]:
        """Return Stanza's tree of each sentence, or None where a step was close."""
        if len(tagged) == 1:
            return [None]
        found = self._run(tagged, self._step)
        if len(found) < len(tagged):  # Stanza leaves out where it gets stuck, and not which
            return [None] * len(tagged)
        return [None if each.score else each.tree for each in found]

    def _parse_alone(self, words: list[tuple[str, str]]) -> Any:
        from stanza.models.constituency.parse_tree import Tree as StanzaTree

        if found := self._run([words], self._models.parser.predict):
            return found[0].tree
        leaves = [StanzaTree(tag, StanzaTree(word)) for word, tag in words]
        return StanzaTree("ROOT", [StanzaTree(UNPARSED, leaves)])

    def _run(self, tagged: Sequence[list[tuple[str, str]]], step: Any) -> list[Any]:
        parser = self._models.parser
        results = parser.parse_sentences(
            iter(tagged), parser.build_batch_from_tagged_words, len(tagged), step, keep_scores=True
        )
        return [result.predictions[0] for result in results]

    def _step(self, states: Sequence[Any]) -> tuple[Any, Sequence[Any], torch.Tensor]:
        """Choose each sentence's next step; its score is 1 where another step is close, else 0.

        Stanza adds scores up, so a whole tree's score tells in how many steps that was so.
        """
        scores, steps, chosen = self._models.parser.predict(states)
        near = (scores - chosen.unsqueeze(1)).abs() < MARGIN
        return scores, steps, (near.sum(dim=1) > 1).float()


def _check_file(path: Path) -> None:
    """Refuse a file that holds more than tensors and plain values, or needs a model of a hub.

    Stanza 1.15 loads its files with torch's ``weights_only`` as well; older ones fall back to less.
    """
    try:
        value = torch.load(path, map_location="cpu", weights_only=True)
        settings = value.get("params", value).get("config", {})
    except DAMAGE as error:
        raise ModelError(
            f"{path}: not a file of Stanza that is safe to load ({reason_of(error)}); get it from "
            "where it is published."
        ) from error
    if settings.get("bert_model"):
        raise ModelError(
            f"{path}: this model needs {settings['bert_model']} of the hub as well; take the files "
            "that are named in docs/artefacts.md."
        )


def _load(folder: Path, device: str) -> _Models:
    from stanza.models.common.foundation_cache import FoundationCache
    from stanza.models.constituency.trainer import Trainer as ConstituencyTrainer
    from stanza.models.pos.trainer import Trainer as TaggerTrainer

    logging.getLogger("stanza").setLevel(logging.WARNING)
    parser, tagger, vectors, forward, backward = (str(folder / name) for name in FILES)
    characters = {"charlm_forward_file": forward, "charlm_backward_file": backward}
    shared = FoundationCache(local_files_only=True)
    settings = {"wordvec_pretrain_file": vectors, "device": device, **characters}
    try:
        found = _Models(
            TaggerTrainer(
                pretrain=shared.load_pretrain(vectors),
                model_file=tagger,
                device=device,
                args=dict(characters),
                foundation_cache=shared,
            ),
            shared.load_pretrain(vectors),
            ConstituencyTrainer.load(parser, args=settings, foundation_cache=shared).model.eval(),
        )
    except DAMAGE as error:
        raise ModelError(
            f"{folder}: Stanza can't load this model ({type(error).__name__}: {error}); put its "
            f"published files there unchanged: {', '.join(FILES)}."
        ) from error
    return found


def _with_words(tree: Any, words: Iterator[str]) -> Any:
    """Return Stanza's tree as NLTK's, with these words as its leaves."""
    if tree.is_leaf():
        return next(words)
    return Tree(tree.label, [_with_words(part, words) for part in tree.children])
