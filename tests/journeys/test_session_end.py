"""The warning before the automatic sign-out, in a real browser: one key goes on, what was typed stays (A-06)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.browser import DESK, axe_serious
from tests.journeys.walk import PostOffice, Visitor, post_office
from tests.server import RunningServer, running_server

pytestmark = pytest.mark.journey

MAIL = "aoki@aoba.example"


class Server:
    """Answers the page's question how long the session lasts, as the test wants it."""

    def __init__(self, page: Page, seconds: int) -> None:
        self.seconds = seconds
        page.route("**/session/state/", self._state)
        page.route("**/desk/members/add/", self._page)

    def _state(self, route: Route) -> None:
        route.fulfill(status=200, content_type="application/json", body=json.dumps({"seconds": self.seconds}))

    def _page(self, route: Route) -> None:
        answer = route.fetch()
        body = re.sub(r'data-seconds="\d+"', f'data-seconds="{self.seconds}"', answer.text())
        route.fulfill(response=answer, body=body)


@pytest.fixture(scope="module")
def house() -> Iterator[tuple[RunningServer, PostOffice]]:
    """A running server whose mail arrives."""
    with (
        post_office() as post,
        running_server(
            mail_host="127.0.0.1", mail_port=str(post.port), mail_security="none", mail_from="number@aoba.example"
        ) as server,
    ):
        server.warifu("organisation", "create", "--code", "aoba", "--name", "青葉商会", "--administrator", MAIL)
        yield server, post


@pytest.fixture
def desk(house: tuple[RunningServer, PostOffice], browser: Browser) -> Iterator[Page]:
    """Aoki at the desk, with a form half filled in."""
    _server, post = house
    page = browser.new_context(**DESK).new_page()
    page.goto(post.link(MAIL))
    page.get_by_role("button", name="次へ").click()
    page.fill("[name=password]", "umibe no michi wo aruku")
    page.get_by_role("button", name="このパスワードに決める").click()
    page.wait_for_url("**/stepup/**")
    Visitor(page).enrol()
    page.wait_for_url("**/desk/")
    yield page
    page.context.close()


@pytest.mark.shows("A-06")
def test_one_key_goes_on_and_an_ended_session_keeps_what_was_typed(
    desk: Page, house: tuple[RunningServer, PostOffice]
) -> None:
    server = Server(desk, seconds=240)
    desk.goto(f"{house[0].address}/desk/members/add/")
    desk.fill("[name=family_name]", "山田")
    guard = desk.locator("#session-guard")
    guard.get_by_text("まもなく自動でサインアウトします").wait_for()
    assert desk.locator("[data-minutes]").inner_text() == "4"
    assert axe_serious(desk) == []
    desk.keyboard.press("Enter")
    guard.wait_for(state="hidden")
    assert desk.input_value("[name=family_name]") == "山田"

    desk.goto(f"{house[0].address}/desk/members/add/")
    desk.fill("[name=family_name]", "木村")
    server.seconds = 0
    guard.get_by_text("入力した内容は残っています").wait_for()
    assert desk.input_value("[name=family_name]") == "木村"
    assert axe_serious(desk) == []
