"""Connections that keep the server waiting: they are closed, so that they take nobody's place."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

READ_SECONDS = 30.0
"""Seconds that a client may take to send a whole request."""


class PatientProtocol(H11Protocol):
    """HTTP whose connections are closed when a request does not come, or comes too slowly."""

    _read_timer: asyncio.TimerHandle | None = None
    _seen: Any = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        if self._read_timer is not None:
            self._read_timer.cancel()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._seen = self.cycle
        self._read_timer = self.loop.call_later(READ_SECONDS, self._check)

    def _check(self) -> None:
        """Close the connection if it began to wait before the last check and still waits."""
        is_reading = (
            self.cycle is None or self.cycle.response_complete or bool(self.cycle.more_body)
        )
        if is_reading and self.cycle is self._seen:
            self.transport.close()
        else:
            self._wait()
