"""Sessions: tokens, ends, limits, rights that act at once (L-22 … L-24, 003-6, V-01)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from tests.cast import MORNING, Cast
from warifu.audit import queries as audit
from warifu.credentials.actions import departures, sessions
from warifu.credentials.models import Session
from warifu.credentials.queries.sessions import living_session, sessions_of
from warifu.credentials.rules import sessions as rules
from warifu.foundation.actor import Actor, Role
from warifu.foundation.refusals import NotFound
from warifu.organisations import actions as organisations
from warifu.organisations.rules import NotPermitted

pytestmark = pytest.mark.django_db


def start(actor: Actor, at: datetime = MORNING) -> str:
    assert actor.id is not None
    return sessions.start(member_id=actor.id, level=2, browser="b", address="192.0.2.1", at=at)


def session_id(token: str, at: datetime = MORNING) -> UUID:
    found = living_session(token=token, at=at)
    assert found is not None
    return found.id


@pytest.mark.shows("L-22")
def test_a_token_has_256_random_bits_and_the_table_keeps_only_its_hash(cast: Cast) -> None:
    tokens = {start(cast.inoue), start(cast.inoue)}
    assert len(tokens) == 2
    assert all(len(token) == 43 for token in tokens)
    assert not tokens & set(Session.objects.values_list("token_hash", flat=True))


def test_it_tells_who_is_behind_a_cookie_in_one_query(cast: Cast, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    token = start(cast.eto)
    with django_assert_num_queries(1):
        found = living_session(token=token, at=MORNING)
    assert found is not None
    assert (found.member_id, found.organisation_id) == (cast.eto.id, cast.aoba)
    assert found.organisation_name == "株式会社青葉商会"
    assert found.actor == cast.eto
    assert found.seconds_left == 3600
    assert living_session(token="unknown", at=MORNING) is None


@pytest.mark.shows("003-6", "L-23")
def test_it_ends_after_the_idle_hours_that_the_organisation_chose(cast: Cast) -> None:
    token = start(cast.inoue)
    assert living_session(token=token, at=MORNING + timedelta(minutes=59)) is not None
    assert living_session(token=token, at=MORNING + timedelta(hours=1)) is None
    organisations.change_settings(
        organisation_id=cast.aoba, name="青葉", auto_logout_hours=8, contact="", by=cast.aoki, at=MORNING
    )
    assert living_session(token=token, at=MORNING + timedelta(hours=7, minutes=59)) is not None
    assert living_session(token=token, at=MORNING + timedelta(hours=8)) is None


@pytest.mark.shows("L-23")
def test_it_ends_after_twelve_hours_however_busy_it_was(cast: Cast) -> None:
    token = start(cast.inoue)
    at = MORNING
    for _ in range(24):
        at += timedelta(minutes=29, seconds=50)
        found = living_session(token=token, at=at)
        assert found is not None
        sessions.touch(session_id=found.id, seen_at=found.seen_at, at=at)
    assert living_session(token=token, at=MORNING + rules.ABSOLUTE) is None


def test_it_notes_its_use_at_most_once_a_minute(cast: Cast, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    found = session_id(start(cast.inoue))
    with django_assert_num_queries(0):
        assert not sessions.touch(session_id=found, seen_at=MORNING, at=MORNING + timedelta(seconds=59))
    assert sessions.touch(session_id=found, seen_at=MORNING, at=MORNING + timedelta(seconds=60))


@pytest.mark.shows("V-01")
def test_a_change_of_roles_acts_on_the_running_session_at_once(cast: Cast) -> None:
    token = start(cast.eto)
    assert cast.eto.id is not None
    organisations.change_roles(
        organisation_id=cast.aoba, member_id=cast.eto.id, roles=Role.EMPLOYEE, by=cast.aoki, at=MORNING
    )
    found = living_session(token=token, at=MORNING)
    assert found is not None
    assert found.actor.roles == Role.EMPLOYEE


@pytest.mark.shows("L-24")
def test_a_members_leaving_ends_their_sessions(cast: Cast) -> None:
    token, other = start(cast.inoue), start(cast.eto)
    assert cast.inoue.id is not None
    departures.record(
        organisation_id=cast.aoba, member_id=cast.inoue.id, left_on=date(2026, 11, 24), by=cast.aoki, at=MORNING
    )
    assert living_session(token=token, at=MORNING) is None
    assert living_session(token=other, at=MORNING) is not None
    assert Session.objects.get(member_id=cast.inoue.id).end_reason == "left"


@pytest.mark.shows("L-22")
def test_renewing_gives_a_new_token_and_kills_the_old(cast: Cast) -> None:
    assert cast.inoue.id is not None
    old = start(cast.inoue)
    later = MORNING + timedelta(minutes=30)
    new = sessions.renew(session_id=session_id(old), member_id=cast.inoue.id, at=later)
    assert living_session(token=old, at=later) is None
    found = living_session(token=new, at=later)
    assert found is not None
    assert found.actor.authenticated_at == later


@pytest.mark.shows("L-22", "L-24")
def test_signing_out_ends_the_session_in_the_table(cast: Cast) -> None:
    token = start(cast.inoue)
    sessions.end(session_id=session_id(token), organisation_id=cast.aoba, by=cast.inoue, at=MORNING)
    assert living_session(token=token, at=MORNING) is None
    lines = audit.timeline(organisation_id=cast.aoba, event_prefix="credentials.session")
    assert [line.event for line in lines] == ["credentials.session.ended"]


@pytest.mark.shows("L-24")
def test_an_administrator_ends_anybodys_session_and_others_only_their_own(cast: Cast) -> None:
    token = start(cast.inoue)
    for stranger, refusal in ((cast.eto, NotPermitted), (cast.ueno, NotPermitted)):
        with pytest.raises(refusal):
            sessions.end(session_id=session_id(token), organisation_id=cast.aoba, by=stranger, at=MORNING)
    with pytest.raises(NotFound):
        sessions.end(session_id=session_id(token), organisation_id=cast.ueda, by=cast.ueno, at=MORNING)
    assert living_session(token=token, at=MORNING) is not None
    assert not audit.timeline(organisation_id=cast.aoba, event_prefix="credentials.session")
    sessions.end(session_id=session_id(token), organisation_id=cast.aoba, by=cast.aoki, at=MORNING)
    assert living_session(token=token, at=MORNING) is None


@pytest.mark.shows("L-24")
def test_a_sixth_session_ends_the_oldest_and_the_list_shows_the_rest(cast: Cast) -> None:
    assert cast.inoue.id is not None
    tokens = [start(cast.inoue, MORNING + timedelta(seconds=number)) for number in range(6)]
    later = MORNING + timedelta(minutes=1)
    assert [living_session(token=token, at=later) is not None for token in tokens] == [False, *[True] * 5]
    listed = sessions_of(organisation_id=cast.aoba, member_id=cast.inoue.id, at=later)
    assert len(listed) == rules.PARALLEL
    assert sessions_of(organisation_id=cast.ueda, member_id=cast.inoue.id, at=later) == []


def test_a_timed_out_session_is_closed_and_recorded_once(cast: Cast) -> None:
    token = start(cast.inoue)
    assert not sessions.end_timed_out(token=token, at=MORNING + timedelta(minutes=59))
    assert sessions.end_timed_out(token=token, at=MORNING + timedelta(hours=2))
    assert not sessions.end_timed_out(token=token, at=MORNING + timedelta(hours=3))
    lines = audit.timeline(organisation_id=cast.aoba, event_prefix="credentials.session")
    assert [line.event for line in lines] == ["credentials.session.timed_out"]
    assert Session.objects.get().ended_at == MORNING + timedelta(hours=1)
