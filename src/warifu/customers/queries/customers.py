"""Reads of customers, their persons and the history of both."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from warifu.customers.models import Customer, CustomerChange, CustomerCharge, CustomerPerson, Entrustment
from warifu.customers.rules.records import CUSTOMER_FIELDS, PERSON_FIELDS, Menu
from warifu.foundation.japanese import search_key
from warifu.foundation.refusals import NotFound
from warifu.organisations import queries as organisations

PAGE = 50
"""Rows of a page."""


class Show(Enum):
    """Which customers a list shows."""

    SERVED = "served"
    MINE = "mine"
    ENTRUSTED = "entrusted"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True)
class CustomerLine:
    """A customer of the list."""

    id: UUID
    name: str
    kana: str
    code: str
    kind: str
    client_id: UUID | None
    main: str
    ended_on: date | None


@dataclass(frozen=True, kw_only=True)
class CustomerPage:
    """A page of the list; a cursor is empty where there is no further page."""

    lines: tuple[CustomerLine, ...]
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class ChargeView:
    """Somebody who looks after a customer."""

    member_id: UUID
    name: str
    is_main: bool


@dataclass(frozen=True, kw_only=True)
class PersonView:
    """A person of a customer, with what their 顧客ID shows."""

    id: UUID
    name: str
    values: dict[str, str]
    member_id: UUID | None
    menus: tuple[Menu, ...]
    ended_on: date | None


@dataclass(frozen=True, kw_only=True)
class CustomerView:
    """One customer, whole."""

    id: UUID
    office_id: UUID
    client_id: UUID | None
    name: str
    kind: str
    values: dict[str, str]
    served_from: date | None
    ended_on: date | None
    charges: tuple[ChargeView, ...]
    persons: tuple[PersonView, ...]


@dataclass(frozen=True, kw_only=True)
class ChangeLine:
    """One line of the history."""

    at: datetime
    by_name: str
    person: str
    field: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Served:
    """A customer that somebody's 顧客ID opens."""

    customer_id: UUID
    office_id: UUID
    name: str
    menus: tuple[Menu, ...]


def listed(
    *, office_id: UUID, show: Show, member_id: UUID | None, search: str = "", cursor: str = "", limit: int = PAGE
) -> CustomerPage:
    """A page of an office's customers, by reading. Two queries."""
    found, before, after = organisations.keyset(
        rows=_shown(office_id, show, member_id, search), keys=("kana", "id"), cursor=cursor, limit=limit
    )
    return CustomerPage(lines=tuple(_lines(found)), before=before, after=after)


def export(*, office_id: UUID, show: Show, member_id: UUID | None, search: str = "") -> Iterator[CustomerView]:
    """All customers of a list for a file, read in pieces."""
    rows = _shown(office_id, show, member_id, search).order_by("kana", "id")
    return (_view(row, (), ()) for row in rows.iterator(chunk_size=500))


def counts(*, office_id: UUID, member_id: UUID | None) -> dict[Show, int]:
    """How many customers each choice of the list shows. One query."""
    rows = Customer.objects.filter(office_id=office_id).annotate(
        is_mine=_is_mine(member_id), is_entrusted=_is_entrusted()
    )
    served = Q(ended_on=None)
    found = rows.aggregate(
        served=Count("id", filter=served),
        mine=Count("id", filter=served & Q(is_mine=True)),
        entrusted=Count("id", filter=served & Q(is_entrusted=True)),
        ended=Count("id", filter=~served),
    )
    return {show: found[show.value] for show in Show}


def customer(*, office_id: UUID, customer_id: UUID) -> CustomerView:
    """One customer with its persons and those in charge. Three queries. Raises `NotFound`."""
    row = Customer.objects.filter(office_id=office_id, id=customer_id).first()
    if row is None:
        raise NotFound
    charges = CustomerCharge.objects.filter(customer=row).select_related("member").order_by("-is_main", "id")
    persons = CustomerPerson.objects.filter(customer=row).order_by("ended_on", "id")
    return _view(
        row,
        tuple(ChargeView(member_id=x.member_id, name=x.member.full_name, is_main=x.is_main) for x in charges),
        tuple(_person_view(x) for x in persons),
    )


def names(*, office_id: UUID) -> list[tuple[UUID, str]]:
    """All served customers of an office by reading, for a choice. One query."""
    rows = Customer.objects.filter(office_id=office_id, ended_on=None).order_by("kana", "id")
    return list(rows.values_list("id", "name"))


