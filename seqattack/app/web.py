"""The application: its pages, static files and error pages, with the guard in front of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import resources

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.staticfiles import StaticFiles

from seqattack.app.live import BusyError
from seqattack.app.pages import (
    compare,
    decisions,
    example,
    home,
    inspect,
    login,
    picks,
    trial,
    watch,
)
from seqattack.app.security import Guard
from seqattack.app.site import Site
from seqattack.errors import SeqAttackError
from seqattack.report.style import palette_css


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
    for page in (home, inspect, example, picks, decisions, trial, watch, compare, login):
        app.include_router(page.router(site))

    @app.get("/palette.css")
    def palette() -> Response:
        return PlainTextResponse(palette_css(), media_type="text/css")

    @app.exception_handler(RequestValidationError)
    def unusable(request: Request, error: RequestValidationError) -> Response:
        parts = {f"{each['loc'][-1]}: {each['msg'].lower()}" for each in error.errors()}
        return site.page("error.html", 400, message=f"{'; '.join(sorted(parts))}.")

    @app.exception_handler(SeqAttackError)
    def usable(request: Request, error: SeqAttackError) -> Response:
        status = 429 if isinstance(error, BusyError) else 400
        return site.page("error.html", status, message=str(error))

    @app.exception_handler(HTTPException)
    def missing(request: Request, error: HTTPException) -> Response:
        return site.page("error.html", error.status_code, message=error.detail)

    return app
