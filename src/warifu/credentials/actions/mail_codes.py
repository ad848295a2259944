"""メール確認コード: proves that somebody receives a mailbox, and nothing more (L-13 … L-15, 000-28 … 000-30).

A code belongs to one process (a sign-in, say), is new each time, ends all older ones of that process, lives ten
minutes and bears five tries. It is derived from its row's id with a key and stands in no table.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F

from warifu.audit import actions as audit
from warifu.audit.events import Credentials as Events
from warifu.credentials.actions import attempts
from warifu.credentials.models import MailCode
from warifu.credentials.rules.secrets import short_code
from warifu.foundation import japanese
from warifu.foundation.actor import SYSTEM
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _
from warifu.notices import actions as notices
from warifu.notices import kinds
from warifu.notices.links import LateLink, LinkDead
from warifu.organisations import queries as organisations
from warifu.organisations.queries import MemberView

LASTS = timedelta(minutes=10)
TRIES = 5


class NoMailbox(Refused):
    """A code is demanded, but there is no mail address to send it to."""

    code = "WF-S211"
    sentence = _("メール確認コードの送り先となるメールアドレスが、登録されていません。")
    remedy = _("会社の管理者に、メールアドレスの登録を依頼してください。")


def send(*, process: UUID, member: MemberView, at: datetime) -> None:
    """Make a code for a process and mail it; older ones of the process are dead. Inside the caller's transaction.

    Raises `NoMailbox`, and `TooManyAttempts` when too many were asked for.
    """
    if not member.mail:
        raise NoMailbox
    attempts.take(purpose="code.account", subject=str(member.id), at=at)
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
    digits = "".join(sign for sign in japanese.to_half_width(typed) if sign.isdigit())
    if not taken or not hmac.compare_digest(digits.encode(), _code(row).encode()):
        return False
    return MailCode.objects.filter(id=row.id, used_at=None).update(used_at=at) == 1


def last_sent_at(*, process: UUID) -> datetime | None:
    """When the newest code of a process was mailed; for the page that waits for it."""
    return MailCode.objects.filter(process=process).order_by("-id").values_list("sent_at", flat=True).first()


def code_of(*, reference: str) -> str:
    """The code of a row, made when its letter leaves. Raises `LinkDead` when it would no longer work."""
    row = MailCode.objects.filter(id=reference).first()
    if row is None or row.used_at or row.replaced_at:
        raise LinkDead(_("メール確認コードはもう使えないため、送りませんでした。"))
    return _code(row)


def tidy(*, at: datetime) -> int:
    """Forget codes that are over; for the daily round. Returns how many."""
    return MailCode.objects.filter(valid_until__lt=at - timedelta(days=1)).delete()[0]


def _code(row: MailCode) -> str:
    return short_code(key=settings.WARIFU.link_key_bytes, purpose="mail_code", reference=str(row.id))
