"""Live attacks: they run in worker threads, and a person can watch and cancel them."""

from __future__ import annotations

import copy
import logging
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from seqattack.app.model_store import ModelStore
from seqattack.attack.one_sentence import prediction
from seqattack.errors import SeqAttackError
from seqattack.records import AttackRecord, Prediction, Stop
from seqattack.sentence import Sentence

logger = logging.getLogger(__name__)

AT_ONCE = 1
"""Attacks that run at the same time; more would only share the processor."""
WAITING = 4
"""Attacks that may wait for their turn."""
KEPT = 50
"""Finished attacks that can still be viewed."""
MOST_QUERIES = 2048
MOST_SECONDS = 300
MOST_CHARACTERS = 2000


class BusyError(SeqAttackError):
    """Too many live attacks are waiting."""


class State(StrEnum):
    """The state of a live attack."""

    WAITING = "waiting"
    LOADING = "loading"
    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Order:
    """What a person asked for.

    Args:
        sentence: Tokens, and the victim's tags as the person corrected them.
        victim: The victim's name.
        recipe: The attack.
        goal: The goal function.
        queries: The query budget.
        seconds: The time limit.
        repaired: What was changed in the person's tags to make them IOB2, in words.

    Raises:
        SeqAttackError: A limit is out of bounds.
    """

    sentence: Sentence
    victim: str
    recipe: str
    goal: str
    queries: int
    seconds: float
    repaired: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.queries <= MOST_QUERIES:
            raise SeqAttackError(f"queries: write a number from 1 to {MOST_QUERIES}.")
        if not 1 <= self.seconds <= MOST_SECONDS:
            raise SeqAttackError(f"seconds: write a number from 1 to {MOST_SECONDS}.")


@dataclass(frozen=True, slots=True)
class Step:
    """A better adversarial example that the search came upon.

    Args:
        queries: Goal-function evaluations until then.
        labels_score: Its labels score.
        newly_broken: Entity tokens that are wrong and were right before.
        text: It, with the victim's predictions.
    """

    queries: int
    labels_score: float
    newly_broken: tuple[int, ...]
    text: Prediction


class LiveAttack:
    """An attack in progress.

    Args:
        order: What to attack, and how.

    Attributes:
        id: Its name in addresses.
        group: The name of those that were ordered together.
        state: Its state.
        queries: Goal-function evaluations so far.
        labels_score_before: That of the sentence; None until the victim has tagged it.
        labels_score: The best labels score so far.
        steps: Every better example than those before it.
        record: The result; None until the attack has ended.
        error: Why the attack broke.
    """

    def __init__(self, order: Order) -> None:
        self.id = self.group = secrets.token_urlsafe(12)
        self.order = order
        self.state = State.WAITING
        self.queries = 0
        self.labels_score_before: float | None = None
        self.labels_score: float | None = None
        self.steps: tuple[Step, ...] = ()
        self.record: AttackRecord | None = None
        self.error = ""
        self._started: float | None = None
        self._ended: float | None = None
        self._cancelled = threading.Event()
        self._best: Any = None

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.state not in (State.WAITING, State.LOADING, State.RUNNING)

    @property
    def is_cancelled(self) -> bool:
        """Whether it was told to stop."""
        return self._cancelled.is_set()

    @property
    def seconds(self) -> float:
        """Seconds since the search began."""
        if self._started is None:
            return 0.0
        return (self._ended or time.monotonic()) - self._started

    @property
    def share(self) -> float:
        """The share of its budget that is used up, of queries or of time, in [0, 1]."""
        used = max(self.queries / self.order.queries, self.seconds / self.order.seconds)
        return min(1.0, used)

    def snapshot(self) -> LiveAttack:
        """Return a copy of the attack, which does not change while a page is rendered.

        A page that reads the attack itself could see it running, and a moment later finished.
        """
        return copy.copy(self)

    def cancel(self) -> None:
        """Tell it to stop; it keeps the best example found so far."""
        self._cancelled.set()

    def begin(self) -> None:
        """Note that everything is loaded and the search begins."""
        self.state, self._started = State.RUNNING, time.monotonic()

    def watch(self, goal: Any) -> bool:
        """Note the search's progress, and return whether it must stop."""
        self.queries = goal.num_queries
        if self.labels_score_before is None and goal.num_queries > 1:
            before = goal.goal.share(self.order.sentence, tuple(goal.already_wrong))
            self.labels_score_before = before
            self.labels_score = self.labels_score_before
        best = goal.best
        if best is not None and best is not self._best:
            self._best = best
            self.labels_score = best.reading.labels_score
            text = prediction(goal, best.text, best.probabilities)
            broken = best.reading.newly_broken
            self.steps += (Step(goal.num_queries, self.labels_score, broken, text),)
        return self._cancelled.is_set()

    def run(self, search: Callable[[LiveAttack], AttackRecord]) -> None:
        """Attack. The outcome, or the error, is in the attributes."""
        if self._cancelled.is_set():
            self.state = State.CANCELLED
            return
        self.state = State.LOADING
        try:
            self.record = record = search(self)
            self.queries = record.queries
            self.labels_score_before = record.labels_score_before
            self.labels_score = record.labels_score
            is_cut = self.record.stop is Stop.CANCELLED
            state = State.CANCELLED if is_cut else State.FINISHED
        except SeqAttackError as error:
            self.error, state = str(error), State.BROKEN
        except Exception:
            logger.exception("live attack %s", self.id)
            self.error, state = "the attack failed; the server's log says why.", State.BROKEN
        self._ended, self.state = time.monotonic(), state


