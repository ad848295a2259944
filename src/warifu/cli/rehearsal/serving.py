"""The part of the demo that serves: an accountants' office with customers, an entrustment and a folder (003)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from warifu.customers.actions import customers, entrustments, inquiries, persons
from warifu.customers.rules.entrusting import NEEDED, Task
from warifu.folders.actions import folders, intake, reading_due, records
from warifu.folders.actions.folders import Wish
from warifu.folders.queries import search
from warifu.folders.queries.access import reach
from warifu.folders.rules.fields import Channel, Direction, Fields, Kind
from warifu.foundation.actor import OPERATOR, SYSTEM, Actor, Role
from warifu.foundation.days import jst_day
from warifu.organisations import actions as organisations
from warifu.organisations import queries as members
from warifu.organisations.rules import Permission

CUSTOMERS = (
    {"name": "株式会社 青葉商会", "kana": "カブシキガイシャアオバショウカイ", "code": "A-01"},
    {"name": "有限会社 桧木工", "kana": "ユウゲンガイシャヒノキモッコウ", "code": "H-02"},
    {"name": "山口 茂", "kana": "ヤマグチ シゲル", "code": "Y-03"},
)

INVOICE = """<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
 <cbc:CustomizationID>urn:peppol:pint:billing-1@jp-1</cbc:CustomizationID>
 <cbc:ID>2026-0{number}</cbc:ID><cbc:IssueDate>{day}</cbc:IssueDate>
 <cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode><cbc:DocumentCurrencyCode>JPY</cbc:DocumentCurrencyCode>
 <cac:AccountingSupplierParty><cac:Party><cac:PartyLegalEntity>
  <cbc:RegistrationName>{seller}</cbc:RegistrationName></cac:PartyLegalEntity></cac:Party></cac:AccountingSupplierParty>
 <cac:LegalMonetaryTotal><cbc:PayableAmount currencyID="JPY">{amount}</cbc:PayableAmount></cac:LegalMonetaryTotal>
</Invoice>
"""

LETTER = """From: Misaki Supply <seikyu@misaki.example>
To: keiri@aoba.example
Subject: Receipt 1180
Date: {date}
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

見本用品の領収のお知らせ
金額 3,300円
"""


@dataclass(frozen=True, kw_only=True)
class Served:
    """The office and those who sign in there: its head and one of its staff."""

    id: UUID
    head: UUID
    staff: UUID


def open_office(at: datetime) -> Served:
    """岡田会計事務所 with its head and one of its staff."""
    office_id = organisations.create(code="okada", name="岡田会計事務所", is_office=True, by=OPERATOR, at=at)
    head, staff = (
        organisations.add_member(
            organisation_id=office_id,
            roles=roles,
            family_name=family,
            given_name=given,
            mail=f"{name}@okada.example",
            by=SYSTEM,
            at=at,
        )
        for roles, family, given, name in (
            (Role.HEAD | Role.ADMINISTRATOR, "岡田", "篤", "okada"),
            (Role.STAFF, "三好", "沙織", "miyoshi"),
        )
    )
    return Served(id=office_id, head=head, staff=staff)


def act(*, office: Served, client_id: UUID, client: Actor, at: datetime) -> UUID:
    """Take on three customers, work for one of them by its consent, and keep its electronic transactions.

    `client` is the administrator of 青葉商会, who agrees. Returns the member whose 顧客ID opens the customer's side.
    """
    head, staff = (_actor(office.id, member_id, at) for member_id in (office.head, office.staff))
    aoba, *_others = [
        customers.add(
            office_id=office.id,
            kind="company" if "会社" in values["name"] else "person",
            values=values,
            by=staff,
            at=at,
        )
        for values in CUSTOMERS
    ]
    person_id = persons.add(
        office_id=office.id,
        customer_id=aoba,
        values={"family_name": "青木", "given_name": "葵", "mail": "aoki@kokyaku.example"},
        by=staff,
        at=at,
    )
    customer = persons.make_member(office_id=office.id, person_id=person_id, by=head, at=at)
    entrustment_id = entrustments.offer(
        office_id=office.id,
        customer_id=aoba,
        client_code="aoba",
        tasks=(Task.PROGRESS, Task.ROSTER, Task.INVITE),
        clauses=NEEDED,
        by=head,
        at=at,
    )
    entrustments.agree(client_id=client_id, entrustment_id=entrustment_id, by=client, at=at)
    inquiries.send(
        kind="address",
        values={"postal_code": "1000001", "address": "見本県青葉市本町4-5-6"},
        words="来月1日に移ります。",
        customer_id=aoba,
        by=_actor(office.id, customer, at),
        at=at,
    )
    _keep(office, (aoba, client_id), head, staff, at)
    return customer


def _keep(office: Served, of: tuple[UUID, UUID], head: Actor, staff: Actor, at: datetime) -> None:
    """A folder of a customer and its organisation: one invoice is filed, two papers wait for somebody to confirm what
    was read from them."""
    name, code = CUSTOMERS[0]["name"], CUSTOMERS[0]["code"]
    wish = Wish(customer_name=name, customer_code=code, customer_id=of[0], keeper_id=of[1])
    folder_id = folders.open_one(organisation_id=office.id, wish=wish, by=head, at=at)
    day = jst_day(at) - timedelta(days=3)
    invoices = [
        (f"invoice-{number}.xml", INVOICE.format(number=number, day=day, seller=seller, amount=amount))
        for number, seller, amount in ((101, "見本運送株式会社", 55000), (102, "株式会社見本印刷", 13200))
    ]
    papers = [*invoices, ("receipt-1180.eml", LETTER.format(date=at.strftime("%a, %d %b %Y %H:%M:%S %z")))]
    numbers = [
        intake.receive(
            organisation_id=office.id,
            folder_id=folder_id,
            file_name=name,
            content=text.encode(),
            channel=Channel.SCREEN,
            by=staff,
            at=at,
        )
        for name, text in papers
    ]
    while reading_due.read_due(at=at):
        pass
    reached = reach(organisation_id=office.id, folder_id=folder_id, permission=Permission.FOLDERS_FILE, by=staff, at=at)
    records.confirm(
        organisation_id=office.id,
        folder_id=folder_id,
        record_id=search.record_numbered(reached=reached, number=numbers[0]).id,
        given=Fields(
            traded_on=day,
            counterparty="見本運送株式会社",
            kind=Kind.INVOICE,
            direction=Direction.RECEIVED,
            amount=Decimal(55000),
        ),
        by=staff,
        at=at,
    )


def _actor(office_id: UUID, member_id: UUID, at: datetime) -> Actor:
    found = members.member(organisation_id=office_id, member_id=member_id)
    return members.actor_of(member=found, level=2, authenticated_at=at)
