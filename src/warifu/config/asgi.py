"""The application for uvicorn: a gate before Django's WSGI application, which is the faster one under threads.

The gate keeps out what WSGI cannot tell apart: header names with `_`, which would pass for those with `-`; proxy
headers from anybody who is no listed proxy; and uploads that broke off, which WSGI would take for complete. Bodies are
read before a thread is taken, so that slow senders hold up nobody.

The electronic certificate of the person stands in `scope["state"]["certificate"]` behind the gate: from our own TLS
connection (`protocol`), or, when a listed proxy holds the connection, from the proxy's two headers (C-07). These
headers themselves never reach the application.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import unquote

from a2wsgi import WSGIMiddleware
from django.conf import settings
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from warifu.config.wsgi import application as django_application

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

THREADS = 16
READ_FIRST = 8 * 1024 * 1024
"""Bodies up to this size are read before a thread is taken; larger ones are passed on as they come."""

CERTIFICATE, VERIFIED = b"x-ssl-client-cert", b"x-ssl-client-verify"
"""How a listed proxy passes the certificate on: in PEM, escaped for URLs, and `SUCCESS` when it fits our authority."""

_PROXY_WORDS = (
    b"forwarded", b"x-forwarded", b"x-real-ip", b"x-ssl", b"ssl-", b"x-client", b"client-cert", b"x-tls", b"tls-"
)  # fmt: skip
"""How names begin that only a proxy may say, whatever follows."""
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----\s[A-Za-z0-9+/=\s]{1,20000}-----END CERTIFICATE-----\s*")


class BrokenOff(OSError):
    """The sender went away in the middle of a body."""


class Gate:
    """Lets only honest and complete requests through."""

    def __init__(self, app: App, *, proxies: list[str]) -> None:
        self._app = app
        self._proxies = frozenset(proxies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Called by the server for each request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if not scope["query_string"].isascii():
            await _refuse(send, 400)
            return
        from_proxy = scope["client"] is not None and scope["client"][0] in self._proxies
        if from_proxy:
            scope["state"] = {**scope.get("state", {}), "certificate": passed_on(scope["headers"])}
        scope["headers"] = [
            (name, value)
            for name, value in scope["headers"]
            if b"_" not in name and name not in (CERTIFICATE, VERIFIED) and (from_proxy or not _is_proxys(name))
        ]
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if length.isdigit() and 0 < int(length) <= READ_FIRST:
            body = await _whole(receive)
            if body is None:
                return
            await self._app(scope, _replay(body), send)
        else:
            await self._app(scope, _guarded(receive), send)


def passed_on(headers: list[tuple[bytes, bytes]]) -> bytes:
    """The certificate (DER) that a listed proxy passes on, or nothing; each of the two headers stands there once."""
    certificates = [value for name, value in headers if name == CERTIFICATE]
    verdicts = [value for name, value in headers if name == VERIFIED]
    if verdicts != [b"SUCCESS"] or len(certificates) != 1:
        return b""
    pem = unquote(certificates[0].decode("latin-1"))
    if not _PEM.fullmatch(pem):
        return b""
    try:
        return ssl.PEM_cert_to_DER_cert(pem.strip())
    except ValueError:
        return b""


def _is_proxys(name: bytes) -> bool:
    return name.startswith(_PROXY_WORDS)


async def _whole(receive: Receive) -> bytes | None:
    """The whole body; None when the sender went away before its end."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return bytes(body)


def _replay(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _guarded(receive: Receive) -> Receive:
    async def guarded() -> Message:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BrokenOff("the sender went away")
        return message

    return guarded


async def _refuse(send: Send, status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


def _build() -> Gate:
    proxies = settings.WARIFU.trusted_proxies
    wsgi: Any = django_application
    inner: Any = WSGIMiddleware(wsgi, workers=THREADS)
    if proxies:
        inner = ProxyHeadersMiddleware(inner, trusted_hosts=proxies)
    return Gate(inner, proxies=proxies)


application = _build()
