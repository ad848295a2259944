"""Reads of MyKey ID: the stage, one's own ID, one's place in the line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from warifu.cards.models import MyKey, MyKeyStage, MyKeyTicket
from warifu.cards.rules import mykey as rules
from warifu.cards.rules.mykey import Wait
from warifu.foundation.refusals import NotFound

State = MyKeyTicket.State


@dataclass(frozen=True, kw_only=True)
class StageView:
    """From when what is taken, and how many at the same time."""

    reserve_from: datetime | None
    apply_from: datetime | None
    slots: int
    waiting: int


@dataclass(frozen=True, kw_only=True)
class MyKeyView:
    """One's own MyKey ID."""

    text: str
    reserved_at: datetime
    applied_at: datetime | None
    generated_left: int


@dataclass(frozen=True, kw_only=True)
class TicketView:
    """One's way through the reservation; `wait` is there while it waits."""

    id: UUID
    state: str
    order: str
    session_id: UUID
    valid_until: datetime | None
    wait: Wait | None


def stage() -> StageView:
    """The stage as it is set, and how many wait. Two queries."""
    row = MyKeyStage.objects.filter(id=1).first() or MyKeyStage()
    return StageView(
        reserve_from=row.reserve_from,
        apply_from=row.apply_from,
        slots=row.slots,
        waiting=MyKeyTicket.objects.filter(state=State.WAITING).count(),
    )


def is_announced() -> bool:
    """Whether the operator has set a day for reservations. One query."""
    return MyKeyStage.objects.filter(reserve_from__isnull=False).exists()


def own(*, member_id: UUID) -> MyKeyView | None:
    """The living MyKey ID of a member. One query."""
    row = MyKey.objects.filter(member_id=member_id, ended_at=None).first()
    if row is None:
        return None
    return MyKeyView(
        text=row.text,
        reserved_at=row.reserved_at,
        applied_at=row.applied_at,
        generated_left=rules.GENERATED - row.generated,
    )


def ticket(*, ticket_id: UUID, member_id: UUID, at: datetime) -> TicketView:
    """One's ticket, with an honest estimate while it waits. Raises `NotFound`. Three queries."""
    row = MyKeyTicket.objects.filter(id=ticket_id, member_id=member_id).first()
    if row is None:
        raise NotFound
    waits = None
    if row.state == State.WAITING:
        waiting = MyKeyTicket.objects.filter(state=State.WAITING)
        before = waiting.filter(asked_at__lt=row.asked_at) | waiting.filter(asked_at=row.asked_at, id__lt=row.id)
        done = MyKeyTicket.objects.filter(state=State.ISSUED, ended_at__gt=at - rules.PACE_OVER).count()
        waits = rules.wait(ahead=before.count(), done_lately=done)
    return TicketView(
        id=row.id, state=row.state, order=row.order, session_id=row.session_id, valid_until=row.valid_until, wait=waits
    )
