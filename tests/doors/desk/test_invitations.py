"""依頼と催促 on the desk: look, try on oneself, send; reminders with their letter before."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.cast import Cast
from tests.doors.conftest import signed_in_client as visit
from tests.doors.desk.days import days_ago
from tests.rooms.collection.people import enlist
from warifu.collection.models import RosterEntry
from warifu.notices import queries as letters

pytestmark = pytest.mark.django_db

PAGE = "/desk/invitations/"


@pytest.fixture
def eto(cast: Cast) -> Client:
    return visit(cast.eto)


def posted(cast: Cast) -> list[str]:
    return [letter.to_name for letter in letters.letters_of(organisation_id=cast.aoba)]


def states() -> set[str]:
    return set(RosterEntry.objects.values_list("state", flat=True))


@pytest.mark.shows("001-11")
def test_first_one_looks_over_people_and_letter(cast: Cast, eto: Client) -> None:
    enlist(cast.aoba, "佐藤 鈴木")
    enlist(cast.aoba, "紙田", mail="")
    text = eto.get(PAGE).content.decode()
    for words in ("2人に送ります", "佐藤 太郎", "株式会社青葉商会", "紙で案内", "紙田 太郎", "実行する"):
        assert words in text
    assert states() == {"listed"}
    assert posted(cast) == []


@pytest.mark.shows("001-11")
def test_a_test_letter_goes_to_oneself_only(cast: Cast, eto: Client) -> None:
    enlist(cast.aoba, "佐藤")
    assert eto.post(f"{PAGE}test/", {"next": PAGE}).headers["Location"] == PAGE
    (letter,) = letters.letters_of(organisation_id=cast.aoba)
    assert letter.to_mail == "e003@example.jp"
    assert states() == {"listed"}


@pytest.mark.shows("001-11")
def test_then_one_sends(cast: Cast, eto: Client) -> None:
    enlist(cast.aoba, "佐藤 鈴木")
    answer = eto.post(f"{PAGE}send/", follow=True)
    assert "2人に依頼のメールを送ります" in answer.content.decode()
    assert states() == {"invited"}
    assert sorted(posted(cast)) == ["佐藤 太郎", "鈴木 太郎"]
    again = eto.post(f"{PAGE}send/")
    assert again.status_code == 409
    assert "WF-C204" in again.content.decode()
    assert len(posted(cast)) == 2


@pytest.mark.shows("P-15")
def test_without_a_complete_plan_there_is_nothing_to_press(cast: Cast) -> None:
    enlist(cast.ueda, "他田")
    ueno = visit(cast.ueno)
    text = ueno.get(PAGE).content.decode()
    assert "取扱いの定めが、まだ整っていません" in text
    assert "実行する" not in text
    assert ueno.post(f"{PAGE}send/").status_code == 409
    assert states() == {"listed"}


def test_a_reminder_is_shown_before_it_is_sent(cast: Cast, eto: Client) -> None:
    first, second = enlist(cast.aoba, "遅一 遅二", state="invited", registered_on=days_ago(9))
    text = eto.get(f"{PAGE}remind/", {"pick": [str(second)]}).content.decode()
    assert "1人に催促のメールを送ります" in text
    assert "遅二 太郎" in text
    assert posted(cast) == []
    eto.post(f"{PAGE}remind/now/", {"pick": [str(first), str(second)]})
    assert sorted(posted(cast)) == ["遅一 太郎", "遅二 太郎"]


@pytest.mark.shows("001-23", "001-28")
def test_all_who_are_overdue_are_reminded_together(cast: Cast, eto: Client) -> None:
    enlist(cast.aoba, "遅一 遅二", state="invited", registered_on=days_ago(9))
    enlist(cast.aoba, "早田", state="invited", registered_on=days_ago(0))
    assert "2人に催促のメールを送ります" in eto.get(f"{PAGE}remind/", {"all": "overdue"}).content.decode()
    eto.post(f"{PAGE}remind/now/", {"all": "overdue"})
    assert sorted(posted(cast)) == ["遅一 太郎", "遅二 太郎"]


def test_nobody_picked_reminds_nobody(cast: Cast, eto: Client) -> None:
    enlist(cast.aoba, "遅田", state="invited", registered_on=days_ago(9))
    assert "いま催促できる人はいません" in eto.get(f"{PAGE}remind/").content.decode()
    assert eto.post(f"{PAGE}remind/now/", {"pick": ["nonsense"]}).status_code == 409
    assert posted(cast) == []


def test_the_way_back_stays_on_this_site(cast: Cast, eto: Client) -> None:
    (late,) = enlist(cast.aoba, "遅田", state="invited", registered_on=days_ago(9))
    answer = eto.post(f"{PAGE}remind/now/", {"pick": str(late), "next": "https://example.com/"})
    assert answer.headers["Location"] == "/desk/people/"


def test_only_those_who_invite_may_enter(cast: Cast) -> None:
    okada = visit(cast.okada)
    assert okada.get(PAGE).status_code == 403
    assert okada.post(f"{PAGE}send/").status_code == 403
    assert okada.post(f"{PAGE}remind/now/", {"all": "overdue"}).status_code == 403
