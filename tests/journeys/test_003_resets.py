"""System 003: the head registers a phone, forgets the password, and comes back; strangers learn nothing (003-4, 003-5).

A real server, a real SMTP server, a real HTTP provider of text messages, and Chromium.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser

from tests.browser import DESK, PHONE
from tests.journeys.walk import AuthenticatorApp, PostOffice, Visitor, post_office
from tests.server import RunningServer, running_server
from tests.sms import TOKEN, Provider, sms_provider

pytestmark = pytest.mark.journey

AOKI = "aoki@aoba.example"
KANEKO = "kaneko@aoba.example"
NUMBER = "+819012345678"
WORDS = "umibe no michi wo aruku"
NEW_WORDS = "mizuumi no hotori de matsu"


@dataclass
class House:
    """A running office with its administrator and its head."""

    server: RunningServer
    post: PostOffice
    sms: Provider
    browser: Browser
    apps: dict[str, AuthenticatorApp] = field(default_factory=dict)
    visitors: list[Visitor] = field(default_factory=list)

    def visitor(self, *, phone: bool = False) -> Visitor:
        """Somebody with a browser of their own."""
        found = Visitor(self.browser.new_context(**(PHONE if phone else DESK)).new_page())
        self.visitors.append(found)
        return found

    def welcome(self, mail: str, *, phone: bool = False) -> Visitor:
        """Somebody who opens their first link, chooses a password and sets up an authenticator app."""
        found = self.visitor(phone=phone)
        found.go(self.post.link(mail))
        found.press("次へ")
        found.fill(password=WORDS)
        found.press("このパスワードに決める")
        self.apps[mail] = found.enrol()
        return found

    def ask(self, visitor: Visitor, identifier: str, organisation: str = "aoba") -> str:
        """Ask for a self-reset; the support code on the page."""
        visitor.go(f"{self.server.address}/self-reset/")
        visitor.fill(organisation=organisation, identifier=identifier)
        visitor.press("再設定を始める")
        return visitor.page.locator("dd.code").first.inner_text()


@pytest.fixture
def house(browser: Browser) -> Iterator[House]:
    """Aoba, an office with Aoki, who administers."""
    with (
        post_office() as post,
        sms_provider() as sms,
        running_server(
            mail_host="127.0.0.1",
            mail_port=str(post.port),
            mail_security="none",
            mail_from="number@aoba.example",
            sms_url=sms.address,
            sms_token=TOKEN,
            sms_from="AOBA",
        ) as server,
    ):
        words = ("--code", "aoba", "--name", "青葉税理士法人", "--office", "--administrator", AOKI)
        server.warifu("organisation", "create", *words)
        found = House(server=server, post=post, sms=sms, browser=browser)
        yield found
        for visitor in found.visitors:
            visitor.page.context.close()


def hire_the_head(house: House, aoki: Visitor) -> Visitor:
    """Aoki adds Kaneko as head; Kaneko comes in."""
    aoki.go(f"{house.server.address}/desk/members/add/")
    aoki.fill(family_name="金子", given_name="薫", mail=KANEKO)
    aoki.tick("roles", "32")
    aoki.press("利用者を加える")
    return house.welcome(KANEKO, phone=True)


def register_the_phone(house: House, kaneko: Visitor) -> None:
    """The head registers a number with the code that comes to it."""
    kaneko.go(f"{house.server.address}/security/phone/")
    kaneko.fill(phone="０９０－１２３４－５６７８")
    kaneko.press("確認コードを送る")
    kaneko.fill(code=house.sms.code(NUMBER))
    kaneko.press("この番号に決める")
    assert kaneko.says("090-****-5678")
    assert house.post.newest(KANEKO, subject="確認の方法が登録されました")


def recovery_codes(house: House, kaneko: Visitor) -> list[str]:
    """Ten recovery codes, written down by their owner."""
    kaneko.go(f"{house.server.address}/recovery/")
    kaneko.press("10個のコードを作って表示する")
    return kaneko.page.locator("#recovery-codes code").all_inner_texts()


def look_up(house: House, aoki: Visitor, code: str, *, is_ours: bool = True) -> None:
    """Aoki types a support code, again when the worker has not looked at the asking yet."""
    for _ in range(8 if is_ours else 1):
        aoki.go(f"{house.server.address}/desk/support-codes/")
        aoki.fill(support_code=code)
        aoki.press("調べる")
        if not aoki.says("見つかりません。"):
            return
        aoki.page.wait_for_timeout(1000)


@pytest.mark.shows("003-4", "003-5", "L-08", "L-09", "L-10", "L-12", "L-15", "L-16")
def test_the_head_comes_back_and_strangers_learn_nothing(house: House) -> None:
    aoki = house.welcome(AOKI)
    kaneko = hire_the_head(house, aoki)

    # cause 2: no number yet
    stranger = house.visitor()
    no_phone = house.ask(stranger, KANEKO)
    register_the_phone(house, kaneko)
    codes = recovery_codes(house, kaneko)

    # causes 1 and 3, and an organisation that nobody knows
    not_head = house.ask(stranger, AOKI)
    unknown = house.ask(stranger, "nobody@aoba.example")
    abroad = house.ask(stranger, KANEKO, organisation="nowhere")
    for code, words in (
        (no_phone, "②再設定用の携帯電話番号が登録されていません"),
        (not_head, "①所長のIDではありません"),
        (unknown, "③利用者IDまたはメールアドレスが違っています"),
        (abroad, "このお問合せ番号は見つかりません"),
    ):
        look_up(house, aoki, code, is_ours=code != abroad)
        assert aoki.says(words), words
    assert "組織コードが違っています" in house.server.warifu("support-code", abroad)
    assert not any("お問合せ番号" in str(mail["Subject"]) for mail in house.post.mails)
    assert len(house.sms.messages) == 1

    # the head, at another computer: phone, mail opened elsewhere, recovery code
    again = house.visitor()
    code = house.ask(again, KANEKO)
    again.fill(code=house.sms.code(NUMBER, after=1))
    again.press("コードを確かめる")
    elsewhere = house.visitor(phone=True)
    elsewhere.go(house.post.link(KANEKO, subject=code))
    elsewhere.press("メールを受け取りました")
    assert elsewhere.says("始めた端末の画面に戻り")
    again.press("画面を読み込み直す")
    again.fill(recovery_code=codes[0])
    again.press("予備コードを確かめる")
    again.fill(password=NEW_WORDS)
    again.press("このパスワードに決める")
    assert again.says("これまでどおり必要です")
    assert house.post.newest(AOKI, subject="所長のパスワードが決め直されました")
    assert house.post.newest(KANEKO, subject="パスワードが変わりました")

    # the old session is over; the second factor is still wanted
    kaneko.go(f"{house.server.address}/my/")
    assert "/signin/" in kaneko.page.url
    again.press("サインインする")
    again.fill(organisation="aoba", identifier=KANEKO, password=NEW_WORDS)
    again.press("サインインする")
    again.second_factor(house.apps[KANEKO])
    assert "/desk/" in again.page.url

    # the other third proof: a second administrator, who was called
    later = house.visitor()
    code = house.ask(later, KANEKO)
    later.fill(code=house.sms.code(NUMBER, after=2))
    later.press("コードを確かめる")
    later.go(house.post.link(KANEKO, subject=code))
    later.press("メールを受け取りました")
    look_up(house, aoki, code)
    aoki.press("本人と確かめたので承認する")
    if "/relogin/" in aoki.page.url or "/stepup/" in aoki.page.url:
        aoki.fill(password=WORDS)
        aoki.press("続ける")
        look_up(house, aoki, code)
        aoki.press("本人と確かめたので承認する")
    later.go(f"{house.server.address}/self-reset/steps/")
    later.press("新しいパスワードを決める")
    assert [fault for visitor in house.visitors for fault in visitor.faults] == []
