"""Reads of the tokens of the API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from warifu.credentials.models import Token


@dataclass(frozen=True, kw_only=True)
class TokenLine:
    """A token of the API as the list shows it; never the token itself."""

    id: UUID
    name: str
    hint: str
    scopes: tuple[str, ...]
    created_at: datetime
    valid_until: datetime
    used_at: datetime | None
    revoked_at: datetime | None


def issuer_of(*, organisation_id: UUID, token_id: UUID) -> UUID | None:
    """The member who issued a token; None for one of the operator at the terminal. One query."""
    return (
        Token.objects.filter(organisation_id=organisation_id, id=token_id).values_list("issued_by", flat=True).first()
    )


def tokens_of(*, organisation_id: UUID) -> list[TokenLine]:
    """The organisation's tokens of the API, the newest first, revoked ones included. One query."""
    rows = Token.objects.filter(organisation_id=organisation_id).order_by("-id")[:200]
    return [
        TokenLine(
            id=row.id,
            name=row.name,
            hint=row.hint,
            scopes=tuple(row.scopes),
            created_at=row.created_at,
            valid_until=row.valid_until,
            used_at=row.used_at,
            revoked_at=row.revoked_at,
        )
        for row in rows
    ]
