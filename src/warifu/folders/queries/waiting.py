"""What waits in the folders of an organisation for somebody to confirm its fields."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from warifu.folders.models import TransactionRecord
from warifu.folders.queries.access import reachable
from warifu.foundation.actor import Actor

COUNTED = 1_000
"""Up to how many are counted."""


def count(*, organisation_id: UUID, by: Actor, at: datetime) -> int:
    """How many records wait in all folders that somebody may read, counted up to `COUNTED`. One query."""
    folders = reachable(organisation_id=organisation_id, by=by, at=at)
    rows = TransactionRecord.objects.filter(folder__in=folders, state=TransactionRecord.State.RECEIVED)
    return rows.order_by()[:COUNTED].count()
