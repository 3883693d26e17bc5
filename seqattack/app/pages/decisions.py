"""Decisions about examples: one by one, all that were found, and a step back or forward."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from seqattack.app.query import Query
from seqattack.app.reviewer import Reviewer
from seqattack.app.security import local_address
from seqattack.app.site import FormValues, Site
from seqattack.pipeline.picks import Decision, Pick, PickError
from seqattack.records import AttackRecord


def router(site: Site) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()

    @routes.post("/picks")
    def pick(request: Request, form: FormValues, reviewer: Reviewer) -> Response:
        run, sentence_id = form.get("run", ""), form.get("id", "")
        before = site.picks.read()
        known = before.picks.get((run, sentence_id, reviewer))
        record = known.record if known else _record(site, run, sentence_id)
        values = _change(form)
        pick, changed = site.picks.change(run, record, _version(form), reviewer, **values)
        if changed:
            site.history.add(before, [pick])
        if _wants_json(request):
            return JSONResponse(_as_json(site, pick), 200 if changed else 409)
        if not changed:
            raise PickError("this example was changed in another tab; reload the page.")
        return RedirectResponse(local_address(form.get("back", "/")), 303)

    @routes.post("/picks/all")
    def pick_all(form: FormValues, reviewer: Reviewer) -> Response:
        run, decision = form.get("run", ""), _decision(form)
        index, before = site.index(run), site.picks.read()
        found = Query.parse(form).select(index.rows, index.decisions(before, reviewer))
        records = [index.record(row) for row in found if row.scores.outcome == "success"]
        site.history.add(before, site.picks.decide(run, records, decision, reviewer))
        return RedirectResponse(local_address(form.get("back", "/")), 303)

    @routes.post("/picks/{step}")
    def move(request: Request, form: FormValues, reviewer: Reviewer, step: str) -> Response:
        if step not in ("undo", "redo"):
            raise HTTPException(404, "There is no such step; undo or redo.")
        found = site.history.undo(reviewer) if step == "undo" else site.history.redo(reviewer)
        if _wants_json(request):
            return JSONResponse({"picks": [_as_json(site, pick) for pick in found]})
        return RedirectResponse(local_address(form.get("back", "/")), 303)

    return routes


def _record(site: Site, run: str, sentence_id: str) -> AttackRecord:
    index = site.index(run)
    return index.record(site.row(index, sentence_id))


def _wants_json(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")


def _version(form: dict[str, str]) -> int:
    text = form.get("version", "0")
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise PickError("version: write a number.")
    return int(text)


def _decision(form: dict[str, str]) -> Decision:
    if form.get("decision") not in list(Decision):
        raise PickError(f"decision: write one of {', '.join(Decision)}.")
    return Decision(form["decision"])


def _change(form: dict[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if "decision" in form:
        values["decision"] = _decision(form)
        if values["decision"] is not Decision.REJECTED:
            values["reason"] = ""
    if "reason" in form:
        values.setdefault("reason", form["reason"])
    if "note" in form:
        values["note"] = form["note"].strip()
    return values


def _as_json(site: Site, pick: Pick) -> dict[str, Any]:
    """Return a pick, with what the counts on every page are now."""
    picks = site.picks.read()
    mine = [p.decision for p in picks.of(pick.run, pick.reviewer).values()]
    return {
        "run": pick.run,
        "id": pick.id,
        "address": "/example?" + urlencode({"run": pick.run, "id": pick.id})
        if site.library.index(pick.run)
        else "",
        "decision": pick.decision.value,
        "reason": pick.reason,
        "note": pick.note,
        "version": pick.version,
        "decided": len(mine) - mine.count(Decision.UNDECIDED),
        "accepted": mine.count(Decision.ACCEPTED),
        "accepted-in-all": len(picks.accepted),
        "rejected-in-all": len(picks.rejected),
    }
