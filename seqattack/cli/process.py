"""What the command line and the pipeline's scripts share: errors as one line, threads, paths."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from seqattack.errors import SeqAttackError
from seqattack.report.text import printable


def run_script(main: Callable[[], None]) -> None:
    """Run a script's `main`; print an error that the user can cure without a traceback."""
    collect_rarely()
    try:
        main()
    except SeqAttackError as error:
        print_error("error", error)
        raise SystemExit(2) from None


def collect_rarely() -> None:
    """Collect garbage 100 times less often, the old objects still less, and skip it at exit.

    Importing torch, transformers and TextAttack makes a million objects that all stay. Searching
    them again and again, and once more at exit, is a quarter of a short job's time.
    """
    gc.set_threshold(100_000, 100)
    atexit.register(gc.freeze)


def print_error(kind: str, error: Exception) -> None:
    """Print an error of which parts may come from a file, so that they stay text."""
    lines = "\n".join(map(printable, str(error).split("\n")))
    print(f"{kind}: {lines}", file=sys.stderr)


def set_threads(threads: int | None) -> None:
    """Let torch use this many processor threads; None leaves torch's own choice."""
    if threads is not None:
        os.environ["OMP_NUM_THREADS"] = str(threads)
        import torch

        torch.set_num_threads(threads)


def named_paths(arguments: Sequence[str]) -> dict[str, Path]:
    """Return arguments of the form NAME=PATH as a mapping, in their order.

    >>> named_paths(["small=models/small"])
    {'small': PosixPath('models/small')}
    """
    return {name: Path(path) for name, path in named_words(arguments).items()}


def named_words(arguments: Sequence[str]) -> dict[str, str]:
    """Return arguments of the form NAME=WORD as a mapping, in their order.

    >>> named_words(["small=spacy:en_core_web_sm"])
    {'small': 'spacy:en_core_web_sm'}
    """
    return {name: word for name, _, word in (each.partition("=") for each in arguments)}


def paths_by_source(arguments: Sequence[str]) -> dict[str, dict[str, Path]]:
    """Return arguments of the form SOURCE/SIZE=PATH as paths by source and size, in their order.

    >>> paths_by_source(["clare/25=a", "clare/baseline=b"])
    {'clare': {'25': PosixPath('a'), 'baseline': PosixPath('b')}}
    """
    grouped: dict[str, dict[str, Path]] = {}
    for name, path in named_paths(arguments).items():
        source, _, size = name.partition("/")
        grouped.setdefault(source, {})[size] = path
    return grouped
