"""kill -9 of server and worker at random moments, again and again: every promise is kept (J3).

Real processes on an installation of their own, a real SMTP server, real forms. The moments are drawn from a seed; what
is promised holds at each of them, so nothing here depends on how fast the machine is. A killed worker's lease is let
lapse in the table: time is given, not slept.
"""

from __future__ import annotations

import io
import json
import re
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.cast import test_number as practice_number
from tests.journeys.scene import MARK
from tests.journeys.walk import PATIENCE, PostOffice, post_office
from tests.leaks import leaks_of
from tests.server import ROOT, Installation, installation

pytestmark = pytest.mark.journey

PEOPLE = 3_000
LETTERS = 400
PERSON = {
    "family_name": "検証",
    "given_name": "太郎",
    "family_kana": "ケンショウ",
    "given_kana": "タロウ",
    "born_on_year": "1990",
    "born_on_month": "4",
    "born_on_day": "2",
    "postal_code": "1000001",
    "prefecture": "東京都",
    "city": "千代田区",
    "street": "千代田1-1",
    "building": "",
}
SLOTS = ("number.number_card.back", "number.number_card.front")
LEASES = ("collection_roster", "collection_document", "notices_letter")


@dataclass
class House:
    """An installation whose processes come and go, and the dice that say when."""

    own: Installation
    post: PostOffice
    random: Random
    living: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def scene(self, name: str, count: int = 0) -> dict[str, Any]:
        """Play a scene in a process of its own."""
        words = [sys.executable, "-m", "tests.journeys.scene", name, str(count)]
        done = subprocess.run(words, env=self.own.environment, cwd=ROOT, check=True, capture_output=True, text=True)
        told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return told

    def worker(self) -> subprocess.Popen[bytes]:
        """Start `warifu worker`."""
        self.living.append(self.own.begin("worker"))
        return self.living[-1]

    def serve(self) -> subprocess.Popen[bytes]:
        """Start `warifu serve` and wait until it answers."""
        self.living.append(self.own.serve())
        return self.living[-1]

    def kill(self, process: subprocess.Popen[bytes], *, within: float = 0.0) -> None:
        """SIGKILL, at a random moment of the next seconds; the dead one's leases lapse."""
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=self.random.uniform(0, within))
            raise AssertionError(f"it ended by itself:\n{self.own.log.read_text()[-3000:]}")
        process.kill()
        process.wait()
        self.living.remove(process)
        with closing(sqlite3.connect(self.own.data / "warifu.sqlite3", timeout=30)) as database, database:
            for table in LEASES:
                database.execute(f"UPDATE {table} SET lease_until = '2000-01-01' WHERE lease_until IS NOT NULL")  # noqa: S608

    def ask(self, question: str, *values: str) -> list[Any]:
        """Rows of the database as it stands."""
        with closing(sqlite3.connect(self.own.data / "warifu.sqlite3", timeout=30)) as database:
            return database.execute(question, values).fetchall()

    def one(self, question: str, *values: str) -> Any:
        """The single value that a question has."""
        return self.ask(question, *values)[0][0]

    def until(self, holds: Callable[[], object]) -> None:
        """Wait until something holds."""
        end = time.monotonic() + PATIENCE
        while not holds():
            is_over = time.monotonic() > end or any(process.poll() is not None for process in self.living)
            assert not is_over, self.own.log.read_text()[-3000:]
            time.sleep(0.005)

    def has_whole_trail(self) -> bool:
        """Whether `warifu audit verify` finds nothing; it fails by itself otherwise."""
        return json.loads(self.own.warifu("audit", "verify", "--json"))["faults"] == []

    def end(self) -> None:
        """End what still runs."""
        for process in self.living:
            process.kill()
            process.wait()


@pytest.fixture
def house() -> Iterator[House]:
    with (
        post_office() as post,
        installation(
            mail_host="127.0.0.1",
            mail_port=str(post.port),
            mail_security="none",
            mail_from="number@aoba.example",
            worker="outside",
        ) as own,
    ):
        scratch = own.data / "tmp"
        scratch.mkdir()
        own.environment["TMPDIR"] = str(scratch)
        house = House(own=own, post=post, random=Random(20261124))
        try:
            yield house
        finally:
            house.end()


