"""A typed sentence: a victim tags it, a person corrects the tags, and it is attacked live."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from seqattack.app.alignment import align
from seqattack.app.live import MOST_CHARACTERS, MOST_QUERIES, MOST_SECONDS, LiveAttack, Order
from seqattack.app.model_store import RECIPES
from seqattack.app.site import FormValues, Site
from seqattack.app.views import View
from seqattack.errors import CorpusError, SeqAttackError
from seqattack.sentence import Sentence
from seqattack.tags import repair_iob2

GOALS = {
    "untargeted-strict": "another class",
    "untargeted": "another tag",
    "targeted": "no entity (O)",
}
"""Goals to choose from, and the prediction that makes an entity token wrong under each."""


def router(site: Site) -> APIRouter:
    """Return the pages' routes."""
    routes = APIRouter()

    def show(victim: str, text: str, sentence: Sentence | None = None) -> Response:
        labels = site.store.victim(victim).labels if sentence else ()
        return site.page(
            "try.html",
            victims=site.store.victims(),
            victim=victim,
            text=text,
            sentence=sentence,
            labels=labels,
            recipes={name: site.store.missing(name) for name in RECIPES},
            goals=GOALS,
            most=(MOST_CHARACTERS, MOST_QUERIES, MOST_SECONDS),
        )

    def find(attack_id: str) -> LiveAttack:
        attack = site.live.get(attack_id)
        if attack is None:
            raise HTTPException(404, "There is no such attack, or it is no longer kept.")
        return attack

    @routes.get("/try")
    def ask() -> Response:
        return show("", "")

    @routes.post("/try/tag")
    def tag(form: FormValues) -> Response:
        from seqattack.victim.tagging import tag_text

        victim, text = form.get("victim", ""), form.get("text", "")
        if len(text) > MOST_CHARACTERS:
            raise CorpusError(
                f"the text may have at most {MOST_CHARACTERS} characters; shorten it."
            )
        return show(victim, text, tag_text(text, site.store.victim(victim)))

    @routes.post("/try/attack")
    def attack(form: FormValues) -> Response:
        started = site.live.start(_order(form))
        return RedirectResponse(f"/try/attacks/{started.id}", 303)

    @routes.get("/try/attacks/{attack_id}")
    def watch(attack_id: str, part: bool = False) -> Response:
        found = find(attack_id).snapshot()
        view = View("", found.record, None, align(found.record)) if found.record else None
        return site.page("live-part.html" if part else "live.html", attack=found, view=view)

    @routes.post("/try/attacks/{attack_id}/cancel")
    def cancel(attack_id: str) -> Response:
        found = find(attack_id)
        found.cancel()
        return RedirectResponse(f"/try/attacks/{found.id}", 303)

    return routes


def _order(form: dict[str, str]) -> Order:
    tokens = tuple(form.get("tokens", "")[: 2 * MOST_CHARACTERS].split())
    tags = [form.get(f"tag-{index}", "O") for index in range(len(tokens))]
    try:
        queries, seconds = int(form.get("queries", "")), float(form.get("seconds", ""))
    except ValueError as error:
        raise SeqAttackError("queries and seconds: write numbers.") from error
    goal = form.get("goal", "")
    if goal not in GOALS:
        raise SeqAttackError(f"goal: write one of {', '.join(GOALS)}.")
    sentence = Sentence("typed", tokens, tuple(repair_iob2(tags)))
    return Order(sentence, form.get("victim", ""), form.get("recipe", ""), goal, queries, seconds)
