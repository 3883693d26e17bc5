"""What a run says of the paper's claims, as the pipeline wrote it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from seqattack.errors import RecordError
from seqattack.io import read_json
from seqattack.pipeline.layout import Layout
from seqattack.report.tables import Table
from seqattack.report.verdicts import shared_verdict


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims and their verdicts.

    Args:
        headings: Those of the columns.
        lines: The cells of each claim, its name first.
        verdicts: The number of claims by verdict, most frequent first.
    """

    headings: Sequence[str]
    lines: Sequence[Sequence[str]]
    verdicts: Mapping[str, int]


def read_claims(results: Path) -> Claims | None:
    """Return the claims of a results folder; None where the pipeline has not got that far.

    Raises:
        RecordError: The file is not the pipeline's table of claims.
    """
    path = Layout(results).table("claims", ".json")
    if not path.is_file():
        return None
    try:
        table = Table.from_json(read_json(path))
        verdicts = Counter(shared_verdict(row.values) for row in table.rows)
        claims = Claims(table.headings, table.lines, dict(verdicts.most_common()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RecordError(f"{path}: not the pipeline's table of claims ({error}).") from error
    return claims if claims.lines else None
