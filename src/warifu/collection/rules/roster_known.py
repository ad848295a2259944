"""A roster's row beside the people who are there already: new, changed, unchanged, or not to be loaded (C2, C3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import Enum
from typing import Generic, TypeVar

from warifu.collection.rules.roster import CheckedRow, Person
from warifu.collection.rules.roster_layout import BY_KEY, Field
from warifu.collection.rules.roster_problems import Matter
from warifu.foundation import japanese

Key = TypeVar("Key")
Value = str | date | None

_NAMES = tuple(each.name for each in fields(Person))
_FAMILIES = str.maketrans({char: base for base, others in japanese.LOOK_ALIKES.items() for char in others})


class Fate(Enum):
    """What loading would do with a row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Known(Generic[Key]):
    """Somebody who is there already."""

    key: Key
    person: Person
    is_active: bool


@dataclass(frozen=True, slots=True)
class Comparison(Generic[Key]):
    """The fate of a row, whom it is about, and which values it would change (field → before, after)."""

    fate: Fate
    known: Known[Key] | None = None
    changes: Mapping[str, tuple[Value, Value]] | None = None


def compare(
    *, row: CheckedRow, by_code: Mapping[str, Known[Key]], by_mail: Mapping[str, Known[Key]]
) -> Comparison[Key]:
    """Find the person of a row by employee code, else by mail, and say what would change; notes problems on the row.

    A blank cell says nothing and changes nothing. Loading the same file again finds everybody unchanged.
    """
    if not row.is_accepted:
        return Comparison(Fate.BLOCKED)
    person = row.person
    coded = by_code.get(person.employee_code) if person.employee_code else None
    mailed = by_mail.get(person.mail) if person.mail else None
    known = coded or mailed
    if known is None:
        return Comparison(Fate.NEW)
    if _is_somebody_else(row, coded, mailed, known):
        return Comparison(Fate.BLOCKED, known)
    changes = {
        name: (getattr(known.person, name), given)
        for name in _NAMES
        if (given := getattr(person, name)) and given != getattr(known.person, name)
    }
    if not changes:
        return Comparison(Fate.UNCHANGED, known)
    _tell_changes(row, changes)
    return Comparison(Fate.CHANGED, known, changes)


def _is_somebody_else(row: CheckedRow, coded: Known[Key] | None, mailed: Known[Key] | None, known: Known[Key]) -> bool:
    person, notes = row.person, row.notes
    mail, code = Field.MAIL.label, Field.EMPLOYEE_CODE.label
    if mailed is not None and coded is not None and mailed.key != coded.key:
        notes.add(Matter.KNOWN_MAIL, mail, person.mail, coded.person.mail)
    elif not known.is_active:
        notes.add(Matter.KNOWN_LEFT, code if coded else mail, person.employee_code if coded else person.mail)
    elif coded is None and (
        (person.employee_code and known.person.employee_code) or _is_another_name(person, known.person)
    ):
        notes.add(Matter.KNOWN_MAIL, mail, person.mail)
    elif mailed is None and _is_another_name(person, known.person):
        notes.add(Matter.KNOWN_CODE, code, person.employee_code)
    else:
        return False
    return True


def _is_another_name(one: Person, other: Person) -> bool:
    """Both 姓 and 名 differ: a marriage changes one of them."""
    families = folded(text=one.family_name) != folded(text=other.family_name)
    return families and folded(text=one.given_name) != folded(text=other.given_name)


def _tell_changes(row: CheckedRow, changes: Mapping[str, tuple[Value, Value]]) -> None:
    told = []
    for name, (before, after) in changes.items():
        label = BY_KEY[name].label
        if isinstance(before, str) and isinstance(after, str) and folded(text=before) == folded(text=after):
            row.notes.add(Matter.KNOWN_LOOK_ALIKE, label, after, before)
        else:
            told.append(label)
    if told:
        row.notes.add(Matter.KNOWN_CHANGED, "", "、".join(told))


def folded(*, text: str) -> str:
    """A name with its 異体字 made alike, for comparing only (J-07)."""
    return text.translate(_FAMILIES)
