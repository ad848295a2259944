"""Verbs of letters that came back: note it, mend the address, send anew (001-28)."""

from __future__ import annotations

from datetime import datetime, timedelta
from operator import attrgetter
from uuid import UUID

from django.db import transaction
from django.db.models import F

from warifu.audit import actions as audit
from warifu.audit.events import Collection as Events
from warifu.collection.actions import addresses, asking
from warifu.collection.models import RosterEntry
from warifu.collection.rules import overdue
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import NotFound
from warifu.notices import queries as letters
from warifu.organisations import actions as members
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission, require

BOUNCES_BACK = timedelta(days=2)
"""How far back bounces are looked for; a bounce is noted within a minute while the worker lives."""


def readdress(*, organisation_id: UUID, entry_id: UUID, mail: str, by: Actor, at: datetime) -> None:
    """Correct where letters go, and send the letter anew when one had gone out already; the old address is told.

    Raises `NotPermitted`, `NotFound`, and what `organisations.actions.change_mail` raises.
    """
    require(by=by, permission=Permission.INVITE, organisation_id=organisation_id)
    with transaction.atomic():
        entry = RosterEntry.objects.select_for_update().filter(organisation_id=organisation_id, id=entry_id).first()
        if entry is None:
            raise NotFound
        member = organisations.member(organisation_id=organisation_id, member_id=entry.member_id)
        members.change_mail(organisation_id=organisation_id, member_id=member.id, mail=mail, by=by, at=at)
        if organisations.member(organisation_id=organisation_id, member_id=member.id).mail != member.mail:
            addresses.tell_old(organisation_id=organisation_id, before={member.id: member.mail}, by=by, at=at)
        RosterEntry.objects.filter(id=entry_id).update(bounced_at=None, bounce_reason="")
        (person,) = asking.people(entries=RosterEntry.objects.filter(id=entry_id))
        if person.mail and person.reason in overdue.LETTER_WORDS:
            writer = asking.Writer(organisation_id, at)
            asking.take(
                batch=[person], reminders=F("reminders") + 1, reminded_at=at, next_reminder_on=writer.next_day(person)
            )
            writer.post_reminders([person], by=by, suffix=at.isoformat())
            audit.record(
                event=Events.READDRESSED, by=by, at=at, organisation_id=organisation_id, subject_id=entry.member_id
            )


def note_bounces(*, at: datetime) -> int:
    """Note on entries which letters came back, so that lists can say so; returns how many were new."""
    noted = 0
    for organisation_id in organisations.all_organisation_ids():
        bounces = letters.bounced_since(organisation_id=organisation_id, since=at - BOUNCES_BACK)
        newest = {bounce.member_id: bounce for bounce in sorted(bounces, key=attrgetter("at"))}
        for chunk in asking.chunks(ids=list(newest)):
            entries = RosterEntry.objects.filter(organisation_id=organisation_id, member_id__in=chunk, bounced_at=None)
            for entry in entries.only("id", "member_id", "invited_at", "reminded_at"):
                bounce = newest[entry.member_id]
                lettered_at = entry.reminded_at or entry.invited_at
                if lettered_at is not None and bounce.at >= lettered_at:
                    still = RosterEntry.objects.filter(id=entry.id, bounced_at=None)
                    noted += still.update(bounced_at=bounce.at, bounce_reason=bounce.reason[:300])
    return noted
