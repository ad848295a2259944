"""パスワード再設定用携帯電話番号: the head's own number, validated by a code before it counts (003-5, L-16)."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F

from warifu.audit import actions as audit
from warifu.audit.events import Credentials as Events
from warifu.credentials.actions import attempts, factors
from warifu.credentials.models import ResetPhone
from warifu.credentials.rules.secrets import short_code
from warifu.foundation import japanese
from warifu.foundation.actor import Actor, Role
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _
from warifu.notices import rules as notice_rules
from warifu.notices.actions import text_messages
from warifu.notices.links import LateLink, LinkDead
from warifu.organisations.rules import NotPermitted, Permission, require, require_level_two

LASTS = timedelta(minutes=10)
TRIES = 5


class OnlyForHeads(NotPermitted):
    """Only the head of an office resets the password by phone and mail (003-5)."""

    code = "WF-S770"
    sentence = _("再設定用の携帯電話番号を登録できるのは、事務所の所長だけです。")
    remedy = _("パスワードを忘れたときは、サインインの画面の「パスワードを忘れた」から決め直せます。")


class PhoneCodeWrong(Refused):
    """The code is not the one of the newest text message, or its time or tries are over."""

    code = "WF-S771"
    sentence = _("確認コードが合いません。")
    remedy = _("SMSの6桁の数字を見直してください。10分が過ぎたか、5回続けて違ったときは、新しいコードを受け取ります。")
    status = 422


def register(*, organisation_id: UUID, phone: str, by: Actor, at: datetime) -> None:
    """Begin to register a number of one's own: a code goes there by text message, and the number waits for it.

    A number that counts already goes on counting until then. Raises `OnlyForHeads`, `LevelTooLow`, `PhoneUnusable`,
    `TextingOff`, `TooManyAttempts`.
    """
    head_id = _insist_head(organisation_id, by)
    number = notice_rules.mobile_number(phone)
    if number is None:
        raise text_messages.PhoneUnusable
    text_messages.insist_available()
    attempts.take(purpose="text.account", subject=str(head_id), at=at)
    values = {"new_phone": number, "code_until": at + LASTS, "tries": 0}
    with transaction.atomic():
        ResetPhone.objects.update_or_create(member_id=head_id, defaults=values)
        text_messages.post(
            organisation_id=organisation_id,
            member_id=head_id,
            to_phone=number,
            code=LateLink(kind="reset_phone", reference=str(head_id)),
            give_up_at=at + LASTS,
            at=at,
        )


def confirm(*, organisation_id: UUID, typed: str, by: Actor, at: datetime) -> None:
    """Make the waiting number count, by the code that was sent to it; its owner is told by mail (L-12).

    Raises `OnlyForHeads`, `LevelTooLow`, and `PhoneCodeWrong` after which a try is used up.
    """
    head_id = _insist_head(organisation_id, by)
    waiting = ResetPhone.objects.filter(member_id=head_id, code_until__gt=at, tries__lt=TRIES)
    row = waiting.first()
    if row is None or not waiting.filter(code_until=row.code_until).update(tries=F("tries") + 1):
        raise PhoneCodeWrong
    digits = "".join(sign for sign in japanese.to_half_width(typed) if sign.isdigit())
    if not hmac.compare_digest(digits.encode(), _code(row).encode()):
        raise PhoneCodeWrong
    hidden = notice_rules.hidden_phone(row.new_phone)
    with transaction.atomic():
        same = ResetPhone.objects.filter(member_id=head_id, new_phone=row.new_phone, code_until=row.code_until)
        if same.update(phone=row.new_phone, confirmed_at=at, new_phone="", code_until=None, tries=0) != 1:
            raise PhoneCodeWrong
        audit.record(
            event=Events.PHONE_CONFIRMED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=head_id,
            phone=hidden,
            before=notice_rules.hidden_phone(row.phone),
        )
        factors.note_added(organisation_id=organisation_id, factor="phone", name=hidden, by=by, at=at)


def remove(*, organisation_id: UUID, by: Actor, at: datetime) -> None:
    """Forget one's own number, the waiting one too; its owner is told by mail. Raises `OnlyForHeads`, `LevelTooLow`."""
    head_id = _insist_head(organisation_id, by)
    with transaction.atomic():
        row = ResetPhone.objects.select_for_update().filter(member_id=head_id).first()
        if row is None:
            return
        hidden = notice_rules.hidden_phone(row.phone or row.new_phone)
        row.delete()
        audit.record(
            event=Events.PHONE_REMOVED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=head_id,
            phone=hidden,
        )
        factors.note_revoked(
            organisation_id=organisation_id, member_id=head_id, factor="phone", name=hidden, by=by, at=at
        )


def number_of(*, member_id: UUID) -> str:
    """The number that counts, in the form of E.164; empty without one."""
    found = ResetPhone.objects.filter(member_id=member_id).exclude(confirmed_at=None)
    return found.values_list("phone", flat=True).first() or ""


def code_of(*, reference: str) -> str:
    """The newest code of a member's waiting number, made when its message leaves. Raises `LinkDead`."""
    row = ResetPhone.objects.filter(member_id=reference).first()
    if row is None or row.code_until is None:
        raise LinkDead(_("確認コードはもう使えないため、送りませんでした。"))
    return _code(row)


def _insist_head(organisation_id: UUID, by: Actor) -> UUID:
    """The head's own id."""
    require(by=by, permission=Permission.OWN_RECORD, organisation_id=organisation_id)
    if Role.HEAD not in by.roles or by.id is None:
        raise OnlyForHeads
    require_level_two(by=by)
    return by.id


def _code(row: ResetPhone) -> str:
    until = row.code_until.isoformat() if row.code_until else ""
    reference = f"{row.member_id}|{row.new_phone}|{until}"
    return short_code(key=settings.WARIFU.link_key_bytes, purpose="reset_phone", reference=reference)
