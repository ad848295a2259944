"""Verbs of delivery: take what is due, hand it to a carrier, and write down truthfully what became of it.

Nothing is sent twice by itself: a batch is claimed before anybody speaks to a server, and `handed_at` is committed
just before a letter's text goes out. A worker that dies earlier leaves a letter that is surely unsent: it waits again.
One that dies later leaves a letter of which nobody knows: it becomes UNCERTAIN, is shown as such, and a person decides.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q

from warifu.audit import actions as audit
from warifu.audit.events import Event
from warifu.audit.events import Notices as Events
from warifu.foundation.actor import SYSTEM
from warifu.foundation.ids import new_id
from warifu.foundation.refusals import translatable as _
from warifu.notices import kinds, links, rules, wording
from warifu.notices.carriers import Mail, Outcome, Result, Unreachable, choose
from warifu.notices.models import Letter, LetterText

log = structlog.get_logger("warifu.notices")

_STOPPED = _("送っている途中でサーバーが止まり、届いたか確かめられません。二重に送らないよう、自動では送り直しません。")
_GIVEN_UP = _("3日のあいだ送れなかったため、あきらめました。")
_UNWRITABLE = _("文面を組み立てられませんでした。もう一度試します。")

Texts = dict[tuple[UUID, str, str], wording.Wording]


def deliver_due(*, at: datetime, limit: int = 50) -> int:
    """Deliver at most `limit` letters that are due; returns how many found their end (0 when none could leave).

    Any number of workers may do this at the same moment: each letter is claimed by one.
    """
    _recover(at)
    letters = _claim(at, limit)
    if not letters:
        return 0
    texts = _edited(letters)
    settled = 0
    with choose() as carrier:
        for number, letter in enumerate(letters):
            try:
                mail = _written(letter, texts, at)
                result = carrier.carry(mail, hand_over=_hand_over(letter, at)) if isinstance(mail, Mail) else mail
            except Unreachable as unreachable:
                for left in letters[number:]:
                    _settle(left, Result(outcome=Outcome.NOT_NOW, reason=unreachable.reason), at)
                break
            if result is None:
                settled += _cancel(letter, at)
            elif result.outcome is not Outcome.TAKEN_OVER:
                settled += _settle(letter, result, at)
    return settled


def record_bounce(*, message_id: str, reason: str, at: datetime) -> bool:
    """Note that a letter came back by mail after its server had accepted it; returns whether that was news."""
    letter = Letter.objects.filter(message_id=message_id).first()
    if letter is None:
        return False
    with transaction.atomic():
        sent = Letter.objects.filter(id=letter.id, state__in=[Letter.State.ACCEPTED, Letter.State.UNCERTAIN])
        if not sent.update(state=Letter.State.BOUNCED, reason=reason[:300], settled_at=at):
            return False
        _record(Events.LETTER_BOUNCED, letter, reason, at)
    return True


def _recover(at: datetime) -> None:
    """Free the letters of workers that died: unsent ones wait again, handed-over ones are uncertain."""
    dead = Letter.objects.filter(state=Letter.State.SENDING, lease_until__lt=at)
    if not dead.exists():
        return
    dead.filter(handed_at=None).update(state=Letter.State.WAITING, claim=None, lease_until=None, next_at=at)
    for letter in dead.exclude(handed_at=None):
        _settle(letter, Result(outcome=Outcome.UNCERTAIN, reason=_STOPPED), at)


def _claim(at: datetime, limit: int) -> list[Letter]:
    claim = new_id()
    due = Letter.objects.filter(state=Letter.State.WAITING, next_at__lte=at).order_by("next_at")
    if not due.exists():
        return []
    with transaction.atomic():
        ids = list(due.select_for_update(skip_locked=True).values_list("id", flat=True)[:limit])
        Letter.objects.filter(id__in=ids, state=Letter.State.WAITING).update(
            state=Letter.State.SENDING, claim=claim, lease_until=at + rules.LEASE, handed_at=None
        )
    return list(Letter.objects.filter(id__in=ids, claim=claim).order_by("id"))


def _edited(letters: list[Letter]) -> Texts:
    rows = LetterText.objects.filter(
        organisation_id__in={letter.organisation_id for letter in letters}, kind__in={letter.kind for letter in letters}
    )
    return {
        (row.organisation_id, row.kind, row.language): wording.Wording(subject=row.subject, body=row.body)
        for row in rows
    }


def _written(letter: Letter, texts: Texts, at: datetime) -> Mail | Result | None:
    """The letter as a mail; None when its link is dead; a temporary result when it cannot be written."""
    try:
        content = kinds.from_values(letter.kind, letter.values)
        written = wording.write(
            content,
            language=letter.language,
            edited=texts.get((letter.organisation_id, letter.kind, letter.language)),
            is_test=letter.key.startswith("test:"),
        )
    except links.LinkDead as dead:
        letter.reason = dead.reason
        return None
    except Exception:
        log.exception("letter_unwritable", letter=str(letter.id), kind=letter.kind)
        return Result(outcome=Outcome.NOT_NOW, reason=_UNWRITABLE)
    return Mail(
        letter_id=letter.id,
        message_id=letter.message_id,
        from_name=content.organisation_name,
        to_mail=letter.to_mail,
        to_name=letter.to_name,
        language=letter.language,
        written=written,
        at=at,
    )


def _hand_over(letter: Letter, at: datetime) -> Callable[[], bool]:
    def hand_over() -> bool:
        mine = Letter.objects.filter(id=letter.id, claim=letter.claim, state=Letter.State.SENDING)
        return mine.update(handed_at=at) == 1

    return hand_over


def _cancel(letter: Letter, at: datetime) -> bool:
    mine = Letter.objects.filter(id=letter.id, claim=letter.claim, state=Letter.State.SENDING)
    return mine.update(state=Letter.State.CANCELLED, reason=letter.reason[:300], settled_at=at) == 1


_ENDS = {
    Outcome.ACCEPTED: (Letter.State.ACCEPTED, Events.LETTER_ACCEPTED),
    Outcome.REFUSED: (Letter.State.BOUNCED, Events.LETTER_BOUNCED),
    Outcome.UNCERTAIN: (Letter.State.UNCERTAIN, Events.LETTER_UNCERTAIN),
}


def _settle(letter: Letter, result: Result, at: datetime) -> bool:
    """Write down what became of an attempt; returns whether the letter found its end.

    A worker that was thought dead may still say what it saw: its claim stands on the letter.
    """
    mine = Letter.objects.filter(id=letter.id, claim=letter.claim).filter(
        Q(state=Letter.State.SENDING) | Q(state=Letter.State.UNCERTAIN)
    )
    attempts = letter.attempts + 1
    if result.outcome is Outcome.NOT_NOW:
        following = rules.next_attempt(attempts=attempts, at=at, give_up_at=letter.give_up_at)
        if following is not None:
            mine.update(
                state=Letter.State.WAITING,
                attempts=attempts,
                next_at=following,
                reason=result.reason[:300],
                claim=None,
                lease_until=None,
                handed_at=None,
            )
            return False
        state, event = Letter.State.GIVEN_UP, Events.LETTER_GIVEN_UP
        reason = f"{_GIVEN_UP}{result.reason}"
    else:
        state, event = _ENDS[result.outcome]
        reason = result.reason
    with transaction.atomic():
        if mine.update(state=state, attempts=attempts, reason=reason[:300], lease_until=None, settled_at=at) != 1:
            return False
        _record(event, letter, reason, at)
    return True


def _record(event: Event, letter: Letter, reason: str, at: datetime) -> None:
    audit.record(
        event=event,
        by=SYSTEM,
        at=at,
        organisation_id=letter.organisation_id,
        subject_id=letter.member_id,
        kind=letter.kind,
        reason=reason,
    )
