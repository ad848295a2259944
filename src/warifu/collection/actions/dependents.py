"""Verbs of 扶養親族等: add, change and remove family members in a draft (001-18, I-14, I-15)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from warifu.audit import actions as audit
from warifu.audit.events import Collection as Events
from warifu.collection.actions import drafts
from warifu.collection.models import Dependent, Document, Submission
from warifu.collection.queries import purpose_notices
from warifu.collection.queries.submissions import RELATIVE_FIELDS
from warifu.collection.rules import submission as rules
from warifu.foundation.actor import Actor
from warifu.foundation.days import jst_day
from warifu.foundation.purposes import Purpose
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.vault.rules import MyNumber

MOST = 20


class TooManyDependents(Refused):
    """More family members than a form takes."""

    code = "WF-C320"
    sentence = _("ご家族は{most}人まで加えられます。")
    remedy = _("それより多いときは、会社の担当者にご相談ください。")


class ThirdCategoryRefused(Refused):
    """Third category is for a spouse, and only where the purposes name it."""

    code = "WF-C321"
    sentence = _("国民年金第3号の届出は、配偶者だけにかかわり、会社がその使い道をお知らせしているときに限ります。")
    remedy = _("続柄をお確かめください。")
    status = 422


def add(
    *,
    organisation_id: UUID,
    submission_id: UUID,
    fields: Mapping[str, str],
    born_on: date | None,
    is_third_category: bool,
    is_checked: bool,
    number: MyNumber | None,
    by: Actor,
    at: datetime,
) -> UUID:
    """Add a family member with the fields of `RELATIVE_FIELDS`; returns its id.

    `is_checked` is the employee's word that the number was checked against papers (I-14). `number` is sealed at once.
    Raises `FieldsWrong`, `ThirdCategoryRefused`, `TooManyDependents`, `NoticeNotShown`, `NumberTwice`.
    """
    kept = _clean(fields, born_on, at)
    with transaction.atomic():
        row = drafts.held(organisation_id=organisation_id, submission_id=submission_id, by=by)
        if row.dependents.count() >= MOST:
            raise TooManyDependents(most=MOST)
        _insist_on_third(row, kept, is_third_category)
        last = row.dependents.aggregate(last=Max("order"))["last"] or 0
        dependent = Dependent(submission=row, order=last + 1, born_on=born_on)
        _fill(dependent, kept, is_third_category=is_third_category, is_checked=is_checked, at=at)
        dependent.save(force_insert=True)
        _give_number(row, dependent, number, by, at)
        _record(row, by, at, step="dependent_added")
    return dependent.id


def change(
    *,
    organisation_id: UUID,
    submission_id: UUID,
    dependent_id: UUID,
    fields: Mapping[str, str],
    born_on: date | None,
    is_third_category: bool,
    is_checked: bool,
    number: MyNumber | None,
    by: Actor,
    at: datetime,
) -> None:
    """Change a family member; without `number` the number given before stays. Raises as `add` does, and `NotFound`.

    Pictures that the change makes needless are destroyed.
    """
    kept = _clean(fields, born_on, at)
    with transaction.atomic():
        row = drafts.held(organisation_id=organisation_id, submission_id=submission_id, by=by)
        dependent = _of(row, dependent_id)
        _insist_on_third(row, kept, is_third_category)
        dependent.born_on = born_on
        _fill(dependent, kept, is_third_category=is_third_category, is_checked=is_checked, at=at)
        dependent.save()
        _give_number(row, dependent, number, by, at)
        drafts.drop_unneeded(row=row, by=by, at=at)
        _record(row, by, at, step="dependent_changed")


def remove(*, organisation_id: UUID, submission_id: UUID, dependent_id: UUID, by: Actor, at: datetime) -> None:
    """Take a family member out of the draft; the number and the pictures are destroyed. Raises `NotFound`."""
    with transaction.atomic():
        row = drafts.held(organisation_id=organisation_id, submission_id=submission_id, by=by)
        dependent = _of(row, dependent_id)
        if dependent.number_ref is not None:
            drafts.drop_number(row=row, ref=dependent.number_ref, by=by, at=at)
        pictures = list(dependent.documents.exclude(state=Document.State.DELETED))
        drafts.drop_pictures(documents=pictures, organisation_id=organisation_id, by=by, at=at)
        dependent.delete()
        _record(row, by, at, step="dependent_removed")


def _of(row: Submission, dependent_id: UUID) -> Dependent:
    found = row.dependents.filter(id=dependent_id).first()
    if found is None:
        raise NotFound
    return found


def _clean(fields: Mapping[str, str], born_on: date | None, at: datetime) -> dict[str, str]:
    kept = {field: text for field, text in rules.clean(fields).items() if field in RELATIVE_FIELDS}
    wrong = rules.check_dependent(kept, born_on=born_on, on=jst_day(at))
    if kept.get("relation") not in Dependent.Relation.values:
        wrong["relation"] = ""
    if kept.get("spouse_path", "") not in ("", *rules.SPOUSE_PATHS):
        wrong["spouse_path"] = ""
    if wrong:
        raise drafts.FieldsWrong(fields=drafts.labels_of(fields=wrong))
    return kept


def _insist_on_third(row: Submission, kept: Mapping[str, str], is_third_category: bool) -> None:
    if not is_third_category:
        return
    notice = purpose_notices.current(organisation_id=row.organisation_id)
    announced = notice is not None and Purpose.THIRD_CATEGORY in notice.purposes
    if kept.get("relation") != Dependent.Relation.SPOUSE or not announced:
        raise ThirdCategoryRefused


def _fill(
    dependent: Dependent, kept: Mapping[str, str], *, is_third_category: bool, is_checked: bool, at: datetime
) -> None:
    for field, text in kept.items():
        setattr(dependent, field, text)
    dependent.is_third_category = is_third_category
    if not is_third_category:
        dependent.spouse_path = ""
    if not is_checked:
        dependent.checked_by_employee_at = None
    elif dependent.checked_by_employee_at is None:
        dependent.checked_by_employee_at = at


def _give_number(row: Submission, dependent: Dependent, number: MyNumber | None, by: Actor, at: datetime) -> None:
    if number is None:
        return
    ref = drafts.sealed(row=row, subject_id=dependent.subject_id, number=number, by=by, at=at)
    if dependent.number_ref is not None:
        drafts.drop_number(row=row, ref=dependent.number_ref, by=by, at=at)
    Dependent.objects.filter(id=dependent.id).update(number_ref=ref)


def _record(row: Submission, by: Actor, at: datetime, *, step: str) -> None:
    Submission.objects.filter(id=row.id).update(changed_at=at)
    drafts.count(row=row)
    audit.record(
        event=Events.SAVED,
        by=by,
        at=at,
        organisation_id=row.organisation_id,
        subject_id=row.entry.member_id,
        submission=str(row.id),
        step=step,
    )
