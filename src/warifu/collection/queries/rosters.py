"""Reads of 従業員名簿, for the screens of loading."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q

from warifu.collection.models import Roster, RosterEntry, RosterMend, RosterProblem
from warifu.foundation.refusals import NotFound
from warifu.organisations import queries as organisations

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a roster: what problems call it, its heading in the file, the field it is read as (or nothing)."""

    label: str
    heading: str
    field: str


@dataclass(frozen=True, kw_only=True)
class RosterView:
    """A roster as screens see it.

    `error_rows` and `warning_rows` count rows, a row with both among the errors. `can_be_undone` is true while it is
    loaded and nobody of it has been asked.
    """

    id: UUID
    file_name: str
    state: str
    refusal: str
    refusal_values: dict[str, str]
    preset: str
    encoding: str
    has_header: bool
    columns: tuple[Column, ...]
    mapping: dict[str, str]
    rows: int
    accepted: int
    error_rows: int
    warning_rows: int
    unchanged: int
    added: int
    changed: int
    mends: int
    progress: int
    uploaded_at: datetime
    loaded_at: datetime | None
    undone_at: datetime | None
    can_be_undone: bool

    @property
    def is_working(self) -> bool:
        """Whether the worker has it, or is about to."""
        return self.state in (Roster.State.RECEIVED, Roster.State.CHECKING, Roster.State.LOADING)


@dataclass(frozen=True, kw_only=True)
class RosterLine:
    """A roster in the list of all."""

    id: UUID
    file_name: str
    state: str
    state_label: str
    rows: int
    accepted: int
    added: int
    changed: int
    uploaded_at: datetime
    uploaded_by: str


@dataclass(frozen=True, kw_only=True)
class ProblemLine:
    """One problem of a roster; `key` continues a list after it."""

    key: str
    row: int
    column: str
    code: str
    severity: str
    value: str
    reason: str
    suggestion: str


def listing(*, organisation_id: UUID, before: UUID | None = None, limit: int = PAGE) -> list[RosterLine]:
    """The organisation's rosters, the newest first; `before` continues after a roster. Two queries."""
    found = Roster.objects.filter(organisation_id=organisation_id).order_by("-id")
    if before:
        found = found.filter(id__lt=before)
    rows = list(found[:limit])
    names = organisations.names_of(
        organisation_id=organisation_id, member_ids={row.uploaded_by for row in rows if row.uploaded_by}
    )
    return [
        RosterLine(
            id=row.id,
            file_name=row.file_name,
            state=row.state,
            state_label=Roster.State(row.state).label,
            rows=row.rows,
            accepted=row.accepted,
            added=row.added,
            changed=row.changed,
            uploaded_at=row.uploaded_at,
            uploaded_by=names.get(row.uploaded_by, "") if row.uploaded_by else "",
        )
        for row in rows
    ]


def roster(*, organisation_id: UUID, roster_id: UUID) -> RosterView:
    """One roster; raises `NotFound` for anybody else's. At most four queries."""
    row = Roster.objects.filter(organisation_id=organisation_id, id=roster_id).first()
    if row is None:
        raise NotFound
    problems = RosterProblem.objects.filter(roster=row).aggregate(
        all=Count("row", distinct=True), errors=Count("row", distinct=True, filter=Q(severity="error"))
    )
    asked = RosterEntry.objects.filter(roster=row).exclude(state=RosterEntry.State.LISTED, invited_at=None)
    return RosterView(
        id=row.id,
        file_name=row.file_name,
        state=row.state,
        refusal=row.refusal,
        refusal_values=row.refusal_values,
        preset=row.preset,
        encoding=row.encoding,
        has_header=row.has_header,
        columns=tuple(Column(**each) for each in row.columns),
        mapping=row.mapping,
        rows=row.rows,
        accepted=row.accepted,
        error_rows=problems["errors"],
        warning_rows=problems["all"] - problems["errors"],
        unchanged=row.unchanged,
        added=row.added,
        changed=row.changed,
        mends=RosterMend.objects.filter(roster=row).count(),
        progress=row.progress,
        uploaded_at=row.uploaded_at,
        loaded_at=row.loaded_at,
        undone_at=row.undone_at,
        can_be_undone=row.state == Roster.State.LOADED and not asked.exists(),
    )


def problems(
    *, organisation_id: UUID, roster_id: UUID, severity: str = "", after: str = "", limit: int = PAGE
) -> list[ProblemLine]:
    """The problems of a roster in the order of its rows; `after` is the key of the last line seen. One query."""
    found = RosterProblem.objects.filter(roster__organisation_id=organisation_id, roster_id=roster_id)
    if severity:
        found = found.filter(severity=severity)
    row, _dash, last = after.partition("-")
    if row.isdecimal() and last.isdecimal() and len(after) < 32:
        found = found.filter(Q(row__gt=int(row)) | Q(row=int(row), id__gt=int(last)))
    return [
        ProblemLine(
            key=f"{each.row}-{each.id}",
            row=each.row,
            column=each.column,
            code=each.code,
            severity=each.severity,
            value=each.value,
            reason=each.reason,
            suggestion=each.suggestion,
        )
        for each in found.order_by("row", "id")[:limit]
    ]
