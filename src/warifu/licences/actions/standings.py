"""What a licence means once it runs: its end and its revocation act on the organisation, its renewal too (A4)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from warifu.foundation.actor import SYSTEM
from warifu.foundation.days import jst_day
from warifu.foundation.standing import Standing
from warifu.licences.actions import letters
from warifu.licences.models import Licence, Product, StartOfUse
from warifu.licences.rules.standing import Reach, Term, reach
from warifu.organisations import actions as organisations

LAST_CALL = timedelta(days=7)
"""How long before new work stops the last letter leaves."""


def follow(*, organisation_id: UUID, at: datetime) -> Reach:
    """Bring an organisation's standing in line with its licences, inside the caller's transaction.

    When nothing new may be begun from now on, its administrators get a letter.
    """
    starts = StartOfUse.objects.select_related("licence__product").filter(organisation_id=organisation_id)
    found = reach(terms=[_term(start.licence) for start in starts], today=jst_day(at))
    changed = organisations.set_standing(
        organisation_id=organisation_id,
        standing=found.standing,
        licensed_until=found.licensed_until,
        works_until=found.works_until,
        by=SYSTEM,
        at=at,
    )
    if changed and found.standing.is_over:
        letters.work_stopped(start=_last(organisation_id), standing=found.standing, at=at)
    return found


def follow_due(*, at: datetime) -> int:
    """Tell organisations whose licence is over until when they may work, and stop those whose grace is over (daily).

    One letter on the first day and one a week before the stop; of several missed ones only the latest leaves. Returns
    how many organisations it looked at.
    """
    today = jst_day(at)
    late = StartOfUse.objects.filter(licence__until_day__lt=today).exclude(
        organisation__standing__in=[Standing.ENDED.value, Standing.REVOKED.value]
    )
    looked_at = list(late.order_by("organisation_id").values_list("organisation_id", flat=True).distinct())
    for organisation_id in looked_at:
        with transaction.atomic():
            found = follow(organisation_id=organisation_id, at=at)
            if found.standing.is_over or found.licensed_until is None or found.works_until is None:
                continue
            if found.licensed_until < today:
                stage = "week" if found.works_until - today <= LAST_CALL else "first"
                letters.ended(
                    start=_last(organisation_id),
                    ends_on=found.licensed_until,
                    stops_on=found.works_until,
                    stage=stage,
                    at=at,
                )
    return len(looked_at)


def _term(licence: Licence) -> Term:
    is_revoked = licence.state == Licence.State.REVOKED and licence.revoked_at is not None
    return Term(
        until_day=licence.until_day,
        collects=licence.product.edition == Product.Edition.COLLECTING,
        revoked_on=jst_day(licence.revoked_at) if is_revoked and licence.revoked_at else None,
    )


def _last(organisation_id: UUID) -> StartOfUse:
    """The start of the licence that lasts longest."""
    starts = StartOfUse.objects.select_related("licence__product", "licence__registration")
    return starts.filter(organisation_id=organisation_id).order_by("-licence__until_day", "-at")[0]
