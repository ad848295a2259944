"""Issuing, changing and ending user IDs, slips, resets (C1, C2)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from tests.cast import MORNING, Cast
from tests.rooms.credentials.office import GOOD, Office, member_id, office, set_password
from warifu.audit import queries as audit
from warifu.credentials.actions import activation, departures, ids, resets, sessions, signin, slips
from warifu.credentials.actions.access_keys import LeaderLockedOut
from warifu.credentials.actions.ids import Order
from warifu.credentials.actions.signin import SignedIn
from warifu.credentials.actions.stages import Visitor
from warifu.credentials.models import Activation, Session, UserId
from warifu.credentials.queries import ids as queries
from warifu.credentials.queries.ids import Show, Sort
from warifu.credentials.queries.sessions import living_session
from warifu.credentials.rules.ids import Fault
from warifu.foundation.actor import SYSTEM, Actor, Role
from warifu.foundation.days import JST
from warifu.foundation.refusals import NotFound, Refused
from warifu.notices import queries as letters
from warifu.organisations import actions as organisations
from warifu.organisations.rules import LevelTooLow, NotPermitted

__all__ = ["office"]
pytestmark = pytest.mark.django_db
HERE = Visitor(browser="b", address="192.0.2.1")


def order(actor: Actor, text: str, hours: int = 1, *, by_slip: bool = False) -> Order:
    return Order(member_id=member_id(actor), text=text, logout_hours=hours, by_slip=by_slip)


def issue(office: Office, *orders: Order, is_staff: bool = True, by: Actor | None = None) -> ids.Issued:
    return ids.issue(
        organisation_id=office.id, is_staff=is_staff, orders=orders, by=by or office.administrator, at=MORNING
    )


def row(actor: Actor) -> UserId:
    return UserId.objects.get(member_id=member_id(actor), ended_at=None)


def sign_in(identifier: str, secret: str = GOOD, at: datetime = MORNING) -> SignedIn | signin.NextStage:
    token = signin.begin(organisation_code="okada", identifier=identifier, visitor=HERE, at=at)
    return signin.answer(token=token, stage="password", secret=secret, visitor=HERE, at=at)


def refuses(
    office: Office, refusal: type[Refused], *orders: Order, is_staff: bool = True, by: Actor | None = None
) -> None:
    before = (UserId.objects.count(), Activation.objects.count(), len(letters.letters_of(organisation_id=office.id)))
    entries = len(audit.timeline(organisation_id=office.id))
    with pytest.raises(refusal):
        issue(office, *orders, is_staff=is_staff, by=by)
    after = (UserId.objects.count(), Activation.objects.count(), len(letters.letters_of(organisation_id=office.id)))
    assert after == before
    assert len(audit.timeline(organisation_id=office.id)) == entries


@pytest.mark.shows("003-6", "L-06")
def test_many_get_an_id_in_one_stroke_with_a_letter_or_a_slip(office: Office) -> None:
    issued = issue(office, order(office.staff, "okada-S005", 8), order(office.kuno, "okada-s006", by_slip=True))
    assert issued.mailed == 1
    assert (row(office.staff).text, row(office.staff).logout_hours) == ("okada-s005", 8)
    letter = letters.letters_of(organisation_id=office.id)[0]
    assert (letter.kind, letter.to_mail) == ("id_issued", "s005@okada.example")
    (slip,) = issued.slips
    assert (slip.identifier, slip.organisation_code, slip.has_mail) == ("okada-s006", "okada", False)
    assert activation.look(token=slip.link.rstrip("/").rsplit("/", 1)[-1], at=MORNING).user_id == "okada-s006"
    events = [line.event for line in audit.timeline(organisation_id=office.id, event_prefix="credentials.")]
    assert events.count("credentials.user_id.issued") == 2
    assert events.count("credentials.slip.shown") == 1


@pytest.mark.shows("003-6", "L-06")
def test_the_slip_lets_its_person_choose_a_password_and_sign_in_by_the_id(office: Office) -> None:
    (slip,) = issue(office, order(office.kuno, "okada-s006", 3, by_slip=True)).slips
    token = slip.link.rstrip("/").rsplit("/", 1)[-1]
    session = activation.use(token=token, password=GOOD, at=MORNING, browser="b", address="192.0.2.1")
    found = living_session(token=session, at=MORNING)
    assert found is not None
    assert found.logs_out_at == MORNING + timedelta(hours=3)
    with pytest.raises(activation.LinkOver):
        activation.use(token=token, password=GOOD, at=MORNING, browser="b", address="192.0.2.1")
    named = signin.member_named(organisation_code="okada", identifier="ＯＫＡＤＡ－s006")
    assert named is not None
    assert named.id == office.kuno.id


@pytest.mark.shows("003-11")
def test_a_customer_gets_the_mail_address_as_id(office: Office) -> None:
    issue(office, order(office.customer, "sano@kokyaku.example"), is_staff=False)
    assert (row(office.customer).kind, row(office.customer).text) == ("customer", "sano@kokyaku.example")


def test_somebody_with_a_password_learns_the_id_and_keeps_the_password(office: Office) -> None:
    set_password(office, office.staff)
    (slip,) = issue(office, order(office.staff, "okada-s005", by_slip=True)).slips
    assert slip.link == ""
    assert sign_in("okada-s005")


def test_an_id_is_never_given_twice_whoever_had_it(office: Office) -> None:
    issue(office, order(office.staff, "okada-0001"))
    found = queries.faults(organisation_id=office.id, wishes={member_id(office.kuno): "okada-0001"})
    assert found == {member_id(office.kuno): Fault.USED}
    refuses(office, ids.IdsNotGood, order(office.kuno, "OKADA-0001", by_slip=True))
    ids.end(organisation_id=office.id, user_id=row(office.staff).id, by=office.administrator, at=MORNING)
    refuses(office, ids.IdsNotGood, order(office.kuno, "okada-0001", by_slip=True))
    refuses(office, ids.IdsNotGood, order(office.staff, "okada-0001"))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("s001@okada.example", Fault.MAIL),
        ("s001", Fault.CODE),
        ("s006", None),
        ("ab", Fault.SHORT),
        ("okada s006", Fault.SIGNS),
    ],
)
def test_an_id_is_nobody_elses_name_at_the_door(office: Office, text: str, fault: Fault | None) -> None:
    found = queries.faults(organisation_id=office.id, wishes={member_id(office.kuno): text})
    assert found.get(member_id(office.kuno)) is fault
    if fault:
        refuses(office, ids.IdsNotGood, order(office.kuno, text, by_slip=True))


def test_two_of_one_table_cannot_have_the_same(office: Office) -> None:
    wishes = {member_id(office.kuno): "okada-9", member_id(office.staff): "okada-9"}
    found = queries.faults(organisation_id=office.id, wishes=wishes)
    assert set(found.values()) == {Fault.TWICE}
    refuses(office, ids.IdsNotGood, order(office.staff, "okada-9"), order(office.kuno, "okada-9", by_slip=True))


def test_another_office_may_have_the_same_id(office: Office) -> None:
    from warifu.foundation.actor import OPERATOR

    issue(office, order(office.staff, "common-0001"))
    other = organisations.create(code="other", name="別の事務所", is_office=True, by=OPERATOR, at=MORNING)
    assert queries.faults(organisation_id=other, wishes={member_id(office.kuno): "common-0001"}) == {}


def test_all_or_nobody(office: Office) -> None:
    refuses(office, ids.IdsNotGood, order(office.staff, "okada-s005"), order(office.kuno, "x", by_slip=True))
    refuses(office, activation.NoMailAddress, order(office.staff, "okada-s005"), order(office.kuno, "okada-s006"))
    refuses(office, ids.HoursOutOfRange, order(office.staff, "okada-s005", 9))
    refuses(office, ids.HoursOutOfRange, order(office.staff, "okada-s005", 0))
    refuses(office, ids.NobodyToIssue)
    refuses(office, ids.NobodyToIssue, order(office.customer, "okada-c001"))  # a customer is no staff
    refuses(office, ids.NobodyToIssue, order(office.staff, "okada-s005"), is_staff=False)


def test_who_has_an_id_gets_no_second_one(office: Office) -> None:
    issue(office, order(office.staff, "okada-s005"))
    refuses(office, ids.NobodyToIssue, order(office.staff, "okada-s005b"))


def test_only_those_who_may_and_only_in_offices(office: Office, cast: Cast) -> None:
    for actor in (office.staff, office.payroll, office.customer, cast.ueno):
        refuses(office, NotPermitted, order(office.kuno, "okada-s006", by_slip=True), by=actor)
    weak = Actor(**{**office.it.__dict__, "level": 1})
    refuses(office, LevelTooLow, order(office.kuno, "okada-s006", by_slip=True), by=weak)
    with pytest.raises(ids.NotAnOffice):
        ids.insist_office(organisation_id=cast.aoba, by=cast.aoki)
    assert issue(office, order(office.kuno, "okada-s006", by_slip=True), by=office.it).slips


@pytest.mark.shows("003-7")
def test_it_gets_no_slip_and_no_grip_on_the_ids_of_head_and_payroll(office: Office) -> None:
    for actor in (office.head, office.payroll, office.administrator):
        refuses(office, resets.NotYoursToHelp, order(actor, "okada-x1", by_slip=True), by=office.it)
    issue(office, order(office.head, "okada-head"), by=office.it)  # the letter goes to the head alone
    held = row(office.head).id
    with pytest.raises(resets.NotYoursToHelp):
        ids.end(organisation_id=office.id, user_id=held, by=office.it, at=MORNING)
    with pytest.raises(resets.NotYoursToHelp):
        ids.change(organisation_id=office.id, user_id=held, text="okada-new", by=office.it, at=MORNING)
    with pytest.raises(resets.NotYoursToHelp):
        ids.set_logout(organisation_id=office.id, user_id=held, hours=8, by=office.it, at=MORNING)
    with pytest.raises(resets.NotYoursToHelp):
        slips.print_for(organisation_id=office.id, member_id=member_id(office.head), by=office.it, at=MORNING)
    assert row(office.head).text == "okada-head"


def test_a_change_retires_the_old_id_and_tells_the_person(office: Office) -> None:
    set_password(office, office.staff)
    issue(office, order(office.staff, "okada-s005", 5))
    new = ids.change(
        organisation_id=office.id, user_id=row(office.staff).id, text="Konishi-5", by=office.administrator, at=MORNING
    )
    assert (row(office.staff).id, row(office.staff).text, row(office.staff).logout_hours) == (new, "konishi-5", 5)
    assert sign_in("konishi-5")
    with pytest.raises(signin.SignInFailed):
        sign_in("okada-s005")
    with pytest.raises(ids.IdsNotGood):
        ids.change(organisation_id=office.id, user_id=new, text="okada-s005", by=office.administrator, at=MORNING)
    assert "id_changed" in {letter.kind for letter in letters.letters_of(organisation_id=office.id)}


@pytest.mark.shows("003-6")
def test_a_running_session_follows_the_log_out_time_at_once(office: Office) -> None:
    issue(office, order(office.staff, "okada-s005"))
    token = sessions.start(
        member_id=member_id(office.staff), level=2, browser="b", address="192.0.2.1", idle_hours=1, at=MORNING
    )
    later = MORNING + timedelta(hours=2)
    assert living_session(token=token, at=later) is None
    ids.set_logout(
        organisation_id=office.id, user_id=row(office.staff).id, hours=3, by=office.administrator, at=MORNING
    )
    assert living_session(token=token, at=later) is not None
    for hours in (0, 9):
        with pytest.raises(ids.HoursOutOfRange):
            ids.set_logout(
                organisation_id=office.id,
                user_id=row(office.staff).id,
                hours=hours,
                by=office.administrator,
                at=MORNING,
            )


@pytest.mark.shows("L-24")
def test_an_ended_id_shuts_every_way_in_until_a_new_one_is_issued(office: Office) -> None:
    set_password(office, office.staff)
    issue(office, order(office.staff, "okada-s005"))
    sessions.start(member_id=member_id(office.staff), level=2, browser="b", address="192.0.2.1", at=MORNING)
    ids.end(organisation_id=office.id, user_id=row(office.staff).id, by=office.administrator, at=MORNING)
    assert not Session.objects.filter(member_id=member_id(office.staff), ended_at=None).exists()
    for name in ("okada-s005", "s005@okada.example", "s005"):
        with pytest.raises(signin.SignInFailed):
            sign_in(name, at=MORNING + timedelta(hours=1))
    count = len(letters.letters_of(organisation_id=office.id))
    activation.request(organisation_code="okada", mail="s005@okada.example", address="192.0.2.9", at=MORNING)
    assert len(letters.letters_of(organisation_id=office.id)) == count
    with pytest.raises(resets.IdEnded):
        activation.send(
            organisation_id=office.id, member_id=member_id(office.staff), by=office.administrator, at=MORNING
        )
    issue(office, order(office.staff, "okada-s005b"))
    assert sign_in("okada-s005b", at=MORNING + timedelta(days=2))


def test_the_last_leader_keeps_an_id(office: Office) -> None:
    issue(office, order(office.head, "okada-head"), order(office.administrator, "okada-admin"))
    ids.end(organisation_id=office.id, user_id=row(office.head).id, by=office.administrator, at=MORNING)
    with pytest.raises(LeaderLockedOut):
        ids.end(organisation_id=office.id, user_id=row(office.administrator).id, by=office.administrator, at=MORNING)
    assert row(office.administrator).ended_at is None


def test_leaving_ends_the_id(office: Office) -> None:
    issue(office, order(office.staff, "okada-s005"))
    departures.record(
        organisation_id=office.id,
        member_id=member_id(office.staff),
        left_on=date(2026, 11, 24),
        by=office.administrator,
        at=MORNING,
    )
    assert UserId.objects.get(member_id=member_id(office.staff)).ended_at == MORNING


def test_no_roster_takes_an_id_from_its_holder(office: Office) -> None:
    """Somebody who comes later with an employee code that is an ID signs in by mail; the ID stays its holder's."""
    set_password(office, office.staff)
    issue(office, order(office.staff, "okada-s005"))
    organisations.add_member(
        organisation_id=office.id,
        roles=Role.EMPLOYEE,
        family_name="後",
        employee_code="okada-s005",
        by=SYSTEM,
        at=MORNING,
    )
    assert sign_in("okada-s005")


