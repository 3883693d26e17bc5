"""Victims that read sub-token ids and give a row of numbers for each: a tokenizer and a head."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch

from seqattack.errors import ModelError
from seqattack.models.batching import model_inputs
from seqattack.models.encoding import CharacterEncoder, Encoded, WordEncoder
from seqattack.victim.heads import Head
from seqattack.victim.probabilities import Probabilities, voted
from seqattack.victim.source import WordTag
from seqattack.victim.victim import Victim

if TYPE_CHECKING:
    from torch import Tensor


class EncodedVictim(Victim):
    """A model with its tokenizer and the meaning of its outputs.

    The tag of a token is read at its first sub-token, both in training and in prediction, unless
    `word_tag` says otherwise.

    Args:
        encoder: Its tokenizer.
        head: What its outputs mean.
        checksum: SHA-256 of the weights file, or the hub's commit.

    Attributes:
        encoder: As given; so are the others.
        word_tag: Where a token's tag is read: at its ``first`` sub-token, or by a ``vote`` of all.
    """

    unit = "sub-tokens"
    word_tag: WordTag = "first"

    def __init__(self, encoder: WordEncoder, head: Head, checksum: str) -> None:
        self.encoder = encoder
        self.head = head
        self.labels = head.tags
        self.checksum = checksum
        self.max_length = encoder.max_length
        self.padding_matters = isinstance(encoder, CharacterEncoder)  # CANINE's convolutions see it

    @abstractmethod
    def logits(self, inputs: dict[str, Tensor]) -> Tensor:
        """Send one batch through the model.

        Args:
            inputs: ``input_ids`` and ``attention_mask`` on `device`, of shape (texts, sub-tokens).

        Returns:
            Of shape (texts, sub-tokens, outputs).
        """

    def probabilities(
        self, texts: Sequence[Sequence[str]], padded_length: int
    ) -> list[Probabilities]:
        """Return the probabilities of each token's tags; see `Victim.probabilities`."""
        if not texts:
            return []
        if padded_length > self.max_length:
            raise ModelError(
                f"a text of {padded_length} sub-tokens is too long: the model takes at most "
                f"{self.max_length}; split it or leave it out."
            )
        batch = [self.encoder.encode(tokens) for tokens in texts]
        ids = [item.input_ids for item in batch]
        inputs = model_inputs(ids, padded_length, self.encoder.pad_id, self.device)
        if self.word_tag == "first":
            parts = self._rows(inputs, [item.first for item in batch])
        else:
            parts = self._voted_rows(inputs, batch, texts)
        return [self.head.read(part) for part in parts]

    def _voted_rows(
        self,
        inputs: dict[str, Tensor],
        batch: Sequence[Encoded],
        texts: Sequence[Sequence[str]],
    ) -> list[Probabilities]:
        """Return the probabilities of each text's tokens by a vote of their sub-tokens."""
        measured = [[self.encoder.widths(token) for token in tokens] for tokens in texts]
        places = [
            [
                start + n
                for start, each in zip(item.first, widths, strict=True)
                for n, _ in enumerate(each)
            ]
            for item, widths in zip(batch, measured, strict=True)
        ]
        parts = []
        for rows, widths in zip(self._rows(inputs, places), measured, strict=True):
            first = np.cumsum([0, *(len(each) for each in widths)])[:-1].tolist()
            parts.append(voted(rows, [width for each in widths for width in each], first))
        return parts

    def _rows(
        self, inputs: dict[str, Tensor], places: Sequence[Sequence[int]]
    ) -> list[Probabilities]:
        """Return the probabilities at some places of each text of a batch."""
        rows = torch.tensor([row for row, each in enumerate(places) for _ in each])
        columns = torch.tensor([place for each in places for place in each])
        with torch.inference_mode():
            logits = self.logits(inputs)
            wanted = logits[rows.to(self.device), columns.to(self.device)]
            if self.head.columns is not None:
                wanted = wanted[:, list(self.head.columns)]
            flat = wanted.float().softmax(dim=-1).cpu().numpy()
        return np.split(flat, np.cumsum([len(each) for each in places])[:-1])

    def length(self, tokens: Sequence[str]) -> int:
        """Return a text's number of sub-tokens, special tokens included."""
        return self.encoder.length(tokens)

    def pieces(self, token: str) -> int:
        """Return the number of sub-tokens of a token, at least 1."""
        return self.encoder.pieces(token)
