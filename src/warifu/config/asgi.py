"""The application for uvicorn: a gate before Django's WSGI application, which is the faster one under threads.

The gate keeps out what WSGI cannot tell apart: header names with `_`, which would pass for those with `-`; proxy
headers from anybody who is no listed proxy; and uploads that broke off, which WSGI would take for complete. Bodies are
read before a thread is taken, so that slow senders hold up nobody.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

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

_FROM_PROXIES = frozenset(
    {b"forwarded", b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"x-forwarded-port"}
)


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
        scope["headers"] = [
            (name, value)
            for name, value in scope["headers"]
            if b"_" not in name and (from_proxy or name not in _FROM_PROXIES)
        ]
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if length.isdigit() and 0 < int(length) <= READ_FIRST:
            body = await _whole(receive)
            if body is None:
                return
            await self._app(scope, _replay(body), send)
        else:
            await self._app(scope, _guarded(receive), send)


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
