"""Refused doors: an entry of the trail for each, but never a flood of them (V-09, ASVS 16.3.2)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Credentials as Events
from warifu.credentials.actions import attempts
from warifu.foundation.actor import Actor


def record(*, organisation_id: UUID, by: Actor, view: str, permission: str, at: datetime) -> bool:
    """Note that somebody was refused at a door; returns False when the same was noted often enough just before."""
    try:
        attempts.take(purpose="denial", subject=f"{by.id} {view}", at=at)
    except attempts.TooManyAttempts:
        return False
    with transaction.atomic():
        audit.record(
            event=Events.ACCESS_DENIED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=by.id,
            view=view,
            permission=permission,
        )
    return True
