"""From bytes to rows: encodings, separators, workbooks, and what is no roster (C1, C4, V-05)."""

from __future__ import annotations

import tracemalloc
import zipfile
from contextlib import suppress
from datetime import date, datetime
from io import BytesIO

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.rules.collection.roster_files import checked, opened, problems, repacked, workbook
from warifu.collection.rules import roster_file, roster_workbook
from warifu.collection.rules.roster import first_lines
from warifu.collection.rules.roster_layout import ColumnsUnknown
from warifu.foundation.refusals import Refused

LINE = "m01@example.jp,髙橋,,一郎\n"
SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)


WORKBOOK = workbook([["メールアドレス", "姓", "名"], ["a@b.jp", "佐藤", "花"]])


@pytest.mark.shows("001-8", "J-13")
@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (LINE.encode(), "utf-8"),
        (LINE.encode("utf-8-sig"), "utf-8-sig"),
        (LINE.encode("cp932"), "cp932"),
        (LINE.encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + LINE.encode("utf-16-be"), "utf-16"),
    ],
)
def test_encodings(content: bytes, encoding: str) -> None:
    roster = opened(content)
    assert roster.file.encoding == encoding
    assert [row.person.family_name for row in checked(content)] == ["髙橋"]


@pytest.mark.parametrize("separator", [",", "\t", ";"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends(separator: str, ending: str) -> None:
    lines = [separator.join((f'"m{number}@example.jp"', "佐藤", "", "花")) for number in range(3)]
    rows = checked(ending.join([*lines, "", ""]))
    assert [row.person.mail for row in rows] == ["m0@example.jp", "m1@example.jp", "m2@example.jp"]
    assert all(row.is_accepted for row in rows)


def test_a_separator_inside_quotes_is_text() -> None:
    rows = checked('社員番号,姓,名,所属,メールアドレス\n1,佐藤,花,"営業,東京","a@b.jp"\n')
    assert rows[0].person.department == "営業,東京"


def test_a_workbook_is_read_as_text_would_be() -> None:
    head = ["社員番号", "姓", "名", "生年月日", "入社日", "メールアドレス"]
    rows = checked(workbook([head, ["0101", "佐藤", "花", date(1990, 1, 2), datetime(2015, 4, 1), "a@example.jp"]]))  # noqa: DTZ001
    assert (rows[0].person.employee_code, rows[0].person.born_on, rows[0].person.hired_on) == (
        "0101",
        date(1990, 1, 2),
        date(2015, 4, 1),
    )
    assert rows[0].problems == []


def test_numbers_of_a_workbook_come_without_their_point() -> None:
    rows = checked(workbook([["社員番号", "姓", "名", "メールアドレス"], [417, "佐藤", "花", "a@example.jp"]]))
    assert rows[0].person.employee_code == "417"
    assert [(each.code, each.value, each.suggestion) for each in rows[0].problems] == [("WF-C152", "417.0", "417")]


def test_formulas_of_a_workbook_are_told() -> None:
    found = problems(workbook([["メールアドレス", "姓", "名"], ["a@example.jp", "佐藤", '=HYPERLINK("http://x","y")']]))
    assert ("名", "WF-C149", "error") in {(each.column, each.code, each.severity) for each in found}


def test_the_first_visible_sheet_is_read_wherever_it_begins() -> None:
    rows = checked(
        workbook([[], ["", "従業員名簿"], ["", "メールアドレス", "姓", "名"], ["", "a@example.jp", "佐藤", "花"]])
    )
    assert rows[0].person.mail == "a@example.jp"


@pytest.mark.shows("001-12", "V-05")
@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", roster_file.FileEmpty),
        (b"\n\n\n", roster_file.NoRows),
        ("メールアドレス,姓,名\n".encode(), roster_file.NoRows),
        (b"\xff\xd8\xff\xe0" + bytes(500), roster_file.NotATable),
        (b"\x89PNG\r\n\x1a\n" + bytes(500), roster_file.NotATable),
        (b"%PDF-1.7\n1 0 obj\n", roster_file.NotATable),
        (b"<!DOCTYPE html><table></table>", roster_file.NotATable),
        (bytes(range(256)) * 20, roster_file.NotATable),
        (bytes(5000), roster_file.NotATable),
        ("m01@example.jp,佐藤,花\n".encode("utf-16-le"), roster_file.NotATable),
        ("m01@example.jp,佐藤,花子\n".encode("euc_jp"), roster_file.WrongEncoding),
        ("m01@example.jp,佐藤,花子\n".encode("iso2022_jp"), roster_file.WrongEncoding),
        ("m01@example.jp,José,Müller\n".encode("latin-1"), roster_file.WrongEncoding),
        ("m01@example.jp,佐藤,花子\n".encode() + b"\xe3\x81\n", roster_file.WrongEncoding),
        (b"a@b.jp" + b",x" * 10_000 + b"\n", roster_file.TooManyColumns),
        (b'a@b.jp,"' + b"x" * 200_000, roster_file.LinesUnreadable),
        (b"a@b.jp," + b"x" * 1_100_000, roster_file.LinesUnreadable),
        (b"PK\x03\x04" + bytes(100), roster_workbook.WorkbookBroken),
        (roster_workbook.OLE + bytes(600), roster_workbook.WorkbookOld),
        (roster_workbook.OLE + "EncryptedPackage".encode("utf-16-le"), roster_workbook.WorkbookLocked),
        ("これは名簿ではありません。\nただの文章です。\n".encode(), ColumnsUnknown),
        (b"import os\nprint(os.sep, 1, 2)\n", ColumnsUnknown),
    ],
)
def test_what_is_no_roster_is_refused(content: bytes, refusal: type[Refused]) -> None:
    with pytest.raises(refusal) as raised:
        checked(content)
    assert raised.value.sentence.format(**raised.value.values).endswith("。")


