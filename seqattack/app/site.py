"""What all pages share: the runs, the picks, the live attacks and the rendering of a page."""

from __future__ import annotations

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
from seqattack.app.history import History
from seqattack.app.index import Library, RunIndex
from seqattack.app.live import LiveAttacks
from seqattack.app.model_store import ModelStore
from seqattack.app.query import MODES, PICK_STATES, bound_text
from seqattack.app.row import KINDS, Row
from seqattack.app.security import LARGEST_BODY, Access
from seqattack.metrics.metric import Metric, find_metric, show
from seqattack.pipeline.picks import REASONS, PickStore
from seqattack.report.names import recipe_name, victim_title
from seqattack.report.style import class_looks
from seqattack.text import displayed, printable


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
    def history(self) -> History:
        """What can be undone."""
        return History(self.picks)

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
            "displayed": displayed,
            "recipe": recipe_name,
            "victim": victim_title,
            "number": number,
            "figure": figure,
            "exact": exact,
            "bound": bound_text,
            "probability": probability,
        }
        environment.globals |= {
            "KINDS": KINDS,
            "MODES": MODES,
            "PICK_STATES": PICK_STATES,
            "REASONS": REASONS,
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
        classes = self.library.classes()
        looks = class_looks(classes)

        def look(label: str) -> str:
            """Return the style classes of a class, also of one that no run has."""
            return (looks.get(label) or class_looks([*classes, label])[label]).css

        text = self._environment.get_template(template).render(look=look, **values)
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

    def row(self, index: RunIndex, sentence_id: str) -> Row:
        """Return an example of a run.

        Args:
            index: The run's index.
            sentence_id: The sentence's id.

        Raises:
            HTTPException: 404: there is no such example.
        """
        row = index.row(sentence_id)
        if row is None:
            raise HTTPException(404, "There is no such example in this run.")
        return row

    def imported(self, key: str) -> RunIndex:
        """Return the index of an imported run.

        Raises:
            HTTPException: 404: there is none, or the run was not imported.
        """
        index = self.index(key)
        if not index.run.is_imported:
            raise HTTPException(404, "Only imported runs can be deleted here.")
        return index


def figure(value: float | None, metric: Metric) -> str:
    """Return a figure of a metric as a reader sees it; a change has its sign.

    >>> figure(0.125, find_metric("similarity")), figure(1, find_metric("grammar_error_change"))
    ('12%', '+1')
    """
    if metric.key == "grammar_error_change":
        return number(value, sign=True)
    return show(value, metric.kind)


def exact(value: float | None, metric: Metric, sign: bool = False) -> str:
    """Return a mean of a metric, or a difference of means, with one digit more than `figure`.

    Args:
        value: The number; None is shown as a dash.
        metric: Fractions are shown in percent if it is.
        sign: Whether a plus is shown too.

    >>> exact(0.2318, find_metric("similarity")), exact(-0.5, find_metric("queries"), sign=True)
    ('23.2%', '−0.500')
    """
    if value is None or metric.kind != "percent":
        return number(value, 3, sign)
    return f"{number(100 * value, 1, sign)}%"


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
