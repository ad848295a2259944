"""A person's desk with a card reader: browser, extension, tool, a screen nobody sees, the real PC/SC daemon.

The card in the reader is a software card; everything between it and the server is what people use.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Browser, BrowserContext, Page

from tests.agent.test_window import PYTHON
from tests.agent.typist import Typist, at_terminal
from tests.browser import CHROMIUM, DESK
from tests.card.daemon import Daemon
from tests.rooms.cards.wallet import INOUE
from tests.server import ROOT
from warifu_card.simulator.authority import ISSUER_ID, Authority
from warifu_card.simulator.card import SimulatedCard, make
from warifu_card.simulator.keys import Keys
from warifu_card.simulator.personas import Persona

AGENT = str(Path(sys.executable).with_name("warifu-agent"))
PIN, PROFILE_PIN = "1234", "4321"


@cache
def authority() -> Authority:
    """The authority of the journey's cards, of this very day."""
    return Authority(Keys(), at=datetime.now(UTC))


def card(**changed: Any) -> SimulatedCard:
    """Somebody's card; the two PINs differ, so that they cannot be mixed up unseen."""
    pins = {**INOUE.pins, "profile": PROFILE_PIN}
    person: Persona = replace(INOUE, pins=pins, **changed)
    return make(person, authority())


def anchors(folder: Path) -> Path:
    """The folder of issuers whom the server trusts: the simulator's."""
    for name in ("auth", "profile"):
        (folder / name).mkdir(parents=True)
    for number, root in enumerate(authority().roots("auth")):
        (folder / "auth" / f"{number}.pem").write_bytes(root.public_bytes(Encoding.PEM))
    key = authority().keys.rsa("card-issuers").public_key()
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / "profile" / f"{ISSUER_ID.hex()}.pem").write_bytes(pem)
    return folder


@dataclass
class CardDesk:
    """One person's computer. `home` is theirs; `daemon` is the PC/SC service with its virtual reader."""

    home: Path
    address: str
    daemon: Daemon | None
    display: str
    context: BrowserContext

    @property
    def page(self) -> Page:
        """The page in front of the person."""
        return self.context.pages[-1]

    def at_the_window(self, *answers: str | None) -> None:
        """What the person will answer in the next window of the tool."""
        (self.home / "answers.json").write_text(json.dumps(answers), encoding="utf-8")
        (self.home / "pages.json").unlink(missing_ok=True)

    def window(self) -> str:
        """What the last window showed, page by page."""
        return (self.home / "pages.json").read_text(encoding="utf-8")

    @contextmanager
    def tool(self, code: str, *words: str) -> Iterator[Typist]:
        """`warifu-agent card` in a terminal, for a code of the page."""
        command = (AGENT, "--language", "ja", "card", "--code", code, *words)
        with at_terminal(*command, environment=surroundings(self.home, self.daemon, self.display)) as typist:
            yield typist

    def answer(self, code: str, own: SimulatedCard, *pins: str, order: str = "", first: str = "") -> tuple[int, str]:
        """Carry a code out with a card: `order` is said on the command line, `first` was chosen on the page."""
        assert self.daemon is not None
        words = ("--order", order) if order else ()
        with self.tool(code, *words) as typist:
            typist.answer("続けますか", "y")
            if (order or first) == "pin-first":
                self._type(typist, pins)
                typist.wait_for("待っています")
                with self.daemon.card(own):
                    return typist.end()
            typist.wait_for("待っています")
            with self.daemon.card(own):
                self._type(typist, pins)
                return typist.end()

    @staticmethod
    def _type(typist: Typist, pins: tuple[str, ...]) -> None:
        """Type as long as somebody is asked: a card that cannot be used ends it earlier."""
        for pin in pins:
            if not typist.is_asked("暗証番号("):
                return
            os.write(typist.terminal, f"{pin}\n".encode())


@contextmanager
def card_desk(
    home: Path, *, address: str, browser: Browser, daemon: Daemon | None = None, people: Path | None = None
) -> Iterator[CardDesk]:
    """A computer on which the tool was set up for one installation; without a daemon it has cards of practice."""
    with _screen() as display:
        own = surroundings(home, daemon, display)
        words = ["install", "--server", address, "--trial", "--browser", "chromium"]
        words += ["--simulated", str(people)] if people else []
        subprocess.run([AGENT, *words], env=own, check=True, capture_output=True)
        data = home / ".local" / "share" / "warifu-agent"
        _let_somebody_sit_down(data / "warifu-agent-host", home)
        extension = data / "extension-chromium"
        context = browser.browser_type.launch_persistent_context(
            home / ".config" / "chromium",
            executable_path=CHROMIUM,
            headless=False,
            args=[
                "--headless=new",
                "--no-sandbox",
                f"--disable-extensions-except={extension}",
                f"--load-extension={extension}",
            ],
            env=own,  # type: ignore[arg-type]
            **DESK,  # type: ignore[arg-type]
        )
        context.set_default_timeout(15_000)
        try:
            yield CardDesk(home=home, address=address, daemon=daemon, display=display, context=context)
        finally:
            context.close()


def surroundings(home: Path, daemon: Daemon | None, display: str) -> dict[str, str]:
    """The environment of the person's programs."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    return kept | (daemon.environment if daemon else {}) | {
        "HOME": str(home), "DISPLAY": display, "LANG": "ja_JP.UTF-8", "PYTHONUTF8": "1"
    }  # fmt: skip


def _let_somebody_sit_down(launcher: Path, home: Path) -> None:
    """The host as it is, in the interpreter that has windows, with somebody in front of it."""
    assert "-m warifu_agent host" in launcher.read_text(encoding="utf-8")
    path = f"{ROOT / 'src'}:{ROOT}:{sysconfig.get_path('purelib')}"
    launcher.write_text(
        f"#!/bin/sh\nexport PYTHONPATH={path} PYTHONDONTWRITEBYTECODE=1\ncd {ROOT}\n"
        f'exec {PYTHON} -m tests.agent.host_scene {home} "$@" 2>>{home}/host.log\n',
        encoding="utf-8",
    )


@contextmanager
def _screen() -> Iterator[str]:
    server = shutil.which("Xvfb")
    assert server, "Xvfb is not installed: make system"
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [server, "-displayfd", str(writing), "-screen", "0", "1280x1024x24", "-nolisten", "tcp"],
        pass_fds=(writing,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        yield f":{os.read(reading, 16).decode().strip()}"
    finally:
        os.close(reading)
        process.terminate()
        process.wait(10)
