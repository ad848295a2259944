"""Reads of the room 組織, for screens and for the rooms above."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import reduce
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Lower, StrIndex
from django.db.models.lookups import GreaterThan

from warifu.foundation import japanese
from warifu.foundation.actor import NO_ROLE, Actor, ActorKind, Role
from warifu.foundation.purposes import Purpose
from warifu.foundation.refusals import NotFound
from warifu.foundation.standing import Standing
from warifu.organisations.models import Appointment, CalendarDay, HandlingPlan, Member, Organisation
from warifu.organisations.rules import PERMISSIONS, Permission


@dataclass(frozen=True, kw_only=True)
class OrganisationView:
    """An organisation as screens see it."""

    id: UUID
    code: str
    name: str
    corporate_number: str
    auto_logout_hours: int
    contact: str
    is_office: bool
    is_operator: bool
    sign_in_policy: dict[str, Any]
    standing: Standing
    licensed_until: date | None
    works_until: date | None


@dataclass(frozen=True, kw_only=True)
class MemberView:
    """A member as screens see them."""

    id: UUID
    organisation_id: UUID
    full_name: str
    full_kana: str
    family_name: str
    given_name: str
    middle_name: str
    family_kana: str
    given_kana: str
    mail: str
    phone: str
    employee_code: str
    department: str
    born_on: date | None
    roles: Role
    is_active: bool
    left_on: date | None


@dataclass(frozen=True, kw_only=True)
class AppointmentView:
    """A handler's running appointment."""

    member_id: UUID
    name: str
    purposes: tuple[Purpose, ...]
    range: str
    from_day: date


@dataclass(frozen=True, kw_only=True)
class PlanView:
    """The handling plan as screens and the collection see it."""

    purposes: tuple[Purpose, ...]
    files: str
    area: str
    report_route: str
    responsible_id: UUID | None
    responsible_name: str
    version: int
    completed_at: datetime | None
    appointments: tuple[AppointmentView, ...]


def organisation(*, organisation_id: UUID) -> OrganisationView:
    """One organisation; raises `NotFound`."""
    return _organisation_view(Organisation.objects.filter(id=organisation_id).first())


def organisation_by_code(*, code: str) -> OrganisationView | None:
    """The organisation with a code, or None."""
    row = Organisation.objects.filter(code=code.strip().lower()).first()
    return _organisation_view(row) if row else None


def works_until_of(*, organisation_ids: Collection[UUID]) -> dict[UUID, date]:
    """Until when some organisations may work by their licence; those without an end are missing. One query."""
    rows = Organisation.objects.filter(id__in=organisation_ids).exclude(works_until=None)
    return {row_id: day for row_id, day in rows.values_list("id", "works_until") if day is not None}


def count_members(*, organisation_id: UUID) -> int:
    """How many active members an organisation has. One query."""
    return Member.objects.filter(organisation_id=organisation_id, state=Member.State.ACTIVE).count()


def operator() -> OrganisationView:
    """The operator's organisation, the oldest when there are several. Raises `NotFound` when there is none."""
    return _organisation_view(Organisation.objects.filter(is_operator=True).order_by("id").first())


@dataclass(frozen=True, kw_only=True)
class CalendarLine:
    """A day that an organisation treats otherwise than the calendar does."""

    day: date
    is_open: bool
    name: str


def calendar_lines(*, organisation_id: UUID) -> list[CalendarLine]:
    """The exceptions of an organisation's calendar, the latest first. One query."""
    rows = CalendarDay.objects.filter(organisation_id=organisation_id).order_by("-day")
    return [CalendarLine(day=row.day, is_open=row.is_open, name=row.name) for row in rows]


def calendar_exceptions(*, organisation_id: UUID) -> dict[date, bool]:
    """The exceptions as `rules.add_business_days` takes them. One query."""
    return dict(CalendarDay.objects.filter(organisation_id=organisation_id).values_list("day", "is_open"))


def all_organisation_ids() -> list[UUID]:
    """Every organisation of the installation, for rounds of the house itself."""
    return list(Organisation.objects.order_by("id").values_list("id", flat=True))


def member(*, organisation_id: UUID, member_id: UUID) -> MemberView:
    """One member of an organisation; raises `NotFound` for anybody else's."""
    row = Member.objects.filter(organisation_id=organisation_id, id=member_id).first()
    if row is None:
        raise NotFound
    return _member_view(row)


