"""Verbs of the room 組織."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from warifu.audit import actions as audit
from warifu.audit.events import Organisations as Events
from warifu.foundation import japanese
from warifu.foundation.actor import Actor, Role
from warifu.foundation.days import jst_day
from warifu.foundation.purposes import CHOOSABLE, Purpose
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations.models import Appointment, HandlingPlan, Member, Organisation
from warifu.organisations.rules import Permission, require


class CodeTaken(Refused):
    """Another organisation already has this code."""

    code = "WF-O201"
    sentence = _("組織コード「{organisation_code}」はすでに使われています。")
    remedy = _("別の組織コードを選んでください。英小文字、数字、ハイフンが使えます。")


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


class PlanIncomplete(Refused):
    """The handling plan lacks something that the law wants written down (P-15, S-02)."""

    code = "WF-O301"
    sentence = _("取扱いの定めに、まだ決まっていないところがあります: {missing}。")
    remedy = _("足りないところを決めてから、もう一度「この内容で定める」を押してください。")


class PurposeUnknown(Refused):
    """The purpose is not on the closed list (P-01)."""

    code = "WF-O302"
    sentence = _("選べない利用目的が含まれています。")
    remedy = _("利用目的は、社会保障・税・災害対策の一覧からお選びください。法律で決まっているため、加えることはできません。")


class NotAHandler(Refused):
    """Only a member who holds the role can be appointed or named."""

    code = "WF-O303"
    sentence = _("この人は、必要な役割（{role}）を持っていません。")
    remedy = _("先に「利用者と役割」で役割を付けてください。")


def create(*, code: str, name: str, by: Actor, at: datetime, corporate_number: str = "", contact: str = "") -> UUID:
    """Make an organisation and its empty handling plan; returns its id. Only the operator and the house may.

    Raises `NotFound` for members of other organisations and `CodeTaken`.
    """
    if by.organisation_id is not None:
        raise NotFound
    try:
        with transaction.atomic():
            organisation = Organisation.objects.create(
                code=code, name=name, corporate_number=corporate_number, contact=contact, created_at=at
            )
            HandlingPlan.objects.create(organisation=organisation)
            audit.record(
                event=Events.CREATED, by=by, at=at, organisation_id=organisation.id, subject_id=organisation.id, name=name
            )
    except IntegrityError:
        raise CodeTaken(organisation_code=code) from None
    return organisation.id


def change_settings(
    *, organisation_id: UUID, name: str, auto_logout_hours: int, contact: str, by: Actor, at: datetime
) -> None:
    """Change the organisation's name, contact and automatic log-out (1 to 8 hours; 003-6)."""
    require(by=by, permission=Permission.SETTINGS_MANAGE, organisation_id=organisation_id)
    values = {"name": name, "auto_logout_hours": auto_logout_hours, "contact": contact}
    with transaction.atomic():
        organisation = Organisation.objects.select_for_update().get(id=organisation_id)
        before = {key: getattr(organisation, key) for key in values}
        Organisation.objects.filter(id=organisation_id).update(**values)
        audit.record(
            event=Events.CHANGED, by=by, at=at, organisation_id=organisation_id, **_changes(before, values)
        )


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
    """Add one member by hand; returns the id. Raises `NotPermitted`, `RolesNeeded`, `MailTaken`, `EmployeeCodeTaken`."""
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
        member = _locked(organisation_id, member_id)
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
        member = _locked(organisation_id, member_id)
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
    """Correct a member's mail address. Raises `NotPermitted`, `NotFound`, `MailTaken`."""
    require(by=by, permission=Permission.INVITE, organisation_id=organisation_id)
    with transaction.atomic():
        member = _locked(organisation_id, member_id)
        before, member.mail = member.mail, japanese.to_half_width(mail).lower()
        _insist_unique(member)
        member.search_text = search_text(member=member)
        Member.objects.filter(id=member.id).update(mail=member.mail, search_text=member.search_text)
        audit.record(
            event=Events.MEMBER_CHANGED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=member_id,
            **_changes({"mail": before}, {"mail": member.mail}),
        )


