"""An accountant's office for the tests of IDs, resets and access keys: Okada's, with everybody who works there."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import pytest

from tests.cast import MORNING
from warifu.credentials.actions import activation
from warifu.foundation.actor import OPERATOR, SYSTEM, Actor, Role
from warifu.notices import links
from warifu.organisations import actions, queries

GOOD = "やまのうえ ふるいはし あおいとり"


@dataclass(frozen=True, kw_only=True)
class Office:
    """The office, its people as actors, and two customers; `kuno` has no mail address."""

    id: UUID
    head: Actor
    administrator: Actor
    it: Actor
    payroll: Actor
    staff: Actor
    kuno: Actor
    customer: Actor


def make_office() -> Office:
    """The office as it stands before any ID is issued."""
    office = actions.create(code="okada", name="岡田会計事務所", is_office=True, by=OPERATOR, at=MORNING)

    def person(roles: Role, family: str, kana: str, code: str, mail: str | None = None) -> Actor:
        member_id = actions.add_member(
            organisation_id=office,
            roles=roles,
            family_name=family,
            family_kana=kana,
            mail=f"{code}@okada.example" if mail is None else mail,
            employee_code=code,
            by=SYSTEM,
            at=MORNING,
        )
        found = queries.member(organisation_id=office, member_id=member_id)
        return queries.actor_of(member=found, level=2, authenticated_at=MORNING)

    return Office(
        id=office,
        head=person(Role.HEAD, "岡田", "オカダ", "s001"),
        administrator=person(Role.ADMINISTRATOR, "木下", "キノシタ", "s002"),
        it=person(Role.IT, "久保", "クボ", "s003"),
        payroll=person(Role.PAYROLL | Role.STAFF, "毛塚", "ケヅカ", "s004"),
        staff=person(Role.STAFF, "小西", "コニシ", "s005"),
        kuno=person(Role.STAFF, "久野", "クノ", "s006", mail=""),
        customer=person(Role.CUSTOMER, "佐野", "サノ", "c001", mail="sano@kokyaku.example"),
    )


@pytest.fixture
def office(db: None) -> Office:
    """Okada's office."""
    return make_office()


def member_id(actor: Actor) -> UUID:
    """The id of a member's actor."""
    assert actor.id is not None
    return actor.id


def set_password(office: Office, actor: Actor, text: str = GOOD) -> None:
    """Choose a password by a link, as its owner."""
    link = activation.issue(
        organisation_id=office.id, member_id=member_id(actor), purpose="reset", by=SYSTEM, at=MORNING
    )
    token = links.resolve(link).rstrip("/").rsplit("/", 1)[-1]
    activation.use(token=token, password=text, at=MORNING, browser="b", address="192.0.2.1")
