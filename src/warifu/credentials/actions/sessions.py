"""Sessions: start, use, renew, end (L-22 … L-24)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from warifu.audit import actions as audit
from warifu.audit.events import Credentials as Events
from warifu.credentials.models import Session
from warifu.credentials.rules import sessions as rules
from warifu.credentials.rules.policy import FACTOR_LEVELS
from warifu.credentials.rules.secrets import digest
from warifu.foundation.actor import SYSTEM, Actor
from warifu.foundation.refusals import NotFound
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission, require


def start(
    *,
    member_id: UUID,
    level: int,
    browser: str,
    address: str,
    at: datetime,
    factors: Sequence[str] = (),
    idle_hours: int | None = None,
    certificate_id: UUID | None = None,
    access_key_id: UUID | None = None,
) -> str:
    """Begin a session and return its token, 256 random bits; the caller records how identity was proven.

    At most `rules.PARALLEL` run at the same time: the oldest ones beyond that end.
    """
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        running = Session.objects.filter(member_id=member_id, ended_at=None).order_by("-id")
        surplus = list(running.values_list("id", flat=True)[rules.PARALLEL - 1 :])
        if surplus:
            Session.objects.filter(id__in=surplus).update(ended_at=at, end_reason="surplus")
        Session.objects.create(
            token_hash=digest(token),
            member_id=member_id,
            level=level,
            factors=list(factors),
            idle_hours=idle_hours,
            certificate_id=certificate_id,
            access_key_id=access_key_id,
            authenticated_at=at,
            started_at=at,
            seen_at=at,
            browser=browser[:200],
            address=address[:45],
        )
    return token


def has_any(*, member_id: UUID) -> bool:
    """Whether a member was ever signed in."""
    return Session.objects.filter(member_id=member_id).exists()


def touch(*, session_id: UUID, seen_at: datetime, at: datetime) -> bool:
    """Note that a session is used, at most once in `rules.TOUCH`; returns whether it was noted."""
    if at - seen_at < rules.TOUCH:
        return False
    return bool(Session.objects.filter(id=session_id, ended_at=None, seen_at__lt=at).update(seen_at=at))


def act_by(*, session_id: UUID, entrustment_id: UUID | None) -> None:
    """Remember by which entrustment a session works for a client, or that it works for its own organisation again.

    The entrustment is judged at every request by those who know it; this is only what the person chose.
    """
    Session.objects.filter(id=session_id, ended_at=None).update(acting_by=entrustment_id)


def renew(*, session_id: UUID, member_id: UUID, at: datetime, factor: str = "") -> str:
    """Give a running session a new token after identity was proven again; the old token is dead (L-22).

    `factor` is what was shown: it joins the session's factors and may raise its level (L-28). Raises `NotFound` when
    the session has ended meanwhile.
    """
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        running = Session.objects.select_for_update().filter(id=session_id, member_id=member_id, ended_at=None)
        row = running.first()
        if row is None:
            raise NotFound
        row.token_hash, row.authenticated_at, row.seen_at = digest(token), at, at
        if factor:
            row.factors = [*row.factors, *({factor} - set(row.factors))]
            row.level = max(row.level, FACTOR_LEVELS[factor])
        row.save()
    return token


def end(*, session_id: UUID, organisation_id: UUID, by: Actor, at: datetime, only_of: UUID | None = None) -> None:
    """End a session: one's own, or another member's by an administrator (L-24); `only_of` narrows it to one member's.

    Raises `NotFound` for sessions that do not run or belong to somebody else, `NotPermitted`.
    """
    with transaction.atomic():
        running = Session.objects.filter(id=session_id, member__organisation_id=organisation_id, ended_at=None)
        if only_of is not None:
            running = running.filter(member_id=only_of)
        member_id = running.values_list("member_id", flat=True).first()
        if member_id is None:
            raise NotFound
        if member_id != by.id:
            require(by=by, permission=Permission.MEMBERS_MANAGE, organisation_id=organisation_id)
        if running.update(ended_at=at, end_reason="signed_out") != 1:
            raise NotFound
        audit.record(event=Events.SIGNED_OUT, by=by, at=at, organisation_id=organisation_id, subject_id=member_id)


def end_all_of_member(
    *,
    organisation_id: UUID,
    member_id: UUID,
    reason: str,
    by: Actor,
    at: datetime,
    keep: UUID | None = None,
) -> int:
    """End every session of a member, but for `keep`; returns how many. Own sessions, or an administrator's verb."""
    if member_id != by.id:
        require(by=by, permission=Permission.MEMBERS_MANAGE, organisation_id=organisation_id)
    with transaction.atomic():
        running = Session.objects.filter(member__organisation_id=organisation_id, member_id=member_id, ended_at=None)
        if keep is not None:
            running = running.exclude(id=keep)
        ended = running.update(ended_at=at, end_reason=reason)
        if ended:
            audit.record(
                event=Events.SIGNED_OUT,
                by=by,
                at=at,
                organisation_id=organisation_id,
                subject_id=member_id,
                count=ended,
                reason=reason,
            )
    return ended


def close(
    *, found: QuerySet[Session], organisation_id: UUID, member_id: UUID, reason: str, by: Actor, at: datetime
) -> int:
    """End those of some sessions of a member that run; for verbs of this room that have checked who may do it."""
    ended = found.filter(member_id=member_id, ended_at=None).update(ended_at=at, end_reason=reason)
    if ended:
        audit.record(
            event=Events.SIGNED_OUT,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=member_id,
            count=ended,
            reason=reason,
        )
    return ended


def end_timed_out(*, token: str, at: datetime) -> bool:
    """Close the session of a token that nobody can use any more, and record why; False when there is none to close."""
    row = Session.objects.filter(token_hash=digest(token), ended_at=None).select_related("member").first()
    if row is None:
        return False
    organisation = organisations.organisation(organisation_id=row.member.organisation_id)
    hours = row.idle_hours or organisation.auto_logout_hours
    ends_at = rules.session_ends_at(seen_at=row.seen_at, started_at=row.started_at, idle_hours=hours)
    if at < ends_at:
        return False
    with transaction.atomic():
        if not Session.objects.filter(id=row.id, ended_at=None).update(ended_at=ends_at, end_reason="timed_out"):
            return False
        audit.record(
            event=Events.SESSION_TIMED_OUT,
            by=SYSTEM,
            at=at,
            organisation_id=row.member.organisation_id,
            subject_id=row.member_id,
        )
    return True
