"""Working at a client's desk, and the report on a year of it; both sides read it in their trails (S-14)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Customers as Events
from warifu.customers.actions.shared import insist_office
from warifu.customers.queries import entrustments
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import NotFound
from warifu.organisations.rules import require_level_two


def begin(*, office_id: UUID, entrustment_id: UUID, by: Actor, at: datetime) -> None:
    """Write down that a member of the office works for a client from now on.

    Raises `NotPermitted`, `LevelTooLow`, and `NotFound` for an entrustment that does not run.
    """
    insist_office(office_id=office_id, by=by)
    require_level_two(by=by)
    found = entrustments.acting(office_id=office_id, entrustment_id=entrustment_id)
    if found is None:
        raise NotFound
    with transaction.atomic():
        for organisation_id in (office_id, found.client_id):
            audit.record(
                event=Events.ACTING_BEGUN, by=by, at=at, organisation_id=organisation_id, subject_id=entrustment_id
            )


def record_report(*, entrustment_id: UUID, by: Actor, year: int, at: datetime) -> None:
    """Write down that the report on an entrustment's year was made. Raises `NotFound` outside an organisation."""
    if by.organisation_id is None:
        raise NotFound
    with transaction.atomic():
        audit.record(
            event=Events.REPORT_MADE,
            by=by,
            at=at,
            organisation_id=by.organisation_id,
            subject_id=entrustment_id,
            year=year,
        )
