"""退職・退出: who leaves is not asked any more, and what was handed in stays."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.cast import MORNING, Cast
from tests.rooms.collection.people import TODAY, days_ago, moment
from tests.rooms.collection.submitted import waiting
from warifu.audit.models import Entry
from warifu.collection.actions import entries, invitations, leaving, reminders, submissions
from warifu.collection.models import RosterEntry, Submission
from warifu.collection.queries import people
from warifu.collection.rules.overdue import Reason
from warifu.foundation.purposes import Purpose
from warifu.notices import queries as letters
from warifu.organisations import queries as organisations
from warifu.organisations.actions import LastAdministrator
from warifu.organisations.rules import NotPermitted
from warifu.vault.models import SealedNumber
from warifu.vault.queries import keepings

pytestmark = pytest.mark.django_db


def leave(cast: Cast) -> None:
    assert cast.inoue.id is not None
    leaving.record(organisation_id=cast.aoba, member_id=cast.inoue.id, left_on=TODAY, by=cast.aoki, at=MORNING)


def listed(cast: Cast, **values: object) -> RosterEntry:
    assert cast.inoue.id is not None
    entry_id = entries.add(organisation_id=cast.aoba, member_id=cast.inoue.id, by=cast.aoki, at=moment(5))
    RosterEntry.objects.filter(id=entry_id).update(**values)
    return RosterEntry.objects.get(id=entry_id)


@pytest.mark.shows("R-10")
@pytest.mark.parametrize("state", RosterEntry.OPEN)
def test_who_leaves_is_neither_late_nor_reminded(cast: Cast, state: str) -> None:
    entry = listed(cast, state=state, due_on=days_ago(2), next_reminder_on=TODAY)
    assert people.counts(organisation_id=cast.aoba, today=TODAY).overdue == 1

    leave(cast)

    counts = people.counts(organisation_id=cast.aoba, today=TODAY)
    assert (counts.all, counts.overdue, counts.waiting, counts.ended) == (1, 0, 0, 1)
    row = people.person(organisation_id=cast.aoba, entry_id=entry.id, today=TODAY)
    assert (row.state.label, row.is_late, row.reason) == ("退職・退出", False, Reason.LEFT)
    assert invitations.daily(at=MORNING + timedelta(days=1)) == 0
    with pytest.raises(reminders.NothingToRemind):
        invitations.remind(organisation_id=cast.aoba, entry_ids=[entry.id], by=cast.eto, at=MORNING)
    assert Entry.objects.filter(event="collection.entry.ended", subject_id=cast.inoue.id).count() == 1


@pytest.mark.shows("R-10")
def test_a_letter_that_has_not_left_is_taken_back(cast: Cast) -> None:
    entry = listed(cast)
    invitations.send(organisation_id=cast.aoba, entry_ids=[entry.id], by=cast.eto, at=MORNING)

    leave(cast)

    assert [letter.state for letter in letters.letters_of(organisation_id=cast.aoba)] == ["cancelled"]


@pytest.mark.shows("R-01")
def test_what_was_handed_in_stays_and_is_still_verified(cast: Cast) -> None:
    case = waiting(cast)

    leave(cast)

    assert RosterEntry.objects.get(id=case.entry_id).state == "submitted"
    assert Submission.objects.get(id=case.submission_id).state == "submitted"
    assert SealedNumber.objects.get().destroyed_at is None
    assert not Entry.objects.filter(event="collection.entry.ended").exists()


def test_nothing_is_entered_any_more_for_who_has_left(cast: Cast) -> None:
    assert cast.inoue.id is not None
    listed(cast, state="invited")
    leave(cast)

    with pytest.raises(submissions.HasLeft):
        submissions.enter_for(
            organisation_id=cast.aoba,
            member_id=cast.inoue.id,
            channel="paper",
            reason="紙で届いた",
            received_on=TODAY,
            notice_version=1,
            by=cast.eto,
            at=MORNING,
        )

    assert not Submission.objects.exists()


def test_a_refused_leaving_changes_nothing(cast: Cast) -> None:
    entry = listed(cast, state="invited")
    assert cast.inoue.id is not None
    assert cast.aoki.id is not None
    with pytest.raises(NotPermitted):
        leaving.record(organisation_id=cast.aoba, member_id=cast.inoue.id, left_on=TODAY, by=cast.eto, at=MORNING)
    with pytest.raises(LastAdministrator):
        leaving.record(organisation_id=cast.aoba, member_id=cast.aoki.id, left_on=TODAY, by=cast.aoki, at=MORNING)

    entry.refresh_from_db()
    assert entry.state == "invited"
    assert organisations.member(organisation_id=cast.aoba, member_id=cast.inoue.id).is_active


@pytest.mark.shows("R-01", "R-02")
def test_what_was_handed_in_is_kept_until_its_day_and_what_was_begun_is_destroyed(cast: Cast) -> None:
    case = waiting(cast)
    leave(cast)
    rows = keepings.of_subjects(organisation_id=cast.aoba, subject_ids=[case.member_id], today=TODAY)
    assert {row.purpose for row in rows} == {
        Purpose.WITHHOLDING_SLIP,
        Purpose.DEPENDENTS_DECLARATION,
        Purpose.THIRD_CATEGORY,
    }
    assert {row.ended_on for row in rows} == {TODAY}


@pytest.mark.shows("R-01")
def test_a_number_in_a_draft_is_destroyed_because_no_paper_was_made_of_it(cast: Cast) -> None:
    case = waiting(cast)
    Submission.objects.filter(id=case.submission_id).update(state="draft")
    RosterEntry.objects.filter(id=case.entry_id).update(state="started")

    leave(cast)

    assert SealedNumber.objects.get().destroyed_at == MORNING
    row = Submission.objects.get(id=case.submission_id)
    assert (row.state, row.number_ref) == ("withdrawn", None)
    assert not row.documents.exclude(state="deleted").exists()
    assert keepings.of_subjects(organisation_id=cast.aoba, subject_ids=[case.member_id], today=TODAY) == []
