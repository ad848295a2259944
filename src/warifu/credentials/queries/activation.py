"""Reads of activation: who has finished it, who holds a link."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from warifu.credentials.models import Activation, Password


def members_with_password(*, organisation_id: UUID, member_ids: set[UUID]) -> set[UUID]:
    """Those among some members who have finished their activation. One query."""
    rows = Password.objects.filter(member__organisation_id=organisation_id, member_id__in=member_ids)
    return set(rows.values_list("member_id", flat=True))


def members_with_link(*, organisation_id: UUID, member_ids: set[UUID], at: datetime) -> set[UUID]:
    """Those among some members who hold an activation link that is still good. One query."""
    rows = Activation.objects.filter(
        member__organisation_id=organisation_id,
        member_id__in=member_ids,
        used_at=None,
        replaced_at=None,
        valid_until__gt=at,
    )
    return set(rows.values_list("member_id", flat=True))
