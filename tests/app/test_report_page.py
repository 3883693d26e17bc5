"""The report of a run in a real browser: wide and narrow, light and dark."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqattack.app.site import Site
from tests.helpers.run_report import make
from tools.app_screenshots import CHROMIUM, DESKTOP, PHONE, chromium, page

pytestmark = pytest.mark.skipif(
    not Path(CHROMIUM).exists(), reason=f"no {CHROMIUM}: apt-get install chromium"
)


def test_the_report_fits_folds_and_has_a_dark_mode(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(make(tmp_path), encoding="utf-8")
    with chromium() as browser:
        with page(browser, **PHONE) as tab:
            tab.goto(path.as_uri())
            width, height = tab.evaluate(
                "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
            )
            assert width <= 390
            assert height < 10 * 844
        with page(browser, color_scheme="dark", **DESKTOP) as tab:
            tab.goto(path.as_uri())
            assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == (
                "rgb(20, 22, 26)"
            )
            dark, light = (
                tab.locator("picture source").get_attribute("srcset"),
                tab.locator("picture img").get_attribute("src"),
            )
            assert tab.locator("picture img").evaluate("e => e.currentSrc") == dark != light
            nav = tab.locator("nav")
            assert nav.evaluate("e => getComputedStyle(e).position") == "sticky"
            assert not tab.locator("#table1 table").is_visible()
            nav.get_by_role("link", name="Table 1").click()
            tab.locator("#table1 summary").click()
            assert tab.locator("#table1 table").is_visible()


def test_the_application_shows_the_report(address: str, site: Site, tmp_path: Path) -> None:
    (site.library.results / "report.html").write_text(make(tmp_path), encoding="utf-8")
    with chromium() as browser, page(browser, **DESKTOP) as tab:
        tab.goto(address)
        tab.get_by_role("link", name="The report").click()
        assert tab.locator("nav").evaluate("e => getComputedStyle(e).position") == "sticky"
        tab.go_back()
        assert tab.get_by_role("heading", name="Runs").is_visible()
