"""Folders as lists and screens see them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Q

from warifu.folders.models import Folder, FolderAccess, FolderLink, TransactionRecord
from warifu.folders.queries.access import Reached, reachable
from warifu.folders.rules import fields, search
from warifu.folders.rules.fields import Kind
from warifu.foundation import japanese
from warifu.foundation.actor import Actor

PAGE = 50
STATES = {state.value: str(state.label) for state in Folder.State}
"""The states of folders with their names."""
Way = FolderAccess.Way
"""How somebody may reach a folder."""


@dataclass(frozen=True, kw_only=True)
class FolderView:
    """A folder with its meter. `fill` counts in hundredths of the capacity, at most 100."""

    id: UUID
    organisation_id: UUID
    organisation_name: str
    keeper_id: UUID | None
    keeper_name: str
    customer_id: UUID | None
    customer_name: str
    customer_code: str
    registration_number: str
    capacity: int
    file_limit: int
    used: int
    count: int
    free: int
    fill: int
    is_nearly_full: bool
    state: str
    state_label: str
    year_end_month: int
    keeping_years: int
    extension_months: int
    is_sole_trader: bool
    has_rules: bool
    mail_code: str
    created_at: datetime
    ending_by: str
    ended_at: datetime | None
    handed_over_at: datetime | None
    handed_over_from: str


def listing(
    *,
    organisation_id: UUID,
    by: Actor,
    at: datetime,
    text: str = "",
    state: str = "",
    customer_id: UUID | None = None,
    after: str = "",
    limit: int = PAGE,
) -> tuple[list[FolderView], str]:
    """Folders that somebody may read by the customer's name, and the cursor of the next page. One query."""
    rows = reachable(organisation_id=organisation_id, by=by, at=at).select_related("organisation", "keeper")
    if customer_id is not None:
        rows = rows.filter(customer_id=customer_id)
    text, after = fields.visible(text), fields.visible(after)
    if text.strip():
        code = japanese.to_half_width(text)
        rows = rows.filter(Q(customer_key__contains=search.folded(text)) | Q(customer_code=code))
    if state in Folder.State.values:
        rows = rows.filter(state=state)
    key, _, last = after.rpartition("|")
    with suppress(ValueError):
        rows = rows.filter(Q(customer_key__gt=key) | Q(customer_key=key, id__gt=UUID(last))) if after else rows
    found = list(rows.order_by("customer_key", "id")[: limit + 1])
    more = f"{found[limit - 1].customer_key}|{found[limit - 1].id}" if len(found) > limit else ""
    return [view(folder=row) for row in found[:limit]], more


@dataclass(frozen=True, kw_only=True)
class Totals:
    """All folders that somebody may read, together."""

    folders: int
    records: int
    used: int
    capacity: int


