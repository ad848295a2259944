"""Verbs of the draft 下書き: save each step of a submission that is not yet sent.

The hand that holds a draft is the person's own, or that of the handler who enters for them; nobody else's. A number is
handed to the vault at once and only its reference is kept; it is never shown back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Collection as Events
from warifu.collection.models import Dependent, Document, RosterEntry, Submission
from warifu.collection.queries import purpose_notices
from warifu.collection.queries import submissions as queries
from warifu.collection.rules import papers
from warifu.collection.rules import submission as rules
from warifu.collection.rules.card import reading_in
from warifu.foundation.actor import Actor
from warifu.foundation.days import jst_day
from warifu.foundation.purposes import Purpose
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations.rules import Permission, may, require
from warifu.vault import queries as vault
from warifu.vault.actions import files, numbers
from warifu.vault.rules import MyNumber


class NotADraft(Refused):
    """What was sent can no longer be edited."""

    code = "WF-C303"
    sentence = _("この提出は、いまは直せません。")
    remedy = _("はじめの画面に戻り、いまの状態をご覧ください。確認が終わる前なら、取り下げてから直せます。")


class HeldByOffice(Refused):
    """A handler is entering on the person's behalf."""

    code = "WF-C304"
    sentence = _("会社の担当者が、代わりに入力しているところです。")
    remedy = _("ご自分で入力したいときは、会社の担当者にお伝えください。")


class HeldByOther(Refused):
    """A handler may only go on with what they themselves began to enter."""

    code = "WF-C305"
    sentence = _("この入力は、あなたが始めた代行入力ではありません。")
    remedy = _("「提出の状況」からその人を選び、理由と受け取り方を入れて、代行入力を始めてください。")


class FieldsWrong(Refused):
    """Fields hold something that cannot be right. `fields` are their names, joined."""

    code = "WF-C306"
    sentence = _("直していただきたい欄があります: {fields}。")
    remedy = _("欄の下の説明を見て、入れ直してください。")
    status = 422


class NoticeNotShown(Refused):
    """No number before the purposes have been told (P-03)."""

    code = "WF-C307"
    sentence = _("番号の前に、使い道のお知らせをご覧いただきます。")
    remedy = _("「使い道」の画面からお進みください。")


class NumberTwice(Refused):
    """Two persons of one submission cannot have the same number."""

    code = "WF-C308"
    sentence = _("この番号は、この提出のほかの方の番号と同じです。")
    remedy = _("あなたとご家族の番号は、一人ひとり違います。どなたの書類か、お確かめください。番号は保存していません。")
    status = 422


class ChoiceInsufficient(Refused):
    """The chosen papers cannot prove number and identity (I-01)."""

    code = "WF-C309"
    sentence = _("選んだ書類だけでは、本人確認ができません。")
    remedy = _("{hint}書類を選び直してください。")
    status = 422


def held(*, organisation_id: UUID, submission_id: UUID, by: Actor) -> Submission:
    """Lock the draft that the actor holds, for a change in the running transaction.

    Raises `NotFound` for strangers, `HeldByOffice`, `HeldByOther`, `NotADraft`.
    """
    row = (
        Submission.objects.select_for_update(of=("self",))
        .select_related("entry")
        .filter(organisation_id=organisation_id, id=submission_id)
        .first()
    )
    if row is None:
        raise NotFound
    _insist_on_hand(row, by)
    if row.state != Submission.State.DRAFT:
        raise NotADraft
    return row


def _insist_on_hand(row: Submission, by: Actor) -> None:
    if by.id == row.entry.member_id:
        require(by=by, permission=Permission.HAND_IN, organisation_id=row.organisation_id)
        if row.channel != Submission.Channel.SELF:
            raise HeldByOffice
    elif not may(by=by, permission=Permission.ENTER_FOR, organisation_id=row.organisation_id):
        raise NotFound
    elif row.channel == Submission.Channel.SELF or row.entered_by != by.id:
        raise HeldByOther


