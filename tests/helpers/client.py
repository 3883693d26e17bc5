"""An HTTP client for the web application's tests."""

from __future__ import annotations

from typing import Any

import httpx


class Client(httpx.Client):
    """A browser without pages: it sends the origin with what it posts."""

    def post(self, url: Any, **options: Any) -> httpx.Response:
        headers = {"Origin": str(self.base_url).rstrip("/"), **options.pop("headers", {})}
        return super().post(url, headers=headers, **options)
