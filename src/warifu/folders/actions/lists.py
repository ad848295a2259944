"""フォルダの一覧: read from a file, and written into one (B1)."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO, StringIO
from uuid import UUID

import python_calamine

from warifu.folders.actions.folders import Wish
from warifu.folders.queries import folders as queries
from warifu.folders.rules import lists as rules
from warifu.folders.rules.fields import MIB
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _


class ListUnreadable(Refused):
    """The file is no table that can be read."""

    code = "WF-F108"
    sentence = _("一覧のファイルを読み取れませんでした。")
    remedy = _("ひな形に書き込んだCSV（UTF-8かShift_JIS）か、Excel(.xlsx)のファイルを選んでください。")
    status = 422


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a list says: wishes, and what is the matter; with a problem nothing should be made."""

    wishes: list[Wish]
    problems: list[rules.Problem]


def read(*, file_name: str, content: bytes) -> Found:
    """Read a list of folders. Raises `ListUnreadable`."""
    table = _workbook(content) if content[:2] == b"PK" else _csv(content)
    rows, problems = rules.parse(table)
    wishes = [
        Wish(
            customer_name=row.customer_name,
            customer_code=row.customer_code,
            registration_number=row.registration_number,
            capacity=row.capacity_mb * MIB,
            file_limit=row.file_mb * MIB,
            keeping=row.keeping,
        )
        for row in rows
    ]
    return Found(wishes=wishes, problems=problems)


def rows(
    *, organisation_id: UUID, by: Actor, at: datetime, translate: Callable[[str], str]
) -> Iterator[tuple[str, ...]]:
    """All folders that somebody may read, as rows of a list. Raises `NotPermitted`."""
    after = ""
    while True:
        lines, after = queries.listing(organisation_id=organisation_id, by=by, at=at, after=after, limit=500)
        for line in lines:
            yield (
                line.customer_name,
                line.customer_code,
                line.registration_number,
                str(line.capacity // MIB),
                str(line.file_limit // MIB),
                translate(_("個人")) if line.is_sole_trader else translate(_("法人")),
                str(line.year_end_month),
                str(line.keeping_years),
                f"{line.used / MIB:.1f}",
                str(line.count),
                translate(line.state_label),
            )
        if not after:
            return


def _csv(content: bytes) -> list[list[str]]:
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return list(csv.reader(StringIO(content.decode(encoding), newline="")))[: rules.MOST + 10]
        except (UnicodeDecodeError, csv.Error):
            continue
    raise ListUnreadable


def _workbook(content: bytes) -> list[list[str]]:
    try:
        sheet = python_calamine.CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0)
        table = sheet.to_python(nrows=rules.MOST + 10)
    except (python_calamine.CalamineError, OSError, ValueError, IndexError):
        raise ListUnreadable from None
    return [[_cell(cell) for cell in row] for row in table]


def _cell(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
