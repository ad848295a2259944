"""Reads of people to collect from: the list, one person, the numbers of the desk (G1, 001-22 … 001-28).

Lists are paged by key: a page costs the same wherever it lies. Reason and next step of a row are computed from the
row's own columns; no row causes a query.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import BooleanField, Count, F, Func, Min, Q, QuerySet, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan

from warifu.collection.models import Document, Roster, RosterEntry
from warifu.collection.rules import overdue
from warifu.collection.rules.overdue import Facts, Reason, Step
from warifu.foundation.days import jst_day
from warifu.foundation.japanese import search_key
from warifu.foundation.refusals import NotFound
from warifu.organisations import queries as organisations

State = RosterEntry.State
Stage = RosterEntry.Stage

PAGE = 50
"""Rows of a page."""

FEW = 500
"""Members found by a search up to which their ids are handed on."""

LAST = "last"
"""The cursor of the last page."""


class Tab(Enum):
    """The list's tabs: which people are shown."""

    ALL = "all"
    OVERDUE = "overdue"
    TO_VERIFY = "to_verify"
    SECOND = "second"
    WAITING = "waiting"
    DONE = "done"
    NOT_PROVIDED = "not_provided"


class Sort(Enum):
    """The list's orders; `WORK` puts those first who are longest overdue, then those to verify, then the others."""

    WORK = "work"
    REGISTERED = "registered"
    NEWEST = "newest"
    NAME = "name"
    SUBMITTED = "submitted"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a list shows, and in what order."""

    tab: Tab = Tab.ALL
    search: str = ""
    department: str = ""
    reason: Reason | None = None
    sort: Sort = Sort.WORK


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One person of the list."""

    entry_id: UUID
    member_id: UUID
    name: str
    kana: str
    employee_code: str
    department: str
    mail: str
    is_active: bool
    state: State
    registered_on: date
    due_on: date
    is_late: bool
    days_late: int
    days_left: int
    reason: Reason
    step: Step
    bounce_reason: str
    invited_on: date | None
    opened_on: date | None
    submitted_on: date | None
    confirmed_on: date | None
    reminded_on: date | None
    reminders: int
    dependents: int
    images: int


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page of the list; a cursor is empty where there is no further page."""

    rows: tuple[Row, ...]
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How many people stand where."""

    all: int = 0
    overdue: int = 0
    to_verify: int = 0
    second: int = 0
    waiting: int = 0
    done: int = 0
    not_provided: int = 0
    ended: int = 0
    not_invited: int = 0


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The numbers of the desk's first page: what waits for the office."""

    counts: Counts
    late_reasons: tuple[tuple[Reason, int], ...]
    bounced: int
    oldest_submission: date | None
    rosters_to_confirm: int


_COLUMNS = (
    "id",
    "member_id",
    "member__family_name",
    "member__given_name",
    "member__middle_name",
    "member__family_kana",
    "member__given_kana",
    "member__employee_code",
    "member__department",
    "member__mail",
    "member__state",
    "state",
    "registered_on",
    "due_on",
    "bounced_at",
    "bounce_reason",
    "invited_at",
    "opened_at",
    "submitted_at",
    "confirmed_on",
    "reminded_at",
    "reminders",
    "dependents",
    "images",
    "unreadable",
)

_REACHED = Q(member__state="active", bounced_at=None) & ~Q(member__mail="")
_BEGUN = Q(images__gt=0)
_SEEN = Q(opened_at__isnull=False) | Q(state=State.STARTED)
_STARTING = Q(state__in=(State.INVITED, State.STARTED))
_HANDING_IN = _STARTING & Q(unreadable=0)

REASONS: dict[Reason, Q] = {
    Reason.LEFT: ~Q(member__state="active"),
    Reason.NO_MAIL: Q(member__state="active", member__mail=""),
    Reason.BOUNCED: Q(member__state="active", bounced_at__isnull=False) & ~Q(member__mail=""),
    Reason.NOT_INVITED: _REACHED & Q(state=State.LISTED),
    Reason.SENT_BACK: _REACHED & Q(state=State.SENT_BACK),
    Reason.WITHDRAWN: _REACHED & Q(state=State.WITHDRAWN),
    Reason.RETAKE: _REACHED & _STARTING & Q(unreadable__gt=0),
    Reason.NOT_SENT: _REACHED & _HANDING_IN & _BEGUN,
    Reason.NO_IMAGE: _REACHED & _HANDING_IN & ~_BEGUN & _SEEN,
    Reason.NOT_OPENED: _REACHED & _HANDING_IN & ~_BEGUN & ~_SEEN,
}
"""The reasons of `rules.overdue.reason` for those who have still to hand in, as conditions of the database."""


