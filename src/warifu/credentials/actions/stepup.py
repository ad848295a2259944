"""Step-up: a second factor, or a proof once more, inside a running session (L-14, L-25).

A session counts its failures under its own name, so that nobody outside can make its owner wait (L-11).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Credentials as Events
from warifu.cards.actions import bindings, challenges
from warifu.cards.rules.refusals import CardNotAccepted, ChallengeOver
from warifu.credentials.actions import attempts, authenticators, factors, passkeys, recovery, sessions
from warifu.credentials.rules.codes import SecondNotAccepted
from warifu.credentials.rules.policy import FACTOR_LEVELS
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import Refused


def by_code(
    *,
    organisation_id: UUID,
    session_id: UUID,
    code: str,
    address: str,
    by: Actor,
    at: datetime,
    browser: str = "",
) -> str:
    """Show a code of the authenticator app, or a recovery code; returns the session's new token.

    Raises `SecondNotAccepted` (recorded), `TooManyAttempts`, and `NotFound` when the session has ended.
    """
    assert by.id is not None  # noqa: S101
    queue = _queue(session_id, by)
    attempts.take(purpose="second.account", subject=queue, at=at)
    if authenticators.fits(member_id=by.id, code=code, at=at):
        factor = "authenticator"
    elif recovery.fits(member_id=by.id, typed=code, at=at):
        factor = "recovery_code"
    else:
        _note_failure(organisation_id, queue, "second", address, browser, by, at)
        raise SecondNotAccepted
    attempts.clear(purpose="second.account", subject=queue)
    return raise_level(session_id=session_id, factor=factor, address=address, by=by, at=at)


def by_passkey(
    *,
    organisation_id: UUID,
    session_id: UUID,
    answer: str,
    address: str,
    by: Actor,
    at: datetime,
    browser: str = "",
) -> str:
    """Answer with one of one's own passkeys (`passkeys.PROVE`); returns the session's new token.

    Raises what `passkeys.holder_of` refuses (recorded), `TooManyAttempts`, and `NotFound`.
    """
    queue = _queue(session_id, by)
    attempts.take(purpose="second.account", subject=queue, at=at)
    try:
        passkeys.holder_of(answer=answer, purpose=passkeys.PROVE, member_id=by.id, at=at)
    except Refused:
        _note_failure(organisation_id, queue, "passkey", address, browser, by, at)
        raise
    attempts.clear(purpose="second.account", subject=queue)
    return raise_level(session_id=session_id, factor="passkey", address=address, by=by, at=at)


def by_card(
    *,
    organisation_id: UUID,
    session_id: UUID,
    answer: str,
    address: str,
    by: Actor,
    at: datetime,
    browser: str = "",
) -> str:
    """Answer with one's own registered card; returns the session's new token.

    Raises `CardNotAccepted` (recorded) whatever was wrong with the card, `ChallengeOver`, `TooManyAttempts`.
    """
    queue = _queue(session_id, by)
    attempts.take(purpose="second.account", subject=queue, at=at)
    try:
        card = challenges.answered(answer=answer, at=at)
        bindings.holder_of(card=card, member_id=by.id, at=at)
    except Refused as refusal:
        _note_failure(organisation_id, queue, "card", address, browser, by, at)
        raise (refusal if isinstance(refusal, ChallengeOver) else CardNotAccepted()) from None
    attempts.clear(purpose="second.account", subject=queue)
    return raise_level(session_id=session_id, factor="card", address=address, by=by, at=at)


def raise_level(*, session_id: UUID, factor: str, address: str, by: Actor, at: datetime) -> str:
    """Note a factor that was shown and proven inside a session; returns its new token, the old one is dead (L-22)."""
    assert by.id is not None  # noqa: S101
    with transaction.atomic():
        token = sessions.renew(session_id=session_id, member_id=by.id, at=at, factor=factor)
        audit.record(
            event=Events.STEPPED_UP,
            by=by,
            at=at,
            subject_id=by.id,
            factor=factor,
            level=FACTOR_LEVELS[factor],
            address=address,
        )
    return token


def _queue(session_id: UUID, by: Actor) -> str:
    return f"{by.id} {session_id}"


def _note_failure(
    organisation_id: UUID, queue: str, factor: str, address: str, browser: str, by: Actor, at: datetime
) -> None:
    assert by.id is not None  # noqa: S101
    with transaction.atomic():
        audit.record(
            event=Events.SIGN_IN_FAILED, by=by, at=at, subject_id=by.id, factor=factor, again=True, address=address
        )
    factors.tell_of_failures(organisation_id=organisation_id, member_id=by.id, queue=queue, browser=browser, at=at)
