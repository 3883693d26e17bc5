"""What the tools that measure attacks share: commands that must succeed, and cells of tables."""

from collections.abc import Sequence
from pathlib import Path

RECORDS = "records.jsonl"
"""The records of a finished attack, in its folder."""


def seqattack(*command: str) -> None:
    """Run a command of `seqattack` in this process.

    Args:
        *command: Its name and its options.

    Raises:
        SystemExit: It failed.
    """
    from seqattack.cli.main import main

    if code := main(list(command)):
        raise SystemExit(code)


def pick(subset: Path, victim: Sequence[str], *options: str) -> None:
    """Pick the sentences to attack, unless that was done before.

    Args:
        subset: Where they go.
        victim: The options that name the victim.
        *options: Further options of `seqattack pick-samples`.
    """
    if not subset.exists():
        subset.parent.mkdir(parents=True, exist_ok=True)
        seqattack("pick-samples", *victim, *options, "--output", str(subset))


def attack(folder: Path, victim: Sequence[str], subset: Path, *options: str) -> None:
    """Attack, unless that was done before; an attack that was begun goes on.

    Args:
        folder: Where the records go.
        victim: The options that name the victim.
        subset: The sentences.
        *options: Further options of `seqattack attack`.
    """
    records = folder / RECORDS
    if not records.exists():
        folder.mkdir(parents=True, exist_ok=True)
        read = ("--sentences", str(subset))
        seqattack("attack", *victim, *read, *options, "--output", str(records))


def percent(share: float | None, digits: int = 0, unit: str = "") -> str:
    """Return a share in percent; a dash where there is none.

    Args:
        share: In [0, 1] or, of a difference, in [-1, 1].
        digits: After the point.
        unit: Behind the number.

    >>> percent(0.125, 1, " %"), percent(None)
    ('12.5 %', '–')
    """
    return "–" if share is None else f"{100 * share:.{digits}f}{unit}"


def with_interval(
    share: float | None, interval: Sequence[float] | None, digits: int = 0, unit: str = ""
) -> str:
    """Return a share in percent, and its interval in brackets, where it has one.

    Args:
        share: As of `percent`.
        interval: Its lower and its upper bound, as shares.
        digits: After the points.
        unit: Behind each number.

    >>> with_interval(0.5, (0.25, 0.75)), with_interval(0.5, None)
    ('50 [25, 75]', '50')
    """
    shown = percent(share, digits, unit)
    bounds = ", ".join(percent(bound, digits, unit) for bound in interval or ())
    return f"{shown} [{bounds}]" if bounds else shown