def member_by_mail(*, organisation_id: UUID, mail: str) -> MemberView | None:
    """The active member with a mail address, or None."""
    row = Member.objects.filter(organisation_id=organisation_id, mail=mail, state=Member.State.ACTIVE).first()
    return _member_view(row) if row else None


def member_by_employee_code(*, organisation_id: UUID, employee_code: str) -> MemberView | None:
    """The active member with an employee code, or None."""
    row = Member.objects.filter(
        organisation_id=organisation_id, employee_code=employee_code, state=Member.State.ACTIVE
    ).first()
    return _member_view(row) if row else None


def count_active(*, organisation_id: UUID, member_ids: set[UUID]) -> int:
    """How many of some members belong to the organisation and have not left. One query."""
    return Member.objects.filter(organisation_id=organisation_id, id__in=member_ids, state=Member.State.ACTIVE).count()


def office_members(*, organisation_id: UUID) -> list[MemberView]:
    """The active members who hold any role beside employee, by name. One query."""
    rows = Member.objects.filter(
        organisation_id=organisation_id, state=Member.State.ACTIVE, roles__gt=int(Role.EMPLOYEE)
    ).order_by("family_kana", "family_name", "id")
    return [_member_view(row) for row in rows]


def count_leaders(*, organisation_id: UUID) -> int:
    """How many active members are administrator or head; with one alone, nobody can help them back in (000-40)."""
    active = Member.objects.filter(organisation_id=organisation_id, state=Member.State.ACTIVE)
    held = active.annotate(held=F("roles").bitand(int(Role.ADMINISTRATOR | Role.HEAD)))
    return held.filter(held__gt=0).count()


def office_names(*, organisation_id: UUID) -> dict[UUID, str]:
    """The names of everybody who works or has worked at an office's desk, by id. One query."""
    rows = Member.objects.filter(organisation_id=organisation_id).annotate(
        held=F("roles").bitand(int(PERMISSIONS[Permission.CUSTOMERS_MANAGE]))
    )
    return {row.id: row.full_name for row in rows.filter(held__gt=0)}


def find_members(*, organisation_id: UUID, text: str, limit: int = 50) -> list[MemberView]:
    """Members, also those who have left, whose name, reading, code or mail holds a text; by name. One query."""
    key = japanese.search_key(text)
    if not key:
        return []
    rows = Member.objects.filter(organisation_id=organisation_id, search_text__contains=key)
    return [_member_view(row) for row in rows.order_by("family_kana", "given_kana", "id")[:limit]]


def members_named(*, organisation_id: UUID, texts: Collection[str]) -> list[MemberView]:
    """Members, also those who have left, whose mail address or employee code is one of some texts in small letters.

    One query.
    """
    rows = Member.objects.filter(organisation_id=organisation_id).annotate(small_code=Lower("employee_code"))
    return [_member_view(row) for row in rows.filter(Q(mail__in=texts) | Q(small_code__in=texts))]


def members_by_id(*, organisation_id: UUID, member_ids: Collection[UUID]) -> dict[UUID, MemberView]:
    """Some active members of an organisation. One query."""
    rows = Member.objects.filter(organisation_id=organisation_id, id__in=member_ids, state=Member.State.ACTIVE)
    return {row.id: _member_view(row) for row in rows}


@dataclass(frozen=True, kw_only=True)
class MemberPage:
    """A page of members; a cursor is empty where there is no further page."""

    members: tuple[MemberView, ...]
    before: str
    after: str


def members_page(
    *,
    organisation_id: UUID,
    roles: Role,
    other_than: Role = NO_ROLE,
    text: str = "",
    department: str = "",
    without: QuerySet[Any, Any] | None = None,
    cursor: str = "",
    limit: int = 50,
) -> MemberPage:
    """A page of the active members who hold one of some roles and none of some others, by reading.

    `without` selects ids to leave out.
    One query, whatever the page.
    """
    rows = Member.objects.filter(organisation_id=organisation_id, state=Member.State.ACTIVE)
    rows = rows.annotate(held=F("roles").bitand(int(roles))).filter(held__gt=0)
    if key := japanese.search_key(text):
        rows = rows.filter(search_text__contains=key)
    if department:
        rows = rows.filter(department=department)
    if without is not None:
        rows = rows.exclude(id__in=without)
    found, before, after = keyset(rows=rows, keys=("family_kana", "given_kana", "id"), cursor=cursor, limit=limit)
    return MemberPage(members=tuple(_member_view(row) for row in found), before=before, after=after)


