"""送信: a file comes in pieces; a broken upload goes on where it stopped (B2).

Each piece is written to the store first and then counted by a conditional UPDATE on the place it was sent for, so that
two browsers cannot write the same place, and a process killed in between loses one piece at most.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F

from warifu.folders import storage
from warifu.folders.actions import intake
from warifu.folders.actions.intake import Sender
from warifu.folders.actions.links import LinkOver
from warifu.folders.models import Folder, FolderLink, TransactionRecord, Upload
from warifu.folders.rules import files
from warifu.foundation.actor import Actor
from warifu.foundation.ids import new_id
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _

LARGEST_PIECE = 8 * 1024 * 1024
MOST_OPEN = 50
KEPT = timedelta(days=2)
"""How long an upload may lie before it is given up."""


class WrongPlace(Refused):
    """The piece does not begin where the last one ended."""

    code = "WF-F310"
    sentence = _("続きの位置が違います。{received} バイト目からお送りください。")
    remedy = _("画面を読み込み直して同じファイルを選ぶと、続きから送ります。")


class PieceTooLarge(Refused):
    """A piece is larger than one request may be, or reaches past the end of the file."""

    code = "WF-F311"
    sentence = _("一度に送る量が大きすぎるか、申し出た大きさを超えています。")
    remedy = _("画面を読み込み直して、もう一度ファイルを選んでください。")
    status = 413


class TooManyUploads(Refused):
    """Too many files are on their way at the same time."""

    code = "WF-F312"
    sentence = _("送っている途中のファイルが多すぎます。")
    remedy = _("いまのファイルを送り終えてから、次を選んでください。途中でやめたものは2日後に片付きます。")
    status = 429


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Whose upload it is: a member's, a token's, or that of somebody who holds a link."""

    id: UUID | None = None
    link_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How far an upload is; `number` is its number in the folder once it is done."""

    id: UUID
    size: int
    received: int
    number: int | None


def start(*, folder: Folder, file_name: str, size: int, owner: Owner, at: datetime) -> Standing:
    """Announce a file, into a folder that the caller was let into.

    Raises `NotOpen`, `FileEmpty`, `FileTooLarge`, `FolderFull`, `TooManyUploads`.
    """
    intake.insist(folder=folder, size=size)
    mine = Upload.objects.filter(state=Upload.State.OPEN, owner_id=owner.id, link_id=owner.link_id)
    if mine.filter(started_at__gt=at - KEPT).count() >= MOST_OPEN:
        raise TooManyUploads
    row = Upload.objects.create(
        id=new_id(),
        folder=folder,
        owner_id=owner.id,
        link_id=owner.link_id,
        file_name=files.plain_name(file_name),
        size=size,
        started_at=at,
    )
    return _standing(row)


def standing(*, folder_id: UUID, upload_id: UUID, owner: Owner) -> Standing:
    """How far one's own upload is. Raises `NotFound`."""
    return _standing(_own(folder_id, upload_id, owner))


def append(
    *, folder_id: UUID, upload_id: UUID, place: int, piece: bytes, owner: Owner, sender: Sender, by: Actor, at: datetime
) -> Standing:
    """Take the next piece; the last one makes the record. An empty piece at the end tries the last step again.

    Raises `NotFound`, `WrongPlace`, `PieceTooLarge`, `LinkOver`, `StoreFull`, `StoreDown`, and what `intake.keep` does.
    """
    row = _own(folder_id, upload_id, owner)
    if row.state == Upload.State.DONE:
        return _standing(row)
    if place != row.received:
        raise WrongPlace(received=row.received)
    if len(piece) > LARGEST_PIECE or row.received + len(piece) > row.size:
        raise PieceTooLarge
    if piece:
        name = storage.keep_part(upload_id=row.id, name=f"{place}-{new_id().hex[-8:]}", content=piece)
        mine = Upload.objects.filter(id=row.id, state=Upload.State.OPEN, received=place)
        parts = [*row.parts, [name, len(piece)]]
        if mine.update(received=place + len(piece), parts=parts) != 1:
            storage.drop(name=name)
            raise WrongPlace(received=_own(folder_id, upload_id, owner).received)
        row.received, row.parts = place + len(piece), parts
    if row.received == row.size:
        _finish(row, sender, by, at)
        row = _own(folder_id, upload_id, owner)
    return _standing(row)


def give_up(*, folder_id: UUID, upload_id: UUID, owner: Owner) -> None:
    """Stop sending; what came is taken away. Raises `NotFound`."""
    _give_up(_own(folder_id, upload_id, owner))


def tidy(*, at: datetime) -> int:
    """Give up what has lain too long, and forget what is done; returns how many. Part of the daily round."""
    old = Upload.objects.filter(started_at__lt=at - KEPT)
    count = 0
    for row in list(old.order_by("id")[:1000]):
        if row.state == Upload.State.OPEN:
            _give_up(row)
        count += Upload.objects.filter(id=row.id).exclude(state=Upload.State.OPEN).delete()[0]
    return count


def _finish(row: Upload, sender: Sender, by: Actor, at: datetime) -> None:
    folder = Folder.objects.get(id=row.folder_id)
    try:
        laid = intake.lay(
            folder=folder, file_name=row.file_name, size=row.size, pieces=_pieces(row), sender=sender, at=at
        )
        _record(row, laid, by, at)
    except (storage.StoreDown, storage.StoreFull, WrongPlace):
        raise
    except Refused:
        _give_up(row)
        raise
    _drop_parts(row)


def _record(row: Upload, laid: intake.Laid, by: Actor, at: datetime) -> None:
    """Make the record, once: of two requests that finish the same upload, one finds it done."""
    with transaction.atomic():
        if row.link_id is not None:
            good = FolderLink.objects.filter(id=row.link_id, files__lt=F("most_files"), ended_at=None)
            if good.update(files=F("files") + 1) != 1:
                intake.drop(laid=laid)
                raise LinkOver
        intake.keep(laid=laid, by=by, at=at)
        done = Upload.objects.filter(id=row.id, state=Upload.State.OPEN)
        if done.update(state=Upload.State.DONE, record=laid.record) != 1:
            intake.drop(laid=laid)
            raise WrongPlace(received=row.received)


def _pieces(row: Upload) -> Iterator[bytes]:
    for name, _size in row.parts:
        yield from storage.pieces(name=name)


def _give_up(row: Upload) -> None:
    if Upload.objects.filter(id=row.id, state=Upload.State.OPEN).update(state=Upload.State.GIVEN_UP):
        _drop_parts(row)


def _drop_parts(row: Upload) -> None:
    for name, _size in row.parts:
        with suppress(storage.StoreDown):
            storage.drop(name=name)


def _own(folder_id: UUID, upload_id: UUID, owner: Owner) -> Upload:
    rows = Upload.objects.select_related("record").filter(
        id=upload_id, folder_id=folder_id, owner_id=owner.id, link_id=owner.link_id
    )
    row = rows.exclude(state=Upload.State.GIVEN_UP).first()
    if row is None:
        raise NotFound
    return row


def _standing(row: Upload) -> Standing:
    record: TransactionRecord | None = row.record
    return Standing(id=row.id, size=row.size, received=row.received, number=record.number if record else None)
