"""Verbs of 提出: start or continue, hand in, take back, say no, and enter on a person's behalf."""

from __future__ import annotations

import secrets
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Collection as Events
from warifu.collection.actions import drafts, purpose_notices
from warifu.collection.models import Dependent, Document, PurposeNotice, RosterEntry, Submission
from warifu.collection.queries import submissions as queries
from warifu.collection.rules import submission as rules
from warifu.foundation.actor import Actor
from warifu.foundation.days import jst_day
from warifu.foundation.ids import new_id
from warifu.foundation.masking import twelve_digit_runs
from warifu.foundation.purposes import Purpose
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.notices import actions as notices
from warifu.notices.kinds import EnteredFor, Receipt
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission, require

State = RosterEntry.State


class NotAsked(Refused):
    """The person stands on no roster."""

    code = "WF-C310"
    sentence = _("まだ、会社から提出の依頼がありません。")
    remedy = _("依頼が届いてからお越しください。届いているはずのときは、会社の担当者にお伝えください。")
    status = 404


class AlreadyHandedIn(Refused):
    """Something was handed in and waits, or was confirmed."""

    code = "WF-C311"
    sentence = _("もう提出されています。")
    remedy = _("確認が終わる前に直したいときは、はじめの画面で「取り下げて直す」をお選びください。")


class SomethingMissing(Refused):
    """The submission is not complete. `missing` says what, in words."""

    code = "WF-C312"
    sentence = _("まだ足りないものがあります: {missing}。")
    remedy = _("見直しの画面で、足りないところをご覧ください。")
    status = 422


class NothingToWithdraw(Refused):
    """Only what was handed in and not yet looked at by anybody can be taken back."""

    code = "WF-C313"
    sentence = _("いまは取り下げられません。")
    remedy = _("確認が始まっているか、まだ提出されていません。直したいところは、会社の担当者にお伝えください。")


class AlreadyConfirmed(Refused):
    """The identity is confirmed; the state "not provided" no longer fits."""

    code = "WF-C314"
    sentence = _("もう本人確認まで終わっています。")
    remedy = _("番号の利用を止めたいときは、会社の担当者にお伝えください。")


class ReasonNeeded(Refused):
    """Entering on a person's behalf needs a reason, the way the data came, and the day (F)."""

    code = "WF-C315"
    sentence = _("代わりに入力する理由、受け取り方、受け取った日が要ります。")
    remedy = _("理由は1文字以上、番号などの12桁の数字を入れずに書き、受け取った日は今日までの日にしてください。")
    status = 422


class NotForOneself(Refused):
    """A handler enters their own data as an employee, on their own page."""

    code = "WF-C316"
    sentence = _("ご自分の分は、代行入力できません。")
    remedy = _("マイページから、ご自分の提出としてお進みください。")


class HasLeft(Refused):
    """Nothing new is collected from somebody who has left; what was handed in stays (R-01, R-10)."""

    code = "WF-C317"
    sentence = _("退職・退出した人のため、新しい提出は受け付けていません。")
    remedy = _("提出済みの内容は、保管の期限まで残ります。退職が誤りのときは、管理者に伝えてください。")


def start(*, organisation_id: UUID, member_id: UUID, by: Actor, at: datetime) -> UUID:
    """The person's draft: the one already there, or a new round; returns its id.

    A new round after sending back, taking back or saying no takes over what was entered before, references included.
    Raises `NotFound` for anybody else, `NotAsked`, `PlanNotComplete`, `AlreadyHandedIn`, `HasLeft`, `HeldByOffice`.
    """
    require(by=by, permission=Permission.HAND_IN, organisation_id=organisation_id)
    if by.id != member_id:
        raise NotFound
    with transaction.atomic():
        entry = _entry(organisation_id, member_id)
        purpose_notices.ensure(organisation_id=organisation_id, at=at)
        row = _draft(entry)
        if row is not None:
            if row.channel != Submission.Channel.SELF:
                raise drafts.HeldByOffice
            return row.id
        row = _new_round(entry, by, at)
        _record(Events.STARTED, row, entry, by, at, round=row.round)
    return row.id


def enter_for(
    *,
    organisation_id: UUID,
    member_id: UUID,
    channel: str,
    reason: str,
    received_on: date,
    notice_version: int,
    by: Actor,
    at: datetime,
) -> UUID:
    """Begin or take over entering on a person's behalf; returns the draft's id (001-7, 001-20, 001-21).

    `notice_version` is the purpose notice that the handler gave or read to the person (P-03). The draft is marked with
    the handler, the reason and the channel. Spoken numbers still need verification later: this is no agent's case
    (I-16). Raises `NotPermitted`, `NotAsked`, `NotForOneself`, `ReasonNeeded`, `AlreadyHandedIn`, `HasLeft`,
    `NoticeReplaced`.
    """
    require(by=by, permission=Permission.ENTER_FOR, organisation_id=organisation_id)
    if by.id == member_id:
        raise NotForOneself
    words = reason.strip()
    allowed = set(Submission.Channel.values) - {Submission.Channel.SELF}
    if not words or twelve_digit_runs(words) or channel not in allowed or received_on > jst_day(at):
        raise ReasonNeeded
    with transaction.atomic():
        entry = _entry(organisation_id, member_id)
        purpose_notices.ensure(organisation_id=organisation_id, at=at)
        row = (entry.state in _STARTS_FROM and _draft(entry)) or _new_round(entry, by, at)
        Submission.objects.filter(id=row.id).update(
            channel=channel,
            entered_by=by.id,
            entered_reason=words[:300],
            received_on=received_on,
            changed_at=at,
        )
        purpose_notices.note_shown(
            organisation_id=organisation_id, member_id=member_id, version=notice_version, by=by, at=at
        )
        _record(Events.TAKEN_OVER, row, entry, by, at, channel=channel, reason=words[:300])
    return row.id