@dataclass(frozen=True, kw_only=True)
class Meter:
    """How full a folder is, in bytes."""

    used: int
    capacity: int

    @property
    def fill(self) -> int:
        """In hundredths of the capacity, at most 100."""
        return min(100, self.used * 100 // self.capacity) if self.capacity else 100


def meters(*, organisation_id: UUID, customer_ids: Collection[UUID]) -> dict[UUID, Meter]:
    """The meters of an office's folders by its customers; ended ones are left out. One query."""
    rows = Folder.objects.filter(organisation_id=organisation_id, customer_id__in=customer_ids).exclude(
        state=Folder.State.ENDED
    )
    return {
        customer_id: Meter(used=used, capacity=capacity)
        for customer_id, used, capacity in rows.values_list("customer_id", "used", "capacity")
        if customer_id is not None
    }


def alive_in(*, organisation_id: UUID, spans: Sequence[tuple[datetime, datetime]]) -> list[int]:
    """How many folders were in use at any moment of each span, for the monthly count (A5). One query."""
    counts = {
        f"span_{number}": Count("id", filter=Q(created_at__lt=after) & (Q(ended_at=None) | Q(ended_at__gte=first)))
        for number, (first, after) in enumerate(spans)
    }
    found = Folder.objects.filter(organisation_id=organisation_id).aggregate(**counts)
    return [found[f"span_{number}"] for number in range(len(spans))]


def totals(*, organisation_id: UUID, by: Actor, at: datetime) -> Totals:
    """Sums for the head of the list, and for other screens of the office. One query."""
    rows = list(reachable(organisation_id=organisation_id, by=by, at=at).values_list("count", "used", "capacity"))
    return Totals(
        folders=len(rows),
        records=sum(row[0] for row in rows),
        used=sum(row[1] for row in rows),
        capacity=sum(row[2] for row in rows),
    )


def view(*, folder: Folder) -> FolderView:
    """A folder's row for a screen."""
    fill = min(100, -(-folder.used * 100 // folder.capacity)) if folder.capacity else 100
    return FolderView(
        id=folder.id,
        organisation_id=folder.organisation_id,
        organisation_name=folder.organisation.name,
        keeper_id=folder.keeper_id,
        keeper_name=folder.keeper.name if folder.keeper else "",
        customer_id=folder.customer_id,
        customer_name=folder.customer_name,
        customer_code=folder.customer_code,
        registration_number=folder.registration_number,
        capacity=folder.capacity,
        file_limit=folder.file_limit,
        used=folder.used,
        count=folder.count,
        free=max(0, folder.capacity - folder.used),
        fill=fill,
        is_nearly_full=fill >= 90,
        state=folder.state,
        state_label=folder.get_state_display(),
        year_end_month=folder.year_end_month,
        keeping_years=folder.keeping_years,
        extension_months=folder.extension_months,
        is_sole_trader=folder.is_sole_trader,
        has_rules=folder.has_rules,
        mail_code=folder.mail_code,
        created_at=folder.created_at,
        ending_by=folder.ending_by,
        ended_at=folder.ended_at,
        handed_over_at=folder.handed_over_at,
        handed_over_from=folder.handed_over_from,
    )


@dataclass(frozen=True, kw_only=True)
class AccessView:
    """Who beside the office's own people reaches a folder."""

    id: UUID
    member_id: UUID
    name: str
    way: str
    way_label: str
    traded_from: date | None
    traded_until: date | None
    kinds: tuple[str, ...]
    valid_until: date | None
    given_at: datetime
    given_by: str


def accesses(*, reached: Reached) -> list[AccessView]:
    """Running accesses of a folder. One query."""
    rows = FolderAccess.objects.select_related("member").filter(folder=reached.folder, ended_at=None)
    return [
        AccessView(
            id=row.id,
            member_id=row.member_id,
            name=row.member.full_name,
            way=row.way,
            way_label=row.get_way_display(),
            traded_from=row.traded_from,
            traded_until=row.traded_until,
            kinds=tuple(Kind(kind).label for kind in row.kinds),
            valid_until=row.valid_until,
            given_at=row.given_at,
            given_by=row.given_by,
        )
        for row in rows.order_by("id")
    ]


@dataclass(frozen=True, kw_only=True)
class LinkView:
    """A link for somebody without an ID."""

    id: UUID
    name: str
    mail: str
    valid_until: datetime
    most_files: int
    files: int
    is_good: bool


def links(*, reached: Reached, at: datetime) -> list[LinkView]:
    """Links of a folder, the newest first, at most a hundred. One query."""
    rows = FolderLink.objects.filter(folder=reached.folder).order_by("-id")[:100]
    return [
        LinkView(
            id=row.id,
            name=row.name,
            mail=row.mail,
            valid_until=row.valid_until,
            most_files=row.most_files,
            files=row.files,
            is_good=row.ended_at is None and row.valid_until > at and row.files < row.most_files,
        )
        for row in rows
    ]


@dataclass(frozen=True, kw_only=True)
class Faulty:
    """A record whose stored bytes no longer give its SHA-256."""

    id: UUID
    number: int
    file_name: str
    since: datetime


def faulty(*, reached: Reached) -> list[Faulty]:
    """What the nightly check found wrong, at most a hundred. One query."""
    rows = TransactionRecord.objects.filter(folder=reached.folder, faulty_since__isnull=False).order_by("id")
    return [
        Faulty(id=row.id, number=row.number, file_name=row.file_name, since=row.faulty_since)
        for row in rows[:100]
        if row.faulty_since
    ]
