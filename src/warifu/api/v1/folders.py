"""Folders of electronic transactions: put in, search, read, take the original away. Nothing is deleted (D-03)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from ninja import File, Form, Query, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import StringConstraints

from warifu.api.v1.door import IDEMPOTENT, Call
from warifu.api.v1.schemas import ANSWERS
from warifu.folders.actions import intake, records
from warifu.folders.queries import files, search
from warifu.folders.queries import folders as queries
from warifu.folders.queries.access import Reached, reach
from warifu.folders.rules.fields import Channel, Direction, Fields, Kind, checked
from warifu.folders.rules.search import Wanted
from warifu.organisations.rules import Permission

router = Router(tags=["folders"])

Limit = Annotated[int, Query(ge=1, le=200, description="How many at most.")]
Cursor = Annotated[str, Query(max_length=500, description="`next` of the page before.")]
Words = Annotated[str, Query(max_length=200, pattern=r"^[^\x00-\x1f]*$")]
Amount = Annotated[Decimal | None, Query(max_digits=15, decimal_places=2)]
Text = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f]*$")]


class Folder(Schema):
    """A folder with its meter, in bytes."""

    id: UUID
    customer_name: str
    customer_code: str
    state: str
    records: int
    used: int
    capacity: int
    file_limit: int


class Folders(Schema):
    """A page of folders; `next` is empty on the last one."""

    folders: list[Folder]
    next: str


class Record(Schema):
    """A record: fields are empty while it waits for a person."""

    id: UUID
    number: int
    state: str
    traded_on: date | None
    amount: Decimal | None
    currency: str
    counterparty: str
    counterparty_code: str
    registration_number: str
    kind: str
    direction: str
    document_number: str
    ledger_link: str
    memo: str
    received_at: str
    file_name: str
    size: int
    sha256: str


class Records(Schema):
    """A page of hits; `next` is empty on the last one."""

    records: list[Record]
    next: str


class Given(Schema):
    """The fields, when the program knows them; without `traded_on` a person confirms them later."""

    traded_on: date | None = None
    counterparty: Text = ""
    kind: Kind = Kind.OTHER
    direction: Direction = Direction.RECEIVED
    amount: Decimal | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "JPY"
    registration_number: Text = ""
    counterparty_code: Text = ""
    document_number: Text = ""
    ledger_link: Text = ""
    memo: Text = ""


@router.get("/folders", response={200: Folders, **ANSWERS}, summary="List folders")
def list_folders(request: Call, cursor: Cursor = "", limit: Limit = 50) -> Folders:
    """The folders by the customer's name. Needs the scope `folders:read`."""
    lines, after = queries.listing(
        organisation_id=request.organisation_id, by=request.actor, at=request.at, after=cursor, limit=limit
    )
    found = [
        Folder(
            id=line.id,
            customer_name=line.customer_name,
            customer_code=line.customer_code,
            state=line.state,
            records=line.count,
            used=line.used,
            capacity=line.capacity,
            file_limit=line.file_limit,
        )
        for line in lines
    ]
    return Folders(folders=found, next=after)


@router.post(
    "/folders/{folder_id}/records",
    response={201: Record, **ANSWERS},
    summary="Put a file in",
    openapi_extra=IDEMPOTENT,
)
def receive(
    request: Call, folder_id: UUID, file: Annotated[UploadedFile, File()], given: Annotated[Given, Form()]
) -> Status[Record]:
    """Keep a file as it came; the moment is the server's. Needs the scope `folders:write`.

    With `traded_on` and the other fields it is filed at once; without, a person confirms them. The same bytes are kept
    once: a second time is refused and names the number.
    """
    filed = _fields(given)
    number = intake.receive(
        organisation_id=request.organisation_id,
        folder_id=folder_id,
        file_name=file.name or "",
        content=file.read(),
        channel=Channel.API,
        by=request.actor,
        at=request.at,
    )
    reached = _reached(request, folder_id, Permission.FOLDERS_FILE)
    row = search.record_numbered(reached=reached, number=number)
    if filed is not None:
        records.confirm(
            organisation_id=request.organisation_id,
            folder_id=folder_id,
            record_id=row.id,
            given=filed,
            by=request.actor,
            at=request.at,
        )
        row = search.record_numbered(reached=reached, number=number)
    return Status(201, _record(search.line_of(row=row)))


@router.get("/folders/{folder_id}/records", response={200: Records, **ANSWERS}, summary="Search records")
def search_records(
    request: Call,
    folder_id: UUID,
    traded_from: date | None = None,
    traded_until: date | None = None,
    amount_from: Amount = None,
    amount_until: Amount = None,
    no_amount: bool = False,
    counterparty: Words = "",
    kind: Kind | None = None,
    direction: Direction | None = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Records:
    """Hits only, the newest day of trade first; ranges have both ends inside. Needs the scope `folders:read`."""
    wanted = Wanted(
        traded_from=traded_from,
        traded_until=traded_until,
        amount_from=amount_from,
        amount_until=amount_until,
        no_amount=no_amount,
        counterparty=counterparty,
        kinds=frozenset({kind}) if kind else frozenset(),
        direction=direction,
    )
    page = search.page(
        organisation_id=request.organisation_id,
        folder_id=folder_id,
        wanted=wanted,
        by=request.actor,
        at=request.at,
        after=cursor,
        limit=limit,
    )
    return Records(records=[_record(line) for line in page.lines], next=page.after)


@router.get("/folders/{folder_id}/records/{record_id}", response={200: Record, **ANSWERS}, summary="Read one record")
def read_record(request: Call, folder_id: UUID, record_id: UUID) -> Record:
    """One record. Needs the scope `folders:read`."""
    reached = _reached(request, folder_id, Permission.FOLDERS_READ)
    return _record(search.line_of(row=search.record_of(reached=reached, record_id=record_id)))


@router.delete("/folders/{folder_id}/records/{record_id}", include_in_schema=False)
def refuse_to_delete(request: Call, folder_id: UUID, record_id: UUID) -> HttpResponse:
    """Nobody deletes a record; that somebody tried is noted (D-03)."""
    records.refuse_to_delete(
        organisation_id=request.organisation_id,
        folder_id=folder_id,
        record_id=record_id,
        by=request.actor,
        at=request.at,
    )


@router.get(
    "/folders/{folder_id}/records/{record_id}/original", response={200: None, **ANSWERS}, summary="Take the original"
)
def read_original(request: Call, folder_id: UUID, record_id: UUID) -> HttpResponseBase:
    """The bytes as they came. Needs the scope `folders:read`."""
    reached = _reached(request, folder_id, Permission.FOLDERS_READ)
    row = search.record_of(reached=reached, record_id=record_id)
    answer = StreamingHttpResponse(files.original(row=row), content_type="application/octet-stream")
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(row.file_name)}"
    return answer


def _reached(request: Call, folder_id: UUID, permission: Permission) -> Reached:
    return reach(
        organisation_id=request.organisation_id,
        folder_id=folder_id,
        permission=permission,
        by=request.actor,
        at=request.at,
    )


def _fields(given: Given) -> Fields | None:
    """The fields, looked at before the file is kept; None when a person shall confirm them."""
    if given.traded_on is None:
        return None
    return checked(Fields(**{**given.model_dump(), "traded_on": given.traded_on}))


def _record(line: search.Line) -> Record:
    told = {name: getattr(line, name) for name in Record.model_fields if name != "received_at"}
    return Record(**told, received_at=line.received_at.isoformat())
