"""How far an organisation may work by the licences it has started: a pure function of their days (A4, B0.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from warifu.foundation.standing import Standing

GRACE = timedelta(days=30)
"""How long everything goes on after the last day of a licence, so that a late renewal interrupts nobody's work."""


@dataclass(frozen=True, kw_only=True)
class Term:
    """One licence that an organisation has started."""

    until_day: date
    collects: bool
    revoked_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What the licences of an organisation give together; the days are None where nothing limits it."""

    standing: Standing
    licensed_until: date | None
    works_until: date | None


def reach(*, terms: Sequence[Term], today: date) -> Reach:
    """The longest licence decides until when, any that collects decides that one collects; a revoked one gives nothing.

    An organisation that never started a licence is not limited by any.
    """
    if not terms:
        return Reach(standing=Standing.FULL, licensed_until=None, works_until=None)
    living = [term for term in terms if term.revoked_on is None]
    if not living:
        revoked_on = max(term.revoked_on for term in terms if term.revoked_on is not None)
        return Reach(standing=Standing.REVOKED, licensed_until=revoked_on, works_until=revoked_on)
    last = max(term.until_day for term in living)
    running = [term for term in living if today <= term.until_day + GRACE]
    if not running:
        standing = Standing.ENDED
    else:
        standing = Standing.FULL if any(term.collects for term in running) else Standing.KEEPING
    return Reach(standing=standing, licensed_until=last, works_until=last + GRACE)
