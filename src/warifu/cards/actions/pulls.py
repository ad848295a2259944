"""Pull mode: a page that somebody has opened shows a code, the agent takes it and answers (cards.md 4.3-2b).

The code lasts two minutes, is bound to session and member, and is taken once; who took it holds a secret of their own
from then on. The question is used up in one statement before the answer is looked at.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Cards as Events
from warifu.cards import anchors, codes, examining
from warifu.cards.actions.challenges import LASTS, NONCE_BYTES, digest, end_oldest
from warifu.cards.examining import Credential, Profile
from warifu.cards.models import CardChallenge
from warifu.cards.rules import signs
from warifu.cards.rules.purposes import FILES, NEEDS_TOKEN, What, canonical
from warifu.cards.rules.refusals import ChallengeOver, PullCodeUnknown, WrongParts
from warifu.foundation.actor import Actor
from warifu.foundation.ids import new_id
from warifu.foundation.refusals import NotFound
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission, require


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What the page shows: the code, in groups, and until when it can be taken."""

    id: UUID
    code: str
    valid_until: datetime


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What the agent learns when it takes a code: whom and what it is for, and what to have signed."""

    process: str
    what: What
    who: str
    organisation: str
    order: str
    nonce: str
    purpose: str
    origin: str
    valid_until: datetime


@dataclass(frozen=True, kw_only=True)
class Pull:
    """A question that an agent has taken: whose, for what, and, once it is used up, the bytes to be signed."""

    id: UUID
    what: What
    organisation_id: UUID
    member_id: UUID
    session_id: UUID
    subject_id: UUID | None
    signed: bytes


@dataclass(frozen=True, kw_only=True)
class Shows:
    """What came with an answer, examined: the card, the card-face data, or both."""

    credential: Credential | None
    profile: Profile | None


def show(
    *, what: What, session_id: UUID, by: Actor, at: datetime, order: str = "", subject_id: UUID | None = None
) -> Shown:
    """Make a code for one's own page. Raises `CardsNotSetUp`, `NotPermitted`."""
    assert by.id is not None and by.organisation_id is not None  # noqa: S101, PT018
    require(by=by, permission=Permission.OWN_RECORD, organisation_id=by.organisation_id)
    _insist_set_up(what)
    pull_id = new_id()
    code = codes.code_of(pull_id)
    with transaction.atomic():
        row = CardChallenge.objects.create(
            id=pull_id,
            nonce=os.urandom(NONCE_BYTES),
            what=what,
            purpose=canonical(what=what, member_id=by.id, name=by.label, order=order),
            organisation_id=by.organisation_id,
            member_id=by.id,
            session_id=session_id,
            subject_id=subject_id,
            code_hash=codes.hidden(code),
            made_at=at,
            valid_until=at + LASTS,
        )
        end_oldest(session_id=session_id, at=at)
        audit.record(event=Events.PULL_STARTED, by=by, at=at, subject_id=by.id, what=what.value)
    return Shown(id=row.id, code=signs.grouped(code), valid_until=row.valid_until)


def take(*, code: str, at: datetime) -> Taken:
    """Take a code, once; from then on two minutes are left for the card. Raises `PullCodeUnknown`."""
    process, hidden = secrets.token_urlsafe(32), codes.hidden(signs.bare(code))
    waiting = CardChallenge.objects.filter(code_hash=hidden, taken_at=None, used_at=None, valid_until__gt=at)
    if waiting.update(taken_at=at, process_hash=digest(secret=process), valid_until=at + LASTS) != 1:
        raise PullCodeUnknown
    row = CardChallenge.objects.get(process_hash=digest(secret=process))
    assert row.organisation_id is not None and row.member_id is not None  # noqa: S101, PT018
    member = organisations.member(organisation_id=row.organisation_id, member_id=row.member_id)
    organisation = organisations.organisation(organisation_id=row.organisation_id)
    pull = _pull(row)
    return Taken(
        process=process,
        what=pull.what,
        who=member.full_name,
        organisation=organisation.name,
        order=json.loads(row.purpose).get("o", ""),
        nonce=examining.written(bytes(row.nonce)),
        purpose=row.purpose,
        origin=examining.origin(),
        valid_until=row.valid_until,
    )


def use_up(*, process: str, at: datetime) -> Pull:
    """Use a question up, in one statement, whatever becomes of the answer. Raises `ChallengeOver`."""
    living = CardChallenge.objects.filter(process_hash=digest(secret=process), used_at=None, valid_until__gt=at)
    if not process or living.update(used_at=at) != 1:
        raise ChallengeOver
    return _pull(CardChallenge.objects.get(process_hash=digest(secret=process)))


def examine(*, pull: Pull, token: str, profile: str, at: datetime) -> Shows:
    """Examine what came for a question: exactly the parts that it wants, each as it must be.

    Raises `WrongParts`, the faults of `rules.refusals` (9xx), `CardsNotSetUp`.
    """
    if bool(token) != (pull.what in NEEDS_TOKEN) or bool(profile) != (pull.what in FILES):
        raise WrongParts
    card = examining.credential(token=token, signed=pull.signed, at=at) if token else None
    told = examining.profile(text=profile, signed=pull.signed) if profile else None
    if told is not None and (told.number is not None) != ("0001" in FILES[pull.what]):
        raise WrongParts
    return Shows(credential=card, profile=told)


def settle(*, pull: Pull, by: Actor, at: datetime, refused: str = "", status: str = "") -> None:
    """Note how it ended, for the page and for the trail; `refused` is the code of a refusal (cards.md 4.3-6, 4.3-7)."""
    with transaction.atomic():
        tell(pull_id=pull.id, refused=refused)
        event = Events.REFUSED if refused else Events.ANSWERED
        audit.record(
            event=event,
            by=by,
            at=at,
            organisation_id=pull.organisation_id,
            subject_id=pull.member_id,
            what=pull.what.value,
            challenge=str(pull.id),
            code=refused,
            status=status,
        )


def fail(*, process: str, code: str, at: datetime) -> None:
    """What the agent tells of reader and card: the question is used up, and the page says what to do.

    Raises `ChallengeOver`.
    """
    pull = use_up(process=process, at=at)
    tell(pull_id=pull.id, refused=code)


def tell(*, pull_id: UUID, refused: str) -> None:
    """Keep the outcome for the page that waits."""
    outcome = CardChallenge.Outcome.FAILED if refused else CardChallenge.Outcome.DONE
    CardChallenge.objects.filter(id=pull_id).update(outcome=outcome, outcome_code=refused[:10])


def _pull(row: CardChallenge) -> Pull:
    if row.organisation_id is None or row.member_id is None or row.session_id is None:
        raise NotFound
    return Pull(
        id=row.id,
        what=What(row.what),
        organisation_id=row.organisation_id,
        member_id=row.member_id,
        session_id=row.session_id,
        subject_id=row.subject_id,
        signed=examining.question(nonce=bytes(row.nonce), purpose=row.purpose),
    )


def _insist_set_up(what: What) -> None:
    if what in NEEDS_TOKEN:
        anchors.authorities()
    if what in FILES:
        anchors.profile_keys()
