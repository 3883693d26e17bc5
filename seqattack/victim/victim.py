"""What every victim is, whatever system stands behind it."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from seqattack.errors import ModelError
from seqattack.files.checksums import sha256_json
from seqattack.models.backend import Backend
from seqattack.models.encoding import UNKNOWN
from seqattack.models.loading import settings_checksums
from seqattack.sentence import Sentence
from seqattack.victim.probabilities import Probabilities


class Victim(ABC):
    """A system that tags tokens: all that attacks, metrics, commands and reports know of it.

    Attributes:
        name: What errors call it.
        labels: Its IOB2 tags, in the order of the columns of its probabilities.
        checksum: What it is: the SHA-256 of its weights or files, or a hub's commit.
        max_length: Most of what `length` counts that a text may have.
        unit: What `length` counts, in plural.
        unk_token: The word that stands for a missing one when words are ranked.
        hard_labels: Whether it gives tags alone: each row has a 1 and else 0.
        batch_size: Texts that it takes at once; None for batches of texts that are padded to one
            length, as many as have room.
        padding_matters: Whether padding changes its results, so that only texts of one length share
            a batch.
        device: Where it runs, and where the other models of a recipe run with it; ``auto`` if it
            does not run on a device of ours.
        precision: Of its forward passes.
        backend: What computes them; ``torch`` also for what has no choice.
        folder: Where it was loaded from, if that is a folder.

    Example:
        >>> victim = Victim.load("results/models/full")  # doctest: +SKIP
        >>> decode(predict(victim, [("Leeds", "won")])[0], victim.labels)  # doctest: +SKIP
        ('B-ORG', 'O')
    """

    name: str = "the victim"
    labels: tuple[str, ...]
    checksum: str
    max_length: int = 1_000_000
    unit: str = "tokens"
    unk_token: str = UNKNOWN
    hard_labels: bool = False
    batch_size: int | None = None
    padding_matters: bool = False
    device: str = "auto"
    precision: Literal["float32", "bfloat16"] = "float32"
    backend: Backend = "torch"
    folder: Path | None = None

    @staticmethod
    def load(name: str | os.PathLike[str], **options: Any) -> Victim:
        """Load a victim of any kind.

        Args:
            name: A folder, a hub name, ``KIND:NAME`` or an address; see
                `seqattack.victim.kinds.load_victim`.
            **options: As for `seqattack.victim.kinds.load_victim`.

        Raises:
            ModelError: There is no such victim, or it cannot be used; the message says why.
            BackendError: A package that its kind needs is missing, or a server does not answer.
        """
        # The kinds know this class, so it cannot know them.
        found: Victim = import_module("seqattack.victim.kinds").load_victim(name, **options)
        return found

    @cached_property
    def identity(self) -> Mapping[str, str]:
        """All that its answers depend on, besides the machine: checksums by what they are of."""
        files = settings_checksums(self.folder) if self.folder else {}
        named = {f"the victim's {name}": checksum for name, checksum in files.items()}
        return {"the victim": self.checksum, "the victim's tags": " ".join(self.labels), **named}

    @property
    def title(self) -> str:
        """What results call it: the name of its folder where it has one, else `name`."""
        return self.folder.resolve().name if self.folder else self.name

    @property
    def id(self) -> str:
        """Its `identity` in 12 hexadecimal digits, which records carry."""
        return sha256_json(self.identity)[:12]

    @abstractmethod
    def probabilities(
        self, texts: Sequence[Sequence[str]], padded_length: int
    ) -> list[Probabilities]:
        """Tag a batch of texts.

        Args:
            texts: Token sequences.
            padded_length: Every text is padded to this length; means nothing with a `batch_size`.

        Returns:
            For each text a float32 array of shape (tokens, tags). The most probable tag of a token
            is the one that the system gives it.

        Raises:
            ModelError: A text is too long, or the answer is not usable.
        """

    def length(self, tokens: Sequence[str]) -> int:
        """Return how long a text is, in `unit`."""
        return len(tokens)

    def pieces(self, token: str) -> int:
        """Return the number of sub-tokens of a token, at least 1; 1 where nothing is split."""
        return 1

    def fits(self, tokens: Sequence[str]) -> bool:
        """Whether it can take a text of these tokens."""
        return self.length(tokens) <= self.max_length

    def check_fits(self, sentences: Iterable[Sentence]) -> None:
        """Check that it can take all sentences.

        Raises:
            ModelError: One is too long; the message names it.
        """
        for sentence in sentences:
            length = self.length(sentence.tokens)
            if length > self.max_length:
                raise ModelError(
                    f"sentence {sentence.id} has {length} {self.unit}, but {self.name} takes at "
                    f"most {self.max_length}; split the sentence or remove it."
                )
