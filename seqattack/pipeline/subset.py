"""The sentences that every attack and every victim share (paper, section 4.1)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from seqattack.errors import ShortageError
from seqattack.sentence import Sentence
from seqattack.tags import entity_tokens

if TYPE_CHECKING:
    from seqattack.victim.victim import Victim

Order = Literal["corpus", "shuffled"]


@dataclass(frozen=True, slots=True)
class Subset:
    """The chosen sentences and how many were to choose from.

    Args:
        sentences: The chosen ones, in order.
        examined: All sentences of the corpus.
        with_entity: Those with at least one entity.
        qualified: Those of them that the victim gets right enough.
        too_long: Ids of those with an entity that are too long for the victim, and so for attacks.
    """

    sentences: tuple[Sentence, ...]
    examined: int
    with_entity: int
    qualified: int
    too_long: tuple[str, ...] = ()


def pick_samples(
    sentences: Sequence[Sentence],
    victim: Victim,
    size: int,
    max_wrong: float = 0.1,
    order: Order = "corpus",
    seed: int = 0,
) -> Subset:
    """Pick the sentences to attack (paper, section 4.1).

    A sentence qualifies if it has an entity, the victim takes it whole, and it gets at most
    `max_wrong` of its entity tokens wrong.

    Args:
        sentences: Usually the test set.
        victim: The full-data victim.
        size: How many to pick (the paper: 256).
        max_wrong: Largest share of wrong entity tokens (the paper: 0.1).
        order: The first in corpus order, or the first of a seeded shuffle.
        seed: For the shuffle.

    Raises:
        ShortageError: Fewer than `size` sentences qualify.
    """
    from seqattack.victim.prediction import decode, predict
    from seqattack.victim.windows import leave_out_long

    with_entity = [sentence for sentence in sentences if entity_tokens(sentence.tags)]
    candidates, too_long = leave_out_long(with_entity, victim.fits)
    predictions = predict(victim, [sentence.tokens for sentence in candidates])
    qualified = [
        sentence
        for sentence, probabilities in zip(candidates, predictions, strict=True)
        if share_wrong(sentence.tags, decode(probabilities, victim.labels)) <= max_wrong
    ]
    if len(qualified) < size:
        raise ShortageError(
            f"{size} sentences were asked for, but of {len(sentences)} only {len(with_entity)} "
            f"have an entity, {len(too_long)} of them are too long for the victim, and only "
            f"{len(qualified)} are tagged well enough (at most {max_wrong:.0%} of entity tokens "
            f"wrong); set subset.size to {len(qualified)} or less, raise subset.max_wrong, or "
            "train a better victim."
        )
    chosen = qualified if order == "corpus" else _shuffled(qualified, seed)
    return Subset(tuple(chosen[:size]), len(sentences), len(with_entity), len(qualified), too_long)


def share_wrong(tags: Sequence[str], predicted: Sequence[str]) -> float:
    """Return the share of entity tokens whose predicted tag differs from the true one.

    >>> share_wrong(["B-PER", "O", "B-LOC"], ["B-PER", "B-LOC", "O"])
    0.5
    """
    tokens = entity_tokens(tags)
    return sum(predicted[i] != tags[i] for i in tokens) / len(tokens)


def _shuffled(sentences: Sequence[Sentence], seed: int) -> list[Sentence]:
    return random.Random(seed).sample(list(sentences), len(sentences))
