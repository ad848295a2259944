"""How far people have come on the way from their sealed notice to their first sign-in (002-29 … 002-36)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from warifu.credentials.models import Certificate, Password, SealedNotice, Session
from warifu.credentials.queries import sealed_notices
from warifu.credentials.queries.sealed_notices import NoticeLine


@dataclass(frozen=True, kw_only=True)
class FirstUse:
    """One person: their newest sealed notice, and what they have done since."""

    notice: NoticeLine | None
    has_password: bool
    has_signed_in: bool
    has_certificate: bool


def of(*, organisation_id: UUID, member_ids: set[UUID], at: datetime) -> dict[UUID, FirstUse]:
    """The way of some members of an organisation. Four queries."""
    newest: dict[UUID, NoticeLine] = {}
    for member_id, line in sealed_notices.letting_in(organisation_id=organisation_id, member_ids=member_ids, at=at):
        newest.setdefault(member_id, line)
    passwords, sessions, certificates = (
        set(
            model.objects.filter(member__organisation_id=organisation_id, member_id__in=member_ids).values_list(
                "member_id", flat=True
            )
        )
        for model in (Password, Session, Certificate)
    )
    return {
        member_id: FirstUse(
            notice=newest.get(member_id),
            has_password=member_id in passwords,
            has_signed_in=member_id in sessions,
            has_certificate=member_id in certificates,
        )
        for member_id in member_ids
    }


def unopened(*, organisation_id: UUID, member_ids: set[UUID]) -> bool:
    """Whether a living sealed notice that lets in one of some members was never opened. One query."""
    living = SealedNotice.objects.filter(organisation_id=organisation_id, used_at=None, replaced_at=None)
    return living.filter(lets_in_id__in=member_ids, openings=None).exists()
