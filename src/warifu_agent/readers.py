"""Where cards are put down: the readers of this computer, or cards of practice from a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from warifu_agent.reading import Cards
from warifu_agent.settings import Settings
from warifu_card.faults import SimulatorMissing
from warifu_card.transport import Transport
from warifu_card.transport.simulator import Answering, SimulatorTransport


class RealCards:
    """The readers of this computer, through PC/SC; needs pyscard only when a card is really asked for."""

    def connect(self) -> Transport:
        """The one My Number Card on the readers. Raises `ReaderFault`s and `WrongCard`."""
        from warifu_card.transport import pcsc  # noqa: PLC0415 - pulls in an extra that many installations do without

        return pcsc.connect()


class PracticeCards:
    """One persona's card of practice, which is always there. Its keys and counters are kept where `warifu-card`
    keeps them too, so that it is the same card tomorrow."""

    def __init__(self, path: Path, *, persona: str = "") -> None:
        """Raises `PersonasUnreadable` and `SimulatorMissing` (`CardFault`s)."""
        try:
            from warifu_card.simulator.box import Box, usual_folder  # noqa: PLC0415 - needs cryptography and is for practice only
        except ImportError:
            raise SimulatorMissing from None
        self._box = Box.open(path, folder=usual_folder(path))
        self._card = self._box.card(persona or None)

    def connect(self) -> Transport:
        """The card, whose counters are kept when it is let go of."""
        return _Kept(self._card, keep=self._box.keep)


class _Kept(SimulatorTransport):
    def __init__(self, card: Answering, *, keep: Callable[[], None]) -> None:
        super().__init__(card)
        self._keep = keep

    def close(self) -> None:
        super().close()
        self._keep()


def chosen(settings: Settings, *, simulated: Path | None = None, persona: str = "") -> Cards:
    """The cards of practice that were named on the command line or in the settings, else the real readers."""
    if simulated is not None:
        return PracticeCards(simulated, persona=persona)
    if settings.personas:
        return PracticeCards(Path(settings.personas), persona=settings.persona)
    return RealCards()
