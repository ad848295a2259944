"""The gallery in a real browser: clean for axe, at home on small screens, quiet under the policy."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from playwright.sync_api import ConsoleMessage, Page

from tests.browser import axe_serious, overflows
from tests.server import RunningServer, running_server

pytestmark = pytest.mark.journey

PATHS = (
    "/demo/gallery/",
    "/demo/mail/",
    "/demo/phone/",
    "/help/",
    "/help/search/?q=番号",
    "/help/codes/WF-A404/",
    "/nowhere/",
)


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with running_server(mode="demo") as running:
        yield running


@pytest.mark.shows("A-01", "A-12")
@pytest.mark.parametrize("path", PATHS)
class TestPage:
    def test_axe_finds_nothing_serious_on_a_desk(self, desk_page: Page, server: RunningServer, path: str) -> None:
        desk_page.goto(server.address + path)
        assert axe_serious(desk_page) == []

    def test_axe_finds_nothing_serious_on_a_phone(self, phone: Page, server: RunningServer, path: str) -> None:
        phone.goto(server.address + path)
        assert axe_serious(phone) == []

    @pytest.mark.shows("A-10")
    def test_needs_no_sideways_scrolling_at_320(self, desk_page: Page, server: RunningServer, path: str) -> None:
        desk_page.set_viewport_size({"width": 320, "height": 640})
        desk_page.goto(server.address + path)
        assert not overflows(desk_page)

    def test_has_one_first_heading_and_skips_no_level(self, desk_page: Page, server: RunningServer, path: str) -> None:
        desk_page.goto(server.address + path)
        levels = desk_page.eval_on_selector_all("main :is(h1,h2,h3,h4)", "all => all.map(one => +one.tagName[1])")
        assert levels.count(1) == 1
        assert levels[0] == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))


@pytest.mark.shows("V-08")
def test_policy_breaks_nothing(desk_page: Page, server: RunningServer) -> None:
    said: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            said.append(message.text)

    desk_page.on("console", hear)
    desk_page.goto(f"{server.address}/demo/gallery/")
    desk_page.wait_for_load_state("networkidle")
    assert said == []


@pytest.mark.shows("A-05")
def test_focus_is_seen(desk_page: Page, server: RunningServer) -> None:
    desk_page.goto(f"{server.address}/demo/gallery/")
    desk_page.keyboard.press("Tab")
    style = desk_page.evaluate("(s => [s.outlineWidth, s.outlineStyle])(getComputedStyle(document.activeElement))")
    assert style == ["4px", "solid"]
    assert desk_page.evaluate("document.activeElement.className") == "skip"


@pytest.mark.shows("A-05")
def test_targets_are_large_enough(phone: Page, server: RunningServer) -> None:
    phone.goto(f"{server.address}/demo/gallery/")
    heights = phone.eval_on_selector_all(
        "main .button:not(.button-small, dialog *)", "all => all.map(one => one.getBoundingClientRect().height)"
    )
    assert heights
    assert min(heights) >= 44


class TestDialog:
    def test_opens_and_closes_by_keyboard(self, desk_page: Page, server: RunningServer) -> None:
        desk_page.goto(f"{server.address}/demo/gallery/")
        opener = desk_page.locator('[data-opens="g-remove"]')
        opener.focus()
        desk_page.keyboard.press("Enter")
        assert desk_page.locator("#g-remove").evaluate("one => one.open")
        desk_page.keyboard.press("Escape")
        assert not desk_page.locator("#g-remove").evaluate("one => one.open")
        assert opener.evaluate("one => one === document.activeElement")


@pytest.mark.shows("A-08")
def test_password_can_be_shown(desk_page: Page, server: RunningServer) -> None:
    desk_page.goto(f"{server.address}/demo/gallery/")
    password = desk_page.locator("#id_empty-password")
    desk_page.locator('[data-shows="id_empty-password"]').click()
    assert password.get_attribute("type") == "text"
    assert desk_page.locator('[data-shows="id_empty-password"]').get_attribute("aria-pressed") == "true"
