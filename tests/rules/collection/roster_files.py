"""Rosters made in code: text in many shapes, workbooks, and things that only look like them."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from datetime import date
from io import BytesIO
from typing import Any

import openpyxl

from warifu.collection.rules.roster import CheckedRow, Roster, open_roster
from warifu.collection.rules.roster_problems import Problem

TODAY = date(2026, 11, 24)
HEAD = "社員番号,姓,名,ミドルネーム,セイ,メイ,生年月日,入社日,所属,メールアドレス,電話番号,在籍状態"
GOOD = {
    "社員番号": "0101",
    "姓": "佐藤",
    "名": "一郎",
    "ミドルネーム": "",
    "セイ": "サトウ",
    "メイ": "イチロウ",
    "生年月日": "1990-01-02",
    "入社日": "2015-04-01",
    "所属": "総務課",
    "メールアドレス": "s01@example.jp",
    "電話番号": "03-1234-5678",
    "在籍状態": "在職",
}


def opened(content: str | bytes, **options: Any) -> Roster:
    """A roster from text or bytes."""
    return open_roster(BytesIO(content.encode() if isinstance(content, str) else content), **options)


def checked(content: str | bytes, **options: Any) -> list[CheckedRow]:
    """All rows of a roster, checked."""
    roster = opened(content, **options)
    return list(roster.check(survey=roster.survey(), on=TODAY))


def problems(content: str | bytes, **options: Any) -> list[Problem]:
    """All problems of a roster."""
    return [problem for row in checked(content, **options) for problem in row.problems]


def one(**cells: str) -> CheckedRow:
    """A full row, correct but for the given cells."""
    row = GOOD | cells
    quoted = (f'"{row[name].replace(chr(34), chr(34) * 2)}"' for name in HEAD.split(","))
    return checked(f"{HEAD}\n{','.join(quoted)}\n")[0]


def workbook(rows: Iterable[Sequence[Any]]) -> bytes:
    """A workbook with one sheet."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(content: bytes, **parts: bytes) -> bytes:
    """A workbook with the content of some parts replaced (`sheet1` for xl/worksheets/sheet1.xml) or added."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            key = name.rsplit("/", maxsplit=1)[-1].split(".")[0]
            new.writestr(name, parts.pop(key, None) or old.read(name))
        for name, part in parts.items():
            new.writestr(f"xl/media/{name}.bin", part)
    return out.getvalue()
