"""Many searches in flight that share full batches.

A search is ordinary synchronous code (TextAttack's search methods included). Each runs as a
greenlet. Where it asks a service for results it is parked, and the scheduler goes on with the
others until the requests of many searches make a full batch. What a search sees never depends on
what else is in flight.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Hashable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

import greenlet

T = TypeVar("T")


class Service(Protocol):
    """Computes items in batches; an item's result does not depend on the rest of its batch."""

    def bucket(self, item: Any) -> Hashable:
        """Return what all items of a batch have in common, such as a padded length."""
        ...

    def capacity(self, bucket: Any) -> int:
        """Return how many items of a bucket make a full batch."""
        ...

    def compute(self, bucket: Any, items: Sequence[Any]) -> Sequence[Any]:
        """Return one result for each item; at most `capacity` items are given."""
        ...


Compute = Callable[[Service, Sequence[Any]], list[Any]]
"""Returns a service's result for each item: `compute_now` or a scheduler's `compute`."""


@dataclass(eq=False, slots=True)
class _Task:
    run: Callable[[], Any]
    greenlet: Any = None
    results: list[Any] = field(default_factory=list)
    missing: int = 0
    seconds: float = 0.0
    outcome: Any = None


@dataclass(slots=True)
class _Request:
    task: _Task
    position: int
    item: Any


class Scheduler(Generic[T]):
    """Runs tasks as greenlets and batches what they ask for.

    Args:
        in_flight: Says how many tasks may be under way at once, at least 1; asked whenever one may
            begin.
    """

    def __init__(self, in_flight: Callable[[], int]) -> None:
        self._in_flight = in_flight
        self._queues: dict[tuple[Service, Hashable], deque[_Request]] = {}
        self._current: _Task | None = None
        self._resumed = 0.0
        self._hub: Any = None

    def run(self, tasks: Iterable[Callable[[], T]]) -> Generator[T, None, None]:
        """Run tasks and yield their results as they finish.

        However the run ends (an error, or its iterator is closed early), the tasks that are still
        parked end too: each gets a ``GreenletExit`` where it waits, so its ``finally`` blocks run.

        Args:
            tasks: Called once each, in this order, as many at a time as may be.

        Yields:
            What the tasks return, in the order in which they end.

        Raises:
            Exception: Whatever a task raises ends the run.
        """
        waiting = iter(tasks)
        running: dict[_Task, None] = {}  # in the order of their start
        ready: deque[_Task] = deque()
        try:
            while True:
                while len(running) < self._in_flight() and (run := next(waiting, None)) is not None:
                    task = _Task(run)
                    running[task] = None
                    ready.append(task)
                if not running:
                    return
                while not ready:
                    ready.extend(self._compute_batch())
                task = ready.popleft()
                if self._step(task):
                    del running[task]
                    yield task.outcome
        finally:
            self._queues.clear()
            _end(running)

    def compute(self, service: Service, items: Sequence[Any]) -> list[Any]:
        """Return the service's result for each item; a task is parked until it has them all.

        Args:
            service: Computes the items.
            items: Any number of them.
        """
        if not items:
            return []
        task = self._current
        if task is None:
            return compute_now(service, items)
        task.results = [None] * len(items)
        task.missing = len(items)
        for position, item in enumerate(items):
            key = (service, service.bucket(item))
            self._queues.setdefault(key, deque()).append(_Request(task, position, item))
        self._hub.switch()
        return task.results

    def seconds(self) -> float:
        """Return the seconds that the current task took: its code, and its share of its batches."""
        if self._current is None:
            return 0.0
        return self._current.seconds + time.perf_counter() - self._resumed

    def _step(self, task: _Task) -> bool:
        """Let a task run until it waits or ends; return whether it ended."""
        self._hub = greenlet.getcurrent()
        if task.greenlet is None:
            task.greenlet = greenlet.greenlet(task.run)
        task.greenlet.parent = self._hub
        self._current, self._resumed = task, time.perf_counter()
        try:
            task.outcome = task.greenlet.switch()
        finally:
            self._current = None
            task.seconds += time.perf_counter() - self._resumed
        return bool(task.greenlet.dead)

    def _compute_batch(self) -> list[_Task]:
        """Compute the fullest batch and return the tasks that now have all their results."""
        key = max(self._queues, key=lambda k: len(self._queues[k]) / k[0].capacity(k[1]))
        service, bucket = key
        queue = self._queues[key]
        batch = [queue.popleft() for _ in range(min(len(queue), service.capacity(bucket)))]
        if not queue:
            del self._queues[key]
        started = time.perf_counter()
        results = service.compute(bucket, [request.item for request in batch])
        share = (time.perf_counter() - started) / len(batch)
        done = []
        for request, result in zip(batch, results, strict=True):
            task = request.task
            task.results[request.position] = result
            task.missing -= 1
            task.seconds += share
            if not task.missing:
                done.append(task)
        return done


def _end(tasks: Iterable[_Task]) -> None:
    """End the tasks that are parked; an error of one does not keep the others from ending."""
    with ExitStack() as stack:
        for task in tasks:
            if task.greenlet is not None and not task.greenlet.dead:
                task.greenlet.parent = greenlet.getcurrent()
                stack.callback(task.greenlet.throw)


def compute_now(service: Service, items: Sequence[Any]) -> list[Any]:
    """Return the service's result for each item, in full batches, without a scheduler."""
    results: list[Any] = [None] * len(items)
    buckets: dict[Hashable, list[int]] = {}
    for position, item in enumerate(items):
        buckets.setdefault(service.bucket(item), []).append(position)
    for bucket, positions in buckets.items():
        while positions:
            size = service.capacity(bucket)  # shrinks where memory runs out
            part, positions = positions[:size], positions[size:]
            outputs = service.compute(bucket, [items[position] for position in part])
            for position, output in zip(part, outputs, strict=True):
                results[position] = output
    return results
