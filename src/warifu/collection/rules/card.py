"""カードの読み取り: what a card says of its holder beside what the roster and the draft say (J-04, J-05; cards.md 2.2).

Kanji are never changed: a card's name that differs only in 異体字 is shown to the checker as alike, not as equal,
because cards write only signs of JIS X 0208 and 0212 and replace others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from warifu.foundation import japanese


class Fit(StrEnum):
    """How two names fit."""

    EQUAL = "equal"
    ALIKE = "alike"
    DIFFERS = "differs"


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a submission keeps of a reading: how it fits, never the number. `status` is confirmed or unconfirmed (I-12).

    `has_number` says that the number came from the card too; without it the card proves the person alone.
    """

    has_number: bool
    name: str
    fit: str
    born: bool | None
    address: str
    status: str
    read_at: str

    def kept(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    @property
    def proves(self) -> str:
        """`number` when the number came along, `identity` otherwise."""
        return "number" if self.has_number else "identity"


def reading_in(answers: Mapping[str, Any]) -> Reading | None:
    """The reading that a submission keeps, if there is one."""
    kept = answers.get("card")
    return Reading(**kept) if kept else None


def fit_of(*, on_card: str, known: str) -> Fit:
    """How the name on a card fits a name of ours; spaces do not count."""
    left, right = _bare(on_card), _bare(known)
    if left == right:
        return Fit.EQUAL
    if len(left) != len(right):
        return Fit.DIFFERS
    pairs = [(one, other) for one, other in zip(left, right, strict=True) if one != other]
    return Fit.ALIKE if all(_are_alike(one, other) for one, other in pairs) else Fit.DIFFERS


def birth_fits(*, on_card: date, known: date | None) -> bool | None:
    """Whether the birth date fits; None when we know none."""
    return None if known is None else on_card == known


def _bare(name: str) -> str:
    return japanese.trim_name(name).replace(" ", "")


def _are_alike(one: str, other: str) -> bool:
    return other in japanese.look_alikes(one).get(one, "") or japanese.search_key(one) == japanese.search_key(other)
