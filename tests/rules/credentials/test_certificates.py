"""When certificates may be renewed, whom a letter reminds, what lists call them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.cast import MORNING
from warifu.credentials.rules import certificates as rules

END = MORNING + rules.LIFE
SPAN = rules.Span(valid_from=MORNING, valid_until=END)


@pytest.mark.shows("C-06")
@pytest.mark.parametrize(("life", "opens_after"), [(390, 330), (90, 60), (30, 20)])
def test_the_window_opens_at_two_thirds_of_the_life_or_60_days_before_the_end(life: int, opens_after: int) -> None:
    span = rules.Span(valid_from=MORNING, valid_until=MORNING + timedelta(days=life))
    assert rules.renewable_from(span) == MORNING + timedelta(days=opens_after)


@pytest.mark.parametrize(
    ("at", "replaced_at", "revoked_at", "state", "holds"),
    [
        (MORNING, None, None, "running", True),
        (END - timedelta(days=60), None, None, "ending", True),
        (END, None, None, "over", False),
        (MORNING - timedelta(seconds=1), None, None, "over", False),
        (MORNING + timedelta(days=13), MORNING, None, "replaced", True),
        (MORNING + timedelta(days=14), MORNING, None, "over", False),
        (MORNING, None, MORNING, "revoked", False),
        (END, None, MORNING, "revoked", False),
    ],
)
def test_states(
    at: datetime, replaced_at: datetime | None, revoked_at: datetime | None, state: str, holds: bool
) -> None:
    span = rules.Span(valid_from=MORNING, valid_until=END, replaced_at=replaced_at, revoked_at=revoked_at)
    assert (rules.state_of(span, at=at), rules.holds(span, at=at)) == (state, holds)


@pytest.mark.shows("C-02")
def test_a_life_never_exceeds_the_shortest_thirteen_months() -> None:
    assert timedelta(days=365 + 28) > rules.LIFE + rules.CLOCKS_DIFFER


def test_every_reason_is_one_of_rfc_5280() -> None:
    from cryptography import x509

    assert {reason.flag for reason in rules.Reason} <= set(x509.ReasonFlags.__members__)
    assert {rules.reason_of(reason.word) for reason in rules.Reason} == set(rules.Reason)
    assert rules.reason_of("because") is None
    assert rules.flag_of("because") == "unspecified"
