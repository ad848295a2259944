"""Reads of recovery slips: what was printed, and whether somebody has shown them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from warifu.credentials.models import RecoverySlips


@dataclass(frozen=True, kw_only=True)
class SlipsView:
    """The living slips of an organisation; nothing of the secret."""

    needed: int
    printed: int
    made_at: datetime
    claimed_at: datetime | None
    claimed_for: str
    waits_until: datetime | None


def living(*, organisation_id: UUID) -> SlipsView | None:
    """The slips that work at present, or None. One query."""
    row = (
        RecoverySlips.objects.filter(organisation_id=organisation_id, used_at=None, replaced_at=None)
        .select_related("claimed_for")
        .first()
    )
    if row is None:
        return None
    return SlipsView(
        needed=row.needed,
        printed=row.printed,
        made_at=row.made_at,
        claimed_at=row.claimed_at,
        claimed_for=row.claimed_for.full_name if row.claimed_for else "",
        waits_until=row.waits_until,
    )
