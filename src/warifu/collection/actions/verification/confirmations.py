"""済: confirm identity, alone or as one of two (001-27, I-18)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from enum import Enum
from uuid import UUID

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Collection as Events
from warifu.collection.actions.verification.looks import PictureNotReady
from warifu.collection.actions.verification.shared import (
    WordsUnfit,
    checker_id,
    insist_on_hand,
    move,
    post,
    record_of,
    waiting,
)
from warifu.collection.models import Document, Look, RosterEntry, Submission, Verification
from warifu.collection.queries import policies
from warifu.collection.queries import verification as queries
from warifu.collection.rules import checklist as items
from warifu.collection.rules import identity, papers
from warifu.collection.rules import send_back as send_back_rules
from warifu.collection.rules.identity import Decision, Evident
from warifu.foundation.actor import Actor, Role
from warifu.foundation.days import jst_day
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _
from warifu.notices import kinds
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission, require


class NotAllOpened(Refused):
    """Every attachment must have been opened by the checker (G2)."""

    code = "WF-C505"
    sentence = _("まだ開いていない写真が{count}枚あります。")
    remedy = _("すべての写真を開き、下の値と見くらべてから済にしてください。")


class ChecklistIncomplete(Refused):
    """Items of the checklist have no answer."""

    code = "WF-C506"
    sentence = _("まだ確かめていない項目が{count}つあります: {missing}。")
    remedy = _("確かめて印をつけるか、日付を入れてください。合わないときは差戻します。")


class NotAcceptable(Refused):
    """The papers do not prove number and identity (I-01 … I-15)."""

    code = "WF-C507"
    sentence = _("{name}さんは、この書類では済にできません。{why}")
    remedy = _("足りない書類や直すところを選んで、差戻してください。")


class SamePersonTwice(Refused):
    """The second pair of eyes is somebody else's (I-18)."""

    code = "WF-C508"
    sentence = _("一人目に確かめたのはあなたです。二人目は、ほかの人が確かめます。")
    remedy = _("責任者に知らせてください。責任者の一覧にも、この人が出ています。")
    status = 403


class ResponsibleIsLast(Refused):
    """The responsible person confirms last (I-18)."""

    code = "WF-C509"
    sentence = _("二人目の確認は、責任者がします。")
    remedy = _("一人目は事務取扱担当者が、そのあと責任者が確かめます。順番を入れかえることはできません。")
    status = 403


class DayImpossible(Refused):
    """The confirmation date lies in the future or before the submission."""

    code = "WF-C510"
    sentence = _("確認日が正しくありません。提出された日から、きょうまでの日を入れてください。")
    remedy = _("確認日を直して、もう一度「済にする」を押してください。")
    status = 422


class Outcome(Enum):
    """What a confirmation led to."""

    CHECKED = "checked"
    CONFIRMED = "confirmed"


def confirm(
    *,
    organisation_id: UUID,
    submission_id: UUID,
    checklist: Mapping[str, str],
    confirmed_on: date,
    by: Actor,
    at: datetime,
    employment_evident: Evident | None = None,
) -> Outcome:
    """Confirm identity on a day: at once, or as the first or the second of two checkers (I-18; 001-27).

    `checklist` holds the answers by item code. The state moves by a conditional update, so that of two checkers at
    the same moment only one wins. On the last confirmation the pictures get their day of deletion (I-20) and the
    person a letter. Raises the refusals of this module, `NotPermitted`, `NotAppointed` and `NotFound`.
    """
    checker = checker_id(by=by, organisation_id=organisation_id)
    told = {} if employment_evident is None else asdict(employment_evident)
    if any(send_back_rules.holds_number(text) or len(text) > send_back_rules.LONGEST_WORDS for text in told.values()):
        raise WordsUnfit(most=send_back_rules.LONGEST_WORDS)
    with transaction.atomic():
        submission = waiting(organisation_id=organisation_id, submission_id=submission_id)
        insist_on_hand(submission=submission, checker=checker, on=jst_day(at))
        if not jst_day(submission.submitted_at or at) <= confirmed_on <= jst_day(at):
            raise DayImpossible
        documents = list(submission.documents.exclude(state=Document.State.DELETED).order_by("id"))
        _insist_on_looks(documents, checker)
        people = queries.people_of(
            submission=submission,
            documents=documents,
            dependents=list(submission.dependents.order_by("order")),
        )
        _insist_on_answers(people, checklist)
        decisions = _decisions(submission, people, checklist, jst_day(at), employment_evident)
        first = submission.verifications.filter(result=Verification.Result.CHECKED).first()
        record = record_of(submission=submission, people=people, decisions=decisions, answers=checklist, at=at)
        if record.method == papers.Method.EMPLOYMENT_EVIDENT:
            record.checklist |= told
        policy = policies.current(organisation_id=organisation_id)
        if first is None and policy.second_check:
            _insist_on_order(submission, by)
            _check(record, submission, by, at)
            return Outcome.CHECKED
        if first is not None:
            require(by=by, permission=Permission.SECOND_CONFIRM, organisation_id=organisation_id)
            _insist_on_second(submission, first, by)
        _confirm(first, record, submission, confirmed_on, policy.image_keep_days, by, at)
    return Outcome.CONFIRMED


