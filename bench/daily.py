"""日次: the round of the day with nobody due, with a tenth due, and once more, beside a loop of save() and create()."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from bench import crowd
from warifu.collection.actions import invitations
from warifu.collection.models import Policy, RosterEntry
from warifu.foundation.days import JST, jst_day
from warifu.foundation.ids import new_id
from warifu.notices.models import Letter

SIZES = (1_000, 10_000, 100_000)
QUICK_ENOUGH = 5.0
"""Milliseconds that a round with nobody due may take at any size."""


def workloads() -> Iterator[dict[str, Any]]:
    """Rounds over 1,000 to 1,000,000 people."""
    at = datetime(2026, 11, 24, 10, 0, tzinfo=JST)
    today = jst_day(at)
    ahead = today + timedelta(days=30)
    for n in SIZES:
        RosterEntry.objects.all().delete()
        organisation_id, _ = crowd.organisation(timezone.now())
        crowd.fill(organisation_id, n, today=today, at=at, state="invited", due_on=ahead)
        Policy.objects.filter(organisation_id=organisation_id).update(automatic_reminders=True)
        yield _line(
            "daily round, nobody due", n, _milliseconds(lambda: invitations.daily(at=at)), None, "ms", QUICK_ENOUGH
        )
        due = max(n // 10, 1)
        _make_due(organisation_id, due, at)
        peer = due_in_a_loop(organisation_id, min(due, 1_000), at)
        _make_due(organisation_id, due, at)
        started = time.perf_counter()
        touched = invitations.daily(at=at)
        rate = due / (time.perf_counter() - started)
        if touched != 2 * due:
            raise RuntimeError(f"{touched} were touched where {due} were due")
        yield _line("daily round, a tenth due, noted and reminded", n, rate, peer, "people/s")
        yield _line(
            "daily round, once more", n, _milliseconds(lambda: invitations.daily(at=at)), None, "ms", QUICK_ENOUGH
        )


def due_in_a_loop(organisation_id: UUID, count: int, at: datetime) -> float:
    """The peer: a loop that saves each entry and creates each letter, as one would write it first; people a second."""
    entries = RosterEntry.objects.filter(organisation_id=organisation_id, overdue_noted_on=None, due_on__lt=jst_day(at))
    started = time.perf_counter()
    for entry in entries.select_related("member")[:count]:
        with transaction.atomic():
            entry.reminders, entry.reminded_at, entry.overdue_noted_on = F("reminders") + 1, at, jst_day(at)
            entry.save(update_fields=["reminders", "reminded_at", "overdue_noted_on"])
            Letter.objects.create(
                organisation_id=organisation_id,
                member_id=entry.member_id,
                kind="reminder",
                to_mail="x@example.jp",
                key=str(new_id()),
                next_at=at,
                created_at=at,
                **_further(at),
            )
    return count / (time.perf_counter() - started)


def _further(at: datetime) -> dict[str, Any]:
    names = {field.name for field in Letter._meta.local_concrete_fields}
    return {"give_up_at": at} if "give_up_at" in names else {}


def _make_due(organisation_id: UUID, count: int, at: datetime) -> None:
    today = jst_day(at)
    entries = RosterEntry.objects.filter(organisation_id=organisation_id)
    ids = list(entries.order_by("id").values_list("id", flat=True)[:count])
    for start in range(0, count, 10_000):
        entries.filter(id__in=ids[start : start + 10_000]).update(
            due_on=today - timedelta(days=1), next_reminder_on=today, overdue_noted_on=None, reminded_at=None
        )


def _milliseconds(work: Callable[[], Any]) -> float:
    best = 1e9
    for _ in range(5):
        started = time.perf_counter()
        work()
        best = min(best, (time.perf_counter() - started) * 1000)
    return best


def _line(name: str, n: int, ours: float, peer: float | None, unit: str, limit: float | None = None) -> dict[str, Any]:
    return {
        "name": name,
        "n": n,
        "ours": round(ours, 2),
        "peer": peer and round(peer, 1),
        "limit": limit,
        "ratio": round(ours / (peer or limit or ours), 2),
        "unit": unit,
    }
