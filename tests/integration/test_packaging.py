"""A source distribution and a wheel hold all that the library reads, and work anywhere."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.helpers.documentation import ROOT
from tests.helpers.tiny_models import make_model

pytestmark = pytest.mark.slow


def tracked(*paths: str) -> list[str]:
    """Return the files that git knows."""
    listed = ["git", "-C", str(ROOT), "ls-files", *paths]
    done = subprocess.run(listed, capture_output=True, text=True, check=True)
    return [name for name in done.stdout.splitlines() if (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel that is built of the source distribution, which is built of a clean copy."""
    if not (ROOT / ".git").exists():
        pytest.skip("without git's list of files there is nothing to compare with")
    copy, dist = tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("dist")
    for name in tracked():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, copy / name)
    call = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(dist), str(copy)]
    done = subprocess.run(call, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert len(list(dist.glob("*.tar.gz"))) == 1
    (found,) = dist.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder)
    return folder


def run(folder: Path, unpacked: Path, *arguments: str) -> str:
    """Run Python in an empty folder; the library is the wheel's."""
    call = [sys.executable, *arguments]
    environment = {**os.environ, "PYTHONPATH": str(unpacked), "PYTHONSAFEPATH": "1"}
    done = subprocess.run(call, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_has_every_file_of_the_library_and_no_other(unpacked: Path) -> None:
    here = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}
    (metadata,) = {name.split("/")[0] for name in here if ".dist-info/" in name}
    assert {name for name in here if not name.startswith(metadata)} == set(tracked("seqattack"))
    assert f"{metadata}/licenses/LICENSE" in here
    scripts = (unpacked / metadata / "entry_points.txt").read_text()
    assert "seqattack = seqattack.cli.main:main" in scripts


def test_it_works_without_the_repository(unpacked: Path, tmp_path: Path) -> None:
    model = make_model(tmp_path / "model", "bert-uncased")
    empty = tmp_path / "empty"
    empty.mkdir()
    where = run(empty, unpacked, "-c", "import seqattack; print(seqattack.__file__)")
    assert Path(where.strip()).is_relative_to(unpacked)
    assert "attack-text" in run(empty, unpacked, "-m", "seqattack", "--help")
    text = "The company said shares rose in Rome ."
    shown = run(empty, unpacked, "-m", "seqattack", "attack-text", text, "--model", str(model))
    assert "original" in shown
    assert "queries" in shown
    assert list(empty.iterdir()) == []
