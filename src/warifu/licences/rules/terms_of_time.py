"""How long a licence or a support contract lasts."""

from __future__ import annotations

import calendar
from datetime import date, timedelta


def last_day(*, begins: date, months: int) -> date:
    """The last day of a term of whole months: the day before the same day of the month in which it is over.

    A term that begins on a day which that month lacks ends with the month's last day: 31 Jan + 1 month → 28 Feb.
    """
    year, month = divmod(begins.year * 12 + begins.month - 1 + months, 12)
    month += 1
    longest = calendar.monthrange(year, month)[1]
    if begins.day > longest:
        return date(year, month, longest)
    return date(year, month, begins.day) - timedelta(days=1)
