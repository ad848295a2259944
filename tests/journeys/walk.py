"""What the journeys share: a mail server that keeps what it gets, and a visitor that looks closely at each page."""

from __future__ import annotations

import email
import email.policy
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

import pyotp
from aiosmtpd.controller import Controller
from playwright.sync_api import Locator, Page

from tests.browser import axe_serious, overflows
from tests.leaks import leaks
from tests.server import free_port

PATIENCE = 40.0
STEP = 30


@dataclass
class PostOffice:
    """A real SMTP server on the loopback address, and every mail that it accepted."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep a mail."""
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))  # type: ignore[arg-type]
        return "250 kept"

    def newest(self, to_mail: str, *, subject: str = "") -> EmailMessage:
        """The newest mail to an address whose subject holds a word; waits until the worker has sent it."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            for mail in reversed(self.mails):
                if to_mail in str(mail["To"]) and subject in str(mail["Subject"]):
                    return mail
            time.sleep(0.2)
        raise AssertionError(f"no mail «{subject}» to {to_mail}; there are {[str(m['Subject']) for m in self.mails]}")

    def holds(self, count: int) -> bool:
        """Whether so many mails have come, waiting for the worker to send them."""
        until = time.monotonic() + PATIENCE
        while len(self.mails) < count and time.monotonic() < until:
            time.sleep(0.2)
        return len(self.mails) == count

    def link(self, to_mail: str, *, subject: str = "") -> str:
        """The link in the newest mail to an address."""
        body = self.newest(to_mail, subject=subject).get_body(("plain",))
        assert body is not None
        found = re.search(r"http://localhost:\d+/\S+", body.get_content())
        assert found, body.get_content()
        return found[0]


@contextmanager
def post_office() -> Iterator[PostOffice]:
    """A post office that is open for the length of the block."""
    office = PostOffice(port=free_port())
    controller = Controller(office, hostname="127.0.0.1", port=office.port)
    controller.start()
    try:
        yield office
    finally:
        controller.stop()


@dataclass
class AuthenticatorApp:
    """What a phone does with the secret that a page gave it; the server takes each time step once (L-17)."""

    secret: str
    used: int = 0
    clock: Callable[[], float] = time.time

    def code(self) -> str:
        """Six digits that were not used yet; waits when the server would not take a later step so early."""
        while self.used >= (latest := int(self.clock()) // STEP + 1):
            time.sleep(0.5)
        self.used = min(max(self.used + 1, int(self.clock() + 10) // STEP - 1), latest)
        return pyotp.TOTP(self.secret).generate_otp(self.used)


@dataclass
class Visitor:
    """Somebody in front of a browser; every page they come to is looked at once for faults and leaks."""

    page: Page
    own_numbers_may_show: bool = False
    seen: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    clock: Callable[[], float] = time.time

    def __post_init__(self) -> None:
        self.page.on("console", lambda message: self._note(message.type, message.text))
        self.page.on("pageerror", lambda error: self.faults.append(f"{self.page.url} script: {error}"))
        self.page.on("response", lambda answer: self._note_status(answer.status, answer.url))

    def go(self, address: str) -> None:
        """Open an address."""
        self.page.goto(address)
        self.look()

    def press(self, name: str, *, exact: bool = False) -> None:
        """Press a button or follow a link by its name, wait for what comes, and look at it."""
        button = self.page.get_by_role("button", name=name, exact=exact)
        target = button if button.count() else self.page.get_by_role("link", name=name, exact=exact)
        self.follow(target.first)

    def follow(self, target: Locator) -> None:
        """Click what leads to another page, wait until it is there, and look at it."""
        with self.page.expect_navigation(wait_until="load"):
            target.click()
        self.look()

    def fill(self, **values: str) -> None:
        """Fill fields by their names."""
        for name, value in values.items():
            self.page.locator(f"[name='{name}']").first.fill(value)

    def second_factor(self, app: AuthenticatorApp) -> None:
        """Type the code of the authenticator app on the page that asks for it, at sign-in or in between."""
        self.fill(code=app.code())
        self.press("コードで確認する")

    def enrol(self) -> AuthenticatorApp:
        """Set an authenticator app up on the spot, on the page that says that one is needed (L-14)."""
        self.press("認証アプリを登録する")
        self.press("QRコードを出す")
        key = self.page.locator("#authenticator-key").inner_text()
        app = AuthenticatorApp(key.replace("-", ""), clock=self.clock)
        self.fill(code=app.code())
        self.press("登録を終える")
        self.press("続ける")
        return app

    def tick(self, name: str, value: str = "") -> None:
        """Tick a box or choose a radio button by the keyboard."""
        choice = f"[name='{name}'][value='{value}']" if value else f"[name='{name}']"
        control = self.page.locator(choice).first
        if not control.is_checked():
            control.focus()
            control.press("Space")
        assert control.is_checked()

    def look(self) -> None:
        """Note what is wrong with the page in front: accessibility, sideways scrolling, numbers that leak."""
        text = self.page.locator("body").inner_text()
        if not self.own_numbers_may_show:
            self.faults += [f"{self.page.url} leaks {leak}" for leak in leaks(self.page.content())]
        place = re.sub(r"[0-9a-f-]{36}|/a/[^/]+", "*", self.page.url.split("?")[0])
        if place not in self.seen:
            self.seen.add(place)
            self.faults += [f"{place} axe: {fault}" for fault in axe_serious(self.page)]
            if overflows(self.page):
                self.faults.append(f"{place} scrolls sideways")
            if "This field is required" in text:
                self.faults.append(f"{place} speaks English")

    def says(self, words: str) -> bool:
        """Whether the page shows some words."""
        return words in self.page.locator("body").inner_text()

    def _note(self, kind: str, text: str) -> None:
        if kind == "error" and "Failed to load resource" not in text:
            self.faults.append(f"{self.page.url} console: {text}")

    def _note_status(self, status: int, url: str) -> None:
        if status >= 500:
            self.faults.append(f"{url} answered {status}")
