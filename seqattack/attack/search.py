"""The greedy search over words in order of importance (Jin et al., 2020; Gao et al., 2018)."""

from __future__ import annotations

from collections.abc import Callable

from seqattack.attack.text import TaggedText
from seqattack.attack.textattack import GreedyWordSwapWIR


class GreedyByImportance(GreedyWordSwapWIR):  # type: ignore[misc]  # TextAttack is untyped
    """TextAttack's greedy search, with the victim's own unknown token and stable ties.

    Words are ranked by the score of the text in which they are replaced by the unknown token; each
    such text is one query. Words of equal importance keep their order in the sentence.

    Args:
        unk_token: The victim's unknown token.
        max_pieces: Words that the victim's tokenizer splits into more pieces than this are not
            ranked, so never changed, as in the reference implementation; None ranks all.
        pieces: Number of sub-tokens of a word.
    """

    def __init__(
        self, unk_token: str, max_pieces: int | None, pieces: Callable[[str], int]
    ) -> None:
        super().__init__(wir_method="unk", unk_token=unk_token)
        self.max_pieces = max_pieces
        self.pieces = pieces

    def _get_index_order(
        self, initial_text: TaggedText, max_len: int = -1
    ) -> tuple[list[int], bool]:
        _, modifiable = self.get_indices_to_order(initial_text)
        indices = sorted(index for index in modifiable if self._is_ranked(initial_text, index))
        if not indices:
            return [], False
        texts = [initial_text.replace_word_at_index(i, self.unk_token) for i in indices]
        results, over = self.get_goal_results(texts)
        scored = zip(indices, (result.score for result in results), strict=False)
        ranked = sorted(scored, key=lambda pair: (-pair[1], pair[0]))
        return [index for index, _ in ranked], over

    def _is_ranked(self, text: TaggedText, index: int) -> bool:
        return self.max_pieces is None or self.pieces(text.tokens[index]) <= self.max_pieces
