"""差戻し: send a submission back with reasons."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Collection as Events
from warifu.collection.actions.verification.shared import (
    WordsUnfit,
    checker_id,
    insist_on_hand,
    move,
    post,
    record_of,
    waiting,
)
from warifu.collection.models import RosterEntry, Submission, Verification
from warifu.collection.queries import verification as queries
from warifu.collection.rules import send_back as send_back_rules
from warifu.foundation.actor import Actor
from warifu.foundation.days import jst_day
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.notices import kinds
from warifu.notices.links import LateLink
from warifu.organisations import queries as organisations


class ReasonsNeeded(Refused):
    """A send-back names at least one reason of the list; 'other' needs words."""

    code = "WF-C511"
    sentence = _("差戻す理由が選ばれていません。")
    remedy = _("一覧から理由を選んでください。「その他」のときは、直してほしいことも書いてください。")
    status = 422


def send_back(
    *,
    organisation_id: UUID,
    submission_id: UUID,
    reasons: Collection[str],
    by: Actor,
    at: datetime,
    words: str = "",
    document_ids: Collection[UUID] = (),
) -> None:
    """Send a submission back to the person, with reasons of the list, own words, and the pictures meant.

    Raises `NotPermitted`, `NotAppointed`, `NotFound`, `NothingToVerify`, `OwnRecord`, `EnteredByYou`, `ReasonsNeeded`,
    `WordsUnfit`.
    """
    checker = checker_id(by=by, organisation_id=organisation_id)
    sentences = _sentences(reasons, words, jst_day(at))
    with transaction.atomic():
        submission = waiting(organisation_id=organisation_id, submission_id=submission_id)
        insist_on_hand(submission=submission, checker=checker, on=jst_day(at))
        documents = list(submission.documents.filter(id__in=document_ids).order_by("id"))
        if len(documents) != len(set(document_ids)):
            raise NotFound
        meant = [queries.document_label(paper=document.paper, side=document.side) for document in documents]
        told = [*sentences, *(f"対象の写真: {label}" for label in meant)]
        move(submission=submission, expected=RosterEntry.WAITING, state=RosterEntry.State.SENT_BACK)
        Submission.objects.filter(id=submission.id).update(
            state=Submission.State.SENT_BACK, sent_back_reasons=told, sent_back_words=words.strip(), changed_at=at
        )
        people = queries.people_of(submission=submission, documents=documents, dependents=[])
        record = record_of(submission=submission, people=people, decisions={}, answers={}, at=at)
        record.checklist = {"reasons": sorted(reasons)}
        record.result = Verification.Result.SENT_BACK
        record.checked_by, record.checked_at = checker, at
        record.save(force_insert=True)
        organisation = organisations.organisation(organisation_id=organisation_id)
        letter = kinds.SentBack(
            organisation_name=organisation.name,
            name=submission.entry.member.full_name,
            reasons=tuple(told),
            words=words.strip(),
            link=LateLink(kind="page", reference="/my/"),
        )
        post(letter=letter, submission=submission, by=by, at=at)
        audit.record(
            event=Events.SENT_BACK,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=submission.entry.member_id,
            reasons=sorted(reasons),
            papers=sorted({document.paper for document in documents}),
        )


def _sentences(reasons: Collection[str], words: str, on: date) -> list[str]:
    chosen = [reason for reason in send_back_rules.offered(on) if reason.code in reasons]
    if not chosen or len(chosen) != len(set(reasons)):
        raise ReasonsNeeded
    if [reason.code for reason in chosen] == [send_back_rules.OTHER] and not words.strip():
        raise ReasonsNeeded
    if len(words.strip()) > send_back_rules.LONGEST_WORDS or send_back_rules.holds_number(words):
        raise WordsUnfit(most=send_back_rules.LONGEST_WORDS)
    return [reason.sentence for reason in chosen if reason.code != send_back_rules.OTHER]
