"""Transfer: do examples made against one victim fool another (beyond the paper)?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from seqattack.attack.goals import find_goal
from seqattack.records import AttackRecord, Prediction

if TYPE_CHECKING:
    from seqattack.victim.victim import Victim


@dataclass(frozen=True, slots=True)
class Transfer:
    """How often the adversarial examples against one victim fool another.

    Args:
        source: Name of the victim that was attacked.
        target: Name of the victim that the examples are tried on.
        examples: Number of adversarial examples tried.
        fooled: Number of examples that fool the target; see `is_fooled`.
    """

    source: str
    target: str
    examples: int
    fooled: int

    @property
    def rate(self) -> float | None:
        """Fooling examples / examples tried, in [0, 1]; None without any example."""
        return self.fooled / self.examples if self.examples else None

    def to_json(self) -> dict[str, Any]:
        """Return the counts as a JSON object."""
        return asdict(self)


def transfer(records: Iterable[AttackRecord], source: str, victim: Victim, target: str) -> Transfer:
    """Try the adversarial examples of an attack on a victim.

    Args:
        records: The records of the attack on `source`, whose successes are tried.
        source: Name of the attacked victim.
        victim: The victim to try the examples on.
        target: Name of that victim.
    """
    from seqattack.victim.prediction import decode, predict

    found = [record for record in records if record.adversarial]
    texts = [text.tokens for record in found for text in (record.original, record.final)]
    tags = [decode(each, victim.labels) for each in predict(victim, texts)]
    fooled = sum(
        is_fooled(record, before, after)
        for record, before, after in zip(found, tags[::2], tags[1::2], strict=True)
    )
    return Transfer(source, target, len(found), fooled)


def is_fooled(record: AttackRecord, before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether a victim gets a token of the attack's goal wrong that it gets right in the original.

    The goal's tokens, mostly the entity tokens, are compared in their order. Where the attack
    changed their number, the share of wrong ones must have risen instead.

    Args:
        record: The record of a successful attack.
        before: The victim's tags of the original.
        after: The victim's tags of the adversarial example.
    """
    old = _wrong(record.goal, record.original, before)
    new = _wrong(record.goal, record.final, after)
    if len(old) == len(new):
        return any(now and not then for then, now in zip(old, new, strict=True))
    return sum(new) / len(new) > sum(old) / len(old)


def _wrong(goal: str, text: Prediction, predicted: Sequence[str]) -> list[bool]:
    """Return, for each of the goal's tokens, whether it is wrong."""
    found = find_goal(goal)
    wrong = set(found.wrong(text.tags, predicted))
    return [index in wrong for index in found.tokens(text.tags)]
