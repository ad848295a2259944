"""Verbs of 本人確認: look at pictures, see a number, confirm or send back (001-24 … 001-27)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from enum import Enum
from uuid import UUID

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Collection as Events
from warifu.collection.actions import policies
from warifu.collection.models import Dependent, Document, Look, RosterEntry, Submission, Verification
from warifu.collection.queries import verification as queries
from warifu.collection.rules import checklist as items
from warifu.collection.rules import identity, papers
from warifu.collection.rules import send_back as send_back_rules
from warifu.collection.rules.identity import Decision, Evident
from warifu.foundation.actor import Actor, ActorKind, Role
from warifu.foundation.days import jst_day
from warifu.foundation.purposes import Purpose
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.notices import actions as notices
from warifu.notices import kinds
from warifu.notices.links import LateLink
from warifu.organisations import queries as organisations
from warifu.organisations.rules import NotPermitted, Permission, require
from warifu.vault.actions import files, numbers
from warifu.vault.rules import MyNumber, NotAppointed


class NothingToVerify(Refused):
    """The submission is not waiting: sent back, withdrawn, already confirmed, or somebody was faster."""

    code = "WF-C501"
    sentence = _("この提出は、いまは確認を待っていません。ほかの人が先に進めたか、本人が取り下げました。")
    remedy = _("画面を読み込み直して、いまの状態をご覧ください。")


class PictureNotReady(Refused):
    """The worker has not yet made the picture upright and clean, or it cannot be read."""

    code = "WF-C502"
    sentence = _("この写真は、まだ開けません（{state}）。")
    remedy = _("整えているときは1分ほど待ってください。読めない写真のときは、差戻して撮り直しを頼んでください。")


class OwnRecord(Refused):
    """Nobody confirms their own number (I-18)."""

    code = "WF-C503"
    sentence = _("自分の番号を、自分で済にすることはできません。")
    remedy = _("ほかの事務取扱担当者に確認を頼んでください。")
    status = 403


class EnteredByYou(Refused):
    """Whoever entered for a person does not check it (I-18)."""

    code = "WF-C504"
    sentence = _("あなたが代わりに入力した内容を、自分で確かめることはできません。")
    remedy = _("ほかの事務取扱担当者に確認を頼んでください。")
    status = 403


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


class ReasonsNeeded(Refused):
    """A send-back names at least one reason of the list; 'other' needs words."""

    code = "WF-C511"
    sentence = _("差戻す理由が選ばれていません。")
    remedy = _("一覧から理由を選んでください。「その他」のときは、直してほしいことも書いてください。")
    status = 422


class WordsUnfit(Refused):
    """The checker's own words are too long or hold twelve digits (N-06, I-19)."""

    code = "WF-C512"
    sentence = _("ことばは{most}文字までで、12桁の数字は書けません。")
    remedy = _("番号は書かずに、短く書いてください。")
    status = 422


class Outcome(Enum):
    """What a confirmation led to."""

    CHECKED = "checked"
    CONFIRMED = "confirmed"


def look(*, organisation_id: UUID, submission_id: UUID, document_id: UUID, by: Actor, at: datetime) -> files.OpenedFile:
    """Open one attachment for a checker's eyes and note that they did; a confirmation needs all of them.

    The vault writes its use record and trail entry at every opening; the first one of each checker is noted here too.
    Raises `NotPermitted`, `NotFound`, `NothingToVerify`, `PictureNotReady` and what `files.open_picture` raises.
    """
    checker = _checker(by, organisation_id)
    submission = _submission(organisation_id, submission_id)
    document = Document.objects.filter(id=document_id, submission=submission).first()
    if document is None:
        raise NotFound
    if submission.state not in (Submission.State.SUBMITTED, Submission.State.VERIFIED):
        raise NothingToVerify
    if document.state != Document.State.READY:
        raise PictureNotReady(state=Document.State(document.state).label)
    opened = files.open_picture(
        ref=document.image_ref,
        organisation_id=organisation_id,
        document=queries.document_label(document.paper, document.side),
        by=by,
        at=at,
    )
    with transaction.atomic():
        _row, is_first = Look.objects.get_or_create(
            document=document, member_id=checker, defaults={"submission": submission, "at": at}
        )
        if is_first:
            audit.record(
                event=Events.LOOKED_AT,
                by=by,
                at=at,
                organisation_id=organisation_id,
                subject_id=submission.entry.member_id,
                paper=document.paper,
                side=document.side,
            )
    return opened


