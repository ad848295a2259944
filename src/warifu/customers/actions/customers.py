"""Verbs of a customer: take on, change field by field, decide who looks after it, end (003-10, B3-5)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from warifu.audit import actions as audit
from warifu.audit.events import Customers as Events
from warifu.customers.actions.shared import insist_office, locked, note
from warifu.customers.models import Customer, CustomerCharge, Entrustment
from warifu.customers.rules import records
from warifu.foundation.actor import Actor
from warifu.foundation.days import jst_day
from warifu.foundation.japanese import search_key
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations import queries as organisations

_FIELDS = {field.name: field for field in records.CUSTOMER_FIELDS}


class CodeTaken(Refused):
    """Another customer of the office has this code."""

    code = "WF-Q102"
    sentence = _("この顧問先コードは、ほかの顧問先が使っています。")
    remedy = _("一覧で確かめ、別のコードを入れてください。")


class StillEntrusted(Refused):
    """An entrustment with this customer still runs."""

    code = "WF-Q103"
    sentence = _("この顧問先との委託が続いているため、終えられません。")
    remedy = _("先に「委託」の欄で委託を終えてください。それまでの記録は残ります。")


def add(*, office_id: UUID, kind: str, values: Mapping[str, str], by: Actor, at: datetime) -> UUID:
    """Take on a customer; returns its id. `values` are texts by field name, `name` is needed.

    Raises `NotPermitted`, `NotFound`, `FieldWrong`, `CodeTaken`.
    """
    insist_office(office_id=office_id, by=by)
    kept = {name: records.cleaned(field=field, text=values.get(name, "")) for name, field in _FIELDS.items()}
    row = Customer(
        office_id=office_id, kind=Customer.Kind(kind), created_at=at, served_from=jst_day(at), **_columns(kept)
    )
    row.search_text = _search_text(row)
    with transaction.atomic():
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            raise CodeTaken from None
        if by.id is not None and by.organisation_id == office_id:
            CustomerCharge.objects.create(customer=row, member_id=by.id, is_main=True)
        note(customer=row, values=[(name, "", text) for name, text in kept.items()], by=by, at=at)
        audit.record(event=Events.ADDED, by=by, at=at, organisation_id=office_id, subject_id=row.id, name=row.name)
    return row.id


def change(*, office_id: UUID, customer_id: UUID, values: Mapping[str, str], by: Actor, at: datetime) -> None:
    """Change some fields of a customer; each that differs gets a line of the history (003-10).

    Raises `NotPermitted`, `NotFound`, `FieldWrong`, `CodeTaken`; then nothing is changed.
    """
    insist_office(office_id=office_id, by=by)
    kept = {name: records.cleaned(field=_FIELDS[name], text=text) for name, text in values.items() if name in _FIELDS}
    with transaction.atomic():
        row = locked(office_id=office_id, customer_id=customer_id)
        before = {name: _text(getattr(row, name)) for name in kept}
        for name, value in _columns(kept).items():
            setattr(row, name, value)
        row.search_text = _search_text(row)
        try:
            with transaction.atomic():
                row.save(update_fields=[*kept, "search_text"])
        except IntegrityError:
            raise CodeTaken from None
        fields = note(customer=row, values=[(name, before[name], value) for name, value in kept.items()], by=by, at=at)
        if fields:
            audit.record(
                event=Events.CHANGED, by=by, at=at, organisation_id=office_id, subject_id=row.id, fields=fields
            )


def set_charges(
    *, office_id: UUID, customer_id: UUID, member_ids: Collection[UUID], main_id: UUID | None, by: Actor, at: datetime
) -> None:
    """Decide who looks after a customer, and who mainly. Raises `NotPermitted`, `NotFound`."""
    insist_office(office_id=office_id, by=by)
    wanted = dict.fromkeys([*member_ids, *([main_id] if main_id else [])])
    members = organisations.members_by_id(organisation_id=office_id, member_ids=list(wanted))
    if len(members) != len(wanted):
        raise NotFound
    with transaction.atomic():
        row = locked(office_id=office_id, customer_id=customer_id)
        before = _charge_names(row)
        CustomerCharge.objects.filter(customer=row).delete()
        CustomerCharge.objects.bulk_create(
            CustomerCharge(customer=row, member_id=member_id, is_main=member_id == main_id) for member_id in wanted
        )
        note(customer=row, values=[("charges", before, _charge_names(row))], by=by, at=at)
        audit.record(
            event=Events.CHARGES_SET,
            by=by,
            at=at,
            organisation_id=office_id,
            subject_id=row.id,
            members=[str(member_id) for member_id in wanted],
        )


def end(*, office_id: UUID, customer_id: UUID, last_day: date, by: Actor, at: datetime) -> None:
    """Record that an office no longer serves a customer; the record stays readable.

    Raises `NotPermitted`, `NotFound`, `StillEntrusted`.
    """
    insist_office(office_id=office_id, by=by)
    with transaction.atomic():
        row = locked(office_id=office_id, customer_id=customer_id)
        if Entrustment.objects.filter(customer=row, state__in=("offered", "agreed")).exists():
            raise StillEntrusted
        if not Customer.objects.filter(id=row.id, ended_on=None).update(ended_on=last_day):
            raise NotFound
        note(customer=row, values=[("ended_on", "", last_day)], by=by, at=at)
        audit.record(
            event=Events.ENDED, by=by, at=at, organisation_id=office_id, subject_id=row.id, last_day=str(last_day)
        )


def _columns(kept: Mapping[str, str]) -> dict[str, Any]:
    return {name: (int(text) if text else None) if name == "closing_month" else text for name, text in kept.items()}


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _search_text(row: Customer) -> str:
    return search_key(" ".join((row.name, row.kana, row.code, row.corporate_number, row.phone, row.mail)))[:700]


def _charge_names(row: Customer) -> str:
    rows = CustomerCharge.objects.filter(customer=row).select_related("member").order_by("-is_main", "id")
    return "、".join(charge.member.full_name for charge in rows)
