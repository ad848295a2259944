"""Verbs of a request: send, take, close; an accepted change of name or address is written down (003-15)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from warifu.audit import actions as audit
from warifu.audit.events import Customers as Events
from warifu.audit.events import Event
from warifu.customers.actions import customers
from warifu.customers.models import Customer, CustomerPerson, Inquiry
from warifu.customers.rules import records
from warifu.foundation.actor import SYSTEM, Actor
from warifu.foundation.ids import new_id
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations import actions as organisation_actions
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission, require

State = Inquiry.State
Kind = Inquiry.Kind

FIELDS: Mapping[str, tuple[str, ...]] = {
    Kind.ADDRESS: ("postal_code", "address", "phone"),
    Kind.NAME: ("name", "kana"),
    Kind.QUESTION: (),
}
"""What a request of each kind asks for."""

LONGEST = 2_000
"""Characters of a request's words and of its answer."""


class WordsMissing(Refused):
    """A question without words, or a change without what shall hold."""

    code = "WF-Q401"
    sentence = _("お知らせいただく内容が、入っていません。")
    remedy = _("変わる内容か、お尋ねの内容を入れてください。2,000文字まで入ります。")


class NobodyToAsk(Refused):
    """There is nobody to whom such a request could go."""

    code = "WF-Q402"
    sentence = _("この届出の届け先が、まだ決まっていません。")
    remedy = _("組織の管理者か、割符を運用している部署に、電話やメールでお知らせください。")


class NotWaiting(Refused):
    """Another person has taken or closed the request."""

    code = "WF-Q403"
    sentence = _("この届出は、ほかの人が受け付けたか、すでに終わっています。")
    remedy = _("一覧を開き直して、いまの状態を確かめてください。")


def send(
    *, kind: str, values: Mapping[str, str], words: str, by: Actor, at: datetime, customer_id: UUID | None = None
) -> str:
    """Send a request; returns its number. A 顧客ID sends it about its customer to the office, a leader of an
    organisation about the organisation to the operator.

    Raises `NotFound`, `NotPermitted`, `WordsMissing`, `FieldWrong`, `NobodyToAsk`.
    """
    if by.id is None or by.organisation_id is None:
        raise NotFound
    asked = Kind(kind)
    wanted = {field.name: field for field in records.CUSTOMER_FIELDS if field.name in FIELDS[asked]}
    kept = {name: records.cleaned(field=field, text=values.get(name, "")) for name, field in wanted.items()}
    words = words.strip()
    if len(words) > LONGEST or not (any(kept.values()) or words):
        raise WordsMissing
    addressee_id = _addressee(by, by.organisation_id, customer_id)
    with transaction.atomic():
        row = _insert(
            sender_id=by.organisation_id,
            addressee_id=addressee_id,
            member_id=by.id,
            customer_id=customer_id,
            kind=asked,
            values={name: text for name, text in kept.items() if text},
            words=words,
            sent_at=at,
        )
        _record(Events.INQUIRY_SENT, row, by, at)
    return row.number


def take(*, organisation_id: UUID, inquiry_id: UUID, by: Actor, at: datetime) -> None:
    """Take a request, so that two people do not answer it. Raises `NotPermitted`, `NotFound`, `NotWaiting`."""
    with transaction.atomic():
        row = _own(organisation_id, inquiry_id, by)
        taken = Inquiry.objects.filter(id=row.id, state=State.OPEN)
        if not taken.update(state=State.TAKEN, taken_at=at, taken_by=by.label):
            raise NotWaiting
        _record(Events.INQUIRY_TAKEN, row, by, at)


def close(*, organisation_id: UUID, inquiry_id: UUID, is_accepted: bool, answer: str, by: Actor, at: datetime) -> None:
    """Answer and close a request; an accepted change is written into the record that it is about.

    Raises `NotPermitted`, `NotFound`, `NotWaiting`, `WordsMissing`.
    """
    if len(answer) > LONGEST or not (answer.strip() or is_accepted):
        raise WordsMissing
    with transaction.atomic():
        row = _own(organisation_id, inquiry_id, by)
        state = State.DONE if is_accepted else State.REFUSED
        if not Inquiry.objects.filter(id=row.id, state=State.TAKEN).update(
            state=state, closed_at=at, answer=answer.strip()
        ):
            raise NotWaiting
        if is_accepted and row.values:
            _write_down(row, by, at)
        _record(Events.INQUIRY_CLOSED, row, by, at)


def _addressee(by: Actor, organisation_id: UUID, customer_id: UUID | None) -> UUID:
    if customer_id is not None:
        if not CustomerPerson.objects.filter(customer_id=customer_id, member=by.id, ended_on=None).exists():
            raise NotFound
        return organisation_id
    require(by=by, permission=Permission.SETTINGS_MANAGE, organisation_id=organisation_id)
    try:
        operator = organisations.operator()
    except NotFound:
        raise NobodyToAsk from None
    if operator.id == organisation_id:
        raise NobodyToAsk
    return operator.id


def _insert(**columns: object) -> Inquiry:
    while True:
        made = new_id()
        try:
            with transaction.atomic():
                return Inquiry.objects.create(id=made, number=f"Q-{made.hex[-8:].upper()}", **columns)
        except IntegrityError:
            if not Inquiry.objects.filter(number=f"Q-{made.hex[-8:].upper()}").exists():
                raise


def _own(organisation_id: UUID, inquiry_id: UUID, by: Actor) -> Inquiry:
    row = Inquiry.objects.filter(id=inquiry_id, addressee_id=organisation_id).first()
    if row is None:
        raise NotFound
    permission = Permission.CUSTOMERS_MANAGE if row.customer_id is not None else Permission.LICENCES_MANAGE
    require(by=by, permission=permission, organisation_id=organisation_id)
    return row


def _write_down(row: Inquiry, by: Actor, at: datetime) -> None:
    if row.customer_id is not None:
        office_id = Customer.objects.values_list("office_id", flat=True).get(id=row.customer_id)
        customers.change(office_id=office_id, customer_id=row.customer_id, values=row.values, by=by, at=at)
    elif "name" in row.values:
        organisation = organisations.organisation(organisation_id=row.sender_id)
        organisation_actions.change_settings(
            organisation_id=row.sender_id,
            name=row.values["name"],
            auto_logout_hours=organisation.auto_logout_hours,
            contact=organisation.contact,
            by=SYSTEM,
            at=at,
        )


def _record(event: Event, row: Inquiry, by: Actor, at: datetime) -> None:
    for organisation_id in {row.sender_id, row.addressee_id}:
        audit.record(event=event, by=by, at=at, organisation_id=organisation_id, subject_id=row.id, number=row.number)
