"""Reads of registered cards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from warifu.cards import anchors
from warifu.cards.models import CardBinding

SOON = timedelta(days=90)
"""From when on a page says that the certificate of a card ends (cards.md 4.3-5)."""


@dataclass(frozen=True, kw_only=True)
class BindingLine:
    """One registered card of a person; stopped ones keep their line (L-21). `status` is what was known of its
    validity when it was registered (I-12)."""

    id: UUID
    name: str
    created_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None
    valid_until: datetime
    status: str

    def is_over(self, at: datetime) -> bool:
        """Whether its certificate has ended."""
        return at > self.valid_until

    def ends_soon(self, at: datetime) -> bool:
        """Whether its certificate ends within 90 days."""
        return at <= self.valid_until <= at + SOON


def are_cards_set_up() -> bool:
    """Whether this installation trusts an issuer of cards, so that screens offer them."""
    return anchors.are_set()


def bindings_of(*, organisation_id: UUID, member_id: UUID) -> list[BindingLine]:
    """Every card that a member has and had registered, the newest first. One query."""
    rows = CardBinding.objects.filter(organisation_id=organisation_id, member_id=member_id).order_by("-id")
    return [
        BindingLine(
            id=row.id,
            name=row.name,
            created_at=row.created_at,
            used_at=row.used_at,
            revoked_at=row.revoked_at,
            valid_until=row.valid_until,
            status=row.status,
        )
        for row in rows
    ]


def has_card(*, member_id: UUID) -> bool:
    """Whether a member can show a card when signing in. One query."""
    return CardBinding.objects.filter(member_id=member_id, revoked_at=None).exists()
