"""A roster checked row by row: from the lines of a file to people, and to everything that is the matter (C2).

Two walks over the file: the first counts rows, widths of codes and values that come twice; the second reads each row.
Neither keeps rows, so memory does not grow with the file.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import islice, pairwise
from typing import BinaryIO

from warifu.collection.rules import roster_cells as cells_of
from warifu.collection.rules import roster_layout
from warifu.collection.rules.roster_cells import LIMITS, Notes
from warifu.collection.rules.roster_file import MAX_ROWS, NoRows, Record, RosterFile, TooManyRows, open_file
from warifu.collection.rules.roster_layout import Field, Layout
from warifu.collection.rules.roster_problems import Matter, Problem
from warifu.collection.rules.roster_surnames import SURNAMES
from warifu.foundation import japanese
from warifu.foundation.masking import mask_numbers

Mends = Mapping[int, Mapping[str, str]]
"""Cells mended by hand: data row → column label → value."""

_WORKING_AGE = 14
_OLDEST = date(1900, 1, 1)


@dataclass(slots=True)
class Person:
    """One person as a roster gives them; empty means that the roster says nothing."""

    employee_code: str = ""
    family_name: str = ""
    given_name: str = ""
    middle_name: str = ""
    family_kana: str = ""
    given_kana: str = ""
    born_on: date | None = None
    hired_on: date | None = None
    department: str = ""
    mail: str = ""
    phone: str = ""
    employment: str = ""


@dataclass(slots=True)
class CheckedRow:
    """One data row: its number from 1, its line in the file, its cells as they came, who it is, what is the matter."""

    row: int
    line: int
    cells: list[str]
    person: Person
    notes: Notes

    @property
    def problems(self) -> list[Problem]:
        """What is the matter with the row."""
        return self.notes.found

    @property
    def is_accepted(self) -> bool:
        """Whether the row can be loaded: it has no error."""
        return not self.notes.has_errors


@dataclass(kw_only=True)
class Survey:
    """What the first walk found: how many rows, and what rows have in common."""

    rows: int = 0
    code_width: int = 0
    is_padded: bool = False
    is_even: bool = False
    mails_twice: frozenset[int] = frozenset()
    codes_twice: frozenset[int] = frozenset()


@dataclass(kw_only=True)
class Roster:
    """A file with its layout and mends, ready to be checked as often as one likes."""

    file: RosterFile
    layout: Layout
    mends: Mends = field(default_factory=dict)

    def survey(self) -> Survey:
        """Walk the file once; raises `NoRows`, `TooManyRows` and what reading raises."""
        mail_at, code_at = self.layout.position(Field.MAIL), self.layout.position(Field.EMPLOYEE_CODE)
        mails, codes = array("q"), array("q")
        widths: Counter[int] = Counter()
        padded: set[int] = set()
        rows = 0
        for rows, _record, cells in self._data_rows():
            if rows > MAX_ROWS:
                raise TooManyRows(limit=f"{MAX_ROWS:,}")
            if mail_at is not None and mail_at < len(cells) and (mail := _mail_key(cells[mail_at])):
                mails.append(hash(mail))
            if code_at is not None and code_at < len(cells) and (code := _code_key(cells[code_at])):
                codes.append(hash(code))
                if code.isdigit():
                    widths[len(code)] += 1
                    if code[0] == "0":
                        padded.add(len(code))
        if not rows:
            raise NoRows
        width, times = max(widths.items(), key=lambda pair: (pair[1], pair[0]), default=(0, 0))
        return Survey(
            rows=rows,
            code_width=width,
            is_padded=width in padded and times * 2 >= widths.total(),
            is_even=times >= 10 and times * 20 >= widths.total() * 19,
            mails_twice=_twice(mails),
            codes_twice=_twice(codes),
        )

    def check(self, *, survey: Survey, on: date) -> Iterator[CheckedRow]:
        """Walk the file and check every row; `on` is the day on which a birth date would be in the future."""
        reader = _RowReader(self.layout, survey, on)
        for number, record, cells in self._data_rows():
            yield reader.read(number, record, cells)

    def _data_rows(self) -> Iterator[tuple[int, Record, list[str]]]:
        """The data rows with their numbers; empty rows at the end are none."""
        number = 0
        empty: list[Record] = []
        for record in islice(self.file.records(), self.layout.skip, None):
            if not any(record.cells) or not any(map(str.strip, record.cells)):
                if len(empty) <= MAX_ROWS:
                    empty.append(record)
                continue
            for waiting in empty:
                number += 1
                yield number, waiting, self._mended(number, waiting.cells)
            empty.clear()
            number += 1
            yield number, record, self._mended(number, record.cells)

    def _mended(self, number: int, cells: list[str]) -> list[str]:
        mends = self.mends.get(number)
        if not mends:
            return cells
        mended = cells + [""] * (self.layout.width - len(cells))
        for place in range(self.layout.width):
            mended[place] = mends.get(self.layout.label(place), mended[place])
        return mended


def open_roster(
    stream: BinaryIO,
    *,
    preset: str = "",
    encoding: str = "",
    mapping: Mapping[str, str] | None = None,
    has_header: bool = True,
    mends: Mends | None = None,
) -> Roster:
    """Open a file as a roster: detect how it is read and which column is which, unless told.

    Raises what `roster_file.open_file`, `roster_layout.find` and `roster_layout.chosen` raise, and `NoRows`.
    """
    file = open_file(stream, encoding=encoding)
    sample = sample_of(file)
    blank = next((place for place, cells in enumerate(sample) if any(map(str.strip, cells))), None)
    if blank is None:
        raise NoRows
    if mapping:
        width = max(len(line) for line in sample)
        first = sample[blank] if has_header else []
        columns = [*first, *[""] * (width - len(first))]
        layout = roster_layout.chosen(columns=columns, mapping=mapping, has_header=has_header, blank=blank)
    else:
        layout = roster_layout.find(sample=sample, preset=preset)
    return Roster(file=file, layout=layout, mends=mends or {})


def sample_of(file: RosterFile) -> list[list[str]]:
    """The first lines of a file."""
    return [record.cells for record in islice(file.records(), roster_layout.SAMPLE)]


def first_lines(*, stream: BinaryIO, encoding: str = "", count: int = 12) -> list[list[str]]:
    """The first lines of a file as they would be read in an encoding, for the eye; twelve digits are masked."""
    sample = [cells for cells in sample_of(open_file(stream, encoding=encoding)) if any(cells)][:count]
    return [[mask_numbers(cell[:60]) for cell in cells[:60]] for cells in sample]


def _twice(hashes: array[int]) -> frozenset[int]:
    return frozenset(one for one, next_one in pairwise(sorted(hashes)) if one == next_one)


def _mail_key(text: str) -> str:
    return text.strip().lower() if text.isascii() else japanese.to_half_width(text).lower()


def _code_key(text: str) -> str:
    plain = text.strip() if text.isascii() else japanese.to_half_width(text)
    return plain.split(".")[0] if plain.endswith(".0") else plain


class _RowReader:
    """Reads rows of one layout."""

    def __init__(self, layout: Layout, survey: Survey, on: date) -> None:
        self._layout = layout
        self._survey = survey
        self._on = on
        self._columns: list[tuple[int, str, str, _Reader, dict[str, object] | None]] = [
            (place, found.label, found.key, _READERS[found], {} if found in _REPEATED else None)
            for place, found in enumerate(layout.fields)
            if found is not None
        ]
        self._first_mail: dict[str, int] = {}
        self._first_code: dict[str, int] = {}
        self._missing = _missing_columns(layout)
        self._mail_may_miss = Field.EMPLOYEE_CODE in layout.fields and layout.preset != "bare"

    def read(self, number: int, record: Record, cells: list[str]) -> CheckedRow:
        notes = Notes(number, cells_of.is_troubled(cells))
        checked = CheckedRow(number, record.line, cells, Person(), notes)
        if record.unclosed:
            notes.add(Matter.QUOTE_OPEN, "", cells[-1] if cells else "")
        if not any(map(str.strip, cells)):
            notes.add(Matter.ROW_EMPTY, "", "")
            return checked
        if roster_layout.repeats_header(layout=self._layout, cells=cells):
            notes.add(Matter.HEADER_REPEATED, "", "、".join(cells))
            return checked
        self._refuse_numbers(cells, notes)
        if len(cells) != self._layout.width and not self._fits(cells, notes):
            return checked
        person = checked.person
        for place in record.formulas:
            matter = Matter.FORMULA_VALUE if cells[place : place + 1] != [""] else Matter.FORMULA_EMPTY
            notes.add(matter, self._layout.label(place), "".join(cells[place : place + 1]))
        self._fill(person, cells, notes)
        self._judge(person, notes)
        return checked

    def _fill(self, person: Person, cells: list[str], notes: Notes) -> None:
        for place, label, key, fill, known in self._columns:
            text = cells[place]
            if not text:
                continue
            if known is None or notes.is_troubled:
                fill(person, text, label, notes)
            elif text in known:
                setattr(person, key, known[text])
            else:
                before = len(notes.found)
                fill(person, text, label, notes)
                if len(notes.found) == before and len(known) < _REMEMBERED:
                    known[text] = getattr(person, key)

    def _refuse_numbers(self, cells: list[str], notes: Notes) -> None:
        """A number that could be a 個人番号 has no place in a roster, in whatever column (P-11)."""
        for place, cell in enumerate(cells):
            if len(cell) < 12 or sum(map(str.isdecimal, cell)) < 12:
                continue
            plain = cells_of.without_trouble(cell) if notes.is_troubled else cell
            if mask_numbers(plain) != plain and not plain.strip().startswith("+"):
                notes.add(Matter.NUMBER_INSIDE, self._layout.label(place), plain)

    def _fits(self, cells: list[str], notes: Notes) -> bool:
        width, found = self._layout.width, len(cells)
        if found < width:
            notes.add(Matter.ROW_TOO_SHORT, "", "、".join(cells), width=width, found=found)
        elif found > width and any(cell.strip() for cell in cells[width:]):
            notes.add(Matter.ROW_TOO_LONG, "", "、".join(cells), width=width, found=found)
        else:
            return True
        return False

    def _judge(self, person: Person, notes: Notes) -> None:
        """What one cell cannot tell: what is missing, what comes twice, what does not go together."""
        for column in self._missing:
            notes.add(Matter.COLUMN_MISSING, column, "")
        self._judge_names(person, notes)
        self._judge_mail(person.mail, notes, has_code=bool(person.employee_code))
        if person.employee_code:
            self._judge_code(person.employee_code, notes)
        if person.born_on and not _OLDEST <= person.born_on <= self._on:
            notes.add(Matter.DAY_UNLIKELY, Field.BORN_ON.label, person.born_on.isoformat())
        elif person.born_on and person.hired_on and person.hired_on.year - person.born_on.year < _WORKING_AGE:
            notes.add(Matter.HIRED_UNLIKELY, Field.HIRED_ON.label, person.hired_on.isoformat())

    def _judge_names(self, person: Person, notes: Notes) -> None:
        family, given = person.family_name, person.given_name
        named = [each.column for each in notes.found]
        if not family:
            label = Field.FULL_NAME.label if Field.FULL_NAME in self._layout.fields else Field.FAMILY_NAME.label
            if label not in self._missing and label not in named:
                notes.add(Matter.VALUE_MISSING, label, "")
            return
        if not given and Field.GIVEN_NAME in self._layout.fields:
            if " " in family:
                notes.add(Matter.NAME_TWO_IN_ONE, Field.FAMILY_NAME.label, family)
            elif Field.GIVEN_NAME.label not in named:
                notes.add(Matter.GIVEN_MISSING, Field.GIVEN_NAME.label, "")
        elif given in SURNAMES and family not in SURNAMES:
            label = Field.FULL_NAME.label if Field.FULL_NAME in self._layout.fields else Field.FAMILY_NAME.label
            notes.add(Matter.NAME_ORDER, label, f"{family} {given}", f"{given} {family}")

    def _judge_mail(self, mail: str, notes: Notes, *, has_code: bool) -> None:
        label = Field.MAIL.label
        if mail:
            key = hash(mail)
            if key in self._survey.mails_twice:
                first = self._first_mail.setdefault(mail, notes.row)
                if first != notes.row:
                    notes.add(Matter.MAIL_TWICE, label, mail, first=first)
        elif Field.MAIL in self._layout.fields and not any(each.column == label for each in notes.found):
            may_miss = self._mail_may_miss and has_code
            notes.add(Matter.MAIL_MISSING if may_miss else Matter.VALUE_MISSING, label, "")

    def _judge_code(self, code: str, notes: Notes) -> None:
        label = Field.EMPLOYEE_CODE.label
        if hash(code) in self._survey.codes_twice:
            first = self._first_code.setdefault(code, notes.row)
            if first != notes.row:
                notes.add(Matter.CODE_TWICE, label, code, first=first)
        width = self._survey.code_width
        if len(code) < width and code.isdigit():
            if self._survey.is_padded:
                notes.add(Matter.ZEROS_LOST, label, code, code.zfill(width), width=width)
            elif self._survey.is_even:
                notes.add(Matter.ZEROS_DOUBTED, label, code, code.zfill(width))


def _missing_columns(layout: Layout) -> list[str]:
    """Columns without which no row can be loaded; a person who matched columns by hand may leave mails out."""
    fields = set(layout.fields)
    missing = []
    has_code_by_hand = layout.preset == "manual" and Field.EMPLOYEE_CODE in fields
    if Field.MAIL not in fields and not has_code_by_hand:
        missing.append(Field.MAIL.label)
    if Field.FULL_NAME not in fields:
        if Field.FAMILY_NAME not in fields:
            missing.append(Field.FAMILY_NAME.label)
        if Field.GIVEN_NAME not in fields and layout.preset != "manual":
            missing.append(Field.GIVEN_NAME.label)
    return missing


_Reader = Callable[[Person, str, str, Notes], None]


def _into(attribute: str, read: Callable[..., object], **options: object) -> _Reader:
    """A reader that puts what `read` makes of a cell into an attribute of the person."""
    may_start_with_plus = attribute == "phone"

    def fill(person: Person, text: str, label: str, notes: Notes) -> None:
        if notes.is_troubled or text[0] in cells_of.ODD_STARTS:
            text = cells_of.tidy(text, label, notes, may_start_with_plus=may_start_with_plus)
        setattr(person, attribute, read(text, label, notes, **options))

    return fill


def _read_full_name(person: Person, text: str, label: str, notes: Notes) -> None:
    value = cells_of.name(cells_of.tidy(text, label, notes), label, notes, limit=LIMITS["family_name"])
    if not value:
        return
    family, space, given = value.partition(" ")
    if space:
        notes.add(Matter.NAME_SPLIT, label, value, f"姓 {family}／名 {given}")
        person.family_name, person.given_name = family, given
        return
    person.family_name = value
    known = next((value[:size] for size in (3, 2, 1) if value[:size] in SURNAMES and len(value) > size), "")
    notes.add(Matter.NAME_WHOLE, label, value, f"{known} {value[len(known) :]}" if known else "")


def _read_full_kana(person: Person, text: str, label: str, notes: Notes) -> None:
    value = cells_of.kana(cells_of.tidy(text, label, notes), label, notes, limit=LIMITS["family_kana"])
    person.family_kana, _space, person.given_kana = value.partition(" ")


_REPEATED = frozenset(
    (
        Field.FAMILY_NAME,
        Field.GIVEN_NAME,
        Field.MIDDLE_NAME,
        Field.FAMILY_KANA,
        Field.GIVEN_KANA,
        Field.BORN_ON,
        Field.HIRED_ON,
        Field.DEPARTMENT,
        Field.EMPLOYMENT,
    )
)
"""Fields whose cells come again and again; what an untroubled one was read as is remembered."""

_REMEMBERED = 4096
"""Values remembered of a field."""

_READERS: dict[Field, _Reader] = {
    Field.EMPLOYEE_CODE: _into("employee_code", cells_of.code, limit=LIMITS["employee_code"]),
    Field.FAMILY_NAME: _into("family_name", cells_of.name, limit=LIMITS["family_name"]),
    Field.GIVEN_NAME: _into("given_name", cells_of.name, limit=LIMITS["given_name"]),
    Field.MIDDLE_NAME: _into("middle_name", cells_of.name, limit=LIMITS["middle_name"]),
    Field.FULL_NAME: _read_full_name,
    Field.FAMILY_KANA: _into("family_kana", cells_of.kana, limit=LIMITS["family_kana"]),
    Field.GIVEN_KANA: _into("given_kana", cells_of.kana, limit=LIMITS["given_kana"]),
    Field.FULL_KANA: _read_full_kana,
    Field.BORN_ON: _into("born_on", cells_of.day),
    Field.HIRED_ON: _into("hired_on", cells_of.day),
    Field.DEPARTMENT: _into("department", cells_of.department, limit=LIMITS["department"]),
    Field.MAIL: _into("mail", cells_of.mail, limit=LIMITS["mail"]),
    Field.PHONE: _into("phone", cells_of.phone, limit=LIMITS["phone"]),
    Field.EMPLOYMENT: _into("employment", cells_of.employment),
}
