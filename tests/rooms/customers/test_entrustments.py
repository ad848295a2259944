"""Entrustments: both sides agree, the tasks open and nothing more, one switch ends it (S-14)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.apps import apps

from tests.cast import MORNING, Cast
from tests.rooms.credentials.office import Office
from tests.rooms.credentials.office import office as office  # noqa: PLC0414
from tests.rooms.customers import clients
from warifu.audit import queries as trail
from warifu.customers.actions import acting, customers, entrustments
from warifu.customers.queries import customers as reads
from warifu.customers.queries import entrustments as queries
from warifu.customers.rules.entrusting import NEEDED, ClausesMissing, Task
from warifu.foundation.refusals import NotFound
from warifu.organisations.rules import NotPermitted, Permission

LATER = MORNING + timedelta(hours=2)


@pytest.mark.shows("S-14")
def test_nothing_opens_before_the_client_agrees(office: Office, cast: Cast) -> None:
    served = clients.serve(office)
    offered = clients.offer(office, served.customer_id)
    assert queries.acting(office_id=office.id, entrustment_id=offered) is None
    with pytest.raises(NotFound):
        acting.begin(office_id=office.id, entrustment_id=offered, by=office.staff, at=LATER)
    entrustments.agree(client_id=cast.aoba, entrustment_id=offered, by=cast.aoki, at=LATER)
    found = queries.acting(office_id=office.id, entrustment_id=offered)
    assert found is not None
    assert found.client_id == cast.aoba
    assert found.scopes == {
        Permission.DESK_ENTER.value,
        Permission.PEOPLE_VIEW.value,
        Permission.INVITE.value,
    }
    assert reads.customer(office_id=office.id, customer_id=served.customer_id).client_id == cast.aoba


@pytest.mark.shows("S-14")
@pytest.mark.parametrize("side", ["office", "client"])
def test_either_side_ends_it_with_one_switch(office: Office, cast: Cast, side: str) -> None:
    _served, running = clients.entrusted(office, cast)
    by = office.head if side == "office" else cast.okada
    ends = {
        "office": lambda: entrustments.give_up(office_id=office.id, entrustment_id=running, by=by, at=LATER),
        "client": lambda: entrustments.end(client_id=cast.aoba, entrustment_id=running, by=by, at=LATER),
    }
    end = ends[side]
    end()
    assert queries.acting(office_id=office.id, entrustment_id=running) is None
    ended = queries.of_client(client_id=cast.aoba)[0]
    assert (ended.state, ended.ended_at, ended.ended_by) == ("ended", LATER, by.label)
    with pytest.raises(entrustments.NoLongerWaiting):
        end()


def test_an_entrustment_is_recorded_with_its_clauses_in_both_trails(office: Office, cast: Cast) -> None:
    clients.entrusted(office, cast)
    for organisation_id in (office.id, cast.aoba):
        events = [line.event for line in trail.timeline(organisation_id=organisation_id, limit=20)]
        assert "customers.entrustment.offered" in events
        assert "customers.entrustment.agreed" in events
    assert set(queries.of_client(client_id=cast.aoba)[0].clauses) == set(NEEDED)


def test_an_offer_without_the_needed_clauses_is_refused(office: Office) -> None:
    served = clients.serve(office)
    with pytest.raises(ClausesMissing):
        entrustments.offer(
            office_id=office.id,
            customer_id=served.customer_id,
            client_code="aoba",
            tasks=[Task.PROGRESS],
            clauses=[],
            by=office.head,
            at=MORNING,
        )
    assert queries.of_customer(office_id=office.id, customer_id=served.customer_id) == []


@pytest.mark.parametrize("code", ["nobody", "okada", ""])
def test_an_unknown_code_and_the_offices_own_are_refused_alike(office: Office, cast: Cast, code: str) -> None:
    served = clients.serve(office)
    with pytest.raises(entrustments.ClientUnknown):
        clients.offer(office, served.customer_id, code=code)


def test_a_second_offer_to_the_same_client_is_refused(office: Office, cast: Cast) -> None:
    served, _running = clients.entrusted(office, cast)
    with pytest.raises(entrustments.AlreadyRunning):
        clients.offer(office, served.customer_id)
    assert len(queries.agreed(office_id=office.id)) == 1


def test_only_those_who_answer_for_the_client_agree(office: Office, cast: Cast) -> None:
    served = clients.serve(office)
    offered = clients.offer(office, served.customer_id)
    for by in (cast.inoue, cast.eto, office.head):
        with pytest.raises(NotPermitted):
            entrustments.agree(client_id=cast.aoba, entrustment_id=offered, by=by, at=LATER)
    with pytest.raises(NotFound):  # another company's administrator, at their own company
        entrustments.agree(client_id=cast.ueda, entrustment_id=offered, by=cast.ueno, at=LATER)
    assert queries.of_client(client_id=cast.aoba)[0].state == "offered"


WAITING = {"offered": "withdraw decline agree", "agreed": "end"}


@pytest.mark.parametrize("state", ["offered", "agreed", "declined", "withdrawn", "ended"])
@pytest.mark.parametrize("verb", ["agree", "decline", "withdraw", "end"])
def test_every_forbidden_arrow_changes_nothing(office: Office, cast: Cast, state: str, verb: str) -> None:
    served = clients.serve(office)
    offered = clients.offer(office, served.customer_id)
    rows = apps.get_model("customers.Entrustment").objects.filter(id=offered)
    rows.update(state=state)
    calls = {
        "agree": lambda: entrustments.agree(client_id=cast.aoba, entrustment_id=offered, by=cast.aoki, at=LATER),
        "decline": lambda: entrustments.decline(client_id=cast.aoba, entrustment_id=offered, by=cast.aoki, at=LATER),
        "withdraw": lambda: entrustments.withdraw(
            office_id=office.id, entrustment_id=offered, by=office.head, at=LATER
        ),
        "end": lambda: entrustments.end(client_id=cast.aoba, entrustment_id=offered, by=cast.aoki, at=LATER),
    }
    before = rows.values().get()
    if verb in WAITING.get(state, "").split():
        calls[verb]()
        assert rows.values().get()["state"] != state
    else:
        with pytest.raises(entrustments.NoLongerWaiting):
            calls[verb]()
        assert rows.values().get() == before


def test_a_customer_is_not_ended_while_it_is_entrusted(office: Office, cast: Cast) -> None:
    served, _running = clients.entrusted(office, cast)
    with pytest.raises(customers.StillEntrusted):
        customers.end(
            office_id=office.id, customer_id=served.customer_id, last_day=LATER.date(), by=office.head, at=LATER
        )
    assert reads.customer(office_id=office.id, customer_id=served.customer_id).ended_on is None
