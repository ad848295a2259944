"""The checker's page: what it shows to whom, what it keeps covered, and how one gets on to the next person."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.cast import MORNING, Cast, test_number
from tests.doors.conftest import SignIn
from tests.rooms.collection.submitted import CARD_ANSWERS, IDS, Waiting, attach, child, spouse, waiting
from warifu.collection.models import Document, Look, RosterEntry, Submission
from warifu.foundation.masking import twelve_digit_runs

pytestmark = pytest.mark.django_db

DIGITS = test_number("12345678901")
CONFIRMED_ON = {"confirmed_on_year": "2026", "confirmed_on_month": "11", "confirmed_on_day": "24"}


class Clock:
    """The moment that every door sees."""

    def __init__(self) -> None:
        self.moment = MORNING

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(timezone, "now", found)
    return found


def address(name: str, case: Waiting) -> str:
    return reverse(f"desk:verification.{name}", args=[case.entry_id])


def picture_address(case: Waiting, number: int = 0) -> str:
    return reverse("desk:verification.picture", args=[case.submission_id, case.document_ids[number]])


def post_confirm(client: Client, case: Waiting, **values: Any) -> Any:
    return client.post(
        address("confirm", case),
        {"submission": str(case.submission_id)} | CONFIRMED_ON | CARD_ANSWERS | values,
    )


@pytest.mark.shows("001-25", "001-26")
def test_the_page_shows_everybody_and_no_number(cast: Cast, sign_in: SignIn) -> None:
    case = waiting(cast)
    spouse(case, path="agent")
    child(case, ticked=True)

    answer = sign_in(cast.eto).get(address("page", case))

    text = answer.content.decode()
    assert answer.status_code == 200
    for words in ("井上 郁", "井上 由美", "井上 結", "個人番号カード", "委任状", "生年月日が合っている"):
        assert words in text
    assert text.count("•••• •••• ••••") == 3
    assert twelve_digit_runs(IDS.sub("", text)) == []
    assert "<img" not in text.split("<main")[1].split("</main>")[0]


@pytest.mark.shows("V-04")
def test_a_picture_is_never_cached_nor_run(cast: Cast, sign_in: SignIn) -> None:
    case = waiting(cast)

    answer = sign_in(cast.eto).get(picture_address(case))

    assert answer.status_code == 200
    assert answer.content[:2] == b"\xff\xd8"
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Cache-Control"] == "no-store"
    assert answer["Content-Disposition"] == "inline"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert Look.objects.filter(member_id=cast.eto.id).count() == 1


@pytest.mark.shows("S-09")
@pytest.mark.parametrize("name", ["page", "reveal", "confirm", "send_back", "picture"])
@pytest.mark.parametrize(("who", "status"), [("aoki", 403), ("inoue", 403), ("ueno", 404)])
def test_administrators_employees_and_strangers_stay_outside(
    cast: Cast, sign_in: SignIn, name: str, who: str, status: int
) -> None:
    case = waiting(cast)
    client = sign_in(getattr(cast, who))
    values = {"submission": str(case.submission_id), "reasons": "blurred"} | CONFIRMED_ON | CARD_ANSWERS

    if name == "picture":
        answer = client.get(picture_address(case))
    elif name == "page":
        answer = client.get(address(name, case))
    else:
        answer = client.post(address(name, case), values)

    assert answer.status_code == status
    assert DIGITS[:4] not in answer.content.decode(errors="replace")
    assert RosterEntry.objects.get(id=case.entry_id).state == "submitted"
    assert not Look.objects.exists()


@pytest.mark.parametrize("name", ["page", "queue"])
def test_whoever_is_not_signed_in_is_led_to_sign_in(cast: Cast, client: Client, name: str) -> None:
    case = waiting(cast)
    target = reverse("desk:verification.queue") if name == "queue" else address(name, case)

    answer = client.get(target)

    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("entrance:signin.ask"))


# The number


@pytest.mark.shows("S-07")
def test_one_number_is_shown_for_a_minute(cast: Cast, sign_in: SignIn) -> None:
    case = waiting(cast)
    relative = spouse(case, path="agent", base="98765432101")

    answer = sign_in(cast.eto).post(
        address("reveal", case),
        {"submission": str(case.submission_id), "dependent": str(relative.id)},
        headers={"HX-Request": "true"},
    )

    text = answer.content.decode()
    shown = test_number("98765432101")
    assert all(f"<span>{part}</span>" in text for part in (shown[:4], shown[4:8], shown[8:]))
    assert DIGITS[4:8] not in text
    assert 'data-seconds="60"' in text
    assert "江藤 栄" in text
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.shows("S-07")
def test_without_script_the_page_leaves_by_itself(cast: Cast, sign_in: SignIn) -> None:
    case = waiting(cast)
    child(case, ticked=True)

    answer = sign_in(cast.eto).post(address("reveal", case), {"submission": str(case.submission_id)})

    text = answer.content.decode()
    assert answer["Refresh"] == f"60; url={address('page', case)}"
    assert f"<span>{DIGITS[4:8]}</span>" in text
    assert text.count("•••• •••• ••••") == 1


@pytest.mark.shows("L-25")
@pytest.mark.parametrize("by_htmx", [True, False])
def test_an_old_sign_in_is_led_to_sign_in_again(cast: Cast, sign_in: SignIn, clock: Clock, by_htmx: bool) -> None:
    case = waiting(cast)
    client = sign_in(cast.eto)
    clock.moment = MORNING + timedelta(minutes=5, seconds=1)
    page = address("page", case)
    headers = {"HX-Request": "true", "HX-Current-URL": page} if by_htmx else {"Referer": page}

    answer = client.post(address("reveal", case), {"submission": str(case.submission_id)}, headers=headers)

    target = answer["HX-Redirect"] if by_htmx else answer["Location"]
    assert target.startswith(reverse("entrance:relogin.ask"))
    assert str(case.entry_id) in target
    assert DIGITS[4:8] not in answer.content.decode()


def test_a_refused_reveal_says_why_in_its_place(cast: Cast, sign_in: SignIn) -> None:
    case = waiting(cast)
    Submission.objects.filter(id=case.submission_id).update(state="sent_back")

    answer = sign_in(cast.eto).post(
        address("reveal", case), {"submission": str(case.submission_id)}, headers={"HX-Request": "true"}
    )

    assert answer.status_code == 409
    assert "WF-C501" in answer.content.decode()


def test_the_reveal_takes_no_get(cast: Cast, sign_in: SignIn) -> None:
    assert sign_in(cast.eto).get(address("reveal", waiting(cast))).status_code == 405


# 済 and 差戻し


@pytest.mark.shows("001-27")
def test_after_a_confirmation_the_next_person_comes(cast: Cast, sign_in: SignIn) -> None:
    first = waiting(cast, submitted_at=MORNING - timedelta(hours=3))
    second = waiting(cast, person=cast.okada, base="42345678904", submitted_at=MORNING - timedelta(hours=2))
    client = sign_in(cast.eto)
    for number in range(2):
        client.get(picture_address(first, number))

    answer = post_confirm(client, first)

    assert (answer.status_code, answer["Location"]) == (302, address("page", second))
    entry = RosterEntry.objects.get(id=first.entry_id)
    assert (entry.state, str(entry.confirmed_on)) == ("verified", "2026-11-24")
    assert "済にしました" in client.get(answer["Location"]).content.decode()


@pytest.mark.shows("001-27")
def test_what_blocks_a_confirmation_is_said_and_ticks_stay(cast: Cast, sign_in: SignIn) -> None:
    case = waiting(cast)

    answer = post_confirm(sign_in(cast.eto), case)

    text = answer.content.decode()
    assert answer.status_code == 409
    assert "まだ開いていない写真が2枚あります" in text
    assert 'name="self.number.equal" form="confirm" checked' in text
    assert 'value="2031-04-02"' in text
    assert RosterEntry.objects.get(id=case.entry_id).state == "submitted"


def test_by_htmx_only_the_words_come_back(cast: Cast, sign_in: SignIn) -> None:
    case = waiting(cast)
    client = sign_in(cast.eto)
    values = {"submission": str(case.submission_id)} | CONFIRMED_ON | CARD_ANSWERS

    refused = client.post(address("confirm", case), values, headers={"HX-Request": "true"})
    for number in range(2):
        client.get(picture_address(case, number))
    done = client.post(address("confirm", case), values, headers={"HX-Request": "true"})

    assert refused.status_code == 409
    assert "WF-C505" in refused.content.decode()
    assert "<html" not in refused.content.decode()
    assert done["HX-Redirect"] == reverse("desk:verification.queue")


@pytest.mark.parametrize(("text", "status"), [("R13.4.2", 302), ("令和13年4月2日", 302), ("いつか", 422)])
def test_days_are_read_as_they_are_printed(cast: Cast, sign_in: SignIn, text: str, status: int) -> None:
    case = waiting(cast)
    client = sign_in(cast.eto)
    for number in range(2):
        client.get(picture_address(case, number))

    answer = post_confirm(client, case, **{"self.number_card.expires": text})

    assert answer.status_code == status


def test_the_second_checker_is_announced(cast: Cast, sign_in: SignIn) -> None:
    case = waiting(cast, second_check=True)
    client = sign_in(cast.eto)
    for number in range(2):
        client.get(picture_address(case, number))

    assert "責任者の岡田 修さんに回ります" in client.get(address("page", case)).content.decode()
    post_confirm(client, case)

    assert "一人目の確認は、あなたが済ませました" in client.get(address("page", case)).content.decode()
    assert "二人目の確認です" in sign_in(cast.okada).get(address("page", case)).content.decode()


def test_sending_back_by_dialog_or_page(cast: Cast, sign_in: SignIn) -> None:
    case = waiting(cast)
    client = sign_in(cast.eto)

    assert "ぼやけている" in client.get(address("send_back", case)).content.decode()
    refused = client.post(address("send_back", case), {"submission": str(case.submission_id)})
    answer = client.post(
        address("send_back", case),
        {
            "submission": str(case.submission_id),
            "reasons": ["blurred"],
            "documents": [str(case.document_ids[0])],
            "words": "裏をお願いします",
        },
    )

    assert refused.status_code == 422
    assert (answer.status_code, answer["Location"]) == (302, reverse("desk:verification.queue"))
    assert Submission.objects.get(id=case.submission_id).state == "sent_back"


def test_own_words_with_a_number_are_not_sent(cast: Cast, sign_in: SignIn) -> None:
    case = waiting(cast)
    values = {"submission": str(case.submission_id), "reasons": ["blurred"], "words": f"番号 {DIGITS}"}

    answer = sign_in(cast.eto).post(address("send_back", case), values)

    assert answer.status_code == 422
    assert "WF-C512" in answer.content.decode()


# The queue


def test_the_queue_leads_to_whoever_waits_longest(cast: Cast, sign_in: SignIn) -> None:
    waiting(cast, submitted_at=MORNING - timedelta(hours=1))
    oldest = waiting(cast, person=cast.okada, base="42345678904", submitted_at=MORNING - timedelta(hours=2))

    answer = sign_in(cast.eto).get(reverse("desk:verification.queue"))

    assert answer["Location"] == address("page", oldest)


def test_an_empty_queue_says_what_will_stand_there(cast: Cast, sign_in: SignIn) -> None:
    waiting(cast, person=cast.eto)

    answer = sign_in(cast.eto).get(reverse("desk:verification.queue"))

    assert answer.status_code == 200
    assert "待っている人はいません" in answer.content.decode()


def test_neighbours_are_one_key_away(cast: Cast, sign_in: SignIn) -> None:
    first = waiting(cast, submitted_at=MORNING - timedelta(hours=3))
    second = waiting(cast, person=cast.okada, base="42345678904", submitted_at=MORNING - timedelta(hours=2))

    text = sign_in(cast.eto).get(address("page", second)).content.decode()

    assert f'rel="prev" data-key="p" href="{address("page", first)}"' in text
    assert 'rel="next"' not in text
    assert "本人確認 2人中 2人目" in text


def test_the_same_number_elsewhere_is_a_warning(cast: Cast, sign_in: SignIn) -> None:
    case = waiting(cast)
    waiting(cast, person=cast.okada)

    assert "同じ番号が、ほかの人にも登録されています" in sign_in(cast.eto).get(address("page", case)).content.decode()


@pytest.mark.shows("J-07")
def test_look_alike_characters_are_hinted_at(cast: Cast, sign_in: SignIn) -> None:
    case = waiting(cast, family_name="髙橋")

    text = sign_in(cast.eto).get(address("page", case)).content.decode()

    assert "似た字に注意" in text
    assert "名簿の氏名と、本人が入れた氏名がちがいます" in text


def test_an_unreadable_picture_is_told_and_not_offered(cast: Cast, sign_in: SignIn) -> None:
    case = waiting(cast)
    Document.objects.filter(id=case.document_ids[0]).update(state="unreadable")

    text = sign_in(cast.eto).get(address("page", case)).content.decode()

    assert "撮り直しを頼んでください" in text
    assert picture_address(case, 0) not in text


def test_what_was_sent_back_is_shown_without_its_pictures(cast: Cast, sign_in: SignIn) -> None:
    case = waiting(cast)
    Submission.objects.filter(id=case.submission_id).update(state="sent_back")

    text = sign_in(cast.eto).get(address("page", case)).content.decode()

    assert "いまは確認を待っていません" in text
    assert picture_address(case, 0) not in text
    assert "data-reveal" not in text


def test_an_entry_without_submission_is_not_found(cast: Cast, sign_in: SignIn) -> None:
    assert sign_in(cast.eto).get(reverse("desk:verification.page", args=[uuid4()])).status_code == 404


@pytest.mark.shows("I-10")
def test_a_witness_is_asked_for_without_an_identity_paper(cast: Cast, sign_in: SignIn) -> None:
    case = waiting(cast, pictures=(("number_card", "back"),))
    client = sign_in(cast.eto)
    client.get(picture_address(case))

    text = client.get(address("page", case)).content.decode()
    assert "雇用関係から本人と明らか" in text
    assert text.count('form="confirm" class="input" id="id_witness"') + text.count('name="witness" form="confirm"') >= 1
    answer = post_confirm(client, case, witness="江藤 栄", event="入社の日に対面で")

    assert answer.status_code == 302


def test_pictures_that_no_item_asks_for_are_shown_too(cast: Cast, sign_in: SignIn) -> None:
    case = waiting(cast)
    extra = attach(Submission.objects.get(id=case.submission_id), paper="passport", side="front")

    text = sign_in(cast.eto).get(address("page", case)).content.decode()

    assert "そのほかの写真" in text
    assert str(extra) in text
