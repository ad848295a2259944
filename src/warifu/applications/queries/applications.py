"""Reads of applications: one's own, and the reviewers' queue."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from warifu.applications.models import Application, Comment, Identification
from warifu.credentials.rules.windows import viewing_window
from warifu.foundation.actor import Actor
from warifu.foundation.japanese import to_half_width
from warifu.foundation.refusals import NotFound
from warifu.organisations import queries as organisations
from warifu.organisations.rules import NotPermitted, Permission, require

PAGE = 50
COUNTED = 1_000
QUEUE = ("submitted", "in_review", "on_hold", "sent_back")
"""States in which the operator's side still has something to do or to wait for."""


@dataclass(frozen=True, kw_only=True)
class ApplicationLine:
    """An application as lists show it."""

    id: UUID
    organisation_name: str
    receipt: str
    procedure: str
    operation: str
    state: str
    state_label: str
    made_by: str
    reviewer_id: UUID | None
    reviewer: str
    changed_at: datetime
    submitted_at: datetime | None
    desired_start: str
    confirmed_start: date | None


@dataclass(frozen=True, kw_only=True)
class CommentLine:
    """What a reviewer asked about a field."""

    field: str
    words: str
    by_name: str
    at: datetime
    is_settled: bool


@dataclass(frozen=True, kw_only=True)
class ApplicationView:
    """One application, whole: what it says, what was asked, what was decided, which IDs came out."""

    line: ApplicationLine
    organisation_id: UUID
    scheme_id: UUID
    form: dict[str, Any]
    version: int
    reason: str
    decided_on: date | None
    settings_deadline: date | None
    settings_done_at: datetime | None
    last_day: date | None
    comments: tuple[CommentLine, ...]
    user_ids: tuple[str, ...]


def own_page(
    *, organisation_id: UUID, text: str = "", before: UUID | None = None
) -> tuple[list[ApplicationLine], UUID | None]:
    """A page of an organisation's applications, the newest first, and where the next one begins. One query."""
    rows = _rows().filter(organisation_id=organisation_id)
    if text:
        rows = rows.filter(_named(text) or Q(receipt__icontains=text) | Q(form__reason__icontains=text))
    return _page(rows, before)


def queue_page(
    *, by: Actor, state: str = "", text: str = "", before: UUID | None = None
) -> tuple[list[ApplicationLine], UUID | None]:
    """A page of what reviewers see, the newest first. At most six queries. Raises `NotPermitted` for everybody else."""
    insist_reviewer(by=by)
    rows = _rows().exclude(state=Application.State.DRAFT)
    if state:
        rows = rows.filter(state=state)
    elif text:
        rows = rows.filter(state__in=QUEUE)
    else:
        rows = rows.filter(id__in=_newest_waiting(before))
    if text:
        rows = rows.filter(_named(text) or Q(receipt__icontains=text) | Q(organisation__name__icontains=text))
    return _page(rows, before)


def _newest_waiting(before: UUID | None) -> list[UUID]:
    """The ids of a page of all that wait: the newest of each state along its index, however long the list."""
    found: list[UUID] = []
    for state in QUEUE:
        rows = Application.objects.filter(state=state)
        if before:
            rows = rows.filter(id__lt=before)
        found += rows.order_by("-id").values_list("id", flat=True)[: PAGE + 1]
    return sorted(found, reverse=True)[: PAGE + 1]


def count_waiting(*, by: Actor) -> int:
    """How many applications wait for a reviewer or lie with one, counted up to `COUNTED`. Raises `NotPermitted`."""
    insist_reviewer(by=by)
    return Application.objects.filter(state__in=QUEUE).order_by()[:COUNTED].count()


def all_sent(*, by: Actor, state: str = "") -> Iterator[ApplicationLine]:
    """Every application that was ever sent, the newest first, for a file; page by page. Raises `NotPermitted`."""
    insist_reviewer(by=by)
    before: UUID | None = None
    while True:
        rows = _rows().exclude(state=Application.State.DRAFT).exclude(receipt=None)
        lines, before = _page(rows.filter(state=state) if state else rows, before)
        yield from lines
        if before is None:
            return


