"""Calendar feeds of an application: unguessable, one at a time, revocable (B4)."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from tests.cast import MORNING, Cast
from tests.rooms.applications.office import Office, draft, open_office, submitted
from warifu.applications.actions import calendar_links, deadlines, drafts, review
from warifu.applications.models import CalendarLink
from warifu.applications.queries import calendars
from warifu.applications.rules.calendars import Certainty
from warifu.foundation.refusals import NotFound
from warifu.organisations.rules import NotPermitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(cast: Cast) -> Office:
    """The operator's office."""
    return open_office()


def shared(cast: Cast, application_id: UUID) -> str:
    address = calendar_links.make(organisation_id=cast.aoba, application_id=application_id, by=cast.aoki, at=MORNING)
    return address.rpartition("/")[2].removesuffix(".ics")


def test_it_shows_the_days_of_its_application_and_the_table_keeps_no_token(cast: Cast, office: Office) -> None:
    token = shared(cast, submitted(cast, office))
    days = calendars.days_behind(token=token, at=MORNING)
    assert (days.certainty, days.decided_on) == (Certainty.ASSUMED, date(2026, 11, 25))
    assert {entry.key: entry.day for entry in days.entries}["settings_deadline"] == date(2026, 12, 4)
    assert len(token) >= 43
    assert token not in str(list(CalendarLink.objects.values()))


def test_after_the_decision_it_shows_the_settled_days(cast: Cast, office: Office) -> None:
    application_id = submitted(cast, office)
    token = shared(cast, application_id)
    review.take(application_id=application_id, by=office.kato, at=MORNING)
    review.approve(application_id=application_id, confirmed_start=date(2026, 12, 15), by=office.kato, at=MORNING)
    days = calendars.days_behind(token=token, at=MORNING + timedelta(days=30))
    assert (days.certainty, days.starts_on) == (Certainty.SETTLED, date(2026, 12, 15))
    assert {entry.key: entry.day for entry in days.entries}["secret_visible_until"] == date(2026, 12, 17)
    deadlines.void_due(at=MORNING + timedelta(days=20))
    assert calendars.days_behind(token=token, at=MORNING).certainty is Certainty.CALLED_OFF


def test_a_newer_one_ends_the_older_and_a_revoked_one_shows_nothing(cast: Cast, office: Office) -> None:
    application_id = submitted(cast, office)
    own = {"organisation_id": cast.aoba, "application_id": application_id}
    older, newer = shared(cast, application_id), shared(cast, application_id)
    with pytest.raises(NotFound):
        calendars.days_behind(token=older, at=MORNING)
    assert calendars.days_behind(token=newer, at=MORNING).entries
    assert calendars.shared_since(**own) == MORNING
    calendar_links.revoke(by=cast.aoki, at=MORNING, **own)
    with pytest.raises(NotFound):
        calendars.days_behind(token=newer, at=MORNING)
    with pytest.raises(NotFound):
        calendar_links.revoke(by=cast.aoki, at=MORNING, **own)
    assert calendars.shared_since(**own) is None


def test_a_start_that_is_too_early_or_missing_has_no_days(cast: Cast, office: Office) -> None:
    early = draft(cast, office, desired_start="2026-11-26")
    days = calendars.days_of(organisation_id=cast.aoba, application_id=early, at=MORNING)
    assert days.too_early is not None
    assert (days.entries, days.earliest_start) == ((), date(2026, 12, 1))
    none = draft(cast, office, desired_start="")
    assert calendars.days_of(organisation_id=cast.aoba, application_id=none, at=MORNING).starts_on is None


def test_nobody_else_shares_or_reads_it(cast: Cast, office: Office) -> None:
    application_id = submitted(cast, office)
    with pytest.raises(NotPermitted):
        calendar_links.make(organisation_id=cast.aoba, application_id=application_id, by=cast.inoue, at=MORNING)
    with pytest.raises(NotFound):
        calendar_links.make(organisation_id=cast.ueda, application_id=application_id, by=cast.ueno, at=MORNING)
    with pytest.raises(NotFound):
        calendars.days_of(organisation_id=cast.ueda, application_id=application_id, at=MORNING)
    with pytest.raises(NotFound):
        calendars.days_behind(token=str(uuid4()), at=MORNING)
    assert not CalendarLink.objects.exists()


def test_a_withdrawn_application_is_called_off(cast: Cast, office: Office) -> None:
    application_id = submitted(cast, office)
    drafts.withdraw(organisation_id=cast.aoba, application_id=application_id, by=cast.aoki, at=MORNING)
    days = calendars.days_of(organisation_id=cast.aoba, application_id=application_id, at=MORNING)
    assert days.certainty is Certainty.CALLED_OFF
