"""People and verification states through the API."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest

from tests.cast import MORNING, Cast
from tests.doors.api.conftest import Program
from warifu.collection.actions import entries

pytestmark = pytest.mark.django_db


@pytest.fixture
def listed(cast: Cast) -> list[str]:
    """The five of Aoba's and Ueda's who are collected from, by their entries' ids; Ueno's is the last."""
    ids = []
    for actor, by in (
        (cast.aoki, cast.aoki),
        (cast.inoue, cast.aoki),
        (cast.eto, cast.aoki),
        (cast.ueno, cast.ueno),
    ):
        assert actor.id is not None
        assert actor.organisation_id is not None
        entry = entries.add(organisation_id=actor.organisation_id, member_id=actor.id, by=by, at=MORNING)
        ids.append(str(entry))
    return ids


def test_lists_people_with_their_states_page_by_page(
    program: Callable[..., Program], listed: list[str], django_assert_max_num_queries: Callable[..., object]
) -> None:
    ours = program()
    first = ours.get("/people", limit=2).json()
    assert [person["id"] for person in first["people"]] == listed[:2]
    assert first["people"][0]["state"] == "listed"
    assert first["people"][1]["name"] == "井上 郁"
    second = ours.get("/people", limit=2, cursor=first["next"]).json()
    assert [person["id"] for person in second["people"]] == [listed[2]]
    assert second["next"] == ""


def test_filters_by_state(program: Callable[..., Program], listed: list[str]) -> None:
    ours = program()
    assert len(ours.get("/people", show="all").json()["people"]) == 3
    assert ours.get("/people", show="done").json()["people"] == []
    assert ours.get("/verifications").json() == {"verifications": [], "next": ""}


def test_reads_one(program: Callable[..., Program], listed: list[str]) -> None:
    found = program().get(f"/people/{listed[1]}")
    assert found.status_code == 200
    assert found.json()["mail"] == "i002@example.jp"


@pytest.mark.shows("P-07")
def test_another_organisations_program_sees_nothing_of_ours(program: Callable[..., Program], listed: list[str]) -> None:
    theirs = program(of="ueda")
    assert [person["id"] for person in theirs.get("/people").json()["people"]] == listed[3:]
    missing, foreign = (theirs.get(f"/people/{one}") for one in (uuid4(), listed[0]))
    assert (missing.status_code, foreign.status_code) == (404, 404)
    assert missing.json() == foreign.json()


@pytest.mark.parametrize("address", ["/people", "/people/{id}", "/verifications"])
def test_needs_its_scope(program: Callable[..., Program], listed: list[str], address: str) -> None:
    refused = program("rosters:write", "invitations:write").get(address.format(id=listed[0]))
    assert refused.status_code == 403
    assert refused.json()["code"] == "WF-O101"
