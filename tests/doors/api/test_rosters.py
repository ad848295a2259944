"""Rosters through the API, from the file to people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests.cast import Cast, test_number
from tests.doors.api.conftest import Program
from warifu.collection.actions import rosters
from warifu.foundation.masking import twelve_digit_runs

pytestmark = pytest.mark.django_db

GOOD = "社員番号,姓,名,メールアドレス\nz901,山田,花子,z901@example.jp\nz902,佐藤,次郎,z902@example.jp\n"


def file(text: str, name: str = "名簿.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode(), content_type="text/csv")


def upload(program: Program, text: str = GOOD, **options: Any) -> Any:
    return program.post("/rosters", file=file(text), **options)


def test_a_roster_goes_from_the_file_to_invited_people_and_only_then_stays(
    cast: Cast, program: Callable[..., Program]
) -> None:
    ours = program()
    made = upload(ours)
    assert made.status_code == 201
    found = made.json()
    assert (found["state"], found["rows"], found["accepted"], found["added"]) == ("checked", 2, 2, 2)
    assert [column["field"] for column in found["columns"]][:2] == ["employee_code", "family_name"]
    asked = ours.post(f"/rosters/{found['id']}/load")
    assert (asked.status_code, asked.json()["state"]) == (202, "loading")
    assert rosters.work_due(at=timezone.now()) == 1
    assert ours.get(f"/rosters/{found['id']}").json()["state"] == "loaded"
    people = ours.get("/people").json()["people"]
    assert {person["employee_code"] for person in people} == {"z901", "z902"}
    assert ours.post("/invitations", {"people": [people[0]["id"]]}).json() == {"letters": 1}
    refused = ours.post(f"/rosters/{found['id']}/undo")
    assert refused.status_code == 409


def test_a_loading_can_be_undone(program: Callable[..., Program]) -> None:
    ours = program()
    roster_id = upload(ours).json()["id"]
    ours.post(f"/rosters/{roster_id}/load")
    rosters.work_due(at=timezone.now())
    undone = ours.post(f"/rosters/{roster_id}/undo").json()
    assert undone["state"] == "undone"
    assert ours.get("/people").json()["people"] == []


def test_problems_are_listed_page_by_page_without_numbers(program: Callable[..., Program]) -> None:
    ours = program()
    digits = test_number("12345678901")
    lines = "".join(f"z{row},山田,花子,{digits}\n" for row in range(5))
    made = upload(ours, "社員番号,姓,名,メールアドレス\n" + lines)
    roster_id = made.json()["id"]
    first = ours.get(f"/rosters/{roster_id}/problems", limit=2, severity="error")
    assert first.status_code == 200
    assert len(first.json()["problems"]) == 2
    assert first.json()["problems"][0].keys() == {
        "row", "column", "code", "severity", "value", "reason", "suggestion",
    }  # fmt: skip
    rest = ours.get(f"/rosters/{roster_id}/problems", limit=200, severity="error", cursor=first.json()["next"])
    rows = [problem["row"] for page in (first, rest) for problem in page.json()["problems"]]
    assert rows == sorted(rows)
    assert set(rows) == {1, 2, 3, 4, 5}
    assert digits not in first.content.decode() + rest.content.decode() + made.content.decode()
    assert not [run for run in twelve_digit_runs(str(rest.json()["problems"])) if run == digits]


def test_columns_can_be_chosen(program: Callable[..., Program]) -> None:
    ours = program()
    roster_id = upload(ours, "a,b,c\nz901@example.jp,山田,花子\n").json()["id"]
    chosen = ours.put(
        f"/rosters/{roster_id}/columns", {"columns": {"0": "mail", "1": "family_name", "2": "given_name"}}
    )
    assert chosen.status_code == 200, chosen.content
    assert (chosen.json()["state"], chosen.json()["accepted"]) == ("checked", 1)
    for wrong in ({"x": "mail"}, {"1000000000": "mail"}, {"0": "Drop table"}, {str(i): "mail" for i in range(201)}):
        assert ours.put(f"/rosters/{roster_id}/columns", {"columns": wrong}).status_code == 422


def test_a_file_that_is_no_roster_is_refused_as_on_the_screen(program: Callable[..., Program]) -> None:
    refused = program().post("/rosters", file=SimpleUploadedFile("a.csv", b"\x89PNG\r\n\x1a\n" + b"\0" * 50))
    assert refused.status_code in (409, 422)
    assert refused.json()["code"].startswith("WF-C1")


def test_sent_twice_with_a_key_it_is_received_once(program: Callable[..., Program]) -> None:
    ours = program()
    first, again = upload(ours, key="roster-1"), upload(ours, key="roster-1")
    assert first.json()["id"] == again.json()["id"]
    assert len(ours.get("/rosters").json()["rosters"]) == 1
    other = upload(ours, GOOD + "z903,鈴木,三郎,z903@example.jp\n", key="roster-1")
    assert (other.status_code, other.json()["code"]) == (409, "WF-S504")


def test_rosters_are_listed_newest_first(program: Callable[..., Program]) -> None:
    ours = program()
    ids = [upload(ours).json()["id"] for _ in range(3)]
    first = ours.get("/rosters", limit=2).json()
    second = ours.get("/rosters", limit=2, cursor=first["next"]).json()
    assert [one["id"] for page in (first, second) for one in page["rosters"]] == ids[::-1]
    assert second["next"] == ""
