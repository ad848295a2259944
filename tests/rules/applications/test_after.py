"""What is still to be done after the decision (C4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from warifu.applications.rules.after import BY_HAND, Facts, checklist

NOTHING = Facts(
    user_ids=("1ANACA0A", "1ANACA0B"),
    opened=(),
    with_password=(),
    signed_in=(),
    with_certificate=(),
    wants_certificate=False,
    settled=False,
    has_notice=False,
    has_form=False,
    starts_on=date(2026, 12, 10),
    today=date(2026, 12, 2),
)
BOTH = frozenset(NOTHING.user_ids)


@pytest.mark.shows("002-4", "002-5", "002-6")
def test_at_first_everything_waits_in_the_order_of_the_work() -> None:
    points = checklist(facts=NOTHING, ticked=())
    assert [point.key for point in points] == [
        "settings", "opened", "notice", "form", "password", "signed_in", "software", "told",
    ]  # fmt: skip
    assert not any(point.is_done for point in points)
    assert {point.key: point.from_day for point in points}["notice"] == date(2026, 12, 10)


def test_a_point_is_done_when_each_id_is_and_names_those_that_are_not() -> None:
    points = {point.key: point for point in checklist(facts=replace(NOTHING, opened={"1ANACA0A"}), ticked=())}
    assert (points["opened"].is_done, points["opened"].waiting) == (False, ("1ANACA0B",))
    points = {point.key: point for point in checklist(facts=replace(NOTHING, opened=BOTH), ticked=())}
    assert (points["opened"].is_done, points["opened"].waiting) == (True, ())


def test_all_can_be_done() -> None:
    facts = replace(
        NOTHING, opened=BOTH, with_password=BOTH, signed_in=BOTH, with_certificate=BOTH, wants_certificate=True,
        settled=True, has_notice=True, has_form=True, today=date(2026, 12, 10),
    )  # fmt: skip
    points = checklist(facts=facts, ticked=set(BY_HAND))
    assert all(point.is_done for point in points)
    assert "certificate" in {point.key for point in points}
    assert {point.from_day for point in points} == {None}


def test_changes_and_deletions_ask_for_their_papers_only() -> None:
    assert [point.key for point in checklist(facts=replace(NOTHING, user_ids=()), ticked=())] == ["notice", "form"]
