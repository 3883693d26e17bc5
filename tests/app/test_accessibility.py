"""Everybody can read the pages: axe's rules for WCAG A and AA, wide and narrow, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.helpers.examples import RUN
from tests.helpers.run_report import make
from tools.app_screenshots import CHROMIUM, DESKTOP, PHONE, chromium, page

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.skipif(
    not Path(CHROMIUM).exists(), reason=f"no {CHROMIUM}: apt-get install chromium"
)

PAGES = (
    "/",
    f"/run?run={RUN}",
    f"/example?run={RUN}&id=test-1",
    f"/compare?a={RUN}&b={RUN}",
    "/picks",
    "/try",
)
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def violations(browser: Browser, addresses: list[str], theme: str, size: dict[str, Any]) -> str:
    """Return what axe finds on pages, with the elements that it names."""
    found = []
    with page(browser, color_scheme=theme, **size) as tab:
        for address in addresses:
            tab.goto(address)
            results = Axe().run(tab, options=RULES)
            assert results.response["passes"], "axe has looked"
            if results.violations_count:
                found.append(f"{address} ({theme}): {results.generate_report()}")
    return "\n".join(found)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_no_page_of_the_application_breaks_a_rule(
    browser: Browser, address: str, theme: str, size: dict[str, Any]
) -> None:
    found = violations(browser, [f"{address}{path}" for path in PAGES], theme, size)
    assert not found, found


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_report_breaks_no_rule(
    browser: Browser, tmp_path: Path, theme: str, size: dict[str, Any]
) -> None:
    report = tmp_path / "report.html"
    report.write_text(make(tmp_path), encoding="utf-8")
    found = violations(browser, [report.as_uri()], theme, size)
    assert not found, found
