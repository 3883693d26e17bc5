"""What all pages share: the runs, the picks, the live attacks and the rendering of a page."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any

from fastapi import Depends
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse

from seqattack import __version__
from seqattack.app.alignment import STATES
from seqattack.app.comparison import RELATIONS
from seqattack.app.index import KINDS, Library, RunIndex
from seqattack.app.live import LiveAttacks
from seqattack.app.model_store import ModelStore
from seqattack.app.query import FILTERS, PICK_STATES
from seqattack.app.security import LARGEST_BODY, Access
from seqattack.metrics.metric import find_metric
from seqattack.pipeline.picks import PickStore
from seqattack.text import printable

COLOURS, SHAPES = 7, 4
"""Looks of a class; the two have no common divisor, so 28 classes look different."""


async def form_values(request: Request) -> dict[str, str]:
    """Return the fields of a form; of fields that occur twice, the last."""
    async with request.form(max_files=1, max_fields=2000, max_part_size=LARGEST_BODY) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


FormValues = Annotated[dict[str, str], Depends(form_values)]


@dataclass(frozen=True)
class Site:
    """The application's parts.

    Args:
        library: The runs.
        picks: What was picked.
        store: The victims.
        live: Live attacks.
        access: Who may use the application.
    """

    library: Library
    picks: PickStore
    store: ModelStore
    live: LiveAttacks
    access: Access = field(default_factory=Access)

    @cached_property
    def _environment(self) -> Environment:
        environment = Environment(
            loader=PackageLoader("seqattack.app"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters |= {
            "printable": printable,
            "number": number,
            "probability": probability,
        }
        environment.globals |= {
            "KINDS": KINDS,
            "FILTERS": FILTERS,
            "PICK_STATES": PICK_STATES,
            "RELATIONS": RELATIONS,
            "STATES": STATES,
            "metric": find_metric,
            "version": __version__,
        }
        return environment

    def page(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """Render a page.

        Args:
            template: The template's name.
            status: HTTP status of the answer.
            **values: What the template shows; it escapes all of it.
        """
        known = {name: number for number, name in enumerate(self.library.classes())}
        text = self._environment.get_template(template).render(
            look=lambda label: _look(label, known), **values
        )
        return HTMLResponse(text, status)

    def index(self, key: str) -> RunIndex:
        """Return a run's index.

        Raises:
            HTTPException: 404: there is no such run.
        """
        index = self.library.index(key)
        if index is None:
            raise HTTPException(404, "There is no such run.")
        return index


def _look(label: str, known: Mapping[str, int]) -> str:
    """Return the style classes of an entity class: a colour and a shape."""
    place = known.get(label, zlib.crc32(label.encode()))
    return f"colour-{place % COLOURS} shape-{place % SHAPES}"


def number(value: float | None, digits: int = 2, sign: bool = False) -> str:
    """Return a number as a person reads it.

    Args:
        value: The number; None is shown as a dash.
        digits: Digits after the point, of a number that is not whole.
        sign: Whether a plus is shown too.

    >>> number(0.125), number(2, sign=True), number(None)
    ('0.12', '+2', '–')
    """
    if value is None:
        return "–"
    text = f"{value:{'+' if sign else ''}.{0 if isinstance(value, int) else digits}f}"
    return text.replace("-", "−")


def probability(value: float | None) -> str:
    """Return a p-value as a person reads it.

    >>> probability(0.04321), probability(1e-9), probability(None)
    ('0.0432', '< 0.0001', '–')
    """
    return "< 0.0001" if value is not None and value < 0.0001 else number(value, 4)
