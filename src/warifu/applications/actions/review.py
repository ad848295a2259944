"""Verbs of the operator's reviewers: take, ask back, hold, approve, reject (002-24 … 002-31, C1, C2).

Several reviewers at once never collide: each verb is one conditional UPDATE along an arrow of `rules.states`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Concat

from warifu.applications.actions import letters, people
from warifu.applications.actions.states import move
from warifu.applications.models import Application, Comment, Gap, Identification, Scheme, UserCode
from warifu.applications.queries import schemes
from warifu.applications.rules import form as forms
from warifu.applications.rules import planner
from warifu.applications.rules.allotment import Allotment
from warifu.applications.rules.states import Verb
from warifu.audit import actions as audit
from warifu.audit.events import Applications as Events
from warifu.credentials.actions import sealed_notices
from warifu.foundation.actor import SYSTEM, Actor, ActorKind, Role
from warifu.foundation.days import jst_day
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations import actions as members
from warifu.organisations import queries as organisations
from warifu.organisations.rules import NotPermitted, Permission, require


class NotTheReviewer(Refused):
    """Somebody else is examining this application."""

    code = "WF-U401"
    sentence = _("この申込みは、ほかの審査担当者が審査しています。")
    remedy = _("その人に戻してもらってから、審査を始めてください。")


class ReasonMissing(Refused):
    """Asking back, holding and rejecting need words for the applicant."""

    code = "WF-U402"
    sentence = _("理由が書かれていません。")
    remedy = _("申込者にわかるように、理由を書いてください。")
    status = 422


def take(*, application_id: UUID, by: Actor, at: datetime) -> None:
    """Begin to examine an application that waits or is on hold. Raises `NotPermitted`, `NotFound`, `NotInThisState`."""
    row = _for_review(application_id, by)
    with transaction.atomic():
        reviewer = people.answering(by=by, permission=Permission.REVIEW)
        move(application=row, verb=Verb.TAKE, at=at, reviewer_id=reviewer, taken_at=at)
        _record(Events.TAKEN, row, by, at)


def release(*, application_id: UUID, by: Actor, at: datetime) -> None:
    """Give an application back to the queue. Raises also `NotTheReviewer`."""
    row = _for_review(application_id, by)
    with transaction.atomic():
        _move_own(row, Verb.RELEASE, by, at, reviewer_id=None, taken_at=None)
        _record(Events.RELEASED, row, by, at)


def send_back(*, application_id: UUID, comments: Mapping[str, str], by: Actor, at: datetime) -> None:
    """Ask the applicant: words by field (an empty field name means the whole). Letters go out.

    Raises `NotPermitted`, `NotFound`, `NotInThisState`, `NotTheReviewer`, `ReasonMissing`.
    """
    words = {field: text.strip() for field, text in comments.items() if text.strip()}
    if not words:
        raise ReasonMissing
    row = _for_review(application_id, by)
    with transaction.atomic():
        _move_own(row, Verb.SEND_BACK, by, at)
        for field, text in words.items():
            Comment.objects.create(
                application=row, field=field[:60], words=text, by=by.id, by_name=by.label, is_reviewer=True, at=at
            )
        _record(Events.SENT_BACK, row, by, at, fields=sorted(words))
        letters.sent_back(application=row, reasons=tuple(words.values()), by=by, at=at)


def hold(*, application_id: UUID, reason: str, by: Actor, at: datetime) -> None:
    """Put the examination off, with a reason for colleagues. Raises as `send_back`."""
    if not reason.strip():
        raise ReasonMissing
    row = _for_review(application_id, by)
    with transaction.atomic():
        _move_own(row, Verb.HOLD, by, at, reason=reason.strip(), reviewer_id=None)
        _record(Events.HELD, row, by, at)


def reject(*, application_id: UUID, reason: str, by: Actor, at: datetime) -> None:
    """Decide against it; letters go out with the reason. Raises as `send_back`."""
    if not reason.strip():
        raise ReasonMissing
    row = _for_review(application_id, by)
    with transaction.atomic():
        _move_own(row, Verb.REJECT, by, at, reason=reason.strip(), decided_at=at, decided_on=jst_day(at))
        _record(Events.REJECTED, row, by, at)
        letters.rejected(application=row, reason=reason.strip(), by=by, at=at)


def approve(*, application_id: UUID, confirmed_start: date, by: Actor, at: datetime) -> Allotment | None:
    """Decide for it, with a start that may differ from the wished one (002-31); codes are allotted in the same stroke.

    Each new user ID becomes a member of the applicant's organisation who can be let in by a sealed notice that the
    applicant may open until the second business day after the start. Returns what was allotted, None for changes and
    deletions. Raises `NotPermitted`, `NotFound`, `NotInThisState`, `NotTheReviewer`, `planner.StartTooEarly`,
    `planner.StartTooFar`, `CodeGone`.
    """
    row = _for_review(application_id, by)
    today = jst_day(at)
    plan = planner.plan(
        decided_on=today,
        starts_on=confirmed_start,
        exceptions=organisations.calendar_exceptions(organisation_id=row.organisation_id),
    )
    with transaction.atomic():
        _move_own(
            row,
            Verb.APPROVE,
            by,
            at,
            decided_at=at,
            decided_on=today,
            confirmed_start=confirmed_start,
            settings_deadline=plan.settings_deadline,
        )
        row.confirmed_start, row.settings_deadline = confirmed_start, plan.settings_deadline
        scheme = Scheme.objects.select_for_update().get(id=row.scheme_id)
        found = _allot(row, scheme, by, at) if row.operation == "add" else None
        if row.operation == "delete":
            _end(row, confirmed_start, by, at)
        _record(Events.APPROVED, row, by, at, starts_on=confirmed_start.isoformat())
        letters.confirmed(application=row, last_day=plan.secret_visible_until, by=by, at=at)
    return found


def _allot(row: Application, scheme: Scheme, by: Actor, at: datetime) -> Allotment:
    found = schemes.allotment_for(scheme=scheme, organisation_id=row.organisation_id, lines=forms.lines_of(row.form))
    assert row.confirmed_start is not None  # noqa: S101
    Scheme.objects.filter(id=scheme.id).update(next_code=found.next_code)
    for text, reason in found.gaps.items():
        Gap.objects.get_or_create(scheme=scheme, text=text, defaults={"reason": reason, "at": at})
    for text in found.codes.values():
        UserCode.objects.create(
            scheme=scheme,
            organisation_id=row.organisation_id,
            text=text,
            allotted_at=at,
            from_day=row.confirmed_start,
        )
    codes = {
        code.text: code
        for code in UserCode.objects.filter(scheme=scheme, text__in={each.user_code for each in found.identifications})
    }
    for each in found.identifications:
        Identification.objects.create(
            member_id=_let_in(row, each.user_id, at),
            user_code=codes[each.user_code],
            text=each.number,
            method=each.method,
            industries=list(each.industries),
            application=row,
            from_day=row.confirmed_start,
        )
    audit.record(
        event=Events.ALLOTTED,
        by=by,
        at=at,
        organisation_id=row.organisation_id,
        subject_id=row.id,
        user_ids=[each.user_id for each in found.identifications],
        gaps=sorted(found.gaps),
    )
    return found


def _let_in(row: Application, user_id: str, at: datetime) -> UUID:
    """Make a member who signs in with the user ID, and the sealed notice of their first password."""
    assert row.confirmed_start is not None  # noqa: S101
    member_id = members.add_member(
        organisation_id=row.organisation_id,
        roles=Role.EMPLOYEE,
        family_name=user_id,
        employee_code=user_id,
        by=SYSTEM,
        at=at,
    )
    sealed_notices.issue(
        organisation_id=row.organisation_id,
        member_id=row.made_by_id,
        lets_in=member_id,
        subject=f"{user_id} ({row.receipt})",
        starts_on=row.confirmed_start,
        by=SYSTEM,
        at=at,
    )
    return member_id


def _end(row: Application, on: date, by: Actor, at: datetime) -> None:
    """End the chosen codes with all their numbers, or the chosen numbers. None of them is ever given again (B5)."""
    chosen = forms.chosen_of(row.form, row.procedure)
    own = Identification.objects.filter(
        user_code__organisation_id=row.organisation_id, user_code__scheme_id=row.scheme_id, ended_on=None
    ).annotate(user_id=Concat("user_code__text", "text"))
    if row.procedure == Application.Procedure.IDENTIFICATIONS:
        ending = own.filter(user_id__in=chosen)
    else:
        ending = own.filter(user_code__text__in=chosen)
        UserCode.objects.filter(
            organisation_id=row.organisation_id, scheme_id=row.scheme_id, text__in=chosen, ended_on=None
        ).update(ended_on=on)
    ended = sorted(ending.values_list("user_id", flat=True))
    Identification.objects.filter(id__in=list(ending.values_list("id", flat=True))).update(ended_on=on)
    audit.record(
        event=Events.ENDED,
        by=by,
        at=at,
        organisation_id=row.organisation_id,
        subject_id=row.id,
        user_ids=ended,
        on=on.isoformat(),
    )


def _for_review(application_id: UUID, by: Actor) -> Application:
    if by.kind not in (ActorKind.MEMBER, ActorKind.TOKEN) or by.organisation_id is None:
        raise NotPermitted
    require(by=by, permission=Permission.REVIEW, organisation_id=by.organisation_id)
    if not organisations.organisation(organisation_id=by.organisation_id).is_operator:
        raise NotPermitted
    row = Application.objects.filter(id=application_id).exclude(state=Application.State.DRAFT).first()
    if row is None:
        raise NotFound
    return row


def _move_own(row: Application, verb: Verb, by: Actor, at: datetime, **values: object) -> None:
    """Move an application that this reviewer has taken, or a program for them."""
    reviewer = people.answering(by=by, permission=Permission.REVIEW)
    move(application=row, verb=verb, at=at, must_have={"reviewer_id": reviewer}, refusal=NotTheReviewer, **values)


def _record(event: Events, row: Application, by: Actor, at: datetime, **values: object) -> None:
    audit.record(event=event, by=by, at=at, organisation_id=row.organisation_id, subject_id=row.id, **values)
