"""How a roster's rows are compared with the people there, written down as problems, loaded and taken back."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, fields
from datetime import date, datetime
from io import BytesIO
from itertools import islice
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from warifu.collection.actions import addresses
from warifu.collection.models import Roster, RosterChange, RosterEntry, RosterMend, RosterProblem, Submission
from warifu.collection.queries import policies
from warifu.collection.rules import overdue, roster_kept
from warifu.collection.rules import roster as rules
from warifu.collection.rules.roster import CheckedRow, Person
from warifu.collection.rules.roster_known import Comparison, Fate, Known, compare
from warifu.collection.rules.roster_layout import Layout
from warifu.foundation.actor import SYSTEM, Actor
from warifu.foundation.days import jst_day
from warifu.foundation.ids import new_ids
from warifu.foundation.masking import mask_numbers
from warifu.organisations import actions as members
from warifu.organisations import queries as organisations
from warifu.organisations.actions import NewMember
from warifu.organisations.queries import KnownMember
from warifu.vault.actions import files

CHUNK = 2_000
"""Rows that are compared, written and counted together."""

SMALL = 3_000
"""A roster of so many rows is checked while one waits, and read anew when it is loaded."""

Judged = tuple[CheckedRow, Comparison[UUID], bool]
"""A row, its fate, and whether its person is one to collect from already."""


class _Counts:
    """Counts of one walk over a roster."""

    def __init__(self) -> None:
        self.accepted = self.errors = self.warnings = self.added = self.changed = self.unchanged = 0

    def take(self, judged: Judged) -> None:
        row, comparison, is_listed = judged
        for problem in row.problems:
            if problem.severity == "error":
                self.errors += 1
            else:
                self.warnings += 1
        if not row.is_accepted:
            return
        self.accepted += 1
        if comparison.fate is Fate.NEW:
            self.added += 1
        elif comparison.fate is Fate.CHANGED:
            self.changed += 1
        elif is_listed:
            self.unchanged += 1
        else:
            self.added += 1

    def as_values(self) -> dict[str, int]:
        return dict(vars(self))


@contextmanager
def _without_collector() -> Iterator[None]:
    """Rows leave no cycles behind, so that looking for some is a fifth of a walk for nothing."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@_without_collector()
def check(*, roster: Roster, mine: QuerySet[Roster], at: datetime) -> tuple[dict[str, Any], bytes]:
    """Walk a roster and write its problems down, chunk by chunk; returns what the roster is to remember of it, and
    what `roster_kept` made of its rows, so that loading need not read the file again.

    `mine` is the roster under the walker's lease; the walk ends quietly when the lease is lost.
    """
    found = _opened(roster, at)
    survey = found.survey()
    mine.update(rows=survey.rows, columns=_columns(found.layout), preset=found.layout.preset)
    RosterProblem.objects.filter(roster=roster).delete()
    counts = _Counts()
    walked = 0
    kept = [roster_kept.FORM.encode() + b"\n"]
    for chunk in _judged(roster, _keeping(found.check(survey=survey, on=jst_day(at)), kept)):
        for judged in chunk:
            counts.take(judged)
        walked += len(chunk)
        with transaction.atomic():
            if not mine.update(progress=walked):
                break
            _write_problems(roster, chunk)
    remembered = {
        **counts.as_values(),
        "rows": survey.rows,
        "encoding": found.file.encoding,
        "has_header": found.layout.header is not None,
    }
    return remembered, b"".join(kept)


@_without_collector()
def load(*, roster: Roster, by: Actor, at: datetime) -> dict[str, int]:
    """Load every accepted row, inside the caller's transaction; returns the counts.

    New people become members and entries; somebody already there is changed where the roster says something else, and
    becomes an entry if they were none. The days count from `at` (001-22). Raises `organisations.MailTaken`.
    """
    counts = _Counts()
    known_without_entry: list[UUID] = []
    RosterProblem.objects.filter(roster=roster).delete()

    def new_people() -> Iterator[NewMember]:
        for chunk in _judged(roster, _checked(roster, at)):
            changed = []
            for judged in chunk:
                counts.take(judged)
                row, comparison, is_listed = judged
                if not row.is_accepted:
                    continue
                if comparison.known is not None and not is_listed:
                    known_without_entry.append(comparison.known.key)
                if comparison.fate is Fate.NEW:
                    yield _new_member(row.person)
                elif comparison.fate is Fate.CHANGED:
                    changed.append(comparison)
            _change(roster, changed, by=by, at=at)
            _write_problems(roster, chunk)

    added = members.add_members(organisation_id=roster.organisation_id, people=new_people(), by=by, at=at)
    _list(roster, added, at=at, brought=True)
    _list(roster, known_without_entry, at=at, brought=False)
    return counts.as_values()


