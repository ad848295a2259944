"""What a month costs by plan, codes and prices (002-7, seeds.md B2.6, B2.7)."""

from __future__ import annotations

from datetime import date

import pytest

from warifu.applications.rules import billing
from warifu.applications.rules.billing import CodeOfMonth, PriceLine, bill, lives_in, prices_of

SINCE = date(2014, 5, 1)
TABLE = [
    PriceLine(item=item, plan=plan, from_month=SINCE, amount=amount, source=source)
    for item, plan, amount, source in billing.STARTING
]
DECEMBER = date(2026, 12, 1)


def code(text: str, *, paid: bool = False, keeps: bool = False) -> CodeOfMonth:
    return CodeOfMonth(text=text, paid_statistics=paid, keeps_bonded_data=keeps)


@pytest.mark.shows("002-7")
@pytest.mark.parametrize(
    ("plan", "codes", "yen"),
    [
        ("A", [], 0),
        ("A", [code("1ANAC"), code("1ANAD"), code("1ANAE")], 5_000),
        ("B", [code("1ANAC"), code("1ANAD"), code("1ANAE")], 0),
        ("A", [code("1ANAC", paid=True), code("1ANAD", paid=True)], 7_000),
        ("B", [code("1ANAC", paid=True, keeps=True), code("1ANAD", paid=True, keeps=True)], 4_000),
    ],
)
def test_what_a_month_costs(plan: str, codes: list[CodeOfMonth], yen: int) -> None:
    prices = prices_of(prices=TABLE, plan=plan, month=DECEMBER)
    assert sum(line.amount for line in bill(prices=prices, codes=codes)) == yen


def test_every_starting_price_says_where_it_is_from() -> None:
    assert all(price.source for price in TABLE)
    assert {price.item for price in TABLE} == {"base", "statistics", "keeping"}


def test_a_new_price_counts_from_its_month_on() -> None:
    table = [*TABLE, PriceLine(item="base", plan="A", from_month=date(2027, 1, 1), amount=6_000)]
    amounts = [
        prices_of(prices=table, plan="A", month=month)["base"].amount
        for month in (DECEMBER, date(2027, 1, 1), date(2027, 2, 1))
    ]
    assert amounts == [5_000, 6_000, 6_000]


def test_the_operator_s_own_lines_stand_below() -> None:
    lines = bill(prices=prices_of(prices=TABLE, plan="A", month=DECEMBER), codes=[code("1ANAC")],
                 further=[("利用料", "1,200件", 24_000)])  # fmt: skip
    assert [(line.item, line.amount) for line in lines] == [("base", 5_000), ("利用料", 24_000)]


@pytest.mark.parametrize(
    ("from_day", "ended_on", "lives"),
    [
        (date(2026, 12, 31), None, True),
        (date(2027, 1, 1), None, False),
        (date(2026, 11, 1), date(2026, 12, 1), False),
        (date(2026, 11, 1), date(2026, 12, 2), True),
    ],
)
def test_a_code_counts_in_the_months_in_which_it_can_be_used(
    from_day: date, ended_on: date | None, *, lives: bool
) -> None:
    assert lives_in(month=DECEMBER, from_day=from_day, ended_on=ended_on) is lives


def test_months_follow_one_another_over_the_year() -> None:
    assert billing.month_after(DECEMBER) == date(2027, 1, 1)
    assert billing.month_before(date(2027, 1, 1)) == DECEMBER


@pytest.mark.parametrize("amount", [-1, -5_000, billing.HIGHEST + 1])
def test_amounts_that_cannot_be_charged_are_refused(amount: int) -> None:
    with pytest.raises(billing.AmountUnusable):
        billing.insist_amount(amount)
