"""受け取り: bytes become a record, as they came, with SHA-256 and the server's time (D-06, D-08, JE)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from warifu.audit import actions as audit
from warifu.audit.events import Folders as Events
from warifu.folders import storage
from warifu.folders.actions.folders import NotOpen
from warifu.folders.models import Folder, TransactionRecord
from warifu.folders.queries.access import reach
from warifu.folders.rules import files, mails
from warifu.folders.rules.fields import Channel
from warifu.foundation.actor import SYSTEM, Actor
from warifu.foundation.ids import new_id
from warifu.foundation.masking import mask_numbers
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations.rules import Permission

LARGEST_MAIL = 50 * 1024 * 1024

State = TransactionRecord.State


class FolderFull(Refused):
    """The capacity does not reach for this file."""

    code = "WF-F301"
    sentence = _("フォルダの容量が足りないため、受け取れませんでした（残り {free} MB）。")
    remedy = _("フォルダの設定で容量の上限を上げてから、もう一度送ってください。保存済みのデータはそのまま使えます。")
    status = 413


class FileTooLarge(Refused):
    """One file is larger than the folder takes."""

    code = "WF-F302"
    sentence = _("1件の上限 {limit} MB を超えています。")
    remedy = _("フォルダの設定で1件の上限を上げるか、発行元から分けて受け取り直してください。")
    status = 413


class FileEmpty(Refused):
    """There are no bytes."""

    code = "WF-F303"
    sentence = _("ファイルの中身が空です。")
    remedy = _("ファイルを開いて中身を確かめてから、もう一度選んでください。")
    status = 422


class AlreadyThere(Refused):
    """The folder has a record with exactly these bytes."""

    code = "WF-F304"
    sentence = _("同じファイルが、番号 {number} で保存されています。二重には保存しませんでした。")
    remedy = _(
        "番号 {number} を開いて確かめてください。別の取引のものであれば、発行元の番号などが違うファイルになるはずです。"
    )


class NoMail(Refused):
    """What came by mail is none."""

    code = "WF-F305"
    sentence = _("メールとして読み取れませんでした。")
    remedy = _("メールソフトから .eml の形で書き出したものを送ってください。")
    status = 422


@dataclass(frozen=True, kw_only=True)
class Sender:
    """By which way a file comes, and whose name is written beside it."""

    channel: Channel
    label: str


@dataclass(frozen=True, kw_only=True)
class Laid:
    """A file that lies in the store and is recorded nowhere yet: `keep` records it, `drop` gives it up."""

    record: TransactionRecord


def receive(
    *, organisation_id: UUID, folder_id: UUID, file_name: str, content: bytes, channel: Channel, by: Actor, at: datetime
) -> int:
    """Take one whole file in; returns its number in the folder.

    Raises `NotPermitted`, `NotFound`, `NotOpen`, `FileEmpty`, `FileTooLarge`, `FolderFull`, `AlreadyThere`,
    `StoreFull`, `StoreDown`.
    """
    permission = Permission.FOLDERS_FILE
    folder = reach(organisation_id=organisation_id, folder_id=folder_id, permission=permission, by=by, at=at).folder
    return receive_into(
        folder=folder,
        file_name=file_name,
        content=content,
        sender=Sender(channel=channel, label=by.label),
        by=by,
        at=at,
    )


def receive_into(*, folder: Folder, file_name: str, content: bytes, sender: Sender, by: Actor, at: datetime) -> int:
    """Take a file into a folder that the caller was let into; returns its number. Raises what `receive` does."""
    laid = lay(folder=folder, file_name=file_name, size=len(content), pieces=[content], sender=sender, at=at)
    return keep(laid=laid, by=by, at=at)


def receive_mail(*, mail_code: str, content: bytes, at: datetime) -> int:
    """Take a mail in as it came, for the folder whose address carries a code; returns its number (JE).

    Raises `NotFound`, `NoMail`, and what `receive` does.
    """
    folder = Folder.objects.filter(mail_code=mail_code.strip().lower()).first() if mail_code.strip() else None
    if folder is None:
        raise NotFound
    if len(content) > LARGEST_MAIL:
        raise FileTooLarge(limit=LARGEST_MAIL // storage.PIECE)
    try:
        mail = mails.read(content)
    except mails.NoMail:
        raise NoMail from None
    sender = Sender(channel=Channel.MAIL, label=mail.sender or mail.sender_name)
    name = f"{mail.subject or 'mail'}.eml"
    return receive_into(folder=folder, file_name=name, content=content, sender=sender, by=SYSTEM, at=at)


def insist(*, folder: Folder, size: int) -> None:
    """Raise `NotOpen`, `FileEmpty`, `FileTooLarge` or `FolderFull` for a file that the folder cannot take."""
    if folder.state != Folder.State.OPEN:
        raise NotOpen(state=folder.get_state_display())
    if size <= 0:
        raise FileEmpty
    if size > folder.file_limit:
        raise FileTooLarge(limit=folder.file_limit // storage.PIECE)
    if folder.used + size > folder.capacity:
        raise FolderFull(free=max(0, folder.capacity - folder.used) // storage.PIECE)


def lay(*, folder: Folder, file_name: str, size: int, pieces: Iterable[bytes], sender: Sender, at: datetime) -> Laid:
    """Write a file down to the store; `keep` records it. Call it outside a transaction: the store may be slow.

    Raises what `insist` does, `StoreFull`, `StoreDown`.
    """
    insist(folder=folder, size=size)
    head = bytearray()
    record_id = new_id()
    stored = storage.keep(folder_id=folder.id, record_id=record_id, pieces=_seen(pieces, head))
    name = mask_numbers(files.plain_name(file_name))
    media = files.media_of(head=bytes(head), file_name=name)
    return Laid(
        record=TransactionRecord(
            id=record_id,
            folder=folder,
            channel=sender.channel.value,
            received_at=at,
            received_by=sender.label[:200],
            file_name=name,
            media_type=media.value,
            size=stored.size,
            sha256=stored.sha256,
            stored_as=stored.name,
        )
    )


def keep(*, laid: Laid, by: Actor, at: datetime) -> int:
    """Record a laid file; returns its number. A refusal gives the file up.

    Raises `AlreadyThere`, `FolderFull`, `NotOpen`.
    """
    row = laid.record
    try:
        with transaction.atomic():
            row.number = _take_place(row)
            row.save(force_insert=True)
            audit.record(
                event=Events.RECEIVED,
                by=by,
                at=at,
                organisation_id=row.folder.organisation_id,
                subject_id=row.folder_id,
                number=row.number,
                channel=row.channel,
                sha256=row.sha256,
            )
    except Refused:
        drop(laid=laid)
        raise
    return row.number


def drop(*, laid: Laid) -> None:
    """Give a laid file up whose keeping was refused."""
    storage.drop(name=laid.record.stored_as)


def _take_place(row: TransactionRecord) -> int:
    """Take room and the next number in the folder, whose row is then locked, so that a double is seen for certain."""
    room = Folder.objects.filter(
        id=row.folder_id, state=Folder.State.OPEN, used__lte=F("capacity") - row.size, file_limit__gte=row.size
    )
    if room.update(used=F("used") + row.size, count=F("count") + 1) != 1:
        insist(folder=Folder.objects.get(id=row.folder_id), size=row.size)
        raise FolderFull(free=0)
    same = TransactionRecord.objects.filter(folder_id=row.folder_id, sha256=row.sha256)
    twin = same.exclude(state__in=(State.WITHDRAWN, State.DISPOSED)).first()
    if twin is not None:
        raise AlreadyThere(number=twin.number)
    return Folder.objects.values_list("count", flat=True).get(id=row.folder_id)


def _seen(pieces: Iterable[bytes], head: bytearray) -> Iterator[bytes]:
    for piece in pieces:
        if len(head) < files.HEAD:
            head.extend(piece[: files.HEAD - len(head)])
        yield piece
