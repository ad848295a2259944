"""Verbs of the room 組織."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import lru_cache
from itertools import islice
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import ManyToOneRel

from warifu.audit import actions as audit
from warifu.audit.events import Organisations as Events
from warifu.foundation import japanese
from warifu.foundation.actor import Actor, Role
from warifu.foundation.days import jst_day
from warifu.foundation.ids import new_ids
from warifu.foundation.purposes import CHOOSABLE, Purpose
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations.models import Appointment, HandlingPlan, Member, Organisation
from warifu.organisations.rules import Permission, may, require


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


class OfficeMail(Refused):
    """The mail address of somebody with a role in the office is changed by administrators only."""

    code = "WF-O207"
    sentence = _("会社側の役割を持つ人のメールアドレスは、管理者だけが変えられます。")
    remedy = _("サインインのリンクが届く先のためです。管理者に変更を依頼してください。")
    status = 403


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
    remedy = _(
        "利用目的は、社会保障・税・災害対策の一覧からお選びください。法律で決まっているため、加えることはできません。"
    )


class NotAHandler(Refused):
    """Only a member who holds the role can be appointed or named."""

    code = "WF-O303"
    sentence = _("この人は、必要な役割（{role}）を持っていません。")
    remedy = _("先に「利用者と役割」で役割を付けてください。")


class MemberInUse(Refused):
    """A member cannot be removed any more: something refers to them."""

    code = "WF-O206"
    sentence = _("もう使われている利用者が含まれているため、取り消せません。")
    remedy = _("一人ずつ「退職・退出を記録する」をお使いください。")


@dataclass(slots=True)
class NewMember:
    """An employee to be added with many others, cleaned and compared; empty means unknown."""

    family_name: str
    given_name: str = ""
    middle_name: str = ""
    family_kana: str = ""
    given_kana: str = ""
    born_on: date | None = None
    hired_on: date | None = None
    employee_code: str = ""
    department: str = ""
    mail: str = ""
    phone: str = ""
    employment: str = Member.Employment.WORKING.value


BATCH = 2_000
"""Members written by one statement."""


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
                event=Events.CREATED,
                by=by,
                at=at,
                organisation_id=organisation.id,
                subject_id=organisation.id,
                name=name,
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
        audit.record(event=Events.CHANGED, by=by, at=at, organisation_id=organisation_id, **_changes(before, values))


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


def add_members(*, organisation_id: UUID, people: Iterable[NewMember], by: Actor, at: datetime) -> list[UUID]:
    """Add many employees in one transaction and a few statements; returns their ids in the given order.

    The people are taken as they are: whoever makes a `NewMember` has cleaned and compared it. Memory holds one batch
    and the ids. Raises `NotPermitted`; `MailTaken` when a mail or code of theirs is in use by now (and adds nobody).
    """
    require(by=by, permission=Permission.ROSTER_LOAD, organisation_id=organisation_id)
    ids: list[UUID] = []
    waiting = iter(people)
    with transaction.atomic():
        while batch := list(islice(waiting, BATCH)):
            batch_ids = new_ids(len(batch))
            try:
                _insert(batch_ids, batch, organisation_id=organisation_id, at=at)
            except IntegrityError:
                raise MailTaken from None
            ids += batch_ids
        if ids:
            audit.record(event=Events.MEMBERS_ADDED, by=by, at=at, organisation_id=organisation_id, count=len(ids))
    return ids


def change_members(*, organisation_id: UUID, people: Sequence[tuple[UUID, NewMember]], by: Actor, at: datetime) -> None:
    """Give many members new values, with one entry of the trail for each.

    Raises `NotPermitted`, `MailTaken`, and `OfficeMail` when a handler's list would redirect an office person's mail.
    """
    require(by=by, permission=Permission.ROSTER_LOAD, organisation_id=organisation_id)
    _insist_own_mails(organisation_id, {id_: one.mail for id_, one in people}, by)
    names = (*(field.name for field in fields(NewMember)), "search_text")
    columns = ", ".join(f"{name} = %s" for name in names)
    is_text = connection.vendor == "sqlite"
    key = organisation_id.hex if is_text else organisation_id
    rows = [(*_columns(one, as_text=is_text), id_.hex if is_text else id_, key) for id_, one in people]
    with transaction.atomic():
        try:
            with connection.cursor() as cursor:
                cursor.executemany(
                    f"UPDATE {Member._meta.db_table} SET {columns} WHERE id = %s AND organisation_id = %s",  # noqa: S608
                    rows,
                )
        except IntegrityError:
            raise MailTaken from None
        audit.record_many(
            event=Events.MEMBER_CHANGED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subjects=[(member_id, {}) for member_id, _one in people],
        )


def remove_members(*, organisation_id: UUID, member_ids: Sequence[UUID], by: Actor, at: datetime) -> None:
    """Remove members who were added by mistake and whom nothing points at yet; all of them or none.

    Raises `NotPermitted`, `MemberInUse` when one holds further roles or any row of any room refers to one.
    """
    require(by=by, permission=Permission.ROSTER_LOAD, organisation_id=organisation_id)
    pointing = _pointing_at_members()
    with transaction.atomic():
        for start in range(0, len(member_ids), BATCH):
            chosen = member_ids[start : start + BATCH]
            members = Member.objects.filter(
                organisation_id=organisation_id, id__in=chosen, state=Member.State.ACTIVE, roles=int(Role.EMPLOYEE)
            )
            rows = (
                relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": chosen})
                for relation in pointing
            )
            if members.count() != len(chosen) or any(found.exists() for found in rows):
                raise MemberInUse
            members._raw_delete(members.db)
        audit.record(event=Events.MEMBERS_REMOVED, by=by, at=at, organisation_id=organisation_id, count=len(member_ids))


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
    """Correct a member's mail address. Raises `NotPermitted`, `NotFound`, `MailTaken`, `OfficeMail`.

    Links that let somebody in go to that address, so those of office people are for administrators only.
    """
    require(by=by, permission=Permission.INVITE, organisation_id=organisation_id)
    with transaction.atomic():
        member = _locked(organisation_id, member_id)
        _insist_own_mails(organisation_id, {member_id: japanese.to_half_width(mail).lower()}, by)
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
    *,
    organisation_id: UUID,
    member_id: UUID,
    purposes: list[Purpose],
    range_text: str,
    by: Actor,
    at: datetime,
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
            event=Events.HANDLER_DISMISSED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=member_id,
        )


def complete_plan(*, organisation_id: UUID, by: Actor, at: datetime) -> None:
    """Declare the plan complete, so that numbers can be collected. Raises `PlanIncomplete` naming what is missing."""
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
        audit.record(event=Events.PLAN_COMPLETED, by=by, at=at, organisation_id=organisation_id, version=plan.version)


def search_text(*, member: Member) -> str:
    """What the search of people lists looks into: names, readings, code and mail in their searching form."""
    parts = (
        member.full_name,
        member.full_kana,
        member.employee_code,
        member.mail,
    )
    return " ".join(japanese.search_key(part) for part in parts if part)


_values_of = attrgetter(*(field.name for field in fields(NewMember)))
_BORN_ON, _HIRED_ON = (
    next(place for place, field in enumerate(fields(NewMember)) if field.name == name)
    for name in ("born_on", "hired_on")
)


def _columns(one: NewMember, *, as_text: bool) -> list[Any]:
    """The values of a member in the order of `NewMember`, then what the search looks into."""
    values = list(_values_of(one))
    if as_text:
        for place in (_BORN_ON, _HIRED_ON):
            values[place] = values[place] and values[place].isoformat()
    key = _names_key(one.family_name, one.given_name, one.middle_name, one.family_kana, one.given_kana)
    for part in (one.employee_code, one.mail):
        if part:
            key += " " + (part.casefold().replace(" ", "") if part.isascii() else japanese.search_key(part))
    values.append(key.lstrip()[:600])
    return values


@lru_cache(maxsize=8192)
def _names_key(family: str, given: str, middle: str, family_kana: str, given_kana: str) -> str:
    """What the search looks into of a name and its reading."""
    written = (" ".join(filter(None, (family, given, middle))), " ".join(filter(None, (family_kana, given_kana))))
    return " ".join(japanese.search_key(part) for part in written if part)


def _insert(ids: list[UUID], batch: list[NewMember], *, organisation_id: UUID, at: datetime) -> None:
    """Insert employees without making a model object of each: by COPY where there is one."""
    names = ("id", "organisation_id", "roles", "state", "created_at")
    columns = ", ".join((*names, *(field.name for field in fields(NewMember)), "search_text"))
    table = Member._meta.db_table
    same: tuple[Any, ...] = (int(Role.EMPLOYEE), Member.State.ACTIVE.value)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for member_id, one in zip(ids, batch, strict=True):
                    copy.write_row((member_id, organisation_id, *same, at, *_columns(one, as_text=False)))
            return
        places = ", ".join(["%s"] * (len(names) + len(fields(NewMember)) + 1))
        same = (organisation_id.hex, *same, connection.ops.adapt_datetimefield_value(at))
        cursor.executemany(
            f"INSERT INTO {table} ({columns}) VALUES ({places})",  # noqa: S608
            [(member_id.hex, *same, *_columns(one, as_text=True)) for member_id, one in zip(ids, batch, strict=True)],
        )


def _locked(organisation_id: UUID, member_id: UUID) -> Member:
    member = (
        Member.objects.select_for_update()
        .filter(organisation_id=organisation_id, id=member_id, state=Member.State.ACTIVE)
        .first()
    )
    if member is None:
        raise NotFound
    return member


def _insist_own_mails(organisation_id: UUID, mails: dict[UUID, str], by: Actor) -> None:
    if may(by=by, permission=Permission.MEMBERS_MANAGE, organisation_id=organisation_id):
        return
    office = Member.objects.filter(organisation_id=organisation_id, roles__gt=int(Role.EMPLOYEE))
    for member_id, mail in office.values_list("id", "mail"):
        if mails.get(member_id, mail) != mail:
            raise OfficeMail


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


def _pointing_at_members() -> list[ManyToOneRel]:
    """Every foreign key of the house that leads to a member, hidden ones too."""
    return [one for one in Member._meta.get_fields(include_hidden=True) if isinstance(one, ManyToOneRel)]