def is_untouched(*, roster: Roster) -> bool:
    """Whether nobody of a roster has been asked or has begun."""
    entries = RosterEntry.objects.filter(roster=roster)
    asked = entries.exclude(state=RosterEntry.State.LISTED, invited_at=None)
    return not asked.exists() and not Submission.objects.filter(entry__roster=roster).exists()


def undo(*, roster: Roster, by: Actor, at: datetime) -> tuple[int, int]:
    """Take a loading back inside the caller's transaction; returns how many were removed and restored."""
    restored = 0
    changes = RosterChange.objects.filter(roster=roster).order_by("id")
    last = 0
    while chunk := list(changes.filter(id__gt=last)[:CHUNK]):
        last = chunk[-1].id
        restored += _restore(roster, chunk, by=by, at=at)
    entries = RosterEntry.objects.filter(roster=roster)
    brought = list(entries.filter(brought_member=True).values_list("member_id", flat=True))
    entries._raw_delete(entries.db)
    if brought:
        members.remove_members(organisation_id=roster.organisation_id, member_ids=brought, by=by, at=at)
    return len(brought), restored


def problem_rows(*, roster: Roster, at: datetime) -> Iterator[list[str]]:
    """The rows of a roster that are kept out, with their reasons; see `rosters.problem_rows`."""
    found = _opened(roster, at)
    layout = found.layout
    labels = [layout.label(place) for place in range(layout.width)]
    headings = [heading if layout.header else label for heading, label in zip(layout.columns, labels, strict=True)]
    yield [*headings, "元の行", "直すところ"]
    for chunk in _judged(roster, found.check(survey=found.survey(), on=jst_day(at))):
        for row, _comparison, _is_listed in chunk:
            if row.is_accepted:
                continue
            cells = [mask_numbers(cell) for cell in row.cells]
            cells = (cells + [""] * layout.width)[: max(layout.width, len(cells))]
            reasons = [f"{each.column}: {each.reason}".removeprefix(": ") for each in row.problems]
            yield [*cells, str(row.row), " / ".join(reasons)]


def _opened(roster: Roster, at: datetime) -> rules.Roster:
    content = files.open(ref=roster.file_ref, organisation_id=roster.organisation_id, by=SYSTEM, at=at)
    mends: dict[int, dict[str, str]] = {}
    for row, column, value in RosterMend.objects.filter(roster=roster).values_list("row", "column", "value"):
        mends.setdefault(row, {})[column] = value
    return rules.open_roster(
        BytesIO(content),
        encoding=roster.encoding,
        mapping=roster.mapping,
        has_header=roster.has_header,
        mends=mends,
    )


def _columns(layout: Layout) -> list[dict[str, str]]:
    return [
        {"label": layout.label(place), "heading": heading, "field": found.key if found else ""}
        for place, (heading, found) in enumerate(zip(layout.columns, layout.fields, strict=True))
    ]


def _keeping(rows: Iterator[CheckedRow], kept: list[bytes]) -> Iterator[CheckedRow]:
    """The same rows; each run of them is packed into `kept` before anybody compares them with people."""
    while run := list(islice(rows, CHUNK)):
        kept.append(roster_kept.packed(run))
        yield from run


def _checked(roster: Roster, at: datetime) -> Iterator[CheckedRow]:
    """The rows as the newest check found them; from the file itself where that was not kept."""
    if roster.checked_ref is None:
        found = _opened(roster, at)
        return found.check(survey=found.survey(), on=jst_day(at))
    content = files.open(ref=roster.checked_ref, organisation_id=roster.organisation_id, by=SYSTEM, at=at)
    return roster_kept.unpacked(content)


def _judged(roster: Roster, rows: Iterator[CheckedRow]) -> Iterator[list[Judged]]:
    """Every row, compared with the people who were there when the walk began, chunk by chunk."""
    everybody = organisations.all_known_members(organisation_id=roster.organisation_id, limit=CHUNK)
    there = None if everybody is None else _There(everybody)
    while chunk := list(islice(rows, CHUNK)):
        known = there or _There(
            organisations.known_members(
                organisation_id=roster.organisation_id,
                employee_codes={code for row in chunk if (code := row.person.employee_code)},
                mails={mail for row in chunk if (mail := row.person.mail)},
            )
        )
        judged: list[Judged] = []
        for row in chunk:
            comparison = compare(row=row, by_code=known.by_code, by_mail=known.by_mail)
            judged.append((row, comparison, comparison.known is not None and comparison.known.key in known.listed))
        yield judged


class _There:
    """People who are there already, by employee code and by mail, and who of them is collected from."""

    def __init__(self, members_there: Mapping[UUID, KnownMember]) -> None:
        people = [Known(each.id, Person(*_person_of(each)), each.is_active) for each in members_there.values()]
        self.by_code = {one.person.employee_code: one for one in people if one.person.employee_code}
        self.by_mail = {one.person.mail: one for one in people if one.person.mail}
        listed = RosterEntry.objects.filter(member_id__in=list(members_there)).values_list("member_id", flat=True)
        self.listed = set(listed) if members_there else set()


