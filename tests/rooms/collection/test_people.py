"""提出の状況: the list, its pages, its counts, one person, the desk."""

from __future__ import annotations

from itertools import product
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import MORNING, Cast
from tests.rooms.collection.people import TODAY, days_ago, enlist, list_people, moment
from warifu.collection.models import RosterEntry
from warifu.collection.queries import people
from warifu.collection.queries.people import Row, Sort, Tab, Wanted
from warifu.collection.rules.overdue import Reason, Step
from warifu.foundation.refusals import NotFound

pytestmark = pytest.mark.django_db


def rows(organisation_id: UUID, **wanted: object) -> list[Row]:
    page = people.people(organisation_id=organisation_id, today=TODAY, wanted=Wanted(**wanted))  # type: ignore[arg-type]
    return list(page.rows)


def names(organisation_id: UUID, **wanted: object) -> list[str]:
    return [row.name.split()[0] for row in rows(organisation_id, **wanted)]


@pytest.fixture
def everybody(cast: Cast) -> Cast:
    """One person in each situation."""
    enlist(cast.aoba, "早", state="invited", invited_at=MORNING)
    enlist(cast.aoba, "遅", state="invited", registered_on=days_ago(3), invited_at=moment(3))
    enlist(cast.aoba, "古", state="started", registered_on=days_ago(40), opened_at=moment(39))
    enlist(cast.aoba, "出", state="submitted", registered_on=days_ago(10), submitted_at=moment(2), dependents=2)
    enlist(cast.aoba, "二", state="checked", registered_on=days_ago(10), submitted_at=moment(3))
    enlist(cast.aoba, "済", state="verified", registered_on=days_ago(10), submitted_at=moment(4))
    enlist(cast.aoba, "無", state="not_provided", registered_on=days_ago(10))
    enlist(cast.ueda, "他", state="invited", registered_on=days_ago(10))
    return cast


@pytest.mark.shows("001-22", "001-28")
def test_who_is_late_stands_at_the_top_with_reason_and_next_step(everybody: Cast) -> None:
    first, second, third = rows(everybody.aoba)[:3]
    assert (first.name, first.is_late, first.days_late) == ("古 太郎", True, 38)
    assert (first.reason, first.step) == (Reason.NO_IMAGE, Step.REMIND)
    assert (second.name, second.is_late, second.days_late) == ("遅 太郎", True, 1)
    assert (third.name, third.is_late, third.step) == ("早 太郎", False, Step.WAIT)
    assert names(everybody.aoba) == list("古遅早出二済無")


@pytest.mark.parametrize(
    ("tab", "found"),
    [
        (Tab.ALL, "古遅早出二済無"),
        (Tab.OVERDUE, "古遅"),
        (Tab.WAITING, "早"),
        (Tab.TO_VERIFY, "出"),
        (Tab.SECOND, "二"),
        (Tab.DONE, "済"),
        (Tab.NOT_PROVIDED, "無"),
    ],
)
@pytest.mark.shows("A-03")
def test_tabs_narrow_the_list_and_their_counts_agree(everybody: Cast, tab: Tab, found: str) -> None:
    assert names(everybody.aoba, tab=tab) == list(found)
    assert getattr(people.counts(organisation_id=everybody.aoba, today=TODAY), tab.value) == len(found)


def test_orders_can_be_chosen(everybody: Cast) -> None:
    assert names(everybody.aoba, sort=Sort.SUBMITTED) == list("出二済")
    assert names(everybody.aoba, sort=Sort.REGISTERED)[0] == "古"
    assert names(everybody.aoba, sort=Sort.NEWEST)[0] == "早"


def test_names_are_sorted_by_their_reading(cast: Cast) -> None:
    enlist(cast.aoba, "渡辺", family_kana="ワタナベ")
    enlist(cast.aoba, "伊藤", family_kana="イトウ")
    enlist(cast.aoba, "加藤", family_kana="カトウ")
    assert names(cast.aoba, sort=Sort.NAME) == ["伊藤", "加藤", "渡辺"]


def test_search_forgives_width_and_kana_and_departments_narrow(cast: Cast) -> None:
    enlist(cast.aoba, "サトウ 髙橋", department="営業課")
    enlist(cast.aoba, "ｻﾄｳ", department="総務課")
    assert names(cast.aoba, search="さとう") == ["サトウ", "ｻﾄｳ"]
    assert names(cast.aoba, search="ｻﾄｳ", department="総務課") == ["ｻﾄｳ"]
    assert names(cast.aoba, search="100%") == []


