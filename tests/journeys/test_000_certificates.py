"""System 000, chapters 3 and 4: obtain the certificate, then open the administrator's door with it (B2, B4, B5).

A real server that speaks TLS with its own authority's certificate, the program as a process at a terminal, curl and
Chromium as browsers, OpenSSL and NSS as readers of what came out.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12
from playwright.sync_api import Browser, BrowserContext

from tests.agent.typist import Typist, at_terminal
from tests.browser import DESK, PHONE
from tests.doors.cli.secured import answers
from tests.journeys.walk import PostOffice, Visitor, post_office
from tests.server import ROOT, Installation, free_port, installation

pytestmark = pytest.mark.journey

MAIL = "aoki@aoba.example"
PASSWORD = "umibe no michi wo aruku"
AGENT = str(Path(sys.executable).with_name("warifu-agent"))


@dataclass(frozen=True, kw_only=True)
class House:
    """A server that speaks TLS, its post office, and a folder for what people save."""

    own: Installation
    site: str
    post: PostOffice
    root: Path
    folder: Path

    def mailed(self, subject: str, pattern: str) -> str:
        """What the newest letter with such a subject says."""
        body = self.post.newest(MAIL, subject=subject).get_body(("plain",))
        assert body is not None
        found = re.search(pattern, body.get_content().replace("\r\n", "\n"))
        assert found, body.get_content()
        return found[0]

    def code(self, before: int) -> str:
        """The code of a mail that came after so many others."""
        assert self.post.holds(before + 1)
        return self.mailed("メール確認コード", r"(?m)^\d{6}$")

    @contextmanager
    def agent(self, home: Path, *words: str) -> Iterator[Typist]:
        """The program on somebody's computer."""
        home.mkdir(exist_ok=True)
        environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "ja_JP.UTF-8", "PYTHONUTF8": "1"}
        with at_terminal(AGENT, *words, environment=environment) as typist:
            yield typist


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Aoba's installation with an authority; Aoki has chosen a password on the page of the mailed link."""
    port, folder = free_port(), tmp_path_factory.mktemp("people")
    site = f"https://localhost:{port}"
    with (
        post_office() as post,
        installation(
            site_url=site,
            mail_host="127.0.0.1",
            mail_port=str(post.port),
            mail_security="none",
            mail_from="number@aoba.example",
        ) as own,
    ):
        own.warifu("migrate")
        own.warifu("ca", "init", "--name", "割符 試験ルート認証局")
        own.warifu("organisation", "create", "--code", "aoba", "--name", "青葉商会", "--administrator", MAIL)
        process = own.begin("serve", "--port", str(port), "--tls")
        try:
            _wait(port, process, own)
            yield House(own=own, site=site, post=post, root=own.data / "tls" / "root.pem", folder=folder)
        finally:
            process.terminate()
            process.wait(timeout=20)


@pytest.fixture(scope="module")
def aoki(house: House, browser: Browser) -> Iterator[BrowserContext]:
    """Aoki's browser, in which the password was chosen just now."""
    context = browser.new_context(**DESK, ignore_https_errors=True, accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.goto(house.mailed("はじめての設定", r"https://localhost:\d+/\S+"))
    page.get_by_role("button", name="次へ").click()
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="このパスワードに決める").click()
    page.wait_for_url("**/stepup/**")
    yield context
    context.close()


