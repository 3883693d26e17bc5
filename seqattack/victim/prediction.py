"""The victim's tags for many sentences at once."""

from __future__ import annotations

from collections.abc import Sequence

from seqattack.models.scheduling import compute_now
from seqattack.victim.gateway import Gateway
from seqattack.victim.probabilities import Probabilities
from seqattack.victim.victim import Victim


def predict(
    victim: Victim, texts: Sequence[Sequence[str]], batch_tokens: int = 4096
) -> list[Probabilities]:
    """Return the probabilities of many texts, in their order.

    Args:
        victim: The model.
        texts: Token sequences.
        batch_tokens: Sub-tokens in a full batch, padding included; a batch that does not fit into
            memory is halved, and so are those after it.

    Returns:
        For each text a float32 array of shape (tokens, tags); it does not depend on the other
        texts.
    """
    return compute_now(Gateway(victim, batch_tokens), texts)


def decode(probabilities: Probabilities, labels: Sequence[str]) -> tuple[str, ...]:
    """Return the most probable tag of each token, not repaired to IOB2.

    Args:
        probabilities: Of shape (tokens, tags).
        labels: The tags in the order of their ids.

    Example:
        >>> import numpy as np
        >>> decode(np.array([[0.9, 0.1], [0.2, 0.8]], dtype=np.float32), ("O", "B-LOC"))
        ('O', 'B-LOC')
    """
    return tuple(labels[index] for index in probabilities.argmax(axis=1))
