"""What becomes of the entities: found, of another class, of other bounds, missed; and new ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from seqattack.records import AttackRecord
from seqattack.tags import Entity, entities


@dataclass(frozen=True, slots=True)
class EntityOutcomes:
    """Counts over texts; the first four add up to the true entities.

    Args:
        found: True entities predicted with their bounds and class.
        type: Predicted with another class, whatever the bounds.
        boundary: Predicted with their class and other bounds.
        missed: No predicted entity shares a token with them.
        spurious: Predicted entities that share no token with a true one.
        newly_broken: Entity tokens wrong after the attack and right before it.
        already_wrong: Entity tokens wrong before the attack.
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
        """The true entities."""
        return self.found + self.type + self.boundary + self.missed


def entity_outcomes(records: Iterable[AttackRecord]) -> EntityOutcomes:
    """Return what became of the entities of attacked sentences, each success after its attack.

    Args:
        records: Of one attack.
    """
    total: Counter[str] = Counter()
    for record in records:
        final = record.final
        total.update(compare_entities(final.tags, final.predicted))
        total["newly_broken"] += len(record.newly_broken)
        total["already_wrong"] += len(record.already_wrong)
    return EntityOutcomes(**{name: total[name] for name in EntityOutcomes.__slots__})


def compare_entities(tags: Sequence[str], predicted: Sequence[str]) -> Counter[str]:
    """Return how often each outcome occurs in one text.

    Args:
        tags: The true tags.
        predicted: The victim's, repaired to IOB2 here.

    Example:
        >>> sorted(compare_entities(["B-PER", "I-PER", "O"], ["O", "B-PER", "B-LOC"]).items())
        [('boundary', 1), ('spurious', 1)]
    """
    gold, found = entities(tags), entities(predicted)
    counts = Counter(_outcome(entity, found) for entity in gold)
    counts["spurious"] = sum(not any(_overlap(p, g) for g in gold) for p in found)
    return +counts


def _outcome(entity: Entity, predicted: Sequence[Entity]) -> str:
    if entity in predicted:
        return "found"
    touching = [other for other in predicted if _overlap(entity, other)]
    if not touching:
        return "missed"
    return "boundary" if any(other.label == entity.label for other in touching) else "type"


def _overlap(a: Entity, b: Entity) -> bool:
    return a.start < b.end and b.start < a.end
