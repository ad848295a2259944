"""Verbs of 名簿の一人: take people into collecting, one by one."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from warifu.audit import actions as audit
from warifu.audit.events import Collection as Events
from warifu.collection.models import RosterEntry
from warifu.collection.queries import policies
from warifu.collection.rules import overdue
from warifu.foundation.actor import Actor, Role
from warifu.foundation.days import jst_day
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations import actions as members
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission, require


class AlreadyListed(Refused):
    """The person is already one of those to collect from."""

    code = "WF-C101"
    sentence = _("この人は、もう収集の対象に入っています。")
    remedy = _("「提出の状況」で名前をさがし、いまの状態をご覧ください。")


class NotListed(Refused):
    """Somebody who has left cannot be asked for a number (R-10, P-05)."""

    code = "WF-C102"
    sentence = _("退職・退出した人は、収集の対象に加えられません。")
    remedy = _("在籍している人をお選びください。退職が誤りのときは、利用者の情報を直してください。")


def add(*, organisation_id: UUID, member_id: UUID, by: Actor, at: datetime) -> UUID:
    """Take one member into collecting, not yet invited; returns the entry's id. The days count from `at` (001-22).

    Raises `NotPermitted`, `NotFound` for somebody else's member, `NotListed`, `AlreadyListed`.
    """
    require(by=by, permission=Permission.INVITE, organisation_id=organisation_id)
    if not organisations.member(organisation_id=organisation_id, member_id=member_id).is_active:
        raise NotListed
    today = jst_day(at)
    days = policies.current(organisation_id=organisation_id).overdue_days
    entry = RosterEntry(
        organisation_id=organisation_id,
        member_id=member_id,
        registered_on=today,
        due_on=overdue.due_day(registered_on=today, overdue_days=days),
    )
    try:
        with transaction.atomic():
            entry.save(force_insert=True)
            audit.record(
                event=Events.LISTED,
                by=by,
                at=at,
                organisation_id=organisation_id,
                subject_id=member_id,
                due_on=entry.due_on.isoformat(),
            )
    except IntegrityError:
        raise AlreadyListed from None
    return entry.id


def add_person(
    *,
    organisation_id: UUID,
    family_name: str,
    given_name: str,
    family_kana: str,
    given_kana: str,
    mail: str,
    employee_code: str,
    department: str,
    by: Actor,
    at: datetime,
) -> UUID:
    """Add a new member as an employee and take them into collecting in the same stroke; returns the entry's id.

    Raises what `organisations.actions.add_member` raises, and `NotPermitted`.
    """
    with transaction.atomic():
        member_id = members.add_member(
            organisation_id=organisation_id,
            roles=Role.EMPLOYEE,
            family_name=family_name,
            given_name=given_name,
            family_kana=family_kana,
            given_kana=given_kana,
            mail=mail,
            employee_code=employee_code,
            department=department,
            by=by,
            at=at,
        )
        return add(organisation_id=organisation_id, member_id=member_id, by=by, at=at)


def record_export(*, organisation_id: UUID, tab: str, by: Actor, at: datetime) -> None:
    """Record that somebody wrote the list of people into a file (it holds states, no numbers)."""
    require(by=by, permission=Permission.PEOPLE_VIEW, organisation_id=organisation_id)
    with transaction.atomic():
        audit.record(event=Events.LIST_EXPORTED, by=by, at=at, organisation_id=organisation_id, tab=tab)
