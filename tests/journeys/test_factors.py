"""Passkeys, an authenticator app and recovery codes in a real browser, from the first step-up on (A1, A2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pyotp
import pytest
from playwright.sync_api import Browser, CDPSession, Page

from tests.browser import DESK, PHONE
from tests.journeys.walk import PostOffice, Visitor, post_office
from tests.server import RunningServer, running_server

pytestmark = pytest.mark.journey

MAIL = "aoki@aoba.example"
PASSWORD = "umibe no michi wo aruku"
STEPUP, DESK_HOME, ENDS_IN_CODE = re.compile("/stepup/"), re.compile(r"/desk/$"), re.compile("/signin/code/")


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


class Device:
    """The built-in authenticator of a browser, as the browser's own tests simulate it."""

    def __init__(self, page: Page) -> None:
        self.line: CDPSession = page.context.new_cdp_session(page)
        self.line.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        self.id = self.line.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def recognises(self, person: bool) -> None:
        """Whether the device recognises the finger in front of it."""
        self.line.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": person})

    def count(self) -> int:
        """How many passkeys it holds."""
        found = self.line.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        return len(found["credentials"])


def visitor(browser: Browser, profile: dict[str, object]) -> Visitor:
    """Somebody at a browser of their own."""
    page = browser.new_context(**profile).new_page()  # type: ignore[arg-type]
    page.set_default_timeout(15_000)
    return Visitor(page)


def sign_in(aoki: Visitor, house: tuple[RunningServer, PostOffice]) -> None:
    """Name and password, as far as that leads."""
    aoki.go(f"{house[0].address}/signin/")
    aoki.fill(organisation="aoba", identifier=MAIL, password=PASSWORD)
    aoki.press("サインインする")


@pytest.mark.shows("L-18", "L-19", "L-14", "L-22", "L-24", "L-20", "A-08", "A-12")
def test_passkeys_app_and_recovery_codes(house: tuple[RunningServer, PostOffice], browser: Browser) -> None:
    server, post = house
    aoki = visitor(browser, DESK)
    page, device = aoki.page, Device(aoki.page)

    # the first sign-in leads to step-up, which says why and enrols on the spot
    aoki.go(post.link(MAIL))
    aoki.press("次へ")
    aoki.fill(password=PASSWORD)
    aoki.press("このパスワードに決める")
    assert STEPUP.search(page.url)
    assert aoki.says("もう一つの確認をすることになっています")
    aoki.go(f"{server.address}/desk/members/")
    assert STEPUP.search(page.url)
    assert aoki.says("まだ、もう一つの確認の方法が登録されていません")
    assert aoki.says("この先は「")
    aoki.press("パスキーを登録する")
    assert aoki.says("用意するもの")

    # a device that does not recognise its person makes nothing
    device.recognises(False)
    page.get_by_role("button", name="この端末で登録する").click()
    page.get_by_text("確認されませんでした").wait_for()
    assert device.count() == 0
    device.recognises(True)
    aoki.fill(name="会社のノートPC")
    aoki.press("この端末で登録する")
    assert aoki.says("パスキーを登録しました")
    assert device.count() == 1
    assert "登録されました" in str(post.newest(MAIL, subject="確認の方法が登録")["Subject"])

    # recovery codes are offered, shown once, and may be saved as text
    aoki.press("予備コードを作る")
    aoki.press("10個のコードを作って表示する")
    codes = page.locator("#recovery-codes li").all_inner_texts()
    assert len(codes) == 10
    with page.expect_download() as saved:
        page.get_by_role("button", name="テキストで保存する").click()
    assert saved.value.path().read_text(encoding="utf-8").split() == codes
    aoki.press("しまいました。先へ進む")
    assert page.url.endswith("/desk/members/")
    assert not aoki.says(codes[0])

    # sign in with the passkey alone
    aoki.press("サインアウト")
    aoki.go(f"{server.address}/signin/")
    aoki.press("パスキーでサインイン")
    assert DESK_HOME.search(page.url)

    # the password leads to the second stage, where the passkey answers too
    aoki.press("サインアウト")
    sign_in(aoki, house)
    assert "/signin/second/" in page.url
    device.recognises(False)
    page.get_by_role("button", name="パスキーで確認する").click()
    page.get_by_text("確認されませんでした").wait_for()
    device.recognises(True)
    aoki.press("パスキーで確認する")
    assert DESK_HOME.search(page.url)

    # an authenticator app, by the key beside the QR code
    aoki.go(f"{server.address}/authenticators/add/")
    aoki.press("QRコードを出す")
    assert page.locator("svg.qr").is_visible()
    secret = page.locator("#authenticator-key").inner_text().replace("-", "")
    aoki.fill(code="000000")
    aoki.press("登録を終える")
    assert aoki.says("認証アプリの6桁のコードが合いません")
    aoki.fill(code=pyotp.TOTP(secret).at(datetime.now(UTC)))
    aoki.press("登録を終える")
    assert aoki.says("認証アプリを登録しました")

    # a browser without the passkey: wrong code, recovery code, once
    other = visitor(browser, PHONE)
    sign_in(other, house)
    other.fill(code="000000")
    other.press("コードで確認する", exact=True)
    assert other.says("認証アプリのコード、または予備コードが合いません")
    other.fill(code=codes[0].lower())
    other.press("コードで確認する", exact=True)
    assert DESK_HOME.search(other.page.url)

    # changing factors offers to end the other browser
    aoki.go(f"{server.address}/factors/changed/")
    aoki.press("ほかの端末をすべてサインアウトさせる")
    other.go(f"{server.address}/desk/")
    assert "/signin/" in other.page.url
    assert aoki.faults == []
    assert other.faults == []
    page.context.close()
    other.page.context.close()


@pytest.mark.shows("L-15", "000-28", "000-29", "000-30", "000-39", "A-06")
def test_a_mailed_code_is_awaited_on_a_phone(house: tuple[RunningServer, PostOffice], browser: Browser) -> None:
    server, post = house
    server.warifu(
        "organisation", "create", "--code", "ueda", "--name", "上田物産", "--administrator", "ueno@ueda.example"
    )
    ueno = visitor(browser, PHONE)
    ueno.go(post.link("ueno@ueda.example"))
    ueno.press("次へ")
    ueno.fill(password=PASSWORD)
    ueno.press("このパスワードに決める")
    ueno.page.context.clear_cookies()
    ueno.go(f"{server.address}/signin/")
    ueno.fill(organisation="ueda", identifier="ueno@ueda.example", password=PASSWORD)
    ueno.press("サインインする")
    assert ENDS_IN_CODE.search(ueno.page.url)
    ueno.page.get_by_text(re.compile(r"あと9分\d+秒")).wait_for()
    again = ueno.page.get_by_role("button", name="新しいコードを送る")
    assert again.is_disabled()
    letter = post.newest("ueno@ueda.example", subject="メール確認コード").get_body(("plain",))
    assert letter is not None
    code = re.search(r"\b\d{6}\b", letter.get_content())
    assert code
    wrong = f"{(int(code[0]) + 1) % 10**6:06}"
    ueno.fill(code=wrong)
    ueno.press("確認する")
    assert ueno.says("あと4回")
    ueno.fill(code=code[0])
    ueno.press("確認する")
    assert STEPUP.search(ueno.page.url) or DESK_HOME.search(ueno.page.url)
    assert code[0] not in ueno.page.url
    assert not any(code[0] in cookie["value"] for cookie in ueno.page.context.cookies())
    assert code[0] not in server.log.read_text(encoding="utf-8")
    assert ueno.faults == []
    ueno.page.context.close()