@pytest.mark.shows("003-12", "L-08")
def test_a_reset_is_started_by_those_of_the_table_only(office: Office) -> None:
    for actor in (office.head, office.payroll, office.staff, office.customer):
        set_password(office, actor)
    expected = {
        ("it", "head"): False,
        ("it", "payroll"): False,
        ("it", "staff"): True,
        ("it", "customer"): True,
        ("staff", "customer"): True,
        ("staff", "it"): False,
        ("administrator", "head"): True,
        ("head", "payroll"): True,
    }
    for (starter, target), may in expected.items():
        by, whom = getattr(office, starter), member_id(getattr(office, target))
        before = Activation.objects.count()
        if may:
            assert activation.send(organisation_id=office.id, member_id=whom, by=by, at=MORNING)
            assert Activation.objects.count() == before + 1
        else:
            with pytest.raises(resets.NotYoursToHelp):
                activation.send(organisation_id=office.id, member_id=whom, by=by, at=MORNING)
            assert Activation.objects.count() == before
    for by in (office.payroll, office.customer):
        # a payroll person who is staff besides holds the permission of staff
        refusal = resets.NotYoursToHelp if by is office.payroll else NotPermitted
        with pytest.raises(refusal):
            activation.send(organisation_id=office.id, member_id=member_id(office.it), by=by, at=MORNING)
    with pytest.raises(resets.HeadHelpsThemself):
        activation.send(organisation_id=office.id, member_id=member_id(office.head), by=office.head, at=MORNING)


