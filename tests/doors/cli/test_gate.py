"""The gate before the application: forged headers, proxies, broken uploads, slow senders."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from a2wsgi import WSGIMiddleware

from warifu.config import asgi
from warifu.config.asgi import READ_FIRST, BrokenOff, Gate

Message = dict[str, Any]


def echo(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """A WSGI application that tells what reached it."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(length)
    start("200 OK", [("content-type", "application/json")])
    seen = {name: value for name, value in environ.items() if name.startswith("HTTP_")}
    return [json.dumps({"headers": seen, "body": len(body), "address": environ["REMOTE_ADDR"]}).encode()]


def ask(
    headers: dict[str, str],
    *,
    body: list[Message] | None = None,
    proxies: list[str] | None = None,
    query: bytes = b"",
    app: Any = None,
) -> list[Message]:
    """Send one request through the gate; returns what came back."""
    messages = list(body or [{"type": "http.request", "body": b"", "more_body": False}])
    sent: list[Message] = []

    async def receive() -> Message:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(dict(message))

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "query_string": query,
        "http_version": "1.1",
        "client": ("10.0.0.9", 1),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }

    async def run() -> None:
        await Gate(app or WSGIMiddleware(echo), proxies=proxies or [])(scope, receive, send)

    asyncio.run(run())
    return sent


def told(sent: list[Message]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(b"".join(message.get("body", b"") for message in sent))
    return found


@pytest.mark.shows("V-08")
def test_a_header_with_underscores_cannot_pass_for_one_with_hyphens() -> None:
    assert told(ask({"x_forwarded_proto": "https", "x_ssl_cert": "forged", "x-fine": "1"}))["headers"] == {
        "HTTP_X_FINE": "1"
    }


@pytest.mark.parametrize("name", ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "forwarded"])
def test_proxy_headers_count_from_listed_proxies_only(name: str) -> None:
    assert told(ask({name: "1.2.3.4"}))["headers"] == {}
    assert told(ask({name: "1.2.3.4"}, proxies=["10.0.0.8"]))["headers"] == {}
    assert len(told(ask({name: "1.2.3.4"}, proxies=["10.0.0.9"]))["headers"]) == 1


def pieces(*parts: bytes, whole: bool) -> list[Message]:
    count = len(parts)
    return [
        {"type": "http.request", "body": part, "more_body": number < count or not whole}
        for number, part in enumerate(parts, start=1)
    ]


def test_a_body_arrives_whole() -> None:
    assert told(ask({"content-length": "6"}, body=pieces(b"abc", b"def", whole=True)))["body"] == 6


def test_a_broken_upload_reaches_nobody() -> None:
    assert ask({"content-length": "6"}, body=pieces(b"abc", whole=False)) == []


def test_a_large_broken_upload_is_no_whole_one() -> None:
    with pytest.raises(BrokenOff):
        ask({"content-length": str(READ_FIRST + 1)}, body=pieces(b"abc", whole=False))


def test_a_slow_sender_takes_no_thread() -> None:
    """The application is not called before the body is there."""
    called = []

    async def app(_scope: Any, receive: Any, _send: Any) -> None:
        called.append(await receive())

    ask({"content-length": "6"}, body=pieces(b"abc", b"def", whole=True), app=app)
    assert called == [{"type": "http.request", "body": b"abcdef", "more_body": False}]


def test_a_query_that_is_no_ascii_is_a_bad_request() -> None:
    assert ask({}, query="番号".encode())[0]["status"] == 400


def test_our_application_stands_behind_the_gate() -> None:
    assert isinstance(asgi.application, Gate)
