"""The victim's tags for many sentences at once."""

from __future__ import annotations

from collections.abc import Sequence

from seqattack.models.batching import bucket_length, is_out_of_memory
from seqattack.victim.model import Victim
from seqattack.victim.probabilities import Probabilities


def predict(
    victim: Victim, texts: Sequence[Sequence[str]], batch_tokens: int = 4096
) -> list[Probabilities]:
    """Return the probabilities of many texts, in their order.

    Texts of one padded length share a batch, so the results do not depend on the other texts; a
    batch that does not fit into memory is halved, and so are those behind it.

    Args:
        victim: The model.
        texts: Token sequences.
        batch_tokens: Sub-tokens, padding included, of a full batch.

    Returns:
        For each text a float32 array of shape (tokens, tags).
    """
    encoded = [victim.encoder.encode(tokens) for tokens in texts]
    buckets: dict[int, list[int]] = {}
    for index, item in enumerate(encoded):
        length = bucket_length(len(item.input_ids), victim.encoder.max_length)
        buckets.setdefault(length, []).append(index)
    found: dict[int, Probabilities] = {}
    for length, indices in sorted(buckets.items(), reverse=True):
        while indices:
            batch = indices[: max(1, batch_tokens // length)]
            try:
                outputs = victim.probabilities([encoded[i] for i in batch], length)
            except RuntimeError as error:
                if len(batch) == 1 or not is_out_of_memory(error):
                    raise
                batch_tokens = len(batch) // 2 * length
                continue
            found.update(zip(batch, outputs, strict=True))
            indices = indices[len(batch) :]
    return [found[index] for index in range(len(encoded))]


def decode(probabilities: Probabilities, labels: Sequence[str]) -> tuple[str, ...]:
    """Return the most probable tag of each token, as it is: not repaired to IOB2.

    Args:
        probabilities: Of shape (tokens, tags).
        labels: The tags in the order of their ids.

    Example:
        >>> import numpy as np
        >>> decode(np.array([[0.9, 0.1], [0.2, 0.8]], dtype=np.float32), ("O", "B-LOC"))
        ('O', 'B-LOC')
    """
    return tuple(labels[index] for index in probabilities.argmax(axis=1))
