"""Run beside a server: an office with a folder, one record filed and some waiting; prints cookies and addresses."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal

import django

django.setup()

from django.utils import timezone  # noqa: E402

from tests.rooms.folders.office import fields, pdf  # noqa: E402
from warifu.credentials.actions import sessions  # noqa: E402
from warifu.folders.actions import folders, intake, links, reading_due, records  # noqa: E402
from warifu.folders.actions.folders import Wish  # noqa: E402
from warifu.folders.models import TransactionRecord  # noqa: E402
from warifu.folders.rules.fields import Channel, Kind  # noqa: E402
from warifu.foundation.actor import OPERATOR, SYSTEM, Role  # noqa: E402
from warifu.organisations import actions as organisations  # noqa: E402
from warifu.organisations import queries  # noqa: E402

PAPER = ("請求書", "発行日 2026年11月21日", "青葉文具株式会社", "登録番号 T7123456789012", "ご請求金額 11,000円")


def main() -> None:
    """Fill the folder."""
    at = timezone.now()
    office = organisations.create(code="okada", name="岡田会計事務所", is_office=True, by=OPERATOR, at=at)
    member_id = organisations.add_member(
        organisation_id=office,
        roles=Role.HEAD | Role.EMPLOYEE,
        family_name="岡田",
        given_name="修",
        mail="okada@okada.example",
        by=SYSTEM,
        at=at,
    )
    member = queries.member(organisation_id=office, member_id=member_id)
    okada = queries.actor_of(member=member, level=2, authenticated_at=at)
    folder_id = folders.open_one(
        organisation_id=office, wish=Wish(customer_name="桧商事株式会社", customer_code="C001"), by=okada, at=at
    )
    for name in ("上田物産株式会社", "山田 太郎"):
        folders.open_one(organisation_id=office, wish=Wish(customer_name=name), by=okada, at=at)
    named = {"organisation_id": office, "folder_id": folder_id, "by": okada, "at": at}
    for place in range(4):
        content = pdf(*PAPER, f"控え {place}")
        intake.receive(**named, file_name=f"請求書{place}.pdf", content=content, channel=Channel.SCREEN)
    reading_due.read_due(at=at)
    rows = list(TransactionRecord.objects.order_by("number"))
    for row, amount, party in ((rows[0], 11000, "青葉文具株式会社"), (rows[1], 248000, "上田物産株式会社")):
        given = fields(amount=Decimal(amount), counterparty=party, traded_on=date(2026, 11, row.number))
        records.confirm(**named, record_id=row.id, given=given)
    corrected = fields(amount=Decimal(12100), traded_on=date(2026, 11, 1), kind=Kind.RECEIPT)
    records.correct(**named, record_id=rows[0].id, given=corrected, reason="税込の金額に直す", version=1)
    address = links.make(**named, name="桧 花子", mail="", valid_until=at + timedelta(days=7), most_files=5)
    token = sessions.start(member_id=member_id, level=2, browser="journey", address="127.0.0.1", at=at)
    print(  # noqa: T201
        json.dumps(
            {"token": token, "folder": str(folder_id), "records": [str(row.id) for row in rows], "address": address}
        )
    )


main()
