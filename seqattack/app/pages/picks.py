"""What was picked, who picked it, and exports of the accepted examples."""

from __future__ import annotations

import os

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from seqattack.app.agreement import agreements
from seqattack.app.alignment import align
from seqattack.app.exports import EXPORTS, download
from seqattack.app.query import Query, page_of
from seqattack.app.reviewer import Reviewer, remember
from seqattack.app.site import FormValues, Site
from seqattack.app.views import View
from seqattack.pipeline.picks import Pick, PickError, made_of

SHOWN = ("accepted", "rejected")
"""The decisions whose examples the page lists."""


def router(site: Site) -> APIRouter:
    """Return the pages' routes."""
    routes = APIRouter()

    @routes.get("/picks")
    def listing(request: Request, reviewer: Reviewer, decision: str = "accepted") -> Response:
        if decision not in SHOWN:
            raise PickError(f"decision: write one of {', '.join(SHOWN)}.")
        picks = site.picks.read()
        listed = picks.accepted if decision == "accepted" else picks.rejected
        page = page_of(listed, Query.parse(request.query_params).page)
        tests = made_of(picks.accepted, site.library.test_sentences())
        return site.page(
            "picks.html",
            picks=picks,
            decision=decision,
            page=page,
            views=[_view(pick) for pick in page.rows],
            runs=site.library.described(),
            tests=len(tests),
            usable=len(picks.accepted) - len(tests),
            path=os.path.relpath(site.picks.path),
            agreements=list(agreements(picks)),
            reviewer=reviewer,
            exports=EXPORTS,
        )

    @routes.get("/picks/export/{kind}")
    def export(kind: str) -> Response:
        return download(kind, "picks", site.picks.read().accepted)

    @routes.post("/reviewer")
    def name(form: FormValues) -> Response:
        return remember(RedirectResponse("/picks", 303), form.get("reviewer", "").strip())

    return routes


def _view(pick: Pick) -> View:
    return View(pick.run, pick.record, None, align(pick.record), pick)
