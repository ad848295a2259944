"""Reads of hand-overs: the one that runs, what it still has to do, those that are over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from warifu.credentials.models import HandOver, Session, Token
from warifu.credentials.queries.certificates import CertificateLine, certificates_of
from warifu.credentials.rules.hand_over import REST, Step
from warifu.foundation.refusals import NotFound


@dataclass(frozen=True, kw_only=True)
class HandOverView:
    """A hand-over with the state of its steps."""

    id: UUID
    from_id: UUID
    from_name: str
    to_id: UUID
    to_name: str
    done: frozenset[Step]
    started_at: datetime
    finished_at: datetime | None
    stopped_at: datetime | None

    @property
    def is_running(self) -> bool:
        """Whether steps can be done."""
        return self.finished_at is None and self.stopped_at is None

    @property
    def open_steps(self) -> tuple[Step, ...]:
        """The steps that can be done now."""
        if not self.is_running:
            return ()
        if Step.SIGNED_IN not in self.done:
            return (Step.SIGNED_IN,)
        if Step.ROLES not in self.done:
            return (Step.ROLES,)
        return tuple(step for step in Step if step in REST - self.done)

    @property
    def is_ready(self) -> bool:
        """Whether only the end is left."""
        return self.is_running and set(Step) == self.done


@dataclass(frozen=True, kw_only=True)
class TokenLeft:
    """A token that the old administrator issued and that still works."""

    id: UUID
    name: str
    valid_until: datetime
    used_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class LeftBehind:
    """What the old administrator still holds."""

    certificates: tuple[CertificateLine, ...]
    sessions: int
    tokens: tuple[TokenLeft, ...]
    taker_is_strong: bool


def running(*, organisation_id: UUID) -> HandOverView | None:
    """The hand-over of an organisation that runs, or None. One query."""
    row = _rows(organisation_id).filter(finished_at=None, stopped_at=None).first()
    return _view(row) if row else None


def one(*, organisation_id: UUID, hand_over_id: UUID) -> HandOverView:
    """One hand-over of an organisation; raises `NotFound`. One query."""
    row = _rows(organisation_id).filter(id=hand_over_id).first()
    if row is None:
        raise NotFound
    return _view(row)


def past(*, organisation_id: UUID, limit: int = 20) -> list[HandOverView]:
    """The newest hand-overs that are over. One query."""
    rows = _rows(organisation_id).filter(Q(finished_at__isnull=False) | Q(stopped_at__isnull=False))
    return [_view(row) for row in rows.order_by("-id")[:limit]]


def left_behind(*, organisation_id: UUID, hand_over: HandOverView, at: datetime) -> LeftBehind:
    """What the old administrator still holds, and whether the new one has signed in with two factors. Four queries."""
    certificates = certificates_of(organisation_id=organisation_id, member_id=hand_over.from_id)
    tokens = Token.objects.filter(
        organisation_id=organisation_id, issued_by=hand_over.from_id, revoked_at=None, valid_until__gt=at
    )
    strong = Session.objects.filter(member_id=hand_over.to_id, level__gte=2, seen_at__gte=hand_over.started_at)
    return LeftBehind(
        certificates=tuple(line for line in certificates if line.revoked_at is None and line.valid_until > at),
        sessions=Session.objects.filter(member_id=hand_over.from_id, ended_at=None).count(),
        tokens=tuple(
            TokenLeft(id=row.id, name=row.name, valid_until=row.valid_until, used_at=row.used_at)
            for row in tokens.order_by("-id")
        ),
        taker_is_strong=strong.exists(),
    )


def _rows(organisation_id: UUID) -> QuerySet[HandOver]:
    return HandOver.objects.filter(organisation_id=organisation_id).select_related("from_member", "to_member")


def _view(row: HandOver) -> HandOverView:
    return HandOverView(
        id=row.id,
        from_id=row.from_member_id,
        from_name=row.from_member.full_name,
        to_id=row.to_member_id,
        to_name=row.to_member.full_name,
        done=frozenset(Step(name) for name in row.done),
        started_at=row.started_at,
        finished_at=row.finished_at,
        stopped_at=row.stopped_at,
    )
