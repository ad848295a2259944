"""What one connection is to the server: the electronic certificate that it showed, and how long a request may dawdle.

TLS has already proved that the other side holds the certificate's key, and that our authority stands above it; whether
it is still good, and whose it is, the application asks the database at every request (C-04, C-05).
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 30.0
"""How long a connection may take until the head of a request is there; slow senders then lose their connection."""


class Protocol(H11Protocol):
    """HTTP/1.1 that puts the peer's certificate (DER, empty without one) into `scope["state"]["certificate"]`."""

    _head_due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Called when the connection stands, after the handshake; a resumed session still knows its certificate."""
        super().connection_made(transport)
        tls = transport.get_extra_info("ssl_object")
        certificate = tls.getpeercert(binary_form=True) if tls is not None else None
        self.app_state = {**self.app_state, "certificate": certificate or b""}
        self._watch_head()

    def data_received(self, data: bytes) -> None:
        """Called with each piece of a request."""
        super().data_received(data)
        self._watch_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called when the connection is gone."""
        self._forget_head()
        super().connection_lost(exc)

    def _watch_head(self) -> None:
        if not self._is_waiting():
            self._forget_head()
        elif self._head_due is None:
            self._head_due = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _forget_head(self) -> None:
        if self._head_due is not None:
            self._head_due.cancel()
            self._head_due = None

    def _give_up(self) -> None:
        self._head_due = None
        if self._is_waiting():
            self.transport.abort()

    def _is_waiting(self) -> bool:
        cycle: Any = self.cycle
        return cycle is None or bool(cycle.response_complete)
