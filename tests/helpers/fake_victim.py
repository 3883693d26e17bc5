"""A victim without a model: probabilities that depend on each token and its neighbours."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np

from seqattack.errors import ModelError
from seqattack.models.encoding import Encoded, WordEncoder
from seqattack.sentence import Sentence
from seqattack.victim.model import Victim
from seqattack.victim.probabilities import Probabilities

LABELS = ("O", "B-LOC", "I-LOC", "B-PER", "I-PER")


@lru_cache(maxsize=100_000)
def _number(token: str) -> int:
    return int.from_bytes(hashlib.sha256(token.encode()).digest()[:4], "big")


class FakeEncoder(WordEncoder):
    """One id a token, and two more for the ends."""

    def __init__(self) -> None:
        self.max_length = 64
        self.unk_token = "[UNK]"

    def encode(self, tokens: Sequence[str]) -> Encoded:
        return Encoded((0, *map(_number, tokens), 1), tuple(range(1, len(tokens) + 1)))

    def pieces(self, token: str) -> int:
        return 1 + len(token) // 6

    def length(self, tokens: Sequence[str]) -> int:
        return len(tokens) + 2

    def fits(self, tokens: Sequence[str]) -> bool:
        return self.length(tokens) <= self.max_length

    def check_fits(self, sentences: Iterable[Sentence]) -> None:
        for sentence in sentences:
            if not self.fits(sentence.tokens):
                raise ModelError(f"sentence {sentence.id} is too long")


class FakeVictim(Victim):
    """Deterministic, quick, and counting its rows."""

    def __init__(self) -> None:
        self.encoder = FakeEncoder()
        self.labels = LABELS
        self.checksum = "fake"
        self.precision = "float32"
        self.rows = 0

    def probabilities(self, batch: Sequence[Encoded], padded_length: int) -> list[Probabilities]:
        assert all(len(item.input_ids) <= padded_length for item in batch)
        self.rows += len(batch)
        return [self._one(item) for item in batch]

    def _one(self, item: Encoded) -> Probabilities:
        ids = item.input_ids
        rows = []
        for i in item.first:
            logits = np.random.default_rng(self._seed(ids, i)).normal(size=len(self.labels)) * 1.5
            exp = np.exp(logits - logits.max())
            rows.append(exp / exp.sum())
        return np.array(rows, dtype=np.float32)

    def _seed(self, ids: tuple[int, ...], i: int) -> int:
        return (ids[i] + ids[i - 1] // 3 + ids[i + 1] // 5 + 7) % 2**32


class FragileVictim(FakeVictim):
    """Whatever word changes, so do the probabilities of all tokens."""

    def _seed(self, ids: tuple[int, ...], i: int) -> int:
        return (ids[i] + sum(ids) + 7 * i) % 2**32