def by_codes(*, office_id: UUID, codes: Collection[str]) -> dict[str, CustomerLine]:
    """The served customers of an office that have one of these codes, by their code. Two queries."""
    rows = Customer.objects.filter(office_id=office_id, ended_on=None, code__in=[code for code in codes if code])
    return {line.code: line for line in _lines(list(rows))}


def history(
    *, office_id: UUID, customer_id: UUID, search: str = "", cursor: str = "", limit: int = PAGE
) -> tuple[list[ChangeLine], str, str]:
    """A page of a customer's history, the newest first, and the cursors around it (003-10). One query."""
    found, before, after = organisations.keyset(
        rows=_changes(office_id, customer_id, search), keys=("id",), cursor=cursor, limit=limit, descending=True
    )
    return [_change_line(row) for row in found], before, after


def history_export(*, office_id: UUID, customer_id: UUID, search: str = "") -> Iterator[ChangeLine]:
    """The whole history for a file, read in pieces, the oldest first."""
    rows = _changes(office_id, customer_id, search).order_by("id")
    return (_change_line(row) for row in rows.iterator(chunk_size=1_000))


def served_by(*, member_id: UUID) -> list[Served]:
    """The customers that a 顧客ID opens, by reading. One query."""
    rows = (
        CustomerPerson.objects.filter(member_id=member_id, ended_on=None, customer__ended_on=None)
        .select_related("customer")
        .order_by("customer__kana", "id")
    )
    return [
        Served(
            customer_id=row.customer_id,
            office_id=row.customer.office_id,
            name=row.customer.name,
            menus=_menus(row),
        )
        for row in rows
    ]


def _shown(office_id: UUID, show: Show, member_id: UUID | None, search: str) -> QuerySet[Customer]:
    rows = Customer.objects.filter(office_id=office_id)
    rows = rows.exclude(ended_on=None) if show is Show.ENDED else rows.filter(ended_on=None)
    if show is Show.MINE:
        rows = rows.filter(_is_mine(member_id))
    if show is Show.ENTRUSTED:
        rows = rows.filter(_is_entrusted())
    if key := search_key(search):
        rows = rows.filter(search_text__contains=key)
    return rows


def _is_mine(member_id: UUID | None) -> Exists:
    return Exists(CustomerCharge.objects.filter(customer=OuterRef("pk"), member=member_id))


def _is_entrusted() -> Exists:
    return Exists(Entrustment.objects.filter(customer=OuterRef("pk"), state=Entrustment.State.AGREED))


def _lines(rows: list[Customer]) -> Iterator[CustomerLine]:
    mains = {
        charge.customer_id: charge.member.full_name
        for charge in CustomerCharge.objects.filter(customer__in=rows, is_main=True).select_related("member")
    }
    for row in rows:
        yield CustomerLine(
            id=row.id,
            name=row.name,
            kana=row.kana,
            code=row.code,
            kind=row.kind,
            client_id=row.client_id,
            main=mains.get(row.id, ""),
            ended_on=row.ended_on,
        )


def _changes(office_id: UUID, customer_id: UUID, search: str) -> QuerySet[CustomerChange]:
    rows = CustomerChange.objects.filter(customer_id=customer_id, customer__office_id=office_id).select_related(
        "person"
    )
    if search.strip():
        text = search.strip()
        rows = rows.filter(Q(by_name__icontains=text) | Q(before__icontains=text) | Q(after__icontains=text))
    return rows


def _change_line(row: CustomerChange) -> ChangeLine:
    return ChangeLine(
        at=row.at,
        by_name=row.by_name,
        person=row.person.full_name if row.person else "",
        field=row.field,
        before=row.before,
        after=row.after,
    )


def _view(row: Customer, charges: tuple[ChargeView, ...], persons: tuple[PersonView, ...]) -> CustomerView:
    return CustomerView(
        id=row.id,
        office_id=row.office_id,
        client_id=row.client_id,
        name=row.name,
        kind=row.kind,
        values={field.name: _text(getattr(row, field.name)) for field in CUSTOMER_FIELDS},
        served_from=row.served_from,
        ended_on=row.ended_on,
        charges=charges,
        persons=persons,
    )


def _person_view(row: CustomerPerson) -> PersonView:
    return PersonView(
        id=row.id,
        name=row.full_name,
        values={field.name: _text(getattr(row, field.name)) for field in PERSON_FIELDS},
        member_id=row.member_id,
        menus=_menus(row),
        ended_on=row.ended_on,
    )


def _menus(row: CustomerPerson) -> tuple[Menu, ...]:
    return tuple(menu for menu in Menu if menu.value in row.menus)


def _text(value: Any) -> str:
    return "" if value is None else str(value)
