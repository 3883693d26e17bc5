"""A person at the keyboard: Debian's chromium, driven by Playwright."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest
from playwright.sync_api import expect

from seqattack.app.live import LiveAttack, Order
from seqattack.app.query import page_of
from seqattack.app.server import running
from seqattack.app.site import Site
from seqattack.errors import SeqAttackError
from seqattack.sentence import Sentence
from tests.helpers.examples import HOSTILE, RECORDS, RUN, write_run
from tools.app_screenshots import CHROMIUM, PHONE, attack_live, chromium, page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.skipif(
    not Path(CHROMIUM).exists(), reason=f"no {CHROMIUM}: apt-get install chromium"
)

expect.set_options(timeout=60_000)  # a busy machine is slow


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    with page(browser) as found:
        yield found


def decisions(site: Site) -> dict[str, str]:
    return {pick.id: pick.decision.value for pick in site.picks.read().picks.values()}


def saved(tab: Page, name: str, text: str = "Saved.") -> None:
    tab.get_by_role("article").filter(has_text=name).get_by_text(text).wait_for()


def test_from_the_first_page_to_an_export(address: str, site: Site, tab: Page) -> None:
    tab.goto(address)
    tab.get_by_title("DeepWordBug-I-5 on NERfull").click()
    expect(tab.get_by_role("article")).to_have_count(6)
    tab.get_by_label("Outcome").select_option("success")
    tab.get_by_role("button", name="Show").click()
    expect(tab.get_by_role("article")).to_have_count(4)
    tab.wait_for_load_state()  # for the script that listens to keys

    tab.keyboard.press("j")
    tab.keyboard.press("a")  # and goes on
    saved(tab, "test-1")
    expect(tab.locator(".current")).to_contain_text("test-2")
    tab.keyboard.press("x")
    saved(tab, "test-2")
    expect(tab.locator(".current")).to_contain_text("test-3")
    tab.keyboard.press("1")
    expect(tab.locator("#toast")).to_contain_text("Rejected: not fluent.")
    assert site.picks.read().of(RUN)["test-2"].reason == "not fluent"
    tab.keyboard.press("k")
    tab.keyboard.press("k")
    assert tab.evaluate("document.activeElement.textContent").strip().startswith("test-1")
    assert decisions(site) == {"test-1": "accepted", "test-2": "rejected"}
    expect(tab.locator(".progress")).to_contain_text("2 of 4")

    tab.keyboard.press("n")
    tab.keyboard.type("a fine one")
    tab.keyboard.press("Enter")
    saved(tab, "test-1")
    tab.keyboard.press("u")  # the reason of test-2
    tab.keyboard.press("u")  # the decision about it
    expect(tab.locator("#decided")).to_have_text("1")
    assert decisions(site) == {"test-1": "accepted", "test-2": "undecided"}

    tab.reload()
    first = tab.get_by_role("article").first
    expect(first.get_by_label("Note")).to_have_value("a fine one")
    expect(first.get_by_role("button", name="Accept")).to_have_attribute("aria-pressed", "true")

    tab.get_by_role("link", name="Picks").click()
    with tab.expect_download() as download:
        tab.get_by_role("link", name="SeqAttack's JSON").click()
    value = json.loads(Path(download.value.path()).read_text())
    assert [each["perturbed_text"] for each in value["attacked_examples"]] == [
        "Leeds United won im Rme"
    ]
    tab.keyboard.press("u")  # from another page than where it was made
    expect(tab.locator("#accepted-in-all")).to_have_text("0")
    expect(tab.locator("#toast")).to_contain_text("now undecided: test-1")
    assert decisions(site)["test-1"] == "undecided"
    tab.keyboard.press("r")
    expect(tab.locator("#accepted-in-all")).to_have_text("1")


def test_a_histogram_filters_by_click_and_by_brush(address: str, tab: Page) -> None:
    tab.goto(f"{address}/run?run={RUN}")
    bars = tab.locator("[data-metric=queries] .bar")
    last = bars.last
    last.click()
    tab.wait_for_url("**queries-min=**")
    expect(tab.get_by_role("article")).to_have_count(1)
    tab.locator("[data-metric=queries]").get_by_role("link", name="all").click()
    expect(tab.get_by_role("article")).to_have_count(6)
    tab.wait_for_load_state()
    boxes = [bars.nth(number).bounding_box() for number in (0, bars.count() - 2)]
    assert boxes[0]
    assert boxes[1]
    y = boxes[0]["y"] + boxes[0]["height"] / 2
    tab.mouse.move(boxes[0]["x"] + 4, y)
    tab.mouse.down()
    tab.mouse.move(boxes[1]["x"] + 4, y, steps=5)
    tab.mouse.up()
    tab.wait_for_url("**queries-max=**")
    expect(tab.get_by_role("article")).to_have_count(5)


def test_keys_work_on_an_example_and_say_what_they_cannot_do(
    address: str, site: Site, tab: Page
) -> None:
    tab.goto(f"{address}/example?run={RUN}&id=test-4")
    tab.keyboard.press("j")
    tab.wait_for_url("**id=test-5**")
    tab.keyboard.press("a")
    expect(tab.locator("#toast")).to_contain_text("nothing to pick")
    tab.keyboard.press("k")
    tab.wait_for_url("**id=test-4**")
    tab.keyboard.press("x")
    tab.wait_for_url("**id=test-5**")
    assert decisions(site) == {"test-4": "rejected"}
    tab.keyboard.press("b")
    expect(tab.get_by_role("article")).to_have_count(6)


def test_going_on_leaves_no_undecided_example_out(
    address: str, site: Site, tab: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was decided leaves the list, so that the next page moves up."""
    monkeypatch.setattr("seqattack.app.pages.inspect.page_of", partial(page_of, size=1))
    tab.goto(f"{address}/run?run={RUN}&outcome=success&pick=undecided")
    for number in range(1, 5):
        expect(tab.get_by_role("article")).to_contain_text(f"test-{number}")
        tab.wait_for_load_state()
        tab.keyboard.press("a")
        if number < 4:
            expect(tab.get_by_role("article")).to_contain_text(f"test-{number + 1}")
    expect(tab.locator("#toast")).to_contain_text("That was the last one here.")
    assert decisions(site) == {f"test-{number}": "accepted" for number in range(1, 5)}


