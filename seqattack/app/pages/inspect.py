"""The runs, a run's examples, and one example."""

from __future__ import annotations

import re
from itertools import chain, count
from typing import Annotated

from fastapi import APIRouter, Depends, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from seqattack.app.alignment import align
from seqattack.app.query import Query, page_of
from seqattack.app.runs import IMPORTS
from seqattack.app.seqattack_json import parse_seqattack
from seqattack.app.site import Site
from seqattack.app.views import views
from seqattack.errors import RecordError
from seqattack.io import json_value, write_json


def router(site: Site) -> APIRouter:
    """Return the pages' routes."""
    routes = APIRouter()

    @routes.get("/")
    def runs() -> Response:
        found = [site.index(key) for key in site.library.refresh()]
        return site.page("runs.html", indices=found, picks=site.picks.read())

    @routes.get("/run")
    def run(request: Request, run: str) -> Response:
        index = site.index(run)
        query = Query.parse(request.query_params)
        picks = site.picks.read().of(run)
        decisions = {name: pick.decision.value for name, pick in picks.items()}
        page = page_of(query.select(index.rows, decisions), query.page)
        return site.page(
            "run.html",
            index=index,
            query=query,
            page=page,
            views=views(index, page.rows, picks),
            decided=sum(d != "undecided" for d in decisions.values()),
            accepted=sum(d == "accepted" for d in decisions.values()),
        )

    @routes.get("/example")
    def example(run: str, id: str) -> Response:
        index = site.index(run)
        row = index.row(id)
        if row is None:
            raise HTTPException(404, "There is no such example in this run.")
        (view,) = views(index, [row], site.picks.read().of(run))
        return site.page("example.html", index=index, view=view, columns=align(view.record))

    @routes.post("/import")
    def bring(values: Annotated[tuple[str, object], Depends(_uploaded)]) -> Response:
        stem, value = values
        parse_seqattack(value, stem)
        folder = site.library.results / IMPORTS
        names = (f"{stem}{ending}.json" for ending in chain([""], (f"-{n}" for n in count(2))))
        name = next(name for name in names if not (folder / name).exists())
        write_json(folder / name, value)
        site.library.refresh()
        return RedirectResponse(f"/run?run={IMPORTS}/{name}", 303)

    return routes


async def _uploaded(file: UploadFile) -> tuple[str, object]:
    """Return an uploaded JSON file's name, made safe and without its ending, and its value."""
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", (file.filename or "").removesuffix(".json"))
    stem = stem.strip("-")[:80] or "import"
    try:
        return stem, json_value(await file.read())
    except ValueError as error:
        raise RecordError(f"{stem}: not a JSON file ({error}).") from error
