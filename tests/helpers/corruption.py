"""Change one bit in each of many files of a finished run, at random, and see who notices.

python -m tests.helpers.corruption FOLDER --files 200 --seed 7
python -m tests.helpers.corruption FOLDER --like UNDISTURBED
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from pathlib import Path

from seqattack.integrity import State, examine
from tests.helpers.running import made


def flip(path: Path, place: int, bit: int) -> None:
    """Change one bit of a file that is not empty.

    Args:
        path: The file.
        place: Of the byte; one beyond the end counts on from the start.
        bit: From 0 to 7.
    """
    data = bytearray(path.read_bytes())
    data[place % len(data)] ^= 1 << bit
    path.write_bytes(data)


def in_state(folder: Path, *states: State) -> list[Path]:
    """Return a run's files of these states."""
    return [
        finding.path
        for name in ("results", "figures")
        for finding in examine(folder / name)
        if finding.state in states
    ]


def corrupt(folder: Path, files: int, seed: int) -> list[Path]:
    """Change a bit in each of so many files of a run, and return them in order."""
    chance = random.Random(seed)
    whole = [path for path in in_state(folder, State.INTACT) if path.stat().st_size]
    chosen = sorted(chance.sample(whole, files))
    for path in chosen:
        flip(path, chance.randrange(path.stat().st_size), chance.randrange(8))
    return chosen


def differing(folder: Path, other: Path) -> list[str]:
    """Return the files that two runs do not have alike, but those that tell of their time."""
    ours, theirs = made(folder), made(other)
    return sorted(name for name in {*ours, *theirs} if ours.get(name) != theirs.get(name))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="of a finished run")
    parser.add_argument("--files", type=int, default=200, help="how many to change")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--like", type=Path, help="change nothing; compare with this run")
    options = parser.parse_args(arguments)
    if options.like:
        found = differing(options.folder, options.like)
        print(f"{len(made(options.folder))} files, {len(found)} differ", *found, sep="\n")
        raise SystemExit(bool(found))
    before = in_state(options.folder, State.CHANGED, State.MISSING)
    changed = corrupt(options.folder, options.files, options.seed)
    noticed = set(in_state(options.folder, State.CHANGED)) - set(before)
    print(*changed, sep="\n")
    print(f"{len(noticed & set(changed))} of {len(changed)} noticed")


if __name__ == "__main__":
    main()
