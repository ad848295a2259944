"""A box of cards: every persona of a file, with keys and counters that stay between runs."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from warifu_card.faults import PersonasUnreadable
from warifu_card.layout import FOUR_SECRETS
from warifu_card.simulator import personas
from warifu_card.simulator.authority import Authority
from warifu_card.simulator.card import SimulatedCard, make
from warifu_card.simulator.keys import Keys
from warifu_card.simulator.personas import Persona


def usual_folder(path: Path) -> Path:
    """Where keys and counters of a file's cards are kept unless somebody says otherwise."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    mark = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]
    return cache / "warifu-card" / f"{path.stem}-{mark}"


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
            card = self._cards[chosen] = make(self.personas[chosen], self.authority)
            kept = self._kept().get(chosen, {"pins": {}, "tries": {}})
            for secret in FOUR_SECRETS:
                if secret.name in kept["pins"] and secret.name in card.counters():
                    card.unlock(secret, kept["pins"][secret.name])
            card.set_counters(kept["tries"])
        return self._cards[chosen]

    def unlock(self, name: str) -> None:
        """What the municipal office does: every PIN as in the file, all tries again."""
        card = self.card(name)
        for secret in FOUR_SECRETS:
            if secret.name in card.counters():
                card.unlock(secret, self.personas[name].pins[secret.name])

    def keep(self) -> None:
        """Write counters and PINs down, where there is a folder."""
        if self._folder is None:
            return
        now = {name: {"tries": card.counters(), "pins": card.pins()} for name, card in self._cards.items()}
        self._file().write_text(json.dumps(self._kept() | now, indent=1), encoding="ascii")

    def _file(self) -> Path:
        return (self._folder or Path()) / "cards.json"

    def _kept(self) -> dict[str, dict[str, Any]]:
        if self._folder is None or not self._file().exists():
            return {}
        try:
            kept: dict[str, dict[str, Any]] = json.loads(self._file().read_text(encoding="ascii"))
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
