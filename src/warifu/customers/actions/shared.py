"""What all verbs of the room share: whose record it is, and how a change is written down."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from warifu.customers.models import Customer, CustomerChange, CustomerPerson
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import NotFound
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission, require


def insist_office(*, office_id: UUID, by: Actor) -> None:
    """Raise `NotPermitted` without the permission, `NotFound` where no office is: only offices keep customers."""
    require(by=by, permission=Permission.CUSTOMERS_MANAGE, organisation_id=office_id)
    if not organisations.organisation(organisation_id=office_id).is_office:
        raise NotFound


def locked(*, office_id: UUID, customer_id: UUID) -> Customer:
    """A customer of an office, its row locked. Raises `NotFound`."""
    row = Customer.objects.select_for_update().filter(office_id=office_id, id=customer_id).first()
    if row is None:
        raise NotFound
    return row


def note(
    *,
    customer: Customer,
    values: Iterable[tuple[str, Any, Any]],
    by: Actor,
    at: datetime,
    person: CustomerPerson | None = None,
) -> list[str]:
    """Write fields whose value changed into the history, as (field, before, after); returns their names."""
    rows = [
        CustomerChange(
            customer=customer,
            person=person,
            at=at,
            by_id=by.id,
            by_name=by.label,
            field=field,
            before="" if before is None else str(before),
            after="" if after is None else str(after),
        )
        for field, before, after in values
        if before != after
    ]
    CustomerChange.objects.bulk_create(rows)
    return [row.field for row in rows]
