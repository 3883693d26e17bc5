"""The victim's tags for many sentences at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from seqattack.models.scheduling import compute_now
from seqattack.records import Prediction
from seqattack.victim.gateway import Gateway
from seqattack.victim.probabilities import Probabilities
from seqattack.victim.victim import Victim
from seqattack.victim.windows import Window, windows


def predict(
    victim: Victim, texts: Sequence[Sequence[str]], batch_tokens: int = 4096
) -> list[Probabilities]:
    """Return the probabilities of many texts, in their order.

    Args:
        victim: The model.
        texts: Token sequences; one that is too long for the victim is predicted in overlapping
            windows.
        batch_tokens: Sub-tokens in a full batch, padding included; a batch that does not fit into
            memory is halved, and so are those after it.

    Returns:
        For each text a float32 array of shape (tokens, tags); it does not depend on the other
        texts.
    """
    parts = [windows(tokens, victim.fits) for tokens in texts]
    texts = [window.tokens for part in parts for window in part]
    rows = iter(compute_now(Gateway(victim, batch_tokens), texts))
    return [_joined(part, rows) for part in parts]


def _joined(part: Sequence[Window], rows: Iterator[Probabilities]) -> Probabilities:
    """Return the probabilities of a text from those of its windows, the next of `rows`."""
    kept = [next(rows)[window.skip : window.skip + window.keep] for window in part]
    return kept[0] if len(kept) == 1 else np.concatenate(kept)


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


def predicted_text(
    tokens: Sequence[str],
    tags: Sequence[str],
    probabilities: Probabilities,
    labels: Sequence[str],
) -> Prediction:
    """Return a text with what the victim makes of it.

    Args:
        tokens: Its tokens.
        tags: Their true tags.
        probabilities: The victim's, of shape (tokens, tags).
        labels: The tags in the order of their ids.
    """
    confidence = tuple(round(float(row.max()), 4) for row in probabilities)
    return Prediction(tuple(tokens), tuple(tags), decode(probabilities, labels), confidence)
