"""Rosters: upload, read what the check found, choose columns, load, undo."""

from __future__ import annotations

from typing import Annotated

from ninja import File, Router, Status
from ninja.files import UploadedFile

from warifu.api.v1.door import IDEMPOTENT, Call
from warifu.api.v1.schemas import ANSWERS, Made
from warifu.collection.actions import rosters

router = Router(tags=["rosters"])


@router.post("/rosters", response={201: Made, **ANSWERS}, summary="Upload a roster", openapi_extra=IDEMPOTENT)
def upload(request: Call, file: Annotated[UploadedFile, File()]) -> Status[Made]:
    """Take a CSV, TSV or XLSX file in and have it checked; nothing is loaded. Needs the scope `rosters:write`."""
    roster_id = rosters.receive(
        organisation_id=request.organisation_id,
        file_name=file.name or "",
        content=file.read(),
        by=request.actor,
        at=request.at,
    )
    return Status(201, Made(id=roster_id))
