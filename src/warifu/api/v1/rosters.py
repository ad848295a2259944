"""Rosters: upload, read what the check found, choose columns, load, undo."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.utils.translation import gettext
from ninja import File, Query, Router, Status
from ninja.files import UploadedFile

from warifu.api.v1.door import IDEMPOTENT, Call
from warifu.api.v1.schemas import (
    ANSWERS,
    Column,
    ColumnsChosen,
    Problem,
    Problems,
    Refusal,
    Roster,
    RosterLine,
    Rosters,
    Severity,
)
from warifu.collection.actions import rosters
from warifu.collection.queries import rosters as queries
from warifu.foundation.masking import mask_numbers
from warifu.foundation.refusals import Refused
from warifu.organisations.rules import Permission, require

router = Router(tags=["rosters"])

Limit = Annotated[int, Query(ge=1, le=200, description="How many at most.")]
Cursor = Annotated[str, Query(max_length=40, description="`next` of the page before.")]
Newest = Annotated[UUID | None, Query(description="`next` of the page before.")]


@router.post("/rosters", response={201: Roster, **ANSWERS}, summary="Upload a roster", openapi_extra=IDEMPOTENT)
def upload(request: Call, file: Annotated[UploadedFile, File()]) -> Status[Roster]:
    """Take a CSV, TSV or XLSX file in and have it checked; nothing is loaded. Needs the scope `rosters:write`.

    A small file is checked at once; read a larger one's state until it is no longer `received` or `checking`.
    """
    roster_id = rosters.receive(
        organisation_id=request.organisation_id,
        file_name=file.name or "",
        content=file.read(),
        by=request.actor,
        at=request.at,
    )
    return Status(201, _roster(request, roster_id))


@router.get("/rosters", response={200: Rosters, **ANSWERS}, summary="List rosters")
def list_rosters(request: Call, cursor: Newest = None, limit: Limit = 50) -> Rosters:
    """The rosters that were uploaded, the newest first. Needs the scope `rosters:write`."""
    _require(request)
    lines = queries.listing(organisation_id=request.organisation_id, before=cursor, limit=limit + 1)
    found = [
        RosterLine(
            id=line.id,
            file_name=mask_numbers(line.file_name),
            state=line.state,
            rows=line.rows,
            accepted=line.accepted,
            uploaded_at=line.uploaded_at,
        )
        for line in lines[:limit]
    ]
    return Rosters(rosters=found, next=str(found[-1].id) if len(lines) > limit else "")


@router.get("/rosters/{roster_id}", response={200: Roster, **ANSWERS}, summary="Read a roster's state")
def read_roster(request: Call, roster_id: UUID) -> Roster:
    """What the check found, how its columns are read, and how far the loading is. Needs the scope `rosters:write`."""
    _require(request)
    return _roster(request, roster_id)


@router.get("/rosters/{roster_id}/problems", response={200: Problems, **ANSWERS}, summary="List a roster's problems")
def list_problems(
    request: Call, roster_id: UUID, severity: Severity | None = None, cursor: Cursor = "", limit: Limit = 50
) -> Problems:
    """Every problem with row, column, value, reason and suggestion, row by row. Needs the scope `rosters:write`."""
    _require(request)
    queries.roster(organisation_id=request.organisation_id, roster_id=roster_id)
    lines = queries.problems(
        organisation_id=request.organisation_id,
        roster_id=roster_id,
        severity=severity.value if severity else "",
        after=cursor,
        limit=limit + 1,
    )
    found = [
        Problem(
            row=line.row,
            column=mask_numbers(line.column),
            code=line.code,
            severity=line.severity,
            value=mask_numbers(line.value),
            reason=mask_numbers(line.reason),
            suggestion=mask_numbers(line.suggestion),
        )
        for line in lines[:limit]
    ]
    return Problems(problems=found, next=lines[limit - 1].key if len(lines) > limit else "")


@router.put(
    "/rosters/{roster_id}/columns",
    response={200: Roster, **ANSWERS},
    summary="Choose a roster's columns",
    openapi_extra=IDEMPOTENT,
)
def choose_columns(request: Call, roster_id: UUID, body: ColumnsChosen) -> Roster:
    """Say which column is which field and have the roster checked again. Needs the scope `rosters:write`."""
    rosters.choose_columns(
        organisation_id=request.organisation_id,
        roster_id=roster_id,
        mapping=body.columns,
        has_header=body.has_header,
        encoding=body.encoding,
        by=request.actor,
        at=request.at,
    )
    return _roster(request, roster_id)


@router.post(
    "/rosters/{roster_id}/load",
    response={202: Roster, **ANSWERS},
    summary="Load a roster",
    openapi_extra=IDEMPOTENT,
)
def load(request: Call, roster_id: UUID) -> Status[Roster]:
    """Have the accepted rows loaded; the worker does it, all or nothing. Needs the scope `rosters:write`."""
    rosters.load(organisation_id=request.organisation_id, roster_id=roster_id, by=request.actor, at=request.at)
    return Status(202, _roster(request, roster_id))


@router.post(
    "/rosters/{roster_id}/undo",
    response={200: Roster, **ANSWERS},
    summary="Undo a loading",
    openapi_extra=IDEMPOTENT,
)
def undo(request: Call, roster_id: UUID) -> Roster:
    """Take a whole loading back, until the first of its people is invited. Needs the scope `rosters:write`."""
    rosters.undo(organisation_id=request.organisation_id, roster_id=roster_id, by=request.actor, at=request.at)
    return _roster(request, roster_id)


def _require(request: Call) -> None:
    require(by=request.actor, permission=Permission.ROSTER_LOAD, organisation_id=request.organisation_id)


def _roster(request: Call, roster_id: UUID) -> Roster:
    view = queries.roster(organisation_id=request.organisation_id, roster_id=roster_id)
    return Roster(
        id=view.id,
        file_name=mask_numbers(view.file_name),
        state=view.state,
        rows=view.rows,
        accepted=view.accepted,
        error_rows=view.error_rows,
        warning_rows=view.warning_rows,
        unchanged=view.unchanged,
        added=view.added,
        changed=view.changed,
        progress=view.progress,
        encoding=view.encoding,
        has_header=view.has_header,
        columns=[
            Column(label=mask_numbers(one.label), heading=mask_numbers(one.heading), field=one.field)
            for one in view.columns
        ],
        refusal=_refusal(view.refusal, view.refusal_values),
        can_be_undone=view.can_be_undone,
        uploaded_at=view.uploaded_at,
        loaded_at=view.loaded_at,
        undone_at=view.undone_at,
    )


def _refusal(code: str, values: dict[str, str]) -> Refusal | None:
    """Why a file was refused, in words."""
    for refusal in Refused.catalogue():
        if code and refusal.code == code:
            sentence, remedy = (gettext(text).format(**values) for text in (refusal.sentence, refusal.remedy))
            return Refusal(code=code, sentence=mask_numbers(sentence), remedy=mask_numbers(remedy))
    return None
