"""The desk's list of an organisation's certificates: filtered, searched, paged by key, exported.

A page costs the same wherever it lies, and no row causes a query.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet

from warifu.credentials import authority
from warifu.credentials.models import Certificate
from warifu.credentials.queries.certificates import CertificateLine, line_of
from warifu.credentials.rules import certificates as rules
from warifu.foundation.japanese import search_key
from warifu.foundation.refusals import NotFound
from warifu.organisations import queries as organisations

PAGE = 50
"""Rows of a page."""
FEW = 500
"""People found by a search whose certificates are looked for."""


class Tab(Enum):
    """Which certificates are shown."""

    LIVE = "live"
    ENDING = "ending"
    UNUSED = "unused"
    OVER = "over"
    REVOKED = "revoked"
    ALL = "all"


class Sort(Enum):
    """In what order."""

    NEWEST = "newest"
    ENDING = "ending"
    NAME = "name"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the list shows, and in what order."""

    tab: Tab = Tab.LIVE
    search: str = ""
    sort: Sort = Sort.NEWEST


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page of the list; a cursor is empty where there is no further page."""

    lines: tuple[CertificateLine, ...]
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Details:
    """One certificate with what it says of itself (000-35: 証明書表示)."""

    line: CertificateLine
    authority_name: str
    fingerprint: str
    replaced_by: UUID | None


_KEYS: dict[Sort, tuple[tuple[str, ...], bool]] = {
    Sort.NEWEST: (("id",), True),
    Sort.ENDING: (("valid_until", "id"), False),
    Sort.NAME: (("member__family_kana", "member__given_kana", "id"), False),
}
"""The columns of each order, and whether it goes down."""


def _over(at: datetime) -> Q:
    return Q(revoked_at=None) & (Q(valid_until__lte=at) | Q(replaced_at__lte=at - rules.OVERLAP))


def _live(at: datetime) -> Q:
    return Q(revoked_at=None) & ~_over(at)


_TABS: dict[Tab, Callable[[datetime], Q]] = {
    Tab.LIVE: _live,
    Tab.ENDING: lambda at: _live(at) & Q(replaced_at=None, valid_until__lte=at + rules.WINDOW),
    Tab.UNUSED: lambda at: _live(at) & Q(replaced_at=None, first_used_at=None, issued_at__lte=at - rules.UNUSED),
    Tab.OVER: _over,
    Tab.REVOKED: lambda at: Q(revoked_at__isnull=False),
    Tab.ALL: lambda at: Q(),
}


def counts(*, organisation_id: UUID, at: datetime) -> dict[Tab, int]:
    """How many certificates each tab shows. One query."""
    conditions = {
        tab.value: Count("id", filter=condition(at)) for tab, condition in _TABS.items() if tab is not Tab.ALL
    }
    found = _of(organisation_id).aggregate(all=Count("id"), **conditions)
    return {tab: found[tab.value] for tab in Tab}


def page(*, organisation_id: UUID, wanted: Wanted, at: datetime, cursor: str = "", limit: int = PAGE) -> Page:
    """One page of the list from a cursor on; an unknown cursor gives the first page. One query, two for a search."""
    keys, is_descending = _KEYS[wanted.sort]
    is_backward, key = _read_cursor(cursor, keys)
    rows = _filtered(organisation_id, wanted, at)
    goes_down = is_descending is not is_backward
    if key is not None:
        rows = rows.filter(_beyond(keys, key, "lt" if goes_down else "gt"))
    found = list(rows.order_by(*(f"-{name}" if goes_down else name for name in keys))[: limit + 1])
    has_more, found = len(found) > limit, found[:limit]
    if is_backward:
        found.reverse()
    has_before = has_more if is_backward else key is not None
    has_after = True if is_backward else has_more
    return Page(
        lines=tuple(line_of(row=row) for row in found),
        before=_cursor("b", found[0], keys) if found and has_before else "",
        after=_cursor("a", found[-1], keys) if found and has_after else "",
    )


def export(*, organisation_id: UUID, wanted: Wanted, at: datetime) -> Iterator[CertificateLine]:
    """Every certificate of a list, for a file; read in pieces, so that memory stays flat at any length."""
    keys, is_descending = _KEYS[wanted.sort]
    order = (f"-{name}" if is_descending else name for name in keys)
    rows = _filtered(organisation_id, wanted, at).order_by(*order)
    return (line_of(row=row) for row in rows.iterator(chunk_size=2_000))


def details(*, organisation_id: UUID, certificate_id: UUID, member_id: UUID | None = None) -> Details:
    """One certificate, of one member only when one is named. Raises `NotFound` for anybody else's. Two queries."""
    rows = _of(organisation_id).filter(id=certificate_id)
    if member_id is not None:
        rows = rows.filter(member_id=member_id)
    row = rows.select_related("member", "authority").first()
    if row is None:
        raise NotFound
    return Details(
        line=line_of(row=row),
        authority_name=row.authority.name,
        fingerprint=authority.fingerprint(bytes(row.der)),
        replaced_by=Certificate.objects.filter(replaces_id=row.id).values_list("id", flat=True).first(),
    )


def _of(organisation_id: UUID) -> QuerySet[Certificate]:
    return Certificate.objects.filter(organisation_id=organisation_id, member__isnull=False)


def _filtered(organisation_id: UUID, wanted: Wanted, at: datetime) -> QuerySet[Certificate]:
    rows = _of(organisation_id).filter(_TABS[wanted.tab](at)).select_related("member").defer("der")
    if not wanted.search:
        return rows
    word = wanted.search.strip()
    people = organisations.found(organisation_id=organisation_id, key=search_key(word), department="", limit=FEW)
    return rows.filter(
        Q(member_id__in=people)
        | Q(issued_to__icontains=word)
        | Q(device_name__icontains=word)
        | Q(serial__startswith=word.replace(":", "").lower())
    )


def _beyond(keys: Sequence[str], values: Sequence[Any], direction: str) -> Q:
    first, rest = keys[0], keys[1:]
    further = Q(**{f"{first}__{direction}": values[0]})
    return further | (Q(**{first: values[0]}) & _beyond(rest, values[1:], direction)) if rest else further


def _cursor(direction: str, row: Certificate, keys: Sequence[str]) -> str:
    text = json.dumps([direction, *(str(_value(row, name)) for name in keys)])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _value(row: Any, name: str) -> Any:
    for part in name.split("__"):
        row = getattr(row, part)
    return row


def _read_cursor(cursor: str, keys: Sequence[str]) -> tuple[bool, tuple[Any, ...] | None]:
    try:
        direction, *values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        key = tuple(_read(name, value) for name, value in zip(keys, values, strict=True))
    except (binascii.Error, ValueError, TypeError, ValidationError):
        return False, None
    return direction == "b", key


def _read(name: str, value: str) -> Any:
    if name == "id":
        return UUID(value)
    return datetime.fromisoformat(value) if name == "valid_until" else str(value)
