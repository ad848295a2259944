"""サインインと安全, walked in real browsers: devices, a lost app, a new mail address, who shows what (A4)."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser

from tests.browser import DESK, PHONE
from tests.journeys.walk import AuthenticatorApp, PostOffice, Visitor, post_office
from tests.server import RunningServer, running_server

pytestmark = pytest.mark.journey

PASSWORD = "umibe no michi wo aruku"
AOKI, TAKAHASHI, HAYASHI = "aoki@aoba.example", "takahashi@aoba.example", "hayashi@aoba.example"
NEW = "sakura@home.example"


@dataclass
class House:
    """The running server, its post office, everybody's browsers and authenticator apps."""

    server: RunningServer
    post: PostOffice
    browser: Browser
    visitors: dict[str, Visitor]
    apps: dict[str, AuthenticatorApp]

    def visitor(self, name: str, *, phone: bool = False) -> Visitor:
        """A browser with cookies of its own."""
        if name not in self.visitors:
            page = self.browser.new_context(**(PHONE if phone else DESK)).new_page()
            page.set_default_timeout(20_000)
            self.visitors[name] = Visitor(page)
        return self.visitors[name]

    def activate(self, mail: str, *, phone: bool = False) -> Visitor:
        """Follow the link of the newest letter and choose a password."""
        visitor = self.visitor(mail, phone=phone)
        visitor.go(self.post.link(mail))
        visitor.press("次へ")
        visitor.fill(password=PASSWORD)
        visitor.press("このパスワードに決める")
        return visitor

    def sign_in(self, name: str, mail: str, password: str = PASSWORD) -> Visitor:
        """Sign in with the password in a browser."""
        visitor = self.visitor(name)
        visitor.go(f"{self.server.address}/signin/?o=aoba")
        visitor.fill(identifier=mail, password=password)
        visitor.press("サインインする")
        return visitor

    def add(self, family: str, mail: str, role: str) -> None:
        """Aoki adds somebody, who gets a link."""
        aoki = self.visitor(AOKI)
        aoki.go(f"{self.server.address}/desk/members/add/")
        aoki.fill(family_name=family, mail=mail)
        aoki.page.locator("[name=roles][value='1']").uncheck(force=True)
        aoki.tick("roles", role)
        aoki.follow(aoki.page.locator("main form button[type=submit]").first)


@pytest.fixture(scope="module")
def house(browser: Browser) -> Iterator[House]:
    with (
        post_office() as post,
        running_server(
            mail_host="127.0.0.1", mail_port=str(post.port), mail_security="none", mail_from="number@aoba.example"
        ) as server,
    ):
        server.warifu(
            "organisation", "create", "--code", "aoba", "--name", "株式会社青葉商会",
            "--administrator", AOKI, "--family-name", "青木", "--given-name", "葵",
        )  # fmt: skip
        house = House(server=server, post=post, browser=browser, visitors={}, apps={})
        house.activate(AOKI)
        house.apps[AOKI] = house.visitor(AOKI).enrol()
        house.add("高橋", TAKAHASHI, "4")
        house.add("林", HAYASHI, "1")
        yield house


@pytest.mark.shows("L-12", "L-24")
def test_one_browser_ends_all_others(house: House) -> None:
    here = house.visitor(AOKI)
    there = house.sign_in("another", AOKI)
    there.second_factor(house.apps[AOKI])
    assert "/desk/" in there.page.url
    assert house.post.newest(AOKI, subject="新しい端末")

    here.go(f"{house.server.address}/security/")
    assert here.page.locator("section[aria-labelledby=devices] li").count() == 2
    here.press("ほかの1台をすべてサインアウトさせる")
    assert here.says("ほかの端末を1台サインアウトしました。")
    assert here.page.locator("section[aria-labelledby=devices] li").count() == 1

    there.go(f"{house.server.address}/desk/")
    assert "/signin/" in there.page.url
    assert here.faults == []
    assert there.faults == []


@pytest.mark.shows("V-09")
def test_a_failure_stands_in_the_history_and_in_the_file(house: House) -> None:
    house.sign_in("stranger", AOKI, password="not the password of anybody")
    aoki = house.visitor(AOKI)
    aoki.go(f"{house.server.address}/security/history/?kind=failed")
    assert aoki.says("サインインに失敗しました")
    with aoki.page.expect_download() as download:
        aoki.page.get_by_role("link", name="CSVで書き出す").click()
    rows = list(csv.reader(download.value.path().read_text("utf-8-sig").splitlines()))
    assert [row[1:3] for row in rows[1:]] == [["サインインに失敗しました", "パスワード"]]
    assert aoki.faults == []


@pytest.mark.shows("L-09", "L-12")
def test_a_lost_app_is_stopped_by_an_administrator_who_knows_who_asks(house: House) -> None:
    takahashi = house.activate(TAKAHASHI)
    takahashi.enrol()
    aoki = house.visitor(AOKI)
    aoki.go(f"{house.server.address}/relogin/?next=/desk/members/")
    aoki.fill(password=PASSWORD)
    aoki.follow(aoki.page.locator("main form:has([name=password]) button[type=submit]").first)
    aoki.press("高橋")
    aoki.press("端末と確認の方法を見る")
    aoki.press("なくしたものを止める")
    aoki.page.locator("[name=factor]").first.check(force=True)
    aoki.tick("way", "in_person")
    aoki.fill(identified="11月24日、窓口で運転免許証を見た", reason="電車に置き忘れた")
    aoki.press("本人を確かめたので止める")
    assert aoki.says("まだ何も登録していません")
    assert house.post.newest(TAKAHASHI, subject="止め")

    takahashi.go(f"{house.server.address}/desk/")
    assert "/signin/" in takahashi.page.url
    assert aoki.faults == []
    assert takahashi.faults == []


@pytest.mark.shows("L-12", "L-25")
def test_a_mail_address_changes_once_the_new_mailbox_is_proven(house: House) -> None:
    hayashi = house.activate(HAYASHI, phone=True)
    hayashi.go(f"{house.server.address}/security/mail/")
    hayashi.fill(mail=NEW)
    hayashi.press("確認コードを送る")
    body = house.post.newest(NEW, subject="確認コード").get_body(("plain",))
    assert body is not None
    code = re.search(r"\b\d{6}\b", body.get_content())
    assert code
    hayashi.fill(code=code[0])
    hayashi.press("このアドレスに変える")
    assert hayashi.says(NEW)
    for mail in (HAYASHI, NEW):
        assert house.post.newest(mail, subject="メールアドレスが変わりました")
    assert hayashi.faults == []


@pytest.mark.shows("L-14", "L-19")
def test_who_shows_what_is_decided_with_open_eyes(house: House) -> None:
    aoki = house.visitor(AOKI)
    aoki.go(f"{house.server.address}/desk/sign-in-policy/")
    aoki.page.locator("[name='administrator.certificate']").check()
    aoki.press("この決まりにする")
    assert aoki.says("あなた自身が担当者の画面に入れなくなります")
    aoki.go(f"{house.server.address}/desk/sign-in-policy/")
    aoki.page.locator("[name='handler.second_factor']").uncheck()
    aoki.press("この決まりにする")
    assert aoki.says("標準で求める「もう一つの確認」を求めなくなります")
    aoki.tick("accepts_lower")
    aoki.press("この決まりにする")
    assert aoki.says("サインインの決まりを変えました")
    assert not aoki.page.locator("[name='handler.second_factor']").is_checked()
    assert aoki.faults == []
