"""From the bytes of a file to rows of text: CSV, TSV and XLSX, whatever encoding, within firm limits (C1, C4, V-05).

Text is read as a stream, so memory does not grow with the file. A workbook is measured before it is opened: the sizes
of its parts, how far they are packed, and how large its sheet would be once laid out. Anything that is no roster is
refused with one sentence.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO, ClassVar, NamedTuple, cast

from warifu.collection.rules import roster_workbook
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _

MAX_BYTES = 32 * 1024 * 1024
MAX_ROWS = 200_000
MAX_COLUMNS = 1_000
MAX_LINE = 1_000_000

ENCODINGS = {"utf-8-sig": "UTF-8", "utf-8": "UTF-8", "cp932": "CP932", "utf-16": "UTF-16"}
"""What a person may choose by hand, with the name that the screen shows; C-6 states no encoding."""

_CHUNK = 1 << 16
_SAMPLE_LINES = 50
_TEXT_CONTROLS = frozenset(b"\t\n\r\x0c\x1b\x1a")
_JIS_ESCAPES = (b"\x1b$B", b"\x1b$@", b"\x1b(J")
_UNDEFINED = frozenset("\x80\xa0\uf8f0\uf8f1\uf8f2\uf8f3")
_SIGNATURES = (
    (b"\x89PNG", _("PNG画像")),
    (b"\xff\xd8\xff", _("JPEG画像")),
    (b"GIF8", _("GIF画像")),
    (b"BM", _("BMP画像")),
    (b"II*\x00", _("TIFF画像")),
    (b"MM\x00*", _("TIFF画像")),
    (b"%PDF", _("PDF")),
    (b"\x1f\x8b", _("圧縮ファイル(gzip)")),
    (b"7z\xbc\xaf", _("圧縮ファイル(7-Zip)")),
    (b"Rar!", _("圧縮ファイル(RAR)")),
    (b"\x7fELF", _("プログラム")),
    (b"MZ", _("プログラム")),
    (b"SQLite format 3", _("データベース")),
    (b"{\\rtf", _("リッチテキスト")),
)


class FileEmpty(Refused):
    """The file holds nothing."""

    code = "WF-C114"
    sentence = _("ファイルの中身が空です。")
    remedy = _("従業員が書かれたCSVかExcel(.xlsx)のファイルを選んでください。")
    status = 422


class FileTooLarge(Refused):
    """The file exceeds the limit of bytes."""

    code = "WF-C115"
    sentence = _("ファイルが大きすぎます。受け取れるのは{limit}MBまでです。")
    remedy = _("事業所などで分けて、何回かに分けてお送りください。")
    status = 413


class NotATable(Refused):
    """The file is a picture, a program, or otherwise no text."""

    code = "WF-C103"
    sentence = _("名簿ではないファイルです（{kind}）。")
    remedy = _("表計算ソフトでCSVかExcel(.xlsx)として保存したファイルを選んでください。")
    status = 422


class WrongEncoding(Refused):
    """The text is in none of the encodings that are read."""

    code = "WF-C104"
    sentence = _("文字コードを読み取れません。UTF-8、CP932(Shift_JIS)のどちらでもないか、途中で壊れています。")
    remedy = _("表計算ソフトで「CSV UTF-8」として保存し直してください。")
    status = 422


class LinesUnreadable(Refused):
    """A line is so long, or a quotation so wide, that this is no table."""

    code = "WF-C105"
    sentence = _('{line}行目が長すぎて読めません。引用符「"」が閉じていないか、名簿ではないファイルです。')
    remedy = _("その行の引用符を確かめるか、表計算ソフトで保存し直してください。")
    status = 422


class TooManyColumns(Refused):
    """A row has more columns than any roster."""

    code = "WF-C106"
    sentence = _("列が多すぎます。読める列は{limit}列までです。")
    remedy = _("名簿に要る列だけを残して保存し、もう一度お送りください。")
    status = 422


class TooManyRows(Refused):
    """The table has more rows than one roster may have."""

    code = "WF-C107"
    sentence = _("行が多すぎます。1回に読める従業員は{limit}人までです。")
    remedy = _("事業所などで分けて、何回かに分けてお送りください。")
    status = 422


class NoRows(Refused):
    """The table has no person in it."""

    code = "WF-C108"
    sentence = _("従業員の行がありません。")
    remedy = _("見出しの下に1行に1人ずつ書いたファイルを選んでください。")
    status = 422


class Record(NamedTuple):
    """One line of the table; `unclosed` when a quotation ran to the end of the file, `formulas` by cell position."""

    cells: list[str]
    line: int
    unclosed: bool = False
    formulas: frozenset[int] = frozenset()


@dataclass(kw_only=True)
class RosterFile:
    """A file that can be read as a table, as often as one likes.

    `kind` is `csv` or `xlsx`; `encoding` and `delimiter` say how a text is read.
    """

    stream: BinaryIO
    kind: str
    encoding: str = ""
    delimiter: str = ","
    sheet: str = ""
    _book: roster_workbook.Measured | None = field(default=None, repr=False)

    NAMES: ClassVar[dict[str, str]] = {",": _("コンマ区切り"), "\t": _("タブ区切り"), ";": _("セミコロン区切り")}

    def records(self) -> Iterator[Record]:
        """All lines but wholly blank ones, from the first.

        Raises `LinesUnreadable`, `TooManyColumns`, `WrongEncoding`, and what a workbook may be refused for.
        """
        found = self._text_records() if self.kind == "csv" else self._sheet_records()
        for record in found:
            if len(record.cells) > MAX_COLUMNS:
                raise TooManyColumns(limit=f"{MAX_COLUMNS:,}")
            yield record

    def _text_records(self) -> Iterator[Record]:
        source = _Lines(self.stream, self.encoding)
        reader = csv.reader(source, delimiter=self.delimiter)
        while True:
            line = source.count + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                raise LinesUnreadable(line=f"{line:,}") from None
            except UnicodeError:
                raise WrongEncoding from None
            if cells:
                yield Record(cells, line, unclosed=source.is_exhausted)

    def _sheet_records(self) -> Iterator[Record]:
        if self._book is None:
            raise NoRows
        formulas = self._book.formulas
        for line, cells in roster_workbook.rows(self.stream):
            yield Record(cells, line, formulas=formulas.get(line, frozenset()))


class _Lines:
    """The lines of a text, one at a time and none longer than `MAX_LINE`; knows when they have ended."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        stream.seek(0)
        self._text = io.TextIOWrapper(cast(BinaryIO, _Unclosable(stream)), encoding=encoding, newline="")
        self.count = 0
        self.is_exhausted = False

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._text.readline(MAX_LINE)
        if not line:
            self.is_exhausted = True
            raise StopIteration
        self.count += 1
        if len(line) >= MAX_LINE:
            raise LinesUnreadable(line=f"{self.count:,}")
        return line