def by_receipt(*, by: Actor, receipt: str) -> ApplicationView:
    """An application by its receipt number, for the operator. Raises `NotPermitted`, `NotFound`."""
    insist_reviewer(by=by)
    return _view(_rows().filter(receipt=receipt).first())


def own(*, organisation_id: UUID, application_id: UUID) -> ApplicationView:
    """One of an organisation's applications; raises `NotFound` for anybody else's."""
    return _view(_rows().filter(organisation_id=organisation_id, id=application_id).first())


def for_review(*, by: Actor, application_id: UUID) -> ApplicationView:
    """An application that was sent, for a reviewer. Raises `NotPermitted`, `NotFound`."""
    insist_reviewer(by=by)
    return _view(_rows().filter(id=application_id).exclude(state=Application.State.DRAFT).first())


def insist_reviewer(*, by: Actor) -> None:
    """Raise `NotPermitted` for everybody but reviewers of the operator's organisation, and the operator at the
    terminal, who acts for it. Raises `NotFound` when there is none."""
    organisation_id = by.organisation_id or organisations.operator().id
    require(by=by, permission=Permission.REVIEW, organisation_id=organisation_id)
    if not organisations.organisation(organisation_id=organisation_id).is_operator:
        raise NotPermitted


def _rows() -> QuerySet[Application]:
    return Application.objects.select_related("organisation", "made_by", "reviewer").order_by("-id")


def _named(text: str) -> Q | None:
    """A whole receipt number is looked up by its index, however long the list."""
    receipt = to_half_width(text).upper()
    return Q(receipt=receipt) if re.fullmatch(r"\d{7}[A-Z]", receipt) else None


def _page(rows: QuerySet[Application], before: UUID | None) -> tuple[list[ApplicationLine], UUID | None]:
    if before:
        rows = rows.filter(id__lt=before)
    found = [_line(row) for row in rows[: PAGE + 1]]
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None


def _line(row: Application) -> ApplicationLine:
    return ApplicationLine(
        id=row.id,
        organisation_name=row.organisation.name,
        receipt=row.receipt or "",
        procedure=row.procedure,
        operation=row.operation,
        state=row.state,
        state_label=Application.State(row.state).label,
        made_by=row.made_by.full_name,
        reviewer_id=row.reviewer_id,
        reviewer=row.reviewer.full_name if row.reviewer else "",
        changed_at=row.changed_at,
        submitted_at=row.submitted_at,
        desired_start=str(row.form.get("desired_start", "")),
        confirmed_start=row.confirmed_start,
    )


def _view(row: Application | None) -> ApplicationView:
    if row is None:
        raise NotFound
    comments = Comment.objects.filter(application=row).order_by("-id")[:PAGE]
    numbers = Identification.objects.filter(application=row).select_related("user_code").order_by("id")
    last_day = None
    if row.confirmed_start and row.decided_on:
        exceptions = organisations.calendar_exceptions(organisation_id=row.organisation_id)
        last_day = viewing_window(
            decided_on=row.decided_on, starts_on=row.confirmed_start, exceptions=exceptions
        ).last_day
    return ApplicationView(
        line=_line(row),
        organisation_id=row.organisation_id,
        scheme_id=row.scheme_id,
        form=row.form,
        version=row.version,
        reason=row.reason,
        decided_on=row.decided_on,
        settings_deadline=row.settings_deadline,
        settings_done_at=row.settings_done_at,
        last_day=last_day,
        comments=tuple(
            CommentLine(
                field=each.field, words=each.words, by_name=each.by_name, at=each.at, is_settled=bool(each.settled_at)
            )
            for each in comments
        ),
        user_ids=tuple(number.user_code.text + number.text for number in numbers),
    )
