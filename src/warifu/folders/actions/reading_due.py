"""読み取り: the worker looks for viruses, reads what can be read, and writes down what it suggests (B2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Q

from warifu.audit import actions as audit
from warifu.audit.events import Folders as Events
from warifu.folders import reading, scanning, storage
from warifu.folders.actions import stamps
from warifu.folders.models import Folder, TransactionRecord
from warifu.folders.rules import invoices, mails, suggesting
from warifu.folders.rules.files import Media
from warifu.folders.rules.suggesting import Suggested
from warifu.foundation.actor import SYSTEM
from warifu.foundation.masking import mask_numbers

LEASE = timedelta(minutes=5)
BATCH = 20
LARGEST = 50 * 1024 * 1024
"""Larger files are looked at for viruses, but not read."""

log = structlog.get_logger("warifu.folders")


@dataclass(frozen=True, kw_only=True)
class _Read:
    suggested: Suggested
    pages: int = 0
    is_locked: bool = False
    stamps: tuple[reading.Stamp, ...] = ()


def read_due(*, at: datetime) -> int:
    """Look at what came and was not read yet, oldest first; returns how many. A killed worker's lease runs out."""
    free = Q(lease_until=None) | Q(lease_until__lt=at)
    waiting = TransactionRecord.objects.filter(free, read_at=None).exclude(state=TransactionRecord.State.DISPOSED)
    done = 0
    for row in list(waiting.select_related("folder").order_by("id")[:BATCH]):
        mine = TransactionRecord.objects.filter(free, id=row.id, read_at=None)
        if mine.update(lease_until=at + LEASE) == 1:
            done += _read(row, at)
    return done


def _read(row: TransactionRecord, at: datetime) -> bool:
    found = _Read(suggested=Suggested())
    try:
        finding = scanning.look(storage.pieces(name=row.stored_as))
        if finding is not scanning.Finding.INFECTED:
            found = _what(row)
    except scanning.ScannerDown:
        log.warning("scanner_down")
        return False
    except storage.StoreDown:
        log.warning("store_down")
        return False
    except storage.OriginalMissing:
        finding = scanning.Finding.SKIPPED
    with transaction.atomic():
        TransactionRecord.objects.filter(id=row.id, read_at=None).update(
            scan=finding.value,
            suggested=_masked(found.suggested.as_values()),
            pages=found.pages,
            is_locked=found.is_locked,
            read_at=at,
            lease_until=None,
        )
        if finding is scanning.Finding.INFECTED:
            audit.record(
                event=Events.INFECTED,
                by=SYSTEM,
                at=at,
                organisation_id=row.folder.organisation_id,
                subject_id=row.folder_id,
                number=row.number,
            )
    try:
        stamps.note_found(row=row, found=found.stamps, at=at)
    except (storage.StoreDown, storage.OriginalMissing):
        log.warning("stamps_not_noted", record=str(row.id))
    return True


def _what(row: TransactionRecord) -> _Read:
    """What could be read; a file that a reader stumbles over is kept all the same, and the others are not held up."""
    named = suggesting.from_name(row.file_name)
    try:
        return _read_by_kind(row, named)
    except (storage.StoreDown, storage.OriginalMissing):
        raise
    except Exception:  # whatever a stranger's file does ends here
        log.exception("unreadable", record=str(row.id))
        return _Read(suggested=named)


def _read_by_kind(row: TransactionRecord, named: Suggested) -> _Read:
    media = Media(row.media_type)
    if row.size > LARGEST or media in (Media.JPEG, Media.PNG, Media.OTHER):
        return _Read(suggested=named)
    content = storage.content(name=row.stored_as)
    if media is Media.PDF:
        return _of_pdf(content, row, named)
    if media is Media.XML:
        return _Read(suggested=suggesting.joined(_of_xml(content, row.folder), named))
    return _Read(suggested=suggesting.joined(_of_mail(content, row.folder), named))


def _of_pdf(content: bytes, row: TransactionRecord, named: Suggested) -> _Read:
    try:
        found = reading.pdf(content, word=row.opening_word)
    except reading.Unreadable:
        return _Read(suggested=named)
    told = suggesting.from_text(found.text, own_names=(row.folder.customer_name,))
    return _Read(
        suggested=suggesting.joined(told, named), pages=found.pages, is_locked=found.is_locked, stamps=found.stamps
    )


def _of_xml(content: bytes, folder: Folder) -> Suggested:
    try:
        return invoices.suggested(content, own_number=folder.registration_number)
    except invoices.NoInvoice:
        return Suggested()


def _of_mail(content: bytes, folder: Folder) -> Suggested:
    try:
        mail = mails.read(content)
    except mails.NoMail:
        return Suggested()
    told = mails.suggested(mail)
    for one in mail.attachments:
        _name, inner = mails.attachment(content, place=one.place)
        if one.media is Media.XML:
            return suggesting.joined(_of_xml(inner, folder), told)
        if one.media is Media.PDF:
            try:
                text = reading.pdf(inner).text
            except reading.Unreadable:
                continue
            return suggesting.joined(suggesting.from_text(text, own_names=(folder.customer_name,)), told)
    return told


def _masked(values: dict[str, Any]) -> dict[str, Any]:
    return {name: mask_numbers(value) if isinstance(value, str) else value for name, value in values.items()}
