"""Who must show what to get where: an administrator decides it for each role (L-14, L-19, 000-28, B5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from warifu.credentials.actions import factors
from warifu.credentials.models import Session
from warifu.credentials.rules import policy as rules
from warifu.credentials.rules.policy import Demands
from warifu.foundation.actor import Actor, Role
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations import actions as organisation_actions
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission, require


class LowersDefault(Refused):
    """Some role would have to show less than the house advises, and nobody has said that this is meant."""

    code = "WF-S261"
    sentence = _("標準より弱い決め方になる役割があります。まだ何も変えていません。")
    remedy = _("弱くなるところを読み、それでよければ、承知したことを選んで、もう一度保存してください。")
    status = 422


class LocksOutEditor(Refused):
    """Whoever decides would be locked out at once: no certificate was shown in this very session."""

    code = "WF-S262"
    sentence = _("このまま保存すると、あなた自身が担当者の画面に入れなくなります。まだ何も変えていません。")
    remedy = _(
        "あなたの役割に電子証明書を求めるには、先に自分の電子証明書を取得し、それを示してサインインし直してから決めてください。"
    )


class CodeHasNoMailbox(Refused):
    """Whoever decides would be asked for a mailed code, and has no mail address nor anything stronger."""

    code = "WF-S263"
    sentence = _("このまま保存すると、あなたは次のサインインができません。まだ何も変えていません。")
    remedy = _("メール確認コードを受け取るメールアドレスか、パスキー・認証アプリを、先に登録してください。")


def decide(
    *,
    organisation_id: UUID,
    session_id: UUID,
    chosen: Mapping[Role, Demands],
    accepts_lower: bool,
    by: Actor,
    at: datetime,
) -> None:
    """Set what each role must show; it holds from the next click on for everybody.

    Only what differs from the defaults is kept. Raises `NotPermitted`, `LevelTooLow`, `LowersDefault` unless
    `accepts_lower`, and `LocksOutEditor` or `CodeHasNoMailbox` when the one who decides could not work any more.
    """
    require(by=by, permission=Permission.SECURITY_MANAGE, organisation_id=organisation_id)
    kept = rules.as_kept(chosen)
    if rules.lowered(chosen) and not accepts_lower:
        raise LowersDefault
    _insist_editor_stays(organisation_id, session_id, kept, by)
    organisation_actions.set_sign_in_policy(organisation_id=organisation_id, policy=kept, by=by, at=at)


def _insist_editor_stays(organisation_id: UUID, session_id: UUID, kept: dict[str, dict[str, bool]], by: Actor) -> None:
    if by.id is None:
        return
    if rules.of_desk(policy=kept, roles=by.roles).certificate:
        session = Session.objects.filter(id=session_id, member_id=by.id, ended_at=None)
        if not session.exclude(certificate_id=None).exists():
            raise LocksOutEditor
    if rules.of_roles(policy=kept, roles=by.roles).mail_code:
        member = organisations.member(organisation_id=organisation_id, member_id=by.id)
        if not member.mail and not factors.enrolled(member_id=by.id):
            raise CodeHasNoMailbox
