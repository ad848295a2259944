"""A lost factor: an administrator stops it after making sure who asks, as strongly as when it was set up (L-09)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from warifu.audit import actions as audit
from warifu.audit.events import Credentials as Events
from warifu.credentials.actions import factors, sessions
from warifu.credentials.models import Authenticator, Passkey, RecoveryCode
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.notices import kinds
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission, require

WAYS: dict[str, str] = {
    "in_person": _("本人と対面し、顔写真つきの書類(マイナンバーカードなど)で確かめた"),
    "colleague": _("上司などの同僚が本人と対面し、その人から社内の連絡で確かめた"),
    "called_back": _("会社の名簿にある電話番号へこちらからかけ直し、生年月日と社員番号を聞いて確かめた"),
}
"""How somebody's identity was made sure of. A mail or a call from outside is none of them: that is how thieves ask."""


class NotIdentified(Refused):
    """It was not said how the person was identified, or why the factor is stopped."""

    code = "WF-S254"
    sentence = _("どのように本人を確かめたかと、止めるわけを、書いていません。")
    remedy = _("本人を確かめた方法を選び、だれが・いつ・何で確かめたかと、止めるわけを書いてください。記録に残ります。")
    status = 422


class OwnLostFactor(Refused):
    """One's own factors are stopped on one's own page, or by another administrator."""

    code = "WF-S255"
    sentence = _("自分の確認の方法は、この画面では止められません。")
    remedy = _("「サインインと安全」の画面で止めるか、ほかの管理者に依頼してください。")
    status = 403


def remove(
    *,
    organisation_id: UUID,
    member_id: UUID,
    factor: str,
    factor_id: UUID | None,
    way: str,
    identified: str,
    reason: str,
    by: Actor,
    at: datetime,
) -> None:
    """Stop a member's lost passkey or app, or all their recovery codes; their sessions end and they hear by mail.

    `way` is one of `WAYS`, `identified` the words to it, `reason` why; all three stand in the trail. Raises
    `NotPermitted`, `LevelTooLow`, `OwnLostFactor`, `NotIdentified`, and `NotFound` for what does not run.
    """
    require(by=by, permission=Permission.MEMBERS_MANAGE, organisation_id=organisation_id)
    if member_id == by.id:
        raise OwnLostFactor
    if way not in WAYS or not identified.strip() or not reason.strip():
        raise NotIdentified
    organisations.member(organisation_id=organisation_id, member_id=member_id)
    with transaction.atomic():
        name = _stop(member_id, factor, factor_id, at)
        audit.record(
            event=Events.FACTOR_REMOVED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=member_id,
            factor=factor,
            name=name,
            identified_by=way,
            identified=identified.strip()[:300],
            reason=reason.strip()[:300],
        )
        factors.tell(
            organisation_id=organisation_id,
            member_id=member_id,
            factor=factor,
            name=name,
            kind=kinds.FactorRevoked,
            by=by,
            at=at,
        )
        sessions.end_all_of_member(
            organisation_id=organisation_id, member_id=member_id, reason="lost_factor", by=by, at=at
        )


def _stop(member_id: UUID, factor: str, factor_id: UUID | None, at: datetime) -> str:
    """Stop it in one statement that must hit; the name that its owner gave it."""
    if factor == "recovery_code":
        unused = RecoveryCode.objects.filter(member_id=member_id, used_at=None, replaced_at=None)
        if not unused.update(replaced_at=at):
            raise NotFound
        return _("すべて")
    if factor_id is None:
        raise NotFound
    living: QuerySet[Passkey] | QuerySet[Authenticator]
    if factor == "passkey":
        living = Passkey.objects.filter(id=factor_id, member_id=member_id, revoked_at=None)
    elif factor == "authenticator":
        living = Authenticator.objects.filter(id=factor_id, member_id=member_id, revoked_at=None)
    else:
        raise NotFound
    row = living.first()
    if row is None or living.update(revoked_at=at) != 1:
        raise NotFound
    return row.name
