"""A typed sentence: a victim tags it, and a person corrects the tags and orders an attack."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from seqattack.app.draft import GOALS, Draft
from seqattack.app.live import (
    MOST_CHARACTERS,
    MOST_QUERIES,
    MOST_SECONDS,
    BusyError,
)
from seqattack.app.model_store import RECIPES
from seqattack.app.pages.watch import find
from seqattack.app.site import FormValues, Site
from seqattack.errors import CorpusError, SeqAttackError


def router(site: Site) -> APIRouter:
    """Return the page's routes."""
    routes = APIRouter()

    def show(draft: Draft, problem: SeqAttackError | None = None) -> Response:
        victims = site.store.victims()
        is_tagged = bool(draft.tokens) and draft.victim in victims
        status = 200 if problem is None else 429 if isinstance(problem, BusyError) else 400
        return site.page(
            "try.html",
            status,
            victims=victims,
            loaded=[name for name in victims if site.store.is_loaded(name)],
            draft=draft,
            labels=site.store.victim(draft.victim).labels if is_tagged else (),
            recipes={name: site.store.missing(name) for name in RECIPES},
            goals=GOALS,
            most=(MOST_CHARACTERS, MOST_QUERIES, MOST_SECONDS),
            problem=str(problem or ""),
            attacks=site.live.all(),
        )

    @routes.get("/try")
    def ask(attack: str = "") -> Response:
        return show(Draft.from_order(find(site, attack).order) if attack else Draft())

    @routes.post("/try/tag")
    def tag(form: FormValues) -> Response:
        from seqattack.victim.tagging import tag_text

        draft = replace(Draft.from_form(form), tokens=(), tags=())
        try:
            _check_length(draft.text)
            sentence = tag_text(draft.text, site.store.victim(draft.victim))
        except SeqAttackError as error:
            return show(draft, error)
        return show(replace(draft, tokens=sentence.tokens, tags=sentence.tags))

    @routes.post("/try/attack")
    def attack(form: FormValues) -> Response:
        draft = Draft.from_form(form)
        try:
            order = draft.order()
            if "every" in form:
                usable = [name for name in RECIPES if not site.store.missing(name)]
                all_of_them = site.live.start_all([replace(order, recipe=n) for n in usable])
                return RedirectResponse(f"/try/groups/{all_of_them[0].group}", 303)
            started = site.live.start(order)
        except SeqAttackError as error:
            return show(draft, error)
        return RedirectResponse(f"/try/attacks/{started.id}", 303)

    return routes


def _check_length(text: str) -> None:
    if len(text) > MOST_CHARACTERS:
        raise CorpusError(
            f"the text has {len(text)} characters and may have at most {MOST_CHARACTERS}; "
            "shorten it."
        )