class _Unclosable(io.RawIOBase):
    """Lets a text wrapper come and go without closing the file below."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream

    def readable(self) -> bool:
        """Part of the protocol."""
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        """Part of the protocol."""
        piece = self._stream.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)


def open_file(stream: BinaryIO, *, encoding: str = "") -> RosterFile:
    """Look at a file from its bytes (never its name) and make it readable as a table.

    `encoding` overrides the detection: BOM, then strict UTF-8, then strict CP932. Raises `FileEmpty`, `FileTooLarge`,
    `NotATable`, `WrongEncoding`, and what `roster_workbook.measure` raises. The stream must be able to seek.
    """
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    if size == 0:
        raise FileEmpty
    if size > MAX_BYTES:
        raise FileTooLarge(limit=MAX_BYTES // 1024 // 1024)
    head = stream.read(_CHUNK)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", roster_workbook.OLE)):
        book = roster_workbook.measure(stream, max_rows=MAX_ROWS)
        return RosterFile(stream=stream, kind="xlsx", sheet=book.sheet, _book=book)
    _insist_on_text(head)
    chosen = encoding or _detect(stream, head)
    _insist_decodable(stream, chosen)
    return RosterFile(stream=stream, kind="csv", encoding=chosen, delimiter=_delimiter(stream, chosen))


def _insist_on_text(head: bytes) -> None:
    for signature, kind in _SIGNATURES:
        if head.startswith(signature) and not _looks_like_text(head):
            raise NotATable(kind=kind)
    if head[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypmp42", b"ftypisom", b"ftypavif"):
        raise NotATable(kind=_("画像または動画"))
    if head[:4] == b"%PDF" or head[:5] == b"{\\rtf":
        raise NotATable(kind=_("PDF") if head[:1] == b"%" else _("リッチテキスト"))
    if head.lstrip()[:15].lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        raise NotATable(kind=_("HTMLまたはXML"))
    if not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and not _looks_like_text(head):
        raise NotATable(kind=_("文字ではないデータ"))


def _looks_like_text(head: bytes) -> bool:
    """Text may hold a stray control character or NUL, which the row is blamed for; data holds many."""
    counted = Counter(head)
    controls = sum(times for byte, times in counted.items() if byte < 32 and byte not in _TEXT_CONTROLS)
    return controls * 20 < len(head) or controls <= 2


def _detect(stream: BinaryIO, head: bytes) -> str:
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if any(escape in head for escape in _JIS_ESCAPES):
        raise WrongEncoding
    for encoding in ("utf-8", "cp932"):
        try:
            _insist_decodable(stream, encoding)
        except WrongEncoding:
            continue
        if encoding == "cp932":
            _insist_japanese(stream, head)
        return encoding
    raise WrongEncoding


def _insist_japanese(stream: BinaryIO, head: bytes) -> None:
    """CP932 takes almost any bytes: refuse what it reads as undefined signs, or as kana soup that EUC-JP reads too."""
    text = codecs.getincrementaldecoder("cp932")().decode(head)
    if any(char in _UNDEFINED for char in text):
        raise WrongEncoding
    half = sum("\uff61" <= char <= "\uff9f" for char in text)
    if half * 2 > sum(char > "\x7f" for char in text):
        try:
            _decode_all(stream, "euc_jp")
        except UnicodeError:
            return
        raise WrongEncoding


def _insist_decodable(stream: BinaryIO, encoding: str) -> None:
    if encoding not in ENCODINGS:
        raise WrongEncoding
    try:
        _decode_all(stream, encoding)
    except UnicodeError:
        raise WrongEncoding from None


def _decode_all(stream: BinaryIO, encoding: str) -> None:
    stream.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    while piece := stream.read(_CHUNK):
        decoder.decode(piece)
    decoder.decode(b"", final=True)


def _delimiter(stream: BinaryIO, encoding: str) -> str:
    """The sign that parts the first lines into the most even columns; a comma when none does."""
    lines = [line for line in islice(_Lines(stream, encoding), _SAMPLE_LINES) if line.strip()]
    best, best_mark = ",", (0, 0)
    for sign in (",", "\t", ";"):
        try:
            widths = Counter(len(cells) for cells in csv.reader(lines, delimiter=sign) if cells)
        except csv.Error:
            continue
        parted = [(times, width) for width, times in widths.items() if width > 1]
        mark = max(parted, default=(0, 0))
        if mark > best_mark:
            best, best_mark = sign, mark
    return best
