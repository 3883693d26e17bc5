"""Victims that are a Python function."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from seqattack.errors import ModelError
from seqattack.files.checksums import sha256_file
from seqattack.models.batching import PROBES
from seqattack.victim.answers import check_tags, is_hard, read_answers
from seqattack.victim.probabilities import Probabilities
from seqattack.victim.victim import Victim

Function = Callable[[list[list[str]]], Any]
"""Takes texts as lists of tokens; returns for each the tags, or the probabilities of its tags."""


class FunctionVictim(Victim):
    """A function that tags texts.

    When it is made, it is asked about two texts, to see whether it gives tags or probabilities.

    Args:
        function: Tags texts. What it gives for one must not depend on the others.
        tags: Its IOB2 tags, in the order of its probabilities.
        name: What errors call it.
        checksum: What it is.

    Raises:
        ModelError: Its tags or its answers are not usable.

    Example:
        >>> def capitals(texts):
        ...     return [["B-X" if word.istitle() else "O" for word in text] for text in texts]
        >>> victim = FunctionVictim(capitals, ["O", "B-X"], "capitals", "1")
        >>> victim.probabilities([("in", "Rome")], 0)[0].tolist()
        [[1.0, 0.0], [0.0, 1.0]]
    """

    batch_size = 32
    unk_token = "[UNK]"

    def __init__(self, function: Function, tags: Sequence[str], name: str, checksum: str) -> None:
        self.function = function
        self.name = name
        self.labels = check_tags(name, tags)
        self.checksum = checksum
        self.hard_labels = is_hard(self._ask(PROBES))
        self.probabilities(PROBES, 0)

    def probabilities(
        self, texts: Sequence[Sequence[str]], padded_length: int
    ) -> list[Probabilities]:
        """Call the function; see `Victim.probabilities`."""
        return read_answers(self.name, texts, self._ask(texts), self.labels, self.hard_labels)

    def _ask(self, texts: Sequence[Sequence[str]]) -> Any:
        try:
            return self.function([list(tokens) for tokens in texts])
        except Exception as error:
            raise ModelError(
                f"{self.name} failed on {len(texts)} texts: {type(error).__name__}: {error}"
            ) from error


def load_function(name: str, tags: Sequence[str] = ()) -> FunctionVictim:
    """Load a function of a module, which may lie in the current folder.

    Args:
        name: ``MODULE:FUNCTION``.
        tags: Its tags; without them, the function's attribute ``tags``.

    Raises:
        ModelError: There is no such function, or its tags or answers are not usable.
    """
    module_name, colon, function_name = name.partition(":")
    if not colon or not function_name:
        raise ModelError(f"python:{name}: write python:MODULE:FUNCTION.")
    if str(Path.cwd()) not in sys.path:
        sys.path.append(str(Path.cwd()))
    try:
        module = import_module(module_name)
        function = getattr(module, function_name)
    except Exception as error:
        raise ModelError(
            f"python:{name}: cannot be imported: {type(error).__name__}: {error}; write "
            "python:MODULE:FUNCTION, with a module of the current folder or of the PYTHONPATH."
        ) from error
    source = f"python:{name}"
    if not callable(function):
        raise ModelError(f"{source} is no function; give one that tags texts.")
    file = inspect.getsourcefile(module)
    checksum = f"{sha256_file(file)} {function_name}" if file else source
    return FunctionVictim(function, tags or getattr(function, "tags", ()), source, checksum)
