"""One connection: the certificate that it showed, and how long the head of a request may take."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from uvicorn.config import Config
from uvicorn.server import ServerState

from warifu.config import protocol


class TlsObject:
    """What TLS tells of the other side."""

    def __init__(self, certificate: bytes | None) -> None:
        self._certificate = certificate

    def getpeercert(self, *, binary_form: bool) -> bytes | None:
        """The certificate in DER."""
        assert binary_form
        return self._certificate


class Transport(asyncio.Transport):
    """A connection that goes nowhere."""

    def __init__(self, tls: TlsObject | None) -> None:
        super().__init__({"peername": ("192.0.2.1", 1), "sockname": ("127.0.0.1", 443), "ssl_object": tls})
        self.aborted = False

    def write(self, data: Any) -> None:
        """Thrown away."""

    def abort(self) -> None:
        """Closed at once."""
        self.aborted = True

    def close(self) -> None:
        """Closed."""

    def is_closing(self) -> bool:
        """Whether it is going."""
        return self.aborted

    def pause_reading(self) -> None:
        """Nothing to pause."""

    def resume_reading(self) -> None:
        """Nothing to resume."""


async def talk(tls: TlsObject | None, *pieces: bytes) -> tuple[list[dict[str, Any]], Transport, protocol.Protocol]:
    """Send pieces over a connection; the scopes of the requests that came together, the connection, its protocol."""
    scopes: list[dict[str, Any]] = []

    async def app(scope: Any, _receive: Any, send: Any) -> None:
        scopes.append(scope)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    config = Config(app, http=protocol.Protocol, lifespan="off", ws="none", log_config=None)
    config.load()
    connection = protocol.Protocol(config, ServerState(), {})
    transport = Transport(tls)
    connection.connection_made(transport)
    for piece in pieces:
        connection.data_received(piece)
        await asyncio.gather(*connection.tasks)
    return scopes, transport, connection


WHOLE = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.shows("C-04")
@pytest.mark.parametrize(
    ("tls", "shown"), [(None, b""), (TlsObject(None), b""), (TlsObject(b"certificate"), b"certificate")]
)
def test_each_request_knows_the_certificate_of_its_connection(tls: TlsObject | None, shown: bytes) -> None:
    async def run() -> None:
        scopes, _transport, _connection = await talk(tls, WHOLE, WHOLE)
        assert [scope["state"] for scope in scopes] == [{"certificate": shown}] * 2

    asyncio.run(run())


@pytest.mark.parametrize("pieces", [(), (b"GET / HT",), (WHOLE, b"GET /agai"), (b"GET / HT", b"TP/1.1\r\nHost: lo")])
def test_a_head_that_does_not_come_loses_its_connection(
    pieces: tuple[bytes, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.0)

    async def run() -> None:
        _scopes, transport, _connection = await talk(None, *pieces)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert transport.aborted

    asyncio.run(run())


def test_whoever_is_being_answered_is_left_in_peace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither while a body comes, nor while the application works, nor afterwards before the next request begins."""
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.0)

    async def run() -> None:
        never = asyncio.Event()

        async def app(_scope: Any, _receive: Any, _send: Any) -> None:
            await never.wait()

        config = Config(app, http=protocol.Protocol, lifespan="off", ws="none", log_config=None)
        config.load()
        connection = protocol.Protocol(config, ServerState(), {})
        transport = Transport(None)
        connection.connection_made(transport)
        connection.data_received(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\nhalf")
        for _ in range(5):
            await asyncio.sleep(0)
        assert not transport.aborted
        for task in connection.tasks:
            task.cancel()
        connection.connection_lost(None)

    asyncio.run(run())


def test_a_lost_connection_leaves_no_timer() -> None:
    async def run() -> None:
        _scopes, _transport, connection = await talk(None, b"GET / HT")
        assert connection._head_due is not None
        connection.connection_lost(None)
        assert connection._head_due is None

    asyncio.run(run())
