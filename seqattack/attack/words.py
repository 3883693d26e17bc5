"""Word-level transformations: words that a language model, a vocabulary or a grammar suggests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from seqattack.attack.text import TaggedText
from seqattack.attack.textattack import WordSwap
from seqattack.attack.transformation import TokenTransformation, interleaved
from seqattack.masked_lm.session import Slot

if TYPE_CHECKING:
    from seqattack.masked_lm.session import MaskedLMSession


def match_case(word: str, like: str) -> str:
    """Return `word` in upper case or with a capital where `like` has them.

    >>> match_case("stock", "Shares"), match_case("stock", "GDP"), match_case("McCoy", "he")
    ('Stock', 'STOCK', 'McCoy')
    """
    if len(like) > 1 and like.isupper():
        return word.upper()
    return word[:1].upper() + word[1:] if like[:1].isupper() else word


class WordSwaps(TokenTransformation, WordSwap):  # type: ignore[misc]  # TextAttack is untyped
    """Replaces one token by each of the words that a function suggests for it.

    Candidates come in the order of the suggestions: of all tokens the first, then the second, so
    that a limited number of candidates covers all tokens.

    Args:
        suggest: Given the tokens and the indices wanted, returns the words for each index.
        keep_case: Whether a word takes the case of the one that it replaces.
    """

    def __init__(
        self,
        suggest: Callable[[Sequence[str], Sequence[int]], list[list[str]]],
        keep_case: bool = True,
    ) -> None:
        super().__init__()
        self.suggest = suggest
        self.keep_case = keep_case

    def candidates(self, text: TaggedText, indices: Sequence[int]) -> Iterator[TaggedText]:
        """Yield each word's candidates in turn; see `TokenTransformation.candidates`."""
        columns = []
        for index, words in zip(indices, self.suggest(text.tokens, indices), strict=True):
            old = text.tokens[index]
            cased = dict.fromkeys(match_case(w, old) if self.keep_case else w for w in words)
            columns.append([(index, word) for word in cased if word != old])
        return (text.replace_word_at_index(*swap) for swap in interleaved(columns))


class SwapsAndInsertions(TokenTransformation):
    """CLARE's edits, except merges: replace a token, or insert one before it (paper, 3.1.3).

    An insertion may stand before any token, inside an entity too, but not beside a changed one.

    Args:
        lm: The sentence's session with the masked LM.
        count: Most words a place, for swaps and for insertions.
        least: Least probability of a word that replaces another.
        spread: Whether all places come in turn, each with its most probable word first, so that a
            limited number of candidates covers them. Otherwise the most probable words come first,
            whatever their place.
    """

    def __init__(self, lm: MaskedLMSession, count: int, least: float, spread: bool) -> None:
        self.lm = lm
        self.count = count
        self.least = least
        self.spread = spread

    def candidates(self, text: TaggedText, indices: Sequence[int]) -> Iterator[TaggedText]:
        """Yield replacements and insertions; see `TokenTransformation.candidates`."""
        columns = self._columns(text, [Slot(index) for index in indices], self.least)
        columns += self._columns(text, self._places(text), 0.0)
        if self.spread:
            edits = interleaved(columns)
        else:
            edits = iter(sorted(chain.from_iterable(columns), key=lambda edit: -edit[0]))
        return (_edited(text, slot, word) for _, slot, word in edits)

    def _places(self, text: TaggedText) -> list[Slot]:
        """Return where a token may be inserted."""
        changed = text.modified
        return [
            Slot(index, insert=True)
            for index in range(len(text.tokens))
            if index not in changed and index - 1 not in changed
        ]

    def _columns(
        self, text: TaggedText, slots: Sequence[Slot], least: float
    ) -> list[list[tuple[float, Slot, str]]]:
        """Return the edits of each slot, with the logarithms of their probabilities."""
        columns = []
        for slot, words in zip(
            slots, self.lm.suggestions(text.tokens, slots, self.count, least), strict=True
        ):
            old = text.tokens[slot.index]
            found: dict[str, float] = {}
            for word in words:
                cased = word.text if slot.insert else match_case(word.text, old)
                if slot.insert or cased != old:
                    found.setdefault(cased, word.log_probability)
            columns.append([(score, slot, word) for word, score in found.items()])
        return columns


def _edited(text: TaggedText, slot: Slot, word: str) -> TaggedText:
    """Return a text with a word in a slot."""
    edit = text.insert_token if slot.insert else text.replace_token
    return edit(slot.index, word)


def seen_words(
    lm: MaskedLMSession, count: int
) -> Callable[[Sequence[str], Sequence[int]], list[list[str]]]:
    """Return BERT-Attack's suggestions: the model sees the word that is to be replaced.

    Args:
        lm: The sentence's session with the masked LM.
        count: Most suggestions for a word.
    """
    return lambda tokens, indices: [lm.substitutes(tokens, index, count) for index in indices]


def masked_words(
    lm: MaskedLMSession, count: int
) -> Callable[[Sequence[str], Sequence[int]], list[list[str]]]:
    """Return BAE's suggestions: the word that is to be replaced is masked.

    Args:
        lm: The sentence's session with the masked LM.
        count: Most suggestions for a word.
    """
    return lambda tokens, indices: lm.infill(tokens, [Slot(i) for i in indices], count)


def each_word(
    words: Callable[[str], Iterable[str]],
) -> Callable[[Sequence[str], Sequence[int]], list[list[str]]]:
    """Return suggestions that depend on the word alone.

    Args:
        words: Given a word, returns others for it.
    """
    return lambda tokens, indices: [list(words(tokens[index])) for index in indices]


def inflections(word: str) -> tuple[str, ...]:
    """Return the other inflected forms of a noun, verb or adjective (Tan et al., 2020).

    >>> inflections("rose")
    ('rise', 'rising', 'risen', 'rises', 'roses')
    """
    from lemminflect import getAllInflections, getAllLemmas

    forms: list[str] = []
    for part, lemmas in sorted(getAllLemmas(word.lower()).items(), reverse=True):
        if part in ("NOUN", "VERB", "ADJ"):
            for lemma in lemmas:
                inflected = getAllInflections(lemma, upos=part)
                forms += [form for _, found in sorted(inflected.items()) for form in found]
    return tuple(dict.fromkeys(form for form in forms if form != word.lower()))
