"""Letters before a licence ends, until it is renewed (A1)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from warifu.audit import actions as audit
from warifu.audit.events import Licences as Events
from warifu.foundation.actor import SYSTEM
from warifu.foundation.days import jst_day
from warifu.licences.actions import letters
from warifu.licences.models import Licence
from warifu.organisations import queries as organisations

DAYS_BEFORE = (60, 30, 7)
BATCH = 200
"""Licences of one transaction."""


def remind_due(*, at: datetime) -> int:
    """Remind of licences that end within 60, 30 or 7 days, once for each; returns how many (daily).

    A renewal begins anew; of several missed reminders only the latest leaves.
    """
    return sum(_remind_all(days, at) for days in sorted(DAYS_BEFORE))


def _remind_all(days: int, at: datetime) -> int:
    today = jst_day(at)
    due = (
        Licence.objects.filter(Q(reminded_days=None) | Q(reminded_days__gt=days))
        .filter(until_day__gte=today, until_day__lte=today + timedelta(days=days))
        .exclude(state=Licence.State.REVOKED)
        .select_related("product", "registration__card")
        .order_by("id")
    )
    done = 0
    while True:
        with transaction.atomic():
            batch = list(due.select_for_update(of=("self",), skip_locked=True)[:BATCH])
            Licence.objects.filter(id__in=[row.id for row in batch]).update(reminded_days=days)
            for row in batch:
                letters.ending(licence=row, days=days, at=at)
                audit.record(
                    event=Events.REMINDED,
                    by=SYSTEM,
                    at=at,
                    organisation_id=organisations.operator().id,
                    subject_id=row.id,
                    days=days,
                )
        done += len(batch)
        if len(batch) < BATCH:
            return done
