"""What makes an output, recorded by the job that makes it: code, versions, machine.

A job says what it makes of what (``making``, in ``rules/common.smk``). The record lies beside the
first output, in ``.made/``, without a time: the same for the same job.
"""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from seqattack import __version__
from seqattack.files.checksums import sha256_file, sha256_json
from seqattack.files.packages import PACKAGES, package_version
from seqattack.integrity import MADE
from seqattack.io import write_json

MAKING = "SEQATTACK_MAKING"
"""The environment variable with a job's outputs and, after a line ``--from``, its inputs."""

FROM = "--from"
CODE = ("seqattack", "scripts", "rules", "Snakefile")
"""What makes results; a changed README or configuration is no other code."""

_DIFF = (
    *("diff", "HEAD", "--binary", "--full-index", "--no-color", "--no-ext-diff", "--no-textconv"),
    *("--no-renames", "--src-prefix=a/", "--dst-prefix=b/", "--unified=3"),
)


@contextmanager
def recorded() -> Iterator[None]:
    """Record what makes the outputs of a job of the pipeline, once they are made."""
    words = os.environ.get(MAKING, "").splitlines()
    if FROM not in words:
        yield
        return
    at = words.index(FROM)
    state = code_state(project())
    yield
    made = {"outputs": words[:at], "inputs": [each for each in words[at + 1 :] if each]}
    write_json(made_file(Path(words[0])), made | surroundings(state))


def made_file(output: Path) -> Path:
    """Return where it is recorded what made an output.

    >>> made_file(Path("results/models/full")).as_posix()
    'results/models/.made/full.json'
    """
    return output.parent / MADE / f"{output.name}.json"


def project() -> Path:
    """Return the folder of the project, or the one that the library is installed in."""
    return Path(str(files("seqattack"))).parent


def surroundings(state: dict[str, Any]) -> dict[str, Any]:
    """Return what makes something now.

    Args:
        state: Of the code, from `code_state`: as it was when the job began.

    Returns:
        The state, and Python's version, machine, device and packages; ``backend`` only where the
        job used another one than torch.
    """
    versions = {name: package_version(name) for name in PACKAGES}
    return {
        **state,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "device": _device(),
        **({"backend": "openvino"} if "openvino" in sys.modules else {}),
        "packages": {name: version for name, version in versions.items() if version},
    }


def code_state(root: Path) -> dict[str, Any]:
    """Return which code is in a project's folder.

    Args:
        root: The folder.

    Returns:
        ``version``, ``code`` (a SHA-256 of it), ``commit`` and ``changes``: None without any, else
        the SHA-256 of the difference to the commit and the names of the changed files. Both are
        None where the folder is not the top of a working tree: a repository that encloses an
        installed package did not make it.
    """
    commit, changes = None, None
    top = _git(root, "rev-parse", "--show-toplevel")
    if top and Path(os.fsdecode(top.strip())).resolve() == root.resolve():
        head = _git(root, "rev-parse", "--verify", "--quiet", "HEAD")
        commit = head.decode().strip() if head else None
        changes = _changes(root) if commit else None
    return {"version": __version__, "code": _code(root), "commit": commit, "changes": changes}


def _changes(root: Path) -> dict[str, Any] | None:
    """Return what differs from the last commit, new modules included; None where nothing does."""
    diff = _git(root, *_DIFF, "--", *CODE) or b""
    names = _lines(_git(root, "diff", "HEAD", "--name-only", "--no-renames", "-z", "--", *CODE))
    # Those too that git is told to ignore: Python imports them.
    others = _lines(_git(root, "ls-files", "--others", "-z", "--", *CODE))
    new = [name for name in others if _counts(Path(name))]
    if not names and not new:
        return None
    digest = hashlib.sha256(diff)
    for name in new:
        digest.update(f"\0{name}\0{sha256_file(root / name)}".encode())
    return {"sha256": digest.hexdigest(), "files": sorted([*names, *new])}


def _code(root: Path) -> str:
    """Return a SHA-256 of all code."""
    names = CODE if (root / "Snakefile").is_file() else CODE[:1]
    tops = [root / name for name in names]
    paths = [path for top in tops for path in (top, *top.rglob("*")) if path.is_file()]
    known = {path.relative_to(root): path for path in sorted(paths)}
    return sha256_json({n.as_posix(): sha256_file(p) for n, p in known.items() if _counts(n)})


def _counts(name: Path) -> bool:
    hidden = any(part.startswith(".") for part in name.parts)
    return not hidden and "__pycache__" not in name.parts and name.suffix != ".pyc"


def _device() -> str:
    """Return the graphics processor that the job used, or else the processor."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        return str(torch.cuda.get_device_name())
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or "cpu"


def _lines(names: bytes | None) -> Sequence[str]:
    return [os.fsdecode(name) for name in (names or b"").split(b"\0") if name]


def _git(root: Path, *words: str) -> bytes | None:
    # What git sets in its hooks would name another repository; jobs run beside each other.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    environment["GIT_OPTIONAL_LOCKS"] = "0"
    command = ["git", "-C", str(root), *words]
    try:
        done = subprocess.run(command, capture_output=True, check=True, timeout=10, env=environment)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout
