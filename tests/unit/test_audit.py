"""The audit says what is known, and that nothing is known where nobody could be asked."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tools.audit import ask, verdict

GOOD = {"name": "six", "version": "1.17.0", "vulns": []}
BAD = {
    "name": "urllib3",
    "version": "1.0",
    "vulns": [
        {"id": "CVE-2019-11324", "fix_versions": ["1.24.2"]},
        {"id": "X", "fix_versions": []},
    ],
}
UNKNOWN = {"name": "mine", "skip_reason": "Dependency not found on PyPI"}


def test_what_is_known_is_said_a_line_each() -> None:
    assert verdict([GOOD]) == []
    assert verdict([GOOD, BAD, UNKNOWN]) == [
        "urllib3 1.0: CVE-2019-11324, mended in 1.24.2",
        "urllib3 1.0: X, mended in no version",
        "mine: not audited, the index does not know it",
    ]


def test_an_index_that_knows_nothing_is_no_clean_bill() -> None:
    assert verdict([UNKNOWN] * 3) == ["nothing was audited: the index knows none of the 3 packages"]


def test_where_nobody_answers_it_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "python"
    broken.write_text(
        "#!/bin/sh\necho Traceback >&2; echo 'no connection to pypi.org' >&2; exit 1\n"
    )
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    with pytest.raises(SystemExit, match=r"^nothing was audited: no connection to pypi\.org$"):
        ask([])
