"""What came out of an application, and what the system notices by itself afterwards (C3, C4)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import MORNING, Cast
from tests.rooms.applications.office import Office, open_office, submitted
from warifu.applications.actions import deadlines, papers, review, ticks
from warifu.applications.models import Application, Tick
from warifu.applications.queries import results
from warifu.applications.rules.after import PointUnknown
from warifu.applications.rules.states import NotInThisState
from warifu.audit.models import Entry
from warifu.credentials.actions import activation, sealed_notices
from warifu.credentials.actions.stages import Visitor
from warifu.credentials.models import SealedNotice
from warifu.foundation.refusals import NotFound
from warifu.organisations import queries as organisations
from warifu.organisations.rules import NotPermitted

pytestmark = pytest.mark.django_db
START = MORNING.replace(month=12, day=10)
HERE = Visitor(browser="", address="192.0.2.1")


@pytest.fixture
def office(cast: Cast) -> Office:
    """The operator's office."""
    return open_office()


@pytest.fixture
def approved(cast: Cast, office: Office) -> UUID:
    """An application of Aoba's that was approved for 10 December."""
    application_id = submitted(cast, office)
    review.take(application_id=application_id, by=office.kato, at=MORNING)
    review.approve(application_id=application_id, confirmed_start=START.date(), by=office.kato, at=MORNING)
    return application_id


def points(cast: Cast, application_id: UUID) -> dict[str, bool]:
    found = results.result(organisation_id=cast.aoba, application_id=application_id, at=START)
    return {point.key: point.is_done for point in found.points}


@pytest.mark.shows("002-4", "002-5", "002-29", "002-35")
def test_it_names_codes_numbers_window_and_notices(cast: Cast, approved: UUID) -> None:
    found = results.result(organisation_id=cast.aoba, application_id=approved, at=START)
    assert [(one.user_code, one.number) for one in found.ids] == [("1ANAC", "A0A"), ("1ANAC", "A0B")]
    assert {one.notice.state for one in found.ids if one.notice} == {"open"}
    assert {one.notice.opener_id for one in found.ids if one.notice} == {cast.aoki.id}
    assert (found.state, found.is_started, found.last_day.isoformat()) == ("open", True, "2026-12-14")
    after = results.result(organisation_id=cast.aoba, application_id=approved, at=START + timedelta(days=5))
    assert (after.state, {one.notice.state for one in after.ids if one.notice}) == ("over", {"over"})


@pytest.mark.shows("002-6", "002-35", "L-06")
def test_the_system_ticks_what_it_can_see(cast: Cast, approved: UUID) -> None:
    assert not any(points(cast, approved).values())
    deadlines.settle(organisation_id=cast.aoba, application_id=approved, by=cast.aoki, at=MORNING)
    for kind in ("approval", "form"):
        papers.print_paper(organisation_id=cast.aoba, application_id=approved, kind=kind, by=cast.aoki, at=START)
    assert {key for key, done in points(cast, approved).items() if done} == {"settings", "notice", "form"}
    aoki = organisations.actor_of(
        member=organisations.member(organisation_id=cast.aoba, member_id=cast.aoki.id), level=2, authenticated_at=START
    )
    for notice in SealedNotice.objects.order_by("id"):
        opened = sealed_notices.open(
            organisation_id=cast.aoba, notice_id=notice.id, browser="", address="", by=aoki, at=START
        )
        member = organisations.member(organisation_id=cast.aoba, member_id=notice.lets_in_id)
        token = sealed_notices.redeem(
            organisation_code="aoba",
            identifier=member.employee_code.lower(),
            value=opened.value,
            visitor=HERE,
            at=START,
        )
        activation.open(token=token, at=START)
        activation.use(token=token, password="umibe no michi wo aruku", at=START, browser="", address="")
    assert {key for key, done in points(cast, approved).items() if not done} == {"software", "told"}


def test_what_it_cannot_see_is_ticked_and_unticked_by_hand_once(cast: Cast, approved: UUID) -> None:
    own = {"organisation_id": cast.aoba, "application_id": approved, "item": "told", "by": cast.aoki, "at": START}
    for is_done in (True, True, False, False):
        ticks.mark(is_done=is_done, **own)
        assert points(cast, approved)["told"] is is_done
    assert Entry.objects.filter(event__startswith="applications.tick").count() == 2


def test_nothing_else_is_ticked_by_hand_and_nobody_else_ticks(cast: Cast, approved: UUID, office: Office) -> None:
    own = {"organisation_id": cast.aoba, "application_id": approved, "is_done": True, "at": START}
    for item in ("signed_in", "notice", "", "x" * 500):
        with pytest.raises(PointUnknown):
            ticks.mark(item=item, by=cast.aoki, **own)
    with pytest.raises(NotPermitted):
        ticks.mark(item="told", by=cast.inoue, **own)
    with pytest.raises(NotFound):
        ticks.mark(item="told", by=cast.ueno, **{**own, "organisation_id": cast.ueda})
    with pytest.raises(NotInThisState):
        ticks.mark(item="told", by=cast.aoki, **{**own, "application_id": submitted(cast, office)})
    assert not Tick.objects.exists()


def test_there_is_none_before_the_decision_nor_for_anybody_else(cast: Cast, approved: UUID, office: Office) -> None:
    with pytest.raises(NotFound):
        results.result(organisation_id=cast.ueda, application_id=approved, at=START)
    with pytest.raises(NotFound):
        results.result(organisation_id=cast.aoba, application_id=submitted(cast, office), at=START)


def test_it_asks_the_same_number_of_questions_for_many_ids(cast: Cast, office: Office, approved: UUID) -> None:
    lines = [{"user_code": "追加1", "industries": ["customs"], "shares_sign_on": False, "method": "net", "count": 20}]
    settings = {"追加1": {"name": "青葉", "customs": "標準"}}
    many = submitted(cast, office, lines=lines, settings=settings)
    review.take(application_id=many, by=office.kato, at=MORNING)
    review.approve(application_id=many, confirmed_start=START.date(), by=office.kato, at=MORNING)
    asked = []
    for application_id in (approved, many):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            results.result(organisation_id=cast.aoba, application_id=application_id, at=START)
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 10


@pytest.mark.shows("002-30")
def test_no_letter_about_a_window_goes_out_when_all_is_opened_or_all_is_over(cast: Cast, approved: UUID) -> None:
    assert deadlines.tell_closing(at=START + timedelta(days=20)) == 0
    SealedNotice.objects.update(used_at=START)
    assert deadlines.tell_closing(at=START + timedelta(days=1)) == 0
    assert Application.objects.get().window_letter_at is None
