"""書き出し: hits as CSV, originals and history in one ZIP, streamed; who took what is in the trail (D-09, D-14, JH).

The ZIP is written as it is read: memory stays flat at any size, ZIP64 from the first byte. Each original is compared
with its SHA-256 on the way out; a list at the end says what was found.
"""

from __future__ import annotations

import csv
import hashlib
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from io import RawIOBase
from typing import Any
from uuid import UUID

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Folders as Events
from warifu.folders import storage
from warifu.folders.queries import history, search
from warifu.folders.queries.access import Reached, reach
from warifu.folders.rules.search import Wanted
from warifu.foundation.actor import Actor
from warifu.foundation.days import JST
from warifu.foundation.refusals import translatable as _
from warifu.organisations.rules import Permission

Translate = Callable[[str], str]

RECORD_COLUMNS = (
    _("番号"),
    _("状態"),
    _("取引年月日"),
    _("取引金額"),
    _("通貨"),
    _("取引先"),
    _("取引先コード"),
    _("登録番号"),
    _("書類の種類"),
    _("受取・発行"),
    _("書類の番号"),
    _("帳簿の番号"),
    _("メモ"),
    _("受け取った方法"),
    _("受け取った日時"),
    _("受け取った人"),
    _("ファイル名"),
    _("ZIPの中の名前"),
    _("大きさ（バイト）"),
    _("SHA-256"),
)
HISTORY_COLUMNS = (
    _("日時"),
    _("番号"),
    _("版"),
    _("行ったこと"),
    _("欄"),
    _("変更前"),
    _("変更後"),
    _("理由"),
    _("行った人"),
)
CHECK_COLUMNS = (_("番号"), _("ZIPの中の名前"), _("SHA-256"), _("照合"))
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0")


def begin(*, organisation_id: UUID, folder_id: UUID, form: str, wanted: Wanted, by: Actor, at: datetime) -> Reached:
    """Let somebody take hits away, and note it; the streams below then need no permission of their own.

    Where the keeper's people do it, both the office and they read it in their trail.

    Raises `NotPermitted`, `NotFound`.
    """
    permission = Permission.FOLDERS_READ
    reached = reach(organisation_id=organisation_id, folder_id=folder_id, permission=permission, by=by, at=at)
    told = {name: str(value) for name, value in wanted.__dict__.items() if value and name != "kinds"}
    with transaction.atomic():
        for told_id in {reached.folder.organisation_id, organisation_id}:
            audit.record(
                event=Events.EXPORTED,
                by=by,
                at=at,
                organisation_id=told_id,
                subject_id=folder_id,
                kind=form,
                range="・".join(f"{name}={value}" for name, value in told.items()),
            )
    return reached


def insist_on_store(*, reached: Reached, wanted: Wanted) -> None:
    """Read the first byte of the first original, so that a store that is down is said before the answer begins.

    Raises `StoreDown`. Once bytes have gone out, a store that falls silent breaks the download off: the ZIP then lacks
    its end and no program takes it for whole.
    """
    first = next((line for line in search.every(reached=reached, wanted=wanted) if line.is_servable), None)
    if first is not None:
        with suppress(storage.OriginalMissing):
            storage.head(name=first.stored_as, length=1)


def records_csv(*, reached: Reached, wanted: Wanted, translate: Translate) -> Iterator[str]:
    """The hits as CSV with BOM, line by line, in the order of the screen."""
    rows = (_record_cells(line, translate) for line in search.every(reached=reached, wanted=wanted))
    return _csv(RECORD_COLUMNS, rows, translate)


def history_csv(*, reached: Reached, asked: history.Asked, translate: Translate) -> Iterator[str]:
    """The history as CSV, one line for each changed field: what the screen shows, all of it."""
    return _csv(HISTORY_COLUMNS, _history_cells(reached, asked, translate), translate)


def archive(*, reached: Reached, wanted: Wanted, translate: Translate, at: datetime) -> Iterator[bytes]:
    """CSV, originals, history and the list of comparisons as one ZIP."""
    out = _Out()
    moment = at.astimezone(JST).timetuple()[:6]
    checks: list[tuple[str, str, str, str]] = []
    with zipfile.ZipFile(out, "w", allowZip64=True) as packed:
        yield from _texts(
            packed, out, "records.csv", records_csv(reached=reached, wanted=wanted, translate=translate), moment
        )
        for line in search.every(reached=reached, wanted=wanted):
            yield from _original(packed, out, line, translate, checks)
        changes = history_csv(reached=reached, asked=history.Asked(), translate=translate)
        yield from _texts(packed, out, "history.csv", changes, moment)
        yield from _texts(packed, out, "checks.csv", _csv(CHECK_COLUMNS, checks, translate), moment)
    yield out.taken()


