"""Reads of requests: somebody's own, and the queue of those who answer them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from warifu.customers.models import Inquiry
from warifu.foundation.refusals import NotFound
from warifu.organisations import queries as organisations

PAGE = 50
"""Rows of a page."""


@dataclass(frozen=True, kw_only=True)
class InquiryView:
    """A request as both sides see it."""

    id: UUID
    number: str
    sender: str
    member: str
    customer_id: UUID | None
    customer: str
    kind: str
    values: dict[str, str]
    words: str
    state: str
    sent_at: datetime
    taken_at: datetime | None
    taken_by: str
    closed_at: datetime | None
    answer: str


def own(*, member_id: UUID, limit: int = PAGE) -> list[InquiryView]:
    """The newest requests that somebody sent. One query."""
    rows = Inquiry.objects.filter(member_id=member_id).select_related("sender", "member", "customer").order_by("-id")
    return [_view(row) for row in rows[:limit]]


def queue(
    *, addressee_id: UUID, about_customers: bool, is_open: bool, cursor: str = ""
) -> tuple[list[InquiryView], str, str]:
    """A page of the requests to an organisation, open ones oldest first, closed ones newest first. One query."""
    states = ("open", "taken") if is_open else ("done", "refused")
    rows = Inquiry.objects.filter(
        addressee_id=addressee_id, customer__isnull=not about_customers, state__in=states
    ).select_related("sender", "member", "customer")
    found, before, after = organisations.keyset(
        rows=rows, keys=("id",), cursor=cursor, limit=PAGE, descending=not is_open
    )
    return [_view(row) for row in found], before, after


def inquiry(*, addressee_id: UUID, inquiry_id: UUID) -> InquiryView:
    """One request to an organisation; raises `NotFound`."""
    rows = Inquiry.objects.select_related("sender", "member", "customer")
    row = rows.filter(addressee_id=addressee_id, id=inquiry_id).first()
    if row is None:
        raise NotFound
    return _view(row)


def waiting(*, addressee_id: UUID) -> int:
    """How many requests to an organisation are not closed. One query."""
    return Inquiry.objects.filter(addressee_id=addressee_id, state__in=("open", "taken")).count()


def _view(row: Inquiry) -> InquiryView:
    return InquiryView(
        id=row.id,
        number=row.number,
        sender=row.sender.name,
        member=row.member.full_name,
        customer_id=row.customer_id,
        customer=row.customer.name if row.customer else "",
        kind=row.kind,
        values=row.values,
        words=row.words,
        state=row.state,
        sent_at=row.sent_at,
        taken_at=row.taken_at,
        taken_by=row.taken_by,
        closed_at=row.closed_at,
        answer=row.answer,
    )
