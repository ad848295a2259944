"""Days and moments as Japan counts them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

JST = ZoneInfo("Asia/Tokyo")

_FULL_TO_HALF = str.maketrans("０１２３４５６７８９／．－ー年月日　", "0123456789/.--年月日 ")


def jst_day(at: datetime) -> date:
    """The calendar day in Japan of a moment; `at` must carry its time zone."""
    if at.tzinfo is None:
        raise ValueError("a moment without a time zone has no day")
    return at.astimezone(JST).date()


@dataclass(frozen=True, kw_only=True)
class Era:
    """元号: its name, its letter, and its first day; it ends on the day before the next one starts (J-11)."""

    name: str
    letter: str
    starts_on: date


ERAS = (
    Era(name="令和", letter="R", starts_on=date(2019, 5, 1)),
    Era(name="平成", letter="H", starts_on=date(1989, 1, 8)),
    Era(name="昭和", letter="S", starts_on=date(1926, 12, 25)),
    Era(name="大正", letter="T", starts_on=date(1912, 7, 30)),
    Era(name="明治", letter="M", starts_on=date(1868, 1, 25)),
)


def era_year(day: date) -> str:
    """The era and year of a day, `令和8年`; the first year is 元年. Days before 明治 raise ValueError."""
    for era in ERAS:
        if day >= era.starts_on:
            year = day.year - era.starts_on.year + 1
            return f"{era.name}{'元' if year == 1 else year}年"
    raise ValueError("a day before the eras")


def wareki(day: date) -> str:
    """A day in the Japanese calendar: `昭和63年4月2日`."""
    return f"{era_year(day)}{day.month}月{day.day}日"


class NotADay(ValueError):
    """The text names no day that exists."""


def parse_day(text: str) -> date:
    """Read a day as people write it: 2026-11-21, 2026/11/21, 20261121, 2026年11月21日, 昭和63年4月2日, S63.4.2.

    Full-width digits and signs are accepted. Raises `NotADay` for anything else, for days that do not exist, and
    for days outside their era (昭和64年1月8日 belongs to 平成; J-11).
    """
    plain = text.translate(_FULL_TO_HALF).strip().replace(" ", "")
    plain = re.sub(r"T?00:00(:00)?$", "", plain)
    if match := re.fullmatch(r"(\d{4})(\d{2})(\d{2})", plain):
        return _day(*(int(part) for part in match.groups()))
    parts = re.fullmatch(r"(\D*)(\d{1,4}|元)[年/.-](\d{1,2})[月/.-](\d{1,2})日?", plain)
    if not parts:
        raise NotADay(text)
    prefix, first, month, day = parts.groups()
    year = 1 if first == "元" else int(first)
    if not prefix:
        if len(first) != 4:
            raise NotADay(text)
        return _day(year, int(month), int(day))
    for index, era in enumerate(ERAS):
        if prefix in (era.name, era.name[0]) or prefix.rstrip(".").upper() == era.letter:
            found = _day(era.starts_on.year + year - 1, int(month), int(day))
            ends_before = ERAS[index - 1].starts_on if index else date.max
            if era.starts_on <= found < ends_before:
                return found
            break
    raise NotADay(text)


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise NotADay(str(error)) from error