_PERSON = tuple(each.name for each in fields(Person))
_person_of = attrgetter(*_PERSON)
_of_new_member = attrgetter(*(each.name for each in fields(NewMember) if each.name != "employment"))
_WORKING = NewMember(family_name="").employment


_made: Callable[..., NewMember] = NewMember


def _new_member(person: Person) -> NewMember:
    return _made(*_of_new_member(person), person.employment or _WORKING)


def _change(roster: Roster, chunk: list[Comparison[UUID]], *, by: Actor, at: datetime) -> None:
    if not chunk:
        return
    people, kept = [], []
    for comparison in chunk:
        known, changes = comparison.known, comparison.changes
        assert known is not None  # noqa: S101
        assert changes is not None  # noqa: S101
        after = {**asdict(known.person), **{name: new for name, (_old, new) in changes.items()}}
        people.append((known.key, _new_member(Person(**after))))
        kept.append(
            RosterChange(
                roster=roster,
                member_id=known.key,
                before={name: _plain(old) for name, (old, _new) in changes.items()},
                after={name: _plain(new) for name, (_old, new) in changes.items()},
            )
        )
    members.change_members(organisation_id=roster.organisation_id, people=people, by=by, at=at)
    RosterChange.objects.bulk_create(kept)
    moved = {change.member_id: change.before["mail"] for change in kept if change.before.get("mail")}
    if moved:
        addresses.tell_old(organisation_id=roster.organisation_id, before=moved, by=by, at=at)


def _restore(roster: Roster, chunk: list[RosterChange], *, by: Actor, at: datetime) -> int:
    now = organisations.known_members_by_id(
        organisation_id=roster.organisation_id, member_ids={change.member_id for change in chunk}
    )
    people = []
    for change in chunk:
        member = now.get(change.member_id)
        if member is None:
            continue
        person = Person(*_person_of(member))
        for name, written in change.after.items():
            if _plain(getattr(person, name)) == written:
                setattr(person, name, _typed(name, change.before[name]))
        people.append((change.member_id, _new_member(person)))
    if people:
        members.change_members(organisation_id=roster.organisation_id, people=people, by=by, at=at)
    return len(people)


def _plain(value: str | date | None) -> str | None:
    return value.isoformat() if isinstance(value, date) else value


def _typed(name: str, value: str | None) -> str | date | None:
    return date.fromisoformat(value) if value and name.endswith("_on") else value


def _write_problems(roster: Roster, chunk: list[Judged]) -> None:
    RosterProblem.objects.bulk_create(
        [
            RosterProblem(
                roster=roster,
                row=problem.row,
                column=problem.column[:60],
                code=problem.code,
                severity=problem.severity,
                value=problem.value,
                reason=problem.reason,
                suggestion=problem.suggestion,
            )
            for row, _comparison, _is_listed in chunk
            for problem in row.problems
        ],
        batch_size=CHUNK,
    )


def _list(roster: Roster, member_ids: list[UUID], *, at: datetime, brought: bool) -> None:
    """Take members into collecting, without making a model object of each: by COPY where there is one."""
    today = jst_day(at)
    policy = policies.current(organisation_id=roster.organisation_id)
    due_on = overdue.due_day(registered_on=today, overdue_days=policy.overdue_days)
    values: dict[str, Any] = {
        "organisation_id": roster.organisation_id,
        "roster_id": roster.id,
        "brought_member": brought,
        "state": RosterEntry.State.LISTED.value,
        "registered_on": today,
        "due_on": due_on,
    }
    for field in RosterEntry._meta.concrete_fields:
        is_open = field.attname not in values and field.attname not in ("id", "member_id") and not field.generated
        if is_open and not field.null:
            values[field.attname] = field.get_default()
    columns = ("id", "member_id", *values)
    is_copied = connection.vendor == "postgresql"
    by_name = {field.attname: field for field in RosterEntry._meta.concrete_fields}
    prepare = [by_name[name].get_db_prep_save for name in columns]
    fixed = [
        value if is_copied else ready(value, connection)
        for ready, value in zip(prepare[2:], values.values(), strict=True)
    ]
    table, listed = RosterEntry._meta.db_table, ", ".join(columns)
    for start in range(0, len(member_ids), CHUNK):
        chunk = member_ids[start : start + CHUNK]
        with connection.cursor() as cursor:
            if is_copied:
                with cursor.copy(f"COPY {table} ({listed}) FROM STDIN") as copy:
                    for entry_id, member_id in zip(new_ids(len(chunk)), chunk, strict=True):
                        copy.write_row((entry_id, member_id, *fixed))
                continue
            places = ", ".join(["%s"] * len(columns))
            cursor.executemany(
                f"INSERT INTO {table} ({listed}) VALUES ({places})",  # noqa: S608
                [
                    (entry_id.hex, member_id.hex, *fixed)
                    for entry_id, member_id in zip(new_ids(len(chunk)), chunk, strict=True)
                ],
            )