@pytest.mark.shows("V-07")
def test_an_import_is_nobody_or_everybody(house: House) -> None:
    house.scene("office")
    house.scene("receive", PEOPLE)
    worker = house.worker()
    for depth in (0.0, 0.3):
        worker = kill_at_work(house, worker, "checking", depth)
    house.until(lambda: house.one("SELECT state FROM collection_roster") == "checked")
    assert house.one("SELECT accepted FROM collection_roster") == PEOPLE
    house.scene("load")
    for depth in (0.0, 0.3, 0.6):
        worker = kill_at_work(house, worker, "loading", depth)
    house.until(lambda: house.one("SELECT state FROM collection_roster") == "loaded")
    assert loaded(house) == (PEOPLE, PEOPLE)
    events = dict(house.ask("SELECT event, count(*) FROM audit_entry GROUP BY event"))
    assert events["collection.roster.loaded"] == 1
    assert house.has_whole_trail()


def kill_at_work(house: House, worker: subprocess.Popen[bytes], state: str, depth: float) -> subprocess.Popen[bytes]:
    """Kill a worker that has taken the roster, at once or up to `depth` seconds into the work; returns the next one."""
    question = "SELECT lease_until > '2001-01-01' OR state NOT IN ('received', ?) FROM collection_roster"
    house.until(lambda: house.one(question, state))
    house.kill(worker, within=depth)
    everybody = house.one("SELECT state FROM collection_roster") == "loaded"
    assert loaded(house) == ((PEOPLE, PEOPLE) if everybody else (0, 0))
    return house.worker()


def loaded(house: House) -> tuple[int, int]:
    """People and entries that came from the roster."""
    people = house.one("SELECT count(*) FROM organisations_member WHERE employee_code LIKE 'k%'")
    return people, house.one("SELECT count(*) FROM collection_rosterentry")


