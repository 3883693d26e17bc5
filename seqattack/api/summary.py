"""The metrics of an attack, as a table that a terminal or a notebook shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seqattack.errors import RecordError
from seqattack.metrics.scores import score_records
from seqattack.metrics.summary import AttackSummary
from seqattack.metrics.summary import summarize as summarize_scored
from seqattack.records import AttackRecord

if TYPE_CHECKING:
    from seqattack.metrics.grammar.checker import GrammarBackend
    from seqattack.sentence_encoder.encoder import SentenceEncoder


@dataclass(frozen=True, slots=True)
class Summary(AttackSummary):
    """The metrics of an attack: printed, one a line; in a notebook, a table."""

    __str__ = AttackSummary.__str__

    def _repr_html_(self) -> str:
        """Return the table as a notebook shows it."""
        from seqattack.report.page import to_html
        from seqattack.report.tables import summary_table

        return to_html(summary_table([self]))


def summarize(
    records: Iterable[AttackRecord],
    *,
    victim: str = "victim",
    seed: int = 0,
    encoder: SentenceEncoder | None = None,
    grammar: GrammarBackend | None = None,
) -> Summary:
    """Return the metrics of an attack (paper, section 4.1.1).

    Args:
        records: Of one attack, one a sentence.
        victim: The victim's name.
        seed: Of the bootstrap.
        encoder: Measures similarity; the embedded all-MiniLM-L6-v2 without one.
        grammar: Counts grammar errors; Harper without one.

    Raises:
        RecordError: There are no records.
        BackendError: Encoder or grammar checker is not installed.

    Example:
        >>> from seqattack.records import read_records
        >>> print(summarize(read_records("records.jsonl")))  # doctest: +SKIP
    """
    from seqattack.metrics.grammar.backends import grammar_backend
    from seqattack.sentence_encoder.backends import load_sentence_encoder
    from seqattack.sentence_encoder.session import SimilaritySession

    records = list(records)
    if not records:
        raise RecordError("there is no record to summarize; attack at least one sentence.")
    encoder = encoder or load_sentence_encoder({})
    grammar = grammar or grammar_backend({})
    scored = score_records(records, SimilaritySession(encoder), grammar)
    made = summarize_scored(records, scored, victim, seed, (encoder.name, grammar.name))
    return Summary(**{name: getattr(made, name) for name in AttackSummary.__slots__})
