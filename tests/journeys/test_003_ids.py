"""System 003: an office issues IDs in bulk, helps people back in, and binds an ID to a device, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import DESK, PHONE
from tests.journeys.walk import AuthenticatorApp, PostOffice, Visitor, post_office
from tests.server import RunningServer, running_server

pytestmark = pytest.mark.journey

PASSWORD = "umibe no michi wo aruku"
STAFF, IT, CUSTOMER, HEAD = "256", "64", "512", "32"
PEOPLE = (
    ("岡田", "オカダ", "s001", "okada@okada.example", HEAD),
    ("久保", "クボ", "s003", "kubo@okada.example", IT),
    ("小西", "コニシ", "s005", "konishi@okada.example", STAFF),
    ("久野", "クノ", "s006", "", STAFF),
    ("佐野", "サノ", "c001", "sano@kokyaku.example", CUSTOMER),
)


@dataclass
class House:
    """The running server of the office, its post office, and the browser."""

    server: RunningServer
    post: PostOffice
    browser: Browser

    def visitor(self, *, phone: bool = False) -> Visitor:
        """A browser profile of its own."""
        page = self.browser.new_context(**(PHONE if phone else DESK)).new_page()
        page.set_default_timeout(20_000)
        return Visitor(page)

    def at(self, path: str) -> str:
        """An address of the office's server."""
        return f"{self.server.address}{path}"

    def begin(self, visitor: Visitor, link: str) -> None:
        """Open a link and choose the password."""
        visitor.go(link)
        visitor.press("次へ")
        visitor.fill(password=PASSWORD)
        visitor.press("このパスワードに決める")

    def sign_in(self, visitor: Visitor, identifier: str) -> None:
        """Type name and password at the door."""
        visitor.go(self.at("/signin/?o=okada"))
        visitor.fill(identifier=identifier, password=PASSWORD)
        visitor.press("サインインする")


@pytest.fixture(scope="module")
def house(browser: Browser) -> Iterator[House]:
    with (
        post_office() as post,
        running_server(
            mail_host="127.0.0.1", mail_port=str(post.port), mail_security="none", mail_from="office@okada.example"
        ) as server,
    ):
        server.warifu(
            *("organisation", "create", "--office", "--code", "okada", "--name", "岡田会計事務所"),
            *("--administrator", "kinoshita@okada.example", "--family-name", "木下"),
        )
        yield House(server=server, post=post, browser=browser)


@pytest.mark.shows("003-6", "003-7", "003-11", "003-12", "003-13", "003-14", "L-06", "L-08", "C-08")
def test_an_office_from_ids_to_devices(house: House) -> None:
    kinoshita = house.visitor()
    house.begin(kinoshita, house.post.link("kinoshita@okada.example"))
    kinoshita.enrol()
    for person in PEOPLE:
        add(house, kinoshita, *person)
    slip = issue_to_staff(house, kinoshita)
    kuno, app = first_sign_in_by_slip(house, slip)
    sign_in_by_id(house, kuno, app)
    kubo = it_person_cannot_reset_the_head(house)
    sano = customer_gets_the_mail_address(house, kinoshita)
    konishi = restricted_to_a_registered_device(house, kinoshita)
    for visitor in (kinoshita, kuno, kubo, sano, *konishi):
        assert visitor.faults == []


def add(house: House, kinoshita: Visitor, family: str, kana: str, code: str, mail: str, role: str) -> None:
    """Register one person by hand, without a letter."""
    kinoshita.go(house.at("/desk/members/add/"))
    kinoshita.fill(family_name=family, family_kana=kana, employee_code=code, mail=mail)
    kinoshita.page.locator("[name=roles][value='1']").uncheck(force=True)
    kinoshita.tick("roles", role)
    kinoshita.page.locator("[name=sends_link]").uncheck(force=True)
    kinoshita.follow(kinoshita.page.locator("main form button[type=submit]").first)
    assert kinoshita.says("利用者を加えました")


def issue_to_staff(house: House, kinoshita: Visitor) -> str:
    """Tick people over two searches, mend an ID in the table, review, issue; returns the link on the slip."""
    page = kinoshita.page
    kinoshita.go(house.at("/desk/ids/"))
    assert kinoshita.says("まだIDはありません")
    kinoshita.press("IDを発行する")
    page.get_by_label("小西").check(force=True)
    page.get_by_label("久保").check(force=True)
    page.locator("[name=q]").fill("クノ")
    kinoshita.press("しぼり込む")
    assert kinoshita.says("ほかに2人を選んでいます")
    page.get_by_label("久野").check(force=True)
    kinoshita.press("選んだ人のIDを決める")
    values = [field.input_value() for field in page.locator("input[name$='-text']").all()]
    assert sorted(values) == ["okada-s003", "okada-s005", "okada-s006"]
    field = page.get_by_label("久野さんの利用者ID")
    field.fill("konishi@okada.example")
    expect(page.get_by_text("ほかの人のメールアドレスと同じです。")).to_be_visible()
    kinoshita.press("内容を確かめる")
    assert kinoshita.says("直すところが1つあります")
    page.get_by_label("久野さんの利用者ID").fill("okada-s006")
    expect(page.get_by_text("ほかの人のメールアドレスと同じです。")).to_have_count(0)
    kinoshita.press("内容を確かめる")
    assert kinoshita.says("メールで知らせる人 2人、紙で渡す人 1人です")
    kinoshita.press("発行する")
    assert kinoshita.says("いまだけ表示しています")
    assert kinoshita.says("オー・ケー・エー・ディー・エー・ハイフン・エス・ゼロ・ゼロ・ろく")
    assert page.locator(".qr svg, svg.qr").count() == 1
    link = page.locator("article.slip p.address").inner_text()
    kinoshita.go(house.at("/desk/ids/"))
    assert kinoshita.says("okada-s006")
    return link


