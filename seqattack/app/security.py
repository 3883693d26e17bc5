"""Access control: the checks in front of every page, and the headers of every response."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from seqattack.app.attempts import Attempts

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
SAFE_METHODS = frozenset({"GET", "HEAD"})
COOKIE = "seqattack-token"
WRONG = 403
"""The status of the answer to a wrong token."""
LARGEST_BODY = 16 * 1024 * 1024
"""Bytes of the largest request: a file of the original SeqAttack."""

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: browsers would send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}


REPORT_POLICY = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'"
"""The policy of a run's report, a page of its own: its style stands in it, and no script runs."""


@dataclass(frozen=True, slots=True)
class Access:
    """Who may use the application.

    Args:
        hosts: Names that requests may use for the server.
        any_address: Whether requests may also use any IP address. Another site can make a browser
            call us by a name of its own (DNS rebinding), but not by a number.
        token: The token that has to be given first; None if none is needed.
    """

    hosts: frozenset[str] = LOOPBACK_NAMES
    any_address: bool = False
    token: str | None = None

    @classmethod
    def of(cls, host: str, token: str | None, names: Iterable[str] = ()) -> Access:
        """Return the access of a server that listens at `host`.

        Args:
            host: Where the server listens.
            token: Needed only if other computers can reach the server.
            names: Further names of the server.
        """
        if is_loopback(host):
            return cls(LOOPBACK_NAMES | {host})
        # Names are compared in small letters, as they come out of the requests' addresses.
        hosts = LOOPBACK_NAMES | {name.lower() for name in (host, *names)}
        return cls(hosts, any_address=True, token=token)

    def allows_host(self, name: str) -> bool:
        """Whether a request may use this name for the server."""
        return name in self.hosts or (self.any_address and _is_address(name))

    def cookie(self) -> str:
        """Return the cookie that a browser keeps instead of the token."""
        return hashlib.sha256(f"{COOKIE}:{self.token}".encode()).hexdigest()

    def is_token(self, given: str) -> bool:
        """Whether this is the token; the check takes the same time for every input."""
        return hmac.compare_digest(given.encode(), (self.token or "").encode())

    def knows(self, cookie: str | None) -> bool:
        """Whether a browser with this cookie has given the token."""
        return self.token is None or hmac.compare_digest(
            (cookie or "").encode(), self.cookie().encode()
        )


def is_loopback(host: str) -> bool:
    """Whether only this computer can reach `host`.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class Guard:
    """Middleware that passes on only the requests that may be answered.

    It checks the ``Host`` header, the ``Origin`` of every request that changes something (browsers
    send it, and a page of another site cannot forge it), the size, and the token. Who gives many
    wrong tokens has to wait.

    Args:
        app: The application behind it.
        access: Who may use the application.
    """

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app = app
        self.access = access
        self.attempts = Attempts()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        request = Request(scope)
        client = request.client.host if request.client else ""
        gives = _gives_token(request)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                if gives and message["status"] == WRONG:
                    self.attempts.note(client)
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        answer = self._refusal(scope)
        if answer is None and gives and self.attempts.must_wait(client):
            answer = PlainTextResponse(
                "Too many wrong tokens; wait a minute.", 429, {"Retry-After": "60"}
            )
        answer = answer or self._ask_for_token(request)
        await (answer or self.app)(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not self.access.allows_host(_name(host)):
            refusal = "This server does not answer to that name (see --allow-host)."
            return PlainTextResponse(refusal, 421)
        if scope["method"] in SAFE_METHODS:
            return None
        if scope["method"] != "POST":
            return PlainTextResponse("Only GET and POST are allowed.", 405)
        origin = headers.get("origin", "")
        if origin not in (f"http://{host}", f"https://{host}"):
            return PlainTextResponse("Requests from other sites are refused.", 403)
        length = headers.get("content-length", "")
        # What comes in chunks may be longer than it says.
        if not (length.isdecimal() and length.isascii()) or "transfer-encoding" in headers:
            return PlainTextResponse("The request has no Content-Length.", 411)
        if len(length) > len(str(LARGEST_BODY)) or int(length) > LARGEST_BODY:
            return PlainTextResponse("The request is too large.", 413)
        return None

    def _ask_for_token(self, request: Request) -> Response | None:
        """Return a redirect to the login if the token is needed and was not given yet."""
        access, path = self.access, request.url.path
        given = request.query_params.get("token", "")
        if access.token is not None and request.method == "GET" and given:
            if access.is_token(given):
                return welcome(access, _without_token(request))
            return PlainTextResponse("That is not the token; see /login.", WRONG)
        if access.knows(request.cookies.get(COOKIE)):
            return None
        if path == "/login" or path.startswith("/static/") or path == "/palette.css":
            return None
        if request.method == "GET":
            return RedirectResponse("/login", 303)
        return PlainTextResponse("Log in with the token first.", 401)


def _gives_token(request: Request) -> bool:
    """Whether a request gives a token, right or wrong."""
    return "token" in request.query_params or (
        request.method == "POST" and request.url.path == "/login"
    )


def welcome(access: Access, address: str) -> Response:
    """Return a response that logs a browser in and sends it to one of our pages."""
    answer = RedirectResponse(address, 303)
    answer.set_cookie(COOKIE, access.cookie(), httponly=True, samesite="strict", path="/")
    return answer


def local_address(address: str) -> str:
    """Return an address if it is one of our own pages, otherwise the first page's.

    >>> local_address("/run?run=a"), local_address("//evil.example/"), local_address("https://e.x")
    ('/run?run=a', '/', '/')
    """
    is_ours = address.startswith("/") and not address.startswith("//") and "\\" not in address
    return address if is_ours and address.isprintable() else "/"


def _without_token(request: Request) -> str:
    pairs = [(k, v) for k, v in parse_qsl(request.url.query) if k != "token"]
    path = local_address(request.url.path)
    return f"{path}?{urlencode(pairs)}" if pairs else path


def _name(host: str) -> str:
    """Return the name in a ``Host`` header, without the port."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
