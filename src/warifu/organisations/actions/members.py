"""Verbs of one member: add, change roles and mail, record leaving."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Organisations as Events
from warifu.foundation import japanese
from warifu.foundation.actor import Actor, Role
from warifu.foundation.days import jst_day
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations.actions.shared import OfficeMail, changes, insist_own_mails, locked
from warifu.organisations.models import Appointment, Member
from warifu.organisations.rules import Permission, may_change_own_mail, require


class MailTaken(Refused):
    """Another member of the organisation already has this mail address."""

    code = "WF-O202"
    sentence = _("このメールアドレスは、ほかの利用者が使っています。")
    remedy = _("利用者の一覧で確かめ、別のメールアドレスを入れてください。")


class EmployeeCodeTaken(Refused):
    """Another member of the organisation already has this employee code."""

    code = "WF-O203"
    sentence = _("社員番号「{employee_code}」は、ほかの利用者が使っています。")
    remedy = _("利用者の一覧で確かめ、別の社員番号を入れてください。")


class LastAdministrator(Refused):
    """The organisation would be left without an administrator."""

    code = "WF-O204"
    sentence = _("管理者が一人もいなくなるため、変えられません。")
    remedy = _("先に、ほかの人を管理者にしてください。")


class RolesNeeded(Refused):
    """A member needs at least one role."""

    code = "WF-O205"
    sentence = _("役割が一つも選ばれていません。")
    remedy = _("少なくとも一つの役割を選んでください。退職したときは「退職を記録する」を使います。")


def add_member(
    *,
    organisation_id: UUID,
    roles: Role,
    family_name: str,
    by: Actor,
    at: datetime,
    given_name: str = "",
    mail: str = "",
    family_kana: str = "",
    given_kana: str = "",
    born_on: date | None = None,
    employee_code: str = "",
    department: str = "",
) -> UUID:
    """Add one member by hand; returns the id. Raises `NotPermitted`, `RolesNeeded` and refusals of taken values."""
    require(by=by, permission=Permission.MEMBERS_MANAGE, organisation_id=organisation_id)
    if not roles:
        raise RolesNeeded
    member = Member(
        organisation_id=organisation_id,
        roles=int(roles),
        family_name=japanese.trim_name(family_name),
        given_name=japanese.trim_name(given_name),
        family_kana=japanese.to_katakana(family_kana),
        given_kana=japanese.to_katakana(given_kana),
        born_on=born_on,
        mail=japanese.to_half_width(mail).lower(),
        employee_code=japanese.to_half_width(employee_code),
        department=japanese.trim_name(department),
        created_at=at,
    )
    member.search_text = search_text(member=member)
    with transaction.atomic():
        _insist_unique(member)
        member.save(force_insert=True)
        audit.record(
            event=Events.MEMBER_ADDED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=member.id,
            name=member.full_name,
            roles=int(roles),
        )
    return member.id


def change_roles(*, organisation_id: UUID, member_id: UUID, roles: Role, by: Actor, at: datetime) -> None:
    """Give a member exactly these roles. Raises `NotPermitted`, `NotFound`, `RolesNeeded`, `LastAdministrator`."""
    require(by=by, permission=Permission.MEMBERS_MANAGE, organisation_id=organisation_id)
    if not roles:
        raise RolesNeeded
    with transaction.atomic():
        member = locked(organisation_id=organisation_id, member_id=member_id)
        if member.holds(Role.ADMINISTRATOR) and Role.ADMINISTRATOR not in roles:
            _insist_other_administrator(member)
        before = member.roles
        Member.objects.filter(id=member.id).update(roles=int(roles))
        if not roles & Role.HANDLER:
            Appointment.objects.filter(member=member, until_day=None).update(until_day=jst_day(at))
        audit.record(
            event=Events.ROLES_CHANGED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=member_id,
            before=before,
            after=int(roles),
        )


def record_leaving(*, organisation_id: UUID, member_id: UUID, left_on: date, by: Actor, at: datetime) -> None:
    """Record that a member has left; their collection links and sessions die with the state (R-10)."""
    require(by=by, permission=Permission.MEMBERS_MANAGE, organisation_id=organisation_id)
    with transaction.atomic():
        member = locked(organisation_id=organisation_id, member_id=member_id)
        if member.holds(Role.ADMINISTRATOR):
            _insist_other_administrator(member)
        Member.objects.filter(id=member.id).update(
            state=Member.State.LEFT, left_on=left_on, employment=Member.Employment.RETIRED
        )
        Appointment.objects.filter(member=member, until_day=None).update(until_day=jst_day(at))
        audit.record(
            event=Events.MEMBER_LEFT,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=member_id,
            left_on=left_on.isoformat(),
        )


def change_mail(*, organisation_id: UUID, member_id: UUID, mail: str, by: Actor, at: datetime) -> None:
    """Correct a member's mail address. Raises `NotPermitted`, `NotFound`, `MailTaken`, `OfficeMail`.

    Links that let somebody in go to that address, so those of office people are for administrators only.
    """
    require(by=by, permission=Permission.INVITE, organisation_id=organisation_id)
    with transaction.atomic():
        member = locked(organisation_id=organisation_id, member_id=member_id)
        insist_own_mails(
            organisation_id=organisation_id, mails={member_id: japanese.to_half_width(mail).lower()}, by=by
        )
        _redirect(member, mail, by, at)


def change_own_mail(*, organisation_id: UUID, mail: str, by: Actor, at: datetime) -> None:
    """Send one's own letters elsewhere, once 資格 has proven the new mailbox.

    Raises `OfficeMail` for people with a role in the office, `NotPermitted`, `NotFound`, `MailTaken`.
    """
    require(by=by, permission=Permission.OWN_RECORD, organisation_id=organisation_id)
    if by.id is None or not may_change_own_mail(roles=by.roles):
        raise OfficeMail
    with transaction.atomic():
        _redirect(locked(organisation_id=organisation_id, member_id=by.id), mail, by, at)


def search_text(*, member: Member) -> str:
    """What the search of people lists looks into: names, readings, code and mail in their searching form."""
    parts = (
        member.full_name,
        member.full_kana,
        member.employee_code,
        member.mail,
    )
    return " ".join(japanese.search_key(part) for part in parts if part)


def _redirect(member: Member, mail: str, by: Actor, at: datetime) -> None:
    before, member.mail = member.mail, japanese.to_half_width(mail).lower()
    _insist_unique(member)
    member.search_text = search_text(member=member)
    Member.objects.filter(id=member.id).update(mail=member.mail, search_text=member.search_text)
    audit.record(
        event=Events.MEMBER_CHANGED,
        by=by,
        at=at,
        organisation_id=member.organisation_id,
        subject_id=member.id,
        **changes(before={"mail": before}, after={"mail": member.mail}),
    )


def _insist_unique(member: Member) -> None:
    others = Member.objects.filter(organisation_id=member.organisation_id).exclude(id=member.id)
    if member.mail and others.filter(mail=member.mail).exists():
        raise MailTaken
    if member.employee_code and others.filter(employee_code=member.employee_code).exists():
        raise EmployeeCodeTaken(employee_code=member.employee_code)


def _insist_other_administrator(member: Member) -> None:
    active = Member.objects.filter(organisation_id=member.organisation_id, state=Member.State.ACTIVE)
    others = active.exclude(id=member.id).values_list("roles", flat=True).filter(roles__gte=int(Role.ADMINISTRATOR))
    if not any(Role.ADMINISTRATOR in Role(roles) for roles in others):
        raise LastAdministrator
