"""Verbs of an entrustment: the office offers, the client agrees or declines, either ends it with one switch (S-14)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, models, transaction

from warifu.audit import actions as audit
from warifu.audit.events import Customers as Events
from warifu.audit.events import Event
from warifu.customers.actions.shared import insist_office, locked, note
from warifu.customers.models import Customer, Entrustment
from warifu.customers.rules import entrusting
from warifu.customers.rules.entrusting import Clause, Task
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission, require

State = Entrustment.State


class ClientUnknown(Refused):
    """No organisation has this code, or it is the office itself."""

    code = "WF-Q303"
    sentence = _("この組織コードの会社は、ここでは委託の相手にできません。")
    remedy = _("顧問先の管理者に組織コードを尋ねて、入れ直してください。相手が割符を使い始めている必要があります。")


class AlreadyRunning(Refused):
    """An offer or an agreed entrustment between the two exists."""

    code = "WF-Q304"
    sentence = _("この顧問先との委託は、すでに申し出ているか、続いています。")
    remedy = _("内容を変えるときは、いまの委託を終えるか取り下げてから、もう一度申し出てください。")


class NoLongerWaiting(Refused):
    """The offer was answered or withdrawn, or the entrustment has ended."""

    code = "WF-Q305"
    sentence = _("この委託は、もうその操作ができる状態ではありません。")
    remedy = _("画面を開き直して、いまの状態を確かめてください。")


def offer(
    *,
    office_id: UUID,
    customer_id: UUID,
    client_code: str,
    tasks: Collection[Task],
    clauses: Collection[Clause],
    by: Actor,
    at: datetime,
) -> UUID:
    """Offer a customer's organisation to do tasks in its place; nothing opens before it agrees. Returns the id.

    Raises `NotPermitted`, `NotFound`, `NoTask`, `ClausesMissing`, `ClientUnknown`, `AlreadyRunning`.
    """
    insist_office(office_id=office_id, by=by)
    entrusting.insist_complete(tasks=tasks, clauses=clauses)
    client = organisations.organisation_by_code(code=client_code)
    if client is None or client.id == office_id:
        raise ClientUnknown
    with transaction.atomic():
        customer = locked(office_id=office_id, customer_id=customer_id)
        if customer.ended_on is not None or customer.client_id not in (None, client.id):
            raise ClientUnknown
        try:
            with transaction.atomic():
                row = Entrustment.objects.create(
                    customer=customer,
                    office_id=office_id,
                    client_id=client.id,
                    tasks=[task.value for task in Task if task in tasks],
                    clauses=[clause.value for clause in Clause if clause in clauses],
                    offered_at=at,
                    offered_by=by.label,
                )
        except IntegrityError:
            raise AlreadyRunning from None
        _record(Events.ENTRUSTMENT_OFFERED, row, by, at)
    return row.id


def agree(*, client_id: UUID, entrustment_id: UUID, by: Actor, at: datetime) -> None:
    """The client agrees: from now on the office may do the tasks. Raises `NotPermitted`, `LevelTooLow`,
    `NoLongerWaiting`."""
    _answer(client_id, entrustment_id, State.AGREED, Events.ENTRUSTMENT_AGREED, by, at)


def decline(*, client_id: UUID, entrustment_id: UUID, by: Actor, at: datetime) -> None:
    """The client says no. Raises `NotPermitted`, `LevelTooLow`, `NoLongerWaiting`."""
    _answer(client_id, entrustment_id, State.DECLINED, Events.ENTRUSTMENT_DECLINED, by, at)


def withdraw(*, office_id: UUID, entrustment_id: UUID, by: Actor, at: datetime) -> None:
    """The office takes its offer back. Raises `NotPermitted`, `NoLongerWaiting`."""
    insist_office(office_id=office_id, by=by)
    with transaction.atomic():
        rows = Entrustment.objects.filter(id=entrustment_id, office_id=office_id)
        _move(rows, State.OFFERED, State.WITHDRAWN, Events.ENTRUSTMENT_WITHDRAWN, by, at)


def end(*, client_id: UUID, entrustment_id: UUID, by: Actor, at: datetime) -> None:
    """The client ends an entrustment: at the next request nobody of the office acts for it.

    Raises `NotPermitted`, `LevelTooLow`, `NotFound`, `NoLongerWaiting`.
    """
    require(by=by, permission=Permission.HANDLING_MANAGE, organisation_id=client_id)
    with transaction.atomic():
        rows = Entrustment.objects.filter(id=entrustment_id, client_id=client_id)
        _move(rows, State.AGREED, State.ENDED, Events.ENTRUSTMENT_ENDED, by, at)


def give_up(*, office_id: UUID, entrustment_id: UUID, by: Actor, at: datetime) -> None:
    """The office ends an entrustment from its side. Raises `NotPermitted`, `NotFound`, `NoLongerWaiting`."""
    insist_office(office_id=office_id, by=by)
    with transaction.atomic():
        rows = Entrustment.objects.filter(id=entrustment_id, office_id=office_id)
        _move(rows, State.AGREED, State.ENDED, Events.ENTRUSTMENT_ENDED, by, at)


def _answer(
    client_id: UUID, entrustment_id: UUID, state: Entrustment.State, event: Event, by: Actor, at: datetime
) -> None:
    require(by=by, permission=Permission.HANDLING_MANAGE, organisation_id=client_id)
    with transaction.atomic():
        rows = Entrustment.objects.filter(id=entrustment_id, client_id=client_id)
        row = _move(rows, State.OFFERED, state, event, by, at)
        if state == State.AGREED:
            Customer.objects.filter(id=row.customer_id).update(client_id=client_id)
            note(customer=row.customer, values=[("client", "", row.client.name)], by=by, at=at)


def _move(
    rows: models.QuerySet[Entrustment],
    before: Entrustment.State,
    after: Entrustment.State,
    event: Event,
    by: Actor,
    at: datetime,
) -> Entrustment:
    row = rows.select_related("customer", "client", "office").first()
    if row is None:
        raise NotFound
    values = {"ended_at": at, "ended_by": by.label} if before == State.AGREED else {}
    if before == State.OFFERED:
        values = {"answered_at": at, "answered_by": by.label}
    if not rows.filter(state=before).update(state=after, **values):
        raise NoLongerWaiting
    _record(event, row, by, at)
    return row


def _record(event: Event, row: Entrustment, by: Actor, at: datetime) -> None:
    """Both sides read it in their own trail."""
    for organisation_id in (row.office_id, row.client_id):
        audit.record(
            event=event,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=row.id,
            tasks=row.tasks,
            office=str(row.office_id),
            client=str(row.client_id),
        )
