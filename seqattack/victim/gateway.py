"""The one way to the victim: batches, caches and counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from seqattack.models.batch_size import BATCH_TOKENS
from seqattack.models.batching import PROBES, BatchedModel
from seqattack.models.memo import Memo
from seqattack.models.scheduling import Compute, compute_now
from seqattack.models.soundness import check_answers

if TYPE_CHECKING:
    from seqattack.victim.probabilities import Probabilities
    from seqattack.victim.victim import Victim

Tokens = Sequence[str]


_measured: WeakKeyDictionary[Victim, dict[int, bool]] = WeakKeyDictionary()
"""By victim and size of a batch, whether its batches must have one shape."""


class Gateway(BatchedModel[Tokens, "Probabilities"]):
    """Sends texts through the victim; all calls of the model go through a gateway.

    Args:
        victim: The model.
        batch_tokens: Sub-tokens in a full batch, padding included.
        fixed_shapes: As for `BatchedModel`; what was measured counts for all of a victim's
            gateways.
    """

    def __init__(
        self,
        victim: Victim,
        batch_tokens: int = BATCH_TOKENS,
        fixed_shapes: bool | None = None,
    ) -> None:
        if victim.batch_size is not None:
            fixed_shapes = False
            self.tries_sizes = False
        super().__init__(batch_tokens, victim.max_length, fixed_shapes)
        self.victim = victim
        self.backend = victim.backend
        self._measured = _measured.setdefault(victim, {})

    def bucket(self, item: Tokens) -> int:
        """Return the padded length of a text; 0 where the victim pads for itself."""
        if self.victim.batch_size is not None:
            return 0
        return self.length(item) if self.victim.padding_matters else super().bucket(item)

    def capacity(self, bucket: int) -> int:
        """Return how many texts of a padded length make a full batch."""
        return self.victim.batch_size or super().capacity(bucket)

    def length(self, item: Tokens) -> int:
        """Return a text's length as the victim counts it."""
        return self.victim.length(item)

    def forward(self, items: Sequence[Tokens], length: int) -> Sequence[Probabilities]:
        """Return the probabilities of each text, of shape (tokens, tags).

        Raises:
            ModelError: The victim answers NaN or infinity.
        """
        found = self.victim.probabilities(items, length)
        check_answers(self.victim.name, found, [" ".join(tokens) for tokens in items])
        return found

    def probes(self) -> Sequence[Tokens]:
        """Return sample texts for testing batch invariance, cut to what the victim takes."""
        return [self._cut(tokens) for tokens in PROBES]

    def _cut(self, tokens: Tokens) -> Tokens:
        while len(tokens) > 1 and not self.victim.fits(tokens):
            tokens = tokens[:-1]
        return tokens

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
        hard_labels: Whether the victim gives tags without probabilities.
    """

    def __init__(self, gateway: Gateway, compute: Compute = compute_now) -> None:
        self.labels = gateway.victim.labels
        self.hard_labels = gateway.victim.hard_labels
        self._victim = gateway.victim
        self._memo: Memo[tuple[str, ...], Probabilities] = Memo(compute, gateway)

    @property
    def forward_passes(self) -> int:
        """Texts sent through the victim for this sentence."""
        return self._memo.computed

    @property
    def victim_id(self) -> str:
        """The victim's id; see `Victim.id`."""
        return self._victim.id

    @property
    def unk_token(self) -> str:
        """The victim's unknown token."""
        return self._victim.unk_token

    def pieces(self, token: str) -> int:
        """Return the number of sub-tokens of a token."""
        return self._victim.pieces(token)

    def fits(self, tokens: Sequence[str]) -> bool:
        """Whether the victim can take a text of these tokens."""
        return self._victim.fits(tokens)

    def probabilities(self, texts: Sequence[tuple[str, ...]]) -> list[Probabilities]:
        """Return, for each token sequence, probabilities of shape (tokens, tags).

        A text goes through the model once, however often it is asked for.
        """
        return self._memo.ask(texts)
