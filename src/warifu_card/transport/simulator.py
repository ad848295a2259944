"""A transport to a card in the same process: `warifu_card.simulator`, or anything else that answers commands."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self

from warifu_card.faults import CardRemoved, NoCard


class Answering(Protocol):
    """A card as the other side sees it."""

    atr: bytes
    is_there: bool

    def answer(self, command: bytes) -> bytes:
        """Data and status word; nothing when the card says nothing. Raises `CardRemoved`."""

    def reset(self) -> None:
        """Forget what was selected and verified."""


class SimulatorTransport:
    """A connection to a software card. Raises `NoCard` when it was lifted before."""

    def __init__(self, card: Answering, *, reader: str = "Simulated Reader 00") -> None:
        if not card.is_there:
            raise NoCard
        self._card = card
        self._reader = reader
        card.reset()

    @property
    def reader(self) -> str:
        """The reader's name."""
        return self._reader

    @property
    def atr(self) -> bytes:
        """Answer to reset."""
        return self._card.atr

    def transmit(self, command: bytes) -> bytes:
        """Send a command. Raises `CardRemoved`."""
        if not self._card.is_there:
            raise CardRemoved
        return self._card.answer(command)

    def close(self) -> None:
        """Reset the card."""
        if self._card.is_there:
            self._card.reset()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
