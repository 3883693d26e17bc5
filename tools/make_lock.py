"""Resolve `requirements/*.in` into the locks beside them, without installing anything."""

import json
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "requirements"
HEAD = "# Made by `make lock`; pins {what}.\n"
OLDER = "what transformers4.in makes different from requirements.lock and dev.lock"


def resolve(*options: str) -> list[str]:
    """Return the pins of all packages that pip would install into an empty environment."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--report=-"]
    done = subprocess.run(
        [*command, "--ignore-installed", *options], check=True, stdout=subprocess.PIPE, cwd=FOLDER
    )
    found = [each["metadata"] for each in json.loads(done.stdout)["install"]]
    # PyPI's torch has no local version (+cpu).
    pins = [f"{each['name']}=={each['version'].partition('+')[0]}" for each in found]
    return sorted(pins, key=lambda pin: pin.partition("==")[0].lower())


def write(name: str, what: str, pins: list[str]) -> None:
    """Write a lock that says what it pins.

    Args:
        name: The lock's name.
        what: What it pins, for its first line.
        pins: Such as ``torch==2.13.0``.
    """
    lines = HEAD.format(what=what) + "".join(f"{pin}\n" for pin in pins)
    (FOLDER / f"{name}.lock").write_text(lines)


def main() -> None:
    """Write all locks."""
    base = ("-r", "requirements.in", "-r", "dev.in")
    shared = resolve(*base)
    write("dev", "every package that requirements.in and dev.in bring along", shared)
    core = resolve("-r", "requirements.in", "-c", "dev.lock")
    write("requirements", "every package that requirements.in brings along", core)
    added = [pin for pin in shared if pin not in core]
    write("dev", "every package that dev.in adds to requirements.lock", added)
    for name in ("no-deps", "dev-no-deps"):
        pins = resolve("--no-deps", "-r", f"{name}.in")
        write(name, f"the packages of {name}.in", pins)
    for name, present in (("use", core), ("docs", shared)):
        pins = resolve("-r", f"{name}.in", "-c", "requirements.lock", "-c", "dev.lock")
        added = [pin for pin in pins if pin not in present]
        write(name, f"every package that {name}.in adds to requirements.lock", added)
    older = resolve(*base, "-r", "transformers4.in")
    differing = [pin for pin in older if pin not in shared]
    write("transformers4", OLDER, differing)


if __name__ == "__main__":
    main()
