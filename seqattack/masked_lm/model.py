"""A masked language model, and the sub-tokens that it suggests for places of a text."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any, cast

import numpy as np
import torch

from seqattack.errors import ModelError
from seqattack.models.backend import Backend, BackendChoice
from seqattack.models.batching import model_inputs
from seqattack.models.device import resolve_device
from seqattack.models.encoding import WordEncoder
from seqattack.models.loading import load_config, load_encoder, model_checksum, model_errors
from seqattack.models.openvino import Part, converted
from seqattack.models.packed import pack
from seqattack.models.soundness import check_answers, check_finite, check_unused, check_vocabulary

CANDIDATES = 50
"""Sub-tokens returned for a place: as many as any recipe asks for."""

HEAD_ROWS = 16
"""Places that go through the head at once; always as many, since the number changes last digits."""


class Piece(Enum):
    """The kind of sub-token that fits a place."""

    START = 0
    """A sub-token that begins a word."""
    CONTINUATION = 1
    """A sub-token that continues the word before it."""
    ANY = 2
    """Any sub-token of the vocabulary, punctuation and special ones too."""


@dataclass(frozen=True, slots=True)
class Question:
    """A text and the places in it for which sub-tokens are wanted.

    Args:
        input_ids: Sub-token ids, special tokens included.
        places: Positions in `input_ids`.
        pieces: The kind of sub-token for each place.
    """

    input_ids: tuple[int, ...]
    places: tuple[int, ...]
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The most probable sub-tokens of each place.

    Args:
        ids: Sub-token ids of shape (places, `CANDIDATES`), the most probable first.
        log_probabilities: The natural logarithms of their probabilities, of the same shape; -inf
            for sub-tokens that do not fit the place.
    """

    ids: np.ndarray[Any, np.dtype[np.int64]]
    log_probabilities: np.ndarray[Any, np.dtype[np.float32]]


