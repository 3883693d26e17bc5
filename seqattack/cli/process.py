"""What the command line and the pipeline's scripts share: errors as one line, threads, paths."""

from __future__ import annotations

import atexit
import gc
import io
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from seqattack.errors import SeqAttackError
from seqattack.models.memory import is_out_of_memory
from seqattack.text import clipped

NO_MEMORY = (
    "the memory ran out, also with the smallest batch of predictions; nothing was left "
    "half-written. Give more memory (or run fewer jobs at a time) and run the same command again: "
    "it goes on where it stopped. A training needs less with a smaller batch size."
)

LONGEST_LINE = 900
"""The most characters of a line of an error."""


def run_script(main: Callable[[], None]) -> None:
    """Run a script's `main`; print an error that the user can cure without a traceback."""
    from seqattack.pipeline.made import recorded

    collect_rarely()
    with one_line_errors("error"), recorded():
        main()


def collect_rarely() -> None:
    """Collect garbage 100 times less often, the old objects still less, and skip it at exit.

    Importing torch, transformers and TextAttack makes a million objects that all stay. Searching
    them again and again, and once more at exit, is a quarter of a short job's time.
    """
    gc.set_threshold(100_000, 100)
    atexit.register(gc.freeze)


@contextmanager
def one_line_errors(kind: str) -> Iterator[None]:
    """End the program with one line and status 2 where something fails that a user can cure.

    What the program prints is on its way when the block ends; a reader that has gone away (``|
    head``) ends the program quietly.

    Args:
        kind: Begins the line.
    """
    sys.stdout = sys.stdout or io.StringIO()  # there is none where it was closed (``>&-``)
    sys.stderr = sys.stderr or io.StringIO()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal may lack characters
            stream.reconfigure(errors="backslashreplace")
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except SeqAttackError as error:
        print_error(kind, error)
        raise SystemExit(2) from None
    except BrokenPipeError:
        _drop_output()
        raise SystemExit(128 + signal.SIGPIPE) from None
    except OSError as error:
        _drop_output()
        print_error(
            kind, SeqAttackError(f"{error.filename or 'output'}: {error.strerror or error}")
        )
        raise SystemExit(2) from None
    except (MemoryError, RuntimeError, ImportError) as error:
        if not is_out_of_memory(error):
            raise
        print_error(kind, SeqAttackError(NO_MEMORY))
        raise SystemExit(2) from None


def _drop_output() -> None:
    """Let go of what could not be printed; Python would try once more at the end."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def print_error(kind: str, error: Exception) -> None:
    """Print an error of which parts may come from a file, so that they stay text, and not long."""
    lines = "\n".join(clipped(line, LONGEST_LINE) for line in str(error).split("\n"))
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
