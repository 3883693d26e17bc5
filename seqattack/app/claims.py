"""What a run says of the paper's claims, as the pipeline wrote it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from seqattack.errors import RecordError
from seqattack.io import read_json
from seqattack.pipeline.layout import Layout

COLUMNS = ("section", "paper", "ours", "interval", "verdict")
"""What is shown of a claim."""


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims and their verdicts.

    Args:
        rows: By claim, its values by the names of `COLUMNS`.
    """

    rows: Sequence[tuple[str, Mapping[str, str]]]

    @property
    def verdicts(self) -> Mapping[str, int]:
        """The number of claims by verdict, most frequent first."""
        return dict(Counter(values["verdict"] for _, values in self.rows).most_common())


def read_claims(results: Path) -> Claims | None:
    """Return the claims of a results folder; None where the pipeline has not got that far.

    Raises:
        RecordError: The file is not the pipeline's table of claims.
    """
    path = Layout(results).table("claims", ".json")
    if not path.is_file():
        return None
    try:
        rows = [(str(row["label"]), _values(row["values"])) for row in read_json(path)["rows"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RecordError(f"{path}: not the pipeline's table of claims ({error}).") from error
    return Claims(rows) if rows else None


def _values(values: Mapping[str, object]) -> Mapping[str, str]:
    return {name: str(values.get(name) or "–") for name in COLUMNS}
