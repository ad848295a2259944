"""Guessing numbers of cards and keys: slowed down by address and by number, and kept in the trail (L-11, A1)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Licences as Events
from warifu.credentials.actions import attempts
from warifu.foundation.actor import SYSTEM
from warifu.organisations import queries as organisations


def take(*, address: str, number: str, at: datetime) -> None:
    """Count a try before the secret is looked at. Raises `TooManyAttempts`."""
    attempts.take(purpose="card.address", subject=address, at=at)
    attempts.take(purpose="card.number", subject=number, at=at)


def succeeded(*, address: str, number: str) -> None:
    """Forget the tries after a right one."""
    attempts.clear(purpose="card.address", subject=address)
    attempts.clear(purpose="card.number", subject=number)


def refused(*, address: str, number: str, what: str, at: datetime) -> None:
    """Keep a wrong try in the operator's trail: which number and from where, never what was guessed."""
    operator_id = organisations.operator().id
    with transaction.atomic():
        audit.record(
            event=Events.CODE_REFUSED,
            by=SYSTEM,
            at=at,
            organisation_id=operator_id,
            card=number,
            what=what,
            address=address,
        )
