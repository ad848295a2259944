"""Plans, paid items and prices change from a month to come; what is past stays as it was (002-7, B5)."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from tests.cast import MORNING, Cast
from tests.rooms.applications.office import Office, open_office, submitted
from tests.rooms.applications.test_procedures import decide
from warifu.applications.actions import contracts
from warifu.applications.models import Charge, CodeOption, PlanTerm, Price, UserCode
from warifu.applications.queries import billing as queries
from warifu.applications.rules import billing
from warifu.audit.models import Entry
from warifu.organisations.rules import NotPermitted

pytestmark = pytest.mark.django_db
DECEMBER, JANUARY = date(2026, 12, 1), date(2027, 1, 1)


@pytest.fixture
def office(cast: Cast) -> Office:
    """The operator's office; Aoba has one code for customs and consolidation."""
    office = open_office()
    decide(submitted(cast, office), office)
    return office


@pytest.fixture
def code(office: Office) -> UUID:
    """Aoba's code."""
    return UserCode.objects.get().id


def total(cast: Cast, month: date) -> int:
    return queries.bill(organisation_id=cast.aoba, organisation_name="青葉", month=month).total


@pytest.mark.shows("002-7")
def test_a_month_costs_what_plan_and_codes_say(cast: Cast, office: Office, code: UUID) -> None:
    assert (total(cast, date(2026, 11, 1)), total(cast, DECEMBER)) == (0, 5_000)
    given: dict[str, Any] = {"organisation_id": cast.aoba, "by": cast.aoki, "at": MORNING, "from_month": JANUARY}
    contracts.choose_options(user_code_id=code, paid_statistics=True, keeps_bonded_data=False, **given)
    contracts.choose_plan(scheme_id=office.scheme, plan="B", **given)
    assert (total(cast, DECEMBER), total(cast, JANUARY)) == (5_000, 1_000)
    events = list(Entry.objects.order_by("id").values_list("event", flat=True))[-2:]
    assert events == ["applications.options.chosen", "applications.plan.chosen"]


def test_a_price_changes_from_its_month_on_and_is_kept_with_its_source(cast: Cast, office: Office) -> None:
    contracts.set_price(
        scheme_id=office.scheme, item="base", plan="A", amount=6_000, from_month=JANUARY, source="理事会 2026-11",
        by=office.kato, at=MORNING,
    )  # fmt: skip
    assert (total(cast, DECEMBER), total(cast, JANUARY)) == (5_000, 6_000)
    assert queries.prices(scheme_id=office.scheme)[0].source == "理事会 2026-11"


def test_the_operator_adds_what_was_used_and_the_same_line_replaces_it(cast: Cast, office: Office) -> None:
    for amount in (24_000, 25_000):
        contracts.charge(organisation_id=cast.aoba, month=DECEMBER, item="利用料", detail="1,200件", amount=amount,
                         by=office.kato, at=MORNING)  # fmt: skip
    assert total(cast, DECEMBER) == 30_000


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"from_month": date(2026, 11, 1)}, billing.MonthTooLate),
        ({"from_month": date(2020, 1, 1)}, billing.MonthTooLate),
        ({"paid_statistics": False, "keeps_bonded_data": True}, billing.KeepingNeedsStatistics),
        ({"keeps_bonded_data": True}, billing.NotForTheseIndustries),
    ],
)
def test_paid_items_that_cannot_be_are_refused(
    values: dict[str, Any], refusal: type[Exception], cast: Cast, code: UUID
) -> None:
    given = {"paid_statistics": True, "keeps_bonded_data": False, "from_month": JANUARY, **values}
    with pytest.raises(refusal):
        contracts.choose_options(organisation_id=cast.aoba, user_code_id=code, by=cast.aoki, at=MORNING, **given)
    assert not CodeOption.objects.exists()


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"amount": -1}, billing.AmountUnusable),
        ({"amount": billing.HIGHEST + 1}, billing.AmountUnusable),
        ({"plan": "C"}, billing.PlanUnknown),
        ({"item": "<b>"}, billing.PriceUnknown),
        ({"from_month": date(2026, 11, 30)}, billing.MonthTooLate),
    ],
)
def test_prices_that_cannot_be_are_refused(
    values: dict[str, Any], refusal: type[Exception], cast: Cast, office: Office
) -> None:
    before = Price.objects.count()
    given = {"item": "use", "plan": "A", "amount": 10, "from_month": JANUARY, "source": "", **values}
    with pytest.raises(refusal):
        contracts.set_price(scheme_id=office.scheme, by=office.kato, at=MORNING, **given)
    assert Price.objects.count() == before


def test_each_side_does_its_own_only(cast: Cast, office: Office, code: UUID) -> None:
    at: dict[str, Any] = {"at": MORNING, "from_month": JANUARY}
    for refused in (
        lambda: contracts.set_price(
            scheme_id=office.scheme, item="base", plan="A", amount=0, source="", by=cast.aoki, **at
        ),
        lambda: contracts.charge(
            organisation_id=cast.aoba, month=JANUARY, item="x", detail="", amount=1, by=cast.aoki, at=MORNING
        ),
        lambda: contracts.choose_plan(organisation_id=cast.aoba, scheme_id=office.scheme, plan="B", by=cast.ueno, **at),
        lambda: contracts.choose_plan(
            organisation_id=cast.aoba, scheme_id=office.scheme, plan="B", by=cast.inoue, **at
        ),
        lambda: queries.bills_page(by=cast.aoki, month=JANUARY),
    ):
        with pytest.raises(NotPermitted):
            refused()
    assert not PlanTerm.objects.exists()
    assert not Charge.objects.exists()


def test_everybody_s_month_is_read_in_six_queries(
    cast: Cast, office: Office, django_assert_max_num_queries: Any
) -> None:
    UserCode.objects.create(
        scheme_id=office.scheme, organisation_id=cast.ueda, text="1ANAX", allotted_at=MORNING, from_day=DECEMBER
    )
    with django_assert_max_num_queries(8):
        bills, after = queries.bills_page(by=office.kato, month=DECEMBER)
    assert [bill.total for bill in bills] == [5_000, 5_000]
    assert after is None
