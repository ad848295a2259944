"""The file of a record: its bytes, a page as a picture, and what is written in mails and messages (B3, D-06, D-07)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from warifu.folders import reading, storage
from warifu.folders.models import TransactionRecord
from warifu.folders.queries.search import is_servable
from warifu.folders.rules import invoices, mails
from warifu.folders.rules.files import Media
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _

LARGEST_SHOWN = 50 * 1024 * 1024


class NotLookedAt(Refused):
    """The file waits for the virus scanner, or did not pass it, or was disposed of."""

    code = "WF-F504"
    sentence = _("このファイルは、いま開けません（検査待ち・ウイルスの疑い・廃棄済みのどれかです）。")
    remedy = _("検査待ちなら、少し待って読み込み直してください。欄の内容と履歴はいつでも見られます。")


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture that a page may show."""

    content: bytes
    media_type: str


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What is written in a file that is no picture: a mail, or a message with the names of its items."""

    mail: mails.Mail | None = None
    items: tuple[invoices.Item, ...] = ()


def original(*, row: TransactionRecord) -> Iterator[bytes]:
    """The bytes as they came. Raises `NotLookedAt`, `OriginalMissing`, `StoreDown` (before the first byte)."""
    _insist(row)
    pieces = storage.pieces(name=row.stored_as)
    first = next(pieces, b"")
    return _with_first(first, pieces)


def is_drawn(*, row: TransactionRecord) -> bool:
    """Whether the file has pages that can be shown as pictures."""
    return is_servable(row=row) and (
        row.media_type in (Media.JPEG.value, Media.PNG.value) or (row.media_type == Media.PDF.value and row.pages > 0)
    )


def picture(*, row: TransactionRecord, number: int) -> Picture:
    """A page of a file, counted from 1. Raises `NotLookedAt`, `NotFound`, `OriginalMissing`, `StoreDown`."""
    _insist(row)
    if row.media_type in (Media.JPEG.value, Media.PNG.value) and number == 1:
        return Picture(content=storage.content(name=row.stored_as), media_type=row.media_type)
    if row.media_type != Media.PDF.value or not 1 <= number <= row.pages or row.size > reading.LARGEST:
        raise NotFound
    try:
        drawn = reading.page(storage.content(name=row.stored_as), number=number, word=row.opening_word)
    except reading.Unreadable:
        raise NotFound from None
    return Picture(content=drawn, media_type="image/png")


def shown(*, row: TransactionRecord) -> Shown:
    """A mail or a message in words; empty for everything else, and for what cannot be opened now."""
    if (
        not is_servable(row=row)
        or row.size > LARGEST_SHOWN
        or row.media_type not in (Media.MAIL.value, Media.XML.value)
    ):
        return Shown()
    try:
        content = storage.content(name=row.stored_as)
        if row.media_type == Media.MAIL.value:
            return Shown(mail=mails.read(content))
        return Shown(items=tuple(invoices.items(content)))
    except (mails.NoMail, invoices.NoInvoice, storage.OriginalMissing, storage.StoreDown):
        return Shown()


def attachment(*, row: TransactionRecord, place: int) -> tuple[str, bytes]:
    """Name and bytes of an attachment of a mail. Raises `NotLookedAt`, `NotFound`, `OriginalMissing`, `StoreDown`."""
    _insist(row)
    if row.media_type != Media.MAIL.value:
        raise NotFound
    try:
        return mails.attachment(storage.content(name=row.stored_as), place=place)
    except mails.NoMail:
        raise NotFound from None


def _insist(row: TransactionRecord) -> None:
    if not is_servable(row=row):
        raise NotLookedAt


def _with_first(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest
