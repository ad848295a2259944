"""提出の状況 on the desk: what the list says and offers, one person, the file."""

from __future__ import annotations

import csv
import io
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.cast import MORNING, Cast
from tests.doors.conftest import signed_in_client as visit
from tests.doors.desk.days import days_ago
from tests.rooms.collection.people import enlist, list_people
from warifu.audit import queries as trail
from warifu.collection.actions import invitations
from warifu.collection.models import RosterEntry
from warifu.collection.queries import people
from warifu.notices import actions as notices
from warifu.notices import queries as letters

pytestmark = pytest.mark.django_db

LIST = "/desk/people/"


@pytest.fixture
def eto(cast: Cast) -> Client:
    return visit(cast.eto)


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def late_row(text: str) -> str:
    return text.split('<tr class="row-late">', 1)[1].split("</tr>", 1)[0]


@pytest.mark.shows("001-22", "001-23", "001-28", "A-03")
def test_a_late_row_is_red_and_says_so_in_words_with_icon_reason_and_next_step(cast: Cast, eto: Client) -> None:
    enlist(cast.aoba, "遅田", state="invited", registered_on=days_ago(3))
    enlist(cast.aoba, "早田", state="invited", registered_on=days_ago(2))
    text = page(eto, LIST)
    row = late_row(text)
    assert "遅田 太郎" in row
    assert "期限超過" in row
    assert "#alert" in row
    assert "1日過ぎ" in row
    assert "メールがまだ開かれていません" in row
    assert "催促を送る" in row
    assert text.count('<tr class="row-late">') == 1
    assert "期限を過ぎた人が1人います" in text


@pytest.mark.shows("001-28")
def test_a_photograph_that_cannot_be_opened_asks_for_another_one(cast: Cast, eto: Client) -> None:
    (entry_id,) = enlist(cast.aoba, "読田", state="submitted", submitted_at=MORNING, images=1, unreadable=1)
    row = page(eto, LIST).split("読田 太郎", 1)[1].split("</tr>", 1)[0]
    assert "写真を開けませんでした。撮り直しを頼みます" in row
    assert "差戻す" in row
    assert reverse("desk:verification.page", args=[entry_id]) in row


@pytest.mark.shows("001-28")
def test_when_nobody_is_late_the_page_says_so(cast: Cast, eto: Client) -> None:
    enlist(cast.aoba, "早田", state="invited", registered_on=days_ago(0))
    text = page(eto, LIST)
    assert "期限を過ぎた人はいません" in text
    assert 'class="row-late"' not in text
    assert "期限を過ぎた人はいません" in page(eto, f"{LIST}?tab=overdue")


@pytest.mark.shows("001-25")
def test_the_day_of_submission_opens_the_verification(cast: Cast, eto: Client) -> None:
    (entry_id,) = enlist(
        cast.aoba, "出田", state="submitted", registered_on=days_ago(9), submitted_at="2026-11-20T09:00Z", dependents=2
    )
    text = page(eto, LIST)
    assert f'<a href="{reverse("desk:verification.page", args=[entry_id])}"><time datetime="2026-11-20">' in text
    assert "扶養親族など2人" in text


def test_without_anybody_the_page_says_how_to_begin(eto: Client) -> None:
    assert "まだ、だれもいません" in page(eto, LIST)


def test_the_list_is_narrowed_by_tab_word_and_reason(cast: Cast, eto: Client) -> None:
    enlist(cast.aoba, "遅田", state="invited", registered_on=days_ago(9), department="営業課")
    enlist(cast.aoba, "戻田", state="invited", registered_on=days_ago(9), bounced_at="2026-11-20T09:00Z")
    enlist(cast.aoba, "早田", state="invited", registered_on=days_ago(0))
    for query, found in (
        ("tab=overdue", {"遅田", "戻田"}),
        ("q=早田", {"早田"}),
        ("reason=bounced", {"戻田"}),
        ("department=営業課", {"遅田"}),
        ("tab=nonsense&sort=nonsense&reason=nonsense&at=nonsense", {"遅田", "戻田", "早田"}),
    ):
        text = page(eto, f"{LIST}?{query}")
        assert {name for name in ("遅田", "戻田", "早田") if f"{name} 太郎</a>" in text} == found, query
    assert "この条件に合う人はいません" in page(eto, f"{LIST}?q=だれもいない")