def name_in_archive(*, line: search.Line) -> str:
    """The name of an original in the ZIP: number, day, and the name it came with."""
    day = f"{line.traded_on:%Y%m%d}" if line.traded_on else "00000000"
    return f"originals/{line.number:08d}_{day}_{line.file_name}"


def _original(
    packed: zipfile.ZipFile,
    out: _Out,
    line: search.Line,
    translate: Translate,
    checks: list[tuple[str, str, str, str]],
) -> Iterator[bytes]:
    name = name_in_archive(line=line)
    if not line.is_servable:
        checks.append((str(line.number), "", line.sha256, translate(_("ファイルなし（検査中・ウイルスの疑い・廃棄）"))))
        return
    digest = hashlib.sha256()
    info = zipfile.ZipInfo(name, line.received_at.astimezone(JST).timetuple()[:6])
    info.external_attr = 0o600 << 16
    try:
        with packed.open(info, "w", force_zip64=True) as inside:
            for piece in storage.pieces(name=line.stored_as):
                digest.update(piece)
                inside.write(piece)
                yield out.taken()
    except storage.OriginalMissing:
        checks.append((str(line.number), name, line.sha256, translate(_("ファイルが見つかりません"))))
        return
    fits = _("一致") if digest.hexdigest() == line.sha256 else _("不一致")
    checks.append((str(line.number), name, line.sha256, translate(fits)))


def _texts(
    packed: zipfile.ZipFile, out: _Out, name: str, lines: Iterable[str], moment: tuple[int, ...]
) -> Iterator[bytes]:
    info = zipfile.ZipInfo(name, moment)  # type: ignore[arg-type]
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    with packed.open(info, "w", force_zip64=True) as inside:
        for line in lines:
            inside.write(line.encode())
            if out.is_ready:
                yield out.taken()
    yield out.taken()


def _record_cells(line: search.Line, translate: Translate) -> tuple[str, ...]:
    return (
        str(line.number),
        translate(line.state_label),
        line.traded_on.isoformat() if line.traded_on else "",
        amount_in_csv(line=line),
        line.currency,
        line.counterparty,
        line.counterparty_code,
        line.registration_number,
        translate(line.kind_label),
        translate(line.direction_label),
        line.document_number,
        line.ledger_link,
        line.memo,
        translate(line.channel_label),
        line.received_at.astimezone(JST).isoformat(timespec="seconds"),
        line.received_by,
        line.file_name,
        name_in_archive(line=line),
        str(line.size),
        line.sha256,
    )


def amount_in_csv(*, line: search.Line) -> str:
    """An amount without signs of grouping; blank where the paper names none."""
    if line.amount is None:
        return ""
    return f"{line.amount:.0f}" if line.amount == line.amount.to_integral() else f"{line.amount:.2f}"


def _history_cells(reached: Reached, asked: history.Asked, translate: Translate) -> Iterator[tuple[str, ...]]:
    for line in history.every(reached=reached, asked=asked):
        for change in line.changes or (history.Change(field="", before="", after=""),):
            yield (
                line.at.astimezone(JST).isoformat(timespec="seconds"),
                str(line.number),
                str(line.version),
                translate(line.act_label),
                translate(change.field),
                translate(change.before),
                translate(change.after),
                line.reason,
                line.by,
            )


def _csv(header: Iterable[str], rows: Iterable[Iterable[str]], translate: Translate) -> Iterator[str]:
    writer: Any = csv.writer(_Echo(), quoting=csv.QUOTE_ALL)
    yield "\ufeff" + writer.writerow([translate(cell) for cell in header])
    for row in rows:
        yield writer.writerow([_safe(cell) for cell in row])


def _safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula (V-06); a negative amount stays a number."""
    is_number = cell[:1] == "-" and cell[1:].replace(".", "", 1).isdecimal()
    return f"'{cell}" if cell.startswith(_FORMULA) and not is_number else cell


class _Echo:
    def write(self, line: str) -> str:
        return line


class _Out(RawIOBase):
    """Where the ZIP writes: nothing is sought, and what was written is taken away piece by piece."""

    READY = 256 * 1024

    def __init__(self) -> None:
        super().__init__()
        self._written: list[bytes] = []
        self._size = 0
        self._place = 0

    @property
    def is_ready(self) -> bool:
        return self._size >= self.READY

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def tell(self) -> int:
        return self._place

    def write(self, given: Any, /) -> int:
        piece = bytes(given)
        self._written.append(piece)
        self._size += len(piece)
        self._place += len(piece)
        return len(piece)

    def taken(self) -> bytes:
        found, self._written, self._size = b"".join(self._written), [], 0
        return found
