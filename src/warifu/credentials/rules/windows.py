"""When a sealed notice can be opened (002-30, 002-36, L-07; seeds.md C-1 … C-3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum

from warifu.foundation.days import JST, jst_day
from warifu.organisations.rules import add_business_days

DAYS_AFTER_START = 2
"""Business days after the start on which the notice can still be opened."""

RECENT = timedelta(minutes=5)
"""How old the last proof of identity may be when a notice is opened (L-25)."""


class WindowState(Enum):
    """Whether a notice can be opened at a moment."""

    OPEN = "open"
    EARLY = "early"
    OVER = "over"


@dataclass(frozen=True, kw_only=True)
class ViewingWindow:
    """パスワード参照期間: the first and the last day on which a notice can be opened."""

    first_day: date
    last_day: date

    def state(self, at: datetime) -> WindowState:
        """Whether the window is open at a moment."""
        today = jst_day(at)
        if today < self.first_day:
            return WindowState.EARLY
        return WindowState.OPEN if today <= self.last_day else WindowState.OVER

    def closes_at(self) -> datetime:
        """The first moment at which the notice can no longer be opened."""
        return datetime.combine(self.last_day + timedelta(days=1), time(0), JST)


def viewing_window(*, decided_on: date, starts_on: date, exceptions: Mapping[date, bool]) -> ViewingWindow:
    """From the day of the decision to the second business day after the start.

    `exceptions` are the organisation's own days, as `add_business_days` takes them.
    """
    last_day = add_business_days(day=starts_on, count=DAYS_AFTER_START, exceptions=exceptions)
    return ViewingWindow(first_day=decided_on, last_day=last_day)
