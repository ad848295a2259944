"""Reads of the room 資格."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from warifu.credentials import rules
from warifu.credentials.models import Activation, Password, Session, Token
from warifu.foundation.actor import Actor, ActorKind, Role


@dataclass(frozen=True, kw_only=True)
class LivingSession:
    """A session that runs: whose, where, since when, and the actor that the doors pass on."""

    id: UUID
    member_id: UUID
    organisation_id: UUID
    organisation_name: str
    organisation_code: str
    actor: Actor
    seen_at: datetime
    logs_out_at: datetime
    seconds_left: int


@dataclass(frozen=True, kw_only=True)
class SessionLine:
    """One running session of a member, for the list in which it can be ended (L-24)."""

    id: UUID
    started_at: datetime
    seen_at: datetime
    browser: str
    address: str


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


def living_session(*, token: str, at: datetime) -> LivingSession | None:
    """The session of a cookie's token, or None when it is unknown, ended, timed out, or its member has left.

    One query. Roles are read anew at every request, so that a change of rights acts at once (V-01 8.3.2).
    """
    row = (
        Session.objects.filter(token_hash=rules.digest(token), ended_at=None, member__state="active")
        .select_related("member__organisation")
        .first()
    )
    if row is None:
        return None
    member, organisation = row.member, row.member.organisation
    logs_out_at = rules.session_ends_at(
        seen_at=row.seen_at, started_at=row.started_at, idle_hours=organisation.auto_logout_hours
    )
    if at >= logs_out_at:
        return None
    return LivingSession(
        id=row.id,
        member_id=member.id,
        organisation_id=organisation.id,
        organisation_name=organisation.name,
        organisation_code=organisation.code,
        actor=Actor(
            kind=ActorKind.MEMBER,
            id=member.id,
            label=member.full_name,
            organisation_id=organisation.id,
            roles=Role(member.roles),
            level=row.level,
            authenticated_at=row.authenticated_at,
        ),
        seen_at=row.seen_at,
        logs_out_at=logs_out_at,
        seconds_left=int((logs_out_at - at).total_seconds()),
    )


def sessions_of(*, organisation_id: UUID, member_id: UUID, at: datetime) -> list[SessionLine]:
    """The running sessions of a member, the newest first. One query."""
    rows = (
        Session.objects.filter(member__organisation_id=organisation_id, member_id=member_id, ended_at=None)
        .select_related("member__organisation")
        .order_by("-id")[: 4 * rules.PARALLEL]
    )
    return [
        SessionLine(id=row.id, started_at=row.started_at, seen_at=row.seen_at, browser=row.browser, address=row.address)
        for row in rows
        if at
        < rules.session_ends_at(
            seen_at=row.seen_at,
            started_at=row.started_at,
            idle_hours=row.member.organisation.auto_logout_hours,
        )
    ]


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
