"""People and verification states, read only."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.utils.translation import gettext
from ninja import Query, Router

from warifu.api.v1.door import Call
from warifu.api.v1.schemas import ANSWERS, Checking, People, Person, Show, Verifications, VerificationState
from warifu.collection.queries import people as queries
from warifu.foundation.days import jst_day
from warifu.organisations.rules import Permission, require

router = Router(tags=["people"])

Limit = Annotated[int, Query(ge=1, le=200, description="How many at most.")]
Department = Annotated[str, Query(max_length=100, pattern=r"^[^\x00-\x1f]*$")]
Cursor = Annotated[str, Query(max_length=1000, description="`next` of the page before.")]


@router.get("/people", response={200: People, **ANSWERS}, summary="List people with their states")
def list_people(
    request: Call, show: Show = Show.ALL, department: Department = "", cursor: Cursor = "", limit: Limit = 50
) -> People:
    """The people to collect from, those registered first at the top. Needs the scope `people:read`."""
    require(by=request.actor, permission=Permission.PEOPLE_VIEW, organisation_id=request.organisation_id)
    page = _page(request, show.value, department=department, cursor=cursor, limit=limit)
    return People(people=[_person(row) for row in page.rows], next=page.after)


@router.get("/people/{person_id}", response={200: Person, **ANSWERS}, summary="Read one person")
def read_person(request: Call, person_id: UUID) -> Person:
    """One person and their state. Needs the scope `people:read`."""
    require(by=request.actor, permission=Permission.PEOPLE_VIEW, organisation_id=request.organisation_id)
    row = queries.person(organisation_id=request.organisation_id, entry_id=person_id, today=jst_day(request.at))
    return _person(row)


@router.get("/verifications", response={200: Verifications, **ANSWERS}, summary="List verification states")
def list_verifications(
    request: Call, show: Checking = Checking.DONE, cursor: Cursor = "", limit: Limit = 50
) -> Verifications:
    """How far the identity checks have come: to verify, with the second checker, done. Needs `people:read`."""
    require(by=request.actor, permission=Permission.PEOPLE_VIEW, organisation_id=request.organisation_id)
    page = _page(request, show.value, department="", cursor=cursor, limit=limit)
    found = [
        VerificationState(
            id=row.entry_id,
            employee_code=row.employee_code,
            name=row.name,
            state=row.state.value,
            submitted_on=row.submitted_on,
            confirmed_on=row.confirmed_on,
        )
        for row in page.rows
    ]
    return Verifications(verifications=found, next=page.after)


def _page(request: Call, show: str, *, department: str, cursor: str, limit: int) -> queries.Page:
    return queries.people(
        organisation_id=request.organisation_id,
        today=jst_day(request.at),
        wanted=queries.Wanted(tab=queries.Tab(show), department=department, sort=queries.Sort.REGISTERED),
        cursor=cursor,
        limit=limit,
    )


def _person(row: queries.Row) -> Person:
    return Person(
        id=row.entry_id,
        employee_code=row.employee_code,
        name=row.name,
        kana=row.kana,
        department=row.department,
        mail=row.mail,
        state=row.state.value,
        is_overdue=row.is_late,
        days_late=row.days_late,
        reason=gettext(row.reason.sentence),
        next_step=row.step.value,
        registered_on=row.registered_on,
        due_on=row.due_on,
        invited_on=row.invited_on,
        opened_on=row.opened_on,
        submitted_on=row.submitted_on,
        confirmed_on=row.confirmed_on,
        reminded_on=row.reminded_on,
        dependents=row.dependents,
    )
