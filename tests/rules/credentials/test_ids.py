"""What an ID may look like, what is proposed, and who may start whose reset (003-6, 003-7, 003-11, 003-12)."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from warifu.credentials.rules import ids, resets
from warifu.credentials.rules.ids import Fault
from warifu.foundation.actor import Role

HEAD, ADMINISTRATOR, IT, PAYROLL = Role.HEAD, Role.ADMINISTRATOR, Role.IT, Role.PAYROLL
STAFF, CUSTOMER, EMPLOYEE = Role.STAFF, Role.CUSTOMER, Role.EMPLOYEE


@pytest.mark.shows("003-6", "003-11")
def test_staff_get_the_access_name_and_their_code_customers_their_mail() -> None:
    assert ids.proposed(is_staff=True, office_code="okada", employee_code="A001", mail="a@x.example") == "okada-a001"
    assert ids.proposed(is_staff=False, office_code="okada", employee_code="c9", mail="Ｙ@X.example") == "y@x.example"
    assert ids.proposed(is_staff=False, office_code="okada", employee_code="c9", mail="") == "okada-c9"
    assert ids.proposed(is_staff=True, office_code="okada", employee_code="", mail="") == "okada-"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", Fault.MISSING),
        ("abc", Fault.SHORT),
        ("abcd", None),
        ("a" * 254, None),
        ("a" * 255, Fault.LONG),
        ("okada-0012", None),
        ("taro.yamada+tax@x-y.example", None),
        ("-okada", Fault.SIGNS),
        ("okada 12", Fault.SIGNS),
        ("おかだ", Fault.SIGNS),
        ("okada'--", Fault.SIGNS),
        ("okada\n", Fault.SIGNS),
    ],
)
def test_what_may_be_an_id(text: str, fault: Fault | None) -> None:
    assert ids.fault(text) is fault


def test_it_is_kept_small_and_in_half_width() -> None:
    assert ids.normal(" ＯＫＡＤＡ－００１２ ") == "okada-0012"


def test_an_id_is_spelt_out_and_look_alikes_are_pointed_out() -> None:
    assert ids.spoken("a0.Z@") == "エー・ゼロ・ドット・ゼット・アットマーク"
    assert ids.is_misread("okada-o012", office_code="okada")
    assert not ids.is_misread("okada-0012", office_code="okada")
    assert not ids.is_misread("oota001@x.example", office_code="okada")


def test_every_sign_that_an_id_may_have_can_be_said() -> None:
    for sign in "abcdefghijklmnopqrstuvwxyz0123456789._@+-":
        assert ids.spoken(sign) != sign


def test_months_go_back_over_the_turn_of_the_year() -> None:
    assert ids.months_back(today=date(2026, 1, 15), count=3) == [
        (date(2026, 1, 1), date(2026, 2, 1)),
        (date(2025, 12, 1), date(2026, 1, 1)),
        (date(2025, 11, 1), date(2025, 12, 1)),
    ]


@pytest.mark.shows("003-7", "003-12")
@pytest.mark.parametrize(
    ("starter", "target", "may"),
    [
        (IT, HEAD, False),
        (IT, PAYROLL, False),
        (IT, ADMINISTRATOR, False),
        (IT, IT, False),
        (IT, STAFF, True),
        (IT, CUSTOMER, True),
        (IT, EMPLOYEE, True),
        (IT, STAFF | PAYROLL, False),
        (IT, STAFF | HEAD, False),
        (IT, STAFF | EMPLOYEE, True),
        (STAFF, CUSTOMER, True),
        (STAFF, STAFF, False),
        (STAFF, CUSTOMER | STAFF, False),
        (PAYROLL, CUSTOMER, False),
        (CUSTOMER, CUSTOMER, False),
        (STAFF | IT, STAFF, True),
        (HEAD, HEAD | ADMINISTRATOR, True),
        (ADMINISTRATOR, HEAD, True),
    ],
)
def test_who_may_start_whose_reset(starter: Role, target: Role, may: bool) -> None:
    assert resets.may_start(starter=starter, target=target, is_self=False) is may


REACH: dict[Role, set[Role]] = {
    HEAD: set(Role),
    ADMINISTRATOR: set(Role),
    IT: {STAFF, CUSTOMER, EMPLOYEE},
    STAFF: {CUSTOMER},
}
"""The rule's sentence written down anew: whoever is not named here starts nobody's reset."""
SETS = [Role(value) for value in range(1, sum(Role) + 1)]
OTHERS = [role for role in Role if role not in REACH]


def expected(starter: Role, target: Role) -> bool:
    rows = {sum(reach) for role, reach in REACH.items() if role in starter}
    return any(int(target) & row == int(target) for row in rows)


@pytest.mark.shows("003-7")
def test_over_all_sets_of_roles_the_strongest_role_protects() -> None:
    """Every set of helping roles against every set of roles that a person may hold."""
    helping = [starter for starter in SETS if not any(role in starter for role in OTHERS)]
    assert len(helping) == 15
    for starter, target in product([*helping, *OTHERS], SETS):
        assert resets.may_start(starter=starter, target=target, is_self=False) is expected(starter, target), (
            starter,
            target,
        )


def test_roles_that_are_not_in_the_table_add_nothing_to_a_starter() -> None:
    for starter, target in product(SETS, Role):
        assert resets.may_start(starter=starter, target=target, is_self=False) is expected(starter, target)


def test_a_further_role_never_makes_a_person_easier_to_reset() -> None:
    singles = list(Role)
    for starter, first, second in product(singles, singles, singles):
        both = resets.may_start(starter=starter, target=first | second, is_self=False)
        assert not both or resets.may_start(starter=starter, target=first, is_self=False)


@pytest.mark.shows("003-5")
def test_the_head_does_not_start_their_own_reset() -> None:
    assert not resets.may_start(starter=HEAD, target=HEAD, is_self=True)
    assert not resets.may_start(starter=HEAD | ADMINISTRATOR, target=HEAD | ADMINISTRATOR, is_self=True)
    assert resets.may_start(starter=ADMINISTRATOR, target=ADMINISTRATOR, is_self=True)


def test_helpers_are_named_by_role() -> None:
    assert resets.helpers(target=CUSTOMER) == HEAD | ADMINISTRATOR | IT | STAFF
    assert resets.helpers(target=STAFF) == HEAD | ADMINISTRATOR | IT
    assert resets.helpers(target=HEAD) == HEAD | ADMINISTRATOR
    assert resets.helpers(target=PAYROLL | STAFF) == HEAD | ADMINISTRATOR