class MaskedLM:
    """A masked language model and its vocabulary.

    Args:
        model: The model, on `device`.
        encoder: Its tokenizer.
        device: Where it runs.
        checksum: SHA-256 of its weights, configuration and tokenizer, or the hub's commit.
        body: What `body_of` returns, as OpenVINO computes it; None where torch does.

    Attributes:
        encoder: As given; so are `model`, `device` and `checksum`.
        body: Computes what the head is given.
        backend: What computes `body`.
        mask_id: The mask token's id.
        surfaces: The text of each sub-token, by id.
        marks_continuations: Whether the vocabulary marks sub-tokens that continue a word
            (WordPiece); others mark those that begin one.

    Raises:
        ModelError: Its tokenizer has no mask token.
    """

    def __init__(
        self,
        model: torch.nn.Module,
        encoder: WordEncoder,
        device: str,
        checksum: str,
        body: torch.nn.Module | None = None,
    ) -> None:
        tokenizer: Any = encoder.tokenizer
        if tokenizer.mask_token_id is None:
            raise ModelError(
                f"{tokenizer.name_or_path}: its tokenizer has no mask token; give a masked LM."
            )
        self.model = model
        self.encoder = encoder
        self.device = device
        self.checksum = checksum
        self.mask_id = int(tokenizer.mask_token_id)
        self.surfaces, starts, continues = _vocabulary(tokenizer)
        self._starts = starts
        size = int(cast(Any, model).config.vocab_size)
        self._allowed = torch.zeros((len(Piece), size), dtype=torch.bool)
        self._allowed[Piece.ANY.value] = True
        self.marks_continuations = type(tokenizer.backend_tokenizer.model).__name__ == "WordPiece"
        self._allowed[Piece.START.value, : len(starts)] = torch.tensor(starts)
        self._allowed[Piece.CONTINUATION.value, : len(continues)] = torch.tensor(continues)
        self._allowed = self._allowed.to(device)
        self._head = head_of(model)
        self.body = body_of(model) if body is None else body
        self.backend: Backend = "torch" if body is None else "openvino"

    @classmethod
    def load(
        cls,
        name: str | os.PathLike[str],
        *,
        revision: str | None = None,
        device: str = "auto",
        backend: BackendChoice = "torch",
    ) -> MaskedLM:
        """Load a masked LM from a folder or from the hub.

        Args:
            name: Folder or hub name.
            revision: Pinned revision of a hub model.
            device: ``auto``, ``cpu`` or ``cuda``.
            backend: What computes its forward passes: ``torch``, ``openvino`` or ``auto``. The head
                is torch's.

        Raises:
            ModelError: The model is missing, can't be reached, or is not a masked LM; or the
                backend cannot run it.
            BackendError: The backend is not installed.
        """
        name = str(name)
        device = resolve_device(device)
        config = load_config(name, revision)
        encoder = load_encoder(name, revision, config)
        model = load_masked_lm(name, revision)
        check_vocabulary(name, model, encoder)
        checksum = model_checksum(name) or str(getattr(config, "_commit_hash", None) or name)
        model = model.eval().to(device)
        part = Part(name, "states", checksum, lambda: body_of(model))
        body = converted(part, backend, device, "float32")
        with model_errors(name, "its vocabulary (tokenizer.json)"):
            return cls(pack(model), encoder, device, checksum, body)

    def suggest(self, batch: Sequence[Question], padded_length: int) -> list[Answer]:
        """Send one batch through the model and return the best sub-tokens for each place.

        Args:
            batch: Texts, none longer than `padded_length`.
            padded_length: Every text is padded to exactly this many sub-tokens.
        """
        texts = [question.input_ids for question in batch]
        inputs = model_inputs(texts, padded_length, self.encoder.pad_id, self.device)
        rows = torch.tensor([row for row, q in enumerate(batch) for _ in q.places])
        columns = torch.tensor([place for q in batch for place in q.places])
        kinds = torch.tensor([piece.value for q in batch for piece in q.pieces])
        found_ids, found = [], []
        with torch.inference_mode():
            places = self.body(**inputs)[0][rows.to(self.device), columns.to(self.device)]
            for start in range(0, len(places), HEAD_ROWS):
                part = places[start : start + HEAD_ROWS]
                allowed = self._allowed[kinds[start : start + HEAD_ROWS].to(self.device)]
                top = self._best(part, allowed)
                found.append(top.values.cpu().numpy())
                found_ids.append(top.indices.cpu().numpy())
        # What does not fit a place is -inf, by our own doing.
        name = self.encoder.tokenizer.name_or_path or "the masked LM"
        check_answers(name, (part[part != -np.inf] for part in found))
        cuts = np.cumsum([len(q.places) for q in batch])[:-1]
        return [
            Answer(*_stable(i, p))
            for i, p in zip(
                np.split(np.concatenate(found_ids), cuts),
                np.split(np.concatenate(found), cuts),
                strict=True,
            )
        ]

    def begins_word(self, identity: int) -> bool:
        """Whether a sub-token begins a word; False for punctuation."""
        return identity < len(self._starts) and self._starts[identity]

    def neighbours(self, word: str, count: int, least: float) -> tuple[str, ...]:
        """Return the words whose vectors in the model's vocabulary are nearest to a word's.

        Args:
            word: A word. It needs to be a single sub-token; others have no vector of their own.
            count: Most words.
            least: Least cosine of the two vectors.

        Returns:
            Words, the nearest first; none for a word of several sub-tokens.
        """
        encoded = self.encoder.encode([word])
        own = encoded.input_ids[encoded.first[0]]
        begin = self._allowed[Piece.START.value]
        if self.encoder.pieces(word) != 1 or not begin[own]:
            return ()
        vectors = self._unit_vectors
        cosines = (vectors @ vectors[own]).round(4)
        cosines[~begin[: len(cosines)].cpu().numpy()] = -1
        order = np.lexsort((np.arange(len(cosines)), -cosines))[: count + 1]
        found = [self.surfaces[i] for i in order if i != own and cosines[i] >= least]
        return tuple(dict.fromkeys(found))[:count]

    @cached_property
    def _unit_vectors(self) -> np.ndarray[Any, np.dtype[np.float32]]:
        """The vocabulary's word vectors without their mean, which is large, and of length 1."""
        model: Any = self.model
        vectors = model.get_input_embeddings().weight.detach().float().cpu().numpy()
        vectors = vectors - vectors.mean(axis=0)
        return cast(
            "np.ndarray[Any, np.dtype[np.float32]]",
            vectors / np.linalg.norm(vectors, axis=1, keepdims=True).clip(1e-9),
        )

    def _best(self, states: torch.Tensor, allowed: torch.Tensor) -> Any:
        filled = states
        if len(states) < HEAD_ROWS:
            filled = torch.cat([states, states[:1].expand(HEAD_ROWS - len(states), -1)])
        logits = filled if self._head is None else self._head(filled)
        scores = logits.float().log_softmax(dim=-1)[: len(states)]
        return scores.masked_fill(~allowed, -torch.inf).topk(min(CANDIDATES, scores.shape[-1]))


