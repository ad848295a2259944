"""Reads of sealed notices: one's own, and the office's list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from warifu.credentials.models import NoticeLook, SealedNotice
from warifu.credentials.rules.windows import ViewingWindow, WindowState
from warifu.foundation import japanese
from warifu.foundation.refusals import NotFound

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class NoticeLine:
    """A sealed notice as lists show it; its value is in no query. `state`: open, early, over, used or replaced."""

    id: UUID
    subject: str
    opener_id: UUID
    opener: str
    lets_in: str
    starts_on: date
    first_day: date
    last_day: date
    closes_at: datetime
    state: str
    looks: int
    made_at: datetime


@dataclass(frozen=True, kw_only=True)
class LookLine:
    """One opening of a notice."""

    at: datetime
    browser: str
    address: str


def own(*, organisation_id: UUID, member_id: UUID, at: datetime) -> list[NoticeLine]:
    """The notices that a member may open, the newest first. One query."""
    return _lines(_rows(organisation_id).filter(member_id=member_id)[:PAGE], at)


def own_notice(
    *, organisation_id: UUID, member_id: UUID, notice_id: UUID, at: datetime
) -> tuple[NoticeLine, list[LookLine]]:
    """One of a member's notices with its looks; raises `NotFound` for anybody else's. Two queries."""
    found = _lines(_rows(organisation_id).filter(member_id=member_id, id=notice_id), at)
    if not found:
        raise NotFound
    return found[0], _looks(notice_id)


def notice(*, organisation_id: UUID, notice_id: UUID, at: datetime) -> tuple[NoticeLine, list[LookLine]]:
    """One notice of an organisation with its looks; raises `NotFound`. Two queries."""
    found = _lines(_rows(organisation_id).filter(id=notice_id), at)
    if not found:
        raise NotFound
    return found[0], _looks(notice_id)


def letting_in(*, organisation_id: UUID, member_ids: set[UUID], at: datetime) -> list[tuple[UUID, NoticeLine]]:
    """The notices of the first passwords of some members, with whose each is, the newest first. One query."""
    rows = list(_rows(organisation_id).filter(lets_in_id__in=member_ids))
    return [(row.lets_in_id, _line(row, at)) for row in rows]


def page(
    *, organisation_id: UUID, at: datetime, text: str = "", before: UUID | None = None
) -> tuple[list[NoticeLine], UUID | None]:
    """A page of an organisation's notices, the newest first, and the id after which the next one starts.

    `text` looks into subjects and names. One query.
    """
    rows = _rows(organisation_id)
    if text:
        rows = rows.filter(Q(subject__icontains=text) | Q(lets_in__search_text__contains=japanese.search_key(text)))
    if before:
        rows = rows.filter(id__lt=before)
    lines = _lines(rows[: PAGE + 1], at)
    return lines[:PAGE], lines[PAGE - 1].id if len(lines) > PAGE else None


def _rows(organisation_id: UUID) -> QuerySet[SealedNotice]:
    return (
        SealedNotice.objects.filter(organisation_id=organisation_id)
        .select_related("member", "lets_in")
        .annotate(looks=Count("openings"))
        .order_by("-id")
    )


def _looks(notice_id: UUID) -> list[LookLine]:
    rows = NoticeLook.objects.filter(notice_id=notice_id).order_by("-id")[:PAGE]
    return [LookLine(at=row.at, browser=row.browser, address=row.address) for row in rows]


def _lines(rows: QuerySet[SealedNotice], at: datetime) -> list[NoticeLine]:
    return [_line(row, at) for row in rows]


def _line(row: SealedNotice, at: datetime) -> NoticeLine:
    window = ViewingWindow(first_day=row.decided_on, last_day=row.last_day)
    return NoticeLine(
        id=row.id,
        subject=row.subject,
        opener_id=row.member_id,
        opener=row.member.full_name,
        lets_in=row.lets_in.full_name,
        starts_on=row.starts_on,
        first_day=row.decided_on,
        last_day=row.last_day,
        closes_at=window.closes_at(),
        state=_state(row, window.state(at)),
        looks=row.looks,  # type: ignore[attr-defined]
        made_at=row.made_at,
    )


def _state(row: SealedNotice, window: WindowState) -> str:
    if row.used_at:
        return "used"
    return "replaced" if row.replaced_at else window.value
