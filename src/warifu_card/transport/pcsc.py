"""The real way: PC/SC through pyscard (`pip install warifu-card[pcsc]`), exclusive, reset at the end (cards.md 1.9)."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any, Self

from warifu_card.apdu import SELECT, Command, Response
from warifu_card.faults import (
    CardFault,
    CardRemoved,
    CardReset,
    NoCard,
    NoReader,
    ReaderBusy,
    ReaderFault,
    ReaderNotFound,
    ReaderSupportMissing,
    ReadFailed,
    ServiceNotRunning,
    SeveralCards,
    WrongCard,
)
from warifu_card.layout import JPKI_AP

_NOTICED_WITHIN = 1.5
"""Seconds within which the daemon says that a card went."""
_FAULTS: dict[int, type[ReaderFault]] = {
    0x8010001D: ServiceNotRunning,
    0x8010001E: ServiceNotRunning,
    0x8010002E: NoReader,
    0x80100009: NoReader,
    0x80100017: NoReader,
    0x8010000C: NoCard,
    0x80100066: NoCard,
    0x80100067: NoCard,
    0x80100069: CardRemoved,
    0x8010000B: ReaderBusy,
    0x80100068: CardReset,
}


def _library() -> Any:
    try:
        from smartcard import scard  # noqa: PLC0415 - an extra that many installations do without
    except ImportError as error:
        raise ReaderSupportMissing from error
    return scard


def readers() -> list[str]:
    """The names of the connected readers. Raises `ReaderSupportMissing`, `ServiceNotRunning`; none is an empty list."""
    with _Context() as context:
        return context.readers()


def connect(reader: str | None = None) -> PcscTransport:
    """Connect to the My Number Card on the named reader, or on the only reader that holds one.

    A part of a name is enough. Raises `NoReader`, `ReaderNotFound`, `NoCard`, `WrongCard`, `SeveralCards`,
    `ReaderBusy`.
    """
    found = readers()
    if not found:
        raise NoReader
    if reader is not None:
        chosen = [name for name in found if name == reader] or [name for name in found if reader in name]
        if len(chosen) != 1:
            raise ReaderNotFound(reader=reader)
        return PcscTransport(chosen[0])
    holding, fault = _holding(found)
    if len(holding) > 1:
        for transport in holding:
            transport.close()
        raise SeveralCards(readers=", ".join(transport.reader for transport in holding))
    if not holding:
        raise fault
    return holding[0]


def _holding(names: list[str]) -> tuple[list[PcscTransport], CardFault]:
    """Connections to the readers with a My Number Card, and the most telling fault of the others."""
    holding: list[PcscTransport] = []
    fault: CardFault = NoCard()
    for name in names:
        try:
            transport = PcscTransport(name)
        except ReaderFault as other:
            fault = fault if isinstance(other, NoCard) else other
            continue
        try:
            answer = Response.decode(transport.transmit(Command(0, SELECT, 4, 0x0C, JPKI_AP).encode()))
        except ReaderFault as other:
            transport.close()
            fault = other
            continue
        if answer.is_good:
            holding.append(transport)
        else:
            transport.close()
            fault = WrongCard()
    return holding, fault


class _Context:
    def __init__(self) -> None:
        self._scard = _library()
        result, self.handle = self._scard.SCardEstablishContext(self._scard.SCARD_SCOPE_USER)
        _check(result)

    def readers(self) -> list[str]:
        result, names = self._scard.SCardListReaders(self.handle, [])
        if result & 0xFFFFFFFF == 0x8010002E:
            return []
        _check(result)
        return list(names)

    def close(self) -> None:
        self._scard.SCardReleaseContext(self.handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class PcscTransport:
    """An exclusive connection to the card in one reader. Raises `NoCard`, `ReaderBusy` and their kin."""

    def __init__(self, reader: str) -> None:
        self._scard = _library()
        self._reader = reader
        self._context = _Context()
        self._card: Any = None
        try:
            result, self._card, self._protocol = self._scard.SCardConnect(
                self._context.handle, reader, self._scard.SCARD_SHARE_EXCLUSIVE,
                self._scard.SCARD_PROTOCOL_T0 | self._scard.SCARD_PROTOCOL_T1,
            )  # fmt: skip
            _check(result)
            result, _name, _state, _protocol, atr = self._scard.SCardStatus(self._card)
            _check(result)
        except CardFault:
            self._context.close()
            raise
        self._atr = bytes(atr)

    @property
    def reader(self) -> str:
        """The reader's name."""
        return self._reader

    @property
    def atr(self) -> bytes:
        """Answer to reset."""
        return self._atr

    def transmit(self, command: bytes) -> bytes:
        """Send a command. Raises `CardRemoved`, `CardReset`, `ReadFailed` and their kin."""
        header = (
            self._scard.SCARD_PCI_T0 if self._protocol == self._scard.SCARD_PROTOCOL_T0 else self._scard.SCARD_PCI_T1
        )
        result, answer = self._scard.SCardTransmit(self._card, header, list(command))
        try:
            _check(result)
        except NoCard as fault:
            raise CardRemoved from fault
        except ReadFailed as fault:
            raise (CardRemoved if self._is_gone() else ReadFailed) from fault
        if len(answer) < 2 and self._is_gone():
            raise CardRemoved
        return bytes(byte & 0xFF for byte in answer)

    def _is_gone(self) -> bool:
        """Whether a command failed because the card was lifted; the daemon notices that a moment later."""
        known, end = self._scard.SCARD_STATE_PRESENT, time.monotonic() + _NOTICED_WITHIN
        while (left := end - time.monotonic()) > 0:
            result, states = self._scard.SCardGetStatusChange(
                self._context.handle, int(left * 1000) + 1, [(self._reader, known)]
            )
            if result != 0:
                return False
            known = states[0][1]
            if not known & self._scard.SCARD_STATE_PRESENT:
                return True
        return False

    def close(self) -> None:
        """Reset the card and let go of it: after LEAVE another program could sign without a PIN."""
        if self._card is None:
            return
        self._scard.SCardDisconnect(self._card, self._scard.SCARD_RESET_CARD)
        self._card = None
        self._context.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _check(result: int) -> None:
    """Raise what a PC/SC code means (cards.md 1.7)."""
    if result != 0:
        raise _FAULTS.get(result & 0xFFFFFFFF, ReadFailed)