def keyset(
    *, rows: QuerySet[Any, Any], keys: tuple[str, ...], cursor: str = "", limit: int = 50, descending: bool = False
) -> tuple[list[Any], str, str]:
    """A page of rows in the order of some keys, the last of them unique, and the cursors of the pages around it.

    A cursor that cannot be read gives the first page. One query.
    """
    backward, values = _read_cursor(cursor, len(keys))
    forward_is_descending = descending is not backward
    if values is not None:
        try:
            rows = rows.filter(_beyond(keys, values, "lt" if forward_is_descending else "gt"))
        except (ValidationError, ValueError):
            values, backward, forward_is_descending = None, False, descending
    sign = "-" if forward_is_descending else ""
    found = list(rows.order_by(*(f"{sign}{key}" for key in keys))[: limit + 1])
    has_more, found = len(found) > limit, found[:limit]
    if backward:
        found.reverse()
    has_before, has_after = (has_more, values is not None) if backward else (values is not None, has_more)
    before = _cursor("b", found[0], keys) if found and has_before else ""
    return found, before, _cursor("a", found[-1], keys) if found and has_after else ""


def _beyond(keys: tuple[str, ...], values: list[str], comparison: str) -> Q:
    wanted, same = Q(), Q()
    for key, value in zip(keys, values, strict=True):
        wanted |= same & Q(**{f"{key}__{comparison}": value})
        same &= Q(**{key: value})
    return wanted


def _cursor(direction: str, row: Any, keys: tuple[str, ...]) -> str:
    values = [str(reduce(getattr, key.split("__"), row)) for key in keys]
    return base64.urlsafe_b64encode(json.dumps([direction, *values]).encode()).decode()


def _read_cursor(cursor: str, count: int) -> tuple[bool, list[str] | None]:
    try:
        direction, *values = json.loads(base64.urlsafe_b64decode(cursor))
        UUID(values[-1])
    except (ValueError, IndexError, TypeError, AttributeError):
        return False, None
    is_whole = len(values) == count and all(isinstance(value, str) for value in values)
    return (direction == "b", values) if is_whole else (False, None)


def names_of(*, organisation_id: UUID, member_ids: set[UUID]) -> dict[UUID, str]:
    """The full names of some members of an organisation, in one query."""
    rows = Member.objects.filter(organisation_id=organisation_id, id__in=member_ids)
    return {row.id: row.full_name for row in rows}


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownMember:
    """Somebody who is there already, as rosters compare them."""

    id: UUID
    is_active: bool
    employee_code: str
    family_name: str
    given_name: str
    middle_name: str
    family_kana: str
    given_kana: str
    born_on: date | None
    hired_on: date | None
    department: str
    mail: str
    phone: str
    employment: str


def known_members(
    *, organisation_id: UUID, employee_codes: Collection[str], mails: Collection[str]
) -> dict[UUID, KnownMember]:
    """Everybody, also those who have left, who has one of some employee codes or mail addresses. Two queries."""
    by_code = _known(organisation_id, Q(employee_code__in=employee_codes))
    others = set(mails) - {found.mail for found in by_code.values()}
    return by_code | _known(organisation_id, Q(mail__in=others))


def all_known_members(*, organisation_id: UUID, limit: int) -> dict[UUID, KnownMember] | None:
    """Everybody of an organisation, or None when they are more than `limit`. Two queries."""
    people = Member.objects.filter(organisation_id=organisation_id).values_list("id", flat=True)[: limit + 1]
    return _known(organisation_id, Q()) if len(people) <= limit else None


def known_members_by_id(*, organisation_id: UUID, member_ids: Collection[UUID]) -> dict[UUID, KnownMember]:
    """Some members of an organisation, as rosters compare them. One query."""
    return _known(organisation_id, Q(id__in=member_ids))


def _known(organisation_id: UUID, wanted: Q) -> dict[UUID, KnownMember]:
    names = [field.name for field in fields(KnownMember) if field.name != "is_active"]
    found = {}
    for state, *values in Member.objects.filter(wanted, organisation_id=organisation_id).values_list("state", *names):
        row = KnownMember(**dict(zip(names, values, strict=True)), is_active=state == Member.State.ACTIVE)
        found[row.id] = row
    return found


