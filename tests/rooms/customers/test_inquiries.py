"""Requests: a change of name or address, or a question, followed to its end (003-15)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.cast import MORNING, Cast
from tests.rooms.credentials.office import Office, member_id
from tests.rooms.credentials.office import office as office  # noqa: PLC0414
from tests.rooms.customers import clients
from warifu.customers.actions import inquiries, persons
from warifu.customers.queries import customers as customer_reads
from warifu.customers.queries import inquiries as queries
from warifu.customers.rules import records
from warifu.foundation.actor import OPERATOR, SYSTEM, Actor, Role
from warifu.foundation.refusals import NotFound
from warifu.organisations import actions as organisations
from warifu.organisations import queries as organisation_reads
from warifu.organisations.rules import NotPermitted

LATER = MORNING + timedelta(hours=2)
MOVED = {"postal_code": "100-0001", "address": "東京都千代田区千代田1-1", "phone": "03-0000-0000"}


@pytest.fixture
def served(office: Office) -> clients.Served:
    """A customer whose person holds the office's 顧客ID."""
    found = clients.serve(office)
    persons.tie(
        office_id=office.id,
        person_id=found.person_id,
        member_id=member_id(office.customer),
        by=office.staff,
        at=MORNING,
    )
    return found


@pytest.mark.shows("003-15")
def test_a_change_of_address_is_taken_accepted_and_written_into_the_record(
    office: Office, served: clients.Served
) -> None:
    number = inquiries.send(
        kind="address", values=MOVED, words="来月から", customer_id=served.customer_id, by=office.customer, at=LATER
    )
    (waiting,), _before, _after = queries.queue(addressee_id=office.id, about_customers=True, is_open=True)
    assert (waiting.number, waiting.customer, waiting.state) == (number, "株式会社青葉商会", "open")
    key = {"organisation_id": office.id, "inquiry_id": waiting.id, "by": office.staff, "at": LATER}
    inquiries.take(**key)
    inquiries.close(**key, is_accepted=True, answer="承りました。")
    record = customer_reads.customer(office_id=office.id, customer_id=served.customer_id)
    assert (record.values["postal_code"], record.values["address"]) == ("1000001", MOVED["address"])
    changed = customer_reads.history(office_id=office.id, customer_id=served.customer_id)[0]
    assert {line.field for line in changed[:3]} == {"postal_code", "address", "phone"}
    (own,) = queries.own(member_id=member_id(office.customer))
    assert (own.state, own.answer, own.closed_at) == ("done", "承りました。", LATER)


@pytest.mark.shows("003-15")
def test_a_refused_request_changes_no_record(office: Office, served: clients.Served) -> None:
    before = customer_reads.customer(office_id=office.id, customer_id=served.customer_id)
    inquiries.send(
        kind="name",
        values={"name": "青葉ホールディングス"},
        words="",
        customer_id=served.customer_id,
        by=office.customer,
        at=LATER,
    )
    inquiry_id = queries.own(member_id=member_id(office.customer))[0].id
    key = {"organisation_id": office.id, "inquiry_id": inquiry_id, "by": office.staff, "at": LATER}
    inquiries.take(**key)
    with pytest.raises(inquiries.WordsMissing):  # a refusal without a reason
        inquiries.close(**key, is_accepted=False, answer=" ")
    inquiries.close(**key, is_accepted=False, answer="登記の後にお送りください。")
    assert customer_reads.customer(office_id=office.id, customer_id=served.customer_id) == before


def test_two_people_do_not_take_or_close_the_same_request(office: Office, served: clients.Served) -> None:
    inquiries.send(
        kind="question",
        values={},
        words="決算はいつですか",
        customer_id=served.customer_id,
        by=office.customer,
        at=LATER,
    )
    inquiry_id = queries.own(member_id=member_id(office.customer))[0].id
    key = {"organisation_id": office.id, "inquiry_id": inquiry_id, "at": LATER}
    with pytest.raises(inquiries.NotWaiting):  # nobody has taken it
        inquiries.close(**key, is_accepted=True, answer="3月です", by=office.staff)
    inquiries.take(**key, by=office.staff)
    with pytest.raises(inquiries.NotWaiting):
        inquiries.take(**key, by=office.head)
    assert queries.inquiry(addressee_id=office.id, inquiry_id=inquiry_id).taken_by == office.staff.label


@pytest.mark.parametrize(
    ("kind", "values", "words", "fault"),
    [
        ("question", {}, "  ", inquiries.WordsMissing),
        ("question", {}, "あ" * 2_001, inquiries.WordsMissing),
        ("address", {}, "", inquiries.WordsMissing),
        ("address", {"postal_code": "１２"}, "", records.FieldWrong),
        ("name", {"name": ""}, "変わります", records.FieldWrong),
    ],
)
def test_an_empty_or_wrong_request_is_not_sent(
    office: Office, served: clients.Served, kind: str, values: dict[str, str], words: str, fault: type[Exception]
) -> None:
    with pytest.raises(fault):
        inquiries.send(
            kind=kind, values=values, words=words, customer_id=served.customer_id, by=office.customer, at=LATER
        )
    assert queries.waiting(addressee_id=office.id) == 0


def test_nobody_sends_about_a_customer_that_is_not_theirs(office: Office, served: clients.Served) -> None:
    other = clients.serve(office, name="別の会社", code="B-01")
    with pytest.raises(NotFound):
        inquiries.send(
            kind="question", values={}, words="?", customer_id=other.customer_id, by=office.customer, at=LATER
        )


@pytest.fixture
def operator(db: None) -> Actor:
    """A member of the operator's organisation who answers requests."""
    organisation = organisations.create(code="unei", name="運営", is_operator=True, by=OPERATOR, at=MORNING)
    made = organisations.add_member(
        organisation_id=organisation, roles=Role.REVIEWER, family_name="加藤", by=SYSTEM, at=MORNING
    )
    member = organisation_reads.member(organisation_id=organisation, member_id=made)
    return organisation_reads.actor_of(member=member, level=2, authenticated_at=MORNING)


@pytest.mark.shows("003-15")
def test_an_organisations_new_name_goes_to_the_operator_and_holds_when_accepted(cast: Cast, operator: Actor) -> None:
    inquiries.send(kind="name", values={"name": "青葉ホールディングス"}, words="登記済み", by=cast.aoki, at=LATER)
    assert operator.organisation_id is not None
    (waiting,), _before, _after = queries.queue(
        addressee_id=operator.organisation_id, about_customers=False, is_open=True
    )
    key = {"organisation_id": operator.organisation_id, "inquiry_id": waiting.id, "by": operator, "at": LATER}
    inquiries.take(**key)
    inquiries.close(**key, is_accepted=True, answer="")
    assert organisation_reads.organisation(organisation_id=cast.aoba).name == "青葉ホールディングス"


def test_only_leaders_write_to_the_operator_and_only_where_there_is_one(cast: Cast) -> None:
    with pytest.raises(inquiries.NobodyToAsk):
        inquiries.send(kind="question", values={}, words="?", by=cast.aoki, at=LATER)
    with pytest.raises(NotPermitted):
        inquiries.send(kind="question", values={}, words="?", by=cast.inoue, at=LATER)