def test_pages_are_linked_forward_and_back(cast: Cast, eto: Client) -> None:
    list_people(cast.aoba, ["人"] * 60, state="invited", registered_on=days_ago(0))
    first = page(eto, LIST)
    assert 'rel="prev"' not in first
    onward = first.split('rel="next" href="', 1)[1].split('"', 1)[0].replace("&amp;", "&")
    second = page(eto, f"{LIST}{onward}")
    assert second.count('name="pick" value=') == 10
    assert 'rel="next"' not in second
    assert 'rel="prev"' in second


@pytest.mark.parametrize("count", [10, 1000])
@pytest.mark.shows("A-10")
def test_the_page_costs_at_most_eight_queries_at_any_length(cast: Cast, eto: Client, count: int) -> None:
    list_people(
        cast.aoba, ["人"] * count, state="submitted", submitted_at="2026-11-20T09:00Z", registered_on=days_ago(9)
    )
    page(eto, LIST)
    with CaptureQueriesContext(connection) as seen:
        page(eto, LIST)
    assert len(seen) <= 8


def test_reception_sees_states_but_nothing_to_press(cast: Cast) -> None:
    enlist(cast.aoba, "遅田", state="invited", registered_on=days_ago(9))
    text = page(visit(cast.okada), LIST)
    assert "遅田" in text
    assert "催促を送る" not in text
    assert 'name="pick"' not in text


@pytest.mark.shows("P-07")
def test_people_of_others_are_not_shown(cast: Cast, eto: Client) -> None:
    (theirs,) = enlist(cast.ueda, "他田", state="invited")
    assert "他田" not in page(eto, LIST)
    assert eto.get(f"{LIST}{theirs}/").status_code == 404
    assert eto.post(f"{LIST}{theirs}/mail/", {"mail": "x@example.jp"}).status_code == 404
    assert eto.post(f"{LIST}{theirs}/not-provided/", {}).status_code == 404


def test_employees_and_strangers_do_not_enter(cast: Cast) -> None:
    assert visit(cast.inoue).get(LIST).status_code == 403
    assert Client().get(LIST).status_code == 302


@pytest.mark.shows("001-23")
def test_one_click_reminds_one_person(cast: Cast, eto: Client) -> None:
    (late,) = enlist(cast.aoba, "遅田", state="invited", registered_on=days_ago(9))
    answer = eto.post("/desk/invitations/remind/now/", {"pick": str(late), "next": f"{LIST}?tab=overdue"})
    assert answer.headers["Location"] == f"{LIST}?tab=overdue"
    assert [letter.kind for letter in letters.letters_of(organisation_id=cast.aoba)] == ["reminder"]
    assert "1人に催促のメールを送ります" in page(eto, LIST)


def test_one_person_has_a_page_with_state_letters_and_history(cast: Cast, eto: Client) -> None:
    (late,) = enlist(cast.aoba, "遅田", state="invited", registered_on=days_ago(9))
    eto.post("/desk/invitations/remind/now/", {"pick": str(late)})
    text = page(eto, f"{LIST}{late}/")
    for words in ("遅田 太郎", "期限を7日過ぎています", "催促しました", "1回、最後は", "江藤 栄"):
        assert words in text


