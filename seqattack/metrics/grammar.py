"""Grammar errors of a tokenized text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from seqattack.errors import BackendError, ConfigError
from seqattack.suggest import did_you_mean

TOKENIZATION_RULES = {
    "Spaces": "tokens are joined by spaces, also before punctuation",
    "CommaFixes": "a comma is a token, so there is a space before it",
    "UnclosedQuotes": "a quotation may go on in the next sentence",
    "NumericRangeEnDash": "scores such as 2-1 are written with a hyphen",
    "Dashes": "newswire writes two hyphens",
    "CurrencyPlacement": "the currency sign is a token of its own",
    "LongSentences": "length is style, and lists of players are long",
}
"""Harper's rules that fire on any tokenized newswire, and why; they are switched off."""


class GrammarBackend(Protocol):
    """Counts grammar errors."""

    name: str

    def errors(self, texts: Sequence[str]) -> list[int]:
        """Return the number of errors of each text."""
        ...


class HarperBackend:
    """Harper, an offline checker of English; misspelled words count, as with LanguageTool.

    Raises:
        BackendError: The package harper-py is missing.
    """

    name = "harper"

    def __init__(self) -> None:
        try:
            import harper
        except ImportError as error:
            raise BackendError(
                "grammar.backend harper needs the package harper-py; run `pip install harper-py`."
            ) from error
        self._language = harper.Language.PLAINTEXT
        self._linter = harper.Linter()
        rules = self._linter.get_lint_config()
        self._linter.set_lint_config({**rules, **dict.fromkeys(TOKENIZATION_RULES, False)})
        self._counts: dict[str, int] = {}

    def errors(self, texts: Sequence[str]) -> list[int]:
        """Return the number of errors of each text; cached by text."""
        for text in texts:
            if text not in self._counts:
                self._counts[text] = len(self._linter.lint(text, language=self._language))
        return [self._counts[text] for text in texts]


LANGUAGETOOL_RULES = {
    "COMMA_PARENTHESIS_WHITESPACE": "tokens are joined by spaces, also before punctuation",
    "WHITESPACE_RULE": "the same",
    "SENTENCE_WHITESPACE": "the same",
    "EN_UNPAIRED_BRACKETS": "a quotation may go on in the next sentence",
    "EN_UNPAIRED_QUOTES": "the same",
}
"""LanguageTool's rules that are switched off, and why."""


class LanguageToolBackend:
    """LanguageTool (Naber, 2003), the paper's checker, through language-tool-python.

    Args:
        server: Address of a running server, such as ``http://localhost:8081``; None starts one,
            which needs Java 17 and, the first time, downloads LanguageTool.
        language: Of the texts.

    Raises:
        BackendError: The package is missing, the server does not answer, or none can be started.
    """

    name = "languagetool"

    def __init__(self, server: str | None = None, language: str = "en-US") -> None:
        try:
            from language_tool_python import LanguageTool
        except ImportError as error:
            raise BackendError(
                "grammar.backend languagetool needs language-tool-python; run "
                "`pip install language-tool-python`."
            ) from error
        self._where = server or "LanguageTool's own server"
        with self._failures():
            self._tool = LanguageTool(language, remote_server=server)
            self._tool.disabled_rules = set(LANGUAGETOOL_RULES)
        self._counts: dict[str, int] = {}

    def errors(self, texts: Sequence[str]) -> list[int]:
        """Return the number of errors of each text; cached by text.

        Raises:
            BackendError: The server stopped answering.
        """
        with self._failures():
            for text in texts:
                if text not in self._counts:
                    self._counts[text] = len(self._tool.check(text))
        return [self._counts[text] for text in texts]

    @contextmanager
    def _failures(self) -> Iterator[None]:
        """Turn what language-tool-python raises, from OSError to its own, into one error."""
        try:
            yield
        except Exception as error:
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise BackendError(
                f"grammar.backend languagetool: {self._where} does not answer ({reason}). Start a "
                "server and set grammar.server to its address, or install Java 17 and let it be "
                "downloaded; then run the same command again. grammar.backend harper needs neither."
            ) from error


def grammar_backend(config: Mapping[str, Any]) -> GrammarBackend:
    """Return the backend that the config's ``grammar`` names.

    Raises:
        ConfigError: There is no such backend.
        BackendError: It is not installed, or its server does not answer.
    """
    name = config.get("backend", "harper")
    if name == "languagetool":
        return LanguageToolBackend(config.get("server"))
    if name == "harper":
        return HarperBackend()
    known = ("harper", "languagetool")
    raise ConfigError(f"grammar.backend: unknown {name!r}{did_you_mean(name, known)}")
