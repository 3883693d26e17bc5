"""What was decided, so that it can be undone and done again, whatever page shows it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from seqattack.pipeline.picks import Decision, Pick, PickError, Picks, PickStore

KEPT = 200
"""Steps of a reviewer that can be undone."""

UNDECIDED: Mapping[str, Any] = {"decision": Decision.UNDECIDED, "reason": ""}
"""What was decided about an example that nobody has seen."""


@dataclass(frozen=True, slots=True)
class Change:
    """One pick before and after a step.

    Args:
        before: Its decision and its reason before the step.
        after: The pick after it.
    """

    before: Mapping[str, Any]
    after: Pick


Step = tuple[Change, ...]


@dataclass(slots=True)
class _Steps:
    done: deque[Step] = field(default_factory=lambda: deque(maxlen=KEPT))
    undone: deque[Step] = field(default_factory=lambda: deque(maxlen=KEPT))


class History:
    """The steps of each reviewer since the application was started.

    Args:
        store: The picks.
    """

    def __init__(self, store: PickStore) -> None:
        self.store = store
        self._steps: dict[str, _Steps] = {}
        self._lock = threading.Lock()

    def add(self, before: Picks, after: Sequence[Pick]) -> None:
        """Note a step, unless it changed no decision.

        Args:
            before: The picks before it.
            after: The picks that it changed.
        """
        old = (before.picks.get(pick.key) for pick in after)
        judged = [each.judgement if each else UNDECIDED for each in old]
        changes = map(Change, judged, after)
        step = tuple(change for change in changes if change.before != change.after.judgement)
        if step:
            with self._lock:
                steps = self._of(after[0].reviewer)
                steps.done.append(step)
                steps.undone.clear()

    def undo(self, reviewer: str) -> list[Pick]:
        """Take a reviewer's last step back.

        Returns:
            The picks as they are now.

        Raises:
            PickError: There is no step, or a decision was changed since.
        """
        with self._lock:
            steps = self._of(reviewer)
            return self._move(steps.done, steps.undone, "undo")

    def redo(self, reviewer: str) -> list[Pick]:
        """Do a reviewer's last undone step again; see `undo`."""
        with self._lock:
            steps = self._of(reviewer)
            return self._move(steps.undone, steps.done, "do again")

    def _of(self, reviewer: str) -> _Steps:
        return self._steps.setdefault(reviewer, _Steps())

    def _move(self, steps: deque[Step], others: deque[Step], name: str) -> list[Pick]:
        if not steps:
            raise PickError(f"there is nothing to {name}.")
        step = steps.pop()
        after = [change.after for change in step]
        picks = self.store.restore(after, [change.before for change in step])
        others.append(
            tuple(Change(old.judgement, new) for old, new in zip(after, picks, strict=True))
        )
        return picks
