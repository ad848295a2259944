"""Take the pictures of the README, the docs and the manuals: a fresh demo, its main screens, phone and desk.

They go into docs/images; those of screens also into the package, with a list of which screen each shows, so that manual
pages, articles and the employees' manual hold pictures of the screens as they are (`web/shared/help_addresses.py`).

Anyone can run it again (`make shots`); names of pictures to take may follow, `tools/take_shots.py verification`.
"""

from __future__ import annotations

import io
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
MANUAL = ROOT / "src" / "warifu" / "web" / "static" / "manual"
LISTED = MANUAL / "shots.json"
CHROMIUM = "/usr/bin/chromium"
LONGEST = 1800
"""Pixels after which a page is cut: readers of the README want the beginning of a long list."""

PROFILES: dict[str, dict[str, Any]] = {
    "desk": {"viewport": {"width": 1280, "height": 900}},
    "phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
}
LOGIN = re.compile(r"組織コード (\S+) / ユーザー (\S+)")
PASSWORD = re.compile(r"パスワードはみな同じです: (.+)")


@dataclass(frozen=True, kw_only=True)
class Shot:
    """One picture: whose browser, which address, which links to follow from there, what to do on the last page.

    `picks` is chosen before the links are followed; `sends` is the text of a file to upload; `opens` names what to
    click at last, `waits_for` what must have come before.
    """

    name: str
    who: str
    path: str
    profile: str = "desk"
    follow: tuple[str, ...] = ()
    picks: str = ""
    opens: str = ""
    sends: str = ""
    waits_for: str = ""

    @property
    def is_of_practice(self) -> bool:
        """Whether it shows what only the demo has: then it is no part of a manual."""
        return self.path.startswith("/demo/")


