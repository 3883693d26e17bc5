"""TextAttack is imported wherever the project was checked out."""

from __future__ import annotations

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
