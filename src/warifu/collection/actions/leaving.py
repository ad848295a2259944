"""Verb of 退職・退出: a person leaves, and nothing more is asked of them (R-10)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Collection as Events
from warifu.collection.models import RosterEntry
from warifu.credentials.actions import departures
from warifu.foundation.actor import Actor
from warifu.foundation.days import jst_day
from warifu.notices import actions as notices
from warifu.organisations.rules import Permission, require


def record(*, organisation_id: UUID, member_id: UUID, left_on: date, by: Actor, at: datetime) -> None:
    """Record that a member has left: sessions and links end, and what was still to hand in is asked for no more.

    What was handed in goes its way, and numbers stay as long as the law wants them (R-01). Letters that still wait to
    leave are taken back. Raises `NotPermitted`, `NotFound`, `LastAdministrator`.
    """
    require(by=by, permission=Permission.MEMBERS_MANAGE, organisation_id=organisation_id)
    with transaction.atomic():
        _end_entry(organisation_id, member_id, by, at)
        departures.record(organisation_id=organisation_id, member_id=member_id, left_on=left_on, by=by, at=at)


def _end_entry(organisation_id: UUID, member_id: UUID, by: Actor, at: datetime) -> None:
    entry = RosterEntry.objects.select_for_update().filter(organisation_id=organisation_id, member_id=member_id).first()
    if entry is None or entry.state not in RosterEntry.OPEN:
        return
    RosterEntry.objects.filter(id=entry.id).update(state=RosterEntry.State.ENDED, next_reminder_on=None)
    keys = [f"invitation:{entry.id}"]
    if entry.reminded_at:
        keys += [f"reminder:{entry.id}:{name}" for name in (jst_day(entry.reminded_at), entry.reminded_at.isoformat())]
    for key in keys:
        notices.cancel(organisation_id=organisation_id, key=key, by=by, at=at)
    audit.record(
        event=Events.ENDED,
        by=by,
        at=at,
        organisation_id=organisation_id,
        subject_id=member_id,
        before=entry.state,
    )
