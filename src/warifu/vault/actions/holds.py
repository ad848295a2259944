"""Verbs of 保全: stop disposal for a tax audit or a lawsuit, with reason, owner and end (R-09)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Vault as Events
from warifu.foundation.actor import Actor
from warifu.foundation.days import jst_day
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations.rules import Permission, require
from warifu.vault.models import LegalHold

LONGEST = timedelta(days=366 * 5)
"""The longest that a hold lasts before somebody has to think again."""


class HoldIncomplete(Refused):
    """A hold without reason, owner or a sensible end."""

    code = "WF-V310"
    sentence = _("保全には、理由、受け持つ人、終わりの日(今日から5年以内)が要ります。")
    remedy = _(
        "足りないところを書いてください。終わりの日は、あとから早めることも、保全をもう一度始めることもできます。"
    )


def place(
    *,
    organisation_id: UUID,
    subject_id: UUID | None,
    reason: str,
    owner: str,
    until: date,
    by: Actor,
    at: datetime,
) -> UUID:
    """Stop the disposal of one person's numbers, or of everybody's without `subject_id`, until a day; returns its id.

    Raises `NotPermitted`, `LevelTooLow`, `HoldIncomplete`.
    """
    require(by=by, permission=Permission.DISPOSALS_CONFIRM, organisation_id=organisation_id)
    today = jst_day(at)
    said, whose = " ".join(reason.split())[:300], " ".join(owner.split())[:100]
    if not said or not whose or not today <= until <= today + LONGEST:
        raise HoldIncomplete
    with transaction.atomic():
        hold = LegalHold.objects.create(
            organisation_id=organisation_id,
            subject_id=subject_id,
            reason=said,
            owner=whose,
            until=until,
            placed_by=by.label[:310],
            placed_at=at,
        )
        audit.record(
            event=Events.HOLD_PLACED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=subject_id,
            reason=said,
            owner=whose,
            until=until.isoformat(),
        )
    return hold.id


def lift(*, organisation_id: UUID, hold_id: UUID, by: Actor, at: datetime) -> None:
    """End a hold before its day. Raises `NotPermitted`, `LevelTooLow`, `NotFound` also when it is over already."""
    require(by=by, permission=Permission.DISPOSALS_CONFIRM, organisation_id=organisation_id)
    with transaction.atomic():
        mine = LegalHold.objects.filter(organisation_id=organisation_id, id=hold_id, lifted_at=None)
        hold = mine.first()
        if hold is None or mine.update(lifted_at=at, lifted_by=by.label[:310]) != 1:
            raise NotFound
        audit.record(
            event=Events.HOLD_LIFTED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=hold.subject_id,
            reason=hold.reason,
        )
