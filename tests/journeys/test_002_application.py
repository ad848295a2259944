"""From the application for user codes to the first sign-in of an issued ID, in real browsers (002-1 … 002-36, D).

Time is given: applied for on 28 November 2024, decided on 2 December, start on 10 December, open until 12 December,
closed on 13 December (seeds.md C-2).
"""

from __future__ import annotations

import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import DESK
from tests.clock import Clock
from tests.journeys.walk import AuthenticatorApp, PostOffice, Visitor, post_office
from tests.server import RunningServer, running_server
from warifu.foundation.days import JST

pytestmark = pytest.mark.journey

KATO, AOKI, OKADA = "kato@center.example", "aoki@aoba.example", "okada@aoba.example"
WORDS = "umibe no michi wo aruku"
OWN_WORDS = "yama no ue kara mieru"


@dataclass
class House:
    """The server, its clock, its post office and the browsers before it."""

    server: RunningServer
    post: PostOffice
    clock: Clock
    browser: Browser

    def visitor(self) -> Visitor:
        """Somebody at a browser of their own, whose clock is right."""
        visitor = Visitor(self.browser.new_context(**DESK).new_page(), clock=self.clock.now)
        visitor.page.context.clock.set_fixed_time(self.clock.now())
        return visitor

    def on(self, day: int, *visitors: Visitor, month: int = 12, hour: int = 10) -> None:
        """Make it a day of 2024, for the server and for the browsers."""
        self.clock.set(datetime(2024, month, day, hour, tzinfo=JST))
        for visitor in visitors:
            visitor.page.context.clock.set_fixed_time(self.clock.now())

    def welcome(self, visitor: Visitor, mail: str) -> AuthenticatorApp:
        """Open the first link, choose a password and set up an authenticator app."""
        visitor.go(self.post.link(mail, subject="はじめて"))
        visitor.press("次へ")
        visitor.fill(password=WORDS)
        visitor.press("このパスワードに決める")
        return visitor.enrol()

    def come_back(self, visitor: Visitor, app: AuthenticatorApp, address: str, mail: str) -> None:
        """Follow an address after the session has timed out."""
        visitor.go(address)
        assert "/signin/" in visitor.page.url
        visitor.fill(organisation={KATO: "nss", AOKI: "aoba"}[mail], identifier=mail, password=WORDS)
        visitor.press("サインインする")
        visitor.second_factor(app)

    def body(self, mail: str, subject: str) -> str:
        """The text of the newest mail to an address."""
        text = self.post.newest(mail, subject=subject).get_body(("plain",))
        assert text is not None
        return str(text.get_content())


@pytest.fixture
def house(browser: Browser, tmp_path: Path) -> Iterator[House]:
    clock = Clock(file=tmp_path / "clock")
    clock.set(datetime(2024, 11, 28, 10, tzinfo=JST))
    with (
        post_office() as post,
        running_server(
            clock=clock, mail_host="127.0.0.1", mail_port=str(post.port), mail_security="none",
            mail_from="nss@center.example",
        ) as server,
    ):  # fmt: skip
        for words in (
            ("--operator", "--code", "nss", "--name", "利用申込センター", "--administrator", KATO,
             "--family-name", "加藤"),
            ("--code", "aoba", "--name", "株式会社青葉商会", "--administrator", AOKI, "--family-name", "青木"),
        ):  # fmt: skip
            server.warifu("organisation", "create", *words)
        scene = [sys.executable, "-m", "tests.journeys.application_scene"]
        subprocess.run(scene, env=server.environment, check=True)
        yield House(server=server, post=post, clock=clock, browser=browser)


def apply(house: House, aoki: Visitor) -> str:
    """The wizard from ① to ⑪: two industries on one code, split by identification number; its receipt number."""
    aoki.go(f"{house.server.address}/desk/applications/planner/")
    aoki.fill(**dict(zip(("decided_year", "decided_month", "decided_day", "start_year", "start_month", "start_day"),
                         ("2024", "12", "2", "2024", "12", "10"), strict=True)))  # fmt: skip
    aoki.press("日程を出す")
    for day in ("12/2(月)", "12/4(水)", "12/10(火)", "12/12(木)"):
        assert aoki.says(day)
    aoki.press("申込みを始める")
    assert aoki.says("用意するもの")
    aoki.press("申込内容へ進む")
    aoki.fill(desired_start_year="2024", desired_start_month="12", desired_start_day="9", reason="通関業を始めるため")
    aoki.press("保存して進む")
    aoki.fill(person_name="青木 葵", person_mail=AOKI, manager_name="岡田 修", manager_mail=OKADA)
    aoki.press("保存して進む")
    for place, industry in enumerate(("customs", "consolidation")):
        aoki.tick(f"line{place}-industries", industry)
    aoki.press("保存して進む")
    for field in aoki.page.locator("main textarea").all():
        field.fill("標準")
    aoki.press("保存して進む")
    assert aoki.says("1ANACA0A")
    assert aoki.says("1ANACA0B")
    aoki.press("戻る")
    assert aoki.page.locator("main textarea").first.input_value() == "標準"
    aoki.press("保存して進む")
    aoki.press("この内容で申し込む")
    found = re.search(r"申込み (24\d{5}[A-Z])", aoki.page.locator("h1").inner_text())
    assert found
    return found[1]


def review(house: House, kato: Visitor) -> None:
    """The reviewer takes the application and decides for a day later than the wished one."""
    kato.press("審査を始める")
    kato.fill(confirmed_start_year="2024", confirmed_start_month="12", confirmed_start_day="10")
    kato.press("承認して、番号を割り当てる")
    assert kato.says("承認しました。1ANACA0A、1ANACA0B")


