"""きょうの仕事 and 設定."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.cast import Cast
from tests.doors.conftest import signed_in_client as visit
from tests.doors.desk.days import days_ago
from tests.rooms.collection.people import enlist
from warifu.collection.queries import policies
from warifu.organisations import queries as organisations

pytestmark = pytest.mark.django_db

COLLECTING: dict[str, Any] = {
    "overdue_days": "5",
    "automatic_reminders": "on",
    "reminder_every_days": "2",
    "quiet_from_hour": "19",
    "quiet_until_hour": "9",
    "second_check": "on",
    "image_keep_days": "0",
}


def text_of(client: Client, address: str = "/desk/") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_desk_tells_whose_turn_it_is(cast: Cast) -> None:
    enlist(cast.aoba, "遅田", state="invited", registered_on=days_ago(9))
    enlist(cast.aoba, "戻田", state="invited", registered_on=days_ago(9), bounced_at="2026-11-20T09:00Z")
    enlist(cast.aoba, "出田", state="submitted", registered_on=days_ago(9), submitted_at="2026-11-20T09:00Z")
    enlist(cast.aoba, "前田", registered_on=days_ago(0))
    text = text_of(visit(cast.eto))
    for words in (
        "本人確認を待っています",
        "メールがまだ開かれていません 1人",
        "メールが戻りました 1人",
        "メールが戻っています",
        "依頼のメールをまだ送っていません",
        "4人中 0人が完了",
    ):
        assert words in text
    main = text.split("<main", 1)[1].split("</main>", 1)[0]
    assert main.count("button-primary") == 1


def test_the_desk_shows_only_what_the_person_may_do(cast: Cast) -> None:
    enlist(cast.aoba, "前田", registered_on=days_ago(0))
    enlist(cast.aoba, "出田", state="submitted", registered_on=days_ago(9), submitted_at="2026-11-20T09:00Z")
    aoki = text_of(visit(cast.aoki))
    assert "本人確認を待っています" not in aoki
    assert "依頼のメールをまだ送っていません" in aoki
    okada = text_of(visit(cast.okada))
    assert "本人確認を待っています" in okada
    assert "依頼のメールをまだ送っていません" not in okada


@pytest.mark.shows("P-15")
def test_the_desk_asks_for_the_handling_plan_first(cast: Cast) -> None:
    assert "取扱いの定めが整っていません" in text_of(visit(cast.ueno))


def test_an_empty_desk_says_how_to_begin(cast: Cast) -> None:
    assert "名簿を取り込むところから始めます" in text_of(visit(cast.eto))


def test_employees_have_no_desk(cast: Cast) -> None:
    assert visit(cast.inoue).get("/desk/").status_code == 403


@pytest.mark.shows("003-6")
def test_the_automatic_sign_out_is_chosen_from_one_to_eight_hours(cast: Cast) -> None:
    aoki = visit(cast.aoki)
    values = {"name": "株式会社青葉商会", "contact": "総務課 内線100"}
    for hours in ("0", "9"):
        answer = aoki.post("/desk/settings/organisation/", values | {"auto_logout_hours": hours})
        assert answer.status_code == 200
    assert organisations.organisation(organisation_id=cast.aoba).auto_logout_hours == 1
    aoki.post("/desk/settings/organisation/", values | {"auto_logout_hours": "8"})
    found = organisations.organisation(organisation_id=cast.aoba)
    assert (found.auto_logout_hours, found.contact) == (8, "総務課 内線100")
    assert "8時間" in text_of(aoki, "/desk/settings/")


@pytest.mark.shows("001-22")
def test_an_administrator_changes_how_numbers_are_collected(cast: Cast) -> None:
    aoki = visit(cast.aoki)
    assert aoki.post("/desk/settings/collecting/", COLLECTING).status_code == 302
    policy = policies.current(organisation_id=cast.aoba)
    assert (policy.overdue_days, policy.automatic_reminders, policy.image_keep_days) == (5, True, 0)
    text = text_of(aoki, "/desk/settings/")
    for words in ("登録から5日", "2日おきに送ります", "確認した日に消します"):
        assert words in text


@pytest.mark.shows("I-18")
def test_one_pair_of_eyes_needs_a_reason(cast: Cast) -> None:
    aoki = visit(cast.aoki)
    alone = {name: value for name, value in COLLECTING.items() if name != "second_check"}
    answer = aoki.post("/desk/settings/collecting/", alone)
    assert answer.status_code == 200
    assert "一人で行う理由を書いてください" in answer.content.decode()
    assert policies.current(organisation_id=cast.aoba).second_check is True
    aoki.post("/desk/settings/collecting/", alone | {"second_check_off_reason": "翌日に責任者が見直します"})
    assert "翌日に責任者が見直します" in text_of(aoki, "/desk/settings/")


def test_only_administrators_change_settings(cast: Cast) -> None:
    eto = visit(cast.eto)
    assert eto.get("/desk/settings/").status_code == 403
    assert eto.post("/desk/settings/collecting/", COLLECTING).status_code == 403
    assert policies.current(organisation_id=cast.aoba).overdue_days == 3