def write_plan(
    *,
    organisation_id: UUID,
    purposes: list[Purpose],
    files: str,
    area: str,
    report_route: str,
    responsible_id: UUID | None,
    by: Actor,
    at: datetime,
) -> None:
    """Write down the handling plan (P-15, S-02); it holds only after `complete_plan`.

    Raises `NotPermitted`, `PurposeUnknown`, `NotAHandler` when the responsible person lacks the role.
    """
    require(by=by, permission=Permission.HANDLING_MANAGE, organisation_id=organisation_id)
    if any(purpose not in CHOOSABLE for purpose in purposes):
        raise PurposeUnknown
    with transaction.atomic():
        plan = HandlingPlan.objects.select_for_update().get(organisation_id=organisation_id)
        if responsible_id is not None and not _locked(organisation_id, responsible_id).holds(Role.RESPONSIBLE):
            raise NotAHandler(role=_("責任者"))
        plan.purposes = [purpose.value for purpose in purposes]
        plan.files, plan.area, plan.report_route = files, area, report_route
        plan.responsible_id = responsible_id
        plan.version += 1
        plan.save()
        audit.record(
            event=Events.PLAN_CHANGED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            purposes=plan.purposes,
            responsible=str(responsible_id or ""),
        )


def appoint(
    *, organisation_id: UUID, member_id: UUID, purposes: list[Purpose], range_text: str, by: Actor, at: datetime
) -> None:
    """Appoint a handler for purposes and a range of data; an appointment already running is replaced (P-15 step C)."""
    require(by=by, permission=Permission.HANDLING_MANAGE, organisation_id=organisation_id)
    if any(purpose not in CHOOSABLE for purpose in purposes):
        raise PurposeUnknown
    with transaction.atomic():
        member = _locked(organisation_id, member_id)
        if not (member.holds(Role.HANDLER) or member.holds(Role.RESPONSIBLE)):
            raise NotAHandler(role=_("事務取扱担当者"))
        Appointment.objects.filter(member=member, until_day=None).update(until_day=jst_day(at))
        Appointment.objects.create(
            organisation_id=organisation_id,
            member=member,
            purposes=[purpose.value for purpose in purposes],
            range=range_text,
            from_day=jst_day(at),
        )
        audit.record(
            event=Events.HANDLER_APPOINTED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=member_id,
            purposes=[purpose.value for purpose in purposes],
            range=range_text,
        )


def dismiss(*, organisation_id: UUID, member_id: UUID, by: Actor, at: datetime) -> None:
    """End a handler's appointment; raises `NotFound` when none is running."""
    require(by=by, permission=Permission.HANDLING_MANAGE, organisation_id=organisation_id)
    with transaction.atomic():
        running = Appointment.objects.filter(organisation_id=organisation_id, member_id=member_id, until_day=None)
        if not running.update(until_day=jst_day(at)):
            raise NotFound
        audit.record(
            event=Events.HANDLER_DISMISSED, by=by, at=at, organisation_id=organisation_id, subject_id=member_id
        )


def complete_plan(*, organisation_id: UUID, by: Actor, at: datetime) -> None:
    """Declare the plan complete; from now on numbers can be collected. Raises `PlanIncomplete` naming what is missing."""
    require(by=by, permission=Permission.HANDLING_MANAGE, organisation_id=organisation_id)
    with transaction.atomic():
        plan = HandlingPlan.objects.select_for_update().get(organisation_id=organisation_id)
        appointed = Appointment.objects.filter(organisation_id=organisation_id, until_day=None).exists()
        wanted = {
            _("利用目的"): plan.purposes,
            _("扱うファイル"): plan.files,
            _("責任者"): plan.responsible_id,
            _("漏えいなどの報告経路"): plan.report_route,
            _("事務取扱担当者"): appointed,
        }
        missing = [name for name, value in wanted.items() if not value]
        if missing:
            raise PlanIncomplete(missing="、".join(missing))
        HandlingPlan.objects.filter(organisation_id=organisation_id).update(completed_at=at)
        audit.record(
            event=Events.PLAN_COMPLETED, by=by, at=at, organisation_id=organisation_id, version=plan.version
        )


def search_text(*, member: Member) -> str:
    """What the search of people lists looks into: names, readings, code and mail in their searching form."""
    parts = (
        member.full_name,
        member.full_kana,
        member.employee_code,
        member.mail,
    )
    return " ".join(japanese.search_key(part) for part in parts if part)


def _locked(organisation_id: UUID, member_id: UUID) -> Member:
    member = (
        Member.objects.select_for_update()
        .filter(organisation_id=organisation_id, id=member_id, state=Member.State.ACTIVE)
        .first()
    )
    if member is None:
        raise NotFound
    return member


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


def _changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    changed = [key for key in after if before[key] != after[key]]
    return {"before": {key: before[key] for key in changed}, "after": {key: after[key] for key in changed}}
