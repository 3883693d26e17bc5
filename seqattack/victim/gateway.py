"""The one way to the victim: batches, caches and counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakKeyDictionary

import numpy as np

from seqattack.models.batch_size import BATCH_TOKENS
from seqattack.models.batching import PROBES, BatchedModel
from seqattack.models.encoding import Encoded, WordEncoder
from seqattack.models.memo import Memo
from seqattack.models.scheduling import Compute, compute_now

if TYPE_CHECKING:
    from seqattack.victim.probabilities import Probabilities


class TokenClassifier(Protocol):
    """What the gateway needs of a victim, such as a `seqattack.victim.model.Victim`."""

    encoder: WordEncoder
    labels: tuple[str, ...]

    def probabilities(
        self, batch: Sequence[Encoded], padded_length: int
    ) -> list[np.ndarray[Any, np.dtype[np.float32]]]:
        """Return an array of shape (tokens, tags) for each text."""
        ...


_measured: WeakKeyDictionary[TokenClassifier, dict[int, bool]] = WeakKeyDictionary()
"""By victim and size of a batch, whether its batches must have one shape."""


class Gateway(BatchedModel[Encoded, "Probabilities"]):
    """Sends texts through the victim; all calls of the model go through a gateway.

    Args:
        victim: The model.
        batch_tokens: Sub-tokens in a full batch, padding included.
        fixed_shapes: As for `BatchedModel`; what was measured counts for all of a victim's
            gateways.
    """

    def __init__(
        self,
        victim: TokenClassifier,
        batch_tokens: int = BATCH_TOKENS,
        fixed_shapes: bool | None = None,
    ) -> None:
        super().__init__(batch_tokens, victim.encoder.max_length, fixed_shapes)
        self.victim = victim
        self._measured = _measured.setdefault(victim, {})

    def length(self, item: Encoded) -> int:
        """Return an encoded text's number of sub-tokens."""
        return len(item.input_ids)

    def forward(self, items: Sequence[Encoded], length: int) -> Sequence[Probabilities]:
        """Return the probabilities of each text, of shape (tokens, tags)."""
        return self.victim.probabilities(items, length)

    def probes(self) -> Sequence[Encoded]:
        """Return sample texts for testing batch invariance."""
        return [self.victim.encoder.encode(tokens) for tokens in PROBES]

    def arrays(self, result: Probabilities) -> Sequence[Probabilities]:
        """Return the probabilities themselves."""
        return (result,)


class Session:
    """One sentence's view of the victim: its own cache and its own counts.

    The cache belongs to the sentence, so that the number of forward passes does not depend on
    which other sentences were attacked before.

    Args:
        gateway: Sends texts through the victim.
        compute: Has them computed, such as a scheduler's `compute`, which batches them with those
            of other sentences.

    Attributes:
        labels: The victim's tags in the order of their ids.
    """

    def __init__(self, gateway: Gateway, compute: Compute = compute_now) -> None:
        self.labels = gateway.victim.labels
        self._encoder = gateway.victim.encoder
        self._memo: Memo[tuple[str, ...], Probabilities] = Memo(compute, gateway)

    @property
    def forward_passes(self) -> int:
        """Texts sent through the victim for this sentence."""
        return self._memo.computed

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
        return self._memo.ask(texts, self._encoder.encode)