@pytest.mark.shows("L-08")
def test_a_slip_of_a_reset_leaves_the_password_until_its_person_chooses_another(office: Office) -> None:
    set_password(office, office.customer)
    made = slips.print_for(organisation_id=office.id, member_id=member_id(office.customer), by=office.staff, at=MORNING)
    assert made.reason == "reset"
    assert sign_in("c001")
    again = slips.print_for(
        organisation_id=office.id, member_id=member_id(office.customer), by=office.staff, at=MORNING
    )
    first, second = (one.link.rstrip("/").rsplit("/", 1)[-1] for one in (made, again))
    with pytest.raises(activation.LinkOver):
        activation.open(token=first, at=MORNING)
    assert activation.open(token=second, at=MORNING).reason == "reset"
    lines = audit.timeline(organisation_id=office.id, event_prefix="credentials.reset.started")
    assert [line.actor for line in lines] == ["小西", "小西"]
    assert not any(again.link in str(line.values) for line in audit.timeline(organisation_id=office.id))


def test_the_list_pages_searches_and_sorts(office: Office) -> None:
    issue(office, *(order(getattr(office, name), f"okada-{name}") for name in ("head", "administrator", "it", "staff")))
    issue(office, order(office.customer, "sano@kokyaku.example"), is_staff=False)

    def texts(**wanted: object) -> list[str]:
        found: list[str] = []
        cursor = ""
        while True:
            page = queries.ids(organisation_id=office.id, limit=2, cursor=cursor, **wanted)  # type: ignore[arg-type]
            found += [line.text for line in page.lines]
            if not (cursor := page.after):
                return found

    by_text = ["okada-administrator", "okada-head", "okada-it", "okada-staff", "sano@kokyaku.example"]
    assert texts(show=Show.LIVING, sort=Sort.TEXT) == by_text
    assert sorted(texts(show=Show.LIVING, sort=Sort.NEWEST)) == by_text
    names = texts(show=Show.LIVING, sort=Sort.NAME)
    assert names == ["okada-head", "okada-administrator", "okada-it", "okada-staff", "sano@kokyaku.example"]
    assert texts(show=Show.CUSTOMER, sort=Sort.TEXT) == ["sano@kokyaku.example"]
    assert texts(show=Show.LIVING, sort=Sort.TEXT, search="クボ") == ["okada-it"]
    assert texts(show=Show.LIVING, sort=Sort.TEXT, search="OKADA-H") == ["okada-head"]
    second = queries.ids(
        organisation_id=office.id,
        show=Show.LIVING,
        sort=Sort.TEXT,
        limit=2,
        cursor=queries.ids(organisation_id=office.id, show=Show.LIVING, sort=Sort.TEXT, limit=2).after,
    )
    back = queries.ids(organisation_id=office.id, show=Show.LIVING, sort=Sort.TEXT, limit=2, cursor=second.before)
    assert [line.text for line in back.lines] == by_text[:2]
    assert back.before == ""
    assert [
        line.text for line in queries.export(organisation_id=office.id, show=Show.LIVING, sort=Sort.TEXT)
    ] == by_text


