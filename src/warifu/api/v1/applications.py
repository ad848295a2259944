"""Applications for user codes by the applicant: drafts, sending, state and result without secrets, days, bills."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.utils.translation import gettext
from ninja import Query, Router, Schema, Status
from pydantic import Field

from warifu.api.v1.door import IDEMPOTENT, Call
from warifu.api.v1.schemas import ANSWERS, Refusal, Wish
from warifu.applications.actions import drafts
from warifu.applications.queries import applications as queries
from warifu.applications.queries import billing, schemes
from warifu.applications.rules import form as rules
from warifu.applications.rules.planner import plan
from warifu.foundation.refusals import Refused
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission, require

router = Router(tags=["applications"])
LONGEST = 200
"""Entries of lists that come in."""

Text = Annotated[str, Query(max_length=100, pattern=r"^[^\x00-\x1f]*$", description="Receipt number or words.")]
Newest = Annotated[UUID | None, Query(description="`next` of the page before.")]
Day = Annotated[date, Query(ge=date(2000, 1, 1), le=date(2199, 12, 31))]
Word = Annotated[str, Field(max_length=1000)]
Short = Annotated[str, Field(max_length=40)]


class DraftBegun(Wish):
    """What is asked for: the scheme, the procedure and its operation."""

    scheme: UUID
    procedure: Literal["user_codes", "identifications", "code_changes"]
    operation: Literal["add", "change", "delete"]


class PersonInCharge(Wish):
    """Who applies, or answers for it."""

    name: Word = ""
    kana: Word = ""
    department: Word = ""
    phone: Word = ""
    mail: Word = ""


class Line(Wish):
    """One line: an own code or a placeholder (追加1), industries, sign-on, way of work, how many numbers."""

    user_code: Short
    industries: Annotated[list[Short], Field(max_length=40)]
    shares_sign_on: bool = False
    method: Short = "net"
    count: Annotated[int, Field(ge=-(10**6), le=10**6)] = 1


class Values(Wish):
    """What a step says; parts that are left out stay as they are."""

    desired_start: Short | None = None
    reason: Word | None = None
    person: PersonInCharge | None = None
    manager: PersonInCharge | None = None
    lines: Annotated[list[Line], Field(max_length=LONGEST)] | None = None
    user_codes: Annotated[list[Short], Field(max_length=LONGEST)] | None = None
    user_ids: Annotated[list[Short], Field(max_length=LONGEST)] | None = None
    settings: Annotated[dict[Short, dict[Short, Word]], Field(max_length=LONGEST)] | None = None


class Saved(Wish):
    """A step of the draft whose `version` was read; nothing is overwritten that was saved since."""

    version: int
    values: Values


class DraftSent(Wish):
    """The draft whose `version` was read."""

    version: int


class Version(Schema):
    """The draft's new version."""

    version: int


class Receipt(Schema):
    """The receipt number."""

    receipt: str


class DraftMade(Schema):
    """A new draft."""

    id: UUID


class Summary(Schema):
    """An application of a list."""

    id: UUID
    receipt: str
    procedure: str
    operation: str
    state: str
    organisation: str
    reviewer: str
    desired_start: str
    confirmed_start: date | None
    submitted_at: datetime | None
    changed_at: datetime


class Summaries(Schema):
    """A page of applications, the newest first; `next` is empty on the last one."""

    applications: list[Summary]
    next: str


class Comment(Schema):
    """What a reviewer asked about a field."""

    field: str
    words: str
    by: str
    at: datetime
    is_settled: bool


class Whole(Summary):
    """One application, whole. Passwords never leave through the API: they are in sealed notices."""

    version: int
    form: dict[str, Any]
    reason: str
    decided_on: date | None
    settings_deadline: date | None
    secret_visible_until: date | None
    comments: list[Comment]
    user_ids: list[str]


class Fault(Schema):
    """One thing that keeps an application from being sent."""

    step: str
    field: str
    refusal: Refusal


class Outlook(Schema):
    """What is the matter, and which user IDs would come out if it were approved now."""

    faults: list[Fault]
    user_ids: list[str]


class Scheme(Schema):
    """A scheme that one can apply under."""

    id: UUID
    name: str


class Schemes(Schema):
    """Every scheme of the installation."""

    schemes: list[Scheme]


