"""Reads of the head's number for resets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from warifu.credentials.models import ResetPhone
from warifu.notices.rules import hidden_phone


@dataclass(frozen=True, kw_only=True)
class PhoneView:
    """A head's numbers, hidden but for their ends: the one that counts, and the one that waits for its code."""

    phone: str
    confirmed_at: datetime | None
    waiting: str
    code_until: datetime | None


def phone_of(*, member_id: UUID, at: datetime) -> PhoneView:
    """What a head has registered. One query."""
    row = ResetPhone.objects.filter(member_id=member_id).first()
    if row is None:
        return PhoneView(phone="", confirmed_at=None, waiting="", code_until=None)
    is_waiting = row.code_until is not None and row.code_until > at
    return PhoneView(
        phone=hidden_phone(row.phone),
        confirmed_at=row.confirmed_at,
        waiting=hidden_phone(row.new_phone) if is_waiting else "",
        code_until=row.code_until if is_waiting else None,
    )
