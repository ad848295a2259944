"""Reads of identity providers and of who is known there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from warifu.credentials.models import ExternalIdentity, IdentityProvider
from warifu.foundation import japanese


@dataclass(frozen=True, kw_only=True)
class ProviderLine:
    """A provider as lists show it; never its secret."""

    id: UUID
    name: str
    issuer: str
    client_id: str
    strong: tuple[str, ...]
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class IdentityLine:
    """A member's identity at a provider."""

    id: UUID
    provider_id: UUID
    provider_name: str
    member_id: UUID
    member_name: str
    subject: str
    bound_at: datetime
    used_at: datetime | None


def providers_of(*, organisation_id: UUID) -> list[ProviderLine]:
    """An organisation's providers, the newest first, ended ones included. One query."""
    rows = IdentityProvider.objects.filter(organisation_id=organisation_id).order_by("ended_at", "-created_at")[:100]
    return [_line(row) for row in rows]


def offered(*, organisation_code: str) -> list[ProviderLine]:
    """The providers in use of an organisation by its code; empty for unknown codes just as for none. One query."""
    code = japanese.to_half_width(organisation_code).strip().lower()
    rows = IdentityProvider.objects.filter(organisation__code=code, ended_at=None).order_by("created_at")
    return [_line(row) for row in rows]


def identities_of(*, organisation_id: UUID, member_id: UUID) -> list[IdentityLine]:
    """A member's identities that are in use. One query."""
    return _identities(provider__organisation_id=organisation_id, member_id=member_id)


def identities_at(*, organisation_id: UUID, provider_id: UUID) -> list[IdentityLine]:
    """Everybody of an organisation who is bound at a provider, by name, at most 500. One query."""
    return _identities(provider__organisation_id=organisation_id, provider_id=provider_id)


def _identities(**wanted: UUID) -> list[IdentityLine]:
    rows = (
        ExternalIdentity.objects.filter(ended_at=None, **wanted)
        .select_related("provider", "member")
        .order_by("member__family_kana", "member__given_kana", "id")[:500]
    )
    return [
        IdentityLine(
            id=row.id,
            provider_id=row.provider_id,
            provider_name=row.provider.name,
            member_id=row.member_id,
            member_name=row.member.full_name,
            subject=row.subject,
            bound_at=row.bound_at,
            used_at=row.used_at,
        )
        for row in rows
    ]


def _line(row: IdentityProvider) -> ProviderLine:
    return ProviderLine(
        id=row.id,
        name=row.name,
        issuer=row.issuer,
        client_id=row.client_id,
        strong=tuple(row.level_two_acr),
        created_at=row.created_at,
        ended_at=row.ended_at,
    )
