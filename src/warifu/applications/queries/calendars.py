"""Reads of an application's days: for its page, for a file, for calendar programs (B4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from warifu.applications.models import Application, CalendarLink
from warifu.applications.rules import planner
from warifu.applications.rules.calendars import Certainty, Entry, entries
from warifu.applications.rules.planner import StartTooEarly
from warifu.credentials.rules.secrets import digest
from warifu.foundation.days import jst_day
from warifu.foundation.refusals import NotFound
from warifu.organisations import queries as organisations
from warifu.organisations.rules import add_business_days

_CALLED_OFF = ("rejected", "withdrawn", "void")


@dataclass(frozen=True, kw_only=True)
class Days:
    """The days of one application.

    `certainty` tells settled days from those that follow if the review ends on `decided_on`; `entries` are empty while
    no start is named, or when it is `too_early`.
    """

    application_id: UUID
    receipt: str
    certainty: Certainty
    decided_on: date
    starts_on: date | None
    earliest_start: date
    entries: tuple[Entry, ...]
    too_early: StartTooEarly | None
    changed_at: datetime


def days_of(*, organisation_id: UUID, application_id: UUID, at: datetime) -> Days:
    """The days of one of an organisation's applications; raises `NotFound` for anybody else's. Two queries."""
    row = Application.objects.filter(organisation_id=organisation_id, id=application_id).first()
    if row is None:
        raise NotFound
    return _days(row, at)


def days_behind(*, token: str, at: datetime) -> Days:
    """The days that a calendar link shows; raises `NotFound` for an unknown or revoked one. Two queries."""
    link = CalendarLink.objects.filter(token_hash=digest(token), revoked_at=None).select_related("application").first()
    if link is None:
        raise NotFound
    return _days(link.application, at)


def shared_since(*, organisation_id: UUID, application_id: UUID) -> datetime | None:
    """Since when a calendar link of an application lives; None without one. One query."""
    rows = CalendarLink.objects.filter(
        application_id=application_id, application__organisation_id=organisation_id, revoked_at=None
    )
    return rows.values_list("made_at", flat=True).first()


def _days(row: Application, at: datetime) -> Days:
    exceptions = organisations.calendar_exceptions(organisation_id=row.organisation_id)
    certainty = Certainty.ASSUMED
    if row.state in _CALLED_OFF:
        certainty = Certainty.CALLED_OFF
    elif row.confirmed_start is not None:
        certainty = Certainty.SETTLED
    decided_on = row.decided_on or add_business_days(day=jst_day(at), count=1, exceptions=exceptions)
    starts_on = row.confirmed_start or _day(row.form.get("desired_start"))
    found: tuple[Entry, ...] = ()
    too_early = None
    if starts_on is not None:
        try:
            plan = planner.plan(decided_on=decided_on, starts_on=starts_on, exceptions=exceptions)
            found = entries(plan=plan, starts_on=starts_on, gives_ids=row.operation == "add")
        except StartTooEarly as refusal:
            too_early = refusal
    return Days(
        application_id=row.id,
        receipt=row.receipt or "",
        certainty=certainty,
        decided_on=decided_on,
        starts_on=starts_on,
        earliest_start=planner.earliest_start(decided_on=decided_on, exceptions=exceptions),
        entries=found,
        too_early=too_early,
        changed_at=row.changed_at,
    )


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None
