"""Cards for the tests of the library: in memory, behind the real PC/SC daemon, and, where one is named, a real one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.card import daemon as daemons
from tests.card.daemon import Daemon
from warifu_card.card import Card
from warifu_card.simulator.box import Box
from warifu_card.simulator.card import CONTACTLESS, SimulatedCard, make
from warifu_card.transport import Transport, pcsc
from warifu_card.transport.simulator import SimulatorTransport

PERSONAS = Path(__file__).resolve().parents[2] / "docs" / "card" / "personas.json"
REAL_READER = os.environ.get("WARIFU_CARD_READER", "")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A real reader is used only when it is named: WARIFU_CARD_READER='ACS ACR122U'."""
    if REAL_READER:
        return
    hardware = [item for item in items if item.get_closest_marker("hardware")]
    if hardware:
        items[:] = [item for item in items if item not in hardware]
        config.hook.pytest_deselected(items=hardware)


@pytest.fixture(scope="session")
def box() -> Box:
    return Box.open(PERSONAS, at=datetime.now(UTC))


CardOf = Callable[[str], SimulatedCard]


@pytest.fixture
def card_of(box: Box) -> CardOf:
    """A card nobody has touched."""
    return lambda name: make(box.personas[name], box.authority)


@pytest.fixture(scope="session")
def daemon() -> Iterator[Daemon]:
    missing = daemons.missing()
    if missing:
        pytest.fail(f"not installed: {' '.join(missing)}; `make system` installs what the tests need", pytrace=False)
    try:
        import smartcard  # noqa: F401
    except ImportError:
        pytest.fail("pyscard is not installed; `make card` installs it", pytrace=False)
    with daemons.running() as running:
        yield running


class Slot:
    """What lies in the virtual reader: cards are changed without taking the connection away, which costs a second."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon
        self.card: SimulatedCard | None = None
        self.atr = CONTACTLESS

    @property
    def is_there(self) -> bool:
        return self.card is None or self.card.is_there

    def answer(self, command: bytes) -> bytes:
        if self.card is None:
            return b"\x6f\x00"
        return self.card.answer(command)

    def reset(self) -> None:
        if self.card is not None:
            self.card.reset()


class VirtualReader:
    """The virtual reader with one slot; a card that is pulled is put in anew for the next test."""

    def __init__(self, daemon: Daemon) -> None:
        self.daemon = daemon
        self.slot = Slot(daemon)
        self._inside = daemon.card(self.slot)
        self._inside.__enter__()

    def put(self, card: SimulatedCard) -> Transport:
        self.slot.card = card
        return pcsc.connect(daemons.READER)

    def take(self) -> None:
        was_pulled = not self.slot.is_there
        self.slot.card = None
        if was_pulled:
            self.close()
            self._inside = self.daemon.card(self.slot)
            self._inside.__enter__()

    def close(self) -> None:
        self._inside.__exit__(None, None, None)


@pytest.fixture(scope="session")
def virtual_reader(daemon: Daemon) -> Iterator[VirtualReader]:
    reader = VirtualReader(daemon)
    yield reader
    reader.close()


Put = Callable[[SimulatedCard], Card]


@pytest.fixture(params=["memory", "vpcd"])
def put(request: pytest.FixtureRequest) -> Iterator[Put]:
    """Put a card on the reader and open it: in memory, and through the daemon."""
    opened: list[Transport] = []
    reader: VirtualReader | None = None
    if request.param == "vpcd":
        reader = request.getfixturevalue("virtual_reader")

    def open_card(card: SimulatedCard) -> Card:
        for transport in opened:
            transport.close()
        opened.append(SimulatorTransport(card) if reader is None else reader.put(card))
        return Card(opened[-1])

    yield open_card
    for transport in opened:
        transport.close()
    if reader is not None:
        reader.take()


@pytest.fixture
def in_memory() -> Put:
    return lambda card: Card(SimulatorTransport(card))