ROSTER = """\
社員番号,姓,名,セイ,メイ,生年月日,入社日,所属,メールアドレス
0501,髙橋,健,ﾀｶﾊｼ,ｹﾝ,昭和60年4月2日,2026/4/1,総務課,ken.takahashi@aoba.example
0502,斎藤,　葵,サイトウ,アオイ,平成8年2月30日,2026/4/1,営業課,aoi.saito@aoba.example
503,山崎,蓮,ヤマザキ,レン,1999/5/6,2026/4/1,物流課,ren.yamazaki@aoba
0504,グエン,ラン,グエン,ラン,2001/12/24,2026/10/1,製造一課,lan.nguyen@aoba.example
0505,伊藤,結,いとう,ゆい,H15.7.7,2026/10/1,製造二課,ken.takahashi@aoba.example
"""
NEXT = ".bottom-bar .button-primary"
SHOTS = (
    Shot(name="start-desk", who="", path="/"),
    Shot(name="signin-desk", who="", path="/signin/"),
    Shot(name="phone-desk", who="", path="/demo/phone/"),
    Shot(name="mailbox-desk", who="", path="/demo/mail/"),
    Shot(name="letter-desk", who="", path="/demo/mail/", follow=("main tbody a",)),
    Shot(name="help-desk", who="", path="/help/"),
    Shot(name="help-search-desk", who="", path="/help/search/?q=写真%20ぼやける"),
    Shot(name="flow-desk", who="aoki", path="/desk/flow/"),
    Shot(name="employee-manual-desk", who="aoki", path="/desk/employee-manual/"),
    Shot(name="help-articles-desk", who="aoki", path="/desk/help/"),
    Shot(name="gallery-desk", who="", path="/demo/gallery/"),
    Shot(name="home-desk", who="takahashi", path="/desk/"),
    Shot(name="rosters-desk", who="takahashi", path="/desk/rosters/"),
    Shot(name="roster-check-desk", who="takahashi", path="/desk/rosters/upload/", sends=ROSTER, waits_for="#result"),
    Shot(name="people-desk", who="takahashi", path="/desk/people/"),
    Shot(name="people-phone", who="takahashi", path="/desk/people/", profile="phone"),
    Shot(name="invitations-desk", who="takahashi", path="/desk/invitations/"),
    Shot(name="verification-queue-desk", who="takahashi", path="/desk/verification/"),
    Shot(
        name="verification-desk",
        who="takahashi",
        path="/desk/verification/",
        follow=("main a[href*='/desk/verification/']",),
        opens=".image-view .button",
    ),
    Shot(name="letters-desk", who="aoki", path="/desk/letters/"),
    Shot(name="members-desk", who="aoki", path="/desk/members/"),
    Shot(name="permissions-desk", who="aoki", path="/desk/permissions/"),
    Shot(name="settings-desk", who="aoki", path="/desk/settings/"),
    Shot(name="handling-desk", who="aoki", path="/desk/handling/"),
    Shot(name="trail-desk", who="aoki", path="/desk/trail/"),
    Shot(name="sign-in-policy-desk", who="aoki", path="/desk/sign-in-policy/"),
    Shot(name="security-desk", who="aoki", path="/security/"),
    Shot(name="security-phone", who="0391", path="/security/", profile="phone"),
    Shot(name="tokens-desk", who="aoki", path="/desk/tokens/"),
    Shot(name="disposals-desk", who="kobayashi", path="/desk/disposals/"),
    Shot(name="entrustments-desk", who="aoki", path="/desk/entrustments/"),
    Shot(name="ids-desk", who="okada", path="/desk/ids/"),
    Shot(name="customer-desk", who="okada", path="/desk/customers/", follow=("main tbody a",)),
    Shot(name="cockpit-desk", who="okada", path="/desk/cockpit/"),
    Shot(name="inquiries-desk", who="okada", path="/desk/inquiries/"),
    Shot(name="folders-desk", who="okada", path="/desk/folders/"),
    Shot(name="folder-desk", who="okada", path="/desk/folders/", follow=(".folder-mark",)),
    Shot(
        name="folder-intake-desk",
        who="okada",
        path="/desk/folders/",
        follow=(".folder-mark", "main a[href$='/intake/']"),
    ),
    Shot(
        name="folder-record-desk",
        who="okada",
        path="/desk/folders/",
        follow=(".folder-mark", "main a[href$='/intake/']", "main tbody a"),
    ),
    Shot(name="home-phone", who="0460", path="/my/", profile="phone"),
    Shot(name="purpose-phone", who="0460", path="/my/", profile="phone", follow=(NEXT,)),
    Shot(name="person-phone", who="0460", path="/my/submission/purpose", profile="phone", follow=(NEXT,)),
    Shot(name="number-phone", who="0460", path="/my/submission/number", profile="phone"),
    Shot(name="papers-phone", who="0460", path="/my/submission/papers", profile="phone", picks=".choice"),
    Shot(
        name="submission-phone",
        who="0460",
        path="/my/submission/papers",
        profile="phone",
        picks=".choice",
        follow=(NEXT,),
    ),
    Shot(name="review-phone", who="0460", path="/my/submission/review", profile="phone"),
    Shot(name="receipt-phone", who="0391", path="/my/submission/receipt", profile="phone"),
    Shot(name="record-phone", who="0391", path="/my/record", profile="phone"),
)


@dataclass(frozen=True, kw_only=True)
class Demo:
    """A running demo: its address, the logins that it printed, and their password.

    A login is known by its user, and by the beginning of it where no earlier one has the same.
    """

    address: str
    logins: dict[str, tuple[str, str]]
    password: str