_TABS: dict[Tab, Callable[[date], Q]] = {
    Tab.ALL: lambda today: Q(),
    Tab.OVERDUE: lambda today: Q(stage=Stage.OPEN, due_on__lt=today),
    Tab.TO_VERIFY: lambda today: Q(state=State.SUBMITTED),
    Tab.SECOND: lambda today: Q(state=State.CHECKED),
    Tab.WAITING: lambda today: Q(stage=Stage.OPEN, due_on__gte=today),
    Tab.DONE: lambda today: Q(state=State.VERIFIED),
    Tab.NOT_PROVIDED: lambda today: Q(state=State.NOT_PROVIDED),
}


class _Tuple(Func):
    template = "(%(expressions)s)"
    output_field = BooleanField()


class _After(Func):
    """Row comparison, which walks an index from a key on: `(a, b) > (x, y)`."""

    template = "%(expressions)s"
    arg_joiner = " > "
    output_field = BooleanField()
    conditional = True


class _Before(_After):
    arg_joiner = " < "


def people(*, organisation_id: UUID, today: date, wanted: Wanted, cursor: str = "", limit: int = PAGE) -> Page:
    """One page of the list from a cursor of an earlier page on; an unknown cursor gives the first page.

    One query, whatever the page and the length; a second one for a search or a department.
    """
    keys, is_descending = _order(wanted)
    is_backward, key = _read_cursor(cursor, keys)
    rows = _filtered(organisation_id, wanted, today)
    if key is not None:
        values = [Value(value, output_field=_field(name)) for name, value in zip(keys, key, strict=True)]
        comparison = _After if is_backward is is_descending else _Before
        rows = rows.filter(comparison(_Tuple(*map(F, keys)), _Tuple(*values)))
    sign = "" if is_backward is is_descending else "-"
    found = list(rows.order_by(*(f"{sign}{name}" for name in keys)).values_list(*_COLUMNS, *keys)[: limit + 1])
    has_more = len(found) > limit
    found = found[:limit]
    if is_backward:
        found.reverse()
    has_before = has_more if is_backward else key is not None
    has_after = key is not None if is_backward else has_more
    width = len(_COLUMNS)
    return Page(
        rows=tuple(_row(columns[:width], today) for columns in found),
        before=_cursor("b", found[0][width:]) if found and has_before else "",
        after=_cursor("a", found[-1][width:]) if found and has_after else "",
    )


def counts(*, organisation_id: UUID, today: date) -> Counts:
    """How many people each tab shows. One query."""
    return counts_of(organisation_ids=[organisation_id], today=today).get(organisation_id, Counts())


def counts_of(*, organisation_ids: Collection[UUID], today: date) -> dict[UUID, Counts]:
    """The same for several organisations; those without anybody are missing. One query."""
    entries = RosterEntry.objects.filter(organisation_id__in=organisation_ids)
    found: dict[UUID, dict[str, tuple[int, int]]] = {}
    for owner, state, due_on, total in entries.values_list("organisation_id", "state", "due_on").annotate(
        total=Count("*")
    ):
        states = found.setdefault(owner, {})
        before, late = states.get(state, (0, 0))
        states[state] = (before + total, late + (total if due_on < today else 0))
    return {owner: _counts(states) for owner, states in found.items()}


def _counts(found: dict[str, tuple[int, int]]) -> Counts:
    still = [found.get(state, (0, 0)) for state in RosterEntry.OPEN]
    late_people = sum(past for _, past in still)
    return Counts(
        all=sum(total for total, _ in found.values()),
        overdue=late_people,
        waiting=sum(total for total, _ in still) - late_people,
        to_verify=found.get(State.SUBMITTED, (0, 0))[0],
        second=found.get(State.CHECKED, (0, 0))[0],
        done=found.get(State.VERIFIED, (0, 0))[0],
        not_provided=found.get(State.NOT_PROVIDED, (0, 0))[0],
        ended=found.get(State.ENDED, (0, 0))[0],
        not_invited=found.get(State.LISTED, (0, 0))[0],
    )


