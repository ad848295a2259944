"""How long a licence lasts."""

from __future__ import annotations

from datetime import date

import pytest

from warifu.licences.rules.terms_of_time import last_day


@pytest.mark.parametrize(
    ("begins", "months", "ends"),
    [
        (date(2026, 11, 24), 12, date(2027, 11, 23)),
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 12, 1), 1, date(2026, 12, 31)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
    ],
)
def test_a_term_ends_the_day_before_its_day_comes_again(begins: date, months: int, ends: date) -> None:
    assert last_day(begins=begins, months=months) == ends
