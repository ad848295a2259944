"""Reads of 保存と廃棄: what is kept until when, what waits for whom, what was destroyed; never a number."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet

from warifu.foundation.purposes import Purpose
from warifu.foundation.refusals import NotFound
from warifu.organisations import queries as organisations
from warifu.vault.models import DisposalPolicy, Keeping, LegalHold, SealedNumber
from warifu.vault.rules import keeping

State = Keeping.State
PAGE = 50


@dataclass(frozen=True, kw_only=True)
class KeepingView:
    """One purpose's keeping of one person's number. `numbers` and `pictures` were destroyed with it, if any."""

    id: UUID
    subject_id: UUID
    purpose: Purpose
    paper: str
    basis: str
    ended_on: date
    kept_until: date
    prolonged: str
    state: str
    due_on: date | None
    is_overdue: bool
    is_held: bool
    approved_by: UUID | None
    approved_label: str
    approved_at: datetime | None
    confirmed_label: str
    done_at: datetime | None
    batch: UUID | None
    numbers: int
    pictures: int
    backups_until: date | None


@dataclass(frozen=True, kw_only=True)
class KeepingPage:
    """A page of the list; a cursor is empty where there is no further page."""

    rows: tuple[KeepingView, ...]
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class KeepingCounts:
    """How many rows stand where; `overdue` are candidates and approvals whose day has passed, `due_on` the next day."""

    planned: int = 0
    proposed: int = 0
    approved: int = 0
    done: int = 0
    overdue: int = 0
    due_on: date | None = None

    @property
    def waiting(self) -> int:
        """What waits for somebody's decision."""
        return self.proposed + self.approved


@dataclass(frozen=True, kw_only=True)
class HoldView:
    """A legal hold; without `subject_id` it covers everybody."""

    id: UUID
    subject_id: UUID | None
    reason: str
    owner: str
    until: date
    placed_by: str
    placed_at: datetime
    is_running: bool
    lifted_at: datetime | None
    lifted_by: str


@dataclass(frozen=True, kw_only=True)
class PolicyView:
    """On which first of the month disposals are carried out, and whether the responsible person decides alone."""

    every_months: int
    is_small: bool


def page(
    *,
    organisation_id: UUID,
    states: Collection[str],
    today: date,
    subject_ids: Collection[UUID] | None = None,
    purpose: Purpose | None = None,
    is_overdue: bool = False,
    cursor: str = "",
    limit: int = PAGE,
) -> KeepingPage:
    """A page of what stands in some states, the earliest end of keeping first; of some persons only, if given.

    Three queries, whatever the page.
    """
    rows = Keeping.objects.filter(organisation_id=organisation_id, state__in=states)
    if subject_ids is not None:
        rows = rows.filter(subject_id__in=subject_ids)
    if purpose is not None:
        rows = rows.filter(purpose=purpose.value)
    if is_overdue:
        rows = rows.filter(_overdue(today))
    found, before, after = organisations.keyset(rows=rows, keys=("kept_until", "id"), cursor=cursor, limit=limit)
    return KeepingPage(rows=tuple(_views(organisation_id, found, today)), before=before, after=after)


def ledger(*, organisation_id: UUID, today: date) -> Iterator[KeepingView]:
    """All rows of an organisation, the oldest first, as a stream (S-04)."""
    rows = Keeping.objects.filter(organisation_id=organisation_id).order_by("id")
    yield from _views(organisation_id, rows.iterator(chunk_size=1_000), today)


def of_subjects(*, organisation_id: UUID, subject_ids: Collection[UUID], today: date) -> list[KeepingView]:
    """The rows of some persons, the earliest end first. Two queries."""
    rows = Keeping.objects.filter(organisation_id=organisation_id, subject_id__in=subject_ids)
    return list(_views(organisation_id, rows.order_by("kept_until", "id"), today))


def chosen(*, organisation_id: UUID, keeping_ids: Collection[UUID], today: date) -> list[KeepingView]:
    """Some rows that are not carried out yet, the earliest end first; those that are gone are missing. Two queries."""
    rows = Keeping.objects.filter(organisation_id=organisation_id, id__in=keeping_ids).exclude(state=State.DONE)
    return list(_views(organisation_id, rows.order_by("kept_until", "id"), today))


def keeping_of(*, organisation_id: UUID, keeping_id: UUID, today: date) -> KeepingView:
    """One row that is not carried out yet; raises `NotFound`."""
    rows = chosen(organisation_id=organisation_id, keeping_ids=[keeping_id], today=today)
    if not rows:
        raise NotFound
    return rows[0]


def batch(*, organisation_id: UUID, batch: UUID, today: date) -> list[KeepingView]:
    """What one confirmation destroyed, for its certificate; empty for an unknown one."""
    rows = Keeping.objects.filter(organisation_id=organisation_id, batch=batch, state=State.DONE)
    return list(_views(organisation_id, rows.order_by("subject_id", "id"), today))


