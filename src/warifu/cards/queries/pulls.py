"""Reads of codes that wait on pages: how far a reading has come, never what was read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from warifu.cards import codes
from warifu.cards.models import CardChallenge
from warifu.cards.rules import signs
from warifu.cards.rules.purposes import What
from warifu.foundation.refusals import NotFound


@dataclass(frozen=True, kw_only=True)
class PullState:
    """`state` is waiting, taken, done, failed or over; `code` names the refusal; `shown` is what the page shows."""

    id: UUID
    shown: str
    what: What
    state: str
    code: str
    valid_until: datetime


def state_of(*, pull_id: UUID, session_id: UUID, at: datetime) -> PullState:
    """How far a reading of this very session has come. Raises `NotFound`. One query."""
    row = CardChallenge.objects.filter(id=pull_id, session_id=session_id).exclude(code_hash="").first()
    if row is None:
        raise NotFound
    return _state(row, at)


def _state(row: CardChallenge, at: datetime) -> PullState:
    if row.outcome != CardChallenge.Outcome.OPEN:
        state = row.outcome
    elif row.used_at is not None or row.valid_until <= at:
        state = "over"
    else:
        state = "taken" if row.taken_at else "waiting"
    return PullState(
        id=row.id,
        shown=signs.grouped(codes.code_of(row.id)),
        what=What(row.what),
        state=state,
        code=row.outcome_code,
        valid_until=row.valid_until,
    )
