"""Files that are whole or not there, whatever happens while they are written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from seqattack.io import atomic_path, write_text

DYING = """
import os, sys
from pathlib import Path
from seqattack import io

def die(*arguments):
    os._exit(9)

{moment}
io.write_text(sys.argv[1], "new " * 100_000)
"""
MOMENTS = {
    "while writing": "io.synchronise = die",
    "before the new name": "Path.replace = die",
    "before the rights": "Path.chmod = die",
}


@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS.keys())
def test_power_lost_before_the_rename_leaves_the_old_file(tmp_path: Path, moment: str) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "old")
    script = DYING.format(moment=moment)
    died = subprocess.run([sys.executable, "-c", script, str(path)], check=False)
    assert died.returncode == 9
    assert path.read_text() == "old"
    write_text(path, "newer")
    assert path.read_text() == "newer"


def write_half(path: Path, error: type[BaseException]) -> None:
    with atomic_path(path) as temporary:
        temporary.write_text("half")
        raise error


def test_an_error_or_a_ctrl_c_while_writing_leaves_nothing(tmp_path: Path) -> None:
    for error in (RuntimeError, KeyboardInterrupt):
        with pytest.raises(error):
            write_half(tmp_path / "a.txt", error)
        assert list(tmp_path.iterdir()) == []
