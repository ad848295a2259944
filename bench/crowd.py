"""A crowd for the workloads: an organisation with any number of people, filled by few statements."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from warifu.collection.models import Policy, RosterEntry
from warifu.foundation.actor import OPERATOR, SYSTEM, Role
from warifu.foundation.ids import new_id
from warifu.organisations import actions as organisations
from warifu.organisations.models import Member

FAMILIES = (
    ("佐藤", "サトウ"),
    ("鈴木", "スズキ"),
    ("高橋", "タカハシ"),
    ("田中", "タナカ"),
    ("渡辺", "ワタナベ"),
    ("伊藤", "イトウ"),
)
DEPARTMENTS = tuple(
    f"{place}{part}課" for place in ("本社", "東京", "大阪", "福岡") for part in ("総務", "営業", "物流")
)
STATES = (
    "invited",
    "started",
    "sent_back",
    "submitted",
    "checked",
    "verified",
    "verified",
    "verified",
    "verified",
    "not_provided",
)
CHUNK = 10_000


def organisation(at: datetime) -> tuple[UUID, UUID]:
    """A new organisation and its administrator, who is a handler too."""
    organisation_id = organisations.create(code=f"bench-{new_id().hex[-8:]}", name="計測商事", by=OPERATOR, at=at)
    member_id = organisations.add_member(
        organisation_id=organisation_id,
        roles=Role.ADMINISTRATOR | Role.HANDLER,
        family_name="青木",
        mail="aoki@example.jp",
        by=SYSTEM,
        at=at,
    )
    return organisation_id, member_id


def fill(organisation_id: UUID, count: int, *, today: date, at: datetime, **fixed: Any) -> None:
    """Members and entries of ten kinds, registered over the last 20 days; `fixed` are columns of all entries."""
    Policy.objects.get_or_create(organisation_id=organisation_id)
    for start in range(0, count, CHUNK):
        with transaction.atomic():
            size = min(CHUNK, count - start)
            ids = [new_id() for _ in range(size)]
            _insert(Member, _members(organisation_id, ids, start, at))
            _insert(RosterEntry, _entries(organisation_id, ids, start, today, at, fixed))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _members(organisation_id: UUID, ids: list[UUID], start: int, at: datetime) -> Iterator[list[Any]]:
    common = Member(organisation_id=organisation_id, created_at=at)
    for number, member_id in enumerate(ids, start):
        family, kana = FAMILIES[number % len(FAMILIES)]
        mail, code = f"user{number}@example.co.jp", f"E{number:07}"
        common.id = member_id
        common.family_name, common.given_name = family, f"太郎{number}"
        common.family_kana, common.given_kana = kana, f"タロウ{number}"
        common.mail, common.employee_code = mail, code
        common.department = DEPARTMENTS[number % len(DEPARTMENTS)]
        common.search_text = f"{family}太郎{number} {kana}タロウ{number} {code.lower()} {mail}"
        yield _values(common)


def _entries(
    organisation_id: UUID, ids: list[UUID], start: int, today: date, at: datetime, fixed: dict[str, Any]
) -> Iterator[list[Any]]:
    common = RosterEntry(organisation_id=organisation_id, invited_at=at)
    for number, member_id in enumerate(ids, start):
        common.id, common.member_id = new_id(), member_id
        common.state = STATES[number % len(STATES)]
        common.registered_on = today - timedelta(days=number % 20)
        common.due_on = common.registered_on + timedelta(days=2)
        handed_in = common.state in ("submitted", "checked", "verified")
        common.submitted_at = at - timedelta(seconds=number) if handed_in else None
        for name, value in fixed.items():
            setattr(common, name, value)
        yield _values(common)


def _values(row: Any) -> list[Any]:
    return [_prepared(getattr(row, field.attname)) for field in _fields(type(row))]


def _prepared(value: Any) -> Any:
    if isinstance(value, UUID):
        return value.hex if connection.vendor == "sqlite" else value
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return connection.ops.adapt_datefield_value(value) if isinstance(value, date) else value


@cache
def _fields(model: Any) -> list[Any]:
    return [field for field in model._meta.local_concrete_fields if not field.generated]


def _insert(model: Any, rows: Iterator[list[Any]]) -> None:
    columns = ", ".join(connection.ops.quote_name(field.column) for field in _fields(model))
    marks = ", ".join(["%s"] * len(_fields(model)))
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)  # noqa: S608
