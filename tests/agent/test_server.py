"""The other end of the line: whom the program speaks to, and what it says when nobody fits."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.server import free_port
from warifu_agent.faults import NotWarifu, Refused, RootUnreadable, Unprotected, Unreachable
from warifu_agent.server import Server


class Answer(BaseHTTPRequestHandler):
    """Answers every request with the same words."""

    status, words = 200, b"{}"

    def do_POST(self) -> None:
        """The words."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(self.words)

    def log_message(self, *_words: object) -> None:
        """Nothing on the terminal."""


@pytest.fixture
def answering() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def begin(address: str) -> str:
    server = Server(address, language="ja")
    try:
        return server.begin(organisation="aoba", identifier="aoki")
    finally:
        server.close()


@pytest.mark.shows("V-10")
@pytest.mark.parametrize(
    "address", ["http://warifu.example", "ftp://localhost", "warifu.example", "", "http://localhost.evil.example"]
)
def test_only_protected_addresses_are_spoken_to(address: str) -> None:
    with pytest.raises(Unprotected):
        Server(address, language="ja")


def test_nobody_there() -> None:
    with pytest.raises(Unreachable):
        begin(f"http://127.0.0.1:{free_port()}")


@pytest.mark.parametrize(
    ("status", "words"), [(200, b"<html>"), (200, b"{}"), (200, b"[]"), (404, b'{"detail": "x"}'), (502, b"")]
)
def test_somebody_else_there(answering: HTTPServer, monkeypatch: pytest.MonkeyPatch, status: int, words: bytes) -> None:
    monkeypatch.setattr(Answer, "status", status)
    monkeypatch.setattr(Answer, "words", words)
    with pytest.raises(NotWarifu):
        begin(f"http://127.0.0.1:{answering.server_port}")


def test_a_refusal_keeps_the_servers_code_and_words(answering: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Answer, "status", 429)
    monkeypatch.setattr(
        Answer, "words", '{"code": "WF-S201", "sentence": "お待ちください。", "remedy": "5分。"}'.encode()
    )
    with pytest.raises(Refused) as caught:
        begin(f"http://127.0.0.1:{answering.server_port}")
    assert caught.value.name == "WF-S201"
    assert [words.ja for words in caught.value.words] == ["お待ちください。", "5分。"]


def test_a_root_certificate_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(RootUnreadable):
        Server("https://localhost", language="ja", ca=tmp_path / "nothing.pem")
