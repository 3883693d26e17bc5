"""Files that are whole or not there, whatever happens while they are written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from seqattack.attack.journal import Journal
from seqattack.errors import SeqAttackError
from seqattack.io import atomic_path, check_writable, dump_line, json_value, write_json, write_text
from tests.helpers.disk import no_file_larger_than

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


def test_a_device_stays_one() -> None:
    before = os.stat(os.devnull)
    write_text(os.devnull, "text")
    with Journal(os.devnull, {}) as journal:
        journal.finish([])
    assert os.stat(os.devnull) == before
    assert not Path(f"{os.devnull}.partial").exists()


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    write_text(pipe, "text")
    reader.join()
    assert read == ["text"]
    assert pipe.is_fifo()


def test_a_link_stays_and_its_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    for name in ("there/old.txt", "there/new.txt"):
        link = tmp_path / Path(name).name
        link.symlink_to(name)
        write_text(link, "text")
        assert link.is_symlink()
        assert (tmp_path / name).read_text() == "text"
    assert len(list((tmp_path / "there").iterdir())) == 2


@pytest.mark.parametrize("place", ["", "file/a.txt", "/dev/full", "/proc/nowhere/a.txt", "x" * 300])
def test_what_cannot_be_written_is_named(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("old")
    path = tmp_path / place
    with pytest.raises(SeqAttackError) as error:
        write_text(path, "new")
    assert str(error.value).startswith(f"{path}: could not be written (")
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_json_has_no_nan(tmp_path: Path, number: float) -> None:
    with pytest.raises(SeqAttackError, match="NaN or infinite"):
        write_json(tmp_path / "a.json", {"a": [number]})
    assert not list(tmp_path.iterdir())
    with pytest.raises(ValueError, match="is no JSON number"):
        json_value(json.dumps(number))


def test_json_steers_no_terminal_and_keeps_its_values() -> None:
    characters = [chr(code) for code in range(0x2100)]
    line = dump_line(characters)
    assert json.loads(line) == characters
    steering = "\x1b\x7f\x85\x9b\u061c\u200e\u2028\u202e\u2067"
    assert not set(steering) & set(line)
    assert "é" in line, "other characters stay readable"


def test_nested_json_is_refused() -> None:
    with pytest.raises(ValueError, match="too deeply"):
        json_value("[" * 100_000)


def test_a_folder_that_takes_nothing_is_refused(tmp_path: Path) -> None:
    check_writable(tmp_path)
    assert not list(tmp_path.iterdir())
    refused = pytest.raises(
        SeqAttackError, match=r"cannot be written \(File too large\); free some"
    )
    with no_file_larger_than(100), refused:
        check_writable(tmp_path)
    with pytest.raises(SeqAttackError, match="cannot be written"):
        check_writable(tmp_path / "missing")