def reveal(
    *, organisation_id: UUID, submission_id: UUID, by: Actor, at: datetime, dependent_id: UUID | None = None
) -> MyNumber:
    """Show one number of a waiting submission, the person's own or one family member's (S-07).

    Raises `NotFound`, `NothingToVerify` and what `numbers.reveal` raises: it decides and writes it down (S-09).
    """
    require(by=by, permission=Permission.NUMBER_REVEAL, organisation_id=organisation_id)
    submission = _submission(organisation_id, submission_id)
    if submission.state != Submission.State.SUBMITTED:
        raise NothingToVerify
    ref = submission.number_ref
    if dependent_id is not None:
        dependent = Dependent.objects.filter(id=dependent_id, submission=submission).first()
        ref = dependent.number_ref if dependent else None
    if ref is None:
        raise NotFound
    return numbers.reveal(
        ref=ref,
        organisation_id=organisation_id,
        purpose=Purpose.IDENTITY_VERIFICATION,
        document=_("本人確認の画面"),
        by=by,
        at=at,
    )


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
    checker = _checker(by, organisation_id)
    told = {} if employment_evident is None else asdict(employment_evident)
    if any(send_back_rules.holds_number(text) or len(text) > send_back_rules.LONGEST_WORDS for text in told.values()):
        raise WordsUnfit(most=send_back_rules.LONGEST_WORDS)
    with transaction.atomic():
        submission = _waiting(organisation_id, submission_id)
        _insist_on_hand(submission, checker, jst_day(at))
        if not jst_day(submission.submitted_at or at) <= confirmed_on <= jst_day(at):
            raise DayImpossible
        documents = list(submission.documents.exclude(state=Document.State.DELETED).order_by("id"))
        _insist_on_looks(documents, checker)
        people = queries.people_of(submission, documents, list(submission.dependents.order_by("order")))
        _insist_on_answers(people, checklist)
        decisions = _decisions(submission, people, checklist, jst_day(at), employment_evident)
        first = submission.verifications.filter(result=Verification.Result.CHECKED).first()
        record = _record(submission, people, decisions, checklist, at)
        if record.method == papers.Method.EMPLOYMENT_EVIDENT:
            record.checklist |= told
        policy = policies.ensure(organisation_id)
        if first is None and policy.second_check:
            _insist_on_order(submission, by)
            _check(record, submission, by, at)
            return Outcome.CHECKED
        if first is not None:
            require(by=by, permission=Permission.SECOND_CONFIRM, organisation_id=organisation_id)
            _insist_on_second(submission, first, by)
        _confirm(first, record, submission, confirmed_on, policy.image_keep_days, by, at)
    return Outcome.CONFIRMED


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
    checker = _checker(by, organisation_id)
    sentences = _sentences(reasons, words, jst_day(at))
    with transaction.atomic():
        submission = _waiting(organisation_id, submission_id)
        _insist_on_hand(submission, checker, jst_day(at))
        documents = list(submission.documents.filter(id__in=document_ids).order_by("id"))
        if len(documents) != len(set(document_ids)):
            raise NotFound
        meant = [queries.document_label(document.paper, document.side) for document in documents]
        told = [*sentences, *(f"対象の写真: {label}" for label in meant)]
        _move(submission, RosterEntry.WAITING, RosterEntry.State.SENT_BACK)
        Submission.objects.filter(id=submission.id).update(
            state=Submission.State.SENT_BACK, sent_back_reasons=told, sent_back_words=words.strip(), changed_at=at
        )
        people = queries.people_of(submission, documents, [])
        record = _record(submission, people, {}, {}, at)
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
        _post(letter, submission, by, at)
        audit.record(
            event=Events.SENT_BACK,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=submission.entry.member_id,
            reasons=sorted(reasons),
            papers=sorted({document.paper for document in documents}),
        )


def _checker(by: Actor, organisation_id: UUID) -> UUID:
    """The checker's id: a member with the permission; programs and the house itself verify nobody."""
    require(by=by, permission=Permission.VERIFY, organisation_id=organisation_id)
    if by.kind is not ActorKind.MEMBER or by.id is None:
        raise NotPermitted
    return by.id


