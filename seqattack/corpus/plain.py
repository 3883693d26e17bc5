"""Tokens of a text that a person typed."""

from __future__ import annotations

from seqattack.errors import CorpusError


def tokenize(text: str) -> tuple[str, ...]:
    """Return the tokens of a sentence, split as in the Penn Treebank and spelled as in the text.

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
