"""Verbs of the applicant: start, save, copy, send, withdraw (002-8 … 002-18)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from warifu.applications.actions import letters, people
from warifu.applications.actions.states import move, owned
from warifu.applications.models import Application, Comment, ReceiptCounter, Scheme
from warifu.applications.queries import schemes
from warifu.applications.rules import allotment, procedures
from warifu.applications.rules import form as forms
from warifu.applications.rules.planner import earliest_start
from warifu.applications.rules.states import Verb
from warifu.audit import actions as audit
from warifu.audit.events import Applications as Events
from warifu.foundation.actor import Actor
from warifu.foundation.days import jst_day
from warifu.foundation.masking import mask_numbers
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission, require, require_running


class ChangedMeanwhile(Refused):
    """Another tab or person has saved the draft since this page was opened; nothing was overwritten."""

    code = "WF-U302"
    sentence = _("この下書きは、ほかの画面で先に保存されました。")
    remedy = _("この画面の内容は保存していません。読み込み直してから、入れ直してください。")


class FormIncomplete(Refused):
    """The application cannot be sent yet."""

    code = "WF-U303"
    sentence = _("申込みの内容に、直すところが{count}か所あります。")
    remedy = _("各画面に戻り、示されたところを直してから送ってください。")
    status = 422

    def __init__(self, faults: list[forms.Fault]) -> None:
        self.faults = faults
        super().__init__(count=len(faults))


def start(*, organisation_id: UUID, scheme_id: UUID, procedure: str, operation: str, by: Actor, at: datetime) -> UUID:
    """Begin a draft; `procedure` is one of `rules.procedures`, which says what can be asked for by it.

    Raises `NotPermitted`, `StandingOver`, `NotFound` for an unknown scheme, procedure or operation.
    """
    require(by=by, permission=Permission.APPLY, organisation_id=organisation_id)
    require_running(by=by)
    if operation not in procedures.OPERATIONS.get(procedure, ()):
        raise NotFound
    if not Scheme.objects.filter(id=scheme_id).exists():
        raise NotFound
    subject = Application.Procedure.USER_CODES
    if procedure == procedures.IDENTIFICATIONS.key:
        subject = Application.Procedure.IDENTIFICATIONS
    return _make(organisation_id, scheme_id, subject, operation, {}, None, by, at)


def copy(*, organisation_id: UUID, application_id: UUID, by: Actor, at: datetime) -> UUID:
    """Begin a draft with what an earlier application says, but for its dates. Raises `NotPermitted`, `NotFound`."""
    require(by=by, permission=Permission.APPLY, organisation_id=organisation_id)
    require_running(by=by)
    old = owned(organisation_id=organisation_id, application_id=application_id)
    form = {key: value for key, value in old.form.items() if key != "desired_start"}
    return _make(organisation_id, old.scheme_id, old.procedure, old.operation, form, old.id, by, at)


def save_step(
    *,
    organisation_id: UUID,
    application_id: UUID,
    version: int,
    values: Mapping[str, Any],
    by: Actor,
    at: datetime,
) -> int:
    """Keep what one step of the wizard says, complete or not; returns the draft's new version.

    `version` is the one that the page showed. Twelve-digit runs in texts are masked (N-06). Raises `NotPermitted`,
    `NotFound`, `NotInThisState`, `ChangedMeanwhile`.
    """
    require(by=by, permission=Permission.APPLY, organisation_id=organisation_id)
    row = owned(organisation_id=organisation_id, application_id=application_id)
    with transaction.atomic():
        form = {**row.form, **_masked(forms.tidied(values))}
        move(application=row, verb=Verb.SAVE, at=at, must_have={"version": version}, refusal=ChangedMeanwhile,
             form=form, version=F("version") + 1)  # fmt: skip
    return version + 1


def submit(*, organisation_id: UUID, application_id: UUID, version: int, by: Actor, at: datetime) -> str:
    """Send the application for review; returns its receipt number, given at the first sending (002-18, 002-27).

    Letters go to the person in charge and to the responsible manager. Raises `NotPermitted`, `NotFound`,
    `FormIncomplete`, `NotInThisState`, `ChangedMeanwhile`.
    """
    require(by=by, permission=Permission.APPLY, organisation_id=organisation_id)
    row = owned(organisation_id=organisation_id, application_id=application_id)
    found = faults(organisation_id=organisation_id, application_id=application_id, at=at)
    if found:
        raise FormIncomplete(found)
    with transaction.atomic():
        receipt = row.receipt or _next_receipt(jst_day(at).year)
        move(application=row, verb=Verb.SUBMIT, at=at, must_have={"version": version}, refusal=ChangedMeanwhile,
             receipt=receipt, submitted_at=at)  # fmt: skip
        Comment.objects.filter(application=row, settled_at=None).update(settled_at=at)
        audit.record(
            event=Events.SUBMITTED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=row.id,
            receipt=receipt,
        )
        row.receipt, row.submitted_at = receipt, at
        letters.received(application=row, by=by, at=at)
    return receipt


def withdraw(*, organisation_id: UUID, application_id: UUID, by: Actor, at: datetime) -> None:
    """Take the application back before it is decided. Raises `NotPermitted`, `NotFound`, `NotInThisState`."""
    require(by=by, permission=Permission.APPLY, organisation_id=organisation_id)
    row = owned(organisation_id=organisation_id, application_id=application_id)
    with transaction.atomic():
        move(application=row, verb=Verb.WITHDRAW, at=at)
        audit.record(event=Events.WITHDRAWN, by=by, at=at, organisation_id=organisation_id, subject_id=row.id)


def faults(*, organisation_id: UUID, application_id: UUID, at: datetime) -> list[forms.Fault]:
    """Everything that keeps an application from being sent now (002-17). Raises `NotFound`."""
    row = owned(organisation_id=organisation_id, application_id=application_id)
    return forms.faults(form=row.form, circumstances=_circumstances(row, at))


def start_trouble(*, organisation_id: UUID, application_id: UUID, start: date, at: datetime) -> Refused | None:
    """What is the matter with a wished start, told while it is typed. Raises `NotFound`."""
    row = owned(organisation_id=organisation_id, application_id=application_id)
    return forms.start_trouble(start=start, wanted=_circumstances(row, at))


def _make(
    organisation_id: UUID,
    scheme_id: UUID,
    procedure: str,
    operation: str,
    form: dict[str, Any],
    copied_from: UUID | None,
    by: Actor,
    at: datetime,
) -> UUID:
    made_by = people.answering(by=by, permission=Permission.APPLY)
    with transaction.atomic():
        row = Application.objects.create(
            organisation_id=organisation_id,
            scheme_id=scheme_id,
            procedure=procedure,
            operation=operation,
            form=form,
            copied_from_id=copied_from,
            made_by_id=made_by,
            made_at=at,
            changed_at=at,
        )
        audit.record(event=Events.STARTED, by=by, at=at, organisation_id=organisation_id, subject_id=row.id)
    return row.id


def _circumstances(row: Application, at: datetime) -> forms.Circumstances:
    exceptions = organisations.calendar_exceptions(organisation_id=row.organisation_id)
    return forms.Circumstances(
        subject=row.procedure,
        operation=row.operation,
        scheme=schemes.view(scheme_id=row.scheme_id),
        own_codes=schemes.living_numbers(organisation_id=row.organisation_id, scheme_id=row.scheme_id),
        earliest=earliest_start(decided_on=jst_day(at), exceptions=exceptions),
        exceptions=exceptions,
    )


def _next_receipt(year: int) -> str:
    ReceiptCounter.objects.get_or_create(year=year)
    counter = ReceiptCounter.objects.select_for_update().get(year=year)
    counter.last += 1
    counter.save()
    return allotment.receipt_number(year=year, place=counter.last)


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return mask_numbers(value.replace("\0", ""))
    if isinstance(value, Mapping):
        return {str(key): _masked(each) for key, each in value.items()}
    return [_masked(each) for each in value] if isinstance(value, list) else value
