"""When a sealed notice can be opened (002-30, 002-36, L-07; seeds.md C-1 … C-3)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from warifu.credentials.rules.windows import ViewingWindow, WindowState, viewing_window
from warifu.foundation.days import JST


def window(starts_on: date, exceptions: dict[date, bool] | None = None) -> ViewingWindow:
    return viewing_window(decided_on=date(2024, 12, 2), starts_on=starts_on, exceptions=exceptions or {})


@pytest.mark.shows("002-30", "002-36", "L-07", "J-12")
@pytest.mark.parametrize(
    ("starts_on", "last_day"),
    [
        (date(2024, 12, 10), date(2024, 12, 12)),  # the seed's own: Tuesday → Thursday
        (date(2024, 12, 6), date(2024, 12, 10)),  # a Friday → Tuesday
        (date(2024, 12, 7), date(2024, 12, 10)),  # a Saturday → Tuesday
        (date(2024, 12, 26), date(2025, 1, 6)),  # over the end of the year: 12-27, then 1-6
        (date(2026, 4, 30), date(2026, 5, 7)),  # over Golden Week: 5-1, then 5-7
        (date(2026, 11, 20), date(2026, 11, 25)),  # over a weekend and 勤労感謝の日
    ],
)
def test_it_ends_on_the_second_business_day_after_the_start(starts_on: date, last_day: date) -> None:
    assert window(starts_on).last_day == last_day


def test_an_organisations_own_days_move_its_end() -> None:
    closed = {date(2024, 12, 11): False}
    assert window(date(2024, 12, 10), closed).last_day == date(2024, 12, 13)
    worked = {date(2024, 12, 7): True}
    assert window(date(2024, 12, 6), worked).last_day == date(2024, 12, 9)


@pytest.mark.shows("002-36")
def test_it_opens_with_the_first_minute_and_closes_after_the_last() -> None:
    seen = window(date(2024, 12, 10))
    first, end = datetime(2024, 12, 2, 0, 0, tzinfo=JST), datetime(2024, 12, 13, 0, 0, tzinfo=JST)
    minute = timedelta(minutes=1)
    states = [seen.state(at) for at in (first - minute, first, end - minute, end)]
    assert states == [WindowState.EARLY, WindowState.OPEN, WindowState.OPEN, WindowState.OVER]
    assert seen.closes_at() == end
