"""What a person has entered on the page Try, kept whatever happens to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from seqattack.app.live import MOST_CHARACTERS, Order
from seqattack.errors import SeqAttackError
from seqattack.sentence import Sentence
from seqattack.tags import OUTSIDE, repair_iob2

GOALS = {
    "untargeted-strict": "another class",
    "untargeted": "another tag",
    "targeted": "no entity (O)",
    "missed": "no entity, like every token of its entity",
    "leak": "another class; tokens count by their characters",
    "invented": "an entity where there is none",
}
"""Goals to choose from, and what makes a token wrong under each."""


@dataclass(frozen=True, slots=True)
class Draft:
    """The fields of the page, as they were entered.

    Args:
        victim: The victim's name.
        text: The sentence as it was typed.
        tokens: Its tokens; empty until it has been tagged.
        tags: A tag for each token, as the person left them.
        recipe: The attack.
        goal: The goal function.
        queries: The query budget.
        seconds: The time limit.
    """

    victim: str = ""
    text: str = ""
    tokens: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    recipe: str = "deepwordbug-i-5"
    goal: str = "untargeted-strict"
    queries: str = "512"
    seconds: str = "60"

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> Draft:
        """Return the draft of a form; what is missing in it has its default."""
        tokens = tuple(form.get("tokens", "")[: 2 * MOST_CHARACTERS].split())
        names = ("victim", "text", "recipe", "goal", "queries", "seconds")
        given = {name: form[name] for name in names if name in form}
        tags = tuple(form.get(f"tag-{index}", OUTSIDE) for index in range(len(tokens)))
        return cls(**{"text": " ".join(tokens), **given}, tokens=tokens, tags=tags)

    @classmethod
    def from_order(cls, order: Order) -> Draft:
        """Return the draft that an order was made of."""
        return cls(
            order.victim,
            order.sentence.text,
            order.sentence.tokens,
            order.sentence.tags,
            order.recipe,
            order.goal,
            str(order.queries),
            f"{order.seconds:g}",
        )

    def order(self) -> Order:
        """Return what is asked for.

        Raises:
            SeqAttackError: A field cannot be used; the message names it.
        """
        if self.goal not in GOALS:
            raise SeqAttackError(f"goal: write one of {', '.join(GOALS)}.")
        try:
            queries, seconds = int(self.queries), float(self.seconds)
        except ValueError as error:
            raise SeqAttackError("queries and seconds: write numbers.") from error
        tags = tuple(repair_iob2(self.tags))
        repaired = tuple(
            f"{token}: {old} begins an entity, so it is {new}"
            for token, old, new in zip(self.tokens, self.tags, tags, strict=True)
            if old != new
        )
        sentence = Sentence("typed", self.tokens, tags)
        return Order(sentence, self.victim, self.recipe, self.goal, queries, seconds, repaired)
