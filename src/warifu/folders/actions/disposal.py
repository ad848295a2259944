"""廃棄: after the end of keeping, and never before it; the row and its history stay as a tombstone (D-03, D-19, JJ)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from warifu.audit import actions as audit
from warifu.audit.events import Folders as Events
from warifu.folders import storage
from warifu.folders.actions import records
from warifu.folders.models import Folder, TransactionRecord
from warifu.folders.queries import search as queries
from warifu.folders.queries.access import reach
from warifu.folders.rules import keeping
from warifu.foundation.actor import Actor
from warifu.foundation.days import jst_day
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations.rules import Permission

State = TransactionRecord.State
BATCH = 500


class KeptUntil(Refused):
    """The end of keeping has not come."""

    code = "WF-F207"
    sentence = _("保存期間の途中のため、廃棄できません。取引年月日が {day} までのものだけ、廃棄できます。")
    remedy = _("保存期間の終わりは、各データの画面に表示されています。")


def dispose(*, organisation_id: UUID, folder_id: UUID, until: date, reason: str, by: Actor, at: datetime) -> int:
    """Dispose of the originals of records whose keeping has ended, up to a day of trade; returns how many.

    Raises `NotPermitted`, `LevelTooLow`, `NotFound`, `ReasonMissing`, `KeptUntil`.
    """
    permission = Permission.FOLDERS_MANAGE
    folder = reach(organisation_id=organisation_id, folder_id=folder_id, permission=permission, by=by, at=at).folder
    if not reason.strip():
        raise records.ReasonMissing
    last = last_day(folder=folder, today=jst_day(at))
    if until > last:
        raise KeptUntil(day=last.isoformat())
    due = TransactionRecord.objects.filter(folder=folder, traded_on__lte=until).exclude(state=State.DISPOSED)
    count = 0
    while rows := list(due.select_related("folder", "counterparty").order_by("id")[:BATCH]):
        count += sum(_dispose(row, reason.strip()[:500], by, at) for row in rows)
    if count:
        with transaction.atomic():
            audit.record(
                event=Events.DISPOSED,
                by=by,
                at=at,
                organisation_id=organisation_id,
                subject_id=folder_id,
                count=count,
                reason=reason.strip()[:500],
            )
    return count


def last_day(*, folder: Folder, today: date) -> date:
    """The last day of trade whose records may be disposed of today."""
    return keeping.newest_disposable(keeping=queries.keeping_of(folder=folder), today=today)


def _dispose(row: TransactionRecord, reason: str, by: Actor, at: datetime) -> bool:
    with transaction.atomic():
        mine = TransactionRecord.objects.filter(id=row.id, version=row.version).exclude(state=State.DISPOSED)
        if mine.update(state=State.DISPOSED, version=row.version + 1, disposed_on=jst_day(at), opening_word="") != 1:
            return False
        records.note_disposal(row=row, reason=reason, by=by, at=at)
        Folder.objects.filter(id=row.folder_id).update(used=F("used") - row.size)
        transaction.on_commit(lambda: storage.drop(name=row.stored_as))
    return True
