"""What becomes of entities: found, another class, other bounds or missed; and spurious ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from seqattack.metrics.alignment import token_positions
from seqattack.metrics.entities import exact_entities
from seqattack.records import AttackRecord
from seqattack.tags import Entity, entities


@dataclass(frozen=True, slots=True)
class EntityOutcomes:
    """Counts over texts; the first four add up to the number of true entities.

    Args:
        found: True entities that are predicted with their bounds and class.
        type: True entities that are predicted with another class, whatever the bounds.
        boundary: True entities that are predicted with their class but other bounds.
        missed: True entities that share no token with a predicted one.
        spurious: Predicted entities that share no token with a true one.
        newly_broken: Entity tokens that are wrong after the attack and were right before.
        already_wrong: Entity tokens that were wrong before the attack.
    """

    found: int
    type: int
    boundary: int
    missed: int
    spurious: int
    newly_broken: int = 0
    already_wrong: int = 0

    @property
    def entities(self) -> int:
        """The number of true entities."""
        return self.found + self.type + self.boundary + self.missed


def entity_outcomes(records: Iterable[AttackRecord]) -> EntityOutcomes:
    """Return what became of the entities of an attack's sentences.

    A success counts with its adversarial example, every other sentence with its original.

    Args:
        records: The records of one attack.
    """
    total: Counter[str] = Counter()
    for record in records:
        final = record.final
        total.update(compare_entities(final.tags, final.predicted))
        total["newly_broken"] += len(record.newly_broken)
        total["already_wrong"] += len(record.already_wrong)
    return EntityOutcomes(**{name: total[name] for name in EntityOutcomes.__slots__})


def found_and_lost(record: AttackRecord) -> tuple[int, int]:
    """Return how many entities were found exactly before the attack, and how many no more after it.

    This is the success of an attack by spans: exact as in strict precision and recall. An entity
    stands for those of the adversarial example that share an aligned token with it: one of another
    class in its place, or the two halves into which an inserted token splits it, of which both must
    be found. An entity that is not in the adversarial example any more, as in a paraphrase, is in
    neither number.

    Args:
        record: Without an adversarial example, nothing is lost.
    """
    before = exact_entities(record.original.tags, record.original.predicted)
    if record.adversarial is None:
        return len(before), 0
    positions = token_positions(record.original.tokens, record.adversarial.tokens)
    after = exact_entities(record.adversarial.tags, record.adversarial.predicted)
    now = entities(record.adversarial.tags)
    found = lost = 0
    for entity in before:
        places = {positions[i] for i in range(entity.start, entity.end) if i in positions}
        there = {each for each in now if not places.isdisjoint(range(each.start, each.end))}
        found += bool(there)
        lost += not there <= after
    return found, lost


def compare_entities(tags: Sequence[str], predicted: Sequence[str]) -> Counter[str]:
    """Return how often each outcome occurs in one text.

    Args:
        tags: The true tags.
        predicted: The victim's tags; they are repaired to IOB2 here.

    Example:
        >>> sorted(compare_entities(["B-PER", "I-PER", "O"], ["O", "B-PER", "B-LOC"]).items())
        [('boundary', 1), ('spurious', 1)]
    """
    return Counter(outcome for outcome, _ in each_outcome(tags, predicted))


def each_outcome(
    tags: Sequence[str], predicted: Sequence[str]
) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield each outcome in one text with its classes; see `compare_entities`.

    Its classes are that of the true entity, of a type error also those that are predicted instead,
    and of a spurious entity the predicted one.

    Args:
        tags: The true tags.
        predicted: The victim's tags; they are repaired to IOB2 here.
    """
    gold, found = entities(tags), entities(predicted)
    for entity in gold:
        touching = [other for other in found if _overlap(entity, other)]
        yield _outcome(entity, touching)
    for other in found:
        if not any(_overlap(other, entity) for entity in gold):
            yield "spurious", frozenset({other.label})


def _outcome(entity: Entity, touching: Sequence[Entity]) -> tuple[str, frozenset[str]]:
    own, others = frozenset({entity.label}), frozenset(other.label for other in touching)
    if entity in touching:
        return "found", own
    if not touching:
        return "missed", own
    return ("boundary", own) if own <= others else ("type", own | others)


def _overlap(a: Entity, b: Entity) -> bool:
    return a.start < b.end and b.start < a.end
