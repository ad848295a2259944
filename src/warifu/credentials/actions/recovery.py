"""予備コード: ten single-use codes for the day on which the phone is lost (L-20)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Credentials as Events
from warifu.credentials.actions import factors
from warifu.credentials.models import RecoveryCode
from warifu.credentials.rules import secrets
from warifu.foundation.actor import SYSTEM, Actor

COUNT = 10
BITS = 112
"""Random bits of a code; from here on a fast hash is enough (ASVS 6.5.2)."""


def make(*, organisation_id: UUID, by: Actor, at: datetime) -> list[str]:
    """Make ten new codes and return them, once; older ones are dead. Raises `LevelTooLow`."""
    assert by.id is not None  # noqa: S101
    factors.insist_may_change(by=by)
    codes = [secrets.generated(bits=BITS) for _ in range(COUNT)]
    with transaction.atomic():
        RecoveryCode.objects.filter(member_id=by.id, used_at=None, replaced_at=None).update(replaced_at=at)
        RecoveryCode.objects.bulk_create(
            RecoveryCode(member_id=by.id, code_hash=secrets.digest(secrets.bare(code)), made_at=at) for code in codes
        )
        audit.record(
            event=Events.RECOVERY_CODES_MADE,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=by.id,
            count=COUNT,
        )
        factors.tell_added(organisation_id=organisation_id, factor="recovery_code", name=f"{COUNT}個", by=by, at=at)
    return codes


def fits(*, member_id: UUID, typed: str, at: datetime) -> bool:
    """Whether a typed code is one of a member's unused ones; it is used up then, and the trail says so."""
    with transaction.atomic():
        living = RecoveryCode.objects.filter(
            member_id=member_id, code_hash=secrets.digest(secrets.bare(typed)), used_at=None, replaced_at=None
        )
        organisation_id = living.values_list("member__organisation_id", flat=True).first()
        if living.update(used_at=at) != 1:
            return False
        audit.record(
            event=Events.RECOVERY_CODE_USED,
            by=SYSTEM,
            at=at,
            organisation_id=organisation_id,
            subject_id=member_id,
            count=left(member_id=member_id),
        )
    return True


def left(*, member_id: UUID) -> int:
    """How many unused codes a member has."""
    return RecoveryCode.objects.filter(member_id=member_id, used_at=None, replaced_at=None).count()
