"""Wrong tokens: how many a client may give before it has to wait."""

from __future__ import annotations

import threading
import time

MOST = 5
"""Wrong tokens of one client within `WINDOW`."""

WINDOW = 60.0
"""Seconds."""


class Attempts:
    """Counts each client's wrong tokens, so that nobody can try many."""

    def __init__(self) -> None:
        self._times: dict[str, list[float]] = {}
        self._lock = threading.Lock()

    def note(self, client: str) -> None:
        """Note a wrong token.

        Args:
            client: Its address.
        """
        with self._lock:
            self._forget()
            self._times.setdefault(client, []).append(time.monotonic())

    def must_wait(self, client: str) -> bool:
        """Whether a client has given too many wrong tokens of late."""
        with self._lock:
            self._forget()
            return len(self._times.get(client, [])) >= MOST

    def _forget(self) -> None:
        start = time.monotonic() - WINDOW
        recent = {client: [t for t in ts if t > start] for client, ts in self._times.items()}
        self._times = {client: times for client, times in recent.items() if times}
