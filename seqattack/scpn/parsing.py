"""Constituency parses: the input that SCPN wants beside the words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Protocol

from nltk import RegexpParser, Tree

from seqattack.errors import BackendError
from seqattack.scpn.tagging import tag_words


class Parser(Protocol):
    """Parses tokenized sentences."""

    def parse(self, tokens: Sequence[str]) -> Tree:
        """Return a ``ROOT`` tree in the Penn Treebank's categories, with `tokens` as its leaves."""
        ...


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


class ShallowParser:
    """Chunks by part of speech, then clauses: rough, but English newswire and nothing to fetch."""

    def __init__(self) -> None:
        self._chunker = RegexpParser(_CHUNKS, loop=2)

    def parse(self, tokens: Sequence[str]) -> Tree:
        """Return the tree of a sentence.

        Example:
            >>> tree = ShallowParser().parse("Leeds beat Jordan in Rome .".split())
            >>> linearise(tree, full=False)
            '( ROOT ( S ( NP ) ( VP ) ( . ) ) )'
        """
        chunked = self._chunker.parse(list(zip(tokens, tag_words(tokens), strict=True)))
        parts = [_with_leaves(part) for part in chunked]
        return Tree("ROOT", [_top(parts)])


def _with_leaves(part: Any) -> Tree:
    """Return a chunk with `(tag word)` trees in the place of NLTK's pairs."""
    if isinstance(part, Tree):
        return Tree(part.label(), [_with_leaves(child) for child in part])
    word, tag = part
    return Tree(tag, [word])


def _top(parts: list[Tree]) -> Tree:
    """Return the tree below ``ROOT``: a clause, a question, a noun phrase or a fragment."""
    if len(parts) > 1 and parts[0].label() == "S":
        # The first clause is the sentence itself, unless others stand beside it.
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


class CoreNLPParser:
    """A parser that runs in a Stanford CoreNLP server.

    Args:
        url: The server's address, such as ``http://localhost:9000``.

    Raises:
        BackendError: No server answers there.
    """

    def __init__(self, url: str) -> None:
        from nltk.parse.corenlp import CoreNLPParser as Client

        self.url = url
        self._client = Client(url)
        self.parse(["It", "answers", "."])

    def parse(self, tokens: Sequence[str]) -> Tree:
        """Return the server's tree of a sentence."""
        from requests import RequestException

        try:
            return next(iter(self._client.parse(list(tokens))))
        except (RequestException, StopIteration, ValueError, KeyError) as error:
            raise BackendError(
                f"scpn.parser: the CoreNLP server at {self.url} gives no parse ({error}). Start "
                "it with `java -cp '*' edu.stanford.nlp.pipeline.StanfordCoreNLPServer`, or set "
                "scpn.parser to shallow."
            ) from error


@lru_cache(maxsize=4)
def find_parser(name: str) -> Parser:
    """Return the parser called ``shallow``, or the one at a CoreNLP server's address.

    Raises:
        BackendError: No server answers there.
    """
    return ShallowParser() if name == "shallow" else CoreNLPParser(name)


def linearise(tree: Tree, *, full: bool) -> str:
    """Return a tree's categories as SCPN writes them.

    Args:
        tree: A ``ROOT`` tree.
        full: Down to each word's part of speech, or only the clause's constituents, as in
            OpenAttack's templates.
    """
    if full:
        return " ".join(str(_without_words(tree)).replace("(", "( ").replace(")", " )").split())
    (top,) = tree
    parts = [part.label() for part in top if part.height() > 2 or part.label() in _KEPT]
    return " ".join(["( ROOT (", top.label(), *(f"( {label} )" for label in parts), ") )"])


def _without_words(tree: Tree) -> Tree:
    return Tree(tree.label(), [_without_words(part) for part in tree if isinstance(part, Tree)])


_KEPT = frozenset({".", ",", "CC", ":", "``", "''"})
"""Parts of speech that shape a clause."""
