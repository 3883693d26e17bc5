"""The first page: what was attacked and what came of it; and files of the original SeqAttack."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from itertools import chain, count
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, RedirectResponse, Response

from seqattack.app.claims import read_claims
from seqattack.app.matrix import Matrix, matrices, picture
from seqattack.app.runs import IMPORTS
from seqattack.app.security import REPORT_POLICY
from seqattack.app.seqattack_json import parse_seqattack
from seqattack.app.site import FormValues, Site
from seqattack.errors import RecordError
from seqattack.io import read_json, write_json
from seqattack.pipeline.layout import Layout
from seqattack.report.latex import to_latex
from seqattack.report.tables import to_csv, to_markdown

FORMATS: Mapping[str, tuple[str, Callable[[Matrix], str | bytes]]] = {
    "md": ("text/markdown", lambda matrix: to_markdown(matrix.table())),
    "tex": ("text/x-tex", lambda matrix: to_latex(matrix.table())),
    "csv": ("text/csv", lambda matrix: to_csv(matrix.table())),
    "png": ("image/png", picture),
}
"""By ending, the media type of a matrix's file and what writes it."""


def router(site: Site) -> APIRouter:
    """Return the pages' routes."""
    routes = APIRouter()
    report_path = Layout(site.library.results).report

    def found() -> list[Matrix]:
        indices = (site.library.index(key) for key in site.library.refresh())
        return matrices(index for index in indices if index is not None)

    @routes.get("/")
    def home() -> Response:
        accepted = [pick.run for pick in site.picks.read().accepted]
        return site.page(
            "home.html",
            matrices=found(),
            accepted={run: accepted.count(run) for run in set(accepted)},
            claims=read_claims(site.library.results),
            has_report=report_path.is_file(),
        )

    @routes.get("/report")
    def report() -> Response:
        if not report_path.is_file():
            raise HTTPException(404, "This run has no report yet.")
        headers = {"Content-Security-Policy": REPORT_POLICY}
        return FileResponse(report_path, media_type="text/html; charset=utf-8", headers=headers)

    @routes.get("/matrix.{ending}")
    def matrix(ending: str, group: str = "") -> Response:
        chosen = next((each for each in found() if each.key == group), None)
        if chosen is None or ending not in FORMATS:
            raise HTTPException(404, "There is no such matrix.")
        media_type, write = FORMATS[ending]
        name = f"{chosen.table().id}.{ending}".replace(" ", "-")
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(write(chosen), media_type=media_type, headers=headers)

    @routes.post("/import")
    def bring(values: Annotated[tuple[str, object], Depends(_uploaded)]) -> Response:
        stem, value = values
        parse_seqattack(value, stem)
        folder = site.library.results / IMPORTS
        known = sorted(folder.glob("*.json"))
        if same := next((path for path in known if read_json(path) == value), None):
            return _to_run(same.name, again="yes")
        names = (f"{stem}{ending}.json" for ending in chain([""], (f"-{n}" for n in count(2))))
        name = next(name for name in names if not (folder / name).exists())
        write_json(folder / name, value)
        site.library.refresh()
        return _to_run(name)

    @routes.get("/import/delete")
    def ask(run: str = "") -> Response:
        return site.page("delete.html", index=site.imported(run))

    @routes.post("/import/delete")
    def delete(form: FormValues) -> Response:
        index = site.imported(form.get("run", ""))
        index.run.files[0].unlink(missing_ok=True)
        site.library.refresh()
        return RedirectResponse("/", 303)

    return routes


def _to_run(name: str, **values: str) -> Response:
    return RedirectResponse(
        "/run?" + urlencode({"run": f"{IMPORTS}/{name}", **values}, safe="/"), 303
    )


async def _uploaded(file: UploadFile) -> tuple[str, object]:
    """Return an uploaded JSON file's name, made safe and without its ending, and its value."""
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", (file.filename or "").removesuffix(".json"))
    stem = stem.strip("-")[:80] or "import"
    try:
        value = json.loads(await file.read())
        json.dumps(value, ensure_ascii=False).encode()  # no half characters
        return stem, value
    except (ValueError, RecursionError) as error:
        raise RecordError(f"{stem}: not a JSON file of Unicode text ({error}).") from error
