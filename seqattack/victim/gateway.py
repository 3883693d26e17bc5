"""The one gateway to the victim: caching, batching and counting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from seqattack.models.batching import PROBES, BatchedModel
from seqattack.models.encoding import Encoded, WordEncoder
from seqattack.models.scheduling import Compute, compute_now

if TYPE_CHECKING:
    from seqattack.victim.probabilities import Probabilities


class TokenClassifier(Protocol):
    """What the gateway needs of a victim: `seqattack.victim.model.Victim` has it."""

    encoder: WordEncoder
    labels: tuple[str, ...]

    def probabilities(
        self, batch: Sequence[Encoded], padded_length: int
    ) -> list[np.ndarray[Any, np.dtype[np.float32]]]:
        """Return one array of shape (tokens, tags) a text."""
        ...


class Gateway(BatchedModel[Encoded, "Probabilities"]):
    """A scheduler's service that sends texts through the victim.

    Args:
        victim: The model under attack.
        batch_tokens: Sub-tokens, padding included, of a full batch.
        fixed_shapes: As for `BatchedModel`.
    """

    def __init__(
        self,
        victim: TokenClassifier,
        batch_tokens: int = 512,
        fixed_shapes: bool | None = None,
    ) -> None:
        super().__init__(batch_tokens, victim.encoder.max_length, fixed_shapes)
        self.victim = victim

    def length(self, item: Encoded) -> int:
        """Return an encoded text's sub-tokens."""
        return len(item.input_ids)

    def forward(self, items: Sequence[Encoded], length: int) -> Sequence[Probabilities]:
        """Return the probabilities of each text, of shape (tokens, tags)."""
        return self.victim.probabilities(items, length)

    def probes(self) -> Sequence[Encoded]:
        """Return texts to measure with whether what shares a batch changes a result."""
        return [self.victim.encoder.encode(tokens) for tokens in PROBES]

    def arrays(self, result: Probabilities) -> Sequence[Probabilities]:
        """Return the probabilities themselves."""
        return (result,)


class Session:
    """One sentence's view of the victim: its own cache and its own counts.

    The cache is the sentence's own so that the count of forward passes does not depend on which
    other sentences were attacked before.

    Args:
        gateway: Sends texts through the victim.
        compute: Such as a scheduler's, which batches them with other sentences'.

    Attributes:
        forward_passes: Texts sent through the victim for this sentence.
    """

    def __init__(self, gateway: Gateway, compute: Compute = compute_now) -> None:
        self.labels = gateway.victim.labels
        self.forward_passes = 0
        self._gateway = gateway
        self._encoder = gateway.victim.encoder
        self._compute = compute
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
        answers = self._compute(self._gateway, [self._encoder.encode(text) for text in missing])
        self.forward_passes += len(missing)
        self._cache.update(zip(missing, answers, strict=True))
        return [self._cache[text] for text in texts]
