"""Customers and their persons: the record, its history, one ID for several customers (003-10, 003-11, B3-5)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.cast import MORNING, Cast
from tests.rooms.credentials.office import Office, member_id
from tests.rooms.credentials.office import office as office  # noqa: PLC0414
from tests.rooms.customers import clients
from warifu.audit import queries as trail
from warifu.credentials.actions import ids
from warifu.customers.actions import customers, persons
from warifu.customers.queries import customers as queries
from warifu.customers.queries.customers import Show
from warifu.customers.rules import records
from warifu.customers.rules.records import Menu
from warifu.foundation.actor import Role
from warifu.foundation.refusals import NotFound
from warifu.organisations import queries as organisations
from warifu.organisations.rules import NotPermitted

LATER = MORNING + timedelta(hours=2)


@pytest.mark.shows("003-10")
def test_each_change_leaves_when_who_what_before_and_after(office: Office) -> None:
    served = clients.serve(office)
    customers.change(
        office_id=office.id,
        customer_id=served.customer_id,
        values={"phone": "03-0000-0000", "name": "株式会社青葉商会"},
        by=office.head,
        at=LATER,
    )
    newest = queries.history(office_id=office.id, customer_id=served.customer_id)[0][0]
    assert (newest.at, newest.by_name, newest.field, newest.before, newest.after) == (
        LATER,
        "岡田",
        "phone",
        "",
        "03-0000-0000",
    )
    found = [line.field for line in queries.history(office_id=office.id, customer_id=served.customer_id)[0]]
    assert found.count("name") == 1  # the name stayed the same, so only its first value is in the history


@pytest.mark.shows("003-10")
def test_the_history_is_searched_paged_and_written_out_whole(office: Office) -> None:
    served = clients.serve(office)
    for number in range(7):
        customers.change(
            office_id=office.id,
            customer_id=served.customer_id,
            values={"note": f"メモ{number}"},
            by=office.staff,
            at=LATER + timedelta(minutes=number),
        )
    key = {"office_id": office.id, "customer_id": served.customer_id}
    first, before, after = queries.history(**key, limit=5)
    assert [line.after for line in first] == [f"メモ{number}" for number in (6, 5, 4, 3, 2)]
    assert not before
    second = queries.history(**key, limit=5, cursor=after)[0]
    assert second[0].after == "メモ1"
    assert [line.after for line in queries.history(**key, search="メモ3")[0]] == ["メモ4", "メモ3"]
    assert len(list(queries.history_export(**key))) == len(queries.history(**key)[0])


def test_a_wrong_field_changes_nothing_of_the_others(office: Office) -> None:
    served = clients.serve(office)
    before = queries.customer(office_id=office.id, customer_id=served.customer_id)
    with pytest.raises(records.FieldWrong):
        customers.change(
            office_id=office.id,
            customer_id=served.customer_id,
            values={"name": "別の名前", "postal_code": "12"},
            by=office.staff,
            at=LATER,
        )
    assert queries.customer(office_id=office.id, customer_id=served.customer_id) == before


def test_two_customers_do_not_share_a_code(office: Office) -> None:
    clients.serve(office)
    with pytest.raises(customers.CodeTaken):
        clients.serve(office, name="別の会社")
    assert queries.counts(office_id=office.id, member_id=None)[Show.SERVED] == 1


@pytest.mark.shows("P-07")
def test_customers_are_an_offices_own(office: Office, cast: Cast) -> None:
    served = clients.serve(office)
    with pytest.raises(NotPermitted):
        customers.change(
            office_id=office.id, customer_id=served.customer_id, values={"name": "X"}, by=cast.aoki, at=LATER
        )
    with pytest.raises(NotFound):  # an administrator of a company that is no office
        customers.add(office_id=cast.aoba, kind="company", values={"name": "X"}, by=cast.aoki, at=LATER)
    with pytest.raises(NotPermitted):
        persons.set_menus(office_id=office.id, person_id=served.person_id, menus=[], by=office.customer, at=LATER)
    with pytest.raises(NotFound):
        queries.customer(office_id=cast.aoba, customer_id=served.customer_id)


@pytest.mark.shows("003-11")
def test_a_person_becomes_a_user_with_the_mail_of_the_record_and_gets_an_id(office: Office) -> None:
    served = clients.serve(office)
    made = persons.make_member(office_id=office.id, person_id=served.person_id, by=office.staff, at=LATER)
    member = organisations.member(organisation_id=office.id, member_id=made)
    assert (member.mail, member.roles, member.full_name) == ("aoki-a-01@kokyaku.example", Role.CUSTOMER, "青木 葵")
    order = ids.Order(member_id=made, text=member.mail)
    ids.issue(organisation_id=office.id, is_staff=False, orders=[order], by=office.head, at=LATER)
    assert [one.name for one in queries.served_by(member_id=made)] == ["株式会社青葉商会"]
    with pytest.raises(persons.AlreadyTied):
        persons.make_member(office_id=office.id, person_id=served.person_id, by=office.staff, at=LATER)


def test_one_id_opens_several_customers_each_with_its_own_menus(office: Office) -> None:
    one, two = clients.serve(office), clients.serve(office, name="青葉不動産", code="A-02")
    customer = member_id(office.customer)
    for served in (one, two):
        persons.tie(office_id=office.id, person_id=served.person_id, member_id=customer, by=office.staff, at=LATER)
    persons.set_menus(office_id=office.id, person_id=two.person_id, menus=[Menu.INQUIRIES], by=office.staff, at=LATER)
    found = {line.name: line.menus for line in queries.served_by(member_id=customer)}
    assert found == {"株式会社青葉商会": tuple(Menu), "青葉不動産": (Menu.INQUIRIES,)}
    persons.end(office_id=office.id, person_id=two.person_id, last_day=date(2026, 11, 24), by=office.staff, at=LATER)
    assert [line.name for line in queries.served_by(member_id=customer)] == ["株式会社青葉商会"]


def test_staff_are_not_tied_to_a_customer(office: Office) -> None:
    served = clients.serve(office)
    with pytest.raises(persons.NotACustomer):
        persons.tie(
            office_id=office.id,
            person_id=served.person_id,
            member_id=member_id(office.staff),
            by=office.head,
            at=LATER,
        )
    assert queries.customer(office_id=office.id, customer_id=served.customer_id).persons[0].member_id is None


def test_the_list_knows_whose_customers_are_whose(office: Office) -> None:
    served = clients.serve(office)
    assert queries.counts(office_id=office.id, member_id=member_id(office.staff))[Show.MINE] == 1
    customers.set_charges(
        office_id=office.id,
        customer_id=served.customer_id,
        member_ids=[member_id(office.it)],
        main_id=member_id(office.it),
        by=office.head,
        at=LATER,
    )
    counts = queries.counts(office_id=office.id, member_id=member_id(office.staff))
    assert (counts[Show.MINE], counts[Show.SERVED]) == (0, 1)
    with pytest.raises(NotFound):  # somebody of another organisation cannot be put in charge
        customers.set_charges(
            office_id=office.id,
            customer_id=served.customer_id,
            member_ids=[served.person_id],
            main_id=None,
            by=office.head,
            at=LATER,
        )


def test_an_ended_customer_stays_readable_and_its_id_no_longer_opens_it(office: Office) -> None:
    served = clients.serve(office)
    made = persons.make_member(office_id=office.id, person_id=served.person_id, by=office.staff, at=LATER)
    customers.end(
        office_id=office.id, customer_id=served.customer_id, last_day=date(2026, 11, 24), by=office.head, at=LATER
    )
    view = queries.customer(office_id=office.id, customer_id=served.customer_id)
    assert view.ended_on == date(2026, 11, 24)
    assert queries.served_by(member_id=made) == []
    shown = queries.listed(office_id=office.id, show=Show.ENDED, member_id=None)
    assert [line.id for line in shown.lines] == [served.customer_id]


def test_every_change_is_in_the_trail(office: Office) -> None:
    clients.serve(office)
    events = [line.event for line in trail.timeline(organisation_id=office.id, limit=10)]
    assert {"customers.customer.added", "customers.person.added"} <= set(events)
