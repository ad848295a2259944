"""Commands to the card and its answers (ISO 7816-4): short and extended length, chaining, 61xx and 6Cxx.

The text of a command or of an answer, the only one there is, shows data of SELECT and nothing else: no PIN, no digest,
no certificate, no number can come into a log through it (cards.md 1.9).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from warifu_card.faults import MalformedData, ReadFailed
from warifu_card.tlv import LONGEST

GOOD = 0x9000
SELECT, VERIFY, CHANGE, READ_BINARY, READ_RECORD, SIGN, GET_RESPONSE = 0xA4, 0x20, 0x24, 0xB0, 0xB2, 0x2A, 0xC0
_SHORT = 255


@dataclass(frozen=True)
class Command:
    """One command. `le` is how many bytes are wanted back: 0 none, 256 any number up to it."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = field(default=b"", repr=False)
    le: int = 0

    def __post_init__(self) -> None:
        if any(not 0 <= byte <= 0xFF for byte in (self.cla, self.ins, self.p1, self.p2)):
            raise MalformedData
        if len(self.data) > 0xFFFF or not 0 <= self.le <= 0x10000:
            raise MalformedData

    @property
    def is_extended(self) -> bool:
        """Whether it needs the long form of length."""
        return len(self.data) > _SHORT or self.le > 256

    @property
    def carries_secret(self) -> bool:
        """Whether a PIN is in it; such a command is never sent twice."""
        return self.ins in (VERIFY, CHANGE, 0x32) and bool(self.data)

    def encode(self) -> bytes:
        """The bytes for the card."""
        head = bytes([self.cla, self.ins, self.p1, self.p2])
        if not self.is_extended:
            body = bytes([len(self.data)]) + self.data if self.data else b""
            return head + body + (bytes([self.le & 0xFF]) if self.le else b"")
        body = b"\0" + len(self.data).to_bytes(2, "big") + self.data if self.data else b""
        wanted = (self.le & 0xFFFF).to_bytes(2, "big") if self.le else b""
        return head + body + (wanted if body or not wanted else b"\0" + wanted)

    @classmethod
    def decode(cls, raw: bytes) -> Command:
        """The command in the bytes, as a card sees it. Raises `MalformedData`."""
        if len(raw) < 4:
            raise MalformedData
        cla, ins, p1, p2 = raw[:4]
        rest = raw[4:]
        if not rest:
            return cls(cla, ins, p1, p2)
        if len(rest) == 1:
            return cls(cla, ins, p1, p2, le=rest[0] or 256)
        if rest[0]:
            data, tail = rest[1 : 1 + rest[0]], rest[1 + rest[0] :]
            if len(data) != rest[0] or len(tail) > 1:
                raise MalformedData
            return cls(cla, ins, p1, p2, data=data, le=(tail[0] or 256) if tail else 0)
        if len(rest) == 3:
            return cls(cla, ins, p1, p2, le=int.from_bytes(rest[1:], "big") or 0x10000)
        size = int.from_bytes(rest[1:3], "big")
        data, tail = rest[3 : 3 + size], rest[3 + size :]
        if not size or len(data) != size or len(tail) not in (0, 2):
            raise MalformedData
        return cls(cla, ins, p1, p2, data=data, le=(int.from_bytes(tail, "big") or 0x10000) if tail else 0)

    def chained(self, *, size: int = _SHORT) -> Iterator[Command]:
        """The same command in pieces, for a reader that knows no extended length; all but the last have CLA bit 5."""
        pieces = [self.data[at : at + size] for at in range(0, len(self.data), size)] or [b""]
        for piece in pieces[:-1]:
            yield Command(self.cla | 0x10, self.ins, self.p1, self.p2, piece)
        yield Command(self.cla, self.ins, self.p1, self.p2, pieces[-1], min(self.le, 256))

    def __str__(self) -> str:
        head = f"{self.cla:02X}{self.ins:02X}{self.p1:02X}{self.p2:02X}"
        if not self.data:
            shown = ""
        elif self.ins == SELECT:
            shown = f" {self.data.hex().upper()}"
        else:
            shown = f" [{'secret' if self.carries_secret else f'{len(self.data)} bytes'}]"
        return head + shown + (f" le={self.le}" if self.le else "")


@dataclass(frozen=True)
class Response:
    """The card's answer: data and status word."""

    data: bytes = field(repr=False)
    status: int

    @classmethod
    def decode(cls, raw: bytes) -> Response:
        """The answer in the bytes. Raises `ReadFailed` when no status word came."""
        if len(raw) < 2:
            raise ReadFailed
        return cls(raw[:-2], int.from_bytes(raw[-2:], "big"))

    def encode(self) -> bytes:
        """The bytes, as a card gives them."""
        return self.data + self.status.to_bytes(2, "big")

    @property
    def is_good(self) -> bool:
        """Whether the card did it."""
        return self.status == GOOD

    def __str__(self) -> str:
        return f"[{len(self.data)} bytes] {self.status:04X}" if self.data else f"{self.status:04X}"


def exchange(
    transmit: Callable[[bytes], bytes], command: Command, *, trace: Callable[[str], None] | None = None,
    knows_extended: bool = True,
) -> Response:  # fmt: skip
    """Send a command and gather its whole answer: 61xx fetches more, 6Cxx asks again with the right length.

    A command that carries a PIN is sent once, whatever comes back. Raises `ReadFailed` and what the transport raises.
    """

    def send(one: Command) -> Response:
        answer = Response.decode(transmit(one.encode()))
        if trace is not None:
            trace(f"{one} → {answer}")
        return answer

    if command.is_extended and not knows_extended:
        pieces = list(command.chained())
        for piece in pieces[:-1]:
            answer = send(piece)
            if not answer.is_good:
                return answer
        command = pieces[-1]
    answer = send(command)
    if answer.status >> 8 == 0x6C and not command.carries_secret:
        answer = send(
            Command(command.cla, command.ins, command.p1, command.p2, command.data, answer.status & 0xFF or 256)
        )
    data = answer.data
    while answer.status >> 8 == 0x61:
        answer = send(Command(command.cla & 0xEF, GET_RESPONSE, 0, 0, le=answer.status & 0xFF or 256))
        data += answer.data
        if len(data) > LONGEST or (not answer.data and not answer.is_good):
            raise ReadFailed
    return Response(data, answer.status)
