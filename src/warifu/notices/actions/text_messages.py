"""Verbs of text messages: post one, deliver what is due.

A message is written in the transaction of what it tells and carries no code: that is made when the message leaves, and
a code that is over is not sent. Each message belongs to one worker while its lease lasts.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from warifu.audit import actions as audit
from warifu.audit.events import Notices as Events
from warifu.foundation.actor import SYSTEM
from warifu.foundation.ids import new_id
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _
from warifu.notices import links, rules, texting
from warifu.notices.carriers import Outcome
from warifu.notices.links import LateLink, LinkDead
from warifu.notices.models import TextMessage
from warifu.notices.texting import Answer, Provider, Text
from warifu.organisations import queries as organisations

State = TextMessage.State


class TextingOff(Refused):
    """No provider of text messages is set up in this installation."""

    code = "WF-N301"
    sentence = _("この割符では、SMSを送る用意ができていません。")
    remedy = _(
        "運用者に、SMSの事業者の設定を依頼してください。パスワードは、ほかの管理者からも決め直しを始められます。"
    )
    status = 503


class PhoneUnusable(Refused):
    """The text is no mobile number of Japan (070, 080, 090)."""

    code = "WF-N302"
    sentence = _("この番号には、SMSを送れません。")
    remedy = _("070、080、090で始まる11桁の携帯電話番号を入れてください。")
    status = 422


def insist_available() -> None:
    """Raise `TextingOff` when no text message can leave this installation."""
    if texting.choose() is None:
        raise TextingOff


def post(
    *,
    organisation_id: UUID,
    member_id: UUID,
    to_phone: str,
    code: LateLink,
    give_up_at: datetime,
    at: datetime,
) -> UUID:
    """Write one text message inside the caller's transaction; the worker delivers it. Returns its id.

    `to_phone` is in the form of E.164, `code` names the code that is made when the message leaves. Raises
    `PhoneUnusable`, `TextingOff`, and RuntimeError outside a transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a text message is written in the transaction of what it tells")
    if rules.mobile_number(to_phone) != to_phone:
        raise PhoneUnusable
    insist_available()
    row = TextMessage.objects.create(
        organisation_id=organisation_id,
        member_id=member_id,
        to_phone=to_phone,
        code_kind=code.kind,
        code_reference=code.reference,
        next_at=at,
        give_up_at=give_up_at,
        created_at=at,
    )
    return row.id


def deliver_due(*, at: datetime, limit: int = 20) -> int:
    """Deliver at most `limit` text messages that are due; returns how many found their end.

    Any number of workers may do this at the same moment. A message whose worker died is tried again under its id,
    by which the provider knows it.
    """
    messages = _claim(at, limit)
    if not messages:
        return 0
    provider = texting.choose()
    return sum(_deliver(message, provider, at) for message in messages)


def _claim(at: datetime, limit: int) -> list[TextMessage]:
    claim = new_id()
    due = TextMessage.objects.filter(
        Q(state=State.WAITING, next_at__lte=at) | Q(state=State.SENDING, lease_until__lt=at)
    ).order_by("next_at")
    if not due.exists():
        return []
    with transaction.atomic():
        ids = list(due.select_for_update(skip_locked=True).values_list("id", flat=True)[:limit])
        TextMessage.objects.filter(id__in=ids).update(state=State.SENDING, claim=claim, lease_until=at + rules.LEASE)
    return list(TextMessage.objects.filter(id__in=ids, claim=claim).order_by("id"))


def _deliver(message: TextMessage, provider: Provider | None, at: datetime) -> bool:
    if at >= message.give_up_at:
        return _settle(message, Answer(outcome=Outcome.NOT_NOW, reason=message.reason), at)
    if provider is None:
        return _settle(message, Answer(outcome=Outcome.NOT_NOW, reason=TextingOff.sentence), at)
    try:
        code = links.resolve(LateLink(kind=message.code_kind, reference=message.code_reference))
    except LinkDead as dead:
        return _end(message, State.CANCELLED, dead.reason, at)
    organisation = organisations.organisation(organisation_id=message.organisation_id)
    words = rules.text_words(sender=organisation.name, code=code)
    return _settle(message, provider.take(Text(id=message.id, to_phone=message.to_phone, words=words, at=at)), at)


def _settle(message: TextMessage, answer: Answer, at: datetime) -> bool:
    """Write down what became of a try; returns whether the message found its end."""
    if answer.outcome is Outcome.ACCEPTED:
        return _end(message, State.ACCEPTED, "", at)
    if answer.outcome is Outcome.REFUSED:
        return _end(message, State.REFUSED, answer.reason, at)
    tries = message.attempts + 1
    following = at + max(rules.text_pause(attempts=tries), answer.wait)
    if following >= message.give_up_at:
        return _end(message, State.GIVEN_UP, answer.reason, at)
    _mine(message).update(
        state=State.WAITING,
        attempts=tries,
        next_at=following,
        reason=answer.reason[:300],
        claim=None,
        lease_until=None,
    )
    return False


_ENDS = {
    State.ACCEPTED: Events.SMS_ACCEPTED,
    State.REFUSED: Events.SMS_REFUSED,
    State.GIVEN_UP: Events.SMS_GIVEN_UP,
}


def _end(message: TextMessage, state: TextMessage.State, reason: str, at: datetime) -> bool:
    with transaction.atomic():
        changed = _mine(message).update(
            state=state, attempts=message.attempts + 1, reason=reason[:300], lease_until=None, settled_at=at
        )
        if changed and state in _ENDS:
            audit.record(
                event=_ENDS[state],
                by=SYSTEM,
                at=at,
                organisation_id=message.organisation_id,
                subject_id=message.member_id,
                kind=message.code_kind,
                reason=reason,
            )
    return changed == 1


def _mine(message: TextMessage) -> QuerySet[TextMessage]:
    return TextMessage.objects.filter(id=message.id, claim=message.claim, state=State.SENDING)
