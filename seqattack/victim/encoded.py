"""Victims that read sub-token ids and give a row of numbers for each: a tokenizer and a head."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch

from seqattack.errors import ModelError
from seqattack.models.batching import model_inputs
from seqattack.models.encoding import CharacterEncoder, WordEncoder
from seqattack.victim.heads import Head
from seqattack.victim.probabilities import Probabilities
from seqattack.victim.victim import Victim

if TYPE_CHECKING:
    from torch import Tensor


class EncodedVictim(Victim):
    """A model with its tokenizer and the meaning of its outputs.

    The tag of a token is read at its first sub-token, both in training and in prediction.

    Args:
        encoder: Its tokenizer.
        head: What its outputs mean.
        checksum: SHA-256 of the weights file, or the hub's commit.

    Attributes:
        encoder: As given; so are the others.
    """

    unit = "sub-tokens"

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
        """Return the probabilities at each token's first sub-token; see `Victim.probabilities`."""
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
        rows = torch.tensor([row for row, item in enumerate(batch) for _ in item.first])
        columns = torch.tensor([position for item in batch for position in item.first])
        with torch.inference_mode():
            logits = self.logits(inputs)
            wanted = logits[rows.to(self.device), columns.to(self.device)]
            if self.head.columns is not None:
                wanted = wanted[:, list(self.head.columns)]
            flat = wanted.float().softmax(dim=-1).cpu().numpy()
        parts = np.split(flat, np.cumsum([len(item.first) for item in batch])[:-1])
        return [self.head.read(part) for part in parts]

    def length(self, tokens: Sequence[str]) -> int:
        """Return a text's number of sub-tokens, special tokens included."""
        return self.encoder.length(tokens)

    def pieces(self, token: str) -> int:
        """Return the number of sub-tokens of a token, at least 1."""
        return self.encoder.pieces(token)
