"""What readers tell us without saying who they are: what helped, and what they did not find.

These are counts without an actor; the trail keeps only what editors do with them.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F

from warifu.audit import actions as audit
from warifu.audit.events import Help as Events
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import NotFound
from warifu.help.models import IndexEntry, UnansweredQuestion, Verdict
from warifu.help.queries.editing import insist_operator
from warifu.help.rules import searching
from warifu.organisations import queries as organisations

KEPT = timedelta(days=365)
MOST = 2_000
"""Different questions kept at once; a flood of nonsense ends here."""


def judge(*, key: str, is_helpful: bool) -> None:
    """Count one reader's verdict on a document. Raises `NotFound` for a document that is not there."""
    if not IndexEntry.objects.filter(key=key).exists():
        raise NotFound
    field = "helpful" if is_helpful else "unhelpful"
    with transaction.atomic():
        row, _is_new = Verdict.objects.get_or_create(key=key)
        Verdict.objects.filter(id=row.id).update(**{field: F(field) + 1})


def note_unanswered(*, query: str, organisation_id: UUID | None, on: date) -> bool:
    """Keep the words of a question that found nothing, unless they may hold personal data; whether they were kept.

    Digits, addresses and long sentences are never kept (`rules.searching.worth_keeping`), nor is a question that is
    part of the name of somebody in the reader's own organisation.
    """
    words = searching.worth_keeping(query)
    if not words:
        return False
    if organisation_id and organisations.find_members(organisation_id=organisation_id, text=words, limit=1):
        return False
    normal = searching.normal(words)[:120]
    with transaction.atomic():
        if UnansweredQuestion.objects.filter(normal=normal).update(count=F("count") + 1, last_on=on, is_settled=False):
            return True
        if UnansweredQuestion.objects.count() >= MOST:
            return False
        UnansweredQuestion.objects.create(normal=normal, words=words, first_on=on, last_on=on)
    return True


def settle(*, question_id: UUID, by: Actor, at: datetime) -> None:
    """Take a question off the authors' list; it comes back when asked again. Raises `NotPermitted`, `NotFound`."""
    operator_id = insist_operator(by=by)
    with transaction.atomic():
        if not UnansweredQuestion.objects.filter(id=question_id).update(is_settled=True):
            raise NotFound
        audit.record(event=Events.QUESTION_SETTLED, by=by, at=at, organisation_id=operator_id, subject_id=question_id)


def tidy(*, at: datetime) -> int:
    """Forget questions that nobody has asked for a year; how many."""
    return UnansweredQuestion.objects.filter(last_on__lt=(at - KEPT).date()).delete()[0]