def save_person(
    *,
    organisation_id: UUID,
    submission_id: UUID,
    fields: Mapping[str, str],
    born_on: date | None,
    by: Actor,
    at: datetime,
) -> None:
    """Save the person's name, reading, birth date and address, complete or not.

    Only the fields named in `fields` change. Raises `FieldsWrong` when one of them cannot be right.
    """
    kept = {field: text for field, text in rules.clean(fields).items() if field in queries.PERSON_FIELDS}
    wrong = rules.check_person(kept, born_on=born_on, on=jst_day(at))
    if wrong:
        raise FieldsWrong(fields=labels_of(fields=wrong))
    with transaction.atomic():
        row = held(organisation_id=organisation_id, submission_id=submission_id, by=by)
        changed = {name: value for name, value in {**kept, "born_on": born_on}.items() if getattr(row, name) != value}
        if changed:
            _save(row, by, at, step="person", **changed)


def save_number(*, organisation_id: UUID, submission_id: UUID, number: MyNumber, by: Actor, at: datetime) -> None:
    """Seal the person's number and keep its reference; a number given before is destroyed.

    Raises `NoticeNotShown` and `NumberTwice`; then nothing is sealed or destroyed.
    """
    with transaction.atomic():
        row = held(organisation_id=organisation_id, submission_id=submission_id, by=by)
        subject_id = row.entry.member_id
        ref = sealed(row=row, subject_id=subject_id, number=number, by=by, at=at)
        if row.number_ref is not None:
            drop_number(row=row, ref=row.number_ref, by=by, at=at)
        _save(row, by, at, step="number", number_ref=ref, **_without_card_number(row))


def answer_family(*, organisation_id: UUID, submission_id: UUID, by: Actor, at: datetime) -> None:
    """Record that the person said the family list is as it should be, also when it is empty (001-18)."""
    with transaction.atomic():
        row = held(organisation_id=organisation_id, submission_id=submission_id, by=by)
        if not row.answers.get("family"):
            _save(row, by, at, step="family", answers=row.answers | {"family": True})


def choose_papers(
    *,
    organisation_id: UUID,
    submission_id: UUID,
    method: str,
    number_paper: str,
    identity_papers: Sequence[str],
    one_file: bool,
    by: Actor,
    at: datetime,
) -> None:
    """Save which papers the person uses; pictures that the choice no longer needs are destroyed (E2).

    Raises `ChoiceInsufficient` when the papers cannot prove number and identity.
    """
    with transaction.atomic():
        row = held(organisation_id=organisation_id, submission_id=submission_id, by=by)
        chosen = [] if method == papers.Method.NUMBER_CARD else list(dict.fromkeys(identity_papers))
        problem = rules.choice_problem(
            method=method,
            number_paper=number_paper,
            identity_papers=chosen,
            on=jst_day(at),
            has_verified_account=queries.has_verified_account(
                organisation_id=organisation_id, member_id=row.entry.member_id
            ),
            office=papers.office_of(_announced(row)),
        )
        if problem:
            raise ChoiceInsufficient(hint=problem)
        kept = {key: value for key, value in row.answers.items() if key != "card"}
        answers = kept | {"one_file": one_file and method == papers.Method.NUMBER_CARD}
        _save(
            row,
            by,
            at,
            step="papers",
            method=method,
            number_paper=number_paper,
            identity_papers=chosen,
            answers=answers,
        )
        drop_unneeded(row=row, by=by, at=at)


# Shared with the verbs of dependents, documents and submissions


def labels_of(*, fields: Mapping[str, str]) -> str:
    """The Japanese names of fields, joined, for a refusal."""
    return "、".join(rules.FIELD_LABELS[field] for field in fields)


def sealed(*, row: Submission, subject_id: UUID, number: MyNumber, by: Actor, at: datetime) -> UUID:
    """Seal a number for the purposes that were shown. Raises `NoticeNotShown`, `NumberTwice`."""
    purposes = _shown_purposes(row)
    ref = numbers.seal(
        number=number,
        organisation_id=row.organisation_id,
        subject_id=subject_id,
        purposes=purposes,
        by=by,
        at=at,
    )
    family = {row.entry.member_id, *row.dependents.values_list("subject_id", flat=True)} - {subject_id}
    if family & set(vault.same_number(ref=ref, organisation_id=row.organisation_id)):
        raise NumberTwice
    return ref