@pytest.mark.shows("000-25", "000-27", "000-28", "000-30", "000-33", "000-34", "000-35", "000-36")
def test_the_program_obtains_a_certificate_and_curl_opens_the_administrators_door_with_it(
    house: House, aoki: BrowserContext
) -> None:
    home = house.folder / "home"
    with house.agent(home, "enrol", "--server", house.site, "--ca", str(house.root)) as typist:
        typist.answer("組織コード", "aoba")
        typist.answer("利用者ID", MAIL)
        typist.answer("パスワード", "chigau kotoba wo ireru")
        typist.wait_for("WF-S203")
        before = len(house.post.mails)
        typist.answer("組織コード")
        typist.answer("利用者ID")
        typist.answer("パスワード", PASSWORD)
        typist.wait_for("a***@aoba.example に6桁のメール確認コードを送りました")
        code = house.code(before)
        typist.answer("メール確認コード", "000000" if code != "000000" else "000001")
        typist.wait_for("WF-S231")
        typist.answer("メール確認コード", code)
        typist.answer("発行先の名前", "Aoba Trading Co., Ltd.")
        typist.answer("この端末の名前", "経理のノートPC")
        assert "発行先　: Aoba Trading Co., Ltd." in typist.wait_for("取得しますか")
        os.write(typist.terminal, b"y\n")
        assert "証明書データベース" in typist.wait_for("ファイルに保存する")
        typist.answer("番号", "1")
        typist.wait_for("ブラウザーは、必ずすべて閉じてください")
        typist.answer("番号", "2")
        status, shown = typist.end()
    assert status == 0, shown
    assert "発行者　　　　: " in shown
    assert PASSWORD not in shown
    listed = _run("certutil", "-L", "-d", f"sql:{home}/.pki/nssdb")
    assert "Aoba Trading Co., Ltd." in listed
    assert "u,u,u" in listed
    with house.agent(home, "show") as typist:
        status, again = typist.end()
    assert status == 0
    serial = re.search(r"シリアル番号　: (\S+)", again)
    assert serial
    assert serial[1] in shown
    exported = house.folder / "from-nss.p12"
    _run(
        "pk12util",
        "-o",
        str(exported),
        "-n",
        "Aoba Trading Co., Ltd.",
        "-d",
        f"sql:{home}/.pki/nssdb",
        "-W",
        "x",
        "-K",
        "",
    )
    _demand_certificates(house)
    refused = _curl_to_desk(house, house.folder / "without.cookies")
    assert "WF-S651" in refused
    opened = _curl_to_desk(house, house.folder / "with.cookies", "--cert-type", "P12", "--cert", f"{exported}:x")
    assert "WF-S651" not in opened
    assert "きょうの仕事" in opened


@pytest.mark.shows("000-32", "C-03")
def test_the_browser_makes_a_file_that_others_open(house: House, aoki: BrowserContext) -> None:
    _demand_certificates(house, wanted=False)
    page = aoki.new_page()
    visitor = Visitor(page)
    visitor.go(f"{house.site}/certificates/obtain/")
    if "/relogin/" in page.url:
        visitor.fill(password=PASSWORD)
        visitor.press("確認する")
    assert "/certificates/prove/" in page.url, page.url
    before = len(house.post.mails)
    visitor.press("コードをメールで受け取る")
    visitor.fill(code=house.code(before))
    visitor.press("確認する")
    visitor.press("このブラウザーで取得する")
    visitor.fill(issued_to="青葉商会 青木", device_name="Firefox")
    page.get_by_role("button", name="鍵を作って取得する").click()
    page.locator("[data-enrol-done]").wait_for()
    visitor.seen.clear()
    visitor.look()
    password = page.locator("#file-password").inner_text()
    assert page.locator("[data-enrol-spoken]").inner_text().count("、") == 5
    with page.expect_download() as download:
        page.get_by_role("link", name="電子証明書のファイルを保存する").click()
    file = house.folder / "browser.p12"
    download.value.save_as(file)
    _opens_everywhere(file, password)
    read = pkcs12.load_pkcs12(file.read_bytes(), password.encode())
    assert read.cert is not None
    assert read.cert.friendly_name == "青葉商会 青木".encode()
    assert len(read.additional_certs) == 2
    assert visitor.faults == []
    page.close()


def test_a_chosen_password_has_to_be_long_enough_and_an_open_connection_makes_no_key(
    house: House, aoki: BrowserContext
) -> None:
    page = aoki.new_page()
    page.goto(f"{house.site}/certificates/obtain/browser/")
    page.get_by_text("自分で決める").click()
    page.fill("#own-password", "みじかい かなの ことば です")
    page.get_by_role("button", name="鍵を作って取得する").click()
    page.get_by_text("12文字以上にしてください").wait_for()
    page.fill("#own-password", "correct horse battery")
    page.get_by_role("button", name="鍵を作って取得する").click()
    page.locator("[data-enrol-done]").wait_for()
    assert page.locator("#file-password").is_hidden()
    with page.expect_download() as download:
        page.get_by_role("link", name="電子証明書のファイルを保存する").click()
    file = house.folder / "own.p12"
    download.value.save_as(file)
    assert pkcs12.load_pkcs12(file.read_bytes(), b"correct horse battery").key is not None
    page.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
    page.reload()
    page.get_by_text("このページの接続では、鍵を作れません").wait_for()
    assert page.locator("[data-enrol]").is_hidden()
    page.close()


