"""Two runs side by side on the same sentences."""

from __future__ import annotations

from collections import Counter

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from seqattack.app.comparison import RELATIONS, match, panels, tests
from seqattack.app.query import Query, QueryError, page_of
from seqattack.app.reviewer import Reviewer
from seqattack.app.site import Site
from seqattack.app.views import views

PAGE = 10
"""Sentences on a page."""


def router(site: Site) -> APIRouter:
    """Return the page's routes."""
    routes = APIRouter()

    @routes.get("/compare")
    def compare(
        request: Request, reviewer: Reviewer, a: str = "", b: str = "", relation: str = ""
    ) -> Response:
        if relation and relation not in RELATIONS:
            raise QueryError(f"relation: write one of {', '.join(RELATIONS)}.")
        runs = site.library.described()
        if not (a and b):
            return site.page("compare.html", runs=runs, a=a, b=b, relation=relation, sides=None)
        sides = site.index(a), site.index(b)
        matches = match(sides[0].rows, sides[1].rows)
        wanted = [m for m in matches if not relation or m.relation == relation]
        page = page_of(wanted, Query.parse(request.query_params).page, PAGE)
        picks = site.picks.read()
        return site.page(
            "compare.html",
            runs=runs,
            a=a,
            b=b,
            relation=relation,
            sides=sides,
            count=len(matches),
            relations=Counter(m.relation for m in matches),
            page=page,
            pairs=list(
                zip(
                    views(sides[0], [m.first for m in page.rows], picks.of(a, reviewer)),
                    views(sides[1], [m.second for m in page.rows], picks.of(b, reviewer)),
                    strict=True,
                )
            ),
            panels=panels(matches),
            tests=tests(matches),
        )

    return routes