@pytest.mark.shows("P-12")
def test_that_somebody_will_not_hand_in_is_recorded_as_a_state(cast: Cast, eto: Client) -> None:
    (person,) = enlist(cast.aoba, "断田", state="invited", registered_on=days_ago(9))
    today = days_ago(0)
    said = {"said_on_0": str(today.year), "said_on_1": str(today.month), "said_on_2": str(today.day)}
    names = {"said_on_year": said["said_on_0"], "said_on_month": said["said_on_1"], "said_on_day": said["said_on_2"]}
    assert eto.post(f"{LIST}{person}/not-provided/", said | names).status_code == 302
    assert RosterEntry.objects.get(id=person).state == "not_provided"
    assert 'class="row-late"' not in page(eto, LIST)


def test_a_wrong_day_is_told_on_the_page(cast: Cast, eto: Client) -> None:
    (person,) = enlist(cast.aoba, "断田", state="invited")
    answer = eto.post(f"{LIST}{person}/not-provided/", {})
    assert answer.status_code == 200
    assert "年・月・日" in answer.content.decode()
    assert RosterEntry.objects.get(id=person).state == "invited"


@pytest.mark.shows("001-28")
def test_a_letter_that_came_back_is_told_with_its_next_step(cast: Cast, eto: Client) -> None:
    (person,) = enlist(cast.aoba, "戻田")
    invitations.send(organisation_id=cast.aoba, entry_ids=[person], by=cast.eto, at=MORNING)
    (letter,) = letters.letters_of(organisation_id=cast.aoba)
    notices.deliver_due(at=MORNING)
    assert notices.record_bounce(message_id=letter.message_id, reason="宛先がありません", at=MORNING)
    assert invitations.note_bounces(at=MORNING) == 1
    row = page(eto, LIST).split("戻田 太郎", 1)[1].split("</tr>", 1)[0]
    assert "メールが戻りました" in row
    assert "宛先がありません" in row
    assert "メールアドレスを直す" in row
    assert reverse("desk:people.readdress", args=[person]) in row


@pytest.mark.shows("001-28")
def test_a_bounced_address_is_mended(cast: Cast, eto: Client) -> None:
    (person,) = enlist(cast.aoba, "戻田", state="invited", registered_on=days_ago(9), bounced_at="2026-11-20T09:00Z")
    assert "メールアドレスを直す" in page(eto, LIST)
    assert eto.post(f"{LIST}{person}/mail/", {"mail": "a001@example.jp"}).status_code == 200
    assert eto.post(f"{LIST}{person}/mail/", {"mail": "neu@example.jp"}).status_code == 302
    (letter,) = letters.letters_of(organisation_id=cast.aoba)
    assert letter.to_mail == "neu@example.jp"


def test_an_administrator_adds_a_person_by_hand(cast: Cast) -> None:
    aoki = visit(cast.aoki)
    values = {"family_name": "新田", "given_name": "望", "mail": "nitta@example.jp", "employee_code": "n100"}
    answer = aoki.post(f"{LIST}add/", values)
    assert answer.status_code == 302
    entry_id = UUID(answer.headers["Location"].rstrip("/").rsplit("/", 1)[1])
    row = people.person(organisation_id=cast.aoba, entry_id=entry_id, today=days_ago(0))
    assert (row.name, row.state, row.registered_on) == ("新田 望", "listed", days_ago(0))
    again = aoki.post(f"{LIST}add/", values)
    assert "ほかの利用者が使っています" in again.content.decode()
    assert visit(cast.eto).get(f"{LIST}add/").status_code == 403


@pytest.mark.shows("V-06", "L-25")
def test_the_list_as_a_file_holds_states_and_no_formula(cast: Cast, eto: Client) -> None:
    enlist(cast.aoba, "=1+1", state="invited", registered_on=days_ago(9))
    enlist(cast.aoba, "済田", state="verified", registered_on=days_ago(9))
    answer = eto.get(f"{LIST}export.csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    header, late, done = csv.reader(io.StringIO(text))
    assert header[:3] == ["社員番号", "氏名", "フリガナ"]
    assert late[1] == "'=1+1 太郎"
    assert late[6] == "期限超過"
    assert (done[5], done[6]) == ("済", "")
    assert len(trail.timeline(organisation_id=cast.aoba, event_prefix="collection.entries.exported")) == 1