@pytest.mark.shows("C-03")
def test_the_server_makes_a_file_once_and_mails_its_password(house: House, aoki: BrowserContext) -> None:
    page = aoki.new_page()
    page.set_viewport_size(PHONE["viewport"])  # type: ignore[arg-type]
    visitor = Visitor(page)
    visitor.go(f"{house.site}/certificates/obtain/file/")
    visitor.fill(issued_to="Aoba Trading", device_name="倉庫のパソコン")
    visitor.press("次へ")
    with page.expect_download() as download:
        page.get_by_role("button", name="作って受け取る").click()
    file = house.folder / "server.p12"
    download.value.save_as(file)
    password = house.mailed("電子証明書のファイルのパスワード", r"(?m)^[A-Y3-9]{4}(-[A-Y3-9]{4}){5}$")
    _opens_everywhere(file, password)
    answer = page.request.get(page.url)
    assert answer.status == 410
    assert "WF-S662" in answer.text()
    assert visitor.faults == []
    page.close()


@pytest.mark.shows("V-10")
def test_the_program_trusts_nobody_whom_this_computer_does_not(house: House) -> None:
    with house.agent(house.folder / "stranger", "enrol", "--server", house.site, "--organisation", "aoba") as typist:
        typist.answer("組織コード")
        typist.answer("利用者ID", MAIL)
        typist.answer("パスワード", PASSWORD)
        status, shown = typist.end()
    assert (status, "WF-S691" in shown) == (1, True), shown


def _wait(port: int, process: subprocess.Popen[bytes], own: Installation) -> None:
    import time

    until = time.monotonic() + 60
    while not answers(port):
        assert process.poll() is None, own.log.read_text(encoding="utf-8")
        assert time.monotonic() < until, own.log.read_text(encoding="utf-8")


def _run(*words: str) -> str:
    done = subprocess.run(words, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _opens_everywhere(file: Path, password: str) -> None:
    """OpenSSL and NSS read key and certificate; the wrong password opens nothing."""
    shown = _run("openssl", "pkcs12", "-in", str(file), "-passin", f"pass:{password}", "-nodes")
    assert shown.count("BEGIN CERTIFICATE") == 3
    assert "PRIVATE KEY" in shown
    base = f"sql:{file.parent / (file.stem + '-nss')}"
    Path(base.removeprefix("sql:")).mkdir()
    _run("certutil", "-N", "-d", base, "--empty-password")
    _run("pk12util", "-i", str(file), "-d", base, "-W", password, "-K", "")
    assert "u,u,u" in _run("certutil", "-L", "-d", base)
    wrong = subprocess.run(
        ["openssl", "pkcs12", "-in", str(file), "-passin", "pass:wrong", "-nodes"], check=False, capture_output=True
    )
    assert wrong.returncode != 0


def _demand_certificates(house: House, *, wanted: bool = True) -> None:
    """What the page of demands does: administrators come in with a certificate only (B5)."""
    words = (
        "import django; django.setup(); from warifu.organisations.models import Organisation as O; "
        f"O.objects.update(sign_in_policy={{'administrator': {{'mail_code': False, 'certificate': {wanted}}}}})"
    )
    subprocess.run([sys.executable, "-c", words], env=house.own.environment, cwd=ROOT, check=True)


def _curl_to_desk(house: House, jar: Path, *certificate: str) -> str:
    """Sign in with curl and open the desk; the page that comes."""
    plain = ("curl", "-sS", "-L", "--cacert", str(house.root), "-c", str(jar), "-b", str(jar), *certificate)
    form = _run(*plain, f"{house.site}/signin/")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)
    assert token
    values = {"organisation": "aoba", "identifier": MAIL, "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
    fields = [word for name, value in values.items() for word in ("--data-urlencode", f"{name}={value}")]
    _run(*plain, "-H", f"Referer: {house.site}/signin/", *fields, f"{house.site}/signin/")
    return _run(*plain, f"{house.site}/desk/")
