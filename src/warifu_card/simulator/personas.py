"""The people whose cards are simulated, and the file that names them (docs/card/simulator.md)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any

from warifu_card.faults import CardFault, PersonasUnreadable
from warifu_card.layout import FOUR_SECRETS, Kind
from warifu_card.particulars import Sex

_WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
STATES = ("valid", "expired", "not-yet-valid", "expiring")
KINDS = (Kind.MY_NUMBER_CARD, Kind.OLD_RESIDENT_CARD, Kind.ANDROID, Kind.IPHONE, Kind.UNKNOWN)


@dataclass(frozen=True, repr=False)
class Persona:
    """One person and their card. `kind` "unknown" is a card of another sort, on which nothing answers.

    `certificates` are the uses that are on the card: a child under 15 has no signing certificate. `generation` is which
    of the authority's keys signed, all of which have one name. `card_expiry` and `security_code` are printed on it.
    """

    id: str
    name: str
    address: str
    birth_date: date
    sex: Sex
    number: str
    pins: dict[str, str]
    kind: Kind = Kind.MY_NUMBER_CARD
    certificates: tuple[str, ...] = ("auth", "sign")
    state: str = "valid"
    generation: int = 2
    prefecture: str = "Tokyo-to"
    municipality: str = "Chiyoda-ku"
    card_expiry: date = date(2034, 4, 12)
    security_code: str = "0000"
    tries: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not is_practice_number(self.number):
            raise PersonasUnreadable(reason=f"{self.id}: number")
        for secret in FOUR_SECRETS:
            secret.encoded(self.pins[secret.name])
        unknown = set(self.tries) - {secret.name for secret in FOUR_SECRETS}
        if unknown or self.state not in STATES or not set(self.certificates) <= {"auth", "sign"}:
            raise PersonasUnreadable(reason=self.id)
        if self.generation not in (1, 2) or len(self.security_code) != 4 or not self.security_code.isdigit():
            raise PersonasUnreadable(reason=self.id)

    def __repr__(self) -> str:
        return f"Persona({self.id!r})"

    @property
    def face_key(self) -> str:
        """照合番号B: birth date with the year of the era, western year of expiry, security code (cards.md 1.3)."""
        return f"{_era_year(self.birth_date):02d}{self.birth_date:%m%d}{self.card_expiry:%Y}{self.security_code}"


def load(path: Path) -> dict[str, Persona]:
    """The people of a file, by id, in its order. Raises `PersonasUnreadable`, also for a number that could be real."""
    try:
        given = json.loads(path.read_text(encoding="utf-8"))["personas"]
        found = [_persona(one) for one in given]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise PersonasUnreadable(reason=f"{path.name}: {type(error).__name__} {error}") from error
    except PersonasUnreadable:
        raise
    except CardFault as fault:
        raise PersonasUnreadable(reason=f"{path.name}: {fault.code}") from fault
    if not found or len({one.id for one in found}) != len(found):
        raise PersonasUnreadable(reason=path.name)
    return {one.id: one for one in found}


def is_practice_number(number: str) -> bool:
    """Whether these are twelve digits whose check digit is off by five, which nobody can have (N-05)."""
    if len(number) != 12 or not (number.isascii() and number.isdigit()):
        return False
    remainder = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False)) % 11
    true = 0 if remainder <= 1 else 11 - remainder
    return int(number[11]) == (true + 5) % 10


def _persona(given: dict[str, Any]) -> Persona:
    known = {one.name for one in fields(Persona)}
    if set(given) - known:
        raise ValueError(", ".join(sorted(set(given) - known)))
    values: dict[str, Any] = dict(given)
    values["birth_date"] = date.fromisoformat(values["birth_date"])
    values["sex"] = Sex(values["sex"])
    if "kind" in values:
        values["kind"] = Kind(values["kind"])
    if "card_expiry" in values:
        values["card_expiry"] = date.fromisoformat(values["card_expiry"])
    if "certificates" in values:
        values["certificates"] = tuple(values["certificates"])
    return Persona(**values)


def _era_year(day: date) -> int:
    eras = ((date(2019, 5, 1), 2018), (date(1989, 1, 8), 1988), (date(1926, 12, 25), 1925), (date(1912, 7, 30), 1911))
    return next((day.year - before for begin, before in eras if day >= begin), day.year - 1867)
