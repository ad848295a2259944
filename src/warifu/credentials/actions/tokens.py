"""Tokens of the API: shown once, stored as SHA-256, with scopes and an end."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Credentials as Events
from warifu.credentials.models import Token
from warifu.credentials.rules.secrets import digest
from warifu.credentials.rules.sessions import TOUCH
from warifu.foundation.actor import Actor, ActorKind
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.foundation.standing import Standing
from warifu.organisations.rules import Permission, may, require

SCOPES = (
    Permission.PEOPLE_VIEW,
    Permission.ROSTER_LOAD,
    Permission.INVITE,
    Permission.PROVISION,
    Permission.APPLY,
    Permission.REVIEW,
    Permission.LICENCES_MANAGE,
    Permission.FOLDERS_FILE,
    Permission.FOLDERS_READ,
)
"""What a token may ever be given: no number, no image and no right leaves through the API."""
LONGEST = timedelta(days=366)


class TokenUnknown(Refused):
    """The token is unknown, revoked or over; which of these is not told."""

    code = "WF-S501"
    sentence = _("このトークンは使えません。")
    remedy = _("管理者に、新しいトークンを発行してもらってください。")
    status = 401


class ScopeUnknown(Refused):
    """A scope was asked for that tokens cannot have."""

    code = "WF-S502"
    sentence = _("トークンに持たせられない権限が選ばれています。")
    remedy = _("一覧にある権限から、少なくとも一つを選んでください。")
    status = 422


class EndOutOfRange(Refused):
    """The token would end in the past or live longer than a year."""

    code = "WF-S503"
    sentence = _("トークンの期限は、今日から一年以内にしてください。")
    remedy = _("期限の日付を選び直してください。")
    status = 422


def issue(
    *, organisation_id: UUID, name: str, scopes: Collection[str], valid_until: datetime, by: Actor, at: datetime
) -> str:
    """Make a token and return it; it can never be read again. Nobody gives it more than they may do themselves.

    Raises `NotPermitted`, `ScopeUnknown`, `EndOutOfRange`.
    """
    require(by=by, permission=Permission.TOKENS_MANAGE, organisation_id=organisation_id)
    own = {scope.value for scope in SCOPES if may(by=by, permission=scope, organisation_id=organisation_id)}
    if not scopes or not set(scopes) <= own:
        raise ScopeUnknown
    if not at < valid_until <= at + LONGEST:
        raise EndOutOfRange
    token = f"wft_{secrets.token_urlsafe(32)}"
    with transaction.atomic():
        row = Token.objects.create(
            organisation_id=organisation_id,
            name=name,
            token_hash=digest(token),
            hint=token[:8],
            scopes=sorted(scopes),
            issued_by=by.id,
            created_at=at,
            valid_until=valid_until,
        )
        audit.record(
            event=Events.TOKEN_ISSUED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=row.id,
            name=name,
            scopes=row.scopes,
            valid_until=valid_until.isoformat(),
        )
    return token


def authenticate(*, token: str, at: datetime) -> Actor:
    """The actor that a token is; notes its use at most once a minute. Raises `TokenUnknown`."""
    living = Token.objects.filter(token_hash=digest(token), revoked_at=None, valid_until__gt=at)
    row = living.select_related("organisation").first()
    if row is None:
        raise TokenUnknown
    if row.used_at is None or at - row.used_at >= TOUCH:
        Token.objects.filter(id=row.id).update(used_at=at)
    return Actor(
        kind=ActorKind.TOKEN,
        id=row.id,
        label=row.name,
        organisation_id=row.organisation_id,
        scopes=frozenset(row.scopes),
        standing=Standing(row.organisation.standing),
    )


def revoke(*, organisation_id: UUID, token_id: UUID, by: Actor, at: datetime) -> None:
    """Stop a token at once. Raises `NotPermitted`, and `NotFound` when it is not there or already stopped."""
    require(by=by, permission=Permission.TOKENS_MANAGE, organisation_id=organisation_id)
    with transaction.atomic():
        running = Token.objects.filter(organisation_id=organisation_id, id=token_id, revoked_at=None)
        name = running.values_list("name", flat=True).first()
        if running.update(revoked_at=at) != 1:
            raise NotFound
        audit.record(
            event=Events.TOKEN_REVOKED, by=by, at=at, organisation_id=organisation_id, subject_id=token_id, name=name
        )