def load_masked_lm(name: str, revision: str | None, *, trained: bool = True) -> torch.nn.Module:
    """Return a masked LM.

    Args:
        name: Folder or hub name.
        revision: Pinned revision of a hub model.
        trained: Whether to refuse a model whose file lacks weights of the head.

    Raises:
        ModelError: The weights are missing, or those of the head are.
    """
    from transformers import AutoModelForMaskedLM

    with model_errors(name, "its weights (model.safetensors)"):
        model, loading = AutoModelForMaskedLM.from_pretrained(
            name,
            revision=revision or "main",
            dtype=torch.float32,
            use_safetensors=True,
            trust_remote_code=False,
            output_loading_info=True,
        )
    if trained and loading["missing_keys"]:
        raise ModelError(
            f"{name}: its weights file lacks {min(loading['missing_keys'])}, so it is not a "
            "masked LM; train a head with `seqattack train-masked-lm`, or give another model."
        )
    check_unused(name, model, loading["unexpected_keys"], is_whole=False)
    check_finite(name, model)
    return cast(torch.nn.Module, model)


def head_of(model: Any) -> Callable[[torch.Tensor], torch.Tensor] | None:
    """Return a masked LM's head, which follows the encoder; None where its name is not known."""
    head: Callable[[torch.Tensor], torch.Tensor] | None = getattr(
        model, "cls", getattr(model, "lm_head", None)
    )
    return head


def body_of(model: Any) -> torch.nn.Module:
    """Return what gives the head its inputs; the whole model where its head is not known."""
    body: torch.nn.Module = model if head_of(model) is None else model.base_model
    return body


def _stable(
    ids: np.ndarray[Any, Any], scores: np.ndarray[Any, Any]
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return each place's sub-tokens ordered by rounded probability; ties by id."""
    scores = scores.round(4)
    order = np.lexsort((ids, -scores), axis=-1)
    return np.take_along_axis(ids, order, -1), np.take_along_axis(scores, order, -1)


def _vocabulary(tokenizer: Any) -> tuple[list[str], list[bool], list[bool]]:
    """Return the text of each sub-token, whether it begins a word, and whether it continues one."""
    tokens = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
    state = json.loads(tokenizer.backend_tokenizer.to_str())["model"]
    special = set(tokenizer.all_special_tokens)
    if state["type"] == "WordPiece":
        prefix = state["continuing_subword_prefix"]
        begins = [not token.startswith(prefix) for token in tokens]
        surfaces = [token.removeprefix(prefix) for token in tokens]
    else:
        mark = "▁" if state["type"] == "Unigram" else "Ġ"
        begins = [token.startswith(mark) for token in tokens]
        surfaces = [tokenizer.convert_tokens_to_string([token]).strip() for token in tokens]
    words = [
        token not in special and any(map(str.isalnum, text)) and len(text.split()) == 1
        for token, text in zip(tokens, surfaces, strict=True)
    ]
    starts = [word and begin for word, begin in zip(words, begins, strict=True)]
    continues = [word and not begin for word, begin in zip(words, begins, strict=True)]
    return surfaces, starts, continues