class IssuedId(Schema):
    """A user ID that the organisation has or had."""

    user_id: str
    user_code: str
    number: str
    method: str
    industries: list[str]
    from_day: date
    ended_on: date | None


class IssuedIds(Schema):
    """The organisation's user IDs."""

    user_ids: list[IssuedId]


class Days(Schema):
    """The days that follow from a decision and a start."""

    earliest_start: date
    settings_deadline: date
    secret_visible_from: date
    secret_visible_until: date
    approval_pdf_from: date


class BillLine(Schema):
    """One line of a month's bill, in yen without tax."""

    item: str
    detail: str
    count: int
    unit: int
    amount: int


class Bill(Schema):
    """What a month costs, in yen without tax."""

    month: date
    plans: dict[str, str]
    lines: list[BillLine]
    total: int


@router.get("/schemes", response={200: Schemes, **ANSWERS}, summary="List schemes")
def list_schemes(request: Call) -> Schemes:
    """The schemes of user codes that one can apply under. Needs the scope `applications:write`."""
    _require(request)
    return Schemes(schemes=[Scheme(id=key, name=name) for key, name in schemes.all_schemes()])


@router.get("/user-ids", response={200: IssuedIds, **ANSWERS}, summary="List user IDs")
def list_user_ids(request: Call) -> IssuedIds:
    """The user IDs that the organisation has or had, without secrets. Needs `applications:write`."""
    _require(request)
    found = schemes.issued(organisation_id=request.organisation_id)
    return IssuedIds(
        user_ids=[
            IssuedId(
                user_id=one.user_id,
                user_code=one.user_code,
                number=one.number,
                method=one.method,
                industries=list(one.industries),
                from_day=one.from_day,
                ended_on=one.ended_on,
            )
            for one in found
        ]
    )


@router.get("/application-days", response={200: Days, **ANSWERS}, summary="Plan the days of an application")
def plan_days(request: Call, decided: Day, start: Day) -> Days:
    """The days of an application that is decided and starts on given days. Needs `applications:write`."""
    _require(request)
    exceptions = organisations.calendar_exceptions(organisation_id=request.organisation_id)
    return Days(**vars(plan(decided_on=decided, starts_on=start, exceptions=exceptions)))


@router.get("/bills/{month}", response={200: Bill, **ANSWERS}, summary="Read what a month costs")
def read_bill(request: Call, month: date) -> Bill:
    """What is charged for the month of a day (`2026-12-01`), without tax. Needs `applications:write`."""
    _require(request)
    organisation = organisations.organisation(organisation_id=request.organisation_id)
    found = billing.bill(
        organisation_id=organisation.id, organisation_name=organisation.name, month=month.replace(day=1)
    )
    return Bill(
        month=found.month,
        plans={part.scheme: part.plan for part in found.schemes},
        lines=[
            BillLine(item=line.item, detail=line.detail, count=line.count, unit=line.unit, amount=line.amount)
            for line in found.lines
        ],
        total=found.total,
    )


@router.get("/applications", response={200: Summaries, **ANSWERS}, summary="List applications")
def list_applications(request: Call, text: Text = "", cursor: Newest = None) -> Summaries:
    """The organisation's applications, the newest first. Needs `applications:write`."""
    _require(request)
    lines, older = queries.own_page(organisation_id=request.organisation_id, text=text, before=cursor)
    return Summaries(applications=[Summary(**summary(line)) for line in lines], next=str(older or ""))


@router.post("/applications", response={201: DraftMade, **ANSWERS}, summary="Begin a draft", openapi_extra=IDEMPOTENT)
def begin(request: Call, body: DraftBegun) -> Status[DraftMade]:
    """Begin a draft in the name of whoever issued the token. Needs `applications:write`."""
    application_id = drafts.start(
        organisation_id=request.organisation_id,
        scheme_id=body.scheme,
        procedure=body.procedure,
        operation=body.operation,
        by=request.actor,
        at=request.at,
    )
    return Status(201, DraftMade(id=application_id))


@router.get("/applications/{application_id}", response={200: Whole, **ANSWERS}, summary="Read an application")
def read(request: Call, application_id: UUID) -> Whole:
    """What it says, how far it is, what was asked and decided, which user IDs came out. Needs `applications:write`."""
    _require(request)
    return whole(queries.own(organisation_id=request.organisation_id, application_id=application_id))


