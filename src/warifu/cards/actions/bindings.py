"""登録カード: a card bound to a member, known again by the keyed hash of its key, stopped, warned of (cards.md 4.3).

Chain and dates let nobody in: anybody's card passes them. Who may bind is the caller's affair (`credentials`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from warifu.audit import actions as audit
from warifu.audit.events import Cards as Events
from warifu.cards.examining import Credential
from warifu.cards.models import CardBinding
from warifu.cards.rules.refusals import (
    AlreadyRegistered,
    CardNotAccepted,
    RegisteredForAnother,
    WhichOrganisation,
)
from warifu.foundation.actor import Actor
from warifu.foundation.days import jst_day
from warifu.foundation.refusals import NotFound

NAME = "マイナンバーカード（{day:%Y年%-m月}まで）"
WARN = timedelta(days=90)
"""How long before the end of a certificate its holder is told (cards.md 4.3-5)."""


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Whose card has answered."""

    organisation_id: UUID
    member_id: UUID
    binding_id: UUID


@dataclass(frozen=True, kw_only=True)
class Ending:
    """A registered card whose certificate ends soon."""

    id: UUID
    organisation_id: UUID
    member_id: UUID
    name: str
    valid_until: datetime


def bind(
    *,
    organisation_id: UUID,
    member_id: UUID,
    card: Credential,
    by: Actor,
    at: datetime,
    replaces: UUID | None = None,
) -> str:
    """Bind a card to a member, anew or in place of one that is thereby renewed and ends. Inside a transaction.

    Returns the name that it goes by: when its certificate ends. Raises `AlreadyRegistered`, `RegisteredForAnother`.
    """
    living = CardBinding.objects.filter(organisation_id=organisation_id, revoked_at=None)
    known = living.filter(credential_hash=card.hash).values_list("member_id", flat=True).first()
    if known is not None:
        raise AlreadyRegistered if known == member_id else RegisteredForAnother
    is_renewed = replaces is not None and living.filter(id=replaces, member_id=member_id).update(revoked_at=at) == 1
    try:
        with transaction.atomic():
            row = CardBinding.objects.create(
                organisation_id=organisation_id,
                member_id=member_id,
                name=NAME.format(day=jst_day(card.valid_until)),
                credential_hash=card.hash,
                valid_until=card.valid_until,
                status=card.finding.status,
                created_at=at,
                replaces_id=replaces if is_renewed else None,
            )
    except IntegrityError:
        raise RegisteredForAnother from None
    audit.record(
        event=Events.BOUND,
        by=by,
        at=at,
        organisation_id=organisation_id,
        subject_id=member_id,
        binding=str(row.id),
        status=card.finding.status.value,
        source=card.finding.source,
        renewed=is_renewed,
    )
    return row.name


def holder_of(
    *, card: Credential, at: datetime, organisation_id: UUID | None = None, member_id: UUID | None = None
) -> Holder:
    """The member whose registered card has answered, and note its use.

    Raises `CardNotAccepted` for a card that is not registered (there), `WhichOrganisation` when it is in several.
    """
    known = CardBinding.objects.filter(credential_hash=card.hash, revoked_at=None, member__state="active")
    if member_id is not None:
        known = known.filter(member_id=member_id)
    rows = list(known.select_related("member")[:20])
    if len(rows) > 1 and organisation_id is not None:
        rows = [row for row in rows if row.organisation_id == organisation_id]
    if len(rows) > 1:
        raise WhichOrganisation
    if not rows or CardBinding.objects.filter(id=rows[0].id, revoked_at=None).update(used_at=at) != 1:
        raise CardNotAccepted
    row = rows[0]
    return Holder(organisation_id=row.organisation_id, member_id=row.member_id, binding_id=row.id)


def end(*, organisation_id: UUID, binding_id: UUID, member_id: UUID, by: Actor, at: datetime) -> str:
    """Stop a member's card; returns its name. Inside a transaction. Raises `NotFound`."""
    own = CardBinding.objects.filter(
        id=binding_id, organisation_id=organisation_id, member_id=member_id, revoked_at=None
    )
    name = own.values_list("name", flat=True).first()
    if name is None or own.update(revoked_at=at) != 1:
        raise NotFound
    audit.record(
        event=Events.ENDED,
        by=by,
        at=at,
        organisation_id=organisation_id,
        subject_id=member_id,
        binding=str(binding_id),
    )
    return name


def claim_ending(*, at: datetime, limit: int = 500) -> list[Ending]:
    """Registered cards that end within `WARN` and whose holder was not told; they count as told. In a transaction."""
    due = CardBinding.objects.filter(
        revoked_at=None, warned_at=None, valid_until__gt=at, valid_until__lte=at + WARN, member__state="active"
    )
    rows = list(due.order_by("valid_until")[:limit])
    claimed = [row for row in rows if CardBinding.objects.filter(id=row.id, warned_at=None).update(warned_at=at) == 1]
    return [
        Ending(
            id=row.id,
            organisation_id=row.organisation_id,
            member_id=row.member_id,
            name=row.name,
            valid_until=row.valid_until,
        )
        for row in claimed
    ]
