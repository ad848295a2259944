"""The queue and the page of a checker, and what they cost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import MORNING, Cast
from tests.rooms.collection.submitted import CARD, Waiting, attach, child, spouse, waiting
from warifu.collection.models import Policy, RosterEntry, Submission, Verification
from warifu.collection.queries import verification as queries
from warifu.collection.queries.verification import Page, Place
from warifu.foundation.actor import Actor, Role
from warifu.foundation.refusals import NotFound

pytestmark = pytest.mark.django_db


def page(cast: Cast, case: Waiting, by: Actor) -> Page:
    assert by.id is not None
    return queries.page(organisation_id=cast.aoba, entry_id=case.entry_id, member_id=by.id, roles=by.roles)


def place(cast: Cast, case: Waiting, by: Actor) -> Place:
    assert by.id is not None
    return queries.place(organisation_id=cast.aoba, entry_id=case.entry_id, member_id=by.id, roles=by.roles)


def three(cast: Cast, **values: Any) -> list[Waiting]:
    people = (cast.inoue, cast.aoki, cast.okada)
    bases = ("12345678901", "22345678901", "32345678901")
    return [
        waiting(cast, person=person, base=base, submitted_at=MORNING - timedelta(hours=9 - index), **values)
        for index, (person, base) in enumerate(zip(people, bases, strict=True))
    ]


def test_the_queue_is_walked_by_key_oldest_first(cast: Cast) -> None:
    first, second, third = three(cast)

    places = [place(cast, case, cast.eto) for case in (first, second, third)]

    assert [one.position for one in places] == [1, 2, 3]
    assert {one.waiting for one in places} == {3}
    assert [one.next_id for one in places] == [second.entry_id, third.entry_id, None]
    assert [one.previous_id for one in places] == [None, first.entry_id, second.entry_id]


def test_a_long_queue_is_counted_to_its_limit_only(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "COUNTED", 2)
    first, second, third = three(cast)

    places = [place(cast, case, cast.eto) for case in (first, second, third)]

    assert [(one.waiting, one.position) for one in places] == [(2, 1), (2, 2), (2, 0)]
    assert places[1].next_id == third.entry_id


def test_people_who_came_at_the_same_moment_are_both_passed(cast: Cast) -> None:
    cases = three(cast)
    RosterEntry.objects.update(submitted_at=MORNING)
    by_id = sorted(cases, key=lambda case: case.entry_id)

    assert [place(cast, case, cast.eto).next_id for case in by_id] == [by_id[1].entry_id, by_id[2].entry_id, None]


def test_nobody_is_offered_their_own_record_or_what_they_entered(cast: Cast) -> None:
    first, second, third = three(cast)
    Submission.objects.filter(id=first.submission_id).update(entered_by=cast.okada.id, channel="paper")
    assert cast.okada.id is not None

    found = queries.queue(organisation_id=cast.aoba, member_id=cast.okada.id, roles=cast.okada.roles)

    assert [entry.id for entry in found] == [second.entry_id]
    assert third.entry_id not in {entry.id for entry in found}


@pytest.mark.shows("I-18")
def test_what_one_has_checked_waits_for_the_responsible_person(cast: Cast) -> None:
    case = waiting(cast, second_check=True)
    RosterEntry.objects.filter(id=case.entry_id).update(state="checked")
    Verification.objects.create(
        organisation_id=cast.aoba,
        submission_id=case.submission_id,
        member_id=case.member_id,
        method="number_card",
        rule_version="tax",
        channel="self",
        checked_by=cast.eto.id,
        result="checked",
        created_at=MORNING,
    )
    assert cast.eto.id is not None
    assert cast.okada.id is not None

    for roles in (cast.eto.roles, Role.HANDLER | Role.RESPONSIBLE):
        assert queries.first_waiting(organisation_id=cast.aoba, member_id=cast.eto.id, roles=roles) is None
    okadas = queries.first_waiting(organisation_id=cast.aoba, member_id=cast.okada.id, roles=cast.okada.roles)
    assert okadas == case.entry_id
    assert page(cast, case, cast.eto).blocked == "checked"
    assert page(cast, case, cast.okada).blocked == ""
    assert page(cast, case, cast.okada).first_checker == "江藤 栄"


@pytest.mark.shows("I-18")
def test_the_only_responsible_person_waits_for_the_first_checker(cast: Cast) -> None:
    case = waiting(cast, second_check=True)

    assert page(cast, case, cast.okada).blocked == "responsible_last"
    assert page(cast, case, cast.eto).blocked == ""
    Policy.objects.update(second_check=False, second_check_off_reason="一人しかいない")
    assert page(cast, case, cast.okada).blocked == ""


def test_another_organisation_sees_nothing(cast: Cast) -> None:
    case = waiting(cast)
    assert cast.ueno.id is not None

    with pytest.raises(NotFound):
        queries.page(organisation_id=cast.ueda, entry_id=case.entry_id, member_id=cast.ueno.id, roles=cast.ueno.roles)
    with pytest.raises(NotFound):
        queries.place(organisation_id=cast.ueda, entry_id=case.entry_id, member_id=cast.ueno.id, roles=cast.ueno.roles)
    assert queries.first_waiting(organisation_id=cast.ueda, member_id=cast.ueno.id, roles=cast.ueno.roles) is None


@pytest.mark.shows("001-26")
def test_the_page_holds_what_a_checker_compares(cast: Cast) -> None:
    case = waiting(cast)
    relative = spouse(case, path="agent")
    child(case, ticked=True)
    attach(Submission.objects.get(id=case.submission_id), paper="mandate", side="front", dependent=relative)

    found = page(cast, case, cast.eto)

    own, theirs, childs = found.sheets
    assert [group.use for group in own.groups] == ["number", "identity"]
    assert [[picture.side for picture in own.pictures_of(group)] for group in own.groups] == [["back"], ["front"]]
    assert own.address == "見本県青葉市本町1-2-3"
    assert [group.paper for group in theirs.groups] == ["spouse_number", "mandate"]
    assert childs.groups == ()
    assert childs.ticked_at == MORNING
    assert found.unopened == 3


@pytest.mark.parametrize("family", [0, 1, 3])
def test_the_page_costs_the_same_for_any_number_of_pictures_and_three_a_number(cast: Cast, family: int) -> None:
    case = waiting(cast, pictures=CARD * (family + 1))
    for number in range(family):
        child(case, ticked=True, base=f"3234567890{number}")
    page(cast, case, cast.eto)

    with CaptureQueriesContext(
        connection,
    ) as spent:
        page(cast, case, cast.eto)

    assert len(spent) == 8 + 3 * (family + 1)


def test_the_place_takes_five_queries(cast: Cast, django_assert_num_queries: Any) -> None:
    case = three(cast)[1]

    with django_assert_num_queries(5):
        place(cast, case, cast.eto)
