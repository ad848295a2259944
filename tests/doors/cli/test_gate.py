"""The gate before the application: forged headers, proxies, broken uploads, slow senders."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

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
    certificate = environ["asgi.scope"].get("state", {}).get("certificate", b"")
    told = {"headers": seen, "body": len(body), "address": environ["REMOTE_ADDR"], "certificate": certificate.hex()}
    return [json.dumps(told).encode()]


def ask(
    headers: dict[str, str] | list[tuple[str, str]],
    *,
    body: list[Message] | None = None,
    proxies: list[str] | None = None,
    query: bytes = b"",
    app: Any = None,
    certificate: bytes | None = None,
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
        "headers": [(name.encode(), value.encode()) for name, value in _pairs(headers)],
    }
    if certificate is not None:
        scope["state"] = {"certificate": certificate}

    async def run() -> None:
        await Gate(app or WSGIMiddleware(echo), proxies=proxies or [])(scope, receive, send)

    asyncio.run(run())
    return sent


def _pairs(headers: dict[str, str] | list[tuple[str, str]]) -> list[tuple[str, str]]:
    return list(headers.items()) if isinstance(headers, dict) else headers


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


PROXY = ["10.0.0.9"]
SHOWN = quote(ssl.DER_cert_to_PEM_cert(b"what a browser showed"))
GOOD = [("x-ssl-client-cert", SHOWN), ("x-ssl-client-verify", "SUCCESS")]


@pytest.mark.shows("C-07")
def test_a_listed_proxy_passes_the_certificate_on() -> None:
    found = told(ask(GOOD, proxies=PROXY))
    assert bytes.fromhex(found["certificate"]) == b"what a browser showed"
    assert found["headers"] == {}, "the headers themselves go no further"


@pytest.mark.shows("C-07")
@pytest.mark.parametrize(
    "headers",
    [
        GOOD[:1],
        GOOD[1:],
        [GOOD[0], ("x-ssl-client-verify", "FAILED:certificate has expired")],
        [GOOD[0], ("x-ssl-client-verify", "NONE")],
        [GOOD[0], ("x-ssl-client-verify", "success")],
        [*GOOD, GOOD[0]],
        [*GOOD, GOOD[1]],
        [("x-ssl-client-cert", ""), GOOD[1]],
        [("x-ssl-client-cert", f"{SHOWN},{SHOWN}"), GOOD[1]],
        [("x-ssl-client-cert", SHOWN + SHOWN), GOOD[1]],
        [("x-ssl-client-cert", "%00" + SHOWN), GOOD[1]],
        [("x-ssl-client-cert", "%ff%fe"), GOOD[1]],
        [("x_ssl_client_cert", SHOWN), GOOD[1]],
    ],
)
def test_anything_else_from_a_proxy_is_no_certificate(headers: list[tuple[str, str]]) -> None:
    assert told(ask(headers, proxies=PROXY))["certificate"] == ""


@pytest.mark.shows("C-07")
def test_nobody_but_a_listed_proxy_passes_one_on() -> None:
    assert told(ask(GOOD, proxies=["10.0.0.8"]))["certificate"] == ""
    assert told(ask(GOOD, certificate=b"own"))["certificate"] == b"own".hex(), "our own connection's counts"


def test_the_certificate_of_a_proxys_own_connection_is_nobodys() -> None:
    assert told(ask({}, proxies=PROXY, certificate=b"the proxy's"))["certificate"] == ""


@pytest.mark.shows("C-07")
@pytest.mark.parametrize(
    "name",
    ["x-ssl-cert", "ssl-client-cert", "x-client-cert", "client-cert", "x-forwarded-client-cert", "x-tls-client-cert"],
)
def test_words_of_proxies_from_others_are_dropped(name: str) -> None:
    assert told(ask({name: "forged"}))["headers"] == {}


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
