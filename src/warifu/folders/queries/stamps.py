"""Time stamps of records as screens show them (D-05)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from warifu.folders.models import TimeStamp


@dataclass(frozen=True, kw_only=True)
class Line:
    """One stamp with what its last check said."""

    source_label: str
    verdict: str
    verdict_label: str
    issuer: str
    stamped_at: datetime | None
    checked_at: datetime


def of_record(*, record_id: UUID) -> list[Line]:
    """The stamps of a record, the oldest first. One query."""
    return [
        Line(
            source_label=row.get_source_display(),
            verdict=row.verdict,
            verdict_label=row.get_verdict_display(),
            issuer=row.issuer,
            stamped_at=row.stamped_at,
            checked_at=row.checked_at,
        )
        for row in TimeStamp.objects.filter(record_id=record_id).order_by("id")
    ]
