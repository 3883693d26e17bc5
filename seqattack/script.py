"""What every script of the pipeline shares: errors as one line, and an exit status."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from seqattack.errors import SeqAttackError


def run_script(main: Callable[[], None]) -> None:
    """Run a script's `main`; print an error that the user can cure without a traceback."""
    try:
        main()
    except SeqAttackError as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(2) from None


def named_paths(arguments: Sequence[str]) -> dict[str, Path]:
    """Return arguments of the form NAME=PATH as a mapping, in their order.

    >>> named_paths(["small=models/small"])
    {'small': PosixPath('models/small')}
    """
    return {name: Path(path) for name, _, path in (each.partition("=") for each in arguments)}
