"""What a check of a roster found, in a form that loading reads ten times faster than the file itself.

One line of JSON for each run of rows. Whoever keeps it must seal it: it holds what the file held.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import date
from operator import attrgetter

from warifu.collection.rules.roster import CheckedRow, Person
from warifu.collection.rules.roster_cells import Notes
from warifu.collection.rules.roster_problems import ERROR, Problem

FORM = "1"
"""The form's version, on the first line; another one is not read."""

_NAMES = tuple(each.name for each in fields(Person))
_DAYS = tuple(place for place, name in enumerate(_NAMES) if name.endswith("_on"))
_values_of = attrgetter(*_NAMES)
_PROBLEM = tuple(each.name for each in fields(Problem))
_problem_of = attrgetter(*_PROBLEM)


def packed(rows: Iterable[CheckedRow]) -> bytes:
    """A run of checked rows as one line: number, line in the file, person, and what is the matter."""
    run = [
        (row.row, row.line, _values_of(row.person), [_problem_of(each) for each in row.problems] or 0) for row in rows
    ]
    return json.dumps(run, ensure_ascii=False, separators=(",", ":"), default=date.isoformat).encode() + b"\n"


def unpacked(content: bytes) -> Iterator[CheckedRow]:
    """The rows again, without their cells. Raises ValueError for another form."""
    lines = iter(content.splitlines())
    if next(lines, b"").decode() != FORM:
        raise ValueError("a check of another form")
    for line in lines:
        for number, place, values, problems in json.loads(line):
            for day in _DAYS:
                if values[day]:
                    values[day] = date.fromisoformat(values[day])
            notes = Notes(number)
            if problems:
                notes.found = [Problem(*each) for each in problems]
                notes.has_errors = any(each.severity == ERROR for each in notes.found)
            yield CheckedRow(number, place, [], Person(*values), notes)
