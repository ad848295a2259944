"""System 004 walked: browser, extension, tool, the real PC/SC daemon, and a software card in its virtual reader."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.card.conftest import daemon
from tests.card.daemon import Daemon
from tests.journeys.card_desk import PIN, CardDesk, anchors, card, card_desk
from tests.server import ROOT, RunningServer, running_server
from warifu_card.simulator.card import SimulatedCard

pytestmark = pytest.mark.journey
__all__ = ["daemon"]


@dataclass
class Place:
    """The server, its people's sessions, and the desk at which they sit one after the other."""

    server: RunningServer
    sessions: dict[str, str]
    desk: CardDesk

    def sit(self, name: str = "") -> Page:
        """Somebody sits down, signed in, or nobody yet."""
        self.desk.context.clear_cookies()
        if name:
            self.desk.context.add_cookies(
                [{"name": "warifu", "value": self.sessions[name], "url": self.server.address}]
            )
        return self.desk.page

    def scene(self, name: str, count: int = 0) -> dict[str, Any]:
        """Play a scene in a process of its own."""
        words = [sys.executable, "-m", "tests.journeys.scene", name, str(count)]
        done = subprocess.run(words, env=self.server.environment, cwd=ROOT, check=True, capture_output=True, text=True)
        told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return told

    def code(self, page: Page) -> str:
        """The code that the page shows."""
        return page.locator('[data-card="pull"] .secret-value code').inner_text()


@pytest.fixture(scope="module")
def place(browser: Browser, daemon: Daemon, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    home = tmp_path_factory.mktemp("home")
    with (
        running_server(card_anchors=str(anchors(home / "anchors"))) as server,
        card_desk(home, address=server.address, browser=browser, daemon=daemon) as desk,
    ):
        own = Place(server=server, sessions={}, desk=desk)
        own.sessions = own.scene("office", 1)["sessions"]
        yield own


def own_card(**changed: Any) -> SimulatedCard:
    """The card of the one whom the roster lists."""
    return card(name="検証　太郎1", **changed)


def test_a_card_is_registered_by_a_code_and_signs_in_in_both_orders(place: Place) -> None:
    desk, own = place.desk, own_card()
    page = place.sit("aoki")
    page.goto(f"{place.server.address}/security/cards/add/")
    page.get_by_role("button", name="登録を始める").click()
    status, shown = desk.answer(place.code(page), own, PIN, order="pin-first")
    assert status == 0, shown
    page.get_by_text("マイナンバーカードを登録しました").wait_for()
    for order in ("card-first", "pin-first"):
        page = place.sit()
        own.heard = 0
        desk.at_the_window(order, PIN)
        page.goto(f"{place.server.address}/signin/card/")
        with desk.daemon.card(own):
            page.get_by_role("button", name="カードでサインインする").click()
            page.wait_for_url(re.compile(r"/(desk|my|home|second|signin/second)"))
        assert own.heard > 10
        assert place.server.address in desk.window()


@pytest.mark.shows("004-14")
@pytest.mark.parametrize(("command", "code"), [(4, "WF-K104"), (12, "WF-K612"), (17, "WF-K104")])
def test_a_card_pulled_while_it_is_read_is_told_with_its_known_code(place: Place, command: int, code: str) -> None:
    own, page = own_card(), place.sit()
    own.remove_after(command)
    place.desk.at_the_window("card-first", PIN)
    page.goto(f"{place.server.address}/signin/card/")
    with place.desk.daemon.card(own):
        page.get_by_role("button", name="カードでサインインする").click()
        failed = page.locator('[data-says="failed"]')
        failed.wait_for()
    assert f"{code} (MKCZ405E)" in failed.inner_text()
    failed.get_by_role("link").click()
    page.get_by_role("heading", name="次にすること").wait_for()
    assert own.counters()["auth"] == 3


@pytest.mark.shows("004-15")
@pytest.mark.parametrize(
    ("changed", "code"), [({"state": "expired"}, "WF-K405 (MKCZ403E)"), ({"tries": {"auth": 0}}, "WF-K402")]
)
def test_a_card_that_cannot_be_used_leads_to_the_municipality(place: Place, changed: dict[str, Any], code: str) -> None:
    page = place.sit()
    place.desk.at_the_window("card-first")
    page.goto(f"{place.server.address}/signin/card/")
    with place.desk.daemon.card(own_card(**changed)):
        page.get_by_role("button", name="カードでサインインする").click()
        failed = page.locator('[data-says="failed"]')
        failed.wait_for()
    assert code in failed.inner_text()
    assert "市区町村の窓口" in failed.inner_text()


def test_a_card_that_nobody_registered_signs_nobody_in(place: Place) -> None:
    page = place.sit()
    place.desk.at_the_window("card-first", PIN)
    page.goto(f"{place.server.address}/signin/card/")
    with place.desk.daemon.card(card(id="other", name="他人　花子")):
        page.get_by_role("button", name="カードでサインインする").click()
        page.get_by_text("カードで確認できませんでした").wait_for()
    assert "/signin/card/" in page.url


@pytest.mark.shows("004-13")
def test_a_broken_line_is_told_and_nothing_is_asked_of_the_card(place: Place) -> None:
    page = place.sit()
    page.goto(f"{place.server.address}/signin/card/")
    place.desk.context.set_offline(True)
    try:
        page.get_by_role("button", name="カードでサインインする").click()
        page.locator('[data-says="broken"]').wait_for()
    finally:
        place.desk.context.set_offline(False)