@contextmanager
def fresh_demo() -> Iterator[Demo]:
    """Start `warifu demo` on a free port in a folder of its own, and stop it at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).with_name("warifu")), "demo", "--port", str(port)]
    with tempfile.TemporaryDirectory(prefix="warifu-shots-") as folder:
        environment = os.environ | {"PYTHONUNBUFFERED": "1"}
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
        try:
            yield _read(process, port)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _read(process: subprocess.Popen[str], port: int) -> Demo:
    printed = []
    for line in process.stdout or ():
        printed.append(line)
        if line.startswith("READY"):
            break
    else:
        raise SystemExit("the demo did not start:\n" + "".join(printed))
    text = "".join(printed)
    found = PASSWORD.search(text)
    if found is None:
        raise SystemExit("the demo printed no password:\n" + text)
    logins: dict[str, tuple[str, str]] = {}
    for code, user in LOGIN.findall(text):
        logins.setdefault(user.partition("@")[0], (code, user))
        logins[user] = (code, user)
    return Demo(address=f"http://localhost:{port}", logins=logins, password=found.group(1).strip())


class Visitor:
    """The browsers of the people who are photographed, each signed in once for each profile."""

    def __init__(self, browser: Browser, demo: Demo) -> None:
        self._browser = browser
        self._demo = demo
        self._pages: dict[tuple[str, str], Page] = {}
        self._cookies: dict[str, Any] = {}

    def page(self, who: str, profile: str) -> Page:
        """The page of a person; signs them in when they come first."""
        if (who, profile) not in self._pages:
            context = self._browser.new_context(
                locale="ja-JP", timezone_id="Asia/Tokyo", storage_state=self._cookies.get(who), **PROFILES[profile]
            )
            page = context.new_page()
            page.set_default_timeout(10_000)
            if who and who not in self._cookies:
                self._sign_in(page, *self._demo.logins[who])
                self._cookies[who] = context.storage_state()
            self._pages[who, profile] = page
        return self._pages[who, profile]

    def take(self, shot: Shot) -> int:
        """Take one picture; the status of its page."""
        page = self.page(shot.who, shot.profile)
        page.set_viewport_size(PROFILES[shot.profile]["viewport"])
        answer = page.goto(self._demo.address + shot.path)
        if shot.picks:
            page.locator(shot.picks).first.click()
        for link in shot.follow:
            with page.expect_navigation() as went:
                page.locator(link).first.click()
            answer = went.value
        if shot.sends:
            file = {"name": "名簿.csv", "mimeType": "text/csv", "buffer": shot.sends.encode()}
            page.set_input_files("input[type=file]", file)
            page.locator("main form button[type=submit]").first.click()
        if shot.waits_for:
            page.wait_for_selector(shot.waits_for, state="attached")
        for place in page.locator(shot.opens).all() if shot.opens else ():
            place.click()
        page.wait_for_load_state("networkidle" if "/mail/" not in shot.path else "load")
        seen = page.screenshot()
        wide = PROFILES[shot.profile]["viewport"]["width"]
        high = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": wide, "height": min(high, LONGEST)})
        whole = page.screenshot()
        _save(whole, IMAGES / f"{shot.name}.png")
        if not shot.is_of_practice:
            _save(seen if shot.profile == "phone" else whole, MANUAL / f"{shot.name}.png")
            _list(shot, urlsplit(page.url).path, page.locator("h1").first.inner_text())
        return answer.status if answer else 0

    def _sign_in(self, page: Page, organisation: str, user: str) -> None:
        page.goto(f"{self._demo.address}/signin/")
        page.fill("[name=organisation]", organisation)
        page.fill("[name=identifier]", user)
        page.fill("[name=password]", self._demo.password)
        page.click("main form button[type=submit]")
        page.wait_for_load_state()
        if "/signin/second/" in page.url:
            with page.context.expect_page() as opened:
                page.click(".practice-links a")
            code = opened.value.locator(f"[data-code='{user}']").inner_text()
            opened.value.close()
            page.fill("[name=code]", code)
            page.click("main form button[type=submit]")
        page.wait_for_url(lambda address: "/signin/" not in address)


def _list(shot: Shot, path: str, title: str) -> None:
    listed = json.loads(LISTED.read_text(encoding="utf-8")) if LISTED.exists() else {}
    listed[shot.name] = {"path": path, "profile": shot.profile, "alt": f"「{title.strip()}」の画面"}
    LISTED.write_text(json.dumps(listed, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _save(picture: bytes, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    reduced = Image.open(io.BytesIO(picture)).convert("RGB").quantize(256, method=Image.Quantize.MAXCOVERAGE)
    reduced.save(path, optimize=True)


def main() -> int:
    """Take all pictures, or those that are named; tells each page's status."""
    wanted = set(sys.argv[1:])
    failed = 0
    with fresh_demo() as demo, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        visitor = Visitor(browser, demo)
        for shot in SHOTS:
            if wanted and shot.name not in wanted:
                continue
            status = visitor.take(shot)
            print(f"{status} {shot.name} {shot.path}")
            failed += status >= 400
        browser.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
