"""How long records are kept, and how soon a time stamp has to be there (D-05, D-19).

Sources: 法人税法施行規則59 (seven years from the day after the day on which the return is due; ten for a year with a
carried loss); 電子帳簿保存法施行規則4①二 for the stamp. Not legal advice: the years can be set for each folder.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from warifu.organisations.rules import add_business_days

YEARS = (5, 7, 10)
DEFAULT_YEARS = 10
STAMP_BUSINESS_DAYS = 7
STAMP_MONTHS = 2


@dataclass(frozen=True, kw_only=True)
class Keeping:
    """How a keeper's years run: the month in which the business year ends, for how many years, how many months the
    day for the return was put off."""

    year_end_month: int = 12
    years: int = DEFAULT_YEARS
    extension_months: int = 0
    is_sole_trader: bool = False


@dataclass(frozen=True, kw_only=True)
class Span:
    """The business year that a record belongs to, and the first and last day of its keeping."""

    year_end: date
    starts_on: date
    ends_on: date


def span(*, keeping: Keeping, traded_on: date) -> Span:
    """The keeping of a record: from the day after the day of the return, whole years (D-19).

    A company's return is due two months after its year; a sole trader's on 15 March of the next year.
    """
    year_end = _year_end(traded_on, 12 if keeping.is_sole_trader else keeping.year_end_month)
    due = date(year_end.year + 1, 3, 15) if keeping.is_sole_trader else _month_end(year_end, 2)
    if keeping.extension_months:
        due = _month_end(due, keeping.extension_months)
    starts_on = due + timedelta(days=1)
    return Span(year_end=year_end, starts_on=starts_on, ends_on=_years_later(starts_on, keeping.years))


def newest_disposable(*, keeping: Keeping, today: date) -> date:
    """The last day of trade whose records may be disposed of on a day; those of later days may not."""
    year_end = _year_end(today, 12 if keeping.is_sole_trader else keeping.year_end_month)
    while span(keeping=keeping, traded_on=year_end).ends_on >= today:
        year_end = _month_end(year_end, -12)
    return year_end


def stamp_due(*, received_on: date, has_rules: bool, exceptions: Mapping[date, bool] = MappingProxyType({})) -> date:
    """The last day for a time stamp: about seven business days, two months more with rules on handling (D-05)."""
    counted_from = _months_later(received_on, STAMP_MONTHS) if has_rules else received_on
    return add_business_days(day=counted_from, count=STAMP_BUSINESS_DAYS, exceptions=exceptions)


def _year_end(day: date, month: int) -> date:
    year = day.year if day.month <= month else day.year + 1
    return date(year, month, monthrange(year, month)[1])


def _month_end(day: date, months: int) -> date:
    """The last day of the month that lies some months after that of a day."""
    later = _months_later(day.replace(day=1), months)
    return later.replace(day=monthrange(later.year, later.month)[1])


def _months_later(day: date, months: int) -> date:
    place = day.year * 12 + day.month - 1 + months
    year, month = divmod(place, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _years_later(starts_on: date, years: int) -> date:
    """The last day of whole years that begin with a day."""
    try:
        anniversary = starts_on.replace(year=starts_on.year + years)
    except ValueError:
        anniversary = date(starts_on.year + years, 3, 1)
    return anniversary - timedelta(days=1)
