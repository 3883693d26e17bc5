"""Many searches in flight that share full batches.

A search is ordinary synchronous code (TextAttack's search methods included). It runs as a greenlet
of its own; where it asks a service for something to be computed it is parked, and the scheduler
goes on with the others until the requests of many searches make a full batch. What a search sees
never depends on what else is in flight.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

import greenlet

T = TypeVar("T")


class Service(Protocol):
    """Computes items in batches; every item's result is its own, whatever shares its batch."""

    def bucket(self, item: Any) -> Hashable:
        """Return what items of one batch have in common, such as a padded length."""
        ...

    def capacity(self, bucket: Any) -> int:
        """Return how many items of a bucket make a full batch."""
        ...

    def compute(self, bucket: Any, items: Sequence[Any]) -> Sequence[Any]:
        """Return one result an item; at most `capacity` items are given."""
        ...


Compute = Callable[[Service, Sequence[Any]], list[Any]]
"""Returns a service's result for each item: `compute_now` or a scheduler's `compute`."""


@dataclass(eq=False, slots=True)
class _Task:
    run: Callable[[], Any]
    light: Any = None
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
        in_flight: How many tasks may be under way at once.
    """

    def __init__(self, in_flight: int) -> None:
        if in_flight < 1:
            raise ValueError("in_flight must be at least 1")
        self.in_flight = in_flight
        self._queues: dict[tuple[Service, Hashable], deque[_Request]] = {}
        self._current: _Task | None = None
        self._resumed = 0.0
        self._hub: Any = None

    def run(self, tasks: Iterable[Callable[[], T]]) -> Iterator[T]:
        """Run tasks and yield their results as they finish.

        Args:
            tasks: Called once each, `in_flight` of them at a time, in this order.

        Raises:
            Exception: Whatever a task raises ends the run.
        """
        waiting = iter(tasks)
        ready: deque[_Task] = deque()
        running = 0
        while True:
            while running < self.in_flight and (task := next(waiting, None)) is not None:
                ready.append(_Task(task))
                running += 1
            if not running:
                return
            while not ready:
                ready.extend(self._compute_batch())
            current = ready.popleft()
            if self._step(current):
                running -= 1
                yield current.outcome

    def compute(self, service: Service, items: Sequence[Any]) -> list[Any]:
        """Return the service's result for each item; inside a task, wait for a batch.

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
        """Return the current task's own time: its code and its share of the batches it was in."""
        if self._current is None:
            return 0.0
        return self._current.seconds + time.perf_counter() - self._resumed

    def _step(self, task: _Task) -> bool:
        """Let a task run until it waits or ends; return whether it ended."""
        self._hub = greenlet.getcurrent()
        if task.light is None:
            task.light = greenlet.greenlet(task.run)
        task.light.parent = self._hub
        self._current, self._resumed = task, time.perf_counter()
        try:
            task.outcome = task.light.switch()
        finally:
            self._current = None
            task.seconds += time.perf_counter() - self._resumed
        return bool(task.light.dead)

    def _compute_batch(self) -> list[_Task]:
        """Compute the fullest batch and return the tasks that have all they asked for."""
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


def compute_now(service: Service, items: Sequence[Any]) -> list[Any]:
    """Return the service's result for each item, in full batches, without a scheduler."""
    results: list[Any] = [None] * len(items)
    buckets: dict[Hashable, list[int]] = {}
    for position, item in enumerate(items):
        buckets.setdefault(service.bucket(item), []).append(position)
    for bucket, positions in buckets.items():
        size = service.capacity(bucket)
        for start in range(0, len(positions), size):
            part = positions[start : start + size]
            outputs = service.compute(bucket, [items[position] for position in part])
            for position, output in zip(part, outputs, strict=True):
                results[position] = output
    return results
