"""The application: its pages, static files and error pages, with the guard in front of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import resources

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from seqattack.app.live import BusyError
from seqattack.app.pages import compare, inspect, login, picks, trial
from seqattack.app.security import Guard
from seqattack.app.site import Site
from seqattack.errors import SeqAttackError


def create_app(site: Site) -> FastAPI:
    """Return the application.

    Args:
        site: Its parts.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        site.live.close()

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.add_middleware(Guard, access=site.access)
    static = resources.files("seqattack.app") / "static"
    app.mount("/static", StaticFiles(directory=str(static)), name="static")
    for page in (inspect, picks, trial, compare, login):
        app.include_router(page.router(site))

    @app.exception_handler(SeqAttackError)
    def usable(request: Request, error: SeqAttackError) -> Response:
        status = 429 if isinstance(error, BusyError) else 400
        return site.page("error.html", status, message=str(error))

    @app.exception_handler(HTTPException)
    def missing(request: Request, error: HTTPException) -> Response:
        return site.page("error.html", error.status_code, message=error.detail)

    return app
