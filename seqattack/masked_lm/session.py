"""One sentence's view of a masked LM: its questions are cached, and share batches with others'."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from seqattack.masked_lm.model import Answer, MaskedLM, Piece, Question
from seqattack.models.batch_size import BATCH_TOKENS
from seqattack.models.batching import PROBES, BatchedModel
from seqattack.models.encoding import UNKNOWN
from seqattack.models.memo import Memo
from seqattack.models.scheduling import Compute, compute_now


class MaskedLMService(BatchedModel[Question, Answer]):
    """Sends texts through a masked LM.

    Args:
        model: The masked LM.
        batch_tokens: Sub-tokens in a full batch, padding included.
    """

    def __init__(self, model: MaskedLM, batch_tokens: int = BATCH_TOKENS) -> None:
        super().__init__(batch_tokens, model.encoder.max_length)
        self.model = model
        self.backend = model.backend

    def length(self, item: Question) -> int:
        """Return a text's number of sub-tokens."""
        return len(item.input_ids)

    def forward(self, items: Sequence[Question], length: int) -> Sequence[Answer]:
        """Return the best sub-tokens of each text's places."""
        return self.model.suggest(items, length)

    def probes(self) -> Sequence[Question]:
        """Return sample texts for testing batch invariance."""
        encode = self.model.encoder.encode
        pieces = (Piece.START, Piece.CONTINUATION)
        return [Question(encode(tokens).input_ids, (2, 4), pieces) for tokens in PROBES]

    def arrays(self, result: Answer) -> Sequence[np.ndarray[Any, Any]]:
        """Return the sub-tokens and their probabilities."""
        return (result.ids, result.log_probabilities)


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for a new word.

    Args:
        index: Index of a token.
        insert: Whether the word is inserted before the token; otherwise it replaces the token.
    """

    index: int
    insert: bool = False


class Suggestion(NamedTuple):
    """A word, or a part of one, that the model suggests for a place.

    Attributes:
        text: Its text, without marks of the vocabulary.
        log_probability: The natural logarithm of its probability.
        begins: Whether it begins a word.
    """

    text: str
    log_probability: float
    begins: bool


class MaskedLMSession:
    """Suggests words for one sentence's attack; each question is asked once.

    Args:
        service: Sends texts through the model.
        compute: Has them computed, such as a scheduler's `compute`, which batches them with those
            of other sentences.
    """

    def __init__(self, service: MaskedLMService, compute: Compute = compute_now) -> None:
        self._model = service.model
        self._memo: Memo[Question, Answer] = Memo(compute, service)

    @property
    def marks_continuations(self) -> bool:
        """Whether the vocabulary marks sub-tokens that continue a word, as WordPiece does."""
        return self._model.marks_continuations

    def infill(self, tokens: Sequence[str], slots: Sequence[Slot], count: int) -> list[list[str]]:
        """Return words for masked slots, the most probable first.

        Args:
            tokens: A sentence.
            slots: Each is masked alone, in a copy of the sentence.
            count: Most words for a slot, 50 or fewer.

        Returns:
            The words for each slot; none where the sentence is too long for the model.
        """
        found = self.suggestions(tokens, slots, count)
        return [[each.text for each in words] for words in found]

    def suggestions(
        self,
        tokens: Sequence[str],
        slots: Sequence[Slot],
        count: int,
        least: float = 0.0,
        piece: Piece = Piece.START,
    ) -> list[list[Suggestion]]:
        """Return what the model suggests for masked slots, as `infill`, with probabilities.

        Args:
            tokens: A sentence.
            slots: Each is masked alone, in a copy of the sentence.
            count: Most suggestions for a slot, 50 or fewer.
            least: Least probability of a suggestion, in [0, 1].
            piece: Whether words are wanted, or parts that continue a word.
        """
        questions = [self._masked(tokens, slot, piece) for slot in slots]
        found = iter(self._memo.ask([each for each in questions if self._fits(each)]))
        lowest = float(np.log(least)) if least else -np.inf
        return [
            self._suggested(next(found), 0, lowest)[:count] if self._fits(question) else []
            for question in questions
        ]

    def seen(self, tokens: Sequence[str], index: int, count: int) -> list[list[Suggestion]]:
        """Return what the model suggests for each sub-token of a token that is not masked.

        Args:
            tokens: A sentence.
            index: Index of the token.
            count: How many of the whole vocabulary, 50 or fewer.

        Returns:
            For each sub-token, the most probable first; none where the sentence is too long.
        """
        question = self._unmasked(tokens, index, Piece.ANY, Piece.ANY)
        if not self._fits(question):
            return []
        (answer,) = self._memo.ask([question])
        return [self._suggested(answer, place)[:count] for place in range(len(answer.ids))]

    def substitutes(self, tokens: Sequence[str], index: int, count: int) -> list[str]:
        """Return words for a token that is not masked, as BERT-Attack does (Li et al., 2020).

        A token of several sub-tokens gets words of as many sub-tokens. They are built one place
        after the other, and only the `count` most probable beginnings are kept, so the cost grows
        linearly with the number of sub-tokens.

        Args:
            tokens: A sentence.
            index: Index of the token.
            count: Most words, 50 or fewer.

        Returns:
            Words, the most probable first; none where the sentence is too long for the model.
        """
        question = self._unmasked(tokens, index, Piece.START, Piece.CONTINUATION)
        if not self._fits(question):
            return []
        (answer,) = self._memo.ask([question])
        return self._joined(answer, count)

    def neighbours(self, word: str, count: int, least: float) -> tuple[str, ...]:
        """Return the words whose vectors are nearest to a word's, as `MaskedLM.neighbours`.

        Args:
            word: A word.
            count: Most neighbours.
            least: Smallest cosine similarity of a neighbour.
        """
        return self._model.neighbours(word, count, least)

    def _unmasked(self, tokens: Sequence[str], index: int, start: Piece, rest: Piece) -> Question:
        encoded = self._model.encoder.encode(tokens)
        first = encoded.first[index]
        places = tuple(range(first, first + self._model.encoder.pieces(tokens[index])))
        return Question(encoded.input_ids, places, (start, *[rest] * (len(places) - 1)))

    def _masked(self, tokens: Sequence[str], slot: Slot, piece: Piece) -> Question:
        rest = tokens[slot.index :] if slot.insert else tokens[slot.index + 1 :]
        encoded = self._model.encoder.encode([*tokens[: slot.index], UNKNOWN, *rest])
        ids = list(encoded.input_ids)
        position = encoded.first[slot.index]
        ids[position] = self._model.mask_id
        return Question(tuple(ids), (position,), (piece,))

    def _fits(self, question: Question) -> bool:
        return len(question.input_ids) <= self._model.encoder.max_length

    def _suggested(self, answer: Answer, place: int, lowest: float = -np.inf) -> list[Suggestion]:
        """Return the suggestions for a place, each text once."""
        found: dict[str, Suggestion] = {}
        for identity, score in _ranked(answer, place):
            if score < lowest:
                break
            text = self._model.surfaces[identity]
            if text not in found:
                found[text] = Suggestion(text, score, self._model.begins_word(identity))
        return list(found.values())

    def _joined(self, answer: Answer, count: int) -> list[str]:
        # Costs in ten-thousandths, to which answers are rounded: sums of them are exact.
        beam = [(0, "")]
        for place in range(len(answer.ids)):
            pieces = [
                (round(-score * 10_000), self._model.surfaces[identity])
                for identity, score in _ranked(answer, place)[:count]
            ]
            joint = ((total + cost, word + piece) for total, word in beam for cost, piece in pieces)
            beam = heapq.nsmallest(count, joint)
        return list(dict.fromkeys(word for _, word in beam))


def _ranked(answer: Answer, place: int) -> list[tuple[int, float]]:
    """Return the sub-tokens that fit a place, and the logarithms of their probabilities."""
    pairs = zip(answer.ids[place].tolist(), answer.log_probabilities[place].tolist(), strict=True)
    return [(identity, score) for identity, score in pairs if score > -np.inf]