def submit(*, organisation_id: UUID, submission_id: UUID, by: Actor, at: datetime) -> str:
    """Hand in a draft; returns the code of the receipt, whose letter is posted in the same transaction (E5).

    Raises `SomethingMissing`, and whatever `drafts.held` raises.
    """
    with transaction.atomic():
        row = drafts.held(organisation_id=organisation_id, submission_id=submission_id, by=by)
        lacking = rules.missing(queries.facts_of(submission=row, on=jst_day(at)))
        if lacking:
            raise SomethingMissing(missing="、".join(item.words for item in lacking))
        notice = PurposeNotice.objects.filter(organisation_id=organisation_id).order_by("-version")[0]
        code = rules.receipt_code(secrets.randbelow)
        changed = Submission.objects.filter(id=row.id, state=Submission.State.DRAFT).update(
            state=Submission.State.SUBMITTED, submitted_at=at, changed_at=at, receipt=code, notice=notice
        )
        moved = _move(row.entry, State.SUBMITTED, submitted_at=at)
        if changed != 1 or not moved:
            raise drafts.NotADraft
        drafts.count(row=row)
        is_own = row.channel == Submission.Channel.SELF
        _record(
            Events.SUBMITTED if is_own else Events.ENTERED_FOR,
            row,
            row.entry,
            by,
            at,
            round=row.round,
            channel=row.channel,
            reason=row.entered_reason,
        )
        _post_letters(row, notice, code, by, at)
    return code


def withdraw(*, organisation_id: UUID, member_id: UUID, by: Actor, at: datetime) -> None:
    """Take back what was handed in and not yet checked; it can be mended and handed in again (E4).

    Raises `NotFound` for anybody else, `NotAsked`, `NothingToWithdraw`.
    """
    require(by=by, permission=Permission.OWN_RECORD, organisation_id=organisation_id)
    if by.id != member_id:
        raise NotFound
    with transaction.atomic():
        entry = _entry(organisation_id, member_id)
        moved = RosterEntry.objects.filter(id=entry.id, state=State.SUBMITTED).update(state=State.WITHDRAWN)
        if moved != 1:
            raise NothingToWithdraw
        row = entry.submissions.get(state=Submission.State.SUBMITTED)
        Submission.objects.filter(id=row.id).update(state=Submission.State.WITHDRAWN, changed_at=at)
        _record(Events.WITHDRAWN, row, entry, by, at)


def not_provided(*, organisation_id: UUID, member_id: UUID, by: Actor, at: datetime) -> None:
    """Record that the person will not provide the number: a state, not an error, and no reason is asked (P-12).

    Numbers and pictures already entered are destroyed, since nothing justifies keeping them. Saying it again changes
    nothing. Raises `NotFound` for anybody else, `NotAsked`, `AlreadyConfirmed`.
    """
    require(by=by, permission=Permission.OWN_RECORD, organisation_id=organisation_id)
    if by.id != member_id:
        raise NotFound
    _note_not_provided(organisation_id, member_id, jst_day(at), by, at)


def record_not_provided(*, organisation_id: UUID, member_id: UUID, said_on: date, by: Actor, at: datetime) -> None:
    """Record for the office that a person said, on a day, that they will not provide the number (P-12).

    Raises `NotPermitted`, `NotAsked`, `AlreadyConfirmed`, `ReasonNeeded` for a day to come.
    """
    require(by=by, permission=Permission.ENTER_FOR, organisation_id=organisation_id)
    if said_on > jst_day(at):
        raise ReasonNeeded
    _note_not_provided(organisation_id, member_id, said_on, by, at)


def _note_not_provided(organisation_id: UUID, member_id: UUID, said_on: date, by: Actor, at: datetime) -> None:
    with transaction.atomic():
        entry = _entry(organisation_id, member_id)
        if entry.state == State.NOT_PROVIDED:
            return
        if entry.state == State.VERIFIED:
            raise AlreadyConfirmed
        RosterEntry.objects.filter(id=entry.id).update(state=State.NOT_PROVIDED, images=0, unreadable=0, dependents=0)
        rows = list(entry.submissions.select_related("entry").order_by("round"))
        drafts.forget(rows=rows, reason="not_provided", by=by, at=at)
        audit.record(
            event=Events.NOT_PROVIDED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=member_id,
            asked_on=entry.invited_at and jst_day(entry.invited_at).isoformat(),
            said_on=said_on.isoformat(),
        )


