"""A live attack: watched, cancelled, and picked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from seqattack.app.alignment import align
from seqattack.app.curve import draw_curve
from seqattack.app.live import LiveAttack, Step
from seqattack.app.reviewer import Reviewer
from seqattack.app.site import Site
from seqattack.app.views import View
from seqattack.pipeline.picks import Decision
from seqattack.records import AttackRecord, Outcome

LIVE = "live"
"""The run that picked live attacks belong to."""


def router(site: Site) -> APIRouter:
    """Return the page's routes."""
    routes = APIRouter()

    @routes.get("/try/attacks/{attack_id}")
    def watch(attack_id: str, part: bool = False) -> Response:
        found = find(site, attack_id).snapshot()
        template = "live-part.html" if part else "live.html"
        return site.page(
            template,
            attack=found,
            view=_view(found.record),
            curve=draw_curve(found),
            frames=list(_frames(found)),
        )

    @routes.post("/try/attacks/{attack_id}/cancel")
    def cancel(attack_id: str) -> Response:
        found = find(site, attack_id)
        found.cancel()
        return RedirectResponse(f"/try/attacks/{found.id}", 303)

    @routes.post("/try/attacks/{attack_id}/pick")
    def pick(attack_id: str, reviewer: Reviewer) -> Response:
        found = find(site, attack_id)
        if found.record is None:
            raise HTTPException(404, "This attack has not found anything yet.")
        record = replace(found.record, id=f"typed-{found.id}")
        before = site.picks.read()
        picks = site.picks.decide(LIVE, [record], Decision.ACCEPTED, reviewer)
        site.history.add(before, picks)
        return RedirectResponse("/picks", 303)

    @routes.get("/try/groups/{group}")
    def together(group: str, part: bool = False) -> Response:
        found = [attack.snapshot() for attack in _group(site, group)]
        return site.page(
            "group-part.html" if part else "group.html",
            group=group,
            order=found[0].order,
            sides=[(attack, _view(attack.record)) for attack in found],
            is_over=all(attack.is_over for attack in found),
        )

    @routes.post("/try/groups/{group}/cancel")
    def cancel_all(group: str) -> Response:
        for attack in _group(site, group):
            attack.cancel()
        return RedirectResponse(f"/try/groups/{group}", 303)

    return routes


def find(site: Site, attack_id: str) -> LiveAttack:
    """Return a live attack.

    Raises:
        HTTPException: 404: there is none of this name, or it is no longer kept.
    """
    attack = site.live.get(attack_id)
    if attack is None:
        raise HTTPException(404, "There is no such attack, or it is no longer kept.")
    return attack


def _group(site: Site, group: str) -> list[LiveAttack]:
    found = site.live.group(group)
    if not found:
        raise HTTPException(404, "There are no such attacks, or they are no longer kept.")
    return found


def _view(record: AttackRecord | None) -> View | None:
    return View(LIVE, record, None, align(record)) if record else None


def _frames(attack: LiveAttack) -> Iterator[tuple[Step, View]]:
    """Yield every step of a search that has ended, as an example of its own."""
    if attack.record is None:
        return
    for step in attack.steps:
        record = replace(
            attack.record,
            adversarial=step.text,
            labels_score=step.labels_score,
            newly_broken=step.newly_broken,
            outcome=Outcome.SUCCESS,
        )
        yield step, View(LIVE, record, None, align(record))
