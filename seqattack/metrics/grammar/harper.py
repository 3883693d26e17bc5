"""The grammar checker Harper."""

from __future__ import annotations

from collections.abc import Sequence

from seqattack.errors import BackendError
from seqattack.metrics.grammar.checker import HARPER

TOKENIZATION_RULES = {
    "Spaces": "tokens are joined by spaces, also before punctuation",
    "CommaFixes": "a comma is a token, so there is a space before it",
    "UnclosedQuotes": "a quotation may go on in the next sentence",
    "NumericRangeEnDash": "scores such as 2-1 are written with a hyphen",
    "Dashes": "newswire writes two hyphens",
    "CurrencyPlacement": "the currency sign is a token of its own",
    "LongSentences": "length is style, and lists of players are long",
}
"""Harper's rules that are switched off, as they fire on correct tokenized newswire, and why."""


class HarperBackend:
    """Harper, an offline checker of English; misspelled words count, as with LanguageTool.

    Raises:
        BackendError: The package harper-py is missing.
    """

    name = HARPER

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
        """Return the number of errors in each text; a text is checked once."""
        for text in texts:
            if text not in self._counts:
                self._counts[text] = len(self._linter.lint(text, language=self._language))
        return [self._counts[text] for text in texts]
