"""The first page: what was attacked and what came of it; and files of the original SeqAttack."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping
from itertools import chain, count
from pathlib import Path
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
from seqattack.io import json_value, read_json, write_json
from seqattack.pipeline.layout import run_layouts
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
    one_at_a_time = threading.Lock()  # so that two imports of one file make one

    def found() -> tuple[list[Matrix], Mapping[str, str]]:
        """Return the matrices of all runs, and why some runs cannot be read, by their keys."""
        indices, broken = site.library.read_all()
        return matrices(indices), broken

    @routes.get("/")
    def home() -> Response:
        accepted = [pick.run for pick in site.picks.read().accepted]
        whole, broken = found()
        return site.page(
            "home.html",
            matrices=whole,
            broken=broken,
            accepted={run: accepted.count(run) for run in set(accepted)},
            claims=read_claims(site.library.results),
            reports=_reports(site.library.results),
        )

    @routes.get("/report")
    def report(seed: str = "") -> Response:
        path = _reports(site.library.results).get(seed)
        if path is None:
            raise HTTPException(404, "This run has no report yet.")
        headers = {"Content-Security-Policy": REPORT_POLICY}
        return FileResponse(path, media_type="text/html; charset=utf-8", headers=headers)

    @routes.get("/matrix.{ending}")
    def matrix(ending: str, group: str = "") -> Response:
        chosen = next((each for each in found()[0] if each.key == group), None)
        if chosen is None or ending not in FORMATS:
            raise HTTPException(404, "There is no such matrix.")
        media_type, write = FORMATS[ending]
        name = f"{chosen.table().id}.{ending}".replace(" ", "-")
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(write(chosen), media_type=media_type, headers=headers)

    @routes.post("/import")
    def bring(uploaded: Annotated[tuple[str, bytes], Depends(_uploaded)]) -> Response:
        stem, content = uploaded
        value = _parsed(stem, content)
        parse_seqattack(value, stem)
        folder = _imports(site.library.results)
        with one_at_a_time:
            known = sorted(folder.glob("*.json"))
            if same := next((path for path in known if _is_same(path, value)), None):
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
        _delete(site.imported(form.get("run", "")).run.files[0])
        site.library.refresh()
        return RedirectResponse("/", 303)

    return routes


def _reports(results: Path) -> dict[str, Path]:
    """Return the reports that are there by the seed of their run; see `run_layouts`."""
    found = {seed: layout.report for seed, layout in run_layouts(results).items()}
    return {seed: path for seed, path in found.items() if path.is_file()}


def _delete(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise RecordError(f"{file.name} could not be deleted ({error.strerror}).") from error


def _to_run(name: str, **values: str) -> Response:
    return RedirectResponse(
        "/run?" + urlencode({"run": f"{IMPORTS}/{name}", **values}, safe="/"), 303
    )


async def _uploaded(file: UploadFile) -> tuple[str, bytes]:
    """Return an uploaded file's name, made safe and without its ending, and its bytes."""
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", (file.filename or "").removesuffix(".json"))
    return stem.strip("-")[:80] or "import", await file.read()


def _parsed(stem: str, content: bytes) -> object:
    """Return the value of an uploaded JSON file; never called where all requests would wait."""
    try:
        value = json_value(content)
        json.dumps(value, ensure_ascii=False).encode()  # no half characters
    except (ValueError, RecursionError) as error:
        raise RecordError(f"{stem}: not a JSON file of Unicode text ({error}).") from error
    return value


def _imports(results: Path) -> Path:
    """Return the folder of imports; a link to somewhere else is refused."""
    folder = results / IMPORTS
    if not folder.resolve().is_relative_to(results):
        raise RecordError(
            f"{folder} leads out of the results folder, so nothing is written there; remove the "
            "link, and import the file again."
        )
    return folder


def _is_same(path: Path, value: object) -> bool:
    """Whether a file of the folder holds a value; a damaged one, or one just deleted, does not."""
    try:
        return path.is_file() and bool(read_json(path) == value)
    except (OSError, ValueError):
        return False
