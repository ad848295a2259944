"""Reads of sharing: the services, what each is told about a person, and the keys that sign it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Max

from warifu.credentials.models import Session, SigningKey, SisterCode, SisterService
from warifu.credentials.rules import sessions, sharing
from warifu.credentials.rules.secrets import digest
from warifu.foundation.actor import Role

TOKEN_LASTS = timedelta(minutes=15)
"""How long a service may ask about a person after that person came."""


@dataclass(frozen=True, kw_only=True)
class ServiceLine:
    """A sister service as the list shows it; never its secret."""

    id: UUID
    name: str
    client_id: str
    redirect_uris: tuple[str, ...]
    shares_roles: bool
    created_at: datetime
    ended_at: datetime | None
    people: int
    used_at: datetime | None


def services_of(*, organisation_id: UUID) -> list[ServiceLine]:
    """An organisation's sister services, the newest first, ended ones included. Two queries."""
    rows = SisterService.objects.filter(organisation_id=organisation_id).order_by("ended_at", "-created_at")[:100]
    told = (
        SisterCode.objects.filter(service__organisation_id=organisation_id, used_at__isnull=False)
        .values("service_id")
        .annotate(people=Count("member_id", distinct=True), used_at=Max("used_at"))
    )
    uses = {line["service_id"]: line for line in told}
    return [
        ServiceLine(
            id=row.id,
            name=row.name,
            client_id=row.client_id,
            redirect_uris=tuple(row.redirect_uris),
            shares_roles=row.shares_roles,
            created_at=row.created_at,
            ended_at=row.ended_at,
            people=uses[row.id]["people"] if row.id in uses else 0,
            used_at=uses[row.id]["used_at"] if row.id in uses else None,
        )
        for row in rows
    ]


def jwks() -> list[dict[str, Any]]:
    """The public keys of the installation, the signing one first. One query."""
    return [row.public_jwk for row in SigningKey.objects.order_by("-created_at")[:10]]


def told_by_token(*, token: str, at: datetime) -> dict[str, Any] | None:
    """What the holder of an access token may know about its person, or None.

    None when the token is unknown, over or revoked, the service ended, the person left, or the session in which they
    agreed has ended. Two queries.
    """
    row = (
        SisterCode.objects.filter(
            token_hash=digest(token), revoked_at=None, used_at__gt=at - TOKEN_LASTS, service__ended_at=None
        )
        .select_related("service", "member__organisation")
        .first()
    )
    if not token or row is None or not lives(row=row, at=at):
        return None
    return claims_of(row=row)


def lives(*, row: SisterCode, at: datetime) -> bool:
    """Whether a code's person still belongs here and the session that it came from still runs. One query."""
    session = Session.objects.filter(id=row.session_id, member_id=row.member_id, ended_at=None).first()
    if session is None or row.member.state != "active":
        return False
    hours = session.idle_hours or row.member.organisation.auto_logout_hours
    return at < sessions.session_ends_at(seen_at=session.seen_at, started_at=session.started_at, idle_hours=hours)


def claims_of(*, row: SisterCode) -> dict[str, Any]:
    """What a service is told: a name of the person for it alone, and what the person agreed to. Never a number."""
    member, scope = row.member, row.scope.split()
    told: dict[str, Any] = {
        "sub": sharing.subject(service_id=row.service_id, member_id=member.id),
        "organisation_code": member.organisation.code,
    }
    if "profile" in scope:
        told |= {"name": member.full_name, "family_name": member.family_name, "given_name": member.given_name}
    if "email" in scope and member.mail:
        told["email"] = member.mail
    if "roles" in scope and row.service.shares_roles:
        told["roles"] = sharing.role_codes(Role(member.roles))
    return told
