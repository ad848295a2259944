"""The card behind the real PC/SC daemon, through vsmartcard's driver `vpcd` (cards.md 3.1).

The driver listens and the card connects. A frame is two bytes of length and a body, both ways; a body of one byte is a
control: off, on, reset, or "what is your ATR". Closing the connection is lifting the card.
"""

from __future__ import annotations

import socket
import sys

from warifu_card.faults import CardRemoved
from warifu_card.transport.simulator import Answering

PORT = 35963
_OFF, _ON, _RESET, _ATR = 0, 1, 2, 4
_QUICKACK = 12 if sys.platform == "linux" else None


def insert(card: Answering, host: str, port: int = PORT) -> None:
    """Connect to the driver and answer until the card is lifted or the driver goes. Raises `OSError`."""
    with socket.create_connection((host, port), timeout=10) as connection:
        connection.settimeout(None)
        serve(card, connection)


def serve(card: Answering, connection: socket.socket) -> None:
    """Answer on a connection to the driver until the card is lifted or the driver goes."""
    while card.is_there:
        body = _receive(connection)
        if body is None:
            return
        if len(body) != 1:
            try:
                _send(connection, card.answer(body))
            except CardRemoved:
                return
        elif body[0] == _ATR:
            _send(connection, card.atr)
        elif body[0] in (_OFF, _ON, _RESET):
            card.reset()


def _send(connection: socket.socket, body: bytes) -> None:
    connection.sendall(len(body).to_bytes(2, "big") + body)


def _receive(connection: socket.socket) -> bytes | None:
    head = _read(connection, 2)
    return None if head is None else _read(connection, int.from_bytes(head, "big"))


def _read(connection: socket.socket, size: int) -> bytes | None:
    data = b""
    while len(data) < size:
        if _QUICKACK is not None and connection.family != socket.AF_UNIX:
            # Debian's vpcd writes length and body apart: without it, each command waits 44 ms for an acknowledgement
            connection.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
        try:
            piece = connection.recv(size - len(data))
        except ConnectionError:
            return None
        if not piece:
            return None
        data += piece
    return data
