"""お問合せ番号: an administrator types it and sees why nothing was sent, and what to do (003-4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Credentials as Events
from warifu.credentials.actions import attempts, self_resets
from warifu.credentials.models import SelfReset
from warifu.credentials.rules import secrets as signs
from warifu.credentials.rules.resets import may_start
from warifu.foundation.actor import Actor, ActorKind
from warifu.foundation.refusals import NotFound
from warifu.foundation.refusals import translatable as _
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission, require

_CAUSES: dict[str, tuple[str, str]] = {
    self_resets.NOT_HEAD: (
        _("①所長のIDではありません。"),
        _("自分で再設定できるのは所長だけです。権限のある別の職員が、自分の画面からこの人の再設定を始めてください。"),
    ),
    self_resets.NO_PHONE: (
        _("②再設定用の携帯電話番号が登録されていません。"),
        _(
            "ほかの管理者が、この人の再設定を始めてください。サインインできたら、「サインインと安全」で番号を登録します。"
        ),
    ),
    self_resets.UNKNOWN: (
        _("③利用者IDまたはメールアドレスが違っています。"),
        _("利用者IDとメールアドレスを確かめて本人に伝え、もう一度お試しいただいてください。"),
    ),
    self_resets.NO_MAIL: (
        _("メールアドレスが登録されていません。"),
        _("利用者の画面でメールアドレスを登録してから、もう一度お試しいただいてください。"),
    ),
    self_resets.TOO_MANY: (
        _("短いあいだに何度も求められたため、送りませんでした。"),
        _("15分ほど待って、もう一度お試しいただいてください。急ぐときは、ほかの管理者が再設定を始められます。"),
    ),
    self_resets.TEXTING_OFF: (
        _("この割符では、SMSを送る用意ができていません。"),
        _("運用者に伝えてください。ほかの管理者から、再設定を始められます。"),
    ),
}
_SENT = (
    _("SMSとメールを送りました。"),
    _("届いていないときは、電話番号とメールアドレスが変わっていないか、迷惑メールに入っていないかを確かめてください。"),
)
_WAITING = (_("いま調べています。"), _("数秒待ってから、もう一度調べてください。"))


class SupportCodeUnknown(NotFound):
    """No asking of this organisation has the code."""

    code = "WF-S780"
    sentence = _("このお問合せ番号は見つかりません。")
    remedy = _(
        "6つの文字を確かめ、始めたばかりのときは数秒待ってください。30日を過ぎたもの、組織コードが違うもの、ほかの組織のものは出ません。"
    )


@dataclass(frozen=True, kw_only=True)
class SupportView:
    """An asking as an administrator sees it: whose, since when, why nothing was sent, what to do."""

    reset_id: UUID
    support_code: str
    organisation_id: UUID | None
    member_id: UUID | None
    name: str
    asked_at: datetime
    cause: str
    sentence: str
    remedy: str
    phone_is_proven: bool
    mail_is_proven: bool
    third_is_proven: bool
    is_used: bool
    may_approve: bool


def read(*, organisation_id: UUID, typed: str, by: Actor, at: datetime) -> SupportView:
    """Why the asking with a support code went as it did; only for the administrators of the same organisation.

    Raises `NotPermitted`, `LevelTooLow`, `TooManyAttempts`, `SupportCodeUnknown`.
    """
    require(by=by, permission=Permission.RESETS_START, organisation_id=organisation_id)
    attempts.take(purpose="support.account", subject=str(by.id), at=at)
    rows = SelfReset.objects.filter(organisation_id=organisation_id, support_code=signs.bare(typed))
    row = rows.order_by("-id").first()
    if row is None:
        raise SupportCodeUnknown
    attempts.clear(purpose="support.account", subject=str(by.id))
    with transaction.atomic():
        audit.record(
            event=Events.SUPPORT_CODE_READ,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=row.member_id,
            cause=row.cause,
        )
    return _view(row, by, at)


def read_any(*, typed: str, by: Actor, at: datetime) -> SupportView:
    """The same for the operator at the terminal, also of organisation codes that do not exist.

    Raises `SupportCodeUnknown`.
    """
    row = SelfReset.objects.filter(support_code=signs.bare(typed)).order_by("-id").first()
    if row is None or by.kind is not ActorKind.OPERATOR:
        raise SupportCodeUnknown
    return _view(row, by, at)


def _view(row: SelfReset, by: Actor, at: datetime) -> SupportView:
    if row.handled_at is None and not row.typed.get("again"):
        sentence, remedy = _WAITING
    else:
        sentence, remedy = _CAUSES.get(row.cause, _SENT)
    member = None
    if row.organisation_id and row.member_id:
        member = organisations.member(organisation_id=row.organisation_id, member_id=row.member_id)
    is_open = row.used_at is None and row.ended_at is None and at < row.valid_until
    is_ready = row.phone_confirmed_at is not None and row.mail_confirmed_at is not None
    return SupportView(
        reset_id=row.id,
        support_code=signs.grouped(row.support_code),
        organisation_id=row.organisation_id,
        member_id=row.member_id,
        name=member.full_name if member else "",
        asked_at=row.asked_at,
        cause=row.cause,
        sentence=sentence,
        remedy=remedy,
        phone_is_proven=row.phone_confirmed_at is not None,
        mail_is_proven=row.mail_confirmed_at is not None,
        third_is_proven=row.third_confirmed_at is not None,
        is_used=row.used_at is not None,
        may_approve=member is not None
        and is_open
        and is_ready
        and row.third_confirmed_at is None
        and by.id != member.id
        and may_start(starter=by.roles, target=member.roles, is_self=False),
    )
