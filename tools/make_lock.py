"""Resolve `requirements/*.in` into the locks beside them, without installing anything.

A lock has the hashes of every file of a package's release, as the package index gives them, and of
the file that pip has chosen: where torch comes from another place, such as the builds without
CUDA, its hash is there too.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import NamedTemporaryFile

FOLDER = Path(__file__).resolve().parent.parent / "requirements"
UV = "uv==0.13.9"
"""Asks the package index for hashes; it is not part of the project."""

HEAD = "# Made by `make lock`; pins {what}.\n"
PYTHON = "3.11.5"
"""The oldest Python that the locks are for."""

OLDER = "what transformers4.in makes different from requirements.lock and dev.lock"


Pins = dict[str, set[str]]
"""By pin, such as ``torch==2.13.0``, the hashes of the files that pip has chosen for it."""


def resolve(*options: str, within: Iterable[str] = ()) -> Pins:
    """Return the pins of all packages that pip would install into an empty environment.

    Args:
        options: Of pip, such as ``-r``.
        within: Pins that the packages must agree with.
    """
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--report=-"]
    with NamedTemporaryFile("w", suffix=".txt") as constraints:
        constraints.write("\n".join(within))
        constraints.flush()
        command += ["--ignore-installed", "-c", constraints.name, *options]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=FOLDER)
    found: Pins = {}
    for each in json.loads(done.stdout)["install"]:
        # PyPI's torch has no local version (+cpu).
        version = each["metadata"]["version"].partition("+")[0]
        hashes = each["download_info"]["archive_info"]["hashes"]
        found[f"{each['metadata']['name']}=={version}"] = {f"sha256:{hashes['sha256']}"}
    return dict(sorted(found.items(), key=lambda item: item[0].partition("==")[0].lower()))


def with_hashes(pins: Pins) -> str:
    """Return a lock's lines: each pin with the hashes of all files of its release, sorted."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-deps", "--no-header"]
    command += ["--no-annotate", "--generate-hashes", f"--python-version={PYTHON}", "-"]
    done = subprocess.run(
        command, check=True, input="\n".join(pins), text=True, stdout=subprocess.PIPE, cwd=FOLDER
    )
    released, pin = Pins(), ""
    for line in done.stdout.splitlines():
        word = line.strip(" \\")
        if word.startswith("--hash="):
            released[pin].add(word.removeprefix("--hash="))
        elif "==" in word:
            pin = normalised(word)
            released[pin] = set()
    return "".join(
        " \\\n".join([pin, *(f"    --hash={each}" for each in sorted(chosen | released[key]))])
        + "\n"
        for (pin, chosen), key in zip(pins.items(), map(normalised, pins), strict=True)
    )


def cuda(torch: str) -> str:
    """Return the lines of what PyPI's torch brings along on Linux, with hashes."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal"]
    command += ["--no-header", "--no-annotate", "--generate-hashes", f"--python-version={PYTHON}"]
    done = subprocess.run(
        [*command, "-"], check=True, input=torch, text=True, stdout=subprocess.PIPE, cwd=FOLDER
    )
    blocks = re.split(r"\n(?=\S)", done.stdout.strip())
    return "".join(f"{each}\n" for each in blocks if "sys_platform == 'linux'" in each)


def normalised(pin: str) -> str:
    """Return a pin with its package's name as indexes write it (PEP 503)."""
    name, _, version = pin.partition("==")
    return f"{re.sub('[-_.]+', '-', name).lower()}=={version}"


def write(name: str, what: str, pins: Pins) -> None:
    """Write a lock that says what it pins.

    Args:
        name: The lock's name.
        what: What it pins, for its first line.
        pins: Such as ``torch==2.13.0``.
    """
    (FOLDER / f"{name}.lock").write_text(HEAD.format(what=what) + with_hashes(pins))


def main() -> None:
    """Write all locks."""
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", UV], check=True)
    base = ("-r", "requirements.in", "-r", "dev.in")
    shared = resolve(*base)
    core = resolve("-r", "requirements.in", within=shared)
    write("requirements", "every package that requirements.in brings along", core)
    added = {pin: hashes for pin, hashes in shared.items() if pin not in core}
    write("dev", "every package that dev.in adds to requirements.lock", added)
    for name in ("no-deps", "dev-no-deps"):
        pins = resolve("--no-deps", "-r", f"{name}.in")
        write(name, f"the packages of {name}.in", pins)
    both = "requirements.lock and dev.lock"
    for name, present, locks in (
        ("use", core, "requirements.lock"),
        ("docs", shared, both),
        ("audit", shared, both),
    ):
        pins = resolve("-r", f"{name}.in", within=shared)
        added = {pin: hashes for pin, hashes in pins.items() if pin not in present}
        write(name, f"every package that {name}.in adds to {locks}", added)
    (torch,) = [pin for pin in core if pin.startswith("torch==")]
    head = HEAD.format(what="what the torch of PyPI brings along on Linux, for GPUs")
    (FOLDER / "cuda.lock").write_text(head + cuda(torch))
    older = resolve(*base, "-r", "transformers4.in")
    differing = {pin: hashes for pin, hashes in older.items() if pin not in shared}
    write("transformers4", OLDER, differing)


if __name__ == "__main__":
    main()