def test_each_reason_of_the_rule_is_the_same_condition_in_the_database(cast: Cast) -> None:
    for state, mail, bounced, opened, images, unreadable in product(
        RosterEntry.OPEN, [None, ""], [None, moment(1)], [None, moment(1)], [0, 1], [0, 1]
    ):
        enlist(
            cast.aoba,
            "全",
            state=state,
            mail=mail,
            bounced_at=bounced,
            opened_at=opened,
            images=images,
            unreadable=unreadable,
        )
    members = RosterEntry._meta.get_field("member").related_model
    leavers = RosterEntry.objects.filter(organisation_id=cast.aoba, state="listed").values_list("member_id", flat=True)[
        :3
    ]
    members.objects.filter(id__in=list(leavers)).update(state="left")
    by_rule: dict[Reason, set[UUID]] = {}
    for row in people.export(organisation_id=cast.aoba, today=TODAY, wanted=Wanted()):
        by_rule.setdefault(row.reason, set()).add(row.entry_id)
    for reason in people.REASONS:
        found = people.export(organisation_id=cast.aoba, today=TODAY, wanted=Wanted(reason=reason))
        assert {row.entry_id for row in found} == by_rule[reason], reason


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("tab", [Tab.ALL, Tab.OVERDUE])
def test_pages_follow_each_other_without_gap_or_repeat(cast: Cast, sort: Sort, tab: Tab) -> None:
    for number, state in enumerate(["invited", "verified", "submitted"]):
        list_people(cast.aoba, ["人"] * 9, state=state, registered_on=days_ago(5 + number), submitted_at=moment(number))
    wanted = Wanted(tab=tab, sort=sort)
    whole = [row.entry_id for row in people.export(organisation_id=cast.aoba, today=TODAY, wanted=wanted)]

    def page(cursor: str) -> people.Page:
        return people.people(organisation_id=cast.aoba, today=TODAY, wanted=wanted, cursor=cursor, limit=4)

    forward, cursor, pages = [], "", []
    while True:
        found = page(cursor)
        pages.append(found)
        forward += [row.entry_id for row in found.rows]
        if not found.after:
            break
        cursor = found.after
    assert forward == whole
    assert pages[0].before == ""
    assert page(pages[2].before).rows == pages[1].rows if len(pages) > 2 else True
    last = page(people.LAST)
    assert [row.entry_id for row in last.rows] == whole[-4:]
    assert last.after == ""
    assert [row.entry_id for row in page(last.before).rows] == whole[-8:-4]


def test_an_unknown_cursor_gives_the_first_page(everybody: Cast) -> None:
    for cursor in ("x", "bm9uc2Vuc2U", "WyJhIiwgMSwgMl0", "%%%"):
        page = people.people(organisation_id=everybody.aoba, today=TODAY, wanted=Wanted(), cursor=cursor)
        assert page.rows[0].name == "古 太郎"


@pytest.mark.parametrize("count", [10, 1000])
def test_a_page_costs_one_query_at_any_length(cast: Cast, count: int) -> None:
    list_people(cast.aoba, ["人"] * count, state="invited", registered_on=days_ago(9))
    with CaptureQueriesContext(
        connection,
    ) as seen:
        page = people.people(organisation_id=cast.aoba, today=TODAY, wanted=Wanted())
        people.counts(organisation_id=cast.aoba, today=TODAY)
    assert len(page.rows) == min(count, people.PAGE)
    assert len(seen) == 2


@pytest.mark.parametrize("count", [10, 1000])
def test_the_desk_costs_five_queries_at_any_length(cast: Cast, count: int) -> None:
    list_people(cast.aoba, ["人"] * count, state="invited", registered_on=days_ago(9))
    with CaptureQueriesContext(connection) as seen:
        people.desk(organisation_id=cast.aoba, today=TODAY)
    assert len(seen) == 5


def test_the_desk_tells_what_waits_and_why(everybody: Cast) -> None:
    enlist(everybody.aoba, "戻", state="invited", registered_on=days_ago(9), bounced_at=moment(1))
    desk = people.desk(organisation_id=everybody.aoba, today=TODAY)
    assert desk.late_reasons == ((Reason.BOUNCED, 1), (Reason.NO_IMAGE, 1), (Reason.NOT_OPENED, 1))
    assert desk.bounced == 1
    assert desk.oldest_submission == days_ago(2)
    assert desk.rosters_to_confirm == 0


@pytest.mark.shows("P-07")
def test_people_of_another_organisation_are_nowhere(everybody: Cast) -> None:
    (theirs,) = rows(everybody.ueda)
    assert "他" not in names(everybody.aoba)
    with pytest.raises(NotFound):
        people.person(organisation_id=everybody.aoba, entry_id=theirs.entry_id, today=TODAY)


def test_one_person_is_found_by_entry_and_by_member(everybody: Cast) -> None:
    row = rows(everybody.aoba)[0]
    assert people.person(organisation_id=everybody.aoba, entry_id=row.entry_id, today=TODAY) == row
    assert people.entry_of_member(organisation_id=everybody.aoba, member_id=row.member_id, today=TODAY) == row
