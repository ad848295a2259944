"""営業日: the calendar that windows and deadlines count by."""

from __future__ import annotations

from datetime import date

import pytest

from warifu.organisations.rules import add_business_days, is_business_day


@pytest.mark.parametrize(
    ("day", "open_"),
    [
        (date(2026, 11, 20), True),  # Friday
        (date(2026, 11, 21), False),  # Saturday
        (date(2026, 11, 23), False),  # 勤労感謝の日
        (date(2026, 12, 28), True),
        (date(2026, 12, 29), False),
        (date(2027, 1, 3), False),
        (date(2027, 1, 4), True),
        (date(2026, 5, 6), False),  # 振替休日
    ],
)
@pytest.mark.shows("J-12")
def test_it_knows_weekends_holidays_and_the_years_end(day: date, open_: bool) -> None:
    assert is_business_day(day=day) is open_


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2024, 12, 10), 2, date(2024, 12, 12)),
        (date(2026, 11, 20), 1, date(2026, 11, 24)),
        (date(2026, 12, 28), 2, date(2027, 1, 5)),
        (date(2026, 11, 24), -1, date(2026, 11, 20)),
        (date(2026, 11, 21), 0, date(2026, 11, 21)),
    ],
)
@pytest.mark.shows("J-12")
def test_it_counts_business_days(day: date, count: int, expected: date) -> None:
    assert add_business_days(day=day, count=count) == expected


def test_an_office_may_close_on_further_days_and_work_on_others() -> None:
    exceptions = {date(2026, 11, 24): False, date(2026, 11, 22): True}
    assert add_business_days(day=date(2026, 11, 20), count=1, exceptions=exceptions) == date(2026, 11, 22)
    assert add_business_days(day=date(2026, 11, 20), count=2, exceptions=exceptions) == date(2026, 11, 25)
