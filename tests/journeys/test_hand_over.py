"""Administration goes from one to the other, and slips of paper call it back (000-26, 000-38, 000-40)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser import DESK
from tests.journeys.walk import PostOffice, Visitor, post_office
from tests.server import RunningServer, running_server

pytestmark = pytest.mark.journey

AOKI = "aoki@aoba.example"
CHIBA = "chiba@aoba.example"
WORDS = "umibe no michi wo aruku"


@pytest.fixture
def house(browser: Browser) -> Iterator[tuple[RunningServer, PostOffice]]:
    """Aoba with its first administrator, Aoki."""
    with (
        post_office() as post,
        running_server(
            mail_host="127.0.0.1", mail_port=str(post.port), mail_security="none", mail_from="number@aoba.example"
        ) as server,
    ):
        words = ("--code", "aoba", "--name", "青葉商会", "--administrator", AOKI, "--family-name", "青木")
        server.warifu("organisation", "create", *words)
        yield server, post


def welcome(browser: Browser, post: PostOffice, mail: str) -> Visitor:
    """Somebody who opens their first link, chooses a password and sets up an authenticator app."""
    found = Visitor(browser.new_context(**DESK).new_page())
    found.go(post.link(mail, subject="はじめて"))
    found.press("次へ")
    found.fill(password=WORDS)
    found.press("このパスワードに決める")
    found.enrol()
    return found


@pytest.mark.shows("000-26", "000-38", "000-40")
def test_it_goes_over_step_by_step_and_slips_bring_it_back(
    house: tuple[RunningServer, PostOffice], browser: Browser
) -> None:
    server, post = house
    aoki = welcome(browser, post, AOKI)
    assert aoki.says("管理者が一人だけです")
    aoki.press("二人目を加える")
    aoki.fill(family_name="千葉", given_name="智", mail=CHIBA)
    aoki.tick("roles", "2")
    aoki.press("利用者を加える")

    # slips first, while there is one administrator
    aoki.go(f"{server.address}/desk/recovery-slips/")
    aoki.press("割符を作って表示する")
    signs = re.findall(r"(?:[A-Z3-9]{4}-){7}[A-Z3-9]{4}", aoki.page.locator("main").inner_text())
    assert len(signs) == 3

    # the hand-over
    aoki.go(f"{server.address}/desk/hand-over/")
    aoki.page.locator("[name=taker]").select_option(label="千葉 智(受付・従業員)")
    aoki.press("引継ぎを始める", exact=True)
    assert post.newest(CHIBA, subject="管理者の引継ぎが始まりました")
    aoki.press("サインインを確かめる")
    assert aoki.says("まだ二つの確認でサインインしていません")
    chiba = welcome(browser, post, CHIBA)
    aoki.press("サインインを確かめる")
    aoki.press("役割を移す", exact=True)
    aoki.go(f"{server.address}/desk/")
    assert not aoki.says("管理者の引継ぎ")

    chiba.go(f"{server.address}/desk/hand-over/")
    for button in ("このとおりにする", "端末とサインインを終わらせる", "この問合せ先にする", "見直しました"):
        chiba.press(button, exact=True)
    chiba.press("引継ぎを終える", exact=True)
    assert chiba.says("これまでの引継ぎ")
    for mail in (AOKI, CHIBA):
        assert post.newest(mail, subject="管理者の引継ぎが終わりました")
    chiba.press("渡す紙を印刷する")
    assert chiba.says(f"{server.address}/signin/")
    aoki.go(f"{server.address}/my/")
    assert "/signin/" in aoki.page.url

    # nobody is left who can sign in: slips name Aoki again, and Chiba, who is there after all, sees and stops it
    holder = Visitor(browser.new_context(**DESK).new_page())
    holder.go(f"{server.address}/slips/")
    holder.fill(organisation="aoba", slip_1=signs[2].lower(), slip_2=signs[0].replace("-", " "), mail=AOKI)
    holder.press("割符をそろえて出す")
    assert holder.says("割符を受け取りました")
    chiba.go(post.link(CHIBA, subject="再開のための割符が示されました"))
    assert chiba.says("青木")
    chiba.press("止める", exact=True)
    assert chiba.says("再開を止めました")
    assert [fault for visitor in (aoki, chiba, holder) for fault in visitor.faults] == []
