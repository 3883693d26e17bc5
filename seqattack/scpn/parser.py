"""What a constituency parser is, and parsers as a service of a scheduler."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from nltk import Tree

from seqattack.models.batch_size import BATCH_TOKENS
from seqattack.models.batching import PROBES, BatchedModel

Tokens = tuple[str, ...]
"""The tokens of a sentence."""


class Parser(ABC):
    """Parses tokenized sentences.

    Attributes:
        name: What trees depend on: ``shallow``, a server's address, or a checksum of a model.
        is_batched: Whether several sentences are parsed faster together than one by one.
    """

    name: str
    is_batched = False

    @abstractmethod
    def parse(self, tokens: Sequence[str]) -> Tree:
        """Return a ``ROOT`` tree in the Penn Treebank's categories, with `tokens` as its leaves."""

    def parse_all(self, sentences: Sequence[Sequence[str]]) -> list[Tree]:
        """Return the tree of each sentence, which does not depend on the others."""
        return [self.parse(tokens) for tokens in sentences]


class ParseService(BatchedModel[Tokens, Tree]):
    """Sends sentences through a parser: in full batches, or one by one if it has no batches.

    Args:
        parser: The parser. Its trees do not depend on the batch, so that no batch is filled up.
        batch_tokens: Tokens in a full batch, padding included.
    """

    tries_sizes = False

    def __init__(self, parser: Parser, batch_tokens: int = BATCH_TOKENS) -> None:
        super().__init__(batch_tokens, longest=1 << 30, fixed_shapes=False)
        self.parser = parser

    def length(self, item: Tokens) -> int:
        """Return the number of tokens."""
        return len(item)

    def capacity(self, bucket: int) -> int:
        """Return how many sentences make a full batch; one for a parser without batches."""
        return super().capacity(bucket) if self.parser.is_batched else 1

    def forward(self, items: Sequence[Tokens], length: int) -> Sequence[Tree]:
        """Return the tree of each sentence; the parser does the padding."""
        return self.parser.parse_all(items)

    def probes(self) -> Sequence[Tokens]:
        """Return two sentences of different lengths."""
        return PROBES

    def arrays(self, result: Tree) -> Sequence[np.ndarray[Any, Any]]:
        """Return the tree, written out."""
        return (np.array(str(result)),)
