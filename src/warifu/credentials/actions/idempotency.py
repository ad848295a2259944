"""Writes of the API that a program may send twice: the second one gets the first one's answer.

A key belongs to one token. It is claimed before the write and given its answer after it; a process killed in between
leaves a claim without an answer, which holds for `RUNNING` and may then be claimed anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from warifu.credentials.models import IdempotencyKey
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _

KEPT = timedelta(days=1)
"""How long an answer is given again."""
RUNNING = timedelta(minutes=10)
"""How long a claim without an answer keeps others out."""


class KeyReused(Refused):
    """The key was used for another request."""

    code = "WF-S504"
    sentence = _("この Idempotency-Key は、内容の違う要求にすでに使われています。")
    remedy = _("新しい要求には、新しいキーを付けて送ってください。")
    status = 409


class StillRunning(Refused):
    """The first request with this key has no answer yet."""

    code = "WF-S505"
    sentence = _("同じ Idempotency-Key の要求を、いま処理しています。")
    remedy = _("少し待ってから、同じキーでもう一度送ってください。")
    status = 409


@dataclass(frozen=True, kw_only=True)
class Given:
    """The answer that was given to a key."""

    status: int
    answer: str


def claim(*, token_id: UUID, key: str, request_hash: str, at: datetime) -> Given | None:
    """The answer already given to a key, or None when the caller now holds it and is to do the work.

    Raises `KeyReused`, `StillRunning`.
    """
    with transaction.atomic():
        row, is_new = IdempotencyKey.objects.select_for_update().get_or_create(
            token_id=token_id, key=key, defaults={"request_hash": request_hash, "created_at": at}
        )
        if is_new:
            return None
        age = at - row.created_at
        if age < KEPT and row.request_hash != request_hash:
            raise KeyReused
        if age < KEPT and row.status is not None:
            return Given(status=row.status, answer=row.answer)
        if age < RUNNING:
            raise StillRunning
        IdempotencyKey.objects.filter(id=row.id).update(
            request_hash=request_hash, status=None, answer="", created_at=at
        )
    return None


def keep(*, token_id: UUID, key: str, status: int, answer: str) -> None:
    """Write down the answer that was given to a claimed key."""
    IdempotencyKey.objects.filter(token_id=token_id, key=key, status=None).update(status=status, answer=answer)


def release(*, token_id: UUID, key: str) -> None:
    """Give a claimed key back, when the work was not done."""
    IdempotencyKey.objects.filter(token_id=token_id, key=key, status=None).delete()


def tidy(*, at: datetime) -> int:
    """Forget the keys whose answers are given no more; for the daily round. Returns how many went."""
    return IdempotencyKey.objects.filter(created_at__lte=at - KEPT).delete()[0]
