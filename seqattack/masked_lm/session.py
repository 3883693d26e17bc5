"""One sentence's view of a masked LM: batched with other sentences', cached."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqattack.masked_lm.model import Answer, MaskedLM, Piece, Question
from seqattack.models.batching import PROBES, BatchedModel
from seqattack.models.scheduling import Compute, compute_now


class MaskedLMService(BatchedModel[Question, Answer]):
    """A scheduler's service that sends texts through a masked LM.

    Args:
        model: The masked LM.
        batch_tokens: Sub-tokens, padding included, of a full batch.
    """

    def __init__(self, model: MaskedLM, batch_tokens: int = 512) -> None:
        super().__init__(batch_tokens, model.encoder.max_length)
        self.model = model

    def length(self, item: Question) -> int:
        """Return a text's sub-tokens."""
        return len(item.input_ids)

    def forward(self, items: Sequence[Question], length: int) -> Sequence[Answer]:
        """Return the best sub-tokens of each text's places."""
        return self.model.suggest(items, length)

    def probes(self) -> Sequence[Question]:
        """Return texts to measure with whether what shares a batch changes a result."""
        encode = self.model.encoder.encode
        pieces = (Piece.START, Piece.CONTINUATION)
        return [Question(encode(tokens).input_ids, (2, 4), pieces) for tokens in PROBES]

    def arrays(self, result: Answer) -> Sequence[np.ndarray[Any, Any]]:
        """Return sub-tokens and probabilities."""
        return (result.ids, result.log_probabilities)


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for a new word.

    Args:
        index: Index of a token.
        insert: Whether the word comes before the token, which stays, or in its place.
    """

    index: int
    insert: bool = False


class MaskedLMSession:
    """Words that a masked LM puts into a sentence.

    Args:
        service: Sends texts through the model.
        compute: Such as a scheduler's, which batches them with other sentences'.
    """

    def __init__(self, service: MaskedLMService, compute: Compute = compute_now) -> None:
        self._service = service
        self._model = service.model
        self._compute = compute
        self._cache: dict[Question, Answer] = {}

    def infill(
        self, tokens: Sequence[str], slots: Sequence[Slot], count: int, least: float = 0.0
    ) -> list[list[str]]:
        """Return words for masked slots, the most probable first.

        Args:
            tokens: A sentence.
            slots: Each is masked alone, in a copy of the sentence.
            count: Most words a slot, at most 50.
            least: Least probability of a word.

        Returns:
            The words of each slot; none where the sentence is too long for the model.
        """
        questions = [self._masked(tokens, slot) for slot in slots]
        answers = self._ask([question for question in questions if self._fits(question)])
        found = iter(answers)
        return [
            self._words(next(found), count, least) if self._fits(question) else []
            for question in questions
        ]

    def substitutes(self, tokens: Sequence[str], index: int, count: int) -> list[str]:
        """Return words for a token that the model sees, as BERT-Attack does (Li et al., 2020).

        A token of several sub-tokens gets words of as many: of each place's best sub-tokens the
        most probable joint choices are kept, place by place, so the cost grows linearly with their
        number.

        Args:
            tokens: A sentence.
            index: Index of the token.
            count: Most words, at most 50.

        Returns:
            Words, the most probable first; none where the sentence is too long for the model.
        """
        encoded = self._model.encoder.encode(tokens)
        first = encoded.first[index]
        places = tuple(range(first, first + self._model.encoder.pieces(tokens[index])))
        pieces = (Piece.START, *[Piece.CONTINUATION] * (len(places) - 1))
        question = Question(encoded.input_ids, places, pieces)
        if not self._fits(question):
            return []
        (answer,) = self._ask([question])
        return self._joined(answer, count)

    def neighbours(self, word: str, count: int, least: float) -> tuple[str, ...]:
        """Return the words whose vectors are nearest to a word's, as `MaskedLM.neighbours`.

        Args:
            word: A word.
            count: Most neighbours.
            least: Smallest cosine similarity of a neighbour.
        """
        return self._model.neighbours(word, count, least)

    def _masked(self, tokens: Sequence[str], slot: Slot) -> Question:
        place = [self._model.encoder.unk_token]
        rest = tokens[slot.index :] if slot.insert else tokens[slot.index + 1 :]
        encoded = self._model.encoder.encode([*tokens[: slot.index], *place, *rest])
        ids = list(encoded.input_ids)
        position = encoded.first[slot.index]
        ids[position] = self._model.mask_id
        return Question(tuple(ids), (position,), (Piece.START,))

    def _fits(self, question: Question) -> bool:
        return len(question.input_ids) <= self._model.encoder.max_length

    def _ask(self, questions: Sequence[Question]) -> list[Answer]:
        missing = [q for q in dict.fromkeys(questions) if q not in self._cache]
        self._cache.update(zip(missing, self._compute(self._service, missing), strict=True))
        return [self._cache[question] for question in questions]

    def _words(self, answer: Answer, count: int, least: float) -> list[str]:
        lowest = np.log(least) if least else -np.inf
        words = [
            self._model.surfaces[identity]
            for identity, score in zip(answer.ids[0], answer.log_probabilities[0], strict=True)
            if score > -np.inf and score >= lowest
        ]
        return list(dict.fromkeys(words))[:count]

    def _joined(self, answer: Answer, count: int) -> list[str]:
        beam = [(0.0, "")]
        for ids, scores in zip(answer.ids, answer.log_probabilities, strict=True):
            pieces = [
                (float(score), self._model.surfaces[identity])
                for identity, score in zip(ids[:count], scores[:count], strict=True)
                if score > -np.inf
            ]
            joint = (
                (total + score, word + piece) for total, word in beam for score, piece in pieces
            )
            beam = heapq.nsmallest(count, joint, key=lambda entry: (-round(entry[0], 4), entry[1]))
        return list(dict.fromkeys(word for _, word in beam))
