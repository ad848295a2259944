"""The door of 割符エージェント with a card: take the code of a page, answer it once (docs/flows/card.md B).

No token of an organisation is wanted: the code, and then the process, say whose page it is, and the page's session has
to run still. What is read of a number goes from here to the vault and stands in no answer.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import structlog
from django.http import HttpRequest
from django.utils.translation import gettext
from ninja import Router, Schema
from pydantic import Field

from warifu.api.v1 import door
from warifu.api.v1.schemas import ANSWERS, Wish
from warifu.cards.actions import mykeys, pulls
from warifu.cards.actions.pulls import Pull, Shows
from warifu.cards.rules.purposes import What
from warifu.cards.rules.refusals import ChallengeOver, PullCodeUnknown
from warifu.collection.actions import card_reading
from warifu.credentials.actions import attempts
from warifu.credentials.actions import cards as factors
from warifu.credentials.queries.sessions import living_session_by_id
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _

router = Router(tags=["agent"])
log = structlog.get_logger("warifu.cards")
DONE: dict[What, str] = {
    What.ENROL: _("カードを登録しました。画面に戻ってください。"),
    What.VERIFY: _("カードで本人を確かめました。画面に戻ってください。"),
    What.HAND_IN: _("番号を受け取り、鍵をかけてしまいました。画面に戻ってください。"),
    What.MYKEY: _("カードの読み取りに成功しました。画面に戻って「発行」を押してください。"),
}


class TakenCode(Wish):
    """The code that a page shows."""

    code: Annotated[str, Field(max_length=40)]


class Task(Schema):
    """What the page wants of the card, for whom, and what to have signed."""

    process: str
    what: str
    who: str
    organisation: str
    order: str
    nonce: str
    purpose: str
    origin: str
    expires_at: datetime


class Answer(Wish):
    """What the card gave: the JSON texts of token and card-face data."""

    process: Annotated[str, Field(max_length=100)]
    token: Annotated[str, Field(max_length=16 * 1024)] = ""
    profile: Annotated[str, Field(max_length=24 * 1024)] = ""


class Outcome(Schema):
    """How it ended, in words for the person; `known_code` is the code by which people know the same trouble."""

    state: str
    sentence: str = ""
    remedy: str = ""
    known_code: str = ""


class Trouble(Wish):
    """What card or reader failed of."""

    process: Annotated[str, Field(max_length=100)]
    code: Annotated[str, Field(pattern="^WF-[A-Z][0-9]{3}$")]


@router.post("/agent/card/pull", response={200: Task, **ANSWERS}, summary="Take a page's code", auth=None)
def pull(request: HttpRequest, body: TakenCode) -> Task:
    """Take the code, once; two minutes are left for the card from then on."""
    at, address = request.at, door.address_of(request)  # type: ignore[attr-defined]
    try:
        attempts.check(purpose="pull.address", subject=address, at=at)
        try:
            taken = pulls.take(code=body.code, at=at)
        except PullCodeUnknown:
            attempts.fail(purpose="pull.address", subject=address, at=at)
            raise
    except attempts.TooManyAttempts as waiting:
        raise door.TooMany(**waiting.values) from None
    return Task(
        process=taken.process,
        what=taken.what.value,
        who=taken.who,
        organisation=taken.organisation,
        order=taken.order,
        nonce=taken.nonce,
        purpose=taken.purpose,
        origin=taken.origin,
        expires_at=taken.valid_until,
    )


@router.post("/agent/card/answer", response={200: Outcome, **ANSWERS}, summary="Answer with the card", auth=None)
def answer(request: HttpRequest, body: Answer) -> Outcome:
    """Give what the card gave. The question is used up, whatever comes of it; the page is told, and the trail."""
    at = request.at  # type: ignore[attr-defined]
    found = pulls.use_up(process=body.process, at=at)
    by = _actor_of(found, at)
    try:
        shown = pulls.examine(pull=found, token=body.token, profile=body.profile, at=at)
        _do(found, shown, by, at)
    except Refused as refusal:
        pulls.settle(pull=found, by=by, at=at, refused=refusal.code)
        raise
    status = shown.credential.finding.status.value if shown.credential else ""
    pulls.settle(pull=found, by=by, at=at, status=status)
    return Outcome(state="done", sentence=gettext(DONE[found.what]))


@router.post("/agent/card/fault", response={200: Outcome, **ANSWERS}, summary="Tell what failed", auth=None)
def fault(request: HttpRequest, body: Trouble) -> Outcome:
    """Tell the page that card or reader failed, so that it says what to do."""
    pulls.fail(process=body.process, code=body.code, at=request.at)  # type: ignore[attr-defined]
    return Outcome(state="failed")


def _actor_of(found: Pull, at: datetime) -> Actor:
    """The person whose page asked; the session has to run still, and to be theirs. Raises `ChallengeOver`."""
    session = living_session_by_id(session_id=found.session_id, at=at)
    if session is None or session.member_id != found.member_id:
        pulls.tell(pull_id=found.id, refused=ChallengeOver.code)
        raise ChallengeOver
    return session.actor


def _do(found: Pull, shown: Shows, by: Actor, at: datetime) -> None:
    here = {"organisation_id": found.organisation_id, "member_id": found.member_id}
    if found.what is What.ENROL and shown.credential:
        factors.enrol(
            organisation_id=found.organisation_id, card=shown.credential, replaces=found.subject_id, by=by, at=at
        )
    elif found.what is What.HAND_IN and shown.profile:
        card_reading.hand_in(profile=shown.profile, by=by, at=at, **here)
    elif found.what is What.VERIFY and shown.profile and shown.credential:
        card_reading.verify(profile=shown.profile, card=shown.credential, by=by, at=at, **here)
    elif found.what is What.MYKEY and shown.credential and found.subject_id:
        mykeys.read(ticket_id=found.subject_id, card=shown.credential, by=by, at=at)
