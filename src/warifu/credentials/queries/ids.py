"""Reads of user IDs: the list, who has none yet, what is the matter with a wish, what a month counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import Enum
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from warifu.credentials.models import AccessKey, DeviceRestriction, UserId
from warifu.credentials.rules import ids as rules
from warifu.credentials.rules.ids import Fault
from warifu.foundation import japanese
from warifu.foundation.actor import Role
from warifu.foundation.days import JST
from warifu.foundation.refusals import NotFound
from warifu.organisations import queries as organisations
from warifu.organisations.queries import MemberPage, MemberView

PAGE = 50
"""Rows of a page."""


class Show(Enum):
    """Which IDs a list shows."""

    LIVING = "living"
    STAFF = "staff"
    CUSTOMER = "customer"
    ENDED = "ended"


class Sort(Enum):
    """The orders of the list."""

    NEWEST = "newest"
    NAME = "name"
    TEXT = "text"


@dataclass(frozen=True, kw_only=True)
class IdLine:
    """A user ID as lists show it, with the person who has or had it."""

    id: UUID
    member_id: UUID
    text: str
    kind: str
    kind_name: str
    logout_hours: int
    issued_at: datetime
    ended_at: datetime | None
    name: str
    kana: str
    mail: str
    employee_code: str
    roles: Role


@dataclass(frozen=True, kw_only=True)
class IdPage:
    """A page of the list; a cursor is empty where there is no further page."""

    lines: tuple[IdLine, ...]
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Month:
    """What one month counts: people with a 職員ID, with a 顧客ID, and with a restriction, on any day of it, and the
    registered devices (access keys) that could be used in it."""

    first_day: date
    staff: int
    customers: int
    restricted: int
    keys: int


def living_text(*, member_id: UUID) -> str:
    """The ID that a member signs in with, or an empty text. One query."""
    return UserId.objects.filter(member_id=member_id, ended_at=None).values_list("text", flat=True).first() or ""


def living_texts(*, organisation_id: UUID, member_ids: set[UUID]) -> dict[UUID, str]:
    """The IDs that some members sign in with. One query."""
    rows = UserId.objects.filter(organisation_id=organisation_id, member_id__in=member_ids, ended_at=None)
    return dict(rows.values_list("member_id", "text"))


def logout_hours(*, member_id: UUID) -> int | None:
    """The log-out time of a member's own ID, or None. One query."""
    return UserId.objects.filter(member_id=member_id, ended_at=None).values_list("logout_hours", flat=True).first()


def is_stopped(*, member_id: UUID) -> bool:
    """Whether a member had an ID and none is left: until a new one is issued they cannot sign in. One query."""
    ends = set(UserId.objects.filter(member_id=member_id).values_list("ended_at", flat=True))
    return bool(ends) and None not in ends


def user_id(*, organisation_id: UUID, user_id: UUID) -> IdLine:
    """One ID; raises `NotFound` for anybody else's. One query."""
    row = UserId.objects.filter(organisation_id=organisation_id, id=user_id).select_related("member").first()
    if row is None:
        raise NotFound
    return line_of(row=row)


def ids(
    *, organisation_id: UUID, show: Show, sort: Sort, search: str = "", cursor: str = "", limit: int = PAGE
) -> IdPage:
    """A page of the list. One query."""
    keys, descending = _ORDERS[sort]
    rows = _listed(organisation_id, show, search)
    found, before, after = organisations.keyset(rows=rows, keys=keys, cursor=cursor, limit=limit, descending=descending)
    return IdPage(lines=tuple(line_of(row=row) for row in found), before=before, after=after)


def export(*, organisation_id: UUID, show: Show, sort: Sort, search: str = "") -> Iterator[IdLine]:
    """The whole list for a file, read in pieces."""
    keys, descending = _ORDERS[sort]
    rows = _listed(organisation_id, show, search).order_by(*(f"-{key}" if descending else key for key in keys))
    return (line_of(row=row) for row in rows.iterator(chunk_size=1_000))


def counts(*, organisation_id: UUID) -> dict[Show, int]:
    """How many IDs each choice of the list shows. One query."""
    living, kind = Q(ended_at=None), UserId.Kind
    found = UserId.objects.filter(organisation_id=organisation_id).aggregate(
        living=Count("id", filter=living),
        staff=Count("id", filter=living & Q(kind=kind.STAFF)),
        customer=Count("id", filter=living & Q(kind=kind.CUSTOMER)),
        ended=Count("id", filter=~living),
    )
    return {show: found[show.value] for show in Show}


def candidates(
    *, organisation_id: UUID, is_staff: bool, search: str = "", department: str = "", cursor: str = ""
) -> MemberPage:
    """A page of the people who have no living ID of the kind that their roles ask for. One query."""
    holders = UserId.objects.filter(organisation_id=organisation_id, ended_at=None).values("member_id")
    if is_staff:
        return organisations.members_page(
            organisation_id=organisation_id,
            roles=rules.OFFICE_ROLES,
            text=search,
            department=department,
            without=holders,
            cursor=cursor,
            limit=PAGE,
        )
    return organisations.members_page(
        organisation_id=organisation_id,
        roles=Role.CUSTOMER,
        other_than=rules.OFFICE_ROLES,
        text=search,
        department=department,
        without=holders,
        cursor=cursor,
        limit=PAGE,
    )


