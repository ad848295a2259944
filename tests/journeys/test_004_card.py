"""System 004 walked: browser, extension, tool, the real PC/SC daemon, and a software card in its virtual reader."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.card.conftest import daemon
from tests.card.daemon import Daemon
from tests.cast import test_number as practice_number
from tests.journeys.card_desk import PIN, PROFILE_PIN, CardDesk, anchors, card, card_desk
from tests.journeys.test_killed import PERSON
from tests.journeys.test_killed import Browser as Forms
from tests.leaks import leaks_of
from tests.rooms.cards.wallet import INOUE
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
        own.sessions = own.scene("office", 4)["sessions"]
        yield own


def reserve(place: Place, name: str, order: str) -> Page:
    """Somebody goes through the reservation up to the code of their reading."""
    page = place.sit(name)
    page.goto(f"{place.server.address}/my/mykey/")
    page.locator(f'input[name="order"][value="{order}"]').check()
    page.get_by_role("button", name="予約(発行)へ進む").or_(
        page.get_by_role("button", name="予約（発行）へ進む")
    ).click()
    page.wait_for_url("**/mykey/tickets/**")
    return page


def read(place: Place, page: Page, own: SimulatedCard, order: str, *, button: str = "読み取り開始") -> tuple[int, str]:
    """Have the page's code carried out; the order is the page's, not the command's."""
    page.get_by_role("button", name=button).click()
    return place.desk.answer(place.code(page), own, PIN, first=order)


def own_card(**changed: Any) -> SimulatedCard:
    """The card of the one whom the roster lists."""
    return card(name="検証　太郎1", birth_date=date(1990, 4, 2), **changed)


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


@pytest.mark.shows("004-1", "004-3", "004-4", "004-9", "004-12")
@pytest.mark.parametrize(("name", "order"), [("k00002", "pin-first"), ("k00003", "card-first")])
def test_a_mykey_id_is_reserved_in_the_order_of_either_phone(place: Place, name: str, order: str) -> None:
    place.scene("mykey", 5)
    page = reserve(place, name, order)
    status, shown = read(place, page, card(id=name), order)
    assert status == 0, shown
    page.get_by_role("heading", name="パスワードの確認に成功しました").wait_for()
    page.get_by_role("button", name="発行").click()
    page.get_by_text("予約が完了しました").wait_for()
    assert re.search(r"[A-Z3-9]{4}-[A-Z3-9]{4}", page.locator(".secret-value code").inner_text())
    assert page.get_by_text("から受け付けます").is_visible()


@pytest.mark.shows("004-14", "004-15", "004-16")
def test_each_trouble_with_a_reading_has_its_known_code_and_one_next_step(place: Place) -> None:
    place.scene("mykey", 5)
    page = reserve(place, "k00004", "card-first")
    lifted = card(id="k00004")
    lifted.remove_after(lifted.heard + 14)
    troubles = [
        (lifted, "MKCZ405E", "カードを動かさずに、もう一度読み取る", ""),
        (card(id="k00004", state="expired"), "MKCZ403E", "カードを使わない方法に変える", "/my/"),
        (card(id="k00002"), "MKCZ302E", "予約済みのマイキーIDを見る", "/my/mykey/"),
    ]
    button = "読み取り開始"
    for own, known, following, leads_to in troubles:
        status, shown = read(place, page, own, "card-first", button=button)
        assert (status > 0, known in shown) == (True, True), shown
        page.locator(".notice-late").get_by_text(known).wait_for(timeout=30_000)
        next_step = page.get_by_role("link" if leads_to else "button", name=following)
        assert next_step.is_visible()
        assert next_step.get_attribute("href") == (leads_to or None)
        button = "新しいコードを出す" if leads_to else following


@pytest.mark.shows("004-17")
def test_a_reservation_begun_anew_ends_the_one_before(place: Place) -> None:
    first = reserve(place, "k00004", "card-first").url
    page = reserve(place, "k00004", "card-first")
    page.goto(first)
    page.get_by_text("MKCZ372E").wait_for()
    assert page.get_by_role("link", name="はじめからやり直す").is_visible()


@pytest.mark.shows("004-13")
def test_in_a_crowd_one_waits_for_ones_turn_and_is_told_how_long(place: Place) -> None:
    place.scene("mykey", 1)
    reserve(place, "k00004", "card-first")
    page = reserve(place, "k00001", "card-first")
    page.get_by_role("heading", name="順番を待っています").wait_for()
    assert page.get_by_text(re.compile("およそ [0-9]+ 分です|待ち時間はまだ言えません")).is_visible()


@pytest.mark.shows("I-13", "N-06")
@pytest.mark.parametrize("order", ["pin-first", "card-first"])
def test_the_number_goes_from_the_card_to_the_vault_and_nowhere_else(place: Place, order: str) -> None:
    my, own = "/my/submission", own_card()
    with Forms(place.server.address, place.sessions["k00001"]) as forms:
        forms.press("/my/", f"{my}/start", {})
        forms.press(f"{my}/purpose", f"{my}/purpose", {})
        forms.press(f"{my}/person", f"{my}/person", PERSON)
    page = place.sit("k00001")
    page.goto(f"{place.server.address}/my/card/number/?order={order}")
    page.get_by_role("button", name=re.compile("読み取りを始める|新しいコード")).click()
    status, shown = place.desk.answer(place.code(page), own, PROFILE_PIN, first=order)
    assert status == 0, shown
    page.wait_for_url("**/my/submission/number")
    seen = f"{page.content()}{shown}".encode()
    kept = [path.read_bytes() for path in place.desk.home.rglob("*") if path.is_file() and path.suffix != ".pem"]
    for content in (seen, place.server.log.read_bytes(), *kept):
        assert leaks_of([INOUE.number], content) == []
    if order == "card-first":
        with Forms(place.server.address, place.sessions["k00001"]) as forms:
            assert forms.press(f"{my}/review", f"{my}/submit", {}) == 302
        [handed_in] = place.scene("handed_in")["submissions"]
        assert (handed_in["number"], handed_in["pictures"]) == (INOUE.number, [])


@pytest.mark.shows("I-12")
def test_a_card_proves_the_person_without_its_number(place: Place) -> None:
    my = "/my/submission"
    with Forms(place.server.address, place.sessions["k00002"]) as forms:
        forms.press("/my/", f"{my}/start", {})
        forms.press(f"{my}/purpose", f"{my}/purpose", {})
        forms.press(f"{my}/person", f"{my}/person", PERSON | {"born_on_day": "3"})
        number = practice_number("98765432109")
        assert forms.press(f"{my}/number", f"{my}/number", {"number": number}) == 302
    page = place.sit("k00002")
    page.goto(f"{place.server.address}/my/card/identity/")
    page.get_by_role("button", name=re.compile("読み取りを始める|新しいコード")).click()
    own = card(id="k00002", name="検証　太郎2", birth_date=date(1990, 4, 3))
    status, shown = place.desk.answer(place.code(page), own, PIN, PROFILE_PIN, first="card-first")
    assert status == 0, shown
    assert "個人番号は読みません" in shown
    page.get_by_text("カードから読み取りました").wait_for()
