"""The ways to a card: bytes there and back, nothing more."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self


class Transport(Protocol):
    """An exclusive connection to one card; leaving it resets the card, so that nobody signs after us (cards.md 1.9)."""

    @property
    def reader(self) -> str:
        """The reader's name."""

    @property
    def atr(self) -> bytes:
        """Answer to reset."""

    def transmit(self, command: bytes) -> bytes:
        """Send a command; returns data and status word. Raises `ReaderFault`s, among them `CardRemoved`."""

    def close(self) -> None:
        """Reset the card and let go of it; may be called twice."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
