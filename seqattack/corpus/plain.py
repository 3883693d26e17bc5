"""Tokens of a text that a person typed."""

from __future__ import annotations

import re

from seqattack.errors import CorpusError


def tokenize(text: str) -> tuple[str, ...]:
    """Return the tokens of a sentence, split as in the Penn Treebank and spelled as in the text.

    Raises:
        CorpusError: The text has no token.

    Example:
        >>> tokenize("Leeds' striker didn't score, said O'Neill.")
        ('Leeds', "'", 'striker', 'did', "n't", 'score', ',', 'said', "O'Neill", '.')
    """
    tokens = tuple(text[start:end] for start, end in token_spans(text))
    if not tokens:
        raise CorpusError("the text is empty; write a sentence.")
    return tokens


def token_spans(text: str) -> list[tuple[int, int]]:
    """Return the first character of each token, and the one after its last.

    >>> token_spans("Hi, Ann")
    [(0, 2), (2, 3), (4, 7)]
    """
    from nltk.tokenize import TreebankWordTokenizer

    return [
        (start + part.start(), start + part.end())
        for start, end in TreebankWordTokenizer().span_tokenize(text)
        for part in re.finditer(r"\S+", text[start:end])
    ]
