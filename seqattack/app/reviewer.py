"""Who reviews: a name that the browser keeps, so that two people can decide on their own."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import Response

from seqattack.pipeline.picks import PickError

COOKIE = "seqattack-reviewer"
LONGEST = 40
"""Characters of the longest name."""


def reviewer_of(request: Request) -> str:
    """Return the name of who sends a request; empty where nobody gave one."""
    raw = bytes.fromhex(request.cookies.get(COOKIE, "")) if _is_hex(request) else b""
    return raw.decode(errors="replace")[:LONGEST]


def remember(answer: Response, name: str) -> Response:
    """Have the browser keep a reviewer's name.

    Args:
        answer: The answer that sets it.
        name: The name; empty forgets it.

    Raises:
        PickError: It is too long, or has characters that nobody sees.
    """
    if len(name) > LONGEST or not name.isprintable():
        raise PickError(
            f"a reviewer's name may have at most {LONGEST} characters, all of them visible."
        )
    # As numbers, since a cookie can hold ASCII only.
    answer.set_cookie(COOKIE, name.encode().hex(), httponly=True, samesite="strict", path="/")
    return answer


def _is_hex(request: Request) -> bool:
    try:
        bytes.fromhex(request.cookies.get(COOKIE, ""))
    except ValueError:
        return False
    return True


Reviewer = Annotated[str, Depends(reviewer_of)]
