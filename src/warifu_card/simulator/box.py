"""A box of cards: every persona of a file, with keys and counters that stay between runs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from warifu_card.faults import PersonasUnreadable
from warifu_card.simulator import personas
from warifu_card.simulator.authority import Authority
from warifu_card.simulator.card import SimulatedCard, make
from warifu_card.simulator.keys import Keys
from warifu_card.simulator.personas import Persona


class Box:
    """The cards of a file of personas.

    With `folder`, keys, counters and the moment from which validity is reckoned are kept there: the same card comes out
    of the box tomorrow, as locked as it went in. Without, all of it is made anew in memory.
    """

    def __init__(self, people: dict[str, Persona], *, folder: Path | None = None, at: datetime | None = None) -> None:
        self.personas = people
        self._folder = folder
        self.authority = Authority(Keys(folder), at=self._begin(at or datetime.now(UTC)))
        self._cards: dict[str, SimulatedCard] = {}

    @classmethod
    def open(cls, path: Path, *, folder: Path | None = None, at: datetime | None = None) -> Box:
        """The box of a file. Raises `PersonasUnreadable`."""
        return cls(personas.load(path), folder=folder, at=at)

    def card(self, name: str | None = None) -> SimulatedCard:
        """The card of a persona, or of the first. Raises `PersonasUnreadable` when nobody is called so."""
        chosen = next(iter(self.personas)) if name is None else name
        if chosen not in self.personas:
            raise PersonasUnreadable(reason=chosen)
        if chosen not in self._cards:
            self._cards[chosen] = make(self.personas[chosen], self.authority)
            self._cards[chosen].set_counters(self._kept().get(chosen, {}))
        return self._cards[chosen]

    def keep(self) -> None:
        """Write the counters down, where there is a folder. PINs that were changed are forgotten."""
        if self._folder is None:
            return
        kept = self._kept() | {name: card.counters() for name, card in self._cards.items()}
        self._file().write_text(json.dumps(kept, indent=1), encoding="ascii")

    def _file(self) -> Path:
        return (self._folder or Path()) / "counters.json"

    def _kept(self) -> dict[str, dict[str, int]]:
        if self._folder is None or not self._file().exists():
            return {}
        try:
            kept: dict[str, dict[str, int]] = json.loads(self._file().read_text(encoding="ascii"))
        except ValueError as error:
            raise PersonasUnreadable(reason=self._file().name) from error
        return kept

    def _begin(self, at: datetime) -> datetime:
        if self._folder is None:
            return at
        file = self._folder / "begun.txt"
        if not file.exists():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            file.write_text(at.isoformat(timespec="seconds"), encoding="ascii")
        try:
            return datetime.fromisoformat(file.read_text(encoding="ascii"))
        except ValueError as error:
            raise PersonasUnreadable(reason=file.name) from error
