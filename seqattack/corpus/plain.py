"""Plain text typed by a person: tokenized, and tagged by a victim."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqattack.errors import CorpusError
from seqattack.sentence import Sentence
from seqattack.tags import repair_iob2

if TYPE_CHECKING:
    from seqattack.victim.model import Victim


def tokenize(text: str) -> tuple[str, ...]:
    """Return the tokens of a sentence, in the Penn Treebank's way, spelled as in the text.

    Raises:
        CorpusError: The text has no token.

    Example:
        >>> tokenize("Leeds' striker didn't score, said O'Neill.")
        ('Leeds', "'", 'striker', 'did', "n't", 'score', ',', 'said', "O'Neill", '.')
    """
    from nltk.tokenize import TreebankWordTokenizer

    spans = TreebankWordTokenizer().span_tokenize(text)
    tokens = tuple(part for start, end in spans for part in text[start:end].split())
    if not tokens:
        raise CorpusError("the text is empty; write a sentence.")
    return tokens


def tag_text(text: str, victim: Victim) -> Sentence:
    """Return a sentence with the victim's own prediction as its tags.

    Raises:
        CorpusError: The text has no token.
        ModelError: The text is too long for the victim.
    """
    from seqattack.victim.model import decode, predict

    tokens = tokenize(text)
    untagged = Sentence("text", tokens, ("O",) * len(tokens))
    victim.encoder.check_fits([untagged])
    (probabilities,) = predict(victim, [tokens])
    return Sentence("text", tokens, tuple(repair_iob2(decode(probabilities, victim.labels))))