def person(*, organisation_id: UUID, entry_id: UUID, today: date) -> Row:
    """One person; raises `NotFound` for anybody else's."""
    return _one(RosterEntry.objects.filter(organisation_id=organisation_id, id=entry_id), today)


def entry_of_member(*, organisation_id: UUID, member_id: UUID, today: date) -> Row:
    """The row of a member; raises `NotFound` for members who are not collected from."""
    return _one(RosterEntry.objects.filter(organisation_id=organisation_id, member_id=member_id), today)


def desk(*, organisation_id: UUID, today: date) -> Desk:
    """The numbers of the desk's first page. Four queries, none longer than the rows it counts."""
    entries = RosterEntry.objects.filter(organisation_id=organisation_id)
    still = entries.filter(stage=Stage.OPEN)
    late = still.filter(due_on__lt=today).aggregate(
        **{reason.code: Count("id", filter=condition) for reason, condition in REASONS.items()}
    )
    waiting = entries.filter(state=State.SUBMITTED).aggregate(oldest=Min("submitted_at"))
    bounced = still.filter(REASONS[Reason.BOUNCED]).count()
    return Desk(
        counts=counts(organisation_id=organisation_id, today=today),
        late_reasons=tuple(
            sorted(
                ((reason, late[reason.code]) for reason in REASONS if late[reason.code]),
                key=lambda found: found[1],
                reverse=True,
            )
        ),
        bounced=bounced,
        oldest_submission=jst_day(waiting["oldest"]) if waiting["oldest"] else None,
        rosters_to_confirm=Roster.objects.filter(organisation_id=organisation_id, state=Roster.State.CHECKED).count(),
    )


def next_due(*, organisation_id: UUID, today: date) -> date | None:
    """The next due day of somebody who has still to hand in. One query."""
    return next_due_of(organisation_ids=[organisation_id], today=today).get(organisation_id)


def next_due_of(*, organisation_ids: Collection[UUID], today: date) -> dict[UUID, date]:
    """The same for several organisations; those where nobody has still to hand in are missing. One query."""
    waiting = RosterEntry.objects.filter(organisation_id__in=organisation_ids, stage=Stage.OPEN, due_on__gte=today)
    return dict(waiting.values_list("organisation_id").annotate(first=Min("due_on")).order_by())


@dataclass(frozen=True, kw_only=True)
class ToDelete:
    """How many pictures have a day on which they are destroyed, and the first of these days."""

    count: int
    first_day: date | None


def pictures_to_delete(*, organisation_id: UUID) -> ToDelete:
    """The pictures that verification has released (I-20). One query."""
    rows = Document.objects.filter(submission__entry__organisation_id=organisation_id, delete_on__isnull=False)
    found = rows.exclude(state=Document.State.DELETED).aggregate(count=Count("id"), first=Min("delete_on"))
    return ToDelete(count=found["count"], first_day=found["first"])


def export(*, organisation_id: UUID, today: date, wanted: Wanted) -> Iterator[Row]:
    """Everybody of a list, for a file; read in pieces, so that memory stays flat at any length."""
    keys, is_descending = _order(wanted)
    order = (f"-{name}" if is_descending else name for name in keys)
    rows = _filtered(organisation_id, wanted, today).order_by(*order).values_list(*_COLUMNS)
    return (_row(columns, today) for columns in rows.iterator(chunk_size=2_000))


def _filtered(organisation_id: UUID, wanted: Wanted, today: date) -> QuerySet[RosterEntry]:
    rows = RosterEntry.objects.filter(_TABS[wanted.tab](today), organisation_id=organisation_id)
    if wanted.sort is Sort.NAME:
        rows = rows.filter(member__organisation_id=organisation_id)
    if wanted.sort is Sort.SUBMITTED:
        rows = rows.filter(submitted_at__isnull=False)
    if wanted.search or wanted.department:
        rows = _narrowed(rows, organisation_id, search_key(wanted.search), wanted.department)
    if wanted.reason is not None:
        rows = rows.filter(REASONS.get(wanted.reason, Q(pk=None)), stage=Stage.OPEN)
    return rows


