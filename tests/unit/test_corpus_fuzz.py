"""Mutated files: no traceback, no hang, no token lost without a word."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.corpus_fuzz import fuzz


@pytest.mark.parametrize(
    "count", [400, pytest.param(10_000, marks=pytest.mark.slow)], ids=lambda count: f"{count} files"
)
def test_mutated_files_are_read_whole_or_refused(tmp_path: Path, count: int) -> None:
    tally = fuzz(tmp_path, count, seed=count)
    print(dict(sorted(tally.outcomes.items())), f"slowest: {tally.slowest:.2f} s")
    assert not tally.problems, "\n".join(tally.problems[:5])
    read = sum(n for outcome, n in tally.outcomes.items() if outcome.startswith("read"))
    assert count / 10 < read < count * 0.9
