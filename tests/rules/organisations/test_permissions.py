"""だれが何をできるか: the one table, by every kind of caller."""

from __future__ import annotations

import pytest

from warifu.foundation.actor import OPERATOR, SYSTEM, Actor, ActorKind, Role
from warifu.foundation.ids import new_id
from warifu.organisations.rules import PERMISSIONS, NotPermitted, Permission, may, require

AOBA, UEDA = new_id(), new_id()
NUMBERS = (Permission.NUMBER_REVEAL, Permission.VERIFY, Permission.ENTER_FOR)


def member(roles: Role) -> Actor:
    return Actor(kind=ActorKind.MEMBER, id=new_id(), organisation_id=AOBA, roles=roles)


@pytest.mark.shows("V-01")
@pytest.mark.parametrize("permission", Permission)
def test_nobody_may_do_anything_in_another_organisation(permission: Permission) -> None:
    everything = Role(sum(Role))
    assert may(by=member(everything), permission=permission, organisation_id=AOBA)
    assert not may(by=member(everything), permission=permission, organisation_id=UEDA)


@pytest.mark.shows("S-09")
@pytest.mark.parametrize("permission", NUMBERS)
def test_an_administrator_is_no_handler(permission: Permission) -> None:
    assert not may(by=member(Role.ADMINISTRATOR), permission=permission, organisation_id=AOBA)
    assert not may(by=OPERATOR, permission=permission, organisation_id=AOBA)


@pytest.mark.shows("P-09")
def test_reception_checks_papers_and_sees_no_number() -> None:
    allowed = {
        permission
        for permission in Permission
        if may(by=member(Role.RECEIVER), permission=permission, organisation_id=AOBA)
    }
    assert Permission.DOCUMENTS_CHECK in allowed
    assert allowed.isdisjoint({Permission.NUMBER_REVEAL, Permission.VERIFY, Permission.ENTER_FOR})


def test_an_employee_may_hand_in_and_nothing_else() -> None:
    allowed = [
        permission
        for permission in Permission
        if may(by=member(Role.EMPLOYEE), permission=permission, organisation_id=AOBA)
    ]
    assert allowed == [Permission.OWN_RECORD, Permission.HAND_IN]


def test_roles_add_up() -> None:
    both = member(Role.HANDLER | Role.ADMINISTRATOR)
    assert may(by=both, permission=Permission.NUMBER_REVEAL, organisation_id=AOBA)
    assert may(by=both, permission=Permission.MEMBERS_MANAGE, organisation_id=AOBA)


def test_a_token_may_do_what_its_scopes_say() -> None:
    token = Actor(kind=ActorKind.TOKEN, organisation_id=AOBA, scopes=frozenset({"people:read"}))
    assert may(by=token, permission=Permission.PEOPLE_VIEW, organisation_id=AOBA)
    assert not may(by=token, permission=Permission.INVITE, organisation_id=AOBA)
    assert not may(by=token, permission=Permission.PEOPLE_VIEW, organisation_id=UEDA)


def test_the_house_works_by_schedule() -> None:
    assert may(by=SYSTEM, permission=Permission.INVITE, organisation_id=AOBA)


def test_the_table_knows_every_permission() -> None:
    assert set(PERMISSIONS) == set(Permission)


def test_requiring_refuses_with_a_code() -> None:
    with pytest.raises(NotPermitted) as refused:
        require(by=member(Role.EMPLOYEE), permission=Permission.VERIFY, organisation_id=AOBA)
    assert refused.value.code == "WF-O101"
