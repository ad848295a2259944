"""Workbooks (.xlsx): measured as an archive before they are opened as a workbook (V-05 zip limits)."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import BinaryIO

import python_calamine

from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

MAX_PARTS = 2_000
MAX_UNPACKED = 256 * 1024 * 1024
MAX_RATIO = 200
MAX_CELLS = 8_000_000

_CHUNK = 1 << 18
_OVERLAP = 512
_CELL = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,3})(\d{1,7})["']""")
_FORMULA = re.compile(rb"""<(?:\w+:)?c\b[^<>]*?\br\s*=\s*["']([A-Za-z]{1,3})(\d{1,7})["'][^<>]*>\s*<(?:\w+:)?f\b""")


class WorkbookBroken(Refused):
    """The archive cannot be read, or it is no workbook."""

    code = "WF-C109"
    sentence = _("Excelのファイルとして読めません。壊れているか、別の種類のファイルです。")
    remedy = _("Excelで開き、「Excelブック(.xlsx)」として保存し直してください。")
    status = 422


class WorkbookTooLarge(Refused):
    """The archive unpacks to far more than a roster."""

    code = "WF-C110"
    sentence = _("Excelのファイルを開くと大きくなりすぎるため、読むのをやめました。")
    remedy = _("要る列と行だけを新しいブックに写すか、CSVとして保存してお送りください。")
    status = 422


class WorkbookLocked(Refused):
    """The workbook is protected by a password."""

    code = "WF-C111"
    sentence = _("パスワードで保護されたExcelのファイルは読めません。")
    remedy = _("Excelで開いてパスワードを外し、保存し直してください。送るあいだの保護はこの画面の通信が行います。")
    status = 422


class WorkbookOld(Refused):
    """The workbook is in the format before 2007."""

    code = "WF-C112"
    sentence = _("古い形式のExcelのファイル(.xls)は読めません。")
    remedy = _("Excelで開き、「Excelブック(.xlsx)」として保存し直してください。")
    status = 422


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A workbook that is safe to open: the sheet that is read, and where its formulas stand (line → positions)."""

    sheet: str
    formulas: dict[int, frozenset[int]]


def measure(stream: BinaryIO, *, max_rows: int) -> Measured:
    """Walk the archive in small pieces and refuse what could not be a roster, before any part is opened as a whole.

    Raises `WorkbookOld`, `WorkbookLocked`, `WorkbookBroken`, `WorkbookTooLarge`.
    """
    stream.seek(0)
    if stream.read(len(OLE)) == OLE:
        raise WorkbookLocked if _holds(stream, "EncryptedPackage".encode("utf-16-le")) else WorkbookOld
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            formulas = _walk(archive, max_rows=max_rows)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError):
        raise WorkbookBroken from None
    sheet = _first_sheet(_opened(stream))
    start = sheet.start[1] if sheet.start else 0
    shifted = {
        line: frozenset(column - start for column in columns if column >= start) for line, columns in formulas.items()
    }
    return Measured(sheet=sheet.name, formulas=shifted)


def rows(stream: BinaryIO) -> Iterator[tuple[int, list[str]]]:
    """The lines of the first visible sheet, each with its number, as text; raises `WorkbookBroken`."""
    sheet = _first_sheet(_opened(stream))
    if sheet.start is None:
        return
    for index, cells in enumerate(sheet.iter_rows(), start=1):
        yield index, [cell if type(cell) is str else _text(cell) for cell in cells]


def _opened(stream: BinaryIO) -> python_calamine.CalamineWorkbook:
    stream.seek(0)
    try:
        return python_calamine.CalamineWorkbook.from_filelike(stream)
    except python_calamine.PasswordError:
        raise WorkbookLocked from None
    except (python_calamine.CalamineError, OSError, ValueError):
        raise WorkbookBroken from None


def _first_sheet(book: python_calamine.CalamineWorkbook) -> python_calamine.CalamineSheet:
    for sheet in book.sheets_metadata:
        is_table = sheet.typ == python_calamine.SheetTypeEnum.WorkSheet
        if is_table and sheet.visible == python_calamine.SheetVisibleEnum.Visible:
            try:
                return book.get_sheet_by_name(sheet.name)
            except (python_calamine.CalamineError, OSError, ValueError):
                raise WorkbookBroken from None
    raise WorkbookBroken


def _holds(stream: BinaryIO, wanted: bytes) -> bool:
    tail = b""
    while piece := stream.read(_CHUNK):
        if wanted in tail + piece:
            return True
        tail = piece[-len(wanted) :]
    return False


def _walk(archive: zipfile.ZipFile, *, max_rows: int) -> dict[int, set[int]]:
    parts = archive.infolist()
    names = {part.filename.lower() for part in parts}
    if "xl/workbook.xml" not in names or any(part.flag_bits & 1 for part in parts):
        raise WorkbookBroken
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise WorkbookTooLarge
    formulas: dict[int, set[int]] = {}
    for part in parts:
        if part.file_size > 1024 * 1024 and part.file_size > MAX_RATIO * max(part.compress_size, 1):
            raise WorkbookTooLarge
        sheet = _Sheet(max_rows=max_rows, formulas=formulas)
        with archive.open(part) as opened:
            while piece := opened.read(_CHUNK):
                sheet.take(piece)
    return formulas


class _Sheet:
    """How far a part reaches as a sheet; a reader lays it out from the first to the last cell, however far that is.

    Every part is measured, since the workbook may call any of them its sheet. Cells without a place of their own are
    counted.
    """

    def __init__(self, *, max_rows: int, formulas: dict[int, set[int]]) -> None:
        self._max_rows = max_rows
        self._formulas = formulas
        self._tail = b""
        self._last_row = 0
        self._last_column = 1
        self._rows = 0
        self._cells_of_row = 0

    def take(self, piece: bytes) -> None:
        """Measure the next piece; raises `WorkbookTooLarge`."""
        text = self._tail + piece
        places = set(_CELL.findall(text))
        if places:
            self._last_column = max(self._last_column, *(_position(letters) + 1 for letters, _row in places))
            self._last_row = max(self._last_row, *(int(row) for _letters, row in places))
        for letters, row in _FORMULA.findall(text):
            self._formulas.setdefault(int(row), set()).add(_position(letters))
        first, *others = piece.split(b"<row")
        self._cells_of_row += first.count(b"<c ") + first.count(b"<c>") + first.count(b"<c/")
        for row in others:
            self._last_column = max(self._last_column, self._cells_of_row)
            self._cells_of_row = row.count(b"<c ") + row.count(b"<c>") + row.count(b"<c/")
        self._last_column = max(self._last_column, self._cells_of_row)
        self._rows += len(others)
        self._tail = text[-_OVERLAP:]
        rows = max(self._last_row, self._rows)
        if rows > 2 * self._max_rows or rows * self._last_column > MAX_CELLS:
            raise WorkbookTooLarge


def _position(letters: bytes) -> int:
    place = 0
    for letter in letters.upper():
        place = place * 26 + letter - 64
    return place - 1


def _text(cell: float | bool | date | time | datetime | timedelta | str) -> str:
    """A cell as a text file would hold it; whole numbers keep their `.0`, so that the checks can tell them."""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return f"{int(cell)}.0"
    return str(cell)
