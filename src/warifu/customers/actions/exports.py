"""Taking a list of customers or a history out as a file is written down."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Customers as Events
from warifu.customers.actions.shared import insist_office
from warifu.foundation.actor import Actor


def record(*, office_id: UUID, what: str, by: Actor, at: datetime, customer_id: UUID | None = None) -> None:
    """Write down that a file was made. Raises `NotPermitted`, `NotFound`."""
    insist_office(office_id=office_id, by=by)
    with transaction.atomic():
        audit.record(
            event=Events.EXPORTED,
            by=by,
            at=at,
            organisation_id=office_id,
            subject_id=customer_id or office_id,
            what=what,
        )
