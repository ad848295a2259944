"""Where cards are put down: the readers of this computer, or cards of practice from a file."""

from __future__ import annotations

from pathlib import Path

from warifu_agent.reading import Cards
from warifu_agent.settings import Settings
from warifu_card.transport import Transport


class RealCards:
    """The readers of this computer, through PC/SC; needs pyscard only when a card is really asked for."""

    def connect(self) -> Transport:
        """The one My Number Card on the readers. Raises `ReaderFault`s and `WrongCard`."""
        from warifu_card.transport import pcsc  # noqa: PLC0415 - pulls in an extra that many installations do without

        return pcsc.connect()


class PracticeCards:
    """One persona's card of practice, which is always there; its counters last as long as the tool runs."""

    def __init__(self, path: Path, *, persona: str = "") -> None:
        """Raises `PersonasUnreadable` and `SimulatorMissing` (`CardFault`s)."""
        from warifu_card.simulator import personas  # noqa: PLC0415 - needs cryptography and is for practice only

        self._card = personas.card(path, persona)

    def connect(self) -> Transport:
        """The card. Raises `NoCard` when it was lifted."""
        from warifu_card.transport.simulator import SimulatorTransport  # noqa: PLC0415 - as above

        return SimulatorTransport(self._card)


def chosen(settings: Settings, *, simulated: Path | None = None, persona: str = "") -> Cards:
    """The cards of practice that were named on the command line or in the settings, else the real readers."""
    if simulated is not None:
        return PracticeCards(simulated, persona=persona)
    if settings.personas:
        return PracticeCards(Path(settings.personas), persona=settings.persona)
    return RealCards()
