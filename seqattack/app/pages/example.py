"""One example, and what each of its edits does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from seqattack.app.alignment import align
from seqattack.app.pages.inspect import selected
from seqattack.app.query import PAGE
from seqattack.app.reviewer import Reviewer
from seqattack.app.row import Row
from seqattack.app.site import Site
from seqattack.app.views import views
from seqattack.records import AttackRecord

if TYPE_CHECKING:
    from seqattack.explain.edits import Edit
    from seqattack.explain.explanation import Explanation


def router(site: Site) -> APIRouter:
    """Return the page's routes."""
    routes = APIRouter()

    @routes.get("/example")
    def example(
        request: Request, reviewer: Reviewer, run: str = "", id: str = "", explain: str = ""
    ) -> Response:
        index, picks = site.index(run), site.picks.read()
        row = site.row(index, id)
        query, found = selected(index, request, picks, reviewer)
        place = next((n for n, each in enumerate(found) if each is row), None)
        filters = query.address(page=1)
        (view,) = views(index, [row], picks.of(run, reviewer), filters)
        explainer = site.store.attacked(index.run)
        explanation = _explanation(site, view.record, explainer) if explain else None
        columns = align(view.record, _idle(explanation))
        return site.page(
            "example.html",
            index=index,
            view=replace(view, columns=columns),
            columns=columns,
            explainer=explainer,
            explanation=explanation,
            back=query.address(run=run, page=1 if place is None else 1 + place // PAGE),
            before=_address(run, found, place, -1, filters),
            after=_address(run, found, place, 1, filters),
            place=place,
            count=len(found),
        )

    return routes


def _explanation(site: Site, record: AttackRecord, victim: str) -> Explanation | None:
    """Return what each edit does to the victim; None without a victim or an example."""
    if not victim or record.adversarial is None:
        return None
    from seqattack.explain.explanation import explain

    return explain(record, site.store.victim(victim))


def _idle(explanation: Explanation | None) -> list[Edit]:
    effects = explanation.effects if explanation else ()
    return [effect.edit for effect in effects if effect.is_idle]


def _address(run: str, found: list[Row], place: int | None, step: int, filters: str) -> str:
    """Return the address of the example before or after; empty where there is none."""
    if place is None or not 0 <= place + step < len(found):
        return ""
    own = urlencode({"run": run, "id": found[place + step].id})
    return f"/example?{own}&{filters}" if filters else f"/example?{own}"
