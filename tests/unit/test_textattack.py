"""TextAttack is imported wherever the project was checked out."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_group_writable_checkout_can_attack(tmp_path: Path) -> None:
    """As a umask of 002 makes it; NLTK reads no data that others could write to."""
    shutil.copytree(ROOT / "seqattack", tmp_path / "seqattack")
    data = tmp_path / "seqattack" / "attack" / "nltk_data"
    for path in (data, *data.rglob("*")):
        path.chmod(path.stat().st_mode | 0o020)
    program = (
        "import seqattack.attack.textattack, nltk; "
        "print('the' in nltk.corpus.stopwords.words('english'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "True", done.stderr


def test_a_cache_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "cache").touch()  # no folder can be made below it
    (tmp_path / "temporary").mkdir()
    program = (
        "import tempfile, pathlib, seqattack.attack.textattack; "
        "print(*pathlib.Path(tempfile.gettempdir()).glob('seqattack-textattack-*'))"
    )
    places = {
        "SEQATTACK_CACHE": str(tmp_path / "cache"),
        "TMPDIR": str(tmp_path / "temporary"),
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, **places},
        capture_output=True,
        text=True,
    )
    assert "seqattack-textattack-" in done.stdout, done.stderr
    assert not list((tmp_path / "temporary").glob("seqattack-textattack-*"))


def test_building_a_recipe_leaves_the_program_s_logging_as_it_was() -> None:
    from seqattack.attack.textattack_recipes import build_recipe

    before = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        build_recipe("pruthi")
        assert logging.root.manager.disable == logging.ERROR
    finally:
        logging.disable(before)
