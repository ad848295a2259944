"""The wire of resumable uploads: announce (POST), ask how far (HEAD), send on (PATCH), give up (DELETE).

After the core of tus 1.0: `Upload-Length`, `Upload-Offset`, `Location`. Refusals are JSON with code, sentence, remedy.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from urllib.parse import unquote
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse

from warifu.folders.actions import uploads
from warifu.folders.actions.intake import Sender
from warifu.folders.actions.uploads import Owner, Standing
from warifu.folders.queries.access import FolderRow
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import Refused
from warifu.web.shared.refusals import in_words

PIECE = 4 * 1024 * 1024
"""How much a browser sends at once."""


def start(
    request: HttpRequest, *, folder: FolderRow, owner: Owner, at: datetime, place: Callable[[UUID], str]
) -> HttpResponse:
    """Announce a file: its name (percent-encoded) and length stand in headers."""
    name = unquote(request.headers.get("Upload-Name", ""))[:400]
    length = request.headers.get("Upload-Length", "")
    size = int(length) if length.isascii() and length.isdecimal() and len(length) < 16 else 0
    try:
        standing = uploads.start(folder=folder, file_name=name, size=size, owner=owner, at=at)
    except Refused as refusal:
        return refused(refusal)
    answer = _answer(standing, status=201)
    answer["Location"] = place(standing.id)
    return answer


def piece(
    request: HttpRequest,
    *,
    folder_id: UUID,
    upload_id: UUID,
    owner: Owner,
    sender: Sender,
    by: Actor,
    at: datetime,
) -> HttpResponse:
    """The three verbs of one upload."""
    try:
        if request.method == "HEAD":
            return _answer(uploads.standing(folder_id=folder_id, upload_id=upload_id, owner=owner), status=200)
        if request.method == "DELETE":
            uploads.give_up(folder_id=folder_id, upload_id=upload_id, owner=owner)
            return HttpResponse(status=204)
        standing = uploads.append(
            folder_id=folder_id,
            upload_id=upload_id,
            place=_place(request),
            piece=request.read(uploads.LARGEST_PIECE + 1),
            owner=owner,
            sender=sender,
            by=by,
            at=at,
        )
    except Refused as refusal:
        return refused(refusal)
    return _answer(standing, status=200)


def _place(request: HttpRequest) -> int:
    text = request.headers.get("Upload-Offset", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else -1


def _answer(standing: Standing, *, status: int) -> HttpResponse:
    answer = JsonResponse(
        {"received": standing.received, "size": standing.size, "number": standing.number}, status=status
    )
    answer["Upload-Offset"] = str(standing.received)
    answer["Upload-Length"] = str(standing.size)
    return answer


def refused(refusal: Refused) -> HttpResponse:
    """A refusal as the script reads it."""
    answer = JsonResponse(in_words(refusal), status=refusal.status, json_dumps_params={"ensure_ascii": False})
    if isinstance(refusal, uploads.WrongPlace):
        answer["Upload-Offset"] = str(refusal.values["received"])
    return answer