def _entry(organisation_id: UUID, member_id: UUID) -> RosterEntry:
    """Lock a person's submissions and then their entry: the order of every verb, so that none waits in a circle."""
    mine = Submission.objects.filter(organisation_id=organisation_id, entry__member_id=member_id).order_by("id")
    list(mine.select_for_update(of=("self",)).values_list("id", flat=True))
    entry = RosterEntry.objects.select_for_update().filter(organisation_id=organisation_id, member_id=member_id).first()
    if entry is None:
        raise NotAsked
    return entry


def _draft(entry: RosterEntry) -> Submission | None:
    return entry.submissions.filter(state=Submission.State.DRAFT).first()


_STARTS_FROM = (*RosterEntry.OPEN, State.NOT_PROVIDED)


def _new_round(entry: RosterEntry, by: Actor, at: datetime) -> Submission:
    if entry.state not in _STARTS_FROM:
        raise HasLeft if entry.state == State.ENDED else AlreadyHandedIn
    if entry.state != State.SENT_BACK:
        _move(entry, State.STARTED)
    latest = entry.submissions.order_by("-round").first()
    row = _first_round(entry, at) if latest is None else _next_round(entry, latest, at)
    drafts.count(row=row)
    return row


def _first_round(entry: RosterEntry, at: datetime) -> Submission:
    member = organisations.member(organisation_id=entry.organisation_id, member_id=entry.member_id)
    return Submission.objects.create(
        organisation_id=entry.organisation_id,
        entry=entry,
        family_name=member.family_name,
        given_name=" ".join(part for part in (member.middle_name, member.given_name) if part),
        family_kana=member.family_kana,
        given_kana=member.given_kana,
        born_on=member.born_on,
        created_at=at,
        changed_at=at,
    )


_TAKEN_OVER = (
    *queries.PERSON_FIELDS,
    "born_on",
    "number_ref",
    "method",
    "number_paper",
    "identity_papers",
    "answers",
)


def _next_round(entry: RosterEntry, latest: Submission, at: datetime) -> Submission:
    """A new row with what was entered before; pictures and numbers are shared by reference, not sealed anew."""
    row = Submission.objects.create(
        organisation_id=entry.organisation_id,
        entry=entry,
        round=latest.round + 1,
        created_at=at,
        changed_at=at,
        **{field: getattr(latest, field) for field in _TAKEN_OVER},
    )
    family: dict[UUID | None, Dependent | None] = {None: None}
    for dependent in latest.dependents.order_by("order"):
        old_id = dependent.id
        dependent.pk, dependent.submission = new_id(), row
        dependent.save(force_insert=True)
        family[old_id] = dependent
    kept = latest.documents.exclude(state__in=(Document.State.DELETED, Document.State.UNREADABLE))
    for document in kept.order_by("id"):
        document.dependent = family[document.dependent_id]
        document.pk, document.submission = new_id(), row
        document.lease_until, document.delete_on = None, None
        document.save(force_insert=True)
    return row


def _move(entry: RosterEntry, state: str, **values: datetime) -> bool:
    """Change the entry's state if it still is one from which a person hands in."""
    changed = RosterEntry.objects.filter(id=entry.id, state__in=_STARTS_FROM).update(state=state, **values)
    return changed == 1


def _record(event: Events, row: Submission, entry: RosterEntry, by: Actor, at: datetime, **values: object) -> None:
    audit.record(
        event=event,
        by=by,
        at=at,
        organisation_id=entry.organisation_id,
        subject_id=entry.member_id,
        submission=str(row.id),
        **values,
    )


def _post_letters(row: Submission, notice: PurposeNotice, code: str, by: Actor, at: datetime) -> None:
    """The receipt, and word of who entered when it was not the person; nobody without an address gets either."""
    member = organisations.member(organisation_id=row.organisation_id, member_id=row.entry.member_id)
    if not member.mail:
        return
    organisation = organisations.organisation(organisation_id=row.organisation_id)
    letters: list[tuple[str, Receipt | EnteredFor]] = [
        (
            f"receipt:{row.id}",
            Receipt(
                organisation_name=organisation.name,
                name=member.full_name,
                submitted_at=at,
                receipt=code,
                purposes=tuple(Purpose(purpose).label for purpose in notice.purposes),
                papers=tuple(view.label for view in queries.pictures_of(submission=row)),
            ),
        )
    ]
    if row.channel != Submission.Channel.SELF:
        word = EnteredFor(
            organisation_name=organisation.name,
            name=member.full_name,
            entered_by=by.label,
            channel=Submission.Channel(row.channel).label,
            reason=row.entered_reason,
        )
        letters.append((f"entered_for:{row.id}", word))
    for key, letter in letters:
        notices.post(
            letter=letter,
            organisation_id=row.organisation_id,
            member_id=member.id,
            to_mail=member.mail,
            to_name=member.full_name,
            key=key,
            by=by,
            at=at,
        )