def found(*, organisation_id: UUID, key: str, department: str, limit: int) -> list[UUID]:
    """The ids of members whose search text holds a key and who are of a department, at most `limit`. One query.

    An empty key or department leaves that condition out.
    """
    rows = Member.objects.filter(organisation_id=organisation_id)
    if department:
        rows = rows.filter(department=department)
    if key:
        rows = rows.filter(GreaterThan(StrIndex("search_text", Value(key)), 0))
    return list(rows.values_list("id", flat=True)[:limit])


def departments(*, organisation_id: UUID) -> list[str]:
    """The departments that members belong to, in order.

    One query that jumps from one department to the next along the index, however many members each has.
    """
    table = connection.ops.quote_name(Member._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH RECURSIVE found(name) AS (
                SELECT min(department) FROM {table} WHERE organisation_id = %s AND department > ''
                UNION ALL
                SELECT (SELECT min(department) FROM {table} WHERE organisation_id = %s AND department > found.name)
                FROM found WHERE found.name IS NOT NULL
            )
            SELECT name FROM found WHERE name IS NOT NULL
            """,  # noqa: S608
            [Organisation._meta.pk.get_db_prep_value(organisation_id, connection)] * 2,
        )
        return [name for (name,) in cursor.fetchall()]


def handling_plan(*, organisation_id: UUID) -> PlanView:
    """The organisation's handling plan with its running appointments. Two queries."""
    plan = HandlingPlan.objects.select_related("responsible").get(organisation_id=organisation_id)
    running = (
        Appointment.objects.filter(organisation_id=organisation_id, until_day=None)
        .select_related("member")
        .order_by("from_day", "id")
    )
    return PlanView(
        purposes=tuple(Purpose(code) for code in plan.purposes),
        files=plan.files,
        area=plan.area,
        report_route=plan.report_route,
        responsible_id=plan.responsible_id,
        responsible_name=plan.responsible.full_name if plan.responsible else "",
        version=plan.version,
        completed_at=plan.completed_at,
        appointments=tuple(
            AppointmentView(
                member_id=row.member_id,
                name=row.member.full_name,
                purposes=tuple(Purpose(code) for code in row.purposes),
                range=row.range,
                from_day=row.from_day,
            )
            for row in running
        ),
    )


def appointed_purposes(*, organisation_id: UUID, member_id: UUID, on: date) -> frozenset[Purpose]:
    """The purposes of a handler's running appointment on a day; empty without one (S-09). One query."""
    rows = Appointment.objects.filter(organisation_id=organisation_id, member_id=member_id, until_day=None)
    return frozenset(Purpose(code) for row in rows if row.from_day <= on for code in row.purposes)


def actor_of(*, member: MemberView, level: int = 1, authenticated_at: datetime | None = None) -> Actor:
    """The 操作者 that a member is."""
    return Actor(
        kind=ActorKind.MEMBER,
        id=member.id,
        label=member.full_name,
        organisation_id=member.organisation_id,
        roles=member.roles,
        level=level,
        authenticated_at=authenticated_at,
    )


def _organisation_view(row: Organisation | None) -> OrganisationView:
    if row is None:
        raise NotFound
    return OrganisationView(
        id=row.id,
        code=row.code,
        name=row.name,
        corporate_number=row.corporate_number,
        auto_logout_hours=row.auto_logout_hours,
        contact=row.contact,
        is_office=row.is_office,
        is_operator=row.is_operator,
        sign_in_policy=row.sign_in_policy,
        standing=Standing(row.standing),
        licensed_until=row.licensed_until,
        works_until=row.works_until,
    )


def _member_view(row: Member) -> MemberView:
    return MemberView(
        id=row.id,
        organisation_id=row.organisation_id,
        full_name=row.full_name,
        full_kana=row.full_kana,
        family_name=row.family_name,
        given_name=row.given_name,
        middle_name=row.middle_name,
        family_kana=row.family_kana,
        given_kana=row.given_kana,
        mail=row.mail,
        phone=row.phone,
        employee_code=row.employee_code,
        department=row.department,
        born_on=row.born_on,
        roles=Role(row.roles),
        is_active=row.state == Member.State.ACTIVE,
        left_on=row.left_on,
    )
