"""Read of 収集の設定: what an organisation chose for collecting; reading makes no row."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from warifu.collection.models import Policy


@dataclass(frozen=True, kw_only=True)
class PolicyView:
    """収集の設定 as screens see it."""

    overdue_days: int
    automatic_reminders: bool
    reminder_every_days: int
    quiet_from_hour: int
    quiet_until_hour: int
    second_check: bool
    second_check_off_reason: str
    image_keep_days: int


def current(*, organisation_id: UUID) -> PolicyView:
    """What the organisation chose for collecting, or the defaults. One query."""
    found = Policy.objects.filter(organisation_id=organisation_id).first() or Policy()
    return PolicyView(**{field: getattr(found, field) for field in PolicyView.__dataclass_fields__})
