"""Take a licence back, with the reason (A4)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Licences as Events
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.licences.actions import standings
from warifu.licences.models import Licence, StartOfUse
from warifu.licences.queries.office import insist_manager


class RevokedBefore(Refused):
    """The licence was revoked before."""

    code = "WF-L113"
    sentence = _("このライセンスは、すでに取り消されています。")
    remedy = _("画面を読み込み直して、いまの状態を確かめてください。")


def revoke_licence(*, licence_id: UUID, reason: str, by: Actor, at: datetime) -> None:
    """Revoke a licence, started or not; what it had started begins nothing new from now on (`standings`).

    Raises `NotPermitted`, `NotFound`, `RevokedBefore`.
    """
    operator_id = insist_manager(by=by)
    if not Licence.objects.filter(id=licence_id).exists():
        raise NotFound
    with transaction.atomic():
        living = Licence.objects.filter(id=licence_id).exclude(state=Licence.State.REVOKED)
        if living.update(state=Licence.State.REVOKED, revoked_at=at, reason=reason) != 1:
            raise RevokedBefore
        audit.record(
            event=Events.LICENCE_REVOKED,
            by=by,
            at=at,
            organisation_id=operator_id,
            subject_id=licence_id,
            reason=reason,
        )
        start = StartOfUse.objects.filter(licence_id=licence_id).first()
        if start is not None:
            standings.follow(organisation_id=start.organisation_id, at=at)