@router.put(
    "/applications/{application_id}",
    response={200: Version, **ANSWERS},
    summary="Save a draft",
    openapi_extra=IDEMPOTENT,
)
def save(request: Call, application_id: UUID, body: Saved) -> Version:
    """Keep what some steps say, complete or not. Needs `applications:write`."""
    version = drafts.save_step(
        organisation_id=request.organisation_id,
        application_id=application_id,
        version=body.version,
        values=body.values.model_dump(exclude_none=True),
        by=request.actor,
        at=request.at,
    )
    return Version(version=version)


@router.get("/applications/{application_id}/outlook", response={200: Outlook, **ANSWERS}, summary="Check a draft")
def outlook(request: Call, application_id: UUID) -> Outlook:
    """What keeps it from being sent, and which user IDs would come out. Needs `applications:write`."""
    _require(request)
    view = queries.own(organisation_id=request.organisation_id, application_id=application_id)
    found = drafts.faults(organisation_id=request.organisation_id, application_id=application_id, at=request.at)
    try:
        allotted = schemes.would_allot(
            scheme_id=view.scheme_id, organisation_id=request.organisation_id, lines=rules.lines_of(view.form)
        )
        user_ids = [one.user_id for one in allotted.identifications]
    except Refused:
        user_ids = []
    return Outlook(
        faults=[Fault(step=one.step, field=one.field, refusal=_refusal(one.refusal)) for one in found],
        user_ids=user_ids,
    )


@router.post(
    "/applications/{application_id}/submit",
    response={200: Receipt, **ANSWERS},
    summary="Send an application",
    openapi_extra=IDEMPOTENT,
)
def submit(request: Call, application_id: UUID, body: DraftSent) -> Receipt:
    """Send it for review; letters go out. Needs `applications:write`."""
    receipt = drafts.submit(
        organisation_id=request.organisation_id,
        application_id=application_id,
        version=body.version,
        by=request.actor,
        at=request.at,
    )
    return Receipt(receipt=receipt)


@router.post(
    "/applications/{application_id}/withdraw",
    response={200: Whole, **ANSWERS},
    summary="Withdraw an application",
    openapi_extra=IDEMPOTENT,
)
def withdraw(request: Call, application_id: UUID) -> Whole:
    """Take it back before it is decided. Needs `applications:write`."""
    drafts.withdraw(
        organisation_id=request.organisation_id, application_id=application_id, by=request.actor, at=request.at
    )
    return read(request, application_id)


@router.post(
    "/applications/{application_id}/copy",
    response={201: DraftMade, **ANSWERS},
    summary="Copy an application",
    openapi_extra=IDEMPOTENT,
)
def copy(request: Call, application_id: UUID) -> Status[DraftMade]:
    """Begin a draft with what it says, but for its day. Needs `applications:write`."""
    new = drafts.copy(
        organisation_id=request.organisation_id, application_id=application_id, by=request.actor, at=request.at
    )
    return Status(201, DraftMade(id=new))


def summary(line: queries.ApplicationLine) -> dict[str, Any]:
    """An application of a list, as it goes out."""
    return {
        "id": line.id,
        "receipt": line.receipt,
        "procedure": line.procedure,
        "operation": line.operation,
        "state": line.state,
        "organisation": line.organisation_name,
        "reviewer": line.reviewer,
        "desired_start": line.desired_start,
        "confirmed_start": line.confirmed_start,
        "submitted_at": line.submitted_at,
        "changed_at": line.changed_at,
    }


def whole(view: queries.ApplicationView) -> Whole:
    """One application, as it goes out."""
    return Whole(
        **summary(view.line),
        version=view.version,
        form=view.form,
        reason=view.reason,
        decided_on=view.decided_on,
        settings_deadline=view.settings_deadline,
        secret_visible_until=view.last_day,
        comments=[
            Comment(field=one.field, words=one.words, by=one.by_name, at=one.at, is_settled=one.is_settled)
            for one in view.comments
        ],
        user_ids=list(view.user_ids),
    )


def _refusal(refusal: Refused) -> Refusal:
    sentence, remedy = (gettext(text).format(**refusal.values) for text in (refusal.sentence, refusal.remedy))
    return Refusal(code=refusal.code, sentence=sentence, remedy=remedy)


def _require(request: Call) -> None:
    require(by=request.actor, permission=Permission.APPLY, organisation_id=request.organisation_id)