def test_a_reason_can_be_given_on_the_next_page(address: str, site: Site, tab: Page) -> None:
    tab.goto(f"{address}/example?run={RUN}&id=test-1")
    tab.keyboard.press("x")
    tab.wait_for_url("**id=test-2**")
    expect(tab.locator("#toast")).to_contain_text("Rejected. Why?")
    for key, reason in (("1", "not fluent"), ("2", "another meaning")):
        tab.keyboard.press(key)
        expect(tab.locator("#toast")).to_contain_text(f"Rejected: {reason}.")
        assert site.picks.read().of(RUN)["test-1"].reason == reason
    assert decisions(site) == {"test-1": "rejected"}
    tab.reload()
    expect(tab.locator("#toast")).to_be_empty()
    tab.keyboard.press("1")
    tab.keyboard.press("?")
    expect(tab.get_by_role("dialog")).to_be_visible()
    assert site.picks.read().of(RUN)["test-1"].reason == "another meaning"


def test_the_last_example_s_reason_is_asked_for(address: str, site: Site, tab: Page) -> None:
    tab.goto(f"{address}/run?run={RUN}&text=Ajax")
    tab.keyboard.press("j")
    tab.keyboard.press("x")
    expect(tab.locator("#toast")).to_contain_text("Rejected. Why?")
    expect(tab.locator("#toast")).to_contain_text("That was the last one here.")
    tab.keyboard.press("4")
    expect(tab.locator("#toast")).to_contain_text("Rejected: odd characters.")
    assert site.picks.read().of(RUN)["test-4"].reason == "odd characters"


