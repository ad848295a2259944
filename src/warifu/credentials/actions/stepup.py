"""Step-up: a second factor, or the password again, inside a running session (L-14, L-25)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Credentials as Events
from warifu.credentials.actions import attempts, authenticators, recovery, sessions
from warifu.credentials.rules.policy import FACTOR_LEVELS
from warifu.foundation.actor import Actor


def by_code(*, organisation_id: UUID, session_id: UUID, code: str, address: str, by: Actor, at: datetime) -> str:
    """Show a code of the authenticator app, or a recovery code; returns the session's new token.

    Raises `authenticators.CodeWrong` (recorded), `TooManyAttempts`, and `NotFound` when the session has ended.
    """
    assert by.id is not None  # noqa: S101
    attempts.take(purpose="second.account", subject=str(by.id), at=at)
    if authenticators.fits(member_id=by.id, code=code, at=at):
        factor = "authenticator"
    elif recovery.fits(member_id=by.id, typed=code, at=at):
        factor = "recovery_code"
    else:
        with transaction.atomic():
            audit.record(
                event=Events.SIGN_IN_FAILED,
                by=by,
                at=at,
                subject_id=by.id,
                factor="second",
                again=True,
                address=address,
            )
        raise authenticators.CodeWrong
    attempts.clear(purpose="second.account", subject=str(by.id))
    return raise_level(session_id=session_id, factor=factor, address=address, by=by, at=at)


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