def _narrowed(rows: QuerySet[RosterEntry], organisation_id: UUID, key: str, department: str) -> QuerySet[RosterEntry]:
    """Those with a word or of a department: few are asked for by id; of many a page is filled in walking the list."""
    few = organisations.found(organisation_id=organisation_id, key=key, department=department, limit=FEW + 1)
    if len(few) <= FEW:
        return rows.filter(member_id__in=few)
    if department:
        rows = rows.filter(member__department=department)
    return rows.filter(GreaterThan(StrIndex("member__search_text", Value(key)), 0)) if key else rows


def _order(wanted: Wanted) -> tuple[tuple[str, ...], bool]:
    match wanted.sort:
        case Sort.REGISTERED:
            return ("registered_on", "id"), False
        case Sort.NEWEST:
            return ("registered_on", "id"), True
        case Sort.NAME:
            return ("member__family_kana", "member__given_kana", "member_id"), False
        case Sort.SUBMITTED:
            return ("submitted_at", "id"), True
    if wanted.tab is Tab.ALL and wanted.reason is None:
        return ("stage", "due_on", "id"), False
    return ("due_on", "id"), False


def _field(name: str) -> Any:
    field: Any = None
    model: Any = RosterEntry
    for part in name.split("__"):
        field = model._meta.get_field(part.removesuffix("_id"))
        model = field.related_model
    field = field.target_field if field.is_relation else field
    return getattr(field, "output_field", field)


def _cursor(direction: str, key: tuple[Any, ...]) -> str:
    text = json.dumps([direction, *(value if isinstance(value, int) else str(value) for value in key)])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_cursor(cursor: str, keys: tuple[str, ...]) -> tuple[bool, tuple[Any, ...] | None]:
    """Whether the page lies before its key, and the key; None as key starts at the end or the beginning."""
    if cursor == LAST:
        return True, None
    try:
        direction, *values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        key = tuple(_field(name).to_python(value) for name, value in zip(keys, values, strict=True))
    except (binascii.Error, ValueError, TypeError, ValidationError):
        return False, None
    return direction == "b", key


def _one(entries: QuerySet[RosterEntry], today: date) -> Row:
    columns = entries.values_list(*_COLUMNS).first()
    if columns is None:
        raise NotFound
    return _row(columns, today)


def _row(columns: tuple[Any, ...], today: date) -> Row:
    (
        entry_id, member_id, family, given, middle, family_kana, given_kana, code, department, mail, member_state,
        state, registered_on, due_on, bounced_at, bounce_reason, invited_at, opened_at, submitted_at, confirmed_on,
        reminded_at, reminders, dependents, images, unreadable,
    ) = columns  # fmt: skip
    reason = overdue.reason(
        Facts(
            state=state,
            has_mail=bool(mail),
            is_active=member_state == "active",
            bounced=bounced_at is not None,
            opened=opened_at is not None,
            images=images,
            unreadable=unreadable,
        )
    )
    is_late = overdue.is_overdue(state=state, due_on=due_on, today=today)
    return Row(
        entry_id=entry_id,
        member_id=member_id,
        name=" ".join(part for part in (family, given, middle) if part),
        kana=" ".join(part for part in (family_kana, given_kana) if part),
        employee_code=code,
        department=department,
        mail=mail,
        is_active=member_state == "active",
        state=State(state),
        registered_on=registered_on,
        due_on=due_on,
        is_late=is_late,
        days_late=overdue.days_late(due_on=due_on, today=today) if is_late else 0,
        days_left=max((due_on - today).days, 0),
        reason=reason,
        step=overdue.next_step(reason, is_late=is_late, reminded_on=_day(reminded_at), today=today),
        bounce_reason=bounce_reason,
        invited_on=_day(invited_at),
        opened_on=_day(opened_at),
        submitted_on=_day(submitted_at),
        confirmed_on=confirmed_on,
        reminded_on=_day(reminded_at),
        reminders=reminders,
        dependents=dependents,
        images=images,
    )


def _day(moment: datetime | None) -> date | None:
    return jst_day(moment) if moment else None
