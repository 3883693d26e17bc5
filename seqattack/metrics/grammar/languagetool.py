"""The grammar checker LanguageTool."""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from seqattack.errors import BackendError
from seqattack.files.artefacts import find_artefact
from seqattack.files.fetch.fetching import fetched_folder
from seqattack.metrics.grammar.checker import LANGUAGETOOL

LANGUAGETOOL_RULES = {
    "COMMA_PARENTHESIS_WHITESPACE": "tokens are joined by spaces, also before punctuation",
    "WHITESPACE_RULE": "tokens are joined by spaces, also before punctuation",
    "SENTENCE_WHITESPACE": "tokens are joined by spaces, also before punctuation",
    "EN_UNPAIRED_BRACKETS": "a quotation may go on in the next sentence",
    "EN_UNPAIRED_QUOTES": "a quotation may go on in the next sentence",
}
"""LanguageTool's rules that are switched off, and why."""

LANGUAGE = "en-US"
"""The language of the texts."""

CONCURRENT = 4
"""Texts that are sent to the server at once; its own limit is higher."""


class LanguageToolBackend:
    """LanguageTool (Naber, 2003), the paper's checker, through language-tool-python.

    Args:
        server: Address of a running server, such as ``http://localhost:8081``; None starts one,
            which needs Java 17 and LanguageTool, fetched before.

    Raises:
        BackendError: The package is missing, LanguageTool has not been fetched, the server does
            not answer, or none can be started.
    """

    name = LANGUAGETOOL

    def __init__(self, server: str | None = None) -> None:
        try:
            from language_tool_python import LanguageTool
        except ImportError as error:
            raise BackendError(
                "grammar.backend languagetool needs language-tool-python; run "
                "`pip install language-tool-python`."
            ) from error
        if server is None:
            os.environ["LTP_PATH"] = str(_programs())
        self._where = server or "LanguageTool's own server"
        self._counts: dict[str, int] = {}
        with self._failures():
            if server is None:
                # It is used like any other server: language-tool-python would restart its own
                # server, when that dies, from every thread at once.
                own = LanguageTool(LANGUAGE)
                weakref.finalize(self, own.close)
                server = f"http://{own.host}:{own.port}"
            self._tool = LanguageTool(LANGUAGE, remote_server=server)
            self._tool.disabled_rules = set(LANGUAGETOOL_RULES)

    def errors(self, texts: Sequence[str]) -> list[int]:
        """Return the number of errors in each text; a text is checked once.

        Raises:
            BackendError: The server does not answer, or not as LanguageTool does.
        """
        new = [text for text in dict.fromkeys(texts) if text not in self._counts]
        with self._failures(), ThreadPoolExecutor(CONCURRENT) as pool:
            found = [pool.submit(self._tool.check, text) for text in new]
            try:
                self._counts.update(
                    (text, len(matches.result())) for text, matches in zip(new, found, strict=True)
                )
            finally:
                for matches in found:
                    matches.cancel()  # after an error, nothing more is asked
        return [self._counts[text] for text in texts]

    @contextmanager
    def _failures(self) -> Iterator[None]:
        """Turn all errors of language-tool-python, from OSError to its own, into one."""
        try:
            yield
        except Exception as error:
            reason = (str(error).strip() or "no reason given").splitlines()[0]
            raise BackendError(
                f"grammar.backend languagetool: {self._where} does not answer as it should "
                f"({type(error).__name__}: {reason}). Start a server and set grammar.server to its "
                "address, or install Java 17; then run the same command again. grammar.backend "
                "harper needs neither."
            ) from error


def _programs() -> Path:
    """Return the folder in which language-tool-python finds LanguageTool's own."""
    folder = fetched_folder(find_artefact(LANGUAGETOOL))
    for path in sorted(folder.rglob("languagetool-server.jar")):
        return path.parent.parent
    raise BackendError(f"{folder}: no languagetool-server.jar there; delete it and fetch it again.")
