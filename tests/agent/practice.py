"""People with cards of practice, somebody who puts them down, and somebody at the keyboard."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from tests.cast import test_number as practice_number
from warifu_agent.dialogue import Choice, T
from warifu_agent.faults import Fault, Stopped
from warifu_agent.words import Language, Words
from warifu_card.faults import CardFault, NoCard
from warifu_card.layout import Kind
from warifu_card.particulars import Sex
from warifu_card.simulator.authority import Authority
from warifu_card.simulator.card import SimulatedCard, make
from warifu_card.simulator.keys import Keys
from warifu_card.simulator.personas import Persona
from warifu_card.transport import Transport
from warifu_card.transport.simulator import SimulatorTransport

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
AUTH, PROFILE = "1234", "4321"
PINS = {"auth": AUTH, "sign": "ABC123", "profile": PROFILE, "resident": "9999"}


@functools.cache
def authority() -> Authority:
    """One authority for all tests of a process: keys take time."""
    return Authority(Keys(), at=NOW)


def persona(name: str = "aoki", **changed: object) -> Persona:
    values: dict[str, object] = {
        "id": name,
        "name": "青木　葵",
        "address": "東京都千代田区丸の内1丁目1番",
        "birth_date": date(1990, 4, 12),
        "sex": Sex.FEMALE,
        "number": practice_number("12345678901"),
        "pins": PINS,
    }
    return Persona(**(values | changed))  # type: ignore[arg-type]


def card(name: str = "aoki", **changed: object) -> SimulatedCard:
    return make(persona(name, **changed), authority())


def write_people(path: Path, *people: Persona) -> Path:
    """A file of people, as the tool reads it."""
    rows = [_row(one) for one in people or (persona(),)]
    path.write_text(json.dumps({"personas": rows}, ensure_ascii=False), encoding="utf-8")
    return path


def _row(one: Persona) -> dict[str, object]:
    given: dict[str, object] = json.loads(json.dumps(asdict(one), default=str))
    return given


@dataclass
class Desk:
    """Where a card is put down; `late`: how often one looks before it is there."""

    card: SimulatedCard | None = None
    fault: CardFault | None = None
    late: int = 0
    connected: int = 0

    def connect(self) -> Transport:
        if self.fault is not None:
            raise self.fault
        if self.late or self.card is None:
            self.late -= 1
            raise NoCard
        self.connected += 1
        return SimulatorTransport(self.card)


@dataclass
class Person:
    """Answers from a list and remembers what was shown, in its order. A callable among the answers is done instead of
    typing, and gives what is typed."""

    answers: list[str | Callable[[], str]]
    language: Language = "ja"
    seen: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    bars: list[tuple[int, int]] = field(default_factory=list)

    def heading(self, words: Words, *, step: int, of: int) -> None:
        self.seen.append(f"{step}/{of} {words.ja}")

    def tell(self, words: Words) -> None:
        self.seen.append(words.ja)

    def tell_fault(self, fault: Fault) -> None:
        self.faults.append(fault.name)

    def ask(self, question: Words, *, default: str = "") -> str:
        return self._next(question) or default

    def ask_secret(self, question: Words) -> str:
        return self._next(question)

    def ask_code(self, question: Words) -> str:
        return self._next(question)

    def choose(self, question: Words, choices: Sequence[Choice], *, default: str) -> str:
        answer = self._next(question) or default
        assert answer in [value for value, _words in choices], (answer, choices)
        return answer

    def confirm(self, question: Words) -> bool:
        return self._next(question) != "no"

    def wait(self, words: Words, until: Callable[[], T | None]) -> T:
        self.seen.append(words.ja)
        for _look in range(10):
            found = until()
            if found is not None:
                return found
        raise Stopped

    def progress(self, words: Words, *, done: int, of: int) -> None:
        self.bars.append((done, of))
        if done == 0:
            self.seen.append(words.ja)

    def finish(self) -> None:
        """Nothing to keep in sight."""

    def _next(self, question: Words) -> str:
        self.seen.append(f"? {question.ja}")
        assert self.answers, f"no answer left for {question.ja}"
        answer = self.answers.pop(0)
        return answer if isinstance(answer, str) else answer()


__all__ = ["AUTH", "NOW", "PROFILE", "Desk", "Kind", "Person", "authority", "card", "persona"]
