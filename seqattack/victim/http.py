"""Victims behind a server that speaks JSON.

``GET`` tells what the server is: ``{"tags": ["O", "B-PER", ...]}``, and if it likes ``checksum``
and ``max_length``, in tokens. ``POST`` of ``{"texts": [["EU", "won"], ...]}`` gives
``{"tags": [["B-ORG", "O"], ...]}`` or, with a number for each tag of a token,
``{"probabilities": [[[0.1, 0.9], ...], ...]}``.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from seqattack.checks import shown
from seqattack.errors import BackendError, ModelError
from seqattack.models.batching import PROBES
from seqattack.victim.answers import check_tags, read_answers
from seqattack.victim.probabilities import Probabilities
from seqattack.victim.victim import Victim

RETRIES = 5
"""Tries after the first."""

PATIENCE = 60.0
"""Seconds that a server has for an answer."""

_TRANSIENT = (429, 500, 502, 503, 504)
"""Answers after which a request is tried again."""


class HttpVictim(Victim):
    """A server.

    When it is made, it is asked about two texts, to see whether it gives tags or probabilities.

    Args:
        address: Of the server.
        tags: Its IOB2 tags; without them, the server is asked.
        per_second: Most requests a second; None sets no limit.
        patience: Seconds that it has for an answer.
        backoff: Half the seconds before the second retry, doubled for each further one; the first
            is made at once, and retries are not held to `per_second`.

    Attributes:
        queries: Texts that it was asked to tag.
        requests: Requests that were made for that; those that are tried again count once.

    Raises:
        BackendError: It does not answer, or refuses a request.
        ModelError: What it says of itself or its answers are not usable.
    """

    batch_size = 32
    unk_token = "[UNK]"

    def __init__(
        self,
        address: str,
        tags: Sequence[str] = (),
        per_second: float | None = None,
        patience: float = PATIENCE,
        backoff: float = 0.5,
    ) -> None:
        self.address = self.name = address
        self.queries = self.requests = 0
        self._pause = 1 / per_second if per_second else 0.0
        self._next = 0.0
        self._patience = patience
        self._session = _session(backoff)
        said = {} if tags else self._call("GET")
        self.labels = check_tags(address, tags or said.get("tags", ()))
        self.checksum = str(said.get("checksum") or address)
        if said.get("max_length") is not None:
            self.max_length = said["max_length"]
        if type(self.max_length) is not int or self.max_length < 1:
            raise ModelError(
                f"{address} says that a text may have {shown(self.max_length)} tokens "
                "(max_length); it must be a number from 1 on."
            )
        self.hard_labels = "probabilities" not in self._ask(PROBES)
        self.probabilities(PROBES, 0)

    def probabilities(
        self, texts: Sequence[Sequence[str]], padded_length: int
    ) -> list[Probabilities]:
        """Ask the server, in one request; see `Victim.probabilities`."""
        key = "tags" if self.hard_labels else "probabilities"
        answers = self._ask(texts).get(key)
        return read_answers(self.address, texts, answers, self.labels, self.hard_labels)

    def _ask(self, texts: Sequence[Sequence[str]]) -> dict[str, Any]:
        self.queries += len(texts)
        self.requests += 1
        return self._call("POST", {"texts": [list(tokens) for tokens in texts]})

    def _call(self, method: str, body: Any = None) -> dict[str, Any]:
        import requests

        time.sleep(max(0.0, self._next - time.monotonic()))
        self._next = time.monotonic() + self._pause
        try:
            answer = self._session.request(method, self.address, json=body, timeout=self._patience)
        except ValueError as error:  # requests and urllib3 have several for a wrong address
            raise BackendError(
                f"{self.address} is no address of a server ({error}); write http://HOST:PORT."
            ) from error
        except requests.RequestException as error:
            raise self._failed(str(error)) from error
        if not answer.ok:
            reason = f"{answer.status_code} {answer.reason}: {answer.text[:200]}"
            if answer.status_code in _TRANSIENT:
                raise self._failed(reason)
            raise BackendError(
                f"{self.address} refused the request ({reason}); correct the address or the "
                "server, and run the same command to go on."
            )
        try:
            said = answer.json()
        except ValueError:
            said = None
        if not isinstance(said, dict):
            raise ModelError(
                f"{self.address}: {method} gave no JSON object, but {answer.text[:80]!r}; see "
                "docs/howto/new-victim.md for what a server has to answer."
            )
        return said

    def _failed(self, reason: str) -> BackendError:
        return BackendError(
            f"{self.address} does not answer ({reason}), tried up to {RETRIES + 1} times; what was "
            "found so far is kept: mend the server, and run the same command to go on."
        )


def _session(backoff: float) -> Any:
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.util import Retry

    retry = Retry(
        total=RETRIES,
        backoff_factor=backoff,
        status_forcelist=_TRANSIENT,
        allowed_methods=None,
        raise_on_status=False,
    )
    session = requests.Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry))
    return session
