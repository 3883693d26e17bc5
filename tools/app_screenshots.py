"""Take the pictures of the documentation: the web application, the report, and Figure 4."""

import argparse
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from seqattack.app.server import ServerSettings, make_site, running
from seqattack.cli.process import run_script

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "reduced_motion": "reduce",  # or a picture is taken while the page still scrolls
}
RUN = "attacks/comparison/full/deepwordbug-i-5"
OTHER = "attacks/comparison/full/bert-attack"
SENTENCE = "Leeds sold striker Tony Yeboah to Hamburg ."


@contextmanager
def chromium() -> "Iterator[Browser]":
    """Yield Debian's chromium, without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def page(browser: "Browser", **options: Any) -> "Iterator[Page]":
    """Yield a tab; anything that goes wrong in its scripts is an error here.

    A refused pick (409) is none: the browser notes it, the page says what happened.
    """
    problems: list[str] = []
    context = browser.new_context(**options)
    context.set_default_timeout(180_000)  # a busy machine is slow
    tab = context.new_page()
    tab.on("pageerror", lambda error: problems.append(str(error)))
    tab.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    try:
        yield tab
    finally:
        context.close()
    serious = [problem for problem in problems if "409 (Conflict)" not in problem]
    if serious:
        raise RuntimeError("; ".join(serious))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path, help="results folder of a run, such as the demo's")
    parser.add_argument("--figures", type=Path, default=Path("figures"), help="the run's figures")
    parser.add_argument("--run", default=RUN, help="key of the run to show")
    parser.add_argument("--other", default=OTHER, help="key of the run that it is compared with")
    parser.add_argument("--sentence", default=SENTENCE, help="sentence to attack live")
    parser.add_argument("--output", type=Path, default=Path("docs/images"), help="folder")
    options = parser.parse_args()

    options.output.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(options.figures / "figure4-deepwordbug-i-5.png", options.output / "figure4.png")
    query = {"run": options.run, "outcome": "success", "sort": "newly_broken"}
    run = "/run?" + urlencode(query | {"order": "descending"})
    compare = "/compare?" + urlencode({"a": options.run, "b": options.other})
    site = make_site(ServerSettings(options.results))
    with running(site) as address, chromium() as browser:

        def take(picture: str, path: str, **how: Any) -> None:
            with page(browser, **how) as tab:
                tab.goto(address + path)
                if path == run:
                    tab.wait_for_load_state()  # for the script that listens to keys
                    tab.keyboard.press("j")
                if how != PHONE:
                    tab.evaluate("scrollTo(0, 0)")
                tab.screenshot(path=options.output / f"{picture}.png")

        take("app-home", "/", **DESKTOP)
        take("app-run", run, **DESKTOP)
        take("app-dark", run, color_scheme="dark", **DESKTOP)
        take("app-phone", run, **PHONE)
        take("app-compare", compare, **DESKTOP)
        take("report", "/report", viewport={"width": 1600, "height": 720})
        with page(browser, viewport={"width": 1280, "height": 760}) as tab:
            attack_live(tab, address, options.sentence)
            tab.screenshot(path=options.output / "app-try.png")


def attack_live(tab: "Page", address: str, sentence: str) -> None:
    """Type a sentence, have it tagged and attacked, and wait for the end.

    Args:
        tab: A browser's tab.
        address: Where the application is served.
        sentence: What to type.
    """
    tab.goto(f"{address}/try")
    tab.get_by_label("Sentence").fill(sentence)
    tab.get_by_role("button", name="Tag").click()
    tab.get_by_role("button", name="Attack", exact=True).click()
    tab.locator("[data-over=yes]").wait_for(timeout=600_000)


if __name__ == "__main__":
    run_script(main)
