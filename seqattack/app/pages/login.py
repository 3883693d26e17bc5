"""The login page, which asks for the token if other computers can reach the server."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from seqattack.app.security import WRONG, welcome
from seqattack.app.site import FormValues, Site


def router(site: Site) -> APIRouter:
    """Return the page's routes."""
    routes = APIRouter()

    @routes.get("/login")
    def ask() -> Response:
        return site.page("login.html", wrong=False)

    @routes.post("/login")
    def check(form: FormValues) -> Response:
        if site.access.is_token(form.get("token", "").strip()):
            return welcome(site.access, "/")
        return site.page("login.html", WRONG, wrong=True)

    return routes
