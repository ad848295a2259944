"""メール確認コード: proves that somebody receives a mailbox, and nothing more (L-13 … L-15, 000-28 … 000-30).

A code belongs to one process (a sign-in, say), is new each time, ends all older ones of that process, lives ten
minutes and bears five tries. It is derived from its row's id with a key and stands in no table.
"""

from __future__ import annotations

import hmac
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F

from warifu.audit import actions as audit
from warifu.audit.events import Credentials as Events
from warifu.credentials.actions import attempts
from warifu.credentials.models import MailCode
from warifu.credentials.rules.codes import (
    CodeNotAccepted,
    MailCodeExpired,
    MailCodeReplaced,
    MailCodeSpent,
    MailCodeWrong,
    ResendTooSoon,
)
from warifu.credentials.rules.secrets import short_code
from warifu.foundation import japanese
from warifu.foundation.actor import SYSTEM
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _
from warifu.notices import actions as notices
from warifu.notices import kinds
from warifu.notices import queries as letters
from warifu.notices.links import LateLink, LinkDead
from warifu.organisations import queries as organisations
from warifu.organisations.queries import MemberView

LASTS = timedelta(minutes=10)
TRIES = 5
RESEND_AFTER = timedelta(seconds=30)
"""How long a code may be on its way before another may be asked for."""
SLOW_AFTER = timedelta(minutes=1)
"""From when on the page says what to do about a mail that does not come."""


_EARLIER = 10
"""How many earlier codes of a process are recognised as such."""


class NoMailbox(Refused):
    """A code is demanded, but there is no mail address to send it to."""

    code = "WF-S211"
    sentence = _("メール確認コードの送り先となるメールアドレスが、登録されていません。")
    remedy = _("会社の管理者に、メールアドレスの登録を依頼してください。")


@dataclass(frozen=True, kw_only=True)
class Awaited:
    """The newest code of a process, for the page that waits for it: seconds that it lives, until another may be asked
    for, and whether the mail is slow or has not even left the house."""

    sent_at: datetime
    valid_until: datetime
    seconds_left: int
    resend_in: int
    is_spent: bool
    is_slow: bool
    is_unsent: bool


def send(*, process: UUID, member: MemberView, at: datetime, queue: str = "") -> None:
    """Make a code for a process and mail it; older ones of the process are dead. Inside the caller's transaction.

    `queue` is the name under which the codes of a known device are counted apart (L-11). Raises `NoMailbox`,
    `ResendTooSoon`, and `TooManyAttempts` when too many were asked for.
    """
    if not member.mail:
        raise NoMailbox
    newest = _newest(process)
    if newest is not None and not newest.used_at and at < newest.sent_at + RESEND_AFTER:
        raise ResendTooSoon(seconds=_seconds(newest.sent_at + RESEND_AFTER - at))
    attempts.take(purpose="code.account", subject=queue or str(member.id), at=at)
    with transaction.atomic():
        MailCode.objects.filter(process=process, used_at=None, replaced_at=None).update(replaced_at=at)
        row = MailCode.objects.create(member_id=member.id, process=process, sent_at=at, valid_until=at + LASTS)
        organisation = organisations.organisation(organisation_id=member.organisation_id)
        notices.post(
            letter=kinds.MailCode(
                organisation_name=organisation.name,
                name=member.full_name,
                code=LateLink(kind="mail_code", reference=str(row.id)),
                valid_until=row.valid_until,
            ),
            organisation_id=member.organisation_id,
            member_id=member.id,
            to_mail=member.mail,
            to_name=member.full_name,
            key=f"mail_code:{row.id}",
            by=SYSTEM,
            at=at,
        )
        audit.record(
            event=Events.CODE_SENT,
            by=SYSTEM,
            at=at,
            organisation_id=member.organisation_id,
            subject_id=member.id,
        )


def fits(*, process: UUID, typed: str, at: datetime) -> bool:
    """Whether a typed code is the newest one of a process; a right one is used up, a wrong one costs a try."""
    row = (
        MailCode.objects.filter(process=process, used_at=None, replaced_at=None, valid_until__gt=at, tries__lt=TRIES)
        .order_by("-id")
        .first()
    )
    if row is None:
        return False
    taken = MailCode.objects.filter(id=row.id, used_at=None, tries__lt=TRIES).update(tries=F("tries") + 1)
    if not taken or not _is_code(typed, row):
        return False
    return MailCode.objects.filter(id=row.id, used_at=None).update(used_at=at) == 1


def why_not(*, process: UUID, typed: str, at: datetime) -> CodeNotAccepted:
    """Why a code that somebody typed was not taken: each cause has a sentence of its own (L-15)."""
    newest = _newest(process)
    if newest is None:
        return CodeNotAccepted()
    earlier = MailCode.objects.filter(process=process).exclude(id=newest.id)
    if any(_is_code(typed, row) for row in earlier.order_by("-id")[:_EARLIER]):
        return MailCodeReplaced()
    if at >= newest.valid_until:
        return MailCodeExpired()
    left = TRIES - newest.tries
    return MailCodeWrong(left=left) if left > 0 else MailCodeSpent()


def awaited(*, process: UUID, queue: str, at: datetime) -> Awaited | None:
    """The code that a process waits for; None when none was mailed. Three queries."""
    row = _newest(process)
    if row is None:
        return None
    free_at = attempts.free_at(purpose="code.account", subject=queue)
    resend_at = max(row.sent_at + RESEND_AFTER, free_at or row.sent_at)
    is_slow = at >= row.sent_at + SLOW_AFTER
    state = letters.state_of(organisation_id=row.member.organisation_id, key=f"mail_code:{row.id}")
    return Awaited(
        sent_at=row.sent_at,
        valid_until=row.valid_until,
        seconds_left=_seconds(row.valid_until - at),
        resend_in=_seconds(resend_at - at),
        is_spent=row.tries >= TRIES,
        is_slow=is_slow,
        is_unsent=is_slow and state in letters.ON_THE_WAY,
    )


def code_of(*, reference: str) -> str:
    """The code of a row, made when its letter leaves. Raises `LinkDead` when it would no longer work."""
    row = MailCode.objects.filter(id=reference).first()
    if row is None or row.used_at or row.replaced_at:
        raise LinkDead(_("メール確認コードはもう使えないため、送りませんでした。"))
    return _code(row)


def tidy(*, at: datetime) -> int:
    """Forget codes that are over; for the daily round. Returns how many."""
    return MailCode.objects.filter(valid_until__lt=at - timedelta(days=1)).delete()[0]


def _newest(process: UUID) -> MailCode | None:
    return MailCode.objects.filter(process=process).select_related("member").order_by("-id").first()


def _is_code(typed: str, row: MailCode) -> bool:
    digits = "".join(sign for sign in japanese.to_half_width(typed) if sign.isdigit())
    return hmac.compare_digest(digits.encode(), _code(row).encode())


def _seconds(span: timedelta) -> int:
    return max(0, math.ceil(span.total_seconds()))


def _code(row: MailCode) -> str:
    return short_code(key=settings.WARIFU.link_key_bytes, purpose="mail_code", reference=str(row.id))