def first_sign_in_by_slip(house: House, link: str) -> tuple[Visitor, AuthenticatorApp]:
    """Somebody without mail begins on a phone with the slip, and enrols a second factor."""
    kuno = house.visitor(phone=True)
    kuno.go(link)
    assert kuno.says("okada-s006")
    house.begin(kuno, link)
    app = kuno.enrol()
    return kuno, app


def sign_in_by_id(house: House, kuno: Visitor, app: AuthenticatorApp) -> None:
    """Sign out, and in again with the user ID."""
    kuno.page.context.clear_cookies()
    house.sign_in(kuno, "ＯＫＡＤＡ-S006")
    kuno.second_factor(app)
    assert "/desk/" in kuno.page.url


def it_person_cannot_reset_the_head(house: House) -> Visitor:
    """The IT person gets in by the letter; the head's page names who can help instead."""
    kubo = house.visitor()
    house.begin(kubo, house.post.link("kubo@okada.example", subject="利用者ID"))
    kubo.enrol()
    kubo.go(house.at("/desk/resets/"))
    kubo.press("岡田")
    assert kubo.says("あなたの役割では、この人の再設定を始められません")
    assert kubo.says("助けられる人: 所長・管理者")
    assert kubo.page.get_by_role("button", name="再設定を始める").count() == 0
    kubo.go(house.at("/desk/permissions/"))
    assert kubo.says("だれがだれのパスワードの再設定を始められるか")
    kubo.go(house.at("/desk/resets/?q=クノ"))
    kubo.press("再設定へ")
    kubo.press("紙で渡す")
    assert kubo.says("パスワードを決め直すための紙です")
    return kubo


def customer_gets_the_mail_address(house: House, kinoshita: Visitor) -> Visitor:
    """A customer's ID is the mail address; they come to their own page."""
    kinoshita.go(house.at("/desk/ids/issue/?kind=customer"))
    kinoshita.page.get_by_label("佐野").check(force=True)
    kinoshita.press("選んだ人のIDを決める")
    assert kinoshita.page.get_by_label("佐野さんの利用者ID").input_value() == "sano@kokyaku.example"
    kinoshita.press("内容を確かめる")
    kinoshita.press("発行する")
    sano = house.visitor(phone=True)
    house.begin(sano, house.post.link("sano@kokyaku.example", subject="利用者ID"))
    assert "/my/" in sano.page.url
    return sano


def restricted_to_a_registered_device(house: House, kinoshita: Visitor) -> tuple[Visitor, Visitor]:
    """A second browser profile is refused, registered by a link, let in, and stopped again."""
    first = house.visitor()
    house.begin(first, house.post.link("konishi@okada.example", subject="利用者ID"))
    app = first.enrol()
    kinoshita.go(house.at("/desk/devices/"))
    kinoshita.press("小西")
    kinoshita.press("この日から制限する")
    if "/relogin/" in kinoshita.page.url:
        kinoshita.fill(password=PASSWORD)
        kinoshita.press("続ける")
        kinoshita.press("この日から制限する")
    assert kinoshita.says("制限中")
    first.go(house.at("/desk/"))
    assert "/signin/" in first.page.url  # the session without a key has ended

    second = house.visitor()
    house.sign_in(second, "okada-s005")
    assert second.says("この端末では、okada-s005を使えません")
    assert second.says("WF-S740")

    kinoshita.fill(**{"key-name": "受付のパソコン"})
    kinoshita.press("発行する")
    link = kinoshita.page.locator("#link").input_value()
    second.go(link)
    second.press("この端末を登録する")
    second.fill(identifier="okada-s005", password=PASSWORD)
    second.press("サインインする")
    second.second_factor(app)
    assert second.page.url.endswith("/devices/")
    assert second.says("この端末")
    second.go(house.at("/desk/"))
    assert "/desk/" in second.page.url
    house.sign_in(first, "okada-s005")
    assert first.says("WF-S740")

    kinoshita.go(house.at("/desk/devices/"))
    kinoshita.press("小西")
    assert kinoshita.says("登録済み")
    kinoshita.press("止める")
    if "/relogin/" in kinoshita.page.url:
        kinoshita.fill(password=PASSWORD)
        kinoshita.press("続ける")
        kinoshita.press("止める")
    second.go(house.at("/desk/"))
    assert "/signin/" in second.page.url
    house.sign_in(second, "okada-s005")
    assert second.says("WF-S740")
    kinoshita.go(house.at("/desk/ids/months/"))
    assert kinoshita.says("100円")
    return first, second
