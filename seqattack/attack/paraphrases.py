"""Paraphrases as candidates, relabelled by the entities that they keep (paper, section 3.1.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from seqattack.attack.stopwords import stopwords
from seqattack.attack.text import TaggedText
from seqattack.attack.textattack import (
    GoalFunctionResult,
    GoalFunctionResultStatus,
    SearchMethod,
    Transformation,
)
from seqattack.scpn.session import ParaphraseSession
from seqattack.tags import OUTSIDE, entities, entity_tags, tag_class

Surface = tuple[str, ...]
"""Some neighbouring tokens, in lower case."""


@dataclass(frozen=True, slots=True)
class Relabelled:
    """A paraphrase with the tags and capitals of the entities that it keeps.

    Args:
        tokens: Those of kept entities as the original writes them.
        tags: Valid IOB2; ``O`` outside kept entities.
        origins: Of kept entities' tokens in the original; None for others.
    """

    tokens: tuple[str, ...]
    tags: tuple[str, ...]
    origins: tuple[int | None, ...]


class KeptEntities:
    """Finds an original's entities in its paraphrases.

    Matches are searched from left to right, ignoring case; at each place the longest one counts. A
    part of an entity (``York`` of ``New York``) is an entity of its class too, if one of its words
    is a name: not a stopword and not a number. A repeated entity is labelled every time. Where the
    original has the same words in two classes, or both inside and outside an entity, a paraphrase
    with these words is ambiguous and refused.

    Args:
        original: Tokens and tags of the sentence under attack.
    """

    def __init__(self, original: TaggedText) -> None:
        self._original = original
        self._stopwords = stopwords()
        self._lower = tuple(token.lower() for token in original.tokens)
        self._places: dict[Surface, list[range]] = {}
        whole = [range(entity.start, entity.end) for entity in entities(original.tags)]
        for place in whole:
            self._places.setdefault(self._surface(place), []).append(place)
        for part in self._parts(whole):
            self._places.setdefault(self._surface(part), []).append(part)
        self._longest = max(map(len, self._places), default=0)
        self._unclear = {surface for surface in self._places if self._is_unclear(surface)}

    def relabel(self, words: Sequence[str]) -> Relabelled | None:
        """Return a paraphrase with its tags; None where it keeps no entity or is not clear."""
        tokens: list[str] = []
        tags: list[str] = []
        origins: list[int | None] = []
        found: dict[Surface, int] = {}
        while len(tokens) < len(words):
            surface = self._match(words[len(tokens) :])
            if surface is None:
                tokens.append(words[len(tokens)])
                tags.append(OUTSIDE)
                origins.append(None)
                continue
            if surface in self._unclear:
                return None
            places = self._places[surface]
            place = places[min(found.get(surface, 0), len(places) - 1)]
            found[surface] = found.get(surface, 0) + 1
            label = tag_class(self._original.tags[place.start])
            tokens += [self._original.tokens[index] for index in place]
            tags += entity_tags(label, len(place))
            origins += place
        return Relabelled(tuple(tokens), tuple(tags), tuple(origins)) if found else None

    def _match(self, words: Sequence[str]) -> Surface | None:
        for length in range(min(self._longest, len(words)), 0, -1):
            surface = tuple(word.lower() for word in words[:length])
            if surface in self._places:
                return surface
        return None

    def _parts(self, whole: Iterable[range]) -> Iterator[range]:
        """Yield the proper parts of entities that name something and are no entity themselves."""
        entire = set(self._places)
        for place in whole:
            for start in place:
                for stop in range(start + 1, place.stop + 1):
                    part = range(start, stop)
                    if self._surface(part) not in entire and any(map(self._is_name, part)):
                        yield part

    def _is_name(self, index: int) -> bool:
        word = self._lower[index]
        return any(map(str.isalpha, word)) and word not in self._stopwords

    def _is_unclear(self, surface: Surface) -> bool:
        classes = {tag_class(self._original.tags[p.start]) for p in self._places[surface]}
        size = len(surface)
        outside = any(
            self._lower[at : at + size] == surface
            and set(self._original.tags[at : at + size]) == {OUTSIDE}
            for at in range(len(self._lower) - size + 1)
        )
        return len(classes) > 1 or outside

    def _surface(self, place: range) -> Surface:
        return self._lower[place.start : place.stop]


def without_repeats(words: Iterable[str]) -> tuple[str, ...]:
    """Return words without those, and pairs of those, that repeat what is just before them.

    >>> without_repeats("at last at last it it it rained".split())
    ('at', 'last', 'it', 'rained')
    """
    kept: list[str] = []
    for word in words:
        if kept[-1:] == [word]:
            continue
        kept.append(word)
        if len(kept) >= 4 and kept[-2:] == kept[-4:-2]:
            del kept[-2:]
    return tuple(kept)


class Paraphrases(Transformation):  # type: ignore[misc]  # TextAttack is untyped
    """The paraphrases of a text, one a template, relabelled.

    Args:
        session: Writes paraphrases.
        original: The sentence under attack, whose entities are looked for.
    """

    def __init__(self, session: ParaphraseSession, original: TaggedText) -> None:
        self.session = session
        self.entities = KeptEntities(original)

    def _get_transformations(
        self, current_text: TaggedText, indices_to_modify: Iterable[int]
    ) -> list[TaggedText]:
        written = map(without_repeats, self.session.paraphrases(current_text.tokens))
        found = (self.entities.relabel(words) for words in written if words)
        return [
            current_text.paraphrase(each.tokens, each.tags, each.origins) for each in found if each
        ]


class BestFirst(SearchMethod):  # type: ignore[misc]
    """Paraphrase the original, then the best paraphrase that was not paraphrased yet, and so on.

    The search ends when the goal is reached, when the query budget is used up, when there is
    nothing left to paraphrase, or after `most_sources` texts.

    Args:
        most_sources: Texts that are paraphrased, the original included.
        on_limit: Called where the search stops for `most_sources` alone.
    """

    def __init__(self, most_sources: int, on_limit: Callable[[], None]) -> None:
        self.most_sources = most_sources
        self.on_limit = on_limit

    @property
    def is_black_box(self) -> bool:
        """True: the victim's gradients are not used."""
        return True

    def perform_search(self, initial_result: GoalFunctionResult) -> GoalFunctionResult:
        """Return the best result; ties go to the paraphrase that was written first."""
        original: TaggedText = initial_result.attacked_text
        best, waiting, seen = initial_result, [initial_result], {original}
        for _ in range(self.most_sources):
            if not waiting:
                return best
            source = max(waiting, key=_score)
            waiting.remove(source)
            made = self.get_transformations(source.attacked_text, original_text=original)
            new = [text for text in made if text not in seen]
            seen.update(new)
            results, over = self.get_goal_results(new) if new else ([], False)
            waiting += results
            best = max([best, *results], key=_score)
            if over or best.goal_status == GoalFunctionResultStatus.SUCCEEDED:
                return best
        if waiting:
            self.on_limit()
        return best


def _score(result: GoalFunctionResult) -> float:
    return float(result.score)
