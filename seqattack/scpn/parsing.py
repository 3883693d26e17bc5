"""Constituency parses, which SCPN takes beside the words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from nltk import Tree

from seqattack.errors import BackendError
from seqattack.scpn.embedded.shallow_parser import ShallowParser
from seqattack.scpn.parser import Parser
from seqattack.scpn.stanza_folder import STANZA, stanza_folder

CLAUSE_MARKS = (".", ",", ":", "CC", "``", "''")
"""Parts of speech that shape a clause."""

_AS_GIVEN = {"tokenize.whitespace": "true"}
"""Has CoreNLP take the tokens, which NLTK joins by spaces, as they are."""


class CoreNLPParser(Parser):
    """A parser that runs in a Stanford CoreNLP server.

    Args:
        url: The server's address, such as ``http://localhost:9000``.

    Raises:
        BackendError: No server answers there.
    """

    def __init__(self, url: str) -> None:
        from nltk.parse.corenlp import CoreNLPParser as Client

        self.name = self.url = url
        self._client = Client(url)
        self.parse(["It", "answers", "."])

    def parse(self, tokens: Sequence[str]) -> Tree:
        """Return the server's tree of a sentence."""
        from requests import RequestException

        try:
            return next(iter(self._client.parse(list(tokens), properties=_AS_GIVEN)))
        except (RequestException, StopIteration, ValueError, KeyError) as error:
            raise BackendError(
                f"scpn.parser: the CoreNLP server at {self.url} gives no parse ({error}). Start "
                "it with `java -cp '*' edu.stanford.nlp.pipeline.StanfordCoreNLPServer`, or set "
                "scpn.parser to stanza or shallow."
            ) from error


@lru_cache(maxsize=4)
def find_parser(name: str, folder: Path | None = None, device: str = "cpu") -> Parser:
    """Return a parser by its name; loaded once.

    Args:
        name: ``shallow``, ``stanza``, or the address of a CoreNLP server.
        folder: Stanza's files; None for those in the cache.
        device: Where Stanza runs: ``cpu``, ``cuda`` or ``cuda:N``.

    Raises:
        BackendError: No server answers there, Stanza or one of its files is missing, or another
            parser is given a folder.
        ModelError: One of Stanza's files is damaged or not safe to load.
    """
    if name == STANZA:
        from seqattack.scpn.stanza_parser import StanzaParser

        return StanzaParser(folder or stanza_folder(), device)
    if folder is not None:
        raise BackendError(f"{folder}: only the parser stanza has a folder; choose it, or none.")
    return ShallowParser() if name == "shallow" else CoreNLPParser(name)


def linearise(tree: Tree, *, full: bool) -> str:
    """Return a tree's categories as SCPN writes them.

    Args:
        tree: A ``ROOT`` tree.
        full: Whether to go down to each word's part of speech; otherwise only the clause's
            constituents are given, as in OpenAttack's templates.
    """
    if full:
        return " ".join(str(_without_words(tree)).replace("(", "( ").replace(")", " )").split())
    (top,) = tree
    parts = [part.label() for part in top if part.height() > 2 or part.label() in CLAUSE_MARKS]
    return " ".join(["( ROOT (", top.label(), *(f"( {label} )" for label in parts), ") )"])


def _without_words(tree: Tree) -> Tree:
    return Tree(tree.label(), [_without_words(part) for part in tree if isinstance(part, Tree)])
