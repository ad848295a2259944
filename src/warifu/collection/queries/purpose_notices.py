"""Reads of 利用目的のお知らせ (P-03)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from warifu.collection.models import NoticeShown, PurposeNotice
from warifu.foundation.purposes import Purpose


@dataclass(frozen=True, kw_only=True)
class NoticeView:
    """One version of the notice."""

    id: int
    version: int
    purposes: tuple[Purpose, ...]
    text: str
    hash: str
    published_at: datetime


@dataclass(frozen=True, kw_only=True)
class ShownView:
    """That a person was shown a version, and when."""

    version: int
    purposes: tuple[Purpose, ...]
    at: datetime


def current(*, organisation_id: UUID) -> NoticeView | None:
    """The newest published version, or None before the first. One query."""
    row = PurposeNotice.objects.filter(organisation_id=organisation_id).order_by("-version").first()
    return _view(row) if row else None


def shown_to(*, organisation_id: UUID, member_id: UUID) -> list[ShownView]:
    """The versions that a person was shown, the newest first. One query."""
    rows = (
        NoticeShown.objects.filter(notice__organisation_id=organisation_id, member_id=member_id)
        .select_related("notice")
        .order_by("-notice__version")
    )
    return [
        ShownView(version=row.notice.version, purposes=purposes_of(codes=row.notice.purposes), at=row.at)
        for row in rows
    ]


def _view(row: PurposeNotice) -> NoticeView:
    return NoticeView(
        id=row.id,
        version=row.version,
        purposes=purposes_of(codes=row.purposes),
        text=row.text,
        hash=row.hash,
        published_at=row.published_at,
    )


def purposes_of(*, codes: list[str]) -> tuple[Purpose, ...]:
    """Purposes from their codes, as a notice keeps them."""
    return tuple(Purpose(code) for code in codes)
