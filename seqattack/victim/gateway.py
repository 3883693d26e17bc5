"""The one gateway to the victim: caching, batching and counting (DESIGN: One gateway).

A text's probabilities must not depend on what shares its batch. Every text is padded to a length
that follows from its own length alone; whether the number of rows in a batch matters is measured
once at the start, and where it does (some GPU kernels), partial batches are filled up so that
every batch of a bucket has the same shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from seqattack.scheduling import Scheduler, compute_now
from seqattack.victim.encoding import Encoded, WordEncoder
from seqattack.victim.model import bucket_length

if TYPE_CHECKING:
    from seqattack.attack.goals import Probabilities


class TokenClassifier(Protocol):
    """What the gateway needs of a victim: `seqattack.victim.model.Victim` has it."""

    encoder: WordEncoder
    labels: tuple[str, ...]

    def probabilities(
        self, batch: Sequence[Encoded], padded_length: int
    ) -> list[np.ndarray[Any, np.dtype[np.float32]]]:
        """Return one array of shape (tokens, tags) a text."""
        ...


class Gateway:
    """A scheduler's service that sends texts through the victim.

    Args:
        victim: The model under attack.
        batch_tokens: Sub-tokens, padding included, of a full batch.
        fixed_shapes: Fill partial batches up to the bucket's full size; None measures whether that
            is needed.

    Attributes:
        rows: Texts sent through the model so far, fillers not counted.
        batches: Forward calls so far.
    """

    def __init__(
        self,
        victim: TokenClassifier,
        batch_tokens: int = 512,
        fixed_shapes: bool | None = None,
    ) -> None:
        self.victim = victim
        self.batch_tokens = batch_tokens
        self.rows = 0
        self.batches = 0
        if fixed_shapes is None:
            fixed_shapes = not is_batch_invariant(victim, self._largest_batch(16))
        self.fixed_shapes = fixed_shapes

    def bucket(self, item: Encoded) -> int:
        """Return the padded length of an encoded text."""
        return bucket_length(len(item.input_ids), self.victim.encoder.max_length)

    def capacity(self, bucket: int) -> int:
        """Return how many texts of a padded length make a full batch."""
        return self._largest_batch(bucket)

    def compute(self, bucket: int, items: Sequence[Encoded]) -> list[Probabilities]:
        """Return the probabilities of each text; halve the batch where memory runs out."""
        from seqattack.victim.model import is_out_of_memory

        batch = list(items)
        if self.fixed_shapes:
            batch += [batch[0]] * (self.capacity(bucket) - len(batch))
        try:
            results = self.victim.probabilities(batch, bucket)[: len(items)]
        except RuntimeError as error:
            if len(items) == 1 or not is_out_of_memory(error):
                raise
            half = len(items) // 2
            return self.compute(bucket, items[:half]) + self.compute(bucket, items[half:])
        self.rows += len(items)
        self.batches += 1
        return results

    def _largest_batch(self, length: int) -> int:
        return max(1, self.batch_tokens // length)


class Session:
    """One sentence's view of the victim: its own cache and its own counts.

    The cache is the sentence's own so that the count of forward passes does not depend on which
    other sentences were attacked before.

    Args:
        gateway: Sends texts through the victim.
        scheduler: Batches them with other sentences'; None computes at once.

    Attributes:
        forward_passes: Texts sent through the victim for this sentence.
    """

    def __init__(self, gateway: Gateway, scheduler: Scheduler[Any] | None = None) -> None:
        self.labels = gateway.victim.labels
        self.forward_passes = 0
        self._gateway = gateway
        self._encoder = gateway.victim.encoder
        self._scheduler = scheduler
        self._cache: dict[tuple[str, ...], Probabilities] = {}

    @property
    def unk_token(self) -> str:
        """The victim's unknown token."""
        return self._encoder.unk_token

    def pieces(self, token: str) -> int:
        """Return the number of sub-tokens of a token."""
        return self._encoder.pieces(token)

    def fits(self, tokens: Sequence[str]) -> bool:
        """Whether the victim can take a text of these tokens."""
        return self._encoder.fits(tokens)

    def probabilities(self, texts: Sequence[tuple[str, ...]]) -> list[Probabilities]:
        """Return, for each token sequence, probabilities of shape (tokens, tags).

        A text goes through the model once, however often it is asked for.
        """
        missing = [text for text in dict.fromkeys(texts) if text not in self._cache]
        items = [self._encoder.encode(text) for text in missing]
        if self._scheduler is None:
            answers = compute_now(self._gateway, items)
        else:
            answers = self._scheduler.compute(self._gateway, items)
        self.forward_passes += len(missing)
        self._cache.update(zip(missing, answers, strict=True))
        return [self._cache[text] for text in texts]


def is_batch_invariant(victim: TokenClassifier, rows: int) -> bool:
    """Whether a text's probabilities are the same bytes alone and in batches of other sizes.

    Args:
        victim: The model to try.
        rows: The largest batch to try.
    """
    words = ("Reuters", "said", "on", "Friday", "that", "Leeds", "won", "3-1", "in", "Rome", ".")
    for tokens in (words[:7], words):
        item = victim.encoder.encode(tokens)
        length = bucket_length(len(item.input_ids), victim.encoder.max_length)
        alone = victim.probabilities([item], length)[0]
        for size in {2, 3, max(2, rows // 2), max(2, rows)}:
            batch = victim.probabilities([item] * size, length)
            if not all(np.array_equal(alone, row) for row in (batch[0], batch[-1])):
                return False
    return True
