"""Who must show what: the demands of each role, and how strong a session is (L-13, L-14, L-19)."""

from __future__ import annotations

import pytest

from warifu.credentials.rules import policy
from warifu.credentials.rules.policy import Demands
from warifu.foundation.actor import Role
from warifu.organisations.rules import LEVEL_TWO, Permission


@pytest.mark.shows("L-19")
@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.EMPLOYEE, Role.CUSTOMER)])
def test_two_factors_are_demanded_of_all_who_work_with_others_data(role: Role) -> None:
    assert policy.of_desk(policy={}, roles=role | Role.EMPLOYEE) == Demands(mail_code=True, second_factor=True)


@pytest.mark.shows("L-19")
def test_an_employee_may_hand_in_with_the_password_alone() -> None:
    assert policy.of_roles(policy={}, roles=Role.EMPLOYEE) == Demands()
    assert policy.of_desk(policy={}, roles=Role.EMPLOYEE) == Demands()


def test_several_roles_demand_what_any_of_them_demands() -> None:
    chosen = {"handler": {"mail_code": False, "certificate": True}, "receiver": {"mail_code": True}}
    assert policy.of_roles(policy=chosen, roles=Role.HANDLER | Role.RECEIVER) == Demands(
        mail_code=True, certificate=True
    )


def test_what_a_policy_says_in_a_wrong_way_does_not_weaken_it() -> None:
    assert policy.of_role(policy={"handler": "nothing"}, role=Role.HANDLER) == policy.DEFAULTS[Role.HANDLER]
    assert policy.of_role(policy={"handler": {"unknown": True}}, role=Role.HANDLER) == Demands()


@pytest.mark.shows("L-13", "L-14")
@pytest.mark.parametrize(
    ("factors", "level"),
    [
        ([], 1),
        (["password"], 1),
        (["password", "mail_code"], 1),
        (["external", "mail_code"], 1),
        (["password", "access_key"], 1),
        (["password", "authenticator"], 2),
        (["password", "certificate", "mail_code"], 2),
        (["passkey"], 2),
    ],
)
def test_a_mailed_code_never_makes_a_session_strong(factors: list[str], level: int) -> None:
    assert policy.level_of(factors) == level


@pytest.mark.shows("L-14")
def test_numbers_and_the_rights_of_others_want_level_two() -> None:
    assert {
        Permission.NUMBER_REVEAL,
        Permission.VERIFY,
        Permission.MEMBERS_MANAGE,
        Permission.HANDLING_MANAGE,
    } <= LEVEL_TWO
    assert Permission.OWN_RECORD not in LEVEL_TWO


def test_only_what_differs_from_the_defaults_is_kept() -> None:
    chosen = policy.DEFAULTS | {Role.EMPLOYEE: Demands(mail_code=True)}
    assert policy.as_kept(chosen) == {"employee": {"mail_code": True, "second_factor": False, "certificate": False}}
    assert policy.of_role(policy=policy.as_kept(chosen), role=Role.EMPLOYEE) == Demands(mail_code=True)


@pytest.mark.shows("L-19")
def test_what_became_weaker_than_the_defaults_is_named() -> None:
    chosen = policy.DEFAULTS | {
        Role.HANDLER: Demands(mail_code=True, certificate=True),
        Role.EMPLOYEE: Demands(mail_code=True),
        Role.CUSTOMER: Demands(),
    }
    assert policy.lowered(chosen) == {
        Role.HANDLER: frozenset({"second_factor"}),
        Role.CUSTOMER: frozenset({"mail_code"}),
    }
    assert policy.lowered(policy.DEFAULTS) == {}
