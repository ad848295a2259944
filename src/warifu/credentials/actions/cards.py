"""A My Number Card as a way of signing in: registered after the person is known, stopped, warned of (cards.md 4.3)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from warifu.cards.actions import bindings
from warifu.cards.examining import Credential
from warifu.credentials.actions import factors
from warifu.foundation.actor import SYSTEM, Actor
from warifu.foundation.days import jst_day
from warifu.notices import actions as notices
from warifu.notices import kinds
from warifu.notices.links import LateLink
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission, require, require_level_two

SECURITY = LateLink(kind="page", reference="/security/")
"""Where a person registers the card again."""


def enrol(*, organisation_id: UUID, card: Credential, by: Actor, at: datetime, replaces: UUID | None = None) -> str:
    """Register a card that has answered, anew or in place of an older one; tells its owner by mail. Returns its name.

    Raises `LevelTooLow` in a session with one factor: a card is bound after the person is known, never by itself;
    `NotPermitted`, `AlreadyRegistered`, `RegisteredForAnother`.
    """
    assert by.id is not None  # noqa: S101
    require(by=by, permission=Permission.OWN_RECORD, organisation_id=organisation_id)
    require_level_two(by=by)
    with transaction.atomic():
        name = bindings.bind(
            organisation_id=organisation_id, member_id=by.id, card=card, replaces=replaces, by=by, at=at
        )
        factors.note_added(organisation_id=organisation_id, factor="card", name=name, by=by, at=at)
    return name


def revoke(*, organisation_id: UUID, binding_id: UUID, by: Actor, at: datetime) -> None:
    """Stop one's own card; its line stays in the list (L-21). Raises `NotFound`, `LevelTooLow`."""
    assert by.id is not None  # noqa: S101
    factors.insist_may_change(by=by)
    with transaction.atomic():
        name = bindings.end(organisation_id=organisation_id, binding_id=binding_id, member_id=by.id, by=by, at=at)
        factors.note_revoked(organisation_id=organisation_id, member_id=by.id, factor="card", name=name, by=by, at=at)


def warn_due(*, at: datetime) -> int:
    """Tell of registered cards that end within 90 days, once each; returns how many (daily)."""
    with transaction.atomic():
        ending = bindings.claim_ending(at=at)
        for one in ending:
            member = organisations.member(organisation_id=one.organisation_id, member_id=one.member_id)
            if not member.mail:
                continue
            organisation = organisations.organisation(organisation_id=one.organisation_id)
            notices.post(
                letter=kinds.CardEnding(
                    organisation_name=organisation.name,
                    name=member.full_name,
                    ends_on=jst_day(one.valid_until),
                    link=SECURITY,
                ),
                organisation_id=one.organisation_id,
                member_id=member.id,
                to_mail=member.mail,
                to_name=member.full_name,
                key=f"card_ending:{one.id}",
                by=SYSTEM,
                at=at,
            )
    return len(ending)
