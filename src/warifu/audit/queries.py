"""Reads of the room 監査証跡, for screens."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Max

from warifu.audit.events import sentence_of
from warifu.audit.models import Entry, Seal


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a timeline: when, who, what in words, and the values that go with it."""

    id: UUID
    at: datetime
    event: str
    sentence: str
    actor: str
    subject_id: UUID | None
    values: dict[str, Any]


def timeline(
    *,
    organisation_id: UUID,
    subject_id: UUID | None = None,
    actor_id: UUID | None = None,
    event_prefix: str = "",
    events: Collection[str] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    before: UUID | None = None,
    limit: int = 50,
) -> list[Line]:
    """The newest entries of an organisation first, at most `limit` of them, those before the id `before` only.

    One query, whatever the length of the trail. `event_prefix` narrows to a room (`vault.`) or one event,
    `events` to those named.
    """
    entries = Entry.objects.filter(organisation_id=organisation_id)
    if subject_id is not None:
        entries = entries.filter(subject_id=subject_id)
    if actor_id is not None:
        entries = entries.filter(actor_id=actor_id)
    if event_prefix:
        entries = entries.filter(event__startswith=event_prefix)
    if events:
        entries = entries.filter(event__in=events)
    if since is not None:
        entries = entries.filter(at__gte=since)
    if until is not None:
        entries = entries.filter(at__lt=until)
    if before is not None:
        entries = entries.filter(id__lt=before)
    return [_line(entry) for entry in entries.order_by("-id")[:limit]]


def tally(
    *, organisation_id: UUID, actor_ids: Collection[UUID], since: datetime, until: datetime
) -> list[tuple[UUID, str, int]]:
    """How often each of some actors did what in an organisation between two moments: actor, event in words, times.

    One query.
    """
    rows = Entry.objects.filter(
        organisation_id=organisation_id, actor_id__in=actor_ids, at__gte=since, at__lt=until
    ).values_list("actor_id", "event")
    return [
        (actor_id, sentence_of(event), times)
        for actor_id, event, times in rows.annotate(times=Count("id")).order_by("actor_id", "event")
        if actor_id is not None
    ]


def length(*, organisation_id: UUID | None = None) -> int:
    """How many entries of the trail are sealed, in one chain or in all."""
    seals = Seal.objects.all() if organisation_id is None else Seal.objects.filter(organisation_id=organisation_id)
    return sum(seals.values_list("organisation_id").annotate(newest=Max("last")).values_list("newest", flat=True))


def _line(entry: Entry) -> Line:
    told = json.loads(entry.body)
    return Line(
        id=entry.id,
        at=entry.at,
        event=entry.event,
        sentence=sentence_of(entry.event),
        actor=told["actor"]["label"],
        subject_id=entry.subject_id,
        values=told["values"],
    )
