"""Reads of entrustments: those of an office, those of a client, and whether somebody may act now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from warifu.customers.models import Entrustment
from warifu.customers.rules import entrusting
from warifu.customers.rules.entrusting import Clause, Task
from warifu.foundation.refusals import NotFound

State = Entrustment.State


@dataclass(frozen=True, kw_only=True)
class EntrustmentView:
    """An entrustment as both sides see it."""

    id: UUID
    customer_id: UUID
    customer_code: str
    office_id: UUID
    office_name: str
    client_id: UUID
    client_name: str
    client_code: str
    tasks: tuple[Task, ...]
    clauses: tuple[Clause, ...]
    state: str
    offered_at: datetime
    offered_by: str
    answered_at: datetime | None
    answered_by: str
    ended_at: datetime | None
    ended_by: str


@dataclass(frozen=True, kw_only=True)
class Acting:
    """That somebody of an office acts for a client now, with these scopes."""

    entrustment_id: UUID
    client_id: UUID
    client_name: str
    client_code: str
    scopes: frozenset[str]


def of_customer(*, office_id: UUID, customer_id: UUID) -> list[EntrustmentView]:
    """All entrustments with a customer, the newest first. One query."""
    return _views(Entrustment.objects.filter(office_id=office_id, customer_id=customer_id))


def of_client(*, client_id: UUID) -> list[EntrustmentView]:
    """All entrustments that an organisation was ever offered, the newest first. One query."""
    return _views(Entrustment.objects.filter(client_id=client_id))


def agreed(*, office_id: UUID) -> list[EntrustmentView]:
    """The entrustments of an office that run, the newest first. One query."""
    return _views(Entrustment.objects.filter(office_id=office_id, state=State.AGREED))


def count_offered(*, office_id: UUID | None = None, client_id: UUID | None = None) -> int:
    """How many offers of an office, or to a client, have no answer yet. One query."""
    rows = Entrustment.objects.filter(state=State.OFFERED)
    side = Q(office_id=office_id) if office_id else Q(client_id=client_id)
    return rows.filter(side).count()


def acting(*, office_id: UUID, entrustment_id: UUID) -> Acting | None:
    """With what scopes members of an office act by an entrustment now; None once it is not agreed any more. One query.

    Asked at every request, so that the switch that ends it acts at once (S-14).
    """
    row = (
        Entrustment.objects.filter(id=entrustment_id, office_id=office_id, state=State.AGREED)
        .select_related("client")
        .first()
    )
    if row is None:
        return None
    return Acting(
        entrustment_id=row.id,
        client_id=row.client_id,
        client_name=row.client.name,
        client_code=row.client.code,
        scopes=entrusting.scopes_of(tasks=_tasks(row)),
    )


def entrustment(*, office_id: UUID, entrustment_id: UUID) -> EntrustmentView:
    """One entrustment of an office; raises `NotFound`."""
    found = _views(Entrustment.objects.filter(office_id=office_id, id=entrustment_id))
    if not found:
        raise NotFound
    return found[0]


def of_either(*, organisation_id: UUID, entrustment_id: UUID) -> EntrustmentView:
    """One entrustment, for its office or its client; raises `NotFound` for anybody else."""
    either = Q(office_id=organisation_id) | Q(client_id=organisation_id)
    found = _views(Entrustment.objects.filter(either, id=entrustment_id))
    if not found:
        raise NotFound
    return found[0]


def _views(rows: QuerySet[Entrustment]) -> list[EntrustmentView]:
    return [
        EntrustmentView(
            id=row.id,
            customer_id=row.customer_id,
            customer_code=row.customer.code,
            office_id=row.office_id,
            office_name=row.office.name,
            client_id=row.client_id,
            client_name=row.client.name,
            client_code=row.client.code,
            tasks=_tasks(row),
            clauses=tuple(clause for clause in Clause if clause.value in row.clauses),
            state=row.state,
            offered_at=row.offered_at,
            offered_by=row.offered_by,
            answered_at=row.answered_at,
            answered_by=row.answered_by,
            ended_at=row.ended_at,
            ended_by=row.ended_by,
        )
        for row in rows.select_related("office", "client", "customer").order_by("-id")
    ]


def _tasks(row: Entrustment) -> tuple[Task, ...]:
    return tuple(task for task in Task if task.value in row.tasks)
