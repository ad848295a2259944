"""Reads of sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from warifu.credentials.models import Session
from warifu.credentials.rules import policy, secrets, sessions
from warifu.credentials.rules.policy import Demands
from warifu.foundation.actor import Actor, ActorKind, Role
from warifu.foundation.standing import Standing


@dataclass(frozen=True, kw_only=True)
class LivingSession:
    """A session that runs: whose, where, since when, and the actor that the doors pass on."""

    id: UUID
    member_id: UUID
    organisation_id: UUID
    organisation_name: str
    organisation_code: str
    department: str
    is_office: bool
    licensed_until: date | None
    works_until: date | None
    actor: Actor
    demands: Demands
    factors: tuple[str, ...]
    certificate_id: UUID | None
    acting_by: UUID | None
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
    level: int
    factors: tuple[str, ...]


def living_session(*, token: str, at: datetime) -> LivingSession | None:
    """The session of a cookie's token, or None when it is unknown, ended, timed out, or its member has left.

    One query. Roles are read anew at every request, so that a change of rights acts at once (V-01 8.3.2).
    """
    return _living(Session.objects.filter(token_hash=secrets.digest(token)), at)


def living_session_by_id(*, session_id: UUID, at: datetime) -> LivingSession | None:
    """The session of an id that the house has kept itself, if it still runs. One query."""
    return _living(Session.objects.filter(id=session_id), at)


def _living(found: QuerySet[Session], at: datetime) -> LivingSession | None:
    row = found.filter(ended_at=None, member__state="active").select_related("member__organisation").first()
    if row is None:
        return None
    member, organisation = row.member, row.member.organisation
    logs_out_at = sessions.session_ends_at(
        seen_at=row.seen_at, started_at=row.started_at, idle_hours=row.idle_hours or organisation.auto_logout_hours
    )
    if at >= logs_out_at:
        return None
    return LivingSession(
        id=row.id,
        member_id=member.id,
        organisation_id=organisation.id,
        organisation_name=organisation.name,
        organisation_code=organisation.code,
        department=member.department,
        is_office=organisation.is_office,
        licensed_until=organisation.licensed_until,
        works_until=organisation.works_until,
        actor=Actor(
            kind=ActorKind.MEMBER,
            id=member.id,
            label=member.full_name,
            organisation_id=organisation.id,
            roles=Role(member.roles),
            level=row.level,
            authenticated_at=row.authenticated_at,
            standing=Standing(organisation.standing),
        ),
        demands=policy.of_desk(policy=organisation.sign_in_policy, roles=Role(member.roles)),
        factors=tuple(row.factors),
        certificate_id=row.certificate_id,
        acting_by=row.acting_by,
        seen_at=row.seen_at,
        logs_out_at=logs_out_at,
        seconds_left=int((logs_out_at - at).total_seconds()),
    )


def sessions_of(*, organisation_id: UUID, member_id: UUID, at: datetime) -> list[SessionLine]:
    """The running sessions of a member, the newest first. One query."""
    rows = (
        Session.objects.filter(member__organisation_id=organisation_id, member_id=member_id, ended_at=None)
        .select_related("member__organisation")
        .order_by("-id")[: 4 * sessions.PARALLEL]
    )
    return [
        SessionLine(
            id=row.id,
            started_at=row.started_at,
            seen_at=row.seen_at,
            browser=row.browser,
            address=row.address,
            level=row.level,
            factors=tuple(row.factors),
        )
        for row in rows
        if at
        < sessions.session_ends_at(
            seen_at=row.seen_at,
            started_at=row.started_at,
            idle_hours=row.idle_hours or row.member.organisation.auto_logout_hours,
        )
    ]
