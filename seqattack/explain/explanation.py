"""Which edit breaks which entity: each is undone once, and made once on its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from seqattack.attack.goals import find_goal
from seqattack.errors import RecordError
from seqattack.explain.edits import Edit, EditedText, Variant
from seqattack.integrity import check
from seqattack.io import json_value
from seqattack.records import AttackRecord
from seqattack.tags import entities
from seqattack.victim.gateway import Gateway, Session
from seqattack.victim.prediction import decode
from seqattack.victim.victim import Victim


@dataclass(frozen=True, slots=True)
class Effect:
    """What an edit does.

    Args:
        edit: The edit.
        says: The edit in words.
        needed: Tokens of the adversarial example that the attack broke, and that are right again
            if this edit alone is undone.
        breaks: Tokens that the attack broke, and that are wrong if this edit alone is made.
    """

    edit: Edit
    says: str
    needed: tuple[int, ...]
    breaks: tuple[int, ...]

    @property
    def is_idle(self) -> bool:
        """Whether the edit alone neither breaks anything nor is needed for it."""
        return not self.needed and not self.breaks


@dataclass(frozen=True, slots=True)
class Explanation:
    """What each edit of an adversarial example does.

    Args:
        id: The sentence's id.
        effects: One an edit, from left to right; empty where the queries were not enough.
        entities: The text of the entity that each broken token belongs to, by the token's index.
        queries: Texts that the victim was asked about.
    """

    id: str
    effects: tuple[Effect, ...]
    entities: Mapping[int, str]
    queries: int

    def sentences(self) -> list[str]:
        """Return what each edit does, in a sentence each."""
        return [self._sentence(effect) for effect in self.effects]

    def _sentence(self, effect: Effect) -> str:
        needed = self._names(each for each in effect.needed if each not in effect.breaks)
        if effect.breaks:
            also = f", and is needed for {needed}" if needed else ""
            return f"{effect.says} alone breaks {self._names(effect.breaks)}{also}"
        if effect.needed:
            return f"{effect.says} breaks {needed} together with others"
        return f"{effect.says} is not needed"

    def _names(self, tokens: Iterable[int]) -> str:
        return ", ".join(dict.fromkeys(self.entities[token] for token in tokens))

    def to_json(self) -> dict[str, Any]:
        """Return the explanation as a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Explanation:
        """Return the explanation that `to_json` wrote."""
        effects = (
            Effect(Edit(**each["edit"]), each["says"], tuple(each["needed"]), tuple(each["breaks"]))
            for each in value["effects"]
        )
        names = {int(index): name for index, name in value["entities"].items()}
        return cls(value["id"], tuple(effects), names, value["queries"])


def explain(record: AttackRecord, victim: Victim, budget: int = 512) -> Explanation:
    """Return what each edit of an adversarial example does.

    Args:
        record: Of a successful attack.
        victim: The victim that was attacked.
        budget: The most texts that it is asked about; two an edit are needed.

    Raises:
        RecordError: The attack found no adversarial example.
    """
    if record.adversarial is None:
        raise RecordError(f"{record.id}: the attack found no example that could be explained.")
    text = EditedText(record)
    names = {
        index: " ".join(record.adversarial.tokens[entity.start : entity.end])
        for entity in entities(record.adversarial.tags)
        for index in range(entity.start, entity.end)
    }
    broken = {k: names.get(k, record.adversarial.tokens[k]) for k in record.newly_broken}
    everything = frozenset(text.edits)
    without = [text.variant(everything - {edit}) for edit in text.edits]
    alone = [text.variant({edit}) for edit in text.edits]
    if len({each.tokens for each in (*without, *alone)}) > budget:
        return Explanation(record.id, (), broken, 0)
    session = Session(Gateway(victim))
    wrong = list(wrong_places(record.goal, [*without, *alone], session))
    effects = tuple(
        Effect(
            edit,
            text.says(edit),
            tuple(
                index for index in broken if index in undone.places and index not in wrong[number]
            ),
            tuple(index for index in broken if index in wrong[number + len(without)]),
        )
        for number, (edit, undone) in enumerate(zip(text.edits, without, strict=True))
    )
    return Explanation(record.id, effects, broken, session.forward_passes)


def wrong_places(
    goal: str, variants: Sequence[Variant], victim: Session
) -> Iterator[frozenset[int]]:
    """Yield, for each text, the places in the adversarial example of its wrong entity tokens.

    Args:
        goal: The goal function's name, which says what is wrong.
        variants: The texts.
        victim: Is asked about each text once.
    """
    found = victim.probabilities([each.tokens for each in variants])
    for variant, probabilities in zip(variants, found, strict=True):
        predicted = decode(probabilities, victim.labels)
        wrong = (variant.places[k] for k in find_goal(goal).wrong(variant.tags, predicted))
        yield frozenset(place for place in wrong if place is not None)


def read_explanations(path: str | Path) -> Iterator[Explanation]:
    """Yield the explanations of a JSON-lines file.

    Raises:
        RecordError: A line is not one; the message names it.
        IntegrityError: The file is a run's and changed since it was made.
    """
    check(path)
    with Path(path).open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield Explanation.from_json(json_value(line))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise RecordError(
                    f"{path}:{number}: not an explanation ({error}); delete the file and run the "
                    "same command again."
                ) from error
