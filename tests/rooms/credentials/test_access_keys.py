"""Access keys: restriction, registering by a link, refusal elsewhere, revoking (003-13, 003-14, C-08)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from tests.cast import MORNING, Cast
from tests.rooms.credentials.office import GOOD, Office, member_id, office, set_password
from warifu.audit import queries as audit
from warifu.credentials.actions import access_keys, activation, departures, ids, resets, signin
from warifu.credentials.actions.access_keys import DeviceNotAllowed, LeaderLockedOut
from warifu.credentials.actions.ids import Order
from warifu.credentials.actions.stages import Visitor
from warifu.credentials.models import AccessKey, DeviceRestriction, Session
from warifu.credentials.queries import access_keys as queries
from warifu.credentials.queries import ids as id_queries
from warifu.credentials.queries.access_keys import KeyState, Show
from warifu.credentials.rules.secrets import digest
from warifu.foundation.actor import SYSTEM, Actor
from warifu.foundation.days import JST
from warifu.foundation.refusals import NotFound
from warifu.notices import links
from warifu.notices import queries as letters
from warifu.organisations import actions as organisations
from warifu.organisations.rules import LevelTooLow, NotPermitted

__all__ = ["office"]
pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)


@pytest.fixture
def desk(office: Office) -> Office:
    """The office with IDs, where the password alone opens a session, so that each test needs one stage only."""
    organisations.set_sign_in_policy(
        organisation_id=office.id,
        policy={name: {} for name in ("head", "administrator", "it", "payroll", "staff", "customer")},
        by=office.head,
        at=MORNING,
    )
    people = (office.head, office.administrator, office.it, office.staff)
    orders = [Order(member_id=member_id(actor), text=f"okada-{n}001") for n, actor in enumerate(people)]
    ids.issue(organisation_id=office.id, is_staff=True, orders=orders, by=office.head, at=MORNING)
    set_password(office, office.staff)
    return office


def sign_in(shown: str = "", at: datetime = MORNING, name: str = "s005") -> signin.SignedIn:
    who = Visitor(browser="Chrome Windows", address="192.0.2.1", access_key=shown)
    token = signin.begin(organisation_code="okada", identifier=name, visitor=who, at=at)
    outcome = signin.answer(token=token, stage="password", secret=GOOD, visitor=who, at=at)
    assert isinstance(outcome, signin.SignedIn)
    return outcome


def restrict(office: Office, actor: Actor, from_day: date = TODAY, by: Actor | None = None) -> None:
    access_keys.restrict(
        organisation_id=office.id, member_id=member_id(actor), from_day=from_day, by=by or office.head, at=MORNING
    )


def issue(office: Office, actor: Actor, at: datetime = MORNING, by: Actor | None = None) -> str:
    link = access_keys.issue(
        organisation_id=office.id, member_id=member_id(actor), name="受付のパソコン", by=by or office.head, at=at
    )
    return link.address.rstrip("/").rsplit("/", 1)[-1]


def registered(office: Office, actor: Actor) -> str:
    """A cookie with a registered key of somebody."""
    shown = access_keys.take(token=issue(office, actor), shown="", at=MORNING)
    sign_in(shown)
    return shown


def running(actor: Actor) -> int:
    return Session.objects.filter(member_id=member_id(actor), ended_at=None).count()


@pytest.mark.shows("003-13")
def test_a_restricted_id_is_refused_in_a_browser_without_a_key_even_with_the_password(desk: Office) -> None:
    sign_in()
    restrict(desk, desk.staff)
    assert running(desk.staff) == 0  # sessions without a key end when it is switched on
    with pytest.raises(DeviceNotAllowed) as refused:
        sign_in()
    assert refused.value.values == {"user_id": "okada-3001"}
    assert running(desk.staff) == 0
    lines = audit.timeline(organisation_id=desk.id, event_prefix="credentials.access_key.missing")
    assert [(line.subject_id, line.values) for line in lines] == [(desk.staff.id, {"address": "192.0.2.1"})]


def test_strangers_learn_nothing_of_the_restriction(desk: Office) -> None:
    restrict(desk, desk.staff)
    who = Visitor(browser="b", address="192.0.2.1")
    for name in ("s005", "nobody"):
        token = signin.begin(organisation_code="okada", identifier=name, visitor=who, at=MORNING)
        with pytest.raises(signin.SignInFailed):
            signin.answer(token=token, stage="password", secret="wrong", visitor=who, at=MORNING)


def test_refusals_do_not_flood_the_trail(desk: Office) -> None:
    restrict(desk, desk.staff)
    for minute in range(20):
        with pytest.raises(DeviceNotAllowed):
            sign_in(at=MORNING + timedelta(minutes=minute))
    lines = audit.timeline(organisation_id=desk.id, event_prefix="credentials.access_key.missing")
    assert 1 <= len(lines) <= 8


@pytest.mark.shows("003-13", "C-08")
def test_a_link_registers_a_browser_with_the_next_sign_in_in_it(desk: Office) -> None:
    restrict(desk, desk.staff)
    token = issue(desk, desk.staff)
    assert access_keys.look(token=token, at=MORNING).is_good
    shown = access_keys.take(token=token, shown="", at=MORNING)
    key = AccessKey.objects.get()
    assert (key.token_hash, key.registered_at) == (digest(shown), None)  # hashed at rest, and it does not count yet
    assert shown not in str(AccessKey.objects.values_list().get())
    sign_in(shown)
    key.refresh_from_db()
    assert (key.registered_at, key.used_at, key.browser) == (MORNING, MORNING, "Chrome Windows")
    session = Session.objects.get(member_id=member_id(desk.staff), ended_at=None)
    assert (session.access_key_id, session.factors) == (key.id, ["password", "access_key"])
    assert "factor_added" in {letter.kind for letter in letters.letters_of(organisation_id=desk.id)}
    assert not access_keys.look(token=token, at=MORNING).is_good
    with pytest.raises(access_keys.KeyLinkOver):
        access_keys.take(token=token, shown="", at=MORNING)
    sign_in(shown, at=MORNING + timedelta(days=90))


def test_a_link_lives_three_days_and_only_the_newest_browser_counts(desk: Office) -> None:
    restrict(desk, desk.staff)
    token = issue(desk, desk.staff)
    first = access_keys.take(token=token, shown="", at=MORNING)
    second = access_keys.take(token=token, shown="", at=MORNING)
    with pytest.raises(DeviceNotAllowed):
        sign_in(first)
    after = MORNING + timedelta(days=3)
    with pytest.raises(access_keys.KeyLinkOver):
        access_keys.take(token=token, shown="", at=after)
    with pytest.raises(DeviceNotAllowed):
        sign_in(second, at=after)
    sign_in(second, at=after - timedelta(seconds=1))
    with pytest.raises(access_keys.KeyLinkUnknown):
        access_keys.look(token="guess", at=MORNING)


def test_a_key_is_bound_to_its_member(desk: Office) -> None:
    set_password(desk, desk.it)
    restrict(desk, desk.it)
    shown = registered(desk, desk.staff)
    with pytest.raises(DeviceNotAllowed):
        sign_in(shown, name="s003")


def test_people_who_share_a_browser_keep_a_key_each(desk: Office) -> None:
    set_password(desk, desk.it)
    restrict(desk, desk.it)
    restrict(desk, desk.staff)
    shown = access_keys.take(token=issue(desk, desk.staff), shown="", at=MORNING)
    shown = access_keys.take(token=issue(desk, desk.it), shown=shown, at=MORNING)
    sign_in(shown)
    sign_in(shown, name="s003")
    for _number in range(30):
        shown = access_keys.take(token=issue(desk, desk.it), shown=shown, at=MORNING)
    assert len(shown.split(".")) == queries.MOST_IN_A_BROWSER


@pytest.mark.shows("C-08", "L-24")
def test_a_revoked_key_ends_its_sessions_at_once_and_opens_nothing(desk: Office) -> None:
    restrict(desk, desk.staff)
    shown = registered(desk, desk.staff)
    key = AccessKey.objects.get()
    assert running(desk.staff) == 1
    access_keys.revoke(organisation_id=desk.id, key_id=key.id, by=desk.it, at=MORNING)
    assert running(desk.staff) == 0
    with pytest.raises(DeviceNotAllowed):
        sign_in(shown)
    assert "factor_revoked" in {letter.kind for letter in letters.letters_of(organisation_id=desk.id)}
    with pytest.raises(NotFound):
        access_keys.revoke(organisation_id=desk.id, key_id=key.id, by=desk.it, at=MORNING)


def test_the_owner_renames_and_revokes_their_own_and_nobody_elses(desk: Office) -> None:
    registered(desk, desk.staff)
    key = AccessKey.objects.get()
    weak = Actor(**{**desk.staff.__dict__, "level": 1})
    access_keys.rename(organisation_id=desk.id, key_id=key.id, name="自宅", by=weak, at=MORNING)
    key.refresh_from_db()
    assert key.name == "自宅"
    with pytest.raises(NotPermitted):
        access_keys.revoke(organisation_id=desk.id, key_id=key.id, by=desk.kuno, at=MORNING)
    with pytest.raises(LevelTooLow):
        access_keys.revoke(
            organisation_id=desk.id, key_id=key.id, by=Actor(**{**desk.it.__dict__, "level": 1}), at=MORNING
        )
    access_keys.revoke(organisation_id=desk.id, key_id=key.id, by=weak, at=MORNING)


def test_a_link_of_a_reset_opens_no_session_on_another_device(desk: Office) -> None:
    """Whoever reads the mailbox gets no further than the password (003-13)."""
    shown = registered(desk, desk.staff)
    restrict(desk, desk.staff)
    link = activation.issue(
        organisation_id=desk.id, member_id=member_id(desk.staff), purpose="reset", by=SYSTEM, at=MORNING
    )
    token = links.resolve(link).rstrip("/").rsplit("/", 1)[-1]
    with pytest.raises(DeviceNotAllowed):
        activation.use(token=token, password="あたらしい あいことば をきめる", at=MORNING, browser="b", address="a")
    sign_in(shown)  # the old password still holds
    activation.use(
        token=token, password="あたらしい あいことば をきめる", at=MORNING, browser="b", address="a", access_key=shown
    )
    assert (
        Session.objects.filter(member_id=member_id(desk.staff), ended_at=None).exclude(access_key_id=None).count() == 1
    )


def test_from_a_day_on_and_the_daily_round_ends_what_is_open_then(desk: Office) -> None:
    tomorrow = TODAY + timedelta(days=1)
    restrict(desk, desk.staff, tomorrow)
    sign_in()
    assert running(desk.staff) > 0
    midnight = datetime(2026, 11, 25, tzinfo=JST)
    assert access_keys.begin_due(at=MORNING) == 0
    assert access_keys.begin_due(at=midnight) == 1
    assert running(desk.staff) == 0
    with pytest.raises(DeviceNotAllowed):
        sign_in(at=midnight)
    assert access_keys.begin_due(at=midnight) == 0


def test_sessions_opened_with_a_key_go_on_when_the_restriction_begins(desk: Office) -> None:
    registered(desk, desk.staff)
    sign_in()
    restrict(desk, desk.staff)
    assert running(desk.staff) == 1


def test_lifting_lets_in_from_anywhere(desk: Office) -> None:
    restrict(desk, desk.staff)
    access_keys.lift(organisation_id=desk.id, member_id=member_id(desk.staff), by=desk.head, at=MORNING)
    sign_in()
    with pytest.raises(NotFound):
        access_keys.lift(organisation_id=desk.id, member_id=member_id(desk.staff), by=desk.head, at=MORNING)
    restrict(desk, desk.staff)
    with pytest.raises(access_keys.RestrictedAlready):
        restrict(desk, desk.staff)


def test_the_last_leader_is_not_locked_out(desk: Office) -> None:
    restrict(desk, desk.head)  # the administrator can still come in
    with pytest.raises(LeaderLockedOut):
        restrict(desk, desk.administrator, by=desk.administrator)
    assert DeviceRestriction.objects.count() == 1
    set_password(desk, desk.administrator)
    shown = access_keys.take(token=issue(desk, desk.administrator), shown="", at=MORNING)
    sign_in(shown, name="s002")
    restrict(desk, desk.administrator)
    key = queries.keys_of(organisation_id=desk.id, member_id=member_id(desk.administrator), at=MORNING)[0]
    with pytest.raises(LeaderLockedOut):
        access_keys.revoke(organisation_id=desk.id, key_id=key.id, by=desk.administrator, at=MORNING)
    assert queries.registered_keys(member_id=member_id(desk.administrator)).count() == 1


def test_who_may(desk: Office, cast: Cast) -> None:
    for by in (desk.staff, desk.payroll, desk.customer, cast.ueno):
        with pytest.raises(NotPermitted):
            restrict(desk, desk.kuno, by=by)
    with pytest.raises(resets.NotYoursToHelp):
        restrict(desk, desk.head, by=desk.it)
    with pytest.raises(resets.NotYoursToHelp):
        issue(desk, desk.head, by=desk.it)
    with pytest.raises(access_keys.NoIdToRestrict):
        restrict(desk, desk.kuno)
    with pytest.raises(NotFound):
        access_keys.issue(organisation_id=desk.id, member_id=member_id(cast.inoue), name="x", by=desk.head, at=MORNING)
    assert DeviceRestriction.objects.count() == AccessKey.objects.count() == 0


@pytest.mark.shows("003-14")
def test_a_month_counts_each_id_that_was_restricted_on_any_day_of_it(desk: Office) -> None:
    def had(actor: Actor, since: date, until: date | None) -> None:
        DeviceRestriction.objects.create(
            organisation_id=desk.id, member_id=member_id(actor), from_day=since, until_day=until
        )

    had(desk.staff, date(2026, 9, 30), date(2026, 10, 1))
    had(desk.staff, date(2026, 10, 20), date(2026, 10, 21))  # once more in the same month: one ID
    had(desk.it, date(2026, 10, 31), None)
    had(desk.head, date(2026, 12, 1), None)  # still to come
    had(desk.administrator, date(2026, 11, 30), date(2026, 11, 2))  # taken back before it began
    found = id_queries.months(organisation_id=desk.id, today=TODAY, count=3)
    assert [(month.first_day.month, month.restricted) for month in found] == [(11, 1), (10, 2), (9, 1)]


@pytest.mark.shows("003-14")
def test_a_month_counts_each_device_that_could_be_used_in_it(desk: Office) -> None:
    def had(link: str, registered_on: date | None, revoked_on: date | None = None) -> None:
        def noon(day: date | None) -> datetime | None:
            return day and datetime(day.year, day.month, day.day, 12, 0, tzinfo=JST)

        AccessKey.objects.create(
            member_id=member_id(desk.staff),
            name="受付",
            link_hash=link,
            link_until=MORNING,
            issued_at=MORNING,
            registered_at=noon(registered_on),
            revoked_at=noon(revoked_on),
        )

    had("a", date(2026, 9, 30), date(2026, 10, 1))
    had("b", date(2026, 10, 31))
    had("c", None)  # its link was never opened
    found = id_queries.months(organisation_id=desk.id, today=TODAY, count=3)
    assert [(month.first_day.month, month.keys) for month in found] == [(11, 1), (10, 2), (9, 1)]


def test_the_list_shows_who_is_restricted_and_who_waits_for_a_device(desk: Office) -> None:
    registered(desk, desk.staff)
    restrict(desk, desk.staff)
    restrict(desk, desk.it)

    def names(show: Show, search: str = "") -> list[str]:
        page = queries.restrictions(organisation_id=desk.id, show=show, search=search)
        return [line.id_line.name for line in page.lines]

    assert names(Show.ALL) == ["岡田", "木下", "久保", "小西"]
    assert names(Show.RESTRICTED) == ["久保", "小西"]
    assert names(Show.WAITING) == ["久保"]
    assert names(Show.FREE) == ["岡田", "木下"]
    assert names(Show.ALL, "コニシ") == ["小西"]
    assert queries.counts(organisation_id=desk.id)[Show.WAITING] == 1
    line = next(queries.export(organisation_id=desk.id, show=Show.ALL, search="コニシ"))
    assert (line.keys, line.used_at, line.from_day) == (1, MORNING, TODAY)
    states = [
        one.state for one in queries.keys_of(organisation_id=desk.id, member_id=member_id(desk.staff), at=MORNING)
    ]
    assert states == [KeyState.REGISTERED]


def test_leaving_ends_keys_and_restriction(desk: Office) -> None:
    registered(desk, desk.staff)
    restrict(desk, desk.staff)
    departures.record(organisation_id=desk.id, member_id=member_id(desk.staff), left_on=TODAY, by=desk.head, at=MORNING)
    assert DeviceRestriction.objects.get().until_day == TODAY
    assert AccessKey.objects.get().revoked_at == MORNING


def test_a_session_without_restriction_needs_no_key(desk: Office) -> None:
    assert sign_in()
    assert sign_in("made.up")
    assert Session.objects.filter(member_id=member_id(desk.staff)).exclude(access_key_id=None).count() == 0
