"""An office with a customer whose organisation is Aoba, for the tests of customers and entrustments."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tests.cast import MORNING, Cast
from tests.rooms.credentials.office import Office
from warifu.customers.actions import customers, entrustments, persons
from warifu.customers.rules.entrusting import NEEDED, Task

VALUES = {"name": "株式会社青葉商会", "kana": "アオバショウカイ", "code": "A-01"}


@dataclass(frozen=True, kw_only=True)
class Served:
    """A customer and one of its persons."""

    customer_id: UUID
    person_id: UUID


def serve(office: Office, name: str = "株式会社青葉商会", code: str = "A-01") -> Served:
    """Take on a customer with one person, by the office's staff."""
    customer_id = customers.add(
        office_id=office.id, kind="company", values=VALUES | {"name": name, "code": code}, by=office.staff, at=MORNING
    )
    person_id = persons.add(
        office_id=office.id,
        customer_id=customer_id,
        values={"family_name": "青木", "given_name": "葵", "mail": f"aoki-{code.lower()}@kokyaku.example"},
        by=office.staff,
        at=MORNING,
    )
    return Served(customer_id=customer_id, person_id=person_id)


def offer(office: Office, customer_id: UUID, *tasks: Task, code: str = "aoba") -> UUID:
    """Offer Aoba some tasks, with every clause that is needed."""
    return entrustments.offer(
        office_id=office.id,
        customer_id=customer_id,
        client_code=code,
        tasks=tasks or (Task.PROGRESS, Task.INVITE),
        clauses=NEEDED,
        by=office.head,
        at=MORNING,
    )


def entrusted(office: Office, cast: Cast, *tasks: Task) -> tuple[Served, UUID]:
    """A customer with whom an entrustment is agreed."""
    served = serve(office)
    entrustment_id = offer(office, served.customer_id, *tasks)
    entrustments.agree(client_id=cast.aoba, entrustment_id=entrustment_id, by=cast.aoki, at=MORNING)
    return served, entrustment_id
