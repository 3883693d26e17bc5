"""A victim without a model: probabilities that depend on each token and its neighbours."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from seqattack.victim.probabilities import Probabilities
from seqattack.victim.victim import Victim

LABELS = ("O", "B-LOC", "I-LOC", "B-PER", "I-PER")


@lru_cache(maxsize=100_000)
def _number(token: str) -> int:
    return int.from_bytes(hashlib.sha256(token.encode()).digest()[:4], "big")


class FakeVictim(Victim):
    """Deterministic, quick, and counting its rows; two sub-tokens more for the ends of a text."""

    labels = LABELS
    checksum = "fake"
    max_length = 64
    unit = "sub-tokens"
    unk_token = "[UNK]"

    def __init__(self) -> None:
        self.rows = 0

    def length(self, tokens: Sequence[str]) -> int:
        return len(tokens) + 2

    def pieces(self, token: str) -> int:
        return 1 + len(token) // 6

    def probabilities(
        self, texts: Sequence[Sequence[str]], padded_length: int
    ) -> list[Probabilities]:
        assert all(self.length(tokens) <= padded_length for tokens in texts)
        self.rows += len(texts)
        return [self._one((0, *map(_number, tokens), 1)) for tokens in texts]

    def _one(self, ids: tuple[int, ...]) -> Probabilities:
        rows = []
        for i in range(1, len(ids) - 1):
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
