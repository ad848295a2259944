"""訂正・取消の履歴: searchable, viewable, printable (D-02)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from warifu.folders.models import Correction, TransactionRecord
from warifu.folders.queries.access import Reached
from warifu.folders.rules import fields, search
from warifu.folders.rules.fields import Direction, Kind
from warifu.foundation.days import JST

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Change:
    """One field of one change; the values as people read them, still to be translated."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Line:
    """One change of a record."""

    id: UUID
    record_id: UUID
    number: int
    version: int
    act: str
    act_label: str
    at: datetime
    by: str
    reason: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What part of the history: words in before, after, reason or person; a period; kinds of change."""

    text: str = ""
    since: date | None = None
    until: date | None = None
    without_filing: bool = False


def of_record(*, record_id: UUID) -> list[Line]:
    """All changes of a record, the newest first. One query."""
    rows = Correction.objects.select_related("record").filter(record_id=record_id)
    return [_line(row) for row in rows.order_by("-version")]


def page(*, reached: Reached, asked: Asked, after: UUID | None = None, limit: int = PAGE) -> list[Line]:
    """Changes in a folder, the newest first, within what the reader may see. One query."""
    rows = _rows(reached, asked)
    if after is not None:
        rows = rows.filter(id__lt=after)
    return [_line(row) for row in rows[:limit]]


def every(*, reached: Reached, asked: Asked) -> Iterator[Line]:
    """All of it, a thousand at a time."""
    after: UUID | None = None
    while True:
        lines = page(reached=reached, asked=asked, after=after, limit=1000)
        yield from lines
        if len(lines) < 1000:
            return
        after = lines[-1].id


def _rows(reached: Reached, asked: Asked) -> QuerySet[Correction]:
    rows = Correction.objects.select_related("record").filter(folder=reached.folder).order_by("-id")
    limits = reached.limits
    if limits.traded_from:
        rows = rows.filter(record__traded_on__gte=limits.traded_from)
    if limits.traded_until:
        rows = rows.filter(record__traded_on__lte=limits.traded_until)
    if limits.kinds:
        rows = rows.filter(record__kind__in=[kind.value for kind in limits.kinds])
    if asked.since:
        rows = rows.filter(at__gte=datetime.combine(asked.since, time(0), JST))
    if asked.until:
        rows = rows.filter(at__lt=datetime.combine(asked.until + timedelta(days=1), time(0), JST))
    if asked.without_filing:
        rows = rows.exclude(act=Correction.Act.FILED)
    if asked.text.strip():
        number = asked.text.strip()
        wanted = Q(search_text__contains=search.folded(fields.visible(asked.text)))
        if number.isascii() and number.isdecimal() and len(number) < 19:
            wanted |= Q(record__number=int(number))
        rows = rows.filter(wanted)
    return rows


def _line(row: Correction) -> Line:
    names = [name for name in fields.LABELS if row.before.get(name, "") != row.after.get(name, "")]
    return Line(
        id=row.id,
        record_id=row.record_id,
        number=row.record.number,
        version=row.version,
        act=row.act,
        act_label=row.get_act_display(),
        at=row.at,
        by=row.by_name,
        reason=row.reason,
        changes=tuple(
            Change(
                field=fields.LABELS[name],
                before=in_words(name=name, value=row.before.get(name)),
                after=in_words(name=name, value=row.after.get(name)),
            )
            for name in names
        ),
    )


def in_words(*, name: str, value: Any) -> str:
    """A value of a change as people read it."""
    if value in (None, ""):
        return ""
    if name == "kind":
        return Kind(value).label
    if name == "direction":
        return Direction(value).label
    if name == "state":
        return str(TransactionRecord.State(value).label)
    if name == "amount":
        amount = Decimal(value)
        return f"{amount:,.0f}" if amount == amount.to_integral() else f"{amount:,.2f}"
    return str(value)
