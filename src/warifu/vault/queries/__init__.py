"""Reads of the room 金庫 that show no number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from warifu.foundation.purposes import Purpose
from warifu.foundation.refusals import NotFound
from warifu.vault import rules, sealing
from warifu.vault.models import OrganisationKey, SealedNumber, UseRecord


@dataclass(frozen=True, kw_only=True)
class UseLine:
    """One line of "who looked at or used the number, when and for what". `reason` is a refusal's code when denied."""

    id: UUID
    at: datetime
    act: str
    allowed: bool
    reason: str
    purpose: Purpose | None
    document: str
    actor_id: UUID | None
    actor: str


def uses_of(*, organisation_id: UUID, subject_id: UUID, limit: int = 50, before: UUID | None = None) -> list[UseLine]:
    """The newest uses of a person's numbers and pictures first, those before the id `before` only. One query."""
    rows = UseRecord.objects.filter(organisation_id=organisation_id, subject_id=subject_id)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return [
        UseLine(
            id=row.id,
            at=row.at,
            act=row.act,
            allowed=row.allowed,
            reason=row.reason,
            purpose=Purpose(row.purpose) if row.purpose else None,
            document=row.document,
            actor_id=row.actor_id,
            actor=row.actor_label,
        )
        for row in rows.order_by("-id")[:limit]
    ]


def same_number(*, ref: UUID, organisation_id: UUID) -> list[UUID]:
    """The other persons of the organisation under whom the same number is sealed (a mix-up, or somebody twice).

    Compares tags and opens nothing, but for the time of a key rotation, when tags of two keys stand side by side.
    Raises `NotFound`. Never looks beyond the organisation (P-07).
    """
    living = SealedNumber.objects.filter(organisation_id=organisation_id, destroyed_at=None)
    row = living.filter(ref=ref).first()
    if row is None:
        raise NotFound
    tags = [bytes(row.tag)] if row.tag else []
    for key_id in _other_keys(organisation_id, row.key_id):
        secret = sealing.organisation_secret(organisation_id=organisation_id, key_id=key_id)
        tags.append(secret.tag(_digits(row)))
    found = living.filter(tag__in=tags).exclude(subject_id=row.subject_id)
    return sorted(set(found.values_list("subject_id", flat=True)))


def masked(*, ref: UUID | None) -> str:
    """What a screen shows in place of a number; no digit of it (S-07). Empty when there is none."""
    return rules.MASK if ref else ""


def _other_keys(organisation_id: UUID, key_id: int | None) -> list[int]:
    keys = OrganisationKey.objects.filter(organisation_id=organisation_id)
    living = keys.exclude(state=OrganisationKey.State.DESTROYED).values_list("id", flat=True)
    return [found for found in living if found != key_id]


def _digits(row: SealedNumber) -> str:
    return sealing.open_number(
        organisation_id=row.organisation_id, ref=row.ref, key_id=row.key_id, wrapped=row.wrapped_key, box=row.sealed
    )
