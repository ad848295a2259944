"""名簿の一人 and 収集の設定."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.cast import MORNING, Cast
from tests.rooms.collection.people import TODAY, days_ago, enlist
from warifu.audit import queries as trail
from warifu.collection.actions import entries, policies
from warifu.collection.actions.entries import AlreadyListed, NotListed
from warifu.collection.actions.policies import PolicyOutOfRange, SecondCheckReasonNeeded
from warifu.collection.models import RosterEntry
from warifu.collection.queries import people
from warifu.collection.queries import policies as policy_queries
from warifu.foundation.actor import SYSTEM
from warifu.foundation.refusals import NotFound
from warifu.organisations import actions as organisations
from warifu.organisations.rules import NotPermitted

pytestmark = pytest.mark.django_db

DEFAULTS: dict[str, Any] = {
    "overdue_days": 3,
    "automatic_reminders": False,
    "reminder_every_days": 3,
    "quiet_from_hour": 20,
    "quiet_until_hour": 8,
    "second_check": True,
    "second_check_off_reason": "",
    "image_keep_days": 7,
}


def change(cast: Cast, **values: Any) -> None:
    wanted = {"organisation_id": cast.aoba, "by": cast.aoki, "at": MORNING} | DEFAULTS | values
    policies.change(**wanted)


@pytest.mark.shows("001-22")
def test_a_member_is_taken_in_and_the_days_count_from_then(cast: Cast) -> None:
    assert cast.inoue.id
    entry_id = entries.add(organisation_id=cast.aoba, member_id=cast.inoue.id, by=cast.eto, at=MORNING)
    row = people.person(organisation_id=cast.aoba, entry_id=entry_id, today=TODAY)
    assert (row.state, row.registered_on, row.due_on) == ("listed", TODAY, TODAY + timedelta(days=2))
    (line,) = trail.timeline(organisation_id=cast.aoba, event_prefix="collection.entry.listed")
    assert line.subject_id == cast.inoue.id


def test_nobody_is_taken_in_twice(cast: Cast) -> None:
    assert cast.inoue.id
    entries.add(organisation_id=cast.aoba, member_id=cast.inoue.id, by=cast.eto, at=MORNING)
    with pytest.raises(AlreadyListed):
        entries.add(organisation_id=cast.aoba, member_id=cast.inoue.id, by=cast.eto, at=MORNING)
    assert len(trail.timeline(organisation_id=cast.aoba, event_prefix="collection.entry.listed")) == 1


@pytest.mark.shows("P-07")
def test_only_ones_own_members_are_taken_in_and_only_by_those_who_invite(cast: Cast) -> None:
    assert cast.inoue.id
    assert cast.ueno.id
    with pytest.raises(NotFound):
        entries.add(organisation_id=cast.aoba, member_id=cast.ueno.id, by=cast.eto, at=MORNING)
    with pytest.raises(NotPermitted):
        entries.add(organisation_id=cast.aoba, member_id=cast.inoue.id, by=cast.okada, at=MORNING)
    assert not RosterEntry.objects.exists()


@pytest.mark.shows("R-10")
def test_who_has_left_is_not_taken_in(cast: Cast) -> None:
    assert cast.inoue.id
    organisations.record_leaving(
        organisation_id=cast.aoba, member_id=cast.inoue.id, left_on=days_ago(1), by=SYSTEM, at=MORNING
    )
    with pytest.raises(NotListed):
        entries.add(organisation_id=cast.aoba, member_id=cast.inoue.id, by=cast.eto, at=MORNING)


@pytest.mark.shows("001-22")
def test_other_days_until_overdue_move_the_due_days_of_those_still_to_hand_in(cast: Cast) -> None:
    (still,) = enlist(cast.aoba, "佐藤", state="invited", registered_on=date(2026, 11, 21), overdue_noted_on=TODAY)
    (done,) = enlist(cast.aoba, "済田", state="verified", registered_on=date(2026, 11, 21))
    change(cast, overdue_days=10)
    moved = RosterEntry.objects.get(id=still)
    assert (moved.due_on, moved.overdue_noted_on) == (date(2026, 11, 30), None)
    assert RosterEntry.objects.get(id=done).due_on == date(2026, 11, 23)
    assert people.counts(organisation_id=cast.aoba, today=TODAY).overdue == 0
    (line,) = trail.timeline(organisation_id=cast.aoba, event_prefix="collection.policy.changed")
    assert line.values == {"before": {"overdue_days": 3}, "after": {"overdue_days": 10}}


def test_automatic_reminders_are_planned_when_switched_on_and_dropped_when_off(cast: Cast) -> None:
    (late,) = enlist(cast.aoba, "遅田", state="invited", registered_on=days_ago(9))
    (early,) = enlist(cast.aoba, "早田", state="invited")
    (listed,) = enlist(cast.aoba, "前田", registered_on=days_ago(9))
    change(cast, automatic_reminders=True)
    planned = dict(RosterEntry.objects.values_list("id", "next_reminder_on"))
    assert planned == {late: TODAY, early: TODAY + timedelta(days=3), listed: None}
    change(cast, automatic_reminders=False)
    assert set(RosterEntry.objects.values_list("next_reminder_on", flat=True)) == {None}


@pytest.mark.parametrize(
    "values",
    [
        {"overdue_days": 0},
        {"overdue_days": 91},
        {"reminder_every_days": 0},
        {"quiet_from_hour": 24},
        {"image_keep_days": 31},
    ],
)
@pytest.mark.shows("I-20")
def test_values_out_of_range_are_refused(cast: Cast, values: dict[str, int]) -> None:
    with pytest.raises(PolicyOutOfRange):
        change(cast, **values)
    assert policy_queries.current(organisation_id=cast.aoba) == policy_queries.PolicyView(**DEFAULTS)


@pytest.mark.shows("I-18")
def test_the_second_check_is_given_up_only_with_a_reason(cast: Cast) -> None:
    with pytest.raises(SecondCheckReasonNeeded):
        change(cast, second_check=False, second_check_off_reason="  ")
    change(cast, second_check=False, second_check_off_reason="翌日に責任者がまとめて見直します")
    assert policy_queries.current(organisation_id=cast.aoba).second_check is False


def test_only_administrators_change_the_settings(cast: Cast) -> None:
    for by in (cast.eto, cast.okada, cast.inoue, cast.ueno):
        with pytest.raises(NotPermitted):
            change(cast, overdue_days=5, by=by)
    assert policy_queries.current(organisation_id=cast.aoba).overdue_days == 3


def test_settings_that_stay_the_same_leave_no_trace(cast: Cast) -> None:
    change(cast)
    assert trail.timeline(organisation_id=cast.aoba, event_prefix="collection.policy") == []