def _submission(organisation_id: UUID, submission_id: UUID) -> Submission:
    found = (
        Submission.objects.select_related("entry__member", "notice")
        .filter(organisation_id=organisation_id, id=submission_id)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def _waiting(organisation_id: UUID, submission_id: UUID) -> Submission:
    """The submission under its lock; raises `NothingToVerify` unless it and its entry wait for a check."""
    if not Submission.objects.select_for_update().filter(organisation_id=organisation_id, id=submission_id):
        raise NotFound
    submission = _submission(organisation_id, submission_id)
    if submission.state != Submission.State.SUBMITTED or submission.entry.state not in RosterEntry.WAITING:
        raise NothingToVerify
    return submission


def _insist_on_hand(submission: Submission, checker: UUID, on: date) -> None:
    """An appointed hand (S-09), and another than the person's own and than the one that entered (I-18)."""
    if not organisations.appointed_purposes(organisation_id=submission.organisation_id, member_id=checker, on=on):
        raise NotAppointed
    if checker == submission.entry.member_id:
        raise OwnRecord
    if checker == submission.entered_by:
        raise EnteredByYou


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
    office = queries.office_of(submission)
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
    if Role.RESPONSIBLE in by.roles and queries.responsible_ids(submission) == {by.id}:
        raise ResponsibleIsLast


def _insist_on_second(submission: Submission, first: Verification, by: Actor) -> None:
    """Another person than the first, and the responsible person when there is one who may (I-18)."""
    assert first.checked_by is not None  # noqa: S101
    if by.id == first.checked_by:
        raise SamePersonTwice
    if Role.RESPONSIBLE not in by.roles and queries.responsible_ids(submission) - {first.checked_by}:
        raise ResponsibleIsLast


def _record(
    submission: Submission,
    people: list[queries.Subject],
    decisions: Mapping[str, Decision],
    answers: Mapping[str, str],
    at: datetime,
) -> Verification:
    """The record of a check: persons, methods and kinds of papers; no number and no name (I-19)."""
    known = {item.code for one in people for group in items.groups(one.person) for item in group.items}
    own = decisions.get("self")
    return Verification(
        organisation_id=submission.organisation_id,
        submission=submission,
        member_id=submission.entry.member_id,
        method=own.method if own else submission.method,
        papers=[
            {
                "person": one.person.key,
                "relation": one.person.relation.value,
                "method": decisions[one.person.key].method if one.person.key in decisions else "",
                "papers": sorted({paper for paper, _side in one.person.pictures}),
                "notes": list(decisions[one.person.key].notes) if one.person.key in decisions else [],
            }
            for one in people
        ],
        checklist={code: answers[code][:10] for code in sorted(known) if answers.get(code)},
        rule_version=papers.rule_version(queries.office_of(submission)),
        channel=submission.channel,
        entered_by=submission.entered_by,
        created_at=at,
    )


def _check(record: Verification, submission: Submission, by: Actor, at: datetime) -> None:
    _move(submission, (RosterEntry.State.SUBMITTED,), RosterEntry.State.CHECKED)
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
    _move(submission, (state,), RosterEntry.State.VERIFIED, confirmed_on=confirmed_on)
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
    _post(letter, submission, by, at)
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


def _move(submission: Submission, expected: Collection[str], state: str, **values: object) -> None:
    """Move the entry on, unless somebody else just did: exactly one row must change."""
    entries = RosterEntry.objects.filter(id=submission.entry_id, state__in=expected)
    if entries.update(state=state, **values) != 1:
        raise NothingToVerify


def _post(letter: kinds.Letter, submission: Submission, by: Actor, at: datetime) -> None:
    member = submission.entry.member
    if not member.mail:
        return
    addressed = notices.Addressed(
        letter=letter,
        member_id=member.id,
        to_mail=member.mail,
        to_name=member.full_name,
        key=f"{letter.kind()}:{submission.id}",
    )
    notices.post_many(letters=[addressed], organisation_id=submission.organisation_id, by=by, at=at)


def _sentences(reasons: Collection[str], words: str, on: date) -> list[str]:
    chosen = [reason for reason in send_back_rules.offered(on) if reason.code in reasons]
    if not chosen or len(chosen) != len(set(reasons)):
        raise ReasonsNeeded
    if [reason.code for reason in chosen] == [send_back_rules.OTHER] and not words.strip():
        raise ReasonsNeeded
    if len(words.strip()) > send_back_rules.LONGEST_WORDS or send_back_rules.holds_number(words):
        raise WordsUnfit(most=send_back_rules.LONGEST_WORDS)
    return [reason.sentence for reason in chosen if reason.code != send_back_rules.OTHER]
