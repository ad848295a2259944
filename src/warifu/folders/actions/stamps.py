"""タイムスタンプ: found in files, handed in beside them, asked of an authority; checked one or many at once (D-05)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Folders as Events
from warifu.folders import reading, storage, timestamps
from warifu.folders.models import TimeStamp, TransactionRecord
from warifu.folders.queries import search as queries
from warifu.folders.queries.access import reach
from warifu.folders.rules.search import Wanted
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations.rules import Permission

LARGEST_TOKEN = 200_000


class NoToken(Refused):
    """What was handed in is no time stamp."""

    code = "WF-F401"
    sentence = _("タイムスタンプのファイルとして読み取れませんでした。")
    remedy = _("発行元から届いた .tsr（RFC 3161）のファイルを、元のファイルと組にして入れてください。")
    status = 422


class NoAuthority(Refused):
    """No authority is set, or it does not answer."""

    code = "WF-F402"
    sentence = _("タイムスタンプを取得できませんでした。")
    remedy = _(
        "運用者に、時刻認証局の設定とつながり具合を確かめてもらってください。ファイルはそのまま保存されています。"
    )
    status = 503


def note_found(*, row: TransactionRecord, found: Iterable[reading.Stamp], at: datetime) -> None:
    """Write down the stamps that a PDF carries, and what checking them says; doing it twice adds nothing."""
    for stamp in found:
        known = TimeStamp.objects.filter(record=row, source=TimeStamp.Source.IN_FILE, covered=list(stamp.ranges))
        if not known.exists():
            checked = timestamps.check(token=stamp.token, pieces=_covered(row, list(stamp.ranges)))
            _write(row, TimeStamp.Source.IN_FILE, stamp.token, list(stamp.ranges), checked, at)


def add(
    *, organisation_id: UUID, folder_id: UUID, record_id: UUID, token: bytes, by: Actor, at: datetime
) -> TimeStamp.Verdict:
    """Keep a stamp that came beside the file; returns what checking says.

    Raises `NotPermitted`, `NotFound`, `NoToken`.
    """
    row = _row(organisation_id, folder_id, record_id, Permission.FOLDERS_FILE, by, at)
    if not 0 < len(token) <= LARGEST_TOKEN:
        raise NoToken
    checked = timestamps.check(token=token, pieces=_covered(row, []))
    if checked.verdict is timestamps.Verdict.UNREADABLE:
        raise NoToken
    return _added(row, TimeStamp.Source.BESIDE, token, checked, by, at)


def ask(*, organisation_id: UUID, folder_id: UUID, record_id: UUID, by: Actor, at: datetime) -> TimeStamp.Verdict:
    """Ask the set authority for a stamp. Raises `NotPermitted`, `NotFound`, `NoAuthority`."""
    row = _row(organisation_id, folder_id, record_id, Permission.FOLDERS_FILE, by, at)
    content = storage.content(name=row.stored_as)
    try:
        token = timestamps.ask(content=content)
    except timestamps.AuthorityDown:
        raise NoAuthority from None
    return _added(row, TimeStamp.Source.ASKED, token, timestamps.check(token=token, pieces=[content]), by, at)


def check_all(
    *,
    organisation_id: UUID,
    folder_id: UUID,
    traded_from: date | None,
    traded_until: date | None,
    by: Actor,
    at: datetime,
) -> tuple[int, list[int]]:
    """Check every stamp of a period anew; returns how many were checked, and the numbers of records that do not hold.

    Raises `NotPermitted`, `NotFound`, `StoreDown`.
    """
    permission = Permission.FOLDERS_READ
    reached = reach(organisation_id=organisation_id, folder_id=folder_id, permission=permission, by=by, at=at)
    wanted = Wanted(traded_from=traded_from, traded_until=traded_until)
    records = queries.hits(reached=reached, wanted=wanted).order_by().values("id")
    rows = TimeStamp.objects.select_related("record").filter(record_id__in=records).order_by("record__number", "id")
    count, bad = 0, []
    for stamp in rows.iterator(chunk_size=200):
        checked = timestamps.check(token=bytes(stamp.token), pieces=_covered(stamp.record, stamp.covered))
        verdict = TimeStamp.Verdict(checked.verdict.value)
        TimeStamp.objects.filter(id=stamp.id).update(verdict=verdict, checked_at=at)
        count += 1
        if verdict in (TimeStamp.Verdict.INVALID, TimeStamp.Verdict.UNREADABLE):
            bad.append(stamp.record.number)
    with transaction.atomic():
        audit.record(
            event=Events.STAMP_CHECKED,
            by=by,
            at=at,
            organisation_id=reached.folder.organisation_id,
            subject_id=folder_id,
            count=count,
            invalid=len(bad),
        )
    return count, bad


def _row(
    organisation_id: UUID, folder_id: UUID, record_id: UUID, permission: Permission, by: Actor, at: datetime
) -> TransactionRecord:
    reached = reach(organisation_id=organisation_id, folder_id=folder_id, permission=permission, by=by, at=at)
    return queries.record_of(reached=reached, record_id=record_id)


def _added(
    row: TransactionRecord,
    source: TimeStamp.Source,
    token: bytes,
    checked: timestamps.Checked,
    by: Actor,
    at: datetime,
) -> TimeStamp.Verdict:
    with transaction.atomic():
        _write(row, source, token, [], checked, at)
        audit.record(
            event=Events.STAMP_ADDED,
            by=by,
            at=at,
            organisation_id=row.folder.organisation_id,
            subject_id=row.folder_id,
            number=row.number,
            verdict=checked.verdict.value,
        )
    return TimeStamp.Verdict(checked.verdict.value)


def _write(
    row: TransactionRecord,
    source: TimeStamp.Source,
    token: bytes,
    covered: list[int],
    checked: timestamps.Checked,
    at: datetime,
) -> None:
    TimeStamp.objects.create(
        record=row,
        source=source,
        token=token,
        covered=covered,
        verdict=checked.verdict.value,
        issuer=checked.issuer[:300],
        stamped_at=checked.stamped_at,
        checked_at=at,
    )


def _covered(row: TransactionRecord, ranges: list[int]) -> Iterator[bytes]:
    """The bytes that a stamp covers: the ranges of a PDF, or the whole file."""
    pieces = storage.pieces(name=row.stored_as)
    if not ranges:
        yield from pieces
        return
    place = 0
    spans = list(zip(ranges[::2], ranges[1::2], strict=False))
    for piece in pieces:
        for start, length in spans:
            first, last = max(start, place), min(start + length, place + len(piece))
            if first < last:
                yield piece[first - place : last - place]
        place += len(piece)
