"""組織: members, roles and leaving."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.cast import MORNING, Cast
from warifu.audit import queries as audit
from warifu.foundation.actor import OPERATOR, SYSTEM, Actor, Role
from warifu.foundation.refusals import NotFound, Refused
from warifu.organisations import actions, queries
from warifu.organisations.models import Appointment, Member, Organisation
from warifu.organisations.rules import NotPermitted

pytestmark = pytest.mark.django_db


def snapshot() -> list[Any]:
    return [list(Member.objects.order_by("id").values()), list(Organisation.objects.values())]


def entries(cast: Cast) -> int:
    return len(audit.timeline(organisation_id=cast.aoba, limit=1000))


def add(cast: Cast, **values: Any) -> Any:
    given = {"roles": Role.EMPLOYEE, "family_name": "加藤", "by": cast.aoki, "at": MORNING}
    return actions.add_member(organisation_id=cast.aoba, **{**given, **values})


@pytest.mark.shows("P-07")
def test_the_same_person_in_two_organisations_is_two_members(cast: Cast) -> None:
    one = add(cast, mail="kato@example.jp")
    other = actions.add_member(
        organisation_id=cast.ueda,
        roles=Role.EMPLOYEE,
        family_name="加",
        mail="kato@example.jp",
        by=cast.ueno,
        at=MORNING,
    )
    assert one != other
    with pytest.raises(NotFound):
        queries.member(organisation_id=cast.ueda, member_id=one)


def test_adding_a_member_trims_and_records_once(cast: Cast) -> None:
    before = entries(cast)
    member = queries.member(
        organisation_id=cast.aoba, member_id=add(cast, family_name="　髙橋 ", family_kana="ﾀｶﾊｼ", mail="Ｔ@Example.JP")
    )
    assert (member.family_name, member.family_kana, member.mail) == ("髙橋", "タカハシ", "t@example.jp")
    assert entries(cast) == before + 1


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"mail": "i002@example.jp"}, actions.MailTaken),
        ({"employee_code": "i002"}, actions.EmployeeCodeTaken),
        ({"roles": Role(0)}, actions.RolesNeeded),
    ],
)
def test_a_refused_member_changes_nothing(cast: Cast, values: dict[str, Any], refusal: type[Refused]) -> None:
    before, told = snapshot(), entries(cast)
    with pytest.raises(refusal):
        add(cast, **values)
    assert snapshot() == before
    assert entries(cast) == told


@pytest.mark.parametrize("who", ["inoue", "eto", "okada", "ueno"])
@pytest.mark.shows("V-01")
def test_only_administrators_of_the_house_manage_members(cast: Cast, who: str) -> None:
    before = snapshot()
    by: Actor = getattr(cast, who)
    for refused in (
        lambda: add(cast, by=by),
        lambda: actions.change_roles(
            organisation_id=cast.aoba, member_id=cast.inoue.id, roles=Role.ADMINISTRATOR, by=by, at=MORNING
        ),
        lambda: actions.record_leaving(
            organisation_id=cast.aoba, member_id=cast.inoue.id, left_on=date(2026, 11, 30), by=by, at=MORNING
        ),
    ):
        with pytest.raises(NotPermitted):
            refused()
    assert snapshot() == before


def test_roles_are_changed_and_recorded(cast: Cast) -> None:
    roles = Role.EMPLOYEE | Role.RECEIVER
    actions.change_roles(organisation_id=cast.aoba, member_id=cast.inoue.id, roles=roles, by=cast.aoki, at=MORNING)
    assert queries.member(organisation_id=cast.aoba, member_id=cast.inoue.id).roles == roles
    assert audit.timeline(organisation_id=cast.aoba, limit=1)[0].values == {"before": 1, "after": 3}


def test_the_last_administrator_stays(cast: Cast) -> None:
    before = snapshot()
    with pytest.raises(actions.LastAdministrator):
        actions.change_roles(
            organisation_id=cast.aoba, member_id=cast.aoki.id, roles=Role.EMPLOYEE, by=cast.aoki, at=MORNING
        )
    with pytest.raises(actions.LastAdministrator):
        actions.record_leaving(
            organisation_id=cast.aoba, member_id=cast.aoki.id, left_on=date(2026, 11, 30), by=cast.aoki, at=MORNING
        )
    assert snapshot() == before


@pytest.mark.shows("S-09")
def test_losing_the_role_ends_the_appointment(cast: Cast) -> None:
    actions.change_roles(
        organisation_id=cast.aoba, member_id=cast.eto.id, roles=Role.EMPLOYEE, by=cast.aoki, at=MORNING
    )
    assert not Appointment.objects.filter(member_id=cast.eto.id, until_day=None).exists()


def test_leaving_ends_the_membership(cast: Cast) -> None:
    actions.record_leaving(
        organisation_id=cast.aoba, member_id=cast.inoue.id, left_on=date(2026, 11, 30), by=cast.aoki, at=MORNING
    )
    member = queries.member(organisation_id=cast.aoba, member_id=cast.inoue.id)
    assert not member.is_active
    assert member.left_on == date(2026, 11, 30)


def test_an_organisation_is_made_by_the_operator_only(cast: Cast) -> None:
    with pytest.raises(NotFound):
        actions.create(code="third", name="三社目", by=cast.aoki, at=MORNING)
    with pytest.raises(actions.CodeTaken):
        actions.create(code="aoba", name="同じ名", by=OPERATOR, at=MORNING)
    assert Organisation.objects.count() == 2


@pytest.mark.shows("N-03")
def test_a_wrong_corporate_number_makes_no_organisation(cast: Cast) -> None:
    with pytest.raises(actions.CorporateNumberWrong):
        actions.create(code="third", name="三社目", corporate_number="7123456789013", by=OPERATOR, at=MORNING)
    assert Organisation.objects.count() == 2


@pytest.mark.parametrize("hours", [1, 8])
@pytest.mark.shows("003-6")
def test_the_time_to_log_out_is_one_to_eight_hours(cast: Cast, hours: int) -> None:
    actions.change_settings(
        organisation_id=cast.aoba, name="青葉商会", auto_logout_hours=hours, contact="", by=cast.aoki, at=MORNING
    )
    assert queries.organisation(organisation_id=cast.aoba).auto_logout_hours == hours


def test_the_house_itself_may_add_members(cast: Cast) -> None:
    assert add(cast, by=SYSTEM)
