"""Reads of the room 資格."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from warifu.foundation.actor import Actor


@dataclass(frozen=True, kw_only=True)
class LivingSession:
    """A session that runs: whose, where, since when, and the actor that the doors pass on."""

    id: UUID
    member_id: UUID
    organisation_id: UUID
    organisation_name: str
    actor: Actor
    logs_out_at: datetime


def living_session(*, token: str, at: datetime) -> LivingSession | None:
    """The session of a cookie's token, or None when it is unknown, ended or timed out. One query."""
    raise NotImplementedError
