"""What one may search by, and the same search on plain values, against which the tests hold the database (D-10 …
D-12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from warifu.folders.rules.fields import Direction, Kind
from warifu.foundation import japanese


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One search: every condition that is given must hold. Days and amounts are ranges with both ends inside.

    `no_amount` finds what names no amount, blank or 0 (D-12). `counterparty` is a part of the name, or the code.
    """

    traded_from: date | None = None
    traded_until: date | None = None
    amount_from: Decimal | None = None
    amount_until: Decimal | None = None
    no_amount: bool = False
    counterparty: str = ""
    kinds: frozenset[Kind] = frozenset()
    direction: Direction | None = None
    without_withdrawn: bool = False


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What somebody may see of a folder: a period of trade and some kinds; empty means all (D-14)."""

    traded_from: date | None = None
    traded_until: date | None = None
    kinds: frozenset[Kind] = frozenset()


NO_LIMITS = Limits()
KEY_LENGTH = 400
"""A sign such as ㍿ is four letters in a key."""


def folded(text: str) -> str:
    """A name as the search compares it: width, case, kana, spaces and the form of the company do not matter."""
    key = japanese.search_key(text)
    for form in _FORMS:
        key = key.replace(form, "")
    return (key or japanese.search_key(text))[:KEY_LENGTH]


_FORMS = tuple(
    japanese.search_key(form) for form in ("株式会社", "有限会社", "合同会社", "(株)", "(有)", "(同)", "㈱", "㈲")
)


@dataclass(frozen=True, kw_only=True)
class Plain:
    """The searchable values of one record."""

    traded_on: date
    amount: Decimal | None
    counterparty: str
    counterparty_code: str
    kind: Kind
    direction: Direction
    is_withdrawn: bool = False


def fits(*, record: Plain, wanted: Wanted, limits: Limits = NO_LIMITS) -> bool:
    """Whether a record is a hit."""
    within = (
        (wanted.traded_from is None or record.traded_on >= wanted.traded_from)
        and (wanted.traded_until is None or record.traded_on <= wanted.traded_until)
        and (limits.traded_from is None or record.traded_on >= limits.traded_from)
        and (limits.traded_until is None or record.traded_on <= limits.traded_until)
    )
    kinds = (not wanted.kinds or record.kind in wanted.kinds) and (not limits.kinds or record.kind in limits.kinds)
    direction = wanted.direction in (None, record.direction)
    living = not (wanted.without_withdrawn and record.is_withdrawn)
    return within and kinds and direction and living and _amount_fits(record, wanted) and _name_fits(record, wanted)


def _amount_fits(record: Plain, wanted: Wanted) -> bool:
    if wanted.no_amount:
        return not record.amount
    if wanted.amount_from is None and wanted.amount_until is None:
        return True
    if record.amount is None:
        return False
    return (wanted.amount_from is None or record.amount >= wanted.amount_from) and (
        wanted.amount_until is None or record.amount <= wanted.amount_until
    )


def _name_fits(record: Plain, wanted: Wanted) -> bool:
    if not wanted.counterparty.strip():
        return True
    code = japanese.to_half_width(wanted.counterparty)
    return folded(wanted.counterparty) in folded(record.counterparty) or (
        bool(record.counterparty_code) and record.counterparty_code == code
    )