def drop_number(*, row: Submission, ref: UUID, by: Actor, at: datetime, reason: str = "replaced") -> None:
    """Destroy a number that was replaced or taken back, and forget its reference in every round of the person."""
    numbers.destroy(ref=ref, organisation_id=row.organisation_id, reason=reason, by=by, at=at)
    Submission.objects.filter(entry_id=row.entry_id, number_ref=ref).update(number_ref=None)
    Dependent.objects.filter(submission__entry_id=row.entry_id, number_ref=ref).update(number_ref=None)


def drop_pictures(*, documents: Sequence[Document], organisation_id: UUID, by: Actor, at: datetime) -> None:
    """Destroy pictures, once each, and mark every row that shows them (rounds share what was copied)."""
    for ref in dict.fromkeys(document.image_ref for document in documents):
        files.destroy(ref=ref, organisation_id=organisation_id, by=by, at=at)
        Document.objects.filter(image_ref=ref).update(state=Document.State.DELETED, deleted_at=at)


def forget(*, rows: Sequence[Submission], reason: str, by: Actor, at: datetime) -> None:
    """Destroy the numbers and pictures of all rounds of a person, and take back what is open of them."""
    for row in rows:
        family = list(row.dependents.exclude(number_ref=None).values_list("number_ref", flat=True))
        for ref in dict.fromkeys([row.number_ref, *family]):
            if ref is not None and _is_kept(row, ref):
                drop_number(row=row, ref=ref, by=by, at=at, reason=reason)
        pictures = list(row.documents.exclude(state=Document.State.DELETED))
        drop_pictures(documents=pictures, organisation_id=row.organisation_id, by=by, at=at)
    open_states = (Submission.State.DRAFT, Submission.State.SUBMITTED)
    Submission.objects.filter(id__in=[row.id for row in rows], state__in=open_states).update(
        state=Submission.State.WITHDRAWN, changed_at=at
    )


def _is_kept(row: Submission, ref: UUID) -> bool:
    """Whether a reference still stands in the table: rounds share what was copied, and it is destroyed once."""
    return (
        Submission.objects.filter(id=row.id, number_ref=ref).exists()
        or Dependent.objects.filter(submission=row, number_ref=ref).exists()
    )


def drop_unneeded(*, row: Submission, by: Actor, at: datetime) -> None:
    """Destroy the pictures that no slot of the submission asks for any more, and count the rest."""
    wanted = {(view.slot.slot, view.dependent_id) for view in queries.slots_of(submission=row, on=jst_day(at))}
    lying = row.documents.exclude(state=Document.State.DELETED)
    unneeded = [document for document in lying if (document.slot, document.dependent_id) not in wanted]
    drop_pictures(documents=unneeded, organisation_id=row.organisation_id, by=by, at=at)
    count(row=row)


def count(*, row: Submission) -> None:
    """Repeat on the roster entry how many pictures and family members there are, for lists (001-22)."""
    RosterEntry.objects.filter(id=row.entry_id).update(
        images=row.documents.exclude(state__in=(Document.State.DELETED, Document.State.UNREADABLE)).count(),
        unreadable=row.documents.filter(state=Document.State.UNREADABLE).count(),
        dependents=row.dependents.count(),
    )


def _without_card_number(row: Submission) -> dict[str, Any]:
    """A number that is typed was not read from a card, so a reading that proved the number is forgotten."""
    reading = reading_in(row.answers)
    if reading is None or not reading.has_number:
        return {}
    return {"method": "", "answers": {key: value for key, value in row.answers.items() if key != "card"}}


def _announced(row: Submission) -> tuple[Purpose, ...]:
    notice = purpose_notices.current(organisation_id=row.organisation_id)
    return notice.purposes if notice else ()


def _shown_purposes(row: Submission) -> tuple[Purpose, ...]:
    notice = purpose_notices.current(organisation_id=row.organisation_id)
    shown = purpose_notices.shown_to(organisation_id=row.organisation_id, member_id=row.entry.member_id)
    if notice is None or not any(view.version == notice.version for view in shown):
        raise NoticeNotShown
    return notice.purposes


def _save(row: Submission, by: Actor, at: datetime, *, step: str, **values: Any) -> None:
    Submission.objects.filter(id=row.id).update(changed_at=at, **values)
    for name, value in values.items():
        setattr(row, name, value)
    audit.record(
        event=Events.SAVED,
        by=by,
        at=at,
        organisation_id=row.organisation_id,
        subject_id=row.entry.member_id,
        submission=str(row.id),
        step=step,
    )
