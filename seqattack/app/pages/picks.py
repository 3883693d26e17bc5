"""Decisions about examples, and exports of the accepted ones."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from seqattack.app.alignment import align
from seqattack.app.exports import EXPORTS
from seqattack.app.security import local_address
from seqattack.app.site import FormValues, Site
from seqattack.app.views import View
from seqattack.pipeline.picks import Decision, Pick, PickError


def router(site: Site) -> APIRouter:
    """Return the pages' routes."""
    routes = APIRouter()

    @routes.get("/picks")
    def listing() -> Response:
        picks = site.picks.read()
        accepted = [
            View(pick.run, pick.record, None, align(pick.record), pick) for pick in picks.accepted
        ]
        return site.page("picks.html", picks=picks, views=accepted, exports=EXPORTS)

    @routes.get("/picks/export/{kind}")
    def export(kind: str) -> Response:
        if kind not in EXPORTS:
            raise HTTPException(
                404, f"There is no such format; choose one of {', '.join(EXPORTS)}."
            )
        chosen = EXPORTS[kind]
        headers = {"Content-Disposition": f'attachment; filename="{chosen.name}"'}
        text = chosen.text(site.picks.read().accepted)
        return Response(text, media_type=chosen.media_type, headers=headers)

    @routes.post("/picks")
    def pick(request: Request, form: FormValues) -> Response:
        run, sentence_id = form.get("run", ""), form.get("id", "")
        index = site.index(run)
        row = index.row(sentence_id)
        if row is None:
            raise HTTPException(404, "There is no such example in this run.")
        pick, changed = site.picks.change(run, index.record(row), _version(form), **_change(form))
        if "application/json" in request.headers.get("accept", ""):
            return JSONResponse(_as_json(site, pick), 200 if changed else 409)
        if not changed:
            raise PickError("this example was changed in another tab; reload the page.")
        return RedirectResponse(local_address(form.get("back", "/")), 303)

    return routes


def _version(form: dict[str, str]) -> int:
    text = form.get("version", "0")
    if not text.isdecimal():
        raise PickError("version: write a number.")
    return int(text)


def _change(form: dict[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if "decision" in form:
        if form["decision"] not in list(Decision):
            raise PickError(f"decision: write one of {', '.join(Decision)}.")
        values["decision"] = Decision(form["decision"])
    if "note" in form:
        values["note"] = form["note"].strip()
    return values


def _as_json(site: Site, pick: Pick) -> dict[str, Any]:
    mine = site.picks.read().of(pick.run).values()
    return {
        "decision": pick.decision.value,
        "note": pick.note,
        "version": pick.version,
        "decided": sum(p.decision is not Decision.UNDECIDED for p in mine),
        "accepted": sum(p.decision is Decision.ACCEPTED for p in mine),
    }