def test_a_server_that_is_gone_is_named(site: Site, browser: Browser) -> None:
    """In a tab of its own, since what the network refuses is an error of the page's here."""
    tab = browser.new_context().new_page()
    with running(site) as address:
        tab.goto(f"{address}/run?run={RUN}")
        tab.wait_for_load_state()
    tab.keyboard.press("u")
    expect(tab.locator("#toast")).to_contain_text("the server does not answer")
    tab.context.close()


def test_an_attack_that_nobody_knows_is_not_followed_for_ever(
    address: str, site: Site, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a new start of the application."""
    go = threading.Event()

    def search(attack: LiveAttack) -> NoReturn:
        go.wait(60)
        raise SeqAttackError("over")

    monkeypatch.setattr(site.live, "_search", search)
    sentence = Sentence("typed", ("Ann",), ("B-PER",))
    attack = site.live.start(Order(sentence, "fake", "deepwordbug-i-5", "untargeted", 8, 60))
    tab = browser.new_context().new_page()
    tab.goto(f"{address}/try/attacks/{attack.id}")
    site.live._attacks.clear()
    expect(tab.locator("#toast")).to_contain_text("cannot be followed any more")
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.wait_for_timeout(1200)  # it would be asked for twice
    assert asked == []
    tab.get_by_role("button", name="Cancel").click()
    expect(tab.locator("#toast")).to_contain_text("Not stopped (error 404).")
    tab.context.close()
    go.set()
    site.live.close()


def test_a_table_is_sorted_by_its_headings(address: str, site: Site, tab: Page) -> None:
    for recipe, records in (("clare", RECORDS[3:5]), ("bae", RECORDS[:1])):
        write_run(site.library.results, f"attacks/comparison/full/{recipe}", records)
    site.library.refresh()
    tab.goto(address)
    table = tab.locator("table.sortable").first
    name, figure = table.get_by_role("columnheader").all()
    by_name, by_rate = ["BAE", "CLARE", "DeepWordBug-I-5"], ["BAE", "DeepWordBug-I-5", "CLARE"]
    for heading, direction, order in (
        (name, "ascending", by_name),
        (name, "descending", by_name[::-1]),
        (figure, "descending", by_rate),
        (figure, "ascending", by_rate[::-1]),
    ):
        heading.get_by_role("button").click()
        expect(heading).to_have_attribute("aria-sort", direction)
        assert table.get_by_role("rowheader").all_text_contents() == order


def test_a_change_in_another_tab_is_seen_and_not_lost(
    address: str, site: Site, browser: Browser, tab: Page
) -> None:
    where = f"{address}/run?run={RUN}"
    tab.goto(where)
    tab.get_by_role("button", name="Accept").first.click()
    saved(tab, "test-1")
    with page(browser) as other:
        other.goto(where)
        other.get_by_role("button", name="Reject").first.click()
        saved(other, "test-1")
    tab.get_by_role("button", name="Undo").first.click()
    saved(tab, "test-1", "Changed in another tab")
    first = tab.get_by_role("article").first
    expect(first.get_by_role("button", name="Reject")).to_have_attribute("aria-pressed", "true")
    assert decisions(site) == {"test-1": "rejected"}


def test_hostile_tokens_are_text(address: str, tab: Page) -> None:
    tab.on("dialog", lambda dialog: pytest.fail("a script of the corpus ran"))
    for path in ("/run", "/example"):
        tab.goto(f"{address}{path}?run={RUN}&id=test-4")
        token = tab.locator(".token").filter(has_text=HOSTILE).first
        assert token.inner_text() == HOSTILE
        assert tab.locator("main script").count() == 0


def test_help_and_forms_do_not_take_each_other_s_keys(address: str, site: Site, tab: Page) -> None:
    tab.goto(f"{address}/run?run={RUN}")
    tab.keyboard.press("?")
    expect(tab.get_by_role("dialog")).to_be_visible()
    tab.keyboard.press("Escape")
    expect(tab.get_by_role("dialog")).to_be_hidden()
    tab.get_by_label("Text").press_sequentially("jaxu")
    expect(tab.get_by_label("Text")).to_have_value("jaxu")
    assert decisions(site) == {}


def test_reading_needs_no_script(address: str, browser: Browser) -> None:
    with page(browser, java_script_enabled=False) as tab:
        tab.goto(f"{address}/run?run={RUN}")
        tab.get_by_label("Text").fill("never")
        tab.get_by_role("button", name="Show").click()
        expect(tab.get_by_role("article")).to_have_count(1)
        tab.get_by_role("button", name="Accept").click()
        expect(tab.get_by_role("button", name="Accept")).to_have_attribute("aria-pressed", "true")


def test_every_control_has_a_name_and_nothing_is_wider_than_a_phone(
    address: str, browser: Browser
) -> None:
    with page(browser, **PHONE) as tab:
        for path in (
            "/",
            f"/run?run={RUN}",
            f"/compare?a={RUN}&b={RUN}",
            "/picks",
            "/try",
            f"/example?run={RUN}&id=test-1",
        ):
            tab.goto(address + path)
            width = tab.evaluate("document.documentElement.scrollWidth")
            assert width <= PHONE["viewport"]["width"], path
            nameless = tab.evaluate(
                """[...document.querySelectorAll("input:not([type=hidden]), select, textarea")]
                   .filter(field => !field.labels.length).length"""
            )
            assert nameless == 0, path


def test_corrected_tags_take_their_colour_and_illegal_ones_are_named(
    address: str, tab: Page
) -> None:
    tab.goto(f"{address}/try")
    tab.get_by_label("Sentence").fill("Ann met Bob")
    tab.get_by_role("button", name="Tag").click()
    field, token = tab.locator("[name=tag-1]"), tab.locator(".correction .token").nth(1)
    tab.locator("[name=tag-0]").select_option("O")
    field.select_option("B-PER")
    expect(token).to_have_class("token entity colour-0 shape-0")
    field.select_option("O")
    expect(token).to_have_class("token ")
    field.select_option("I-LOC")
    expect(tab.locator("#illegal")).to_contain_text("met: I-LOC continues no entity")
    field.select_option("O")
    tab.locator("[name=tag-2]").select_option("O")
    expect(tab.locator("#illegal")).to_have_text("")


@pytest.fixture(scope="module")
def imported() -> None:
    """Load torch and TextAttack before a browser waits for them."""
    import seqattack.attack.engine
    import seqattack.victim.transformers  # noqa: F401


@pytest.mark.slow
@pytest.mark.usefixtures("imported")
def test_a_live_attack_is_followed_to_its_end(address: str, tab: Page) -> None:
    attack_live(tab, address, "Ann Lee visited Berlin with Bob .")
    expect(tab.locator("#live")).to_contain_text("Finished")
    expect(tab.get_by_text("What was found")).to_be_visible()


@pytest.mark.slow
@pytest.mark.usefixtures("imported")
def test_a_live_attack_can_be_cancelled(
    address: str, tab: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The search goes on until the button is pressed."""
    from seqattack.app.live import LiveAttack

    def watch(attack: LiveAttack, goal: object) -> bool:
        return attack._cancelled.wait(600)

    monkeypatch.setattr(LiveAttack, "watch", watch)
    tab.goto(f"{address}/try")
    tab.get_by_label("Sentence").fill("Ann Lee visited Berlin .")
    tab.get_by_role("button", name="Tag").click()
    tab.locator("[name=tag-0]").select_option("B-PER")
    tab.get_by_role("button", name="Attack", exact=True).click()
    cancel = tab.get_by_role("button", name="Cancel")
    cancel.focus()
    tab.locator("progress").wait_for()
    tab.wait_for_timeout(1200)  # the state is asked for twice
    expect(cancel).to_be_focused()
    tab.keyboard.press("Enter")
    tab.locator("[data-over=yes]").wait_for(timeout=600_000)
    expect(tab.locator("#live")).to_contain_text("Cancelled")
    expect(cancel).to_be_hidden()
