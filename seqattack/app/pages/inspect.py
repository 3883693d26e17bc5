"""A run's examples."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from seqattack.app.charts import charts_of
from seqattack.app.exports import EXPORTS, download
from seqattack.app.index import RunIndex
from seqattack.app.query import Query, page_of
from seqattack.app.reviewer import Reviewer
from seqattack.app.row import Row
from seqattack.app.site import Site
from seqattack.app.views import views
from seqattack.pipeline.picks import Decision, Pick, Picks


def router(site: Site) -> APIRouter:
    """Return the pages' routes."""
    routes = APIRouter()

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

    return routes


def selected(
    index: RunIndex, request: Request, picks: Picks, reviewer: str
) -> tuple[Query, list[Row]]:
    """Return the query of a request, and the rows that it asks for.

    Args:
        index: The run's index.
        request: The request.
        picks: The picks.
        reviewer: Whose decisions count.

    Raises:
        QueryError: The run lacks what is asked for.
    """
    query = Query.parse(request.query_params)
    query.check(index.metrics)
    return query, query.select(index.rows, index.decisions(picks, reviewer))
