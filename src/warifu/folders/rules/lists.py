"""フォルダの一覧: many folders from a table, each cell looked at (B1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from warifu.folders.rules import fields, keeping
from warifu.folders.rules.keeping import Keeping
from warifu.foundation import japanese
from warifu.foundation.refusals import translatable as _

MOST = 2000

COLUMNS: dict[str, str] = {
    "customer_name": _("顧客の名前"),
    "customer_code": _("顧客コード"),
    "registration_number": _("顧客の登録番号"),
    "capacity_mb": _("容量の上限（MB）"),
    "file_mb": _("1件の上限（MB）"),
    "form": _("法人・個人"),
    "year_end_month": _("決算月"),
    "keeping_years": _("保存する年数"),
}
"""Heading of each column; only the first is needed, the others may be left out."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What is the matter with a row; rows are counted as a spreadsheet does."""

    row: int
    column: str
    what: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """One folder as the list wishes it."""

    customer_name: str
    customer_code: str = ""
    registration_number: str = ""
    capacity_mb: int = 10_240
    file_mb: int = 100
    keeping: Keeping = field(default_factory=Keeping)


def parse(table: Sequence[Sequence[str]]) -> tuple[list[Row], list[Problem]]:
    """The rows of a table whose first line names the columns, and every fault in it."""
    heads = [japanese.search_key(cell) for cell in (table[0] if table else [])]
    places = {
        key: heads.index(japanese.search_key(name))
        for key, name in COLUMNS.items()
        if japanese.search_key(name) in heads
    }
    if "customer_name" not in places:
        return [], [Problem(row=1, column=COLUMNS["customer_name"], what=_("この見出しの列がありません。"))]
    rows: list[Row] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for number, cells in enumerate(table[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(rows) >= MOST:
            problems.append(Problem(row=number, column="", what=_("2000行を超えています。分けて読み込んでください。")))
            break
        given = {key: (cells[place].strip() if place < len(cells) else "") for key, place in places.items()}
        row, found = _row(number, given)
        if row.customer_code and row.customer_code in seen:
            found.append(
                Problem(row=number, column=COLUMNS["customer_code"], what=_("同じ顧客コードが、上の行にもあります。"))
            )
        seen[row.customer_code] = number
        rows.append(row)
        problems += found
    if not rows and not problems:
        problems.append(Problem(row=2, column="", what=_("顧客が1行もありません。")))
    return rows, problems


def _row(number: int, given: dict[str, str]) -> tuple[Row, list[Problem]]:
    problems: list[Problem] = []

    def fault(key: str, what: str) -> None:
        problems.append(Problem(row=number, column=COLUMNS[key], what=what))

    def count(key: str, otherwise: int, least: int, most: int) -> int:
        text = japanese.to_half_width(given.get(key, "")).replace(",", "").removesuffix("月").removesuffix("年")
        if not text:
            return otherwise
        if not text.isascii() or not text.isdecimal() or len(text) > 9 or not least <= int(text) <= most:
            fault(key, _("数字で、決められた範囲に直してください。"))
            return otherwise
        return int(text)

    name = japanese.trim_name(given["customer_name"])
    if not name or len(name) > fields.NAME_LENGTH:
        fault("customer_name", _("顧客の名前を、200文字までで入れてください。"))
    code = japanese.to_half_width(given.get("customer_code", ""))
    if len(code) > 40:
        fault("customer_code", _("顧客コードは40文字までです。"))
    registration = ""
    try:
        registration = fields.registration_number(given.get("registration_number", ""))
    except fields.RegistrationNumberWrong:
        fault("registration_number", _("登録番号の形が合いません。「T」のあとに13桁の数字です。"))
    form = given.get("form", "")
    if form not in ("", "法人", "個人", "個人事業者"):
        fault("form", _("「法人」か「個人」にしてください。"))
    years = count("keeping_years", keeping.DEFAULT_YEARS, 5, 10)
    if years not in keeping.YEARS:
        fault("keeping_years", _("5・7・10のどれかにしてください。"))
    return (
        Row(
            customer_name=name,
            customer_code=code,
            registration_number=registration,
            capacity_mb=count("capacity_mb", 10_240, 1, 10_000_000),
            file_mb=count("file_mb", 100, 1, 2048),
            keeping=Keeping(
                year_end_month=count("year_end_month", 3, 1, 12),
                years=years if years in keeping.YEARS else keeping.DEFAULT_YEARS,
                is_sole_trader=form.startswith("個人"),
            ),
        ),
        problems,
    )