@pytest.mark.shows("001-11")
def test_each_person_is_asked_once_and_no_letter_is_lost(house: House) -> None:
    aoki = house.scene("office", LETTERS)["sessions"]["aoki"]
    worker = house.worker()
    assert asked(house) == 0
    for depth in (0.3, 0.9):
        server = house.serve()
        with Browser(house.own.address, aoki) as browser:
            pressing = threading.Thread(
                target=browser.press_once, args=("/desk/invitations/", "/desk/invitations/send/")
            )
            pressing.start()
            house.kill(server, within=depth)
            pressing.join()
        assert asked(house) in (0, LETTERS)
    server = house.serve()
    with Browser(house.own.address, aoki) as browser:
        browser.press_once("/desk/invitations/", "/desk/invitations/send/")
    assert asked(house) == LETTERS
    for _time in range(4):
        reached = len(house.post.mails) + house.random.randrange(1, LETTERS // 8)
        house.until(lambda: len(house.post.mails) >= reached or not to_settle(house))  # noqa: B023
        house.kill(worker, within=0.02)
        worker = house.worker()
    assert insist_settled(house)["uncertain"] <= 4
    assert house.has_whole_trail()


def insist_settled(house: House) -> Counter[str]:
    """Wait for the last letter: each has arrived once, or nobody knows and it says so; returns what became of them."""
    house.until(lambda: not to_settle(house))
    states = dict(house.ask("SELECT message_id, state FROM notices_letter"))
    arrived = Counter(str(mail["Message-ID"]).strip() for mail in house.post.mails)
    assert max(arrived.values()) == 1
    assert set(states.values()) <= {"accepted", "uncertain"}
    assert {name for name, state in states.items() if state == "accepted"} <= set(arrived) <= set(states)
    return Counter(states.values())


def to_settle(house: House) -> int:
    """How many letters are still on their way out."""
    count: int = house.one("SELECT count(*) FROM notices_letter WHERE state IN ('waiting', 'sending')")
    return count


def asked(house: House) -> int:
    """How many people were asked; each of them has exactly one letter, and nobody else has one."""
    invited = house.ask("SELECT member_id FROM collection_rosterentry WHERE state = 'invited'")
    assert sorted(house.ask("SELECT member_id FROM notices_letter WHERE kind = 'invitation'")) == sorted(invited)
    return len(invited)


@pytest.mark.shows("V-07")
def test_what_is_handed_in_is_whole_or_not_there(house: House) -> None:
    house.own.environment["WARIFU_WORKER"] = "inside"
    sessions = house.scene("office", 40)["sessions"]
    del sessions["aoki"]
    over = threading.Event()
    with ThreadPoolExecutor(2) as phones:
        walks = [phones.submit(hand_in, house.own.address, code, token, over) for code, token in sessions.items()]
        try:
            for _time in range(6):
                server = house.serve()
                house.kill(server, within=1.4)
            house.serve()
        finally:
            over.set()
        codes = {walk.result() for walk in walks} - {""}
    house.until(lambda: not house.one("SELECT count(*) FROM collection_document WHERE state = 'received'"))
    assert insist_settled(house).total() == len(codes)
    assert house.has_whole_trail()
    house.end()
    found = house.scene("handed_in")
    assert {row.pop("code"): row for row in found.pop("submissions")} == {
        code: {
            "state": "submitted",
            "entry": "submitted",
            "has_receipt": True,
            "letters": 1,
            "number": number_of(code),
            "pictures": [[slot, "ready", True] for slot in SLOTS],
        }
        for code in codes
    }
    unnamed = found.pop("unnamed")
    assert found == {
        "numbers_lost": 0,
        "pictures_lost": 0,
        "cipher_text_lost": 0,
        "unnamed_that_open": 0,
        "swept_clean": True,
    }, unnamed
    insist_nothing_plain(house, [number_of(code) for code in codes])


def insist_nothing_plain(house: House, numbers: list[str]) -> None:
    """Look for the marked pictures and the numbers in every file that the processes ever wrote, mails too."""
    written = [path for path in house.own.data.rglob("*") if path.is_file()]
    assert any(path.parent.parent.parent.name == "sealed" for path in written)
    for content in [path.read_bytes() for path in written] + [bytes(mail) for mail in house.post.mails]:
        assert MARK not in content
        assert leaks_of(numbers, content) == []


class Browser:
    """A signed-in browser that loses its server now and then, and a person who presses the button again."""

    def __init__(self, address: str, token: str) -> None:
        self.client = httpx.Client(base_url=address, cookies={"warifu": token}, timeout=20)

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def press_once(self, page: str, address: str) -> None:
        """Open a page and press its button; what becomes of it, nobody hears."""
        with suppress(httpx.TransportError):
            self._press(page, address, {}, {})

    def press(self, page: str, address: str, data: dict[str, str], files: dict[str, Any] | None = None) -> int:
        """Open a page and press its button until a server answers; returns the status."""
        return self._again(lambda: self._press(page, address, data, files or {}))

    def open(self, page: str) -> int:
        """Open a page until a server answers; returns the status."""
        return self._again(lambda: self.client.get(page).status_code)

    def _again(self, act: Callable[[], int]) -> int:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with suppress(httpx.TransportError):
                return act()
            time.sleep(0.02)
        raise AssertionError("nobody answers")

    def _press(self, page: str, address: str, data: dict[str, str], files: dict[str, Any]) -> int:
        shown = self.client.get(page, follow_redirects=True)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', shown.text)
        version = re.search(r'name="version" value="(\d+)"', shown.text)
        if token is None:
            return shown.status_code
        form = {"csrfmiddlewaretoken": token[1], **data}
        if version:
            form["version"] = version[1]
        return self.client.post(address, data=form, files=files).status_code


def number_of(code: str) -> str:
    """The number of one person, of the test mode."""
    return practice_number(f"{int(code[1:]) + 31_415_926_000:011d}")


def hand_in(address: str, code: str, token: str, over: threading.Event) -> str:
    """Walk from the start to the receipt; returns the code, or nothing when all is over before the start."""
    if over.is_set():
        return ""
    my = "/my/submission"
    with Browser(address, token) as browser:
        assert browser.press("/my/", f"{my}/start", {}) == 302
        assert browser.press(f"{my}/purpose", f"{my}/purpose", {}) == 302
        assert browser.press(f"{my}/person", f"{my}/person", PERSON) == 302
        assert browser.press(f"{my}/number", f"{my}/number", {"number": number_of(code)}) == 302
        assert browser.press(f"{my}/papers", f"{my}/papers", {"method": "number_card", "card": "number_card"}) == 302
        for slot in SLOTS:
            page = f"{my}/picture?slot={slot}"
            assert browser.press(page, page, {}, {"picture": ("a.jpg", picture(), "image/jpeg")}) == 302
        assert browser.press(f"{my}/review", f"{my}/submit", {}) in (302, 404)
        assert browser.open(f"{my}/receipt") == 200
    return code


def picture() -> bytes:
    """A photographed paper with a mark in its comment."""
    with io.BytesIO() as out:
        Image.new("RGB", (1200, 800), "white").save(out, "JPEG", comment=MARK)
        return out.getvalue()
