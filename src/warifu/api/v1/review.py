"""The operator's side of applications: the queue, and what a reviewer decides. For tokens of the operator only."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from ninja import Query, Router
from pydantic import Field

from warifu.api.v1.applications import Newest, Summaries, Summary, Text, Whole, summary, whole
from warifu.api.v1.door import IDEMPOTENT, Call
from warifu.api.v1.schemas import ANSWERS, Wish
from warifu.applications.actions import review
from warifu.applications.queries import applications as queries

router = Router(tags=["review"])
State = Annotated[
    Literal["", "submitted", "in_review", "sent_back", "on_hold", "approved", "rejected", "withdrawn", "void"],
    Query(description="Empty for everything that is still to be done."),
]
Words = Annotated[str, Field(max_length=1000)]
_ONE = "/review/applications/{application_id}"


class Approved(Wish):
    """The settled start, which may differ from the wished one."""

    confirmed_start: date


class ReviewReason(Wish):
    """Why."""

    reason: Words


class Asked(Wish):
    """What is asked, by field; the empty name stands for the whole."""

    comments: Annotated[dict[Annotated[str, Field(max_length=60)], Words], Field(max_length=50)]


@router.get("/review/applications", response={200: Summaries, **ANSWERS}, summary="List the queue")
def list_queue(request: Call, state: State = "", text: Text = "", cursor: Newest = None) -> Summaries:
    """Applications that were sent, the newest first. Needs the scope `applications:review`."""
    lines, older = queries.queue_page(by=request.actor, state=state, text=text, before=cursor)
    return Summaries(applications=[Summary(**summary(line)) for line in lines], next=str(older or ""))


@router.get(_ONE, response={200: Whole, **ANSWERS}, summary="Read an application of the queue")
def read(request: Call, application_id: UUID) -> Whole:
    """An application that was sent, whole. Needs `applications:review`."""
    return whole(queries.for_review(by=request.actor, application_id=application_id))


@router.post(f"{_ONE}/take", response={200: Whole, **ANSWERS}, summary="Begin a review", openapi_extra=IDEMPOTENT)
def take(request: Call, application_id: UUID) -> Whole:
    """Begin to examine it, for whoever issued the token. Needs `applications:review`."""
    review.take(application_id=application_id, by=request.actor, at=request.at)
    return read(request, application_id)


@router.post(f"{_ONE}/release", response={200: Whole, **ANSWERS}, summary="Give it back", openapi_extra=IDEMPOTENT)
def release(request: Call, application_id: UUID) -> Whole:
    """Give it back to the queue. Needs `applications:review`."""
    review.release(application_id=application_id, by=request.actor, at=request.at)
    return read(request, application_id)


@router.post(f"{_ONE}/ask", response={200: Whole, **ANSWERS}, summary="Ask back", openapi_extra=IDEMPOTENT)
def ask(request: Call, application_id: UUID, body: Asked) -> Whole:
    """Send it back with words about fields; letters go out. Needs `applications:review`."""
    review.send_back(application_id=application_id, comments=body.comments, by=request.actor, at=request.at)
    return read(request, application_id)


@router.post(f"{_ONE}/approve", response={200: Whole, **ANSWERS}, summary="Approve", openapi_extra=IDEMPOTENT)
def approve(request: Call, application_id: UUID, body: Approved) -> Whole:
    """Decide for it; codes are allotted in the same stroke, letters go out. Needs `applications:review`."""
    review.approve(application_id=application_id, confirmed_start=body.confirmed_start, by=request.actor, at=request.at)
    return read(request, application_id)


@router.post(f"{_ONE}/reject", response={200: Whole, **ANSWERS}, summary="Reject", openapi_extra=IDEMPOTENT)
def reject(request: Call, application_id: UUID, body: ReviewReason) -> Whole:
    """Decide against it, with the reason for the applicant. Needs `applications:review`."""
    review.reject(application_id=application_id, reason=body.reason, by=request.actor, at=request.at)
    return read(request, application_id)


@router.post(f"{_ONE}/hold", response={200: Whole, **ANSWERS}, summary="Put on hold", openapi_extra=IDEMPOTENT)
def hold(request: Call, application_id: UUID, body: ReviewReason) -> Whole:
    """Put it off, with a reason for colleagues. Needs `applications:review`."""
    review.hold(application_id=application_id, reason=body.reason, by=request.actor, at=request.at)
    return read(request, application_id)
