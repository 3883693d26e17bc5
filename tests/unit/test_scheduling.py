"""The scheduler: results belong to their askers, batches are shared, nothing leaks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqattack.models.scheduling import Scheduler, compute_now
from tests.helpers.services import Squares


def walk(
    scheduler: Scheduler[tuple[int, int]], service: Squares, start: int, steps: int
) -> tuple[int, int]:
    """Ask for some numbers, again and again, each request depending on the last answer."""
    value = start
    for _ in range(steps):
        value = sum(scheduler.compute(service, [value % 101, value % 7, value % 101])) + 1
    return start, value


@given(st.lists(st.integers(0, 6), max_size=12), st.integers(1, 9))
def test_outcomes_do_not_depend_on_concurrency(steps: list[int], in_flight: int) -> None:
    def run(width: int) -> list[tuple[int, int]]:
        scheduler, service = Scheduler[tuple[int, int]](lambda: width), Squares()
        tasks = [partial(walk, scheduler, service, i, n) for i, n in enumerate(steps)]
        return sorted(scheduler.run(tasks))

    assert run(in_flight) == run(1)


def test_searches_in_flight_share_batches() -> None:
    def batches(width: int) -> int:
        scheduler, service = Scheduler[tuple[int, int]](lambda: width), Squares()
        list(scheduler.run([partial(walk, scheduler, service, 2 * i, 5) for i in range(16)]))
        return len(service.batches)

    assert batches(16) < 0.6 * batches(1)


def test_no_more_than_in_flight_are_started() -> None:
    running: set[int] = set()
    most = 0
    scheduler, service = Scheduler[int](lambda: 3), Squares()

    def task(i: int) -> int:
        nonlocal most
        running.add(i)
        most = max(most, len(running))
        scheduler.compute(service, [i])
        running.remove(i)
        return i

    results = scheduler.run(partial(task, i) for i in range(10))
    first = next(results)
    assert running == {0, 1, 2} - {first}
    assert sorted([first, *results]) == list(range(10))
    assert most == 3


def test_an_error_in_a_task_reaches_the_caller() -> None:
    scheduler, service = Scheduler[int](lambda: 4), Squares()

    def task(i: int) -> int:
        scheduler.compute(service, [i])
        if i == 2:
            raise KeyError("lost")
        return i

    with pytest.raises(KeyError, match="lost"):
        list(scheduler.run([partial(task, i) for i in range(5)]))


def tidy(scheduler: Scheduler[int], service: Squares, number: int, ended: list[int]) -> int:
    """Ask twice; task 2 fails after the first answer; all note how they end."""
    try:
        scheduler.compute(service, [2 * number])
        if number == 2:
            raise KeyError("lost")
        scheduler.compute(service, [2 * number, 1])
        return number
    finally:
        ended.append(number)


def test_after_an_error_parked_tasks_end_too() -> None:
    scheduler, service = Scheduler[int](lambda: 4), Squares()
    ended: list[int] = []
    with pytest.raises(KeyError, match="lost"):
        list(scheduler.run([partial(tidy, scheduler, service, i, ended) for i in range(8)]))
    assert sorted(ended) == [0, 1, 2, 3], "all that had begun, and no other"
    assert scheduler.compute(service, [3]) == [9], "and the scheduler can be used again"


def test_after_an_early_close_parked_tasks_end_too() -> None:
    scheduler, service = Scheduler[int](lambda: 3), Squares()
    ended: list[int] = []
    results = scheduler.run(partial(tidy, scheduler, service, i, ended) for i in (3, 4, 5, 6))
    first = next(results)
    assert ended == [first]
    results.close()
    assert sorted(ended) == [3, 4, 5]


def test_an_error_while_one_task_ends_keeps_no_other_from_ending() -> None:
    scheduler, service = Scheduler[int](lambda: 3), Squares()
    ended: list[int] = []

    def clumsy() -> int:
        try:
            return int(scheduler.compute(service, [2, 4, 6, 8, 10])[0])
        finally:
            raise OSError("full")

    others = [partial(tidy, scheduler, service, i, ended) for i in (2, 3)]
    tasks: list[Callable[[], int]] = [clumsy, *others]
    with pytest.raises(OSError, match="full"):
        list(scheduler.run(tasks))
    assert sorted(ended) == [2, 3]


def test_without_a_scheduler_batches_are_full() -> None:
    service = Squares()
    assert compute_now(service, list(range(10))) == [i * i for i in range(10)]
    assert [len(batch) for batch in service.batches] == [4, 1, 4, 1]


class Clock:
    """Goes on only when it is told to."""

    now = 0.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    stand_in = SimpleNamespace(perf_counter=lambda: clock.now)
    monkeypatch.setattr("seqattack.models.scheduling.time", stand_in)
    return clock


def test_time_is_counted_for_its_own_task(clock: Clock) -> None:
    scheduler, service = Scheduler[None](lambda: 2), Squares()
    seen: dict[str, float] = {}

    def task(name: str, seconds: float) -> None:
        clock.now += seconds
        scheduler.compute(service, [1])
        seen[name] = scheduler.seconds()

    list(scheduler.run([partial(task, "busy", 5.0), partial(task, "idle", 0.0)]))
    assert seen == {"busy": 5.0, "idle": 0.0}


def test_a_batch_is_counted_in_shares_for_those_who_asked(clock: Clock) -> None:
    class Slow(Squares):
        def compute(self, bucket: int, items: Sequence[int]) -> list[int]:
            clock.now += 1
            return super().compute(bucket, items)

    scheduler, service = Scheduler[None](lambda: 2), Slow()
    seen: dict[str, float] = {}

    def task(name: str, items: Sequence[int]) -> None:
        scheduler.compute(service, items)
        seen[name] = scheduler.seconds()

    list(scheduler.run([partial(task, "one", [1]), partial(task, "three", [3, 5, 7])]))
    assert service.batches == [[1, 3, 5, 7]]
    assert seen == {"one": 0.25, "three": 0.75}