def test_one_query_draws_a_page(office: Office, django_assert_num_queries: object) -> None:
    issue(office, order(office.staff, "okada-s005"))
    with django_assert_num_queries(1):  # type: ignore[operator]
        queries.ids(organisation_id=office.id, show=Show.LIVING, sort=Sort.NAME)
    with django_assert_num_queries(1):  # type: ignore[operator]
        queries.candidates(organisation_id=office.id, is_staff=True)


def test_candidates_are_those_without_an_id_and_of_the_kind(office: Office) -> None:
    issue(office, order(office.staff, "okada-s005"))
    staff = queries.candidates(organisation_id=office.id, is_staff=True).members
    assert [member.family_name for member in staff] == ["岡田", "木下", "久野", "久保", "毛塚"]
    customers = queries.candidates(organisation_id=office.id, is_staff=False).members
    assert [member.family_name for member in customers] == ["佐野"]


def test_months_count_people_who_had_an_id_on_any_day(office: Office, cast: Cast) -> None:
    def at(month: int, day: int) -> datetime:
        return datetime(2026, month, day, 12, tzinfo=JST)

    def had(actor: Actor, since: datetime, until: datetime | None, text: str, kind: str = "staff") -> None:
        UserId.objects.create(
            organisation_id=office.id,
            member_id=member_id(actor),
            kind=kind,
            text=text,
            issued_at=since,
            ended_at=until,
        )

    had(office.staff, at(9, 30), at(10, 1), "a001")
    had(office.staff, at(10, 1), None, "a002")  # changed: still one person
    had(office.it, at(10, 5), at(10, 6), "b001")
    had(office.customer, at(11, 1), None, "c-001", "customer")
    found = queries.months(organisation_id=office.id, today=date(2026, 11, 24), count=4)
    assert [(month.first_day.month, month.staff, month.customers) for month in found] == [
        (11, 1, 1),
        (10, 2, 0),
        (9, 1, 0),
    ]
    assert queries.months(organisation_id=cast.aoba, today=date(2026, 11, 24), count=1)[0].staff == 0


def test_another_offices_id_is_not_found(office: Office, cast: Cast) -> None:
    issue(office, order(office.staff, "okada-s005"))
    held: UUID = row(office.staff).id
    with pytest.raises(NotFound):
        queries.user_id(organisation_id=cast.aoba, user_id=held)
    with pytest.raises(NotFound):
        ids.end(organisation_id=cast.aoba, user_id=held, by=cast.aoki, at=MORNING)