def counts_of(*, organisation_ids: Collection[UUID], today: date) -> dict[UUID, KeepingCounts]:
    """How many rows of several organisations stand where; those without any are missing. One query."""
    waiting = Q(state__in=(State.PROPOSED, State.APPROVED))
    rows = (
        Keeping.objects.filter(organisation_id__in=organisation_ids)
        .values("organisation_id")
        .annotate(
            planned=Count("id", filter=Q(state=State.PLANNED)),
            proposed=Count("id", filter=Q(state=State.PROPOSED)),
            approved=Count("id", filter=Q(state=State.APPROVED)),
            done=Count("id", filter=Q(state=State.DONE)),
            overdue=Count("id", filter=_overdue(today)),
            next_day=Min("due_on", filter=waiting),
        )
        .order_by()
    )
    return {
        row["organisation_id"]: KeepingCounts(
            planned=row["planned"],
            proposed=row["proposed"],
            approved=row["approved"],
            done=row["done"],
            overdue=row["overdue"],
            due_on=row["next_day"],
        )
        for row in rows
    }


def disposed_between(*, organisation_id: UUID, since: datetime, until: datetime) -> int:
    """How many disposals were carried out in a time, for the supervision report. One query."""
    return Keeping.objects.filter(organisation_id=organisation_id, done_at__gte=since, done_at__lt=until).count()


def holds(*, organisation_id: UUID, today: date) -> list[HoldView]:
    """The legal holds of an organisation, the newest first. One query."""
    return [
        HoldView(
            id=row.id,
            subject_id=row.subject_id,
            reason=row.reason,
            owner=row.owner,
            until=row.until,
            placed_by=row.placed_by,
            placed_at=row.placed_at,
            is_running=row.lifted_at is None and row.until >= today,
            lifted_at=row.lifted_at,
            lifted_by=row.lifted_by,
        )
        for row in LegalHold.objects.filter(organisation_id=organisation_id).order_by("-id")
    ]


def policy(*, organisation_id: UUID) -> PolicyView:
    """An organisation's choices for disposal; the relief of small firms holds only while it is one. Up to three
    queries."""
    row = DisposalPolicy.objects.filter(organisation_id=organisation_id).first() or DisposalPolicy()
    is_small = row.is_small and is_small_firm(organisation_id=organisation_id)
    return PolicyView(every_months=row.every_months, is_small=is_small)


def is_small_firm(*, organisation_id: UUID) -> bool:
    """Whether one person may decide alone: few people, and no number work for others (S-15). Two queries."""
    if organisations.organisation(organisation_id=organisation_id).is_office:
        return False
    return organisations.count_members(organisation_id=organisation_id) <= keeping.SMALL_FIRM


def living(*, organisation_id: UUID, subject_ids: Collection[UUID]) -> frozenset[UUID]:
    """Which of some persons have a number here that is not destroyed. One query."""
    rows = SealedNumber.objects.filter(organisation_id=organisation_id, subject_id__in=subject_ids, destroyed_at=None)
    return frozenset(rows.values_list("subject_id", flat=True))


def destroyed_refs() -> Iterator[UUID]:
    """The references of all destroyed numbers, to be replayed after an older backup was restored (R-07)."""
    rows = SealedNumber.objects.exclude(destroyed_at=None).order_by("ref")
    yield from rows.values_list("ref", flat=True).iterator(chunk_size=1_000)


def _overdue(today: date) -> Q:
    return Q(state__in=(State.PROPOSED, State.APPROVED), due_on__lt=today)


def _views(
    organisation_id: UUID, rows: list[Keeping] | QuerySet[Keeping] | Iterator[Keeping], today: date
) -> Iterator[KeepingView]:
    running = LegalHold.objects.filter(organisation_id=organisation_id, lifted_at=None, until__gte=today)
    held = set(running.values_list("subject_id", flat=True))
    for row in rows:
        purpose = Purpose(row.purpose)
        yield KeepingView(
            id=row.id,
            subject_id=row.subject_id,
            purpose=purpose,
            paper=keeping.rule_for(purpose=purpose, ended_on=row.ended_on).paper,
            basis=row.basis,
            ended_on=row.ended_on,
            kept_until=row.kept_until,
            prolonged=row.prolonged,
            state=row.state,
            due_on=row.due_on,
            is_overdue=row.state in (State.PROPOSED, State.APPROVED) and row.due_on is not None and row.due_on < today,
            is_held=row.state != State.DONE and bool(held & {None, row.subject_id}),
            approved_by=row.approved_by,
            approved_label=row.approved_label,
            approved_at=row.approved_at,
            confirmed_label=row.confirmed_label,
            done_at=row.done_at,
            batch=row.batch,
            numbers=row.numbers,
            pictures=row.pictures,
            backups_until=row.backups_until,
        )
