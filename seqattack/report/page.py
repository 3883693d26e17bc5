"""Self-contained pages: escaped text, one stylesheet, no scripts."""

from __future__ import annotations

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from seqattack.report.names import table_name
from seqattack.report.style import palette_css
from seqattack.text import clipped, printable

if TYPE_CHECKING:
    from jinja2 import Environment

    from seqattack.report.tables import Table


def render(template: str, **context: Any) -> str:
    """Return a page.

    Everything that a template prints is escaped, and control and bidirectional characters are made
    visible. The page's policy lets a browser load nothing and apply no other stylesheet.

    Args:
        template: A file of ``seqattack/report/templates``.
        **context: What the template prints.
    """
    from markupsafe import Markup

    style = stylesheet()
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )
    page = _environment().get_template(template)
    return page.render(style=Markup(style), policy=policy, **context)


def to_html(table: Table) -> str:
    """Return a table as a ``<table>`` for any page or notebook; all text in it is escaped.

    The report's template writes it, since pandas' Styler gives header cells no ``scope``.

    Args:
        table: Such as one of `seqattack.report.tables.summary_table`.
    """
    return render("fragment.html.jinja", table=table)


def stylesheet() -> str:
    """Return the stylesheet of all pages, with the colours and shapes of the figures."""
    rules = (files("seqattack.report") / "templates" / "style.css").read_text(encoding="utf-8")
    return f"{palette_css()}{rules}"


def anchor(name: str) -> str:
    """Return the part of a link that leads to `name` on the same page.

    >>> anchor("significance/bert-attack/25/50/labels score")
    'significance-bert-attack-25-50-labels-score'
    """
    return re.sub(r"\W+", "-", name)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("seqattack.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"anchor": anchor, "clipped": clipped, "heading": table_name}
    return environment


def _visible(value: Any) -> Any:
    """Make control characters visible; line breaks and the templates' markup stay."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return "\n".join(map(printable, value.split("\n")))
    return value
