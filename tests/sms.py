"""A provider of text messages that speaks the protocol of docs/operations/texting.md over real HTTP on loopback."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "sms-token-of-the-tests"
PATIENCE = 40.0


@dataclass
class Provider:
    """Keeps each message once under its id; `answers` are what the next requests get instead of being taken.

    An answer is a status with headers and body, `hang` (no answer until the end), or `drop` (the message is taken, and
    the connection cut in the middle of the answer).
    """

    port: int = 0
    messages: dict[str, dict[str, str]] = field(default_factory=dict)
    requests: list[tuple[dict[str, str], dict[str, str]]] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        """Where messages are posted."""
        return f"http://127.0.0.1:{self.port}/v1/messages"

    def code(self, to_phone: str, *, after: int = 0) -> str:
        """The six digits of the newest message to a number, once more than `after` have come."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            sent = [message["text"] for message in self.messages.values() if message["to"] == to_phone]
            if len(sent) > after:
                found = re.search(r"\d{6}", sent[-1])
                assert found, sent[-1]
                return found[0]
            time.sleep(0.1)
        raise AssertionError(f"no text message to {to_phone}; there are {list(self.messages.values())}")


@contextmanager
def sms_provider() -> Iterator[Provider]:
    """A provider that is open for the length of the block."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            body = json.loads(self.rfile.read(length))
            provider.requests.append((dict(self.headers), body))
            answer = provider.answers.pop(0) if provider.answers else None
            if answer == "hang":
                provider.closing.wait(60)
                self.close_connection = True
                return
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                answer = (401, {}, {"reason": "unknown token"})
            if answer in (None, "drop"):
                provider.messages.setdefault(body["id"], body)
            status, headers, said = answer if isinstance(answer, tuple) else (202, {}, {"id": body["id"]})
            content = json.dumps(said).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[:3] if answer == "drop" else content)
            if answer == "drop":
                self.wfile.flush()
                self.close_connection = True

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    provider.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        provider.closing.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
