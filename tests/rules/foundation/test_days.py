"""Days as Japan counts and writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from warifu.foundation.days import NotADay, era_year, jst_day, parse_day, wareki


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-21", date(2026, 11, 21)),
        ("2026/1/5", date(2026, 1, 5)),
        ("20261121", date(2026, 11, 21)),
        ("2026年11月21日", date(2026, 11, 21)),
        ("昭和63年4月2日", date(1988, 4, 2)),
        ("S63.4.2", date(1988, 4, 2)),
        ("s63/04/02", date(1988, 4, 2)),
        ("平成元年1月8日", date(1989, 1, 8)),
        ("令和元年5月1日", date(2019, 5, 1)),
        ("昭和64年1月7日", date(1989, 1, 7)),
        ("２０２６年１１月２１日", date(2026, 11, 21)),
        ("2026-11-21 00:00:00", date(2026, 11, 21)),
    ],
)
@pytest.mark.shows("J-11")
def test_it_reads_days_as_people_write_them(text: str, day: date) -> None:
    assert parse_day(text) == day


@pytest.mark.parametrize(
    "text",
    ["", "昭和64年1月8日", "平成31年5月1日", "2026-02-30", "26/1/5", "令和0年1月1日", "abc", "2026-13-01"],
)
@pytest.mark.shows("J-11", "A-16")
def test_it_refuses_days_that_do_not_exist(text: str) -> None:
    with pytest.raises(NotADay):
        parse_day(text)


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2019, 4, 30), "平成31年4月30日"),
        (date(2019, 5, 1), "令和元年5月1日"),
        (date(1989, 1, 7), "昭和64年1月7日"),
        (date(1926, 12, 25), "昭和元年12月25日"),
        (date(1926, 12, 24), "大正15年12月24日"),
    ],
)
@pytest.mark.shows("A-16", "J-11")
def test_an_era_begins_on_its_day_and_not_with_the_year(day: date, text: str) -> None:
    assert wareki(day) == text
    assert parse_day(text) == day


def test_a_year_alone_is_named_by_the_day_too() -> None:
    assert era_year(date(2026, 1, 1)) == "令和8年"


def test_the_day_is_japans() -> None:
    assert jst_day(datetime(2026, 11, 20, 15, 0, tzinfo=UTC)) == date(2026, 11, 21)
    assert jst_day(datetime(2026, 11, 20, 14, 59, tzinfo=UTC)) == date(2026, 11, 20)


def test_a_moment_without_a_zone_has_no_day() -> None:
    with pytest.raises(ValueError, match="time zone"):
        jst_day(datetime(2026, 11, 20))  # noqa: DTZ001
