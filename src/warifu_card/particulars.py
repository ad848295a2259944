"""What 券面事項入力補助 holds, as values: the twelve digits of EF 0001, the four attributes of EF 0002 (cards.md 1.5).

No text of these values shows what is in them, and nothing here is logged.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from warifu_card import tlv
from warifu_card.faults import MalformedData
from warifu_card.words import Words


class Sex(StrEnum):
    """As the application writes it (cards.md 1.5); a certificate has other codes."""

    MALE = "1"
    FEMALE = "2"
    OTHER = "3"
    NOT_APPLICABLE = "9"

    @property
    def words(self) -> Words:
        """What it is called."""
        return {"1": Words("男性", "male"), "2": Words("女性", "female")}.get(self.value, Words("その他", "other"))


@dataclass(frozen=True, repr=False)
class Attributes:
    """基本4情報. `offsets` are where the file says its four objects begin."""

    name: str
    address: str
    birth_date: date
    sex: Sex
    offsets: tuple[int, ...] = field(default=())

    def __repr__(self) -> str:
        return "Attributes(…)"


def number_in(file: bytes) -> str:
    """The twelve digits in EF 0001. Raises `MalformedData`."""
    digits = tlv.first(file, tag=0xFF10).value
    if len(digits) != 12 or not digits.isdigit():
        raise MalformedData
    return digits.decode("ascii")


def attributes_in(file: bytes) -> Attributes:
    """What EF 0002 says. Raises `MalformedData`."""
    inside = tlv.first(file, tag=0xFF20).children()
    try:
        born = tlv.only(inside, 0xDF24).value.decode("ascii")
        if len(born) != 8 or not born.isdigit():
            raise MalformedData
        offsets = tlv.only(inside, 0xDF21).value
        return Attributes(
            name=tlv.only(inside, 0xDF22).value.decode("utf-8"),
            address=tlv.only(inside, 0xDF23).value.decode("utf-8"),
            birth_date=date(int(born[:4]), int(born[4:6]), int(born[6:])),
            sex=Sex(tlv.only(inside, 0xDF25).value.decode("ascii")),
            offsets=tuple(int.from_bytes(offsets[at : at + 2], "big") for at in range(0, len(offsets), 2)),
        )
    except (ValueError, UnicodeError) as error:
        raise MalformedData from error