class LiveAttacks:
    """Runs live attacks in worker threads.

    Args:
        store: Loads victims and what recipes need.
    """

    def __init__(self, store: ModelStore) -> None:
        self.store = store
        self._attacks: dict[str, LiveAttack] = {}
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="attack")

    def start(self, order: Order) -> LiveAttack:
        """Put an attack in the queue.

        Raises:
            BusyError: Too many are waiting.
        """
        return self.start_all([order])[0]

    def start_all(self, orders: Sequence[Order]) -> list[LiveAttack]:
        """Put attacks in the queue that wait for their turn as if they were one.

        Raises:
            BusyError: Too many are waiting.
        """
        attacks = [LiveAttack(order) for order in orders]
        with self._lock:
            waiting = {a.group for a in self._attacks.values() if not a.is_over}
            if len(waiting) >= AT_ONCE + WAITING:
                raise BusyError("too many attacks are waiting; try again when one has ended.")
            over = [a.id for a in self._attacks.values() if a.is_over]
            for old in over[: max(0, len(over) - KEPT + len(attacks))]:
                del self._attacks[old]
            for attack in attacks:
                attack.group = attacks[0].id
                self._attacks[attack.id] = attack
        for attack in attacks:
            self._pool.submit(attack.run, self._search)
        return attacks

    def group(self, name: str) -> list[LiveAttack]:
        """Return the attacks that were ordered together."""
        with self._lock:
            return [attack for attack in self._attacks.values() if attack.group == name]

    def get(self, attack_id: str) -> LiveAttack | None:
        """Return an attack, or None if it is unknown or no longer kept."""
        return self._attacks.get(attack_id)

    def all(self) -> list[LiveAttack]:
        """Return copies of all attacks that are kept, the newest first."""
        with self._lock:
            return [attack.snapshot() for attack in reversed(self._attacks.values())]

    def close(self) -> None:
        """Cancel everything and wait for the workers."""
        for attack in list(self._attacks.values()):
            attack.cancel()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _search(self, attack: LiveAttack) -> AttackRecord:
        # It imports TextAttack, which takes seconds; the time limit is for the search.
        from seqattack.attack.engine import Engine
        from seqattack.attack.settings import AttackSettings

        order = attack.order
        settings = AttackSettings(
            order.recipe, order.goal, query_budget=order.queries, timeout=order.seconds
        )
        victim = self.store.victim(order.victim)
        engine = Engine(victim, settings, self.store.resources(order.recipe), in_flight=1)
        attack.begin()
        (record,) = engine.attack([order.sentence], attack.watch)
        return record
