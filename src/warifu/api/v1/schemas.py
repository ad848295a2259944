"""What goes in and out of the API. No field of it holds a number or a picture."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema
from pydantic import BaseModel, ConfigDict, Field, StringConstraints


class Refusal(Schema):
    """A refusal: what is the matter and what to do next; the code is stable and has an article in help."""

    code: str
    sentence: str
    remedy: str


ANSWERS = {frozenset({400, 401, 403, 404, 405, 409, 410, 413, 422, 429, 500, 503}): Refusal}
"""How every operation may refuse."""


class Show(StrEnum):
    """Which people are listed."""

    ALL = "all"
    OVERDUE = "overdue"
    WAITING = "waiting"
    TO_VERIFY = "to_verify"
    SECOND = "second"
    DONE = "done"
    NOT_PROVIDED = "not_provided"


class Checking(StrEnum):
    """Which verification states are listed."""

    TO_VERIFY = "to_verify"
    SECOND = "second"
    DONE = "done"


class Person(Schema):
    """One person to collect from, and how far it has come."""

    id: UUID
    employee_code: str
    name: str
    kana: str
    department: str
    mail: str
    state: str
    is_overdue: bool
    days_late: int
    reason: str
    next_step: str
    registered_on: date
    due_on: date
    invited_on: date | None
    opened_on: date | None
    submitted_on: date | None
    confirmed_on: date | None
    reminded_on: date | None
    dependents: int


class People(Schema):
    """A page of people; `next` is empty on the last one."""

    people: list[Person]
    next: str


class VerificationState(Schema):
    """How far the identity check of one person has come."""

    id: UUID
    employee_code: str
    name: str
    state: str
    submitted_on: date | None
    confirmed_on: date | None


class Verifications(Schema):
    """A page of verification states; `next` is empty on the last one."""

    verifications: list[VerificationState]
    next: str


class Wish(BaseModel):
    """What comes in: an object with the fields named here and no others."""

    model_config = ConfigDict(extra="forbid")


class Chosen(Wish):
    """Some people of the list."""

    people: Annotated[list[UUID], Field(min_length=1, max_length=1000)]


class Invited(Wish):
    """Whom to invite: the people named, or `everybody` who is listed and not yet invited."""

    people: Annotated[list[UUID], Field(min_length=1, max_length=1000)] | Literal["everybody"]


class Sent(Schema):
    """How many letters were written; the worker delivers them."""

    letters: int


class Column(Schema):
    """One column of the file: its name in problems, its heading, and the field it is read as (or nothing)."""

    label: str
    heading: str
    field: str


class Roster(Schema):
    """One uploaded roster on its way to people."""

    id: UUID
    file_name: str
    state: str
    rows: int
    accepted: int
    error_rows: int
    warning_rows: int
    unchanged: int
    added: int
    changed: int
    progress: int
    encoding: str
    has_header: bool
    columns: list[Column]
    refusal: Refusal | None
    can_be_undone: bool
    uploaded_at: datetime
    loaded_at: datetime | None
    undone_at: datetime | None


class RosterLine(Schema):
    """One roster of the list."""

    id: UUID
    file_name: str
    state: str
    rows: int
    accepted: int
    uploaded_at: datetime


class Rosters(Schema):
    """A page of rosters; `next` is empty on the last one."""

    rosters: list[RosterLine]
    next: str


class Severity(StrEnum):
    """How bad a problem is: a row with an error is not loaded."""

    ERROR = "error"
    WARNING = "warning"


class Problem(Schema):
    """What is the matter with one cell. `row` counts data rows from 1."""

    row: int
    column: str
    code: str
    severity: str
    value: str
    reason: str
    suggestion: str


class Problems(Schema):
    """A page of problems; `next` is empty on the last one."""

    problems: list[Problem]
    next: str


Place = Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]{0,2})$")]
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]


class ColumnsChosen(Wish):
    """Which column is which field: `{"0": "mail", "1": "family_name"}`, counted from 0; empty finds them anew."""

    columns: Annotated[dict[Place, FieldName], Field(max_length=200, json_schema_extra={"additionalProperties": False})]
    has_header: bool = True
    encoding: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{0,20}$")] = ""
