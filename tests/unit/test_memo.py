"""A memo asks for everything once, and counts it."""

from __future__ import annotations

from seqattack.models.memo import Memo
from seqattack.models.scheduling import compute_now
from tests.helpers.services import Squares


def numbers(keys: list[str]) -> list[int]:
    return [int(key) for key in keys]


def test_each_key_is_computed_once() -> None:
    service = Squares()
    memo: Memo[str, int] = Memo(compute_now, service)
    assert memo.ask(["2", "4", "2"], numbers) == [4, 16, 4]
    assert memo.ask(["4", "6"], numbers) == [16, 36]
    assert memo.ask([], numbers) == []
    assert service.batches == [[2, 4], [6]]
    assert memo.computed == 3
