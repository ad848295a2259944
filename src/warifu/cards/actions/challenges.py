"""Questions put to a card through a browser: drawn, bound to it, used up before anything is examined (4.3)."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from warifu.cards import anchors, examining
from warifu.cards.examining import Credential
from warifu.cards.models import CardChallenge
from warifu.cards.rules.purposes import What, canonical
from warifu.cards.rules.refusals import AnswerUnreadable, ChallengeOver

LASTS = timedelta(minutes=2)
"""How long a question waits for its answer."""
MOST_OPEN = 3
"""Open questions of one browser or session; a further one ends the oldest."""
NONCE_BYTES = 32


@dataclass(frozen=True, kw_only=True)
class Question:
    """What the browser passes on to extension and agent."""

    id: UUID
    nonce: str
    purpose: str
    origin: str
    valid_until: datetime


def ask(*, browser: str, at: datetime) -> Question:
    """Put a question for a sign-in to the browser that holds the secret `browser`. Raises `CardsNotSetUp`."""
    anchors.authorities()
    keeper = digest(secret=browser)
    row = CardChallenge.objects.create(
        nonce=os.urandom(NONCE_BYTES),
        what=What.LOGIN,
        purpose=canonical(what=What.LOGIN),
        browser_hash=keeper,
        made_at=at,
        valid_until=at + LASTS,
    )
    end_oldest(browser_hash=keeper, at=at)
    return Question(
        id=row.id,
        nonce=examining.written(bytes(row.nonce)),
        purpose=row.purpose,
        origin=examining.origin(),
        valid_until=row.valid_until,
    )


def composed(*, challenge: str, token: str, browser: str) -> str:
    """The answer to a stage of a sign-in: what the page sent, with the secret that its browser holds."""
    return json.dumps({"challenge": challenge, "token": token, "browser": browser})


def answered(*, answer: str, at: datetime) -> Credential:
    """The card that has answered a question of this very browser; the question is used up whatever comes of it.

    `answer` is as `composed` writes it. Raises `ChallengeOver`, the faults of `rules.refusals` (9xx),
    `CardsNotSetUp`.
    """
    challenge_id, token, browser = _parts(answer)
    living = CardChallenge.objects.filter(
        id=challenge_id, browser_hash=digest(secret=browser), what=What.LOGIN, used_at=None, valid_until__gt=at
    )
    if not browser or living.update(used_at=at) != 1:
        raise ChallengeOver
    row = CardChallenge.objects.get(id=challenge_id)
    signed = examining.question(nonce=bytes(row.nonce), purpose=row.purpose)
    return examining.credential(token=token, signed=signed, at=at)


def is_answer(*, text: str) -> bool:
    """Whether the answer to a stage is meant to be a card's."""
    return text.startswith('{"challenge":')


def tidy(*, at: datetime) -> int:
    """Forget questions that are over; for the daily round. Returns how many."""
    return CardChallenge.objects.filter(valid_until__lt=at - timedelta(days=1)).delete()[0]


def end_oldest(*, at: datetime, **bound_to: object) -> None:
    """Leave the newest few open questions of a browser or session, and end the rest."""
    open_ones = CardChallenge.objects.filter(used_at=None, valid_until__gt=at, **bound_to)
    beyond = list(open_ones.order_by("-id").values_list("id", flat=True)[MOST_OPEN:])
    if beyond:
        CardChallenge.objects.filter(id__in=beyond, used_at=None).update(used_at=at)


def digest(*, secret: str) -> str:
    """What the table keeps of a random secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _parts(answer: str) -> tuple[UUID, str, str]:
    try:
        given = json.loads(answer) if len(answer) <= examining.LARGEST_ANSWER else None
        if not isinstance(given, dict):
            raise AnswerUnreadable
        return UUID(given["challenge"]), str(given["token"]), str(given["browser"])
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
        raise AnswerUnreadable from None