def without_id(*, organisation_id: UUID, is_staff: bool, member_ids: list[UUID]) -> list[MemberView]:
    """Those of some members who may be given an ID of a kind, in the order that they were named. Two queries."""
    members = organisations.members_by_id(organisation_id=organisation_id, member_ids=member_ids)
    held = living_texts(organisation_id=organisation_id, member_ids=set(member_ids))
    return [
        members[member_id]
        for member_id in dict.fromkeys(member_ids)
        if member_id in members
        and member_id not in held
        and is_of_kind(roles=members[member_id].roles, is_staff=is_staff)
    ]


def is_of_kind(*, roles: Role, is_staff: bool) -> bool:
    """Whether somebody with these roles gets a 職員ID, or else a 顧客ID."""
    works_here = bool(roles & rules.OFFICE_ROLES)
    return works_here if is_staff else Role.CUSTOMER in roles and not works_here


def faults(*, organisation_id: UUID, wishes: Mapping[UUID, str]) -> dict[UUID, Fault]:
    """What is the matter with the IDs that members are to get, by member; empty when all are good.

    `wishes` are in their normal form. An ID that anybody of the office ever had is used for ever, and nobody's ID is
    another's mail address or employee code, since all three sign in. Two queries.
    """
    texts = list(wishes.values())
    used = set(UserId.objects.filter(organisation_id=organisation_id, text__in=texts).values_list("text", flat=True))
    mails: dict[str, UUID] = {}
    codes: dict[str, UUID] = {}
    for member in organisations.members_named(organisation_id=organisation_id, texts=texts):
        mails[member.mail] = member.id
        codes[member.employee_code.lower()] = member.id
    found: dict[UUID, Fault] = {}
    for member_id, text in wishes.items():
        fault = rules.fault(text)
        if fault is None and text in used:
            fault = Fault.USED
        if fault is None and texts.count(text) > 1:
            fault = Fault.TWICE
        if fault is None and mails.get(text, member_id) != member_id:
            fault = Fault.MAIL
        if fault is None and codes.get(text, member_id) != member_id:
            fault = Fault.CODE
        if fault is not None:
            found[member_id] = fault
    return found


def months(*, organisation_id: UUID, today: date, count: int = 13) -> list[Month]:
    """What the newest months count, this one first, back to the first that counts anything (B3-6, 003-14).

    Three queries.
    """
    spans = rules.months_back(today=today, count=count)
    kinds, limits, keys = {}, {}, {}
    for number, (first, after) in enumerate(spans):
        lived = Q(issued_at__lt=_midnight(after)) & (Q(ended_at=None) | Q(ended_at__gte=_midnight(first)))
        for kind in UserId.Kind:
            kinds[f"{kind.value}_{number}"] = Count("member_id", distinct=True, filter=lived & Q(kind=kind))
        ran = Q(from_day__lt=after) & (Q(until_day=None) | Q(until_day__gte=first) & Q(until_day__gte=F("from_day")))
        not_yet = Q(from_day__gt=today)
        limits[f"restricted_{number}"] = Count("member_id", distinct=True, filter=ran & ~not_yet)
        used = Q(registered_at__lt=_midnight(after)) & (Q(revoked_at=None) | Q(revoked_at__gte=_midnight(first)))
        keys[f"keys_{number}"] = Count("id", filter=used)
    found: dict[str, Any] = UserId.objects.filter(organisation_id=organisation_id).aggregate(**kinds)
    found |= DeviceRestriction.objects.filter(organisation_id=organisation_id).aggregate(**limits)
    found |= AccessKey.objects.filter(member__organisation_id=organisation_id).aggregate(**keys)
    lines = [
        Month(
            first_day=first,
            staff=found[f"staff_{number}"],
            customers=found[f"customer_{number}"],
            restricted=found[f"restricted_{number}"],
            keys=found[f"keys_{number}"],
        )
        for number, (first, _after) in enumerate(spans)
    ]
    while len(lines) > 1 and not (lines[-1].staff or lines[-1].customers or lines[-1].restricted or lines[-1].keys):
        lines.pop()
    return lines


def line_of(*, row: UserId) -> IdLine:
    """A row with its member as lists show it."""
    member = row.member
    return IdLine(
        id=row.id,
        member_id=row.member_id,
        text=row.text,
        kind=row.kind,
        kind_name=str(row.get_kind_display()),
        logout_hours=row.logout_hours,
        issued_at=row.issued_at,
        ended_at=row.ended_at,
        name=member.full_name,
        kana=member.full_kana,
        mail=member.mail,
        employee_code=member.employee_code,
        roles=Role(member.roles),
    )


_ORDERS: dict[Sort, tuple[tuple[str, ...], bool]] = {
    Sort.NEWEST: (("issued_at", "id"), True),
    Sort.NAME: (("member__family_kana", "member__given_kana", "id"), False),
    Sort.TEXT: (("text", "id"), False),
}


def _listed(organisation_id: UUID, show: Show, search: str) -> QuerySet[UserId]:
    rows = UserId.objects.filter(organisation_id=organisation_id).select_related("member")
    rows = rows.filter(ended_at=None) if show is not Show.ENDED else rows.exclude(ended_at=None)
    if show in (Show.STAFF, Show.CUSTOMER):
        rows = rows.filter(kind=show.value)
    if key := japanese.search_key(search):
        rows = rows.filter(Q(text__contains=rules.normal(search)) | Q(member__search_text__contains=key))
    return rows


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), JST)