def test_a_file_too_large_is_refused_unread() -> None:
    class Huge(BytesIO):
        def seek(self, offset: int, whence: int = 0) -> int:
            return 2**31 if whence else super().seek(offset)

        def read(self, size: int | None = -1) -> bytes:
            raise AssertionError("nothing of it may be read")

    with pytest.raises(roster_file.FileTooLarge):
        roster_file.open_file(Huge())


def test_too_many_rows_are_refused() -> None:
    with pytest.raises(roster_file.TooManyRows):
        checked(b"a@b.jp,a,b\n" * 200_001)


@pytest.mark.shows("V-05")
@pytest.mark.parametrize(
    ("sheet", "more"),
    [
        ("<row><c r='A1'/></row>" + "<row r='1048576'><c r='XFD1048576' t='n'><v>1</v></c></row>", {}),
        ("<row>" + "<c/>" * 60 + "</row>" + "<row/>" * 300_000, {}),
        ("<row><c/></row>", {"bomb": bytes(60 * 1024 * 1024)}),
    ],
)
def test_a_workbook_that_would_grow_is_refused_before_it_is_opened(sheet: str, more: dict[str, bytes]) -> None:
    content = repacked(workbook([["a"]]), sheet1=SHEET.format(sheet).encode(), **more)
    tracemalloc.start()
    with pytest.raises(roster_workbook.WorkbookTooLarge):
        checked(content)
    assert tracemalloc.get_traced_memory()[1] < 40 * 1024 * 1024
    tracemalloc.stop()


def test_a_workbook_with_too_many_parts_is_refused() -> None:
    content = repacked(workbook([["a"]]), **{f"part{number}": b"x" for number in range(2_000)})
    with pytest.raises(roster_workbook.WorkbookTooLarge):
        checked(content)


def test_an_archive_that_lies_about_its_sizes_is_refused() -> None:
    content = bytearray(repacked(workbook([["メールアドレス", "姓", "名"], ["a@b.jp", "あ", "い"]]), lie=b"y" * 5000))
    place = content.rindex(b"xl/media/lie.bin") - 46 + 24
    content[place : place + 4] = (10).to_bytes(4, "little")
    with pytest.raises(roster_workbook.WorkbookBroken):
        checked(bytes(content))


def test_another_archive_is_no_workbook() -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    with pytest.raises(roster_workbook.WorkbookBroken):
        checked(out.getvalue())


def test_memory_does_not_grow_with_the_rows() -> None:
    peaks = []
    for rows in (1_000, 100_000):
        content = BytesIO("".join(f"u{number:06d}@example.jp,山田,,太郎\n" for number in range(rows)).encode())
        roster = opened(content.getvalue())
        tracemalloc.start()
        survey = roster.survey()
        assert sum(row.is_accepted for row in roster.check(survey=survey, on=date(2026, 11, 24))) == rows
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] - peaks[0] < 16 * 1024 * 1024


def test_the_first_lines_for_the_eye_hold_no_number() -> None:
    lines = first_lines(stream=BytesIO("a@b.jp,佐藤,1234 5678 9012\n".encode("cp932")), encoding="cp932")
    assert lines == [["a@b.jp", "佐藤", "************"]]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=3000))
@example(b"\xef\xbb\xbf")
@example(b'"')
@example(b"a@b.jp,\x00,\x00\n")
def test_no_bytes_make_it_fall(content: bytes) -> None:
    with suppress(Refused):
        checked(content)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(st.text(max_size=30), min_size=1, max_size=13), min_size=1, max_size=6), st.booleans())
def test_no_rows_make_it_fall(rows: list[list[str]], has_mails: bool) -> None:
    lines = [",".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row) for row in rows]
    first = (
        "a@example.jp,佐藤,花\n" if has_mails else "社員番号,姓,名,セイ,メイ,生年月日,入社日,所属,メール,電話,在籍\n"
    )
    try:
        found = checked((first + "\n".join(lines)).encode(errors="replace"))
    except Refused:
        return
    errors = {each.row for row in found for each in row.problems if each.severity == "error"}
    assert sum(row.is_accepted for row in found) == len(found) - len(errors)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_broken_workbook_makes_it_fall(data: st.DataObject) -> None:
    size = len(WORKBOOK) - 1
    content = bytearray(WORKBOOK)
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(4, 4_000)) % size] = data.draw(st.integers(0, 255))
    with suppress(Refused):
        checked(bytes(content))
