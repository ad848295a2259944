"""The door of 電子証明書ツール: sign-in by stages, then one certificate (000-33 … 000-35).

No token of an organisation lets anybody in here. The sign-in is open to everybody, behind the same limiter and with
the same answers for known and unknown people as the page; at its end stands a token that opens the obtaining of one
certificate for ten minutes, and nothing else.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from warifu.api.v1 import door
from warifu.api.v1.schemas import ANSWERS, Wish
from warifu.credentials.actions import attempts, enrolment, signin
from warifu.credentials.actions.stages import Visitor
from warifu.credentials.queries import certificates
from warifu.credentials.queries import enrolment as queries
from warifu.foundation.actor import Actor

router = Router(tags=["agent"])
OPEN = ("agent/sign-in", "agent/card")
"""Where the addresses begin that are open to everybody."""


class Holder(HttpRequest):
    """A request with a token of the obtaining; the door has put these on it."""

    actor: Actor
    organisation_id: UUID
    enrolment_id: UUID
    valid_until: datetime
    at: datetime


class Begun(Wish):
    """Who wants in, as typed on the page of sign-in."""

    organisation: Annotated[str, Field(max_length=40)]
    identifier: Annotated[str, Field(max_length=254)]


class Process(Schema):
    """A sign-in under way; known to its beginner only."""

    process: str
    stage: str


class Answered(Wish):
    """The answer to the stage that is due: the password, a code of the second factor, or the mailed code."""

    process: Annotated[str, Field(max_length=100)]
    stage: Annotated[str, Field(pattern="^(password|second|code)$")]
    secret: Annotated[str, Field(max_length=1100)]


class Step(Schema):
    """What is wanted next; `done` comes with the token that opens the obtaining. The mail address is half hidden."""

    stage: str
    mail: str = ""
    second: list[str] = Field(default_factory=list)
    token: str = ""


class Again(Wish):
    """The sign-in for which another code is to be mailed."""

    process: Annotated[str, Field(max_length=100)]


class Mailed(Schema):
    """Another code is on its way; the one before is dead."""

    stage: str


class Renewable(Schema):
    """A certificate that may be renewed now."""

    id: UUID
    issued_to: str
    device_name: str
    serial: str
    valid_until: datetime


class Offer(Schema):
    """Who is known by the token, the name proposed for the certificate, and what may be renewed."""

    organisation_name: str
    person_name: str
    issued_to: str
    renewable: list[Renewable]
    valid_until: datetime


class Request(Wish):
    """A request (PKCS#10, Base64 of its DER), the name to write, the device, and what it replaces."""

    csr: Annotated[str, Field(max_length=20_000)]
    issued_to: Annotated[str, Field(max_length=200)]
    device_name: Annotated[str, Field(max_length=60)] = ""
    replaces: UUID | None = None


class Issued(Schema):
    """The certificate and those above it, in PEM."""

    id: UUID
    serial: str
    valid_until: datetime
    certificate: str
    chain: list[str]


@router.post("/agent/sign-in", response={200: Process, **ANSWERS}, summary="Begin a sign-in", auth=None)
def begin(request: HttpRequest, body: Begun) -> Process:
    """Begin a sign-in that ends with a certificate. The answer is the same for people whom nobody knows."""
    who, at = _visitor(request), request.at  # type: ignore[attr-defined]
    attempts.check(purpose="signin.address", subject=who.address, at=at)
    token = signin.begin(
        organisation_code=body.organisation, identifier=body.identifier, visitor=who, at=at, purpose=signin.ENROLMENT
    )
    return Process(process=token, stage="password")


@router.post("/agent/sign-in/answer", response={200: Step, **ANSWERS}, summary="Answer a stage", auth=None)
def answer(request: HttpRequest, body: Answered) -> Step:
    """Give the stage that is due its answer; after the last one there is a token."""
    at = request.at  # type: ignore[attr-defined]
    outcome = signin.answer(
        token=body.process,
        stage=body.stage,
        secret=body.secret,
        visitor=_visitor(request),
        at=at,
        purpose=signin.ENROLMENT,
    )
    if isinstance(outcome, signin.SignedIn):
        return Step(stage="done", token=outcome.session_token)
    _stage, account, _process = signin.due_stage(token=body.process, at=at, purpose=signin.ENROLMENT)
    mail = account.member.mail if account.member else ""
    return Step(stage=outcome.stage, mail=_half_hidden(mail), second=sorted(account.second))


@router.post("/agent/sign-in/resend", response={200: Mailed, **ANSWERS}, summary="Mail another code", auth=None)
def resend(request: HttpRequest, body: Again) -> Mailed:
    """Have another code mailed."""
    at = request.at  # type: ignore[attr-defined]
    signin.open_again(token=body.process, stage="code", at=at, purpose=signin.ENROLMENT)
    return Mailed(stage="code")


@router.get("/agent/enrolment", response={200: Offer, **ANSWERS}, summary="What can be obtained")
def offer(request: Holder) -> Offer:
    """Names, and the certificates that may be renewed. Needs a token of the obtaining."""
    assert request.actor.id is not None  # noqa: S101
    found = queries.offer(organisation_id=request.organisation_id, member_id=request.actor.id, at=request.at)
    return Offer(
        organisation_name=found.organisation_name,
        person_name=found.person_name,
        issued_to=found.issued_to,
        renewable=[
            Renewable(
                id=one.id,
                issued_to=one.issued_to,
                device_name=one.device_name,
                serial=one.serial,
                valid_until=one.valid_until,
            )
            for one in found.renewable
        ],
        valid_until=request.valid_until,
    )


@router.post("/agent/enrolment/certificate", response={200: Issued, **ANSWERS}, summary="Obtain the certificate")
def certify(request: Holder, body: Request) -> Issued:
    """Have a request signed, once; a request that is refused may be mended. Needs a token of the obtaining."""
    made = enrolment.certify(
        enrolment_id=request.enrolment_id,
        organisation_id=request.organisation_id,
        csr=_bytes(body.csr),
        issued_to=body.issued_to,
        device_name=body.device_name,
        replaces=body.replaces,
        by=request.actor,
        at=request.at,
    )
    own, *above = certificates.in_pem(ders=(made.der, *made.chain))
    return Issued(id=made.id, serial=made.serial, valid_until=made.valid_until, certificate=own, chain=above)


def let_in(call: door.Call) -> None:
    """Anybody to the sign-in, and with a page's code to its card; to the rest whoever holds a token of the obtaining.

    Raises `TokenNeeded`, `EnrolmentOver`, `TooMany`.
    """
    route = call.resolver_match.route if call.resolver_match else ""
    if any(start in route for start in OPEN):
        return
    token, address = door.bearer_of(call), door.address_of(call)
    try:
        attempts.check(purpose="token.address", subject=address, at=call.at)
        try:
            holder = enrolment.holder_of(token=token, at=call.at)
        except enrolment.EnrolmentOver:
            attempts.fail(purpose="token.address", subject=address, at=call.at)
            raise
    except attempts.TooManyAttempts as waiting:
        raise door.TooMany(**waiting.values) from None
    call.actor, call.organisation_id = holder.actor, holder.organisation_id
    call.enrolment_id, call.valid_until = holder.enrolment_id, holder.valid_until  # type: ignore[attr-defined]


def _visitor(request: HttpRequest) -> Visitor:
    browser = request.headers.get("User-Agent", "")[:200]
    return Visitor(browser=browser, address=door.address_of(request))


def _half_hidden(mail: str) -> str:
    name, _sign, domain = mail.partition("@")
    return f"{name[:1]}***@{domain}" if domain else ""


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise door.ValuesWrong(places="csr") from None
