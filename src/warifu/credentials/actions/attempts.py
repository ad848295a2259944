"""The one limiter of the house: counts failures and makes the next try wait (L-11)."""

from __future__ import annotations

import hashlib
import hmac
import math
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from warifu.credentials.models import Attempt
from warifu.credentials.rules.limits import LIMITS
from warifu.foundation import japanese
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _


class TooManyAttempts(Refused):
    """Too many failures in a row; the next try has to wait."""

    code = "WF-S201"
    sentence = _("続けてうまくいかなかったため、しばらくお待ちいただいています。")
    remedy = _(
        "{minutes}分ほど待って、もう一度お試しください。お急ぎのときは「パスワードを忘れた」から新しいリンクを受け取れます。"
    )
    status = 429


def check(*, purpose: str, subject: str, at: datetime) -> None:
    """Raise `TooManyAttempts` while a subject has to wait for a purpose of `LIMITS`. Changes nothing."""
    row = Attempt.objects.filter(purpose=purpose, subject=_hidden(purpose, subject)).first()
    _insist_free(row, at)


def fail(*, purpose: str, subject: str, at: datetime) -> timedelta:
    """Count one failure; returns how long the next try has to wait (zero for the first few)."""
    with transaction.atomic():
        return _count(_locked(purpose, subject, at), at)


def take(*, purpose: str, subject: str, at: datetime) -> timedelta:
    """Check and count in one stroke, before the secret is looked at; `clear` when it was right.

    So a hundred tries at the same moment are a hundred failures and not one. Raises `TooManyAttempts`.
    """
    with transaction.atomic():
        row = _locked(purpose, subject, at)
        _insist_free(row, at)
        return _count(row, at)


def failures(*, purpose: str, subject: str) -> int:
    """How many failures in a row are counted for a subject."""
    rows = Attempt.objects.filter(purpose=purpose, subject=_hidden(purpose, subject))
    return rows.values_list("failures", flat=True).first() or 0


def free_at(*, purpose: str, subject: str) -> datetime | None:
    """From when on a subject may try again; None when it was never made to wait."""
    rows = Attempt.objects.filter(purpose=purpose, subject=_hidden(purpose, subject))
    return rows.values_list("blocked_until", flat=True).first()


def clear(*, purpose: str, subject: str) -> None:
    """Forget a subject's failures, after a success."""
    Attempt.objects.filter(purpose=purpose, subject=_hidden(purpose, subject)).delete()


def tidy(*, at: datetime) -> int:
    """Forget what no limit looks at any more; for the daily round. Returns how many rows went."""
    gone = 0
    for purpose, limit in LIMITS.items():
        gone += Attempt.objects.filter(purpose=purpose, window_from__lt=at - limit.window - limit.cap).delete()[0]
    return gone


def _locked(purpose: str, subject: str, at: datetime) -> Attempt:
    limit, key = LIMITS[purpose], _hidden(purpose, subject)
    row = None
    while row is None:  # a success at the same moment may clear the row before it is locked
        Attempt.objects.get_or_create(purpose=purpose, subject=key, defaults={"window_from": at})
        row = Attempt.objects.select_for_update().filter(purpose=purpose, subject=key).first()
    if at - row.window_from > limit.window and not (row.blocked_until and row.blocked_until > at):
        row.failures, row.window_from = 0, at
    return row


def _count(row: Attempt, at: datetime) -> timedelta:
    row.failures += 1
    wait = LIMITS[row.purpose].wait(row.failures)
    row.blocked_until = at + wait if wait else None
    row.save()
    return wait


def _insist_free(row: Attempt | None, at: datetime) -> None:
    if row is not None and row.blocked_until is not None and row.blocked_until > at:
        raise TooManyAttempts(minutes=math.ceil((row.blocked_until - at) / timedelta(minutes=1)))


def _hidden(purpose: str, subject: str) -> str:
    """Subjects are addresses, mails and codes: the table keeps only a keyed hash of their normal form."""
    text = f"{purpose}\n{japanese.to_half_width(subject).casefold()}"
    return hmac.new(settings.WARIFU.link_key_bytes, text.encode(), hashlib.sha256).hexdigest()
