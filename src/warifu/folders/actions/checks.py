"""夜の点検: the stored bytes are read again and compared with their SHA-256; what does not fit is named (D)."""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Folders as Events
from warifu.folders import storage
from warifu.folders.models import TransactionRecord
from warifu.foundation.actor import SYSTEM
from warifu.foundation.days import jst_day

NIGHTS = 30
"""In how many nights every record is looked at once."""
MOST = 20_000
"""Records of one night at most."""

log = structlog.get_logger("warifu.folders")


def check_due(*, at: datetime) -> int:
    """Look at tonight's share of all records, and at those found faulty before; returns how many were looked at.

    A store that does not answer ends the round with `StoreDown`, so that the daily round is tried again.
    """
    share = jst_day(at).toordinal() % NIGHTS
    living = TransactionRecord.objects.exclude(state=TransactionRecord.State.DISPOSED).select_related("folder")
    tonight = [row for row in living.order_by("id").iterator(chunk_size=2000) if _is_tonights(row, share)]
    for row in tonight[:MOST]:
        check(row=row, at=at)
    return len(tonight[:MOST])


def check(*, row: TransactionRecord, at: datetime) -> bool:
    """Read one record's bytes and note what was found; returns whether they are what came. Raises `StoreDown`."""
    is_whole = _is_whole(row)
    with transaction.atomic():
        rows = TransactionRecord.objects.filter(id=row.id)
        if is_whole and rows.filter(faulty_since__isnull=False).update(faulty_since=None):
            _note(Events.FAULT_GONE, row, at)
        elif not is_whole and rows.filter(faulty_since=None).update(faulty_since=at):
            log.error("original_faulty", folder=str(row.folder_id), number=row.number)
            _note(Events.FAULT_FOUND, row, at)
    return is_whole


def check_folder(*, folder_id: UUID, at: datetime) -> tuple[int, list[int]]:
    """Look at every record of a folder now; returns how many, and the numbers of those that do not fit."""
    rows = TransactionRecord.objects.filter(folder_id=folder_id).exclude(state=TransactionRecord.State.DISPOSED)
    count, bad = 0, []
    for row in rows.select_related("folder").order_by("number").iterator(chunk_size=500):
        count += 1
        if not check(row=row, at=at):
            bad.append(row.number)
    return count, bad


def _is_tonights(row: TransactionRecord, share: int) -> bool:
    return row.id.int % NIGHTS == share or row.faulty_since is not None


def _is_whole(row: TransactionRecord) -> bool:
    digest = hashlib.sha256()
    try:
        for piece in storage.pieces(name=row.stored_as):
            digest.update(piece)
    except storage.OriginalMissing:
        return False
    return digest.hexdigest() == row.sha256


def _note(event: Events, row: TransactionRecord, at: datetime) -> None:
    audit.record(
        event=event,
        by=SYSTEM,
        at=at,
        organisation_id=row.folder.organisation_id,
        subject_id=row.folder_id,
        number=row.number,
    )
