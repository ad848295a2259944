"""Verbs of the persons of a customer: add, change, tie to a 顧客ID, decide their menus (003-10, 003-11, B3-5)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Customers as Events
from warifu.customers.actions.shared import insist_office, locked, note
from warifu.customers.models import Customer, CustomerPerson
from warifu.customers.rules import records
from warifu.customers.rules.records import Menu
from warifu.foundation.actor import SYSTEM, Actor, Role
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations import actions as organisation_actions
from warifu.organisations import queries as organisations

_FIELDS = {field.name: field for field in records.PERSON_FIELDS}
_FIRST_MENUS = (Menu.RECORD, Menu.INQUIRIES, Menu.FOLDERS)


class AlreadyTied(Refused):
    """This person holds a 顧客ID already, or the ID serves this customer already."""

    code = "WF-Q201"
    sentence = _("この方か、この顧客IDは、この顧問先にすでに結び付いています。")
    remedy = _("顧問先の画面の「担当者」の欄で、結び付きを確かめてください。")


class NotACustomer(Refused):
    """The member does not hold a 顧客ID's role."""

    code = "WF-Q202"
    sentence = _("選ばれた利用者は、顧客ではありません。")
    remedy = _("顧客の役割を持つ利用者を選んでください。職員のIDは、顧問先に結び付けられません。")


def add(*, office_id: UUID, customer_id: UUID, values: Mapping[str, str], by: Actor, at: datetime) -> UUID:
    """Add a person to a customer; returns the id. Raises `NotPermitted`, `NotFound`, `FieldWrong`."""
    insist_office(office_id=office_id, by=by)
    kept = {name: records.cleaned(field=field, text=values.get(name, "")) for name, field in _FIELDS.items()}
    with transaction.atomic():
        customer = locked(office_id=office_id, customer_id=customer_id)
        row = CustomerPerson.objects.create(
            customer=customer, created_at=at, menus=[menu.value for menu in _FIRST_MENUS], **kept
        )
        note(customer=customer, person=row, values=[(name, "", text) for name, text in kept.items()], by=by, at=at)
        audit.record(
            event=Events.PERSON_ADDED, by=by, at=at, organisation_id=office_id, subject_id=row.id, name=row.full_name
        )
    return row.id


def change(*, office_id: UUID, person_id: UUID, values: Mapping[str, str], by: Actor, at: datetime) -> None:
    """Change fields of a person, with a line of the history each. Raises `NotPermitted`, `NotFound`, `FieldWrong`."""
    insist_office(office_id=office_id, by=by)
    kept = {name: records.cleaned(field=_FIELDS[name], text=text) for name, text in values.items() if name in _FIELDS}
    with transaction.atomic():
        customer, row = _locked_person(office_id, person_id)
        before = {name: getattr(row, name) for name in kept}
        CustomerPerson.objects.filter(id=row.id).update(**kept)
        fields = note(
            customer=customer,
            person=row,
            values=[(name, before[name], value) for name, value in kept.items()],
            by=by,
            at=at,
        )
        if fields:
            audit.record(
                event=Events.PERSON_CHANGED, by=by, at=at, organisation_id=office_id, subject_id=row.id, fields=fields
            )


def make_member(*, office_id: UUID, person_id: UUID, by: Actor, at: datetime) -> UUID:
    """Make the person a user of the office with the role 顧客, so that a 顧客ID can be issued (003-11); returns the
    member's id. The mail address of the record becomes theirs.

    Raises `NotPermitted`, `NotFound`, `AlreadyTied`, and `MailTaken` when somebody has the address already.
    """
    insist_office(office_id=office_id, by=by)
    with transaction.atomic():
        customer, row = _locked_person(office_id, person_id)
        if row.member_id is not None:
            raise AlreadyTied
        member_id = organisation_actions.add_member(
            organisation_id=office_id,
            roles=Role.CUSTOMER,
            family_name=row.family_name,
            given_name=row.given_name,
            family_kana=row.family_kana,
            given_kana=row.given_kana,
            mail=row.mail,
            department=customer.name[:100],
            by=SYSTEM,
            at=at,
        )
        _tie(customer, row, member_id, row.full_name, by, at)
    return member_id


def tie(*, office_id: UUID, person_id: UUID, member_id: UUID, by: Actor, at: datetime) -> None:
    """Let a 顧客ID that exists serve this customer too: one ID, several customers, one sign-in (B3-5).

    Raises `NotPermitted`, `NotFound`, `NotACustomer`, `AlreadyTied`.
    """
    insist_office(office_id=office_id, by=by)
    member = organisations.member(organisation_id=office_id, member_id=member_id)
    if Role.CUSTOMER not in member.roles or not member.is_active:
        raise NotACustomer
    with transaction.atomic():
        customer, row = _locked_person(office_id, person_id)
        serves = CustomerPerson.objects.filter(customer=customer, member_id=member_id, ended_on=None)
        if row.member_id is not None or serves.exists():
            raise AlreadyTied
        _tie(customer, row, member_id, member.full_name, by, at)


def set_menus(*, office_id: UUID, person_id: UUID, menus: Collection[Menu], by: Actor, at: datetime) -> None:
    """Decide what this person's ID shows of this customer (B3-6). Raises `NotPermitted`, `NotFound`."""
    insist_office(office_id=office_id, by=by)
    kept = [menu.value for menu in Menu if menu in menus]
    with transaction.atomic():
        customer, row = _locked_person(office_id, person_id)
        before = "、".join(row.menus)
        CustomerPerson.objects.filter(id=row.id).update(menus=kept)
        note(customer=customer, person=row, values=[("menus", before, "、".join(kept))], by=by, at=at)
        audit.record(event=Events.MENUS_SET, by=by, at=at, organisation_id=office_id, subject_id=row.id, menus=kept)


def end(*, office_id: UUID, person_id: UUID, last_day: date, by: Actor, at: datetime) -> None:
    """Record that somebody no longer acts for a customer; their ID no longer opens it.

    Raises `NotPermitted`, `NotFound`.
    """
    insist_office(office_id=office_id, by=by)
    with transaction.atomic():
        customer, row = _locked_person(office_id, person_id)
        CustomerPerson.objects.filter(id=row.id).update(ended_on=last_day)
        note(customer=customer, person=row, values=[("ended_on", "", last_day)], by=by, at=at)
        audit.record(event=Events.PERSON_ENDED, by=by, at=at, organisation_id=office_id, subject_id=row.id)


def _tie(customer: Customer, row: CustomerPerson, member_id: UUID, name: str, by: Actor, at: datetime) -> None:
    CustomerPerson.objects.filter(id=row.id).update(member_id=member_id)
    note(customer=customer, person=row, values=[("member", "", name)], by=by, at=at)
    audit.record(
        event=Events.ID_TIED,
        by=by,
        at=at,
        organisation_id=customer.office_id,
        subject_id=row.id,
        member=str(member_id),
    )


def _locked_person(office_id: UUID, person_id: UUID) -> tuple[Customer, CustomerPerson]:
    row = (
        CustomerPerson.objects.select_for_update(of=("self",))
        .select_related("customer")
        .filter(customer__office_id=office_id, id=person_id, ended_on=None)
        .first()
    )
    if row is None:
        raise NotFound
    return row.customer, row