def _insist_on_looks(documents: list[Document], checker: UUID) -> None:
    for document in documents:
        if document.state != Document.State.READY:
            raise PictureNotReady(state=Document.State(document.state).label)
    opened = set(Look.objects.filter(document__in=documents, member_id=checker).values_list("document_id", flat=True))
    if unopened := len(documents) - len(opened):
        raise NotAllOpened(count=unopened)


def _insist_on_answers(people: list[queries.Subject], answers: Mapping[str, str]) -> None:
    missing = [item for one in people for item in items.missing(items.groups(one.person), answers)]
    if missing:
        labels = "、".join(dict.fromkeys(item.label for item in missing))
        raise ChecklistIncomplete(count=len(missing), missing=labels)


def _decisions(
    submission: Submission,
    people: list[queries.Subject],
    answers: Mapping[str, str],
    on: date,
    evident: Evident | None,
) -> dict[str, Decision]:
    """What is decided about each person; raises `NotAcceptable` for the first who cannot be confirmed."""
    office = queries.office_of(submission=submission)
    decided: dict[str, Decision] = {}
    for one in people:
        own = decided.get("self")
        decision = identity.decide(
            items.case(
                one.person,
                answers,
                on=on,
                office=office,
                evident=evident if one.person.key == "self" else None,
                employee_is_accepted=own is not None and own.accepts,
            )
        )
        if not decision.accepts:
            why = "".join(identity.REASONS[reason] for reason in decision.reasons)
            raise NotAcceptable(name=one.name, why=why)
        decided[one.person.key] = decision
    return decided


def _insist_on_order(submission: Submission, by: Actor) -> None:
    """The only responsible person who could be last is not first (I-18)."""
    if Role.RESPONSIBLE in by.roles and queries.responsible_ids(submission=submission) == {by.id}:
        raise ResponsibleIsLast


def _insist_on_second(submission: Submission, first: Verification, by: Actor) -> None:
    """Another person than the first, and the responsible person when there is one who may (I-18)."""
    assert first.checked_by is not None  # noqa: S101
    if by.id == first.checked_by:
        raise SamePersonTwice
    if Role.RESPONSIBLE not in by.roles and queries.responsible_ids(submission=submission) - {first.checked_by}:
        raise ResponsibleIsLast


def _check(record: Verification, submission: Submission, by: Actor, at: datetime) -> None:
    move(submission=submission, expected=(RosterEntry.State.SUBMITTED,), state=RosterEntry.State.CHECKED)
    record.result = Verification.Result.CHECKED
    record.checked_by, record.checked_at = by.id, at
    record.save(force_insert=True)
    audit.record(
        event=Events.CHECKED,
        by=by,
        at=at,
        organisation_id=submission.organisation_id,
        subject_id=submission.entry.member_id,
        method=record.method,
    )


def _confirm(
    first: Verification | None,
    record: Verification,
    submission: Submission,
    confirmed_on: date,
    keep_days: int,
    by: Actor,
    at: datetime,
) -> None:
    state = RosterEntry.State.SUBMITTED if first is None else RosterEntry.State.CHECKED
    move(submission=submission, expected=(state,), state=RosterEntry.State.VERIFIED, confirmed_on=confirmed_on)
    Submission.objects.filter(id=submission.id).update(state=Submission.State.VERIFIED, changed_at=at)
    if first is not None:
        record.id, record.created_at = first.id, first.created_at
        record.checked_by, record.checked_at = first.checked_by, first.checked_at
    record.result = Verification.Result.CONFIRMED
    record.confirmed_by, record.confirmed_on = by.id, confirmed_on
    record.save(force_insert=first is None, force_update=first is not None)
    Document.objects.filter(submission__entry=submission.entry).exclude(state=Document.State.DELETED).update(
        delete_on=confirmed_on + timedelta(days=keep_days)
    )
    organisation = organisations.organisation(organisation_id=submission.organisation_id)
    letter = kinds.Verified(
        organisation_name=organisation.name, name=submission.entry.member.full_name, confirmed_on=confirmed_on
    )
    post(letter=letter, submission=submission, by=by, at=at)
    audit.record(
        event=Events.CONFIRMED,
        by=by,
        at=at,
        organisation_id=submission.organisation_id,
        subject_id=submission.entry.member_id,
        method=record.method,
        rules=record.rule_version,
        confirmed_on=confirmed_on.isoformat(),
    )
