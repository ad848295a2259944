"""期限超過: days are counted in Japan, reasons are one each, quiet hours hold."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from warifu.collection.rules import overdue
from warifu.collection.rules.overdue import Facts, Reason, Step
from warifu.foundation.days import JST, jst_day


@pytest.mark.shows("001-22")
@pytest.mark.parametrize(
    ("registered", "days", "last_in_time", "first_late"),
    [
        ("2026-11-21", 3, "2026-11-23", "2026-11-24"),
        ("2026-11-28", 3, "2026-11-30", "2026-12-01"),
        ("2026-11-30", 3, "2026-12-02", "2026-12-03"),
        ("2026-12-29", 3, "2026-12-31", "2027-01-01"),
        ("2026-12-30", 3, "2027-01-01", "2027-01-02"),
        ("2027-02-26", 3, "2027-02-28", "2027-03-01"),
        ("2028-02-26", 3, "2028-02-28", "2028-02-29"),
        ("2028-02-27", 3, "2028-02-29", "2028-03-01"),
        ("2026-11-21", 1, "2026-11-21", "2026-11-22"),
        ("2026-11-21", 14, "2026-12-04", "2026-12-05"),
    ],
)
def test_days_are_counted_from_registration(registered: str, days: int, last_in_time: str, first_late: str) -> None:
    due_on = overdue.due_day(registered_on=date.fromisoformat(registered), overdue_days=days)
    assert due_on == date.fromisoformat(last_in_time)
    assert not overdue.is_overdue(state="invited", due_on=due_on, today=due_on)
    assert overdue.is_overdue(state="invited", due_on=due_on, today=date.fromisoformat(first_late))
    assert overdue.days_late(due_on=due_on, today=date.fromisoformat(first_late)) == 1
    assert overdue.days_late(due_on=due_on, today=due_on) == 0


@pytest.mark.shows("001-22")
@pytest.mark.parametrize(
    ("moment", "is_late"),
    [
        (datetime(2026, 11, 23, 14, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 23, 15, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 23, 23, 59, tzinfo=JST), False),
        (datetime(2026, 11, 24, 0, 0, tzinfo=JST), True),
    ],
)
def test_the_day_turns_at_midnight_in_japan(moment: datetime, is_late: bool) -> None:
    due_on = overdue.due_day(registered_on=date(2026, 11, 21), overdue_days=3)
    assert overdue.is_overdue(state="listed", due_on=due_on, today=jst_day(moment)) is is_late


@pytest.mark.shows("001-28")
@pytest.mark.parametrize(
    ("state", "is_late"),
    [
        ("listed", True),
        ("invited", True),
        ("started", True),
        ("sent_back", True),
        ("withdrawn", True),
        ("submitted", False),
        ("checked", False),
        ("verified", False),
        ("not_provided", False),
        ("ended", False),
    ],
)
def test_only_who_has_still_to_hand_in_is_late(state: str, is_late: bool) -> None:
    assert overdue.is_overdue(state=state, due_on=date(2026, 1, 1), today=date(2026, 11, 24)) is is_late


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (Facts(state="listed", has_mail=True), Reason.NOT_INVITED),
        (Facts(state="listed", has_mail=False), Reason.NO_MAIL),
        (Facts(state="invited", has_mail=True), Reason.NOT_OPENED),
        (Facts(state="invited", has_mail=True, bounced=True, opened=True), Reason.BOUNCED),
        (Facts(state="invited", has_mail=True, opened=True), Reason.NO_IMAGE),
        (Facts(state="started", has_mail=True), Reason.NO_IMAGE),
        (Facts(state="started", has_mail=True, images=1), Reason.NOT_SENT),
        (Facts(state="started", has_mail=True, images=1, unreadable=1), Reason.RETAKE),
        (Facts(state="submitted", has_mail=True, images=1, unreadable=1), Reason.UNREADABLE),
        (Facts(state="sent_back", has_mail=True, images=2, unreadable=1), Reason.SENT_BACK),
        (Facts(state="withdrawn", has_mail=True), Reason.WITHDRAWN),
        (Facts(state="invited", has_mail=True, is_active=False), Reason.LEFT),
        (Facts(state="ended", has_mail=True, is_active=False, bounced=True), Reason.LEFT),
        (Facts(state="submitted", has_mail=True, bounced=True), Reason.TO_VERIFY),
        (Facts(state="checked", has_mail=False), Reason.TO_VERIFY_AGAIN),
        (Facts(state="verified", has_mail=True, is_active=False), Reason.DONE),
        (Facts(state="not_provided", has_mail=True), Reason.NOT_PROVIDED),
    ],
)
def test_each_person_stands_still_for_one_reason(facts: Facts, reason: Reason) -> None:
    assert overdue.reason(facts) is reason


def test_every_reason_has_a_sentence_and_a_step() -> None:
    states = ["listed", "invited", "started", "sent_back", "withdrawn", "submitted", "checked", "verified"]
    seen = {
        overdue.reason(
            Facts(
                state=state,
                has_mail=mail,
                is_active=active,
                bounced=bounced,
                opened=seen,
                images=images,
                unreadable=unreadable,
            )
        )
        for state, mail, active, bounced, seen, images, unreadable in product(
            [*states, "not_provided"], *[[True, False]] * 4, [0, 2], [0, 1]
        )
    }
    assert seen == set(Reason)
    assert all(reason.sentence and reason.step in Step for reason in Reason)
    assert {reason for reason in Reason if reason.step is Step.REMIND} == set(overdue.LETTER_WORDS)


@pytest.mark.parametrize(
    ("reason", "is_late", "reminded", "step"),
    [
        (Reason.NOT_OPENED, False, None, Step.WAIT),
        (Reason.NOT_OPENED, True, None, Step.REMIND),
        (Reason.NOT_OPENED, True, "2026-11-23", Step.REMIND),
        (Reason.NOT_OPENED, True, "2026-11-24", Step.WAIT),
        (Reason.BOUNCED, False, "2026-11-24", Step.MEND_MAIL),
        (Reason.TO_VERIFY, False, None, Step.VERIFY),
    ],
)
def test_who_is_in_time_or_just_reminded_is_waited_for(
    reason: Reason, is_late: bool, reminded: str | None, step: Step
) -> None:
    reminded_on = date.fromisoformat(reminded) if reminded else None
    found = overdue.next_step(reason, is_late=is_late, reminded_on=reminded_on, today=date(2026, 11, 24))
    assert found is step


def test_a_letter_that_goes_out_late_asks_for_a_day_that_can_be_kept() -> None:
    due_on = date(2026, 11, 23)
    assert overdue.told_day(due_on=due_on, today=date(2026, 11, 21), overdue_days=3) == date(2026, 11, 23)
    assert overdue.told_day(due_on=due_on, today=date(2026, 12, 1), overdue_days=3) == date(2026, 12, 3)


@pytest.mark.parametrize(
    ("quiet", "hour", "is_quiet"),
    [
        ((20, 8), 19, False),
        ((20, 8), 20, True),
        ((20, 8), 0, True),
        ((20, 8), 7, True),
        ((20, 8), 8, False),
        ((0, 6), 5, True),
        ((0, 6), 6, False),
        ((12, 13), 12, True),
        ((12, 13), 13, False),
        ((9, 9), 9, False),
    ],
)
def test_quiet_hours_may_span_midnight(quiet: tuple[int, int], hour: int, is_quiet: bool) -> None:
    moment = datetime(2026, 11, 24, hour, 30 if is_quiet else 0, tzinfo=JST).astimezone(UTC)
    assert overdue.is_quiet(at=moment, quiet_from=quiet[0], quiet_until=quiet[1]) is is_quiet


@pytest.mark.parametrize(
    ("moment", "loud"),
    [
        (datetime(2026, 11, 24, 10, 0, tzinfo=JST), datetime(2026, 11, 24, 10, 0, tzinfo=JST)),
        (datetime(2026, 11, 24, 3, 0, tzinfo=JST), datetime(2026, 11, 24, 8, 0, tzinfo=JST)),
        (datetime(2026, 11, 24, 23, 0, tzinfo=JST), datetime(2026, 11, 25, 8, 0, tzinfo=JST)),
        (datetime(2026, 12, 31, 21, 0, tzinfo=JST), datetime(2027, 1, 1, 8, 0, tzinfo=JST)),
        (datetime(2026, 11, 23, 18, 0, tzinfo=UTC), datetime(2026, 11, 24, 8, 0, tzinfo=JST)),
    ],
)
def test_letters_of_quiet_hours_leave_when_they_end(moment: datetime, loud: datetime) -> None:
    assert overdue.loud_moment(at=moment, quiet_from=20, quiet_until=8) == loud


def test_the_next_reminder_comes_after_the_due_day_and_not_too_often() -> None:
    today = date(2026, 11, 24)
    reminded = datetime(2026, 11, 24, 10, 0, tzinfo=JST)
    due_on = today + timedelta(days=5)
    first = overdue.next_reminder_day(due_on=due_on, today=today, reminded_at=None, every_days=3)
    assert first == today + timedelta(days=6)
    late = overdue.next_reminder_day(due_on=date(2026, 11, 1), today=today, reminded_at=None, every_days=3)
    assert late == today
    again = overdue.next_reminder_day(due_on=date(2026, 11, 1), today=today, reminded_at=reminded, every_days=3)
    assert again == today + timedelta(days=3)
