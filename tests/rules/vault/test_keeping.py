"""保存期間: the dated table of rule R-02, with the worked dates of R-04 and the days of the batches (R-05)."""

from __future__ import annotations

from datetime import date

import pytest

from warifu.foundation.purposes import CHOOSABLE, Purpose
from warifu.vault.rules.keeping import RULES, batch_day, kept_until, rule_for


def end(purpose: Purpose, ended_on: date) -> date:
    return kept_until(rule=rule_for(purpose=purpose, ended_on=ended_on), ended_on=ended_on)


@pytest.mark.shows("R-02", "R-04")
@pytest.mark.parametrize(
    ("purpose", "ended_on", "until"),
    [
        (Purpose.DEPENDENTS_DECLARATION, date(2026, 1, 31), date(2034, 1, 10)),
        (Purpose.DEPENDENTS_DECLARATION, date(2026, 7, 15), date(2034, 1, 10)),
        (Purpose.DEPENDENTS_DECLARATION, date(2026, 12, 31), date(2034, 1, 10)),
        (Purpose.DEPENDENTS_DECLARATION, date(2027, 1, 1), date(2035, 1, 10)),
        (Purpose.RETIREMENT_INCOME, date(2026, 3, 31), date(2034, 1, 10)),
        (Purpose.EMPLOYMENT_INSURANCE, date(2026, 3, 31), date(2030, 3, 31)),
        (Purpose.EMPLOYMENT_INSURANCE, date(2028, 2, 29), date(2032, 2, 29)),
        (Purpose.HEALTH_PENSION, date(2026, 3, 31), date(2028, 3, 31)),
        (Purpose.HEALTH_PENSION, date(2028, 2, 28), date(2030, 2, 28)),
        (Purpose.THIRD_CATEGORY, date(2026, 9, 30), date(2028, 9, 30)),
        (Purpose.WITHHOLDING_SLIP, date(2026, 3, 31), date(2027, 1, 31)),
        (Purpose.FEE_PAYMENT_RECORD, date(2026, 12, 31), date(2027, 1, 31)),
        (Purpose.PROPERTY_SAVINGS, date(2026, 3, 31), date(2031, 12, 31)),
    ],
)
def test_the_last_day_of_keeping(purpose: Purpose, ended_on: date, until: date) -> None:
    assert end(purpose, ended_on) == until


@pytest.mark.shows("R-02")
def test_the_table_knows_every_purpose_that_numbers_are_collected_for() -> None:
    assert {rule.purpose for rule in RULES} == set(CHOOSABLE)
    assert all(rule.basis and rule.paper for rule in RULES)


def test_before_the_numbers_began_there_is_no_rule() -> None:
    with pytest.raises(ValueError, match="no keeping rule"):
        rule_for(purpose=Purpose.HEALTH_PENSION, ended_on=date(2015, 12, 31))


@pytest.mark.shows("R-05")
@pytest.mark.parametrize(
    ("day", "months", "due"),
    [
        (date(2034, 1, 11), 1, date(2034, 2, 1)),
        (date(2034, 2, 1), 1, date(2034, 2, 1)),
        (date(2034, 12, 2), 1, date(2035, 1, 1)),
        (date(2034, 1, 11), 3, date(2034, 4, 1)),
        (date(2034, 1, 11), 6, date(2034, 7, 1)),
        (date(2034, 1, 11), 12, date(2035, 1, 1)),
        (date(2034, 1, 1), 12, date(2034, 1, 1)),
    ],
)
def test_the_day_of_the_batch(day: date, months: int, due: date) -> None:
    assert batch_day(day=day, every_months=months) == due
