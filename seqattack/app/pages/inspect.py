"""A run's examples, and one example."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from seqattack.app.alignment import align
from seqattack.app.charts import charts_of
from seqattack.app.exports import EXPORTS, download
from seqattack.app.index import RunIndex
from seqattack.app.query import PAGE, Query, page_of
from seqattack.app.reviewer import Reviewer
from seqattack.app.row import Row
from seqattack.app.site import Site
from seqattack.app.views import views
from seqattack.pipeline.picks import Decision, Pick, Picks


def router(site: Site) -> APIRouter:
    """Return the pages' routes."""
    routes = APIRouter()

    def selected(
        index: RunIndex, request: Request, picks: Picks, reviewer: str
    ) -> tuple[Query, list[Row]]:
        query = Query.parse(request.query_params)
        query.check(index.metrics)
        return query, query.select(index.rows, index.decisions(picks, reviewer))

    @routes.get("/run")
    def run(request: Request, reviewer: Reviewer, run: str = "") -> Response:
        if not run:
            return RedirectResponse("/", 303)
        index, picks = site.index(run), site.picks.read()
        query, found = selected(index, request, picks, reviewer)
        decisions = list(index.decisions(picks, reviewer).values())
        page = page_of(found, query.page)
        return site.page(
            "run.html",
            index=index,
            query=query,
            page=page,
            charts=charts_of(index, found, query),
            chips=query.chips(run),
            views=views(index, page.rows, picks.of(run, reviewer), query.address(page=1)),
            decided=len(decisions) - decisions.count("undecided"),
            accepted=decisions.count("accepted"),
            found=sum(row.scores.outcome == "success" for row in found),
            is_test=site.library.is_test(index),
            exports=EXPORTS,
        )

    @routes.get("/run/export/{kind}")
    def export(request: Request, reviewer: Reviewer, kind: str, run: str = "") -> Response:
        index, picks = site.index(run), site.picks.read()
        _, found = selected(index, request, picks, reviewer)
        records = [index.record(row) for row in found if row.scores.outcome == "success"]
        mine = picks.of(run, reviewer)
        new = (Pick(run, Decision.UNDECIDED, "", 0, record) for record in records)
        return download(kind, "examples", [mine.get(pick.id, pick) for pick in new])

    @routes.get("/example")
    def example(request: Request, reviewer: Reviewer, run: str = "", id: str = "") -> Response:
        index, picks = site.index(run), site.picks.read()
        row = index.row(id)
        if row is None:
            raise HTTPException(404, "There is no such example in this run.")
        query, found = selected(index, request, picks, reviewer)
        place = next((n for n, each in enumerate(found) if each is row), None)
        filters = query.address(page=1)
        (view,) = views(index, [row], picks.of(run, reviewer), filters)
        return site.page(
            "example.html",
            index=index,
            view=view,
            columns=align(view.record),
            back=query.address(run=run, page=1 if place is None else 1 + place // PAGE),
            before=_address(run, found, place, -1, filters),
            after=_address(run, found, place, 1, filters),
            place=place,
            count=len(found),
        )

    return routes


def _address(run: str, found: list[Row], place: int | None, step: int, filters: str) -> str:
    """Return the address of the example before or after; empty where there is none."""
    if place is None or not 0 <= place + step < len(found):
        return ""
    own = urlencode({"run": run, "id": found[place + step].id})
    return f"/example?{own}&{filters}" if filters else f"/example?{own}"
