"""Verb of 退職・退出: a person leaves, nothing more is asked of them, and the end of keeping is fixed (R-02, R-10)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Collection as Events
from warifu.collection.actions import drafts
from warifu.collection.models import RosterEntry
from warifu.collection.queries import subjects
from warifu.credentials.actions import departures
from warifu.foundation.actor import SYSTEM, Actor
from warifu.foundation.days import jst_day
from warifu.notices import actions as notices
from warifu.organisations.rules import Permission, require
from warifu.vault.actions import keepings


def record(*, organisation_id: UUID, member_id: UUID, left_on: date, by: Actor, at: datetime) -> None:
    """Record that a member has left: sessions and links end, and what was still to hand in is asked for no more.

    What was only begun is destroyed at once: no paper was made of it, and no duty keeps it. What was handed in goes
    its way, and from the last day on each number of the person and the family is kept as long as the law wants it
    (R-01, R-02). Letters that still wait to leave are taken back. Raises `NotPermitted`, `NotFound`,
    `LastAdministrator`, `NeedDayWrong`.
    """
    require(by=by, permission=Permission.MEMBERS_MANAGE, organisation_id=organisation_id)
    with transaction.atomic():
        _end_entry(organisation_id, member_id, by, at)
        keepings.end_need(
            organisation_id=organisation_id,
            subject_ids=subjects.family(organisation_id=organisation_id, member_id=member_id),
            ended_on=left_on,
            by=by,
            at=at,
        )
        departures.record(organisation_id=organisation_id, member_id=member_id, left_on=left_on, by=by, at=at)


def _end_entry(organisation_id: UUID, member_id: UUID, by: Actor, at: datetime) -> None:
    entry = RosterEntry.objects.select_for_update().filter(organisation_id=organisation_id, member_id=member_id).first()
    if entry is None or entry.state not in RosterEntry.OPEN:
        return
    RosterEntry.objects.filter(id=entry.id).update(
        state=RosterEntry.State.ENDED, next_reminder_on=None, images=0, unreadable=0, dependents=0
    )
    drafts.forget(
        rows=list(entry.submissions.select_related("entry").order_by("round")), reason="left", by=SYSTEM, at=at
    )
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
