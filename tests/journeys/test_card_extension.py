"""The extension between page and tool: which pages it serves, what it hears, whose origin is signed (cards.md 4.3)."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from playwright.sync_api import Browser, Frame, Page

from tests.agent.practice import AUTH, write_people
from tests.journeys.card_desk import CardDesk, card_desk
from warifu_card.token import Token, signed_bytes

pytestmark = pytest.mark.journey
NONCE = "D" * 43 + "="
ASKED = {"command": "authenticate", "id": "one", "nonce": NONCE, "purpose": '{"a":"login"}'}
TALK = """([words, patience]) => new Promise((resolve) => {
  const heard = [];
  const hear = ({ data }) => {
    if (data.warifu !== "card-answer" || data.id !== words.id) return;
    heard.push(data);
    if (data.command !== "progress") resolve(heard);
  };
  window.addEventListener("message", hear);
  window.postMessage({ warifu: "card", ...words }, location.origin);
  setTimeout(() => { window.removeEventListener("message", hear); resolve(heard); }, patience);
})"""


class Pages(BaseHTTPRequestHandler):
    """A page with a frame of its own."""

    def do_GET(self) -> None:
        """The page, or its frame."""
        body = (
            b"<p>frame" if self.path == "/frame" else b'<!doctype html><html lang="ja"><iframe src="/frame"></iframe>'
        )
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Nothing on the terminal."""


@pytest.fixture(scope="module")
def desk(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CardDesk]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    home = tmp_path_factory.mktemp("home")
    address = f"http://localhost:{server.server_port}"
    with card_desk(home, address=address, browser=browser, people=write_people(home / "people.json")) as own:
        yield own
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def page(desk: CardDesk) -> Iterator[Page]:
    own = desk.context.new_page()
    own.goto(desk.address)
    yield own
    own.close()


def talk(place: Page | Frame, *, patience: int = 20_000, **words: Any) -> list[dict[str, Any]]:
    heard: list[dict[str, Any]] = place.evaluate(TALK, [words, patience])
    return heard


def test_a_configured_page_is_heard_in_its_top_frame_alone(desk: CardDesk, page: Page) -> None:
    assert talk(page, command="hello") == [{"warifu": "card-answer", "command": "hello", "version": "1"}]
    frame = page.frame(url=f"{desk.address}/frame")
    assert frame is not None
    assert talk(frame, command="hello", patience=500) == []
    page.goto(desk.address.replace("localhost", "127.0.0.1"))
    assert talk(page, command="hello", patience=500) == []


def test_the_browsers_origin_is_signed_whatever_the_page_says(desk: CardDesk, page: Page) -> None:
    desk.at_the_window("pin-first", AUTH)
    *steps, answer = talk(page, **ASKED, origin="https://bank.example", language="xx", more="x")
    assert [step["step"] for step in steps] == ["pin", "insert", "hold", "done"]
    assert answer.keys() == {"warifu", "command", "id", "token"}
    given = Token.parse(answer["token"])
    key = x509.load_der_x509_certificate(given.certificate).public_key()
    assert isinstance(key, RSAPublicKey)
    signed = signed_bytes(origin=desk.address, nonce=NONCE, purpose='{"a":"login"}')
    key.verify(given.signature, signed, padding.PKCS1v15(), hashes.SHA256())
    assert desk.address in desk.window()
    assert "bank.example" not in desk.window()


@pytest.mark.parametrize(
    "changed", [{"id": 1}, {"nonce": None}, {"purpose": ""}, {"purpose": "x" * 5000}, {"command": "sign"}]
)
def test_what_is_no_question_is_not_passed_on(page: Page, changed: dict[str, Any]) -> None:
    assert talk(page, **(ASKED | changed), patience=300) == []


def test_a_page_may_ask_for_a_sign_in_alone(page: Page) -> None:
    purpose = json.dumps({"a": "hand-in", "n": "x", "u": "1"}, separators=(",", ":"))
    [answer] = talk(page, **(ASKED | {"purpose": purpose}))
    assert answer["fault"]["code"] == "WF-K605"


def test_one_window_at_a_time_and_closing_it_is_an_answer(desk: CardDesk, page: Page) -> None:
    desk.at_the_window(None)
    first, second = page.evaluate(
        f"async () => {{ const talk = {TALK}; const ask = (id) => talk([{{...{json.dumps(ASKED)}, id}}, 20000]);"
        " return Promise.all([ask('one'), ask('two')]); }"
    )
    assert [answer["fault"]["code"] for answer in second] == ["WF-K624"]
    assert [answer["fault"]["code"] for answer in first] == ["WF-S698"]
    assert first[0]["fault"]["remedy"]


def test_a_tool_that_is_not_there_is_told(desk: CardDesk, page: Page) -> None:
    manifest = desk.home / ".config/chromium/NativeMessagingHosts/io.warifu.agent.json"
    away = manifest.with_suffix(".away")
    manifest.rename(away)
    try:
        [answer] = talk(page, **ASKED)
    finally:
        away.rename(manifest)
    assert answer["fault"]["code"] == "WF-K622"
