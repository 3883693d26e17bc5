"""Adversarial training sets (paper, section 3.2): nested, and the same however they are made.

The small victim is attacked on its own training set in a seeded order. The first N successes of
that order are the adversarial examples, so neither the number of shards nor the size of a wave
changes which examples win.
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from seqattack.errors import ShortageError
from seqattack.files.checksums import sha256_json
from seqattack.records import AttackRecord, Outcome
from seqattack.sentence import Sentence

if TYPE_CHECKING:
    from seqattack.victim.victim import Victim


def attack_order(sentences: Sequence[Sentence], recipe: str, seed: int) -> list[Sentence]:
    """Return the sentences with an entity in the order in which they are attacked.

    Args:
        sentences: The training set.
        recipe: The attack's name; every recipe has an order of its own.
        seed: The run's seed.
    """
    rng = random.Random(sha256_json(["augmentation", seed, recipe]))
    attackable = [sentence for sentence in sentences if sentence.entities]
    return rng.sample(attackable, len(attackable))


@dataclass(frozen=True, slots=True)
class Wave:
    """How far the attack on the training set has come after a wave of shards.

    Args:
        shards: Shards attacked so far, from the beginning of the order.
        sentences: Sentences attacked so far.
        available: Sentences that can be attacked.
        successes: Adversarial examples found so far.
        wanted: Adversarial examples wanted.
        next_shards: Shards after the next wave; equal to `shards` when no wave is left to do.
    """

    shards: int
    sentences: int
    available: int
    successes: int
    wanted: int
    next_shards: int

    @property
    def is_last(self) -> bool:
        """Whether enough examples are found or no sentence is left."""
        return self.next_shards == self.shards


def first_wave(wanted: int, available: int, shard_size: int) -> int:
    """Return the number of shards of the first wave: fewer sentences can't give enough examples.

    Args:
        wanted: Adversarial examples wanted.
        available: Sentences that can be attacked.
        shard_size: Sentences in a full shard.

    >>> first_wave(wanted=500, available=4000, shard_size=128)
    4
    """
    return math.ceil(min(wanted, available) / shard_size)


def measure_wave(
    records: Iterable[AttackRecord], shards: int, shard_size: int, wanted: int, available: int
) -> Wave:
    """Count successes and plan the next wave from the rate seen so far.

    Args:
        records: Of all shards so far.
        shards: How many shards these are.
        shard_size: Sentences in a full shard.
        wanted: Adversarial examples wanted.
        available: Sentences that can be attacked.
    """
    sentences = successes = 0
    for record in records:
        sentences += 1
        successes += record.outcome is Outcome.SUCCESS
    all_shards = math.ceil(available / shard_size)
    if successes >= wanted:
        following = shards
    else:
        rate = max(successes, 1) / max(sentences, 1)
        more = math.ceil(1.1 * (wanted - successes) / rate / shard_size)
        following = min(shards + more, all_shards)
    return Wave(shards, sentences, available, successes, wanted, following)


def adversarial_examples(records: Iterable[AttackRecord], wanted: int) -> list[Sentence]:
    """Return the first `wanted` successes as training sentences.

    An example keeps its gold tags and takes its sentence's id with the recipe's name behind it, so
    that a mixture can have examples of several recipes that were made of one sentence.

    Args:
        records: In the seeded order.
        wanted: How many examples.

    Raises:
        ShortageError: Fewer sentences could be attacked with success.
    """
    examples = list(islice(_examples(records), wanted))
    if len(examples) < wanted:
        raise ShortageError(
            f"{wanted} adversarial examples were asked for, but the whole training set gave only "
            f"{len(examples)}; ask for at most {len(examples)} of this recipe (in the config's "
            "adversarial_training: sizes, which are totals where there are several recipes), or "
            "give the small victim more sentences."
        )
    return examples


def needed_edits(records: Sequence[AttackRecord], victim: Victim) -> list[AttackRecord]:
    """Return successes with only the edits that they need; what was saved goes to the log.

    Args:
        records: Of successful attacks; see `seqattack.explain.minimal.minimal`.
        victim: The victim that was attacked.
    """
    from seqattack.explain.minimal import minimal, reduction

    reduced = [minimal(record, victim) for record in records]
    print(reduction(records, reduced), file=sys.stderr)
    return reduced


def _examples(records: Iterable[AttackRecord]) -> Iterator[Sentence]:
    for record in records:
        if record.adversarial is not None:
            adversarial = record.adversarial
            yield Sentence(f"{record.id}-{record.recipe}", adversarial.tokens, adversarial.tags)


def take(sentences: Sequence[Sentence], limit: str, where: str) -> list[Sentence]:
    """Return the first sentences.

    Args:
        sentences: To choose from.
        limit: A number, or ``all``.
        where: What the sentences are, for the message.

    Raises:
        ShortageError: There are fewer.
    """
    if limit == "all":
        return list(sentences)
    if int(limit) > len(sentences):
        raise ShortageError(
            f"{where} has {len(sentences)} sentences, but {limit} were asked for; "
            "lower the number in the config."
        )
    return list(sentences[: int(limit)])