def read(visitor: Visitor, button: str, path: Path) -> str:
    """Press a button that gives a PDF; its text."""
    with visitor.page.expect_download() as coming:
        visitor.page.get_by_role("button", name=button).click()
    coming.value.save_as(path)
    facts = subprocess.run(["pdfinfo", path], check=True, capture_output=True, text=True).stdout
    assert re.search(r"Tagged: +yes", facts)
    return subprocess.run(["pdftotext", "-layout", path, "-"], check=True, capture_output=True, text=True).stdout


def open_notice(aoki: Visitor, user_id: str) -> str:
    """Break the seal of an ID's notice; the first password."""
    aoki.press(f"{user_id} の封緘通知へ")
    aoki.press("封を開く")
    value = aoki.page.locator("#value").input_value()
    aoki.press("控えました")
    return value


@pytest.mark.shows(
    "002-4", "002-5", "002-6", "002-9", "002-10", "002-18", "002-19", "002-24", "002-26", "002-27", "002-28", "002-29",
    "002-30", "002-31", "002-32", "002-33", "002-34", "002-35", "002-36", "L-06", "L-07",
)  # fmt: skip
def test_from_the_wizard_to_the_first_sign_in_of_an_issued_id(house: House, tmp_path: Path) -> None:
    kato, aoki = house.visitor(), house.visitor()
    kato_app, aoki_app = house.welcome(kato, KATO), house.welcome(aoki, AOKI)
    kato.go(f"{house.server.address}/desk/members/")
    kato.follow(kato.page.locator("main").get_by_role("link", name="加藤").first)
    kato.tick("roles", "1024")
    kato.press("この役割にする")
    receipt = apply(house, aoki)
    for mail in (AOKI, OKADA):
        assert receipt in house.body(mail, "申込みを受け付けました")
    page = aoki.page.url
    aoki.go(f"{page}dates/")
    aoki.press("配信のアドレスを作る")
    feed = aoki.page.locator("#address").input_value()
    assert b"STATUS:TENTATIVE" in urllib.request.urlopen(feed).read()  # noqa: S310

    house.on(2, kato, aoki)
    house.come_back(kato, kato_app, f"{house.server.address}/review/applications/", KATO)
    kato.press(receipt)
    review(house, kato)
    assert "利用開始日: 2024年12月10日(火)" in house.body(OKADA, "申込内容を確認しました")
    result = house.post.link(AOKI, subject="申込内容を確認しました")
    house.come_back(aoki, aoki_app, result, AOKI)
    for words in (
        "利用開始日が、希望日と違います",
        "12/12(木)まで開けます",
        "12/10(火)から出せます",
        "あと10日と13時間",
    ):
        assert aoki.says(words)
    assert not aoki.page.get_by_role("button", name="承諾通知書を出す").count()
    text = read(aoki, "申込書を出す", tmp_path / "form.pdf")
    for words in (receipt, "通関業を始めるため", "郵送する必要はありません"):
        assert words in text
    early = open_notice(aoki, "1ANACA0A")
    aoki.go(result)
    aoki.press("申し込んだことを記録する")
    days = re.findall(r"DTSTART;VALUE=DATE:(\d+)", urllib.request.urlopen(feed).read().decode())  # noqa: S310
    assert days == ["20241202", "20241204", "20241210", "20241210", "20241212"]

    house.on(10, aoki)
    house.come_back(aoki, aoki_app, result, AOKI)
    text = read(aoki, "承諾通知書を出す", tmp_path / "notice.pdf")
    for words in ("契約内容変更承諾通知書", receipt, "1ANACA0A", "1ANACA0B", "令和6年(2024年)12月10日"):
        assert words in text
    assert early not in text
    third = house.visitor()
    signs = re.search(r"番号 (\S+)\s+確認記号 (\S+)", text)
    assert signs
    third.go(f"{house.server.address}/papers/")
    third.fill(number=signs[1], check_code=signs[2])
    third.page.locator("[name=file]").set_input_files(tmp_path / "notice.pdf")
    third.press("確かめる")
    assert third.says("本物の書面です")
    assert third.says("出したときのままです")

    house.on(12, aoki, hour=23)
    assert "1ANACA0B" not in house.body(OKADA, "封緘通知をまだ開いていません")
    house.come_back(aoki, aoki_app, result, AOKI)
    value = open_notice(aoki, "1ANACA0B")

    house.on(13, aoki, hour=9)
    house.come_back(aoki, aoki_app, result, AOKI)
    assert aoki.says("期間が過ぎたため、開けません")
    assert not aoki.page.get_by_role("link", name="の封緘通知へ").count()
    inoue = house.visitor()
    inoue.go(f"{house.server.address}/first/")
    inoue.fill(organisation="aoba", identifier="1anaca0b", password=value)
    inoue.press("自分のパスワードを決める")
    inoue.fill(password=OWN_WORDS)
    inoue.press("このパスワードに決める")
    inoue.page.context.clear_cookies()
    inoue.go(f"{house.server.address}/signin/?o=aoba")
    inoue.fill(identifier="1ANACA0B", password=OWN_WORDS)
    inoue.press("サインインする")
    assert "/my/" in inoue.page.url
    assert inoue.says("1ANACA0B")
    aoki.go(result)
    assert aoki.page.locator("#point-signed_in").inner_text().count("1ANACA0A")
    assert "1ANACA0B" not in aoki.page.locator("#point-signed_in").inner_text()
    assert kato.faults + aoki.faults + third.faults + inoue.faults == []
