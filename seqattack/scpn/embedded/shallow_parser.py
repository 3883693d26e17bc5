"""A shallow parser: chunks by part of speech, then clauses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nltk import RegexpParser, Tree

from seqattack.scpn.embedded.tagging import tag_words
from seqattack.scpn.parser import Parser

_CHUNKS = r"""
  NP: {<DT|PRP\$|PDT>?<RB>?<JJ.*|CD|NN.*|POS|VBG|VBN|\$>*<NN.*|CD><POS>?}
      {<DT|PRP\$>?<JJ.*|CD>*<CD>}
      {<PRP|EX|DT>}
      {<NP><NP>}
  NP: {<NP><-LRB-><NP><,>?<NP>?<-RRB-><NP>?}
  ADVP: {<RB.*>+}
  ADJP: {<JJ.*>+}
  PP: {<IN|TO><NP>}
  NP: {<NP><CC><NP>}
  VP: {<MD|VB.*|ADVP>*<VB.*><ADVP>?<RP>?<VBN>?<NP|PP|ADJP|ADVP|S|SBAR>*}
  VP: {<TO><VP><PP|NP>*}
  VP: {<VP><VP>+}
  S: {<NP><PP|ADVP>*<VP>}
  SBAR: {<IN|WDT|WP|WRB><S|VP>}
  VP: {<VP><SBAR>}
"""


class ShallowParser(Parser):
    """Chunks by part of speech, then clauses: rough, but good enough for newswire, and offline."""

    name = "shallow"

    def __init__(self) -> None:
        self._chunker = RegexpParser(_CHUNKS, loop=2)

    def parse(self, tokens: Sequence[str]) -> Tree:
        """Return the tree of a sentence.

        Example:
            >>> from seqattack.scpn.parsing import linearise
            >>> tree = ShallowParser().parse("Leeds beat Jordan in Rome .".split())
            >>> linearise(tree, full=False)
            '( ROOT ( S ( NP ) ( VP ) ( . ) ) )'
        """
        chunked = self._chunker.parse(list(zip(tokens, tag_words(tokens), strict=True)))
        parts = [_with_leaves(part) for part in chunked]
        return Tree("ROOT", [_top(parts)])


def _with_leaves(part: Any) -> Tree:
    """Return a chunk with `(tag word)` trees instead of NLTK's pairs."""
    if isinstance(part, Tree):
        return Tree(part.label(), [_with_leaves(child) for child in part])
    word, tag = part
    return Tree(tag, [word])


def _top(parts: list[Tree]) -> Tree:
    """Return the tree below ``ROOT``: a clause, a question, a noun phrase or a fragment."""
    if len(parts) > 1 and parts[0].label() == "S":
        # The first clause is the sentence itself, unless there are others beside it.
        others = [part.label() for part in parts[1:]]
        if "S" not in others:
            parts = [*parts[0], *parts[1:]]
    elif "S" in (labels := [part.label() for part in parts]) and labels.count("S") == 1:
        at = labels.index("S")
        parts = [*parts[:at], *parts[at], *parts[at + 1 :]]
    labels = [part.label() for part in parts]
    if "VP" in labels or "S" in labels:
        return Tree("S", parts)
    if labels and labels[0] == "SBAR":
        return Tree("FRAG", parts)
    end = len(parts) - 1 if labels[-1] == "." and len(parts) > 1 else len(parts)
    if labels[0] == "NP":
        inner = parts[0] if end == 1 else Tree("NP", parts[:end])
        return Tree("NP", [inner, *parts[end:]])
    return Tree("FRAG", parts)
