"""Sealed notices: first passwords that open in a window and are never kept (L-07, 002-29 … 002-36)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from django.apps import apps

from tests.cast import MORNING, Cast
from tests.rooms.credentials.test_signin import GOOD, set_password
from warifu.audit import queries as audit
from warifu.credentials.actions import activation, attempts, sealed_notices
from warifu.credentials.actions.stages import Visitor
from warifu.credentials.models import NoticeLook, SealedNotice
from warifu.credentials.queries import sealed_notices as queries
from warifu.credentials.rules import secrets
from warifu.foundation.actor import Actor
from warifu.foundation.days import JST
from warifu.foundation.refusals import NotFound
from warifu.notices import queries as letters
from warifu.organisations.actions import calendar
from warifu.organisations.rules import LevelTooLow, NotPermitted

pytestmark = pytest.mark.django_db
HERE = Visitor(browser="Chrome", address="192.0.2.1")
STARTS_ON = date(2026, 12, 1)  # a Tuesday: the last day is Thursday the third


def issue(cast: Cast, *, starts_on: date = STARTS_ON, at: datetime = MORNING, by: Actor | None = None) -> UUID:
    assert cast.okada.id is not None
    assert cast.inoue.id is not None
    return sealed_notices.issue(
        organisation_id=cast.aoba,
        member_id=cast.okada.id,
        lets_in=cast.inoue.id,
        subject="職員ID i002 の初期パスワード",
        starts_on=starts_on,
        by=by or cast.aoki,
        at=at,
    )


def look(cast: Cast, notice_id: UUID, *, by: Actor | None = None, at: datetime = MORNING) -> sealed_notices.Opened:
    opener = replace(by or cast.okada, authenticated_at=at - timedelta(minutes=1))
    return sealed_notices.open(
        organisation_id=cast.aoba, notice_id=notice_id, browser="Chrome", address="192.0.2.1", by=opener, at=at
    )


def redeem(value: str, *, identifier: str = "i002", organisation: str = "aoba", at: datetime = MORNING) -> str:
    return sealed_notices.redeem(
        organisation_code=organisation, identifier=identifier, value=value, visitor=HERE, at=at
    )


@pytest.mark.shows("L-06", "L-07", "002-29", "002-35")
def test_the_value_is_made_at_the_opening_and_leads_once_to_a_password_of_ones_own(cast: Cast) -> None:
    notice_id = issue(cast)
    assert SealedNotice.objects.get(id=notice_id).value_hash == ""
    opened = look(cast, notice_id)
    token = redeem(opened.value.lower().replace("-", " "))
    session = activation.use(token=token, password=GOOD, at=MORNING, browser="b", address="192.0.2.1")
    assert session
    with pytest.raises(sealed_notices.FirstPasswordWrong):
        redeem(opened.value)
    with pytest.raises(sealed_notices.NoticeOver):
        look(cast, notice_id)


@pytest.mark.shows("L-07")
def test_only_a_hash_of_the_value_is_kept(cast: Cast) -> None:
    opened = look(cast, issue(cast))
    bare = secrets.bare(opened.value)
    for model in apps.get_models():
        for row in model._default_manager.values_list():
            text = " ".join(str(value) for value in row)
            assert opened.value not in text
            assert bare not in text
    assert SealedNotice.objects.get().value_hash.startswith("argon2")


@pytest.mark.shows("002-30", "002-36", "L-07")
def test_it_opens_until_the_last_minute_of_the_second_business_day_and_not_after(cast: Cast) -> None:
    notice_id = issue(cast)
    last_minute = datetime(2026, 12, 3, 23, 59, tzinfo=JST)
    assert look(cast, notice_id, at=last_minute).closes_at == datetime(2026, 12, 4, 0, 0, tzinfo=JST)
    with pytest.raises(sealed_notices.WindowOver):
        look(cast, notice_id, at=last_minute + timedelta(minutes=1))
    with pytest.raises(sealed_notices.WindowEarly):
        look(cast, notice_id, at=MORNING - timedelta(days=1))
    assert NoticeLook.objects.count() == 1


@pytest.mark.shows("002-31")
def test_the_organisations_own_calendar_counts(cast: Cast) -> None:
    calendar.set_day(
        organisation_id=cast.aoba, day=date(2026, 12, 2), is_open=False, name="創立記念日", by=cast.aoki, at=MORNING
    )
    line, _looks = queries.notice(organisation_id=cast.aoba, notice_id=issue(cast), at=MORNING)
    assert line.last_day == date(2026, 12, 4)


@pytest.mark.shows("L-07")
def test_each_look_is_recorded_and_kills_the_value_before(cast: Cast) -> None:
    notice_id = issue(cast)
    first, second = look(cast, notice_id), look(cast, notice_id, at=MORNING + timedelta(hours=1))
    with pytest.raises(sealed_notices.FirstPasswordWrong):
        redeem(first.value)
    line, looks = queries.own_notice(
        organisation_id=cast.aoba,
        member_id=cast.okada.id,
        notice_id=notice_id,
        at=MORNING,  # type: ignore[arg-type]
    )
    assert [seen.at for seen in looks] == [MORNING + timedelta(hours=1), MORNING]
    assert (line.looks, line.state) == (2, "open")
    events = audit.timeline(organisation_id=cast.aoba, event_prefix="credentials.sealed_notice.opened")
    assert len(events) == 2
    assert redeem(second.value)


@pytest.mark.shows("L-07", "L-25")
def test_only_the_named_person_opens_it_and_only_after_a_fresh_proof(cast: Cast) -> None:
    notice_id = issue(cast)
    for stranger in (cast.aoki, cast.eto, cast.inoue, cast.ueno):
        with pytest.raises(NotFound):
            look(cast, notice_id, by=stranger)
    stale = replace(cast.okada, authenticated_at=MORNING - timedelta(minutes=6))
    with pytest.raises(sealed_notices.ProofTooOld):
        sealed_notices.open(
            organisation_id=cast.aoba, notice_id=notice_id, browser="", address="", by=stale, at=MORNING
        )
    assert not NoticeLook.objects.exists()
    assert SealedNotice.objects.get().value_hash == ""


@pytest.mark.shows("002-35")
def test_it_is_issued_anew_after_the_window_and_the_old_one_is_dead(cast: Cast) -> None:
    old = issue(cast)
    value = look(cast, old).value
    new = issue(cast, starts_on=date(2026, 12, 14), at=MORNING + timedelta(days=14))
    with pytest.raises(sealed_notices.FirstPasswordWrong):
        redeem(value)
    with pytest.raises(sealed_notices.WindowOver):
        look(cast, old, at=MORNING + timedelta(days=14))
    assert redeem(look(cast, new, at=MORNING + timedelta(days=14)).value, at=MORNING + timedelta(days=14))


@pytest.mark.shows("002-26", "J-14")
def test_the_letter_says_that_it_is_there_and_not_what_is_in_it(cast: Cast) -> None:
    issue(cast)
    [letter] = letters.letters_of(organisation_id=cast.aoba)
    assert (letter.kind, letter.to_mail) == ("sealed_notice_ready", "o004@example.jp")


def test_those_without_the_right_or_the_level_issue_none(cast: Cast) -> None:
    for by, refusal in (
        (cast.inoue, NotPermitted),
        (cast.eto, NotPermitted),
        (cast.ueno, NotPermitted),
        (replace(cast.aoki, level=1), LevelTooLow),
    ):
        with pytest.raises(refusal):
            issue(cast, by=by)
    with pytest.raises(sealed_notices.StartBeforeDecision):
        issue(cast, starts_on=date(2026, 11, 23))
    set_password(cast.inoue)
    with pytest.raises(sealed_notices.HasPassword):
        issue(cast)
    assert not SealedNotice.objects.exists()


@pytest.mark.shows("L-10", "L-11")
def test_every_wrong_first_password_gets_the_same_answer_and_guessing_is_slowed(cast: Cast) -> None:
    value = look(cast, issue(cast)).value
    for identifier, organisation in (("i002", "ueda"), ("x999", "aoba"), ("i002", "nowhere"), ("o004", "aoba")):
        with pytest.raises(sealed_notices.FirstPasswordWrong):
            redeem(value, identifier=identifier, organisation=organisation)
    for _ in range(6):
        with pytest.raises((sealed_notices.FirstPasswordWrong, attempts.TooManyAttempts)):
            redeem("AAAA-AAAA-AAAA")
    with pytest.raises(attempts.TooManyAttempts):
        redeem(value)
    assert redeem(value, at=MORNING + timedelta(minutes=20))
