"""Entering on a person's behalf: the desk's pages, who may, and what is refused."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from tests.cast import Cast, test_number
from tests.doors.conftest import signed_in_client
from tests.doors.mypage.test_submission import CHILD, PERSON, UUIDS, everything_stored, picture
from warifu.audit.models import Entry
from warifu.collection.actions import entries
from warifu.collection.models import RosterEntry, Submission
from warifu.foundation.days import jst_day
from warifu.foundation.masking import twelve_digit_runs
from warifu.notices.models import Letter

pytestmark = pytest.mark.django_db

DIGITS = test_number("12345678901")
OTHER = test_number("22345678901")


@pytest.fixture
def entry_id(cast: Cast, at: datetime) -> UUID:
    assert cast.inoue.id
    return entries.add(organisation_id=cast.aoba, member_id=cast.inoue.id, by=cast.aoki, at=at)


def beginning(**changed: str) -> dict[str, str]:
    today = jst_day(timezone.now())
    return {
        "channel": "telephone",
        "reason": "スマートフォンを持っていないため",
        "notice_given": "on",
        "received_on_year": str(today.year),
        "received_on_month": str(today.month),
        "received_on_day": str(today.day),
    } | changed


def begun(cast: Cast, entry_id: UUID) -> tuple[Client, str]:
    desk = signed_in_client(cast.eto)
    start = f"/desk/proxy-entry/{entry_id}"
    assert desk.post(f"{start}/", beginning())["Location"] == f"{start}/edit"
    return desk, start


@pytest.mark.shows("001-7", "001-20", "001-21")
def test_a_handler_enters_everything_and_the_person_is_told(cast: Cast, entry_id: UUID) -> None:
    desk, start = begun(cast, entry_id)
    assert desk.get(f"{start}/")["Location"] == f"{start}/edit"
    pages = [desk.get(f"{start}/edit").content.decode()]
    assert "あと" in pages[0]
    for address, data in (
        ("person", PERSON),
        ("number", {"number": DIGITS}),
        ("family", CHILD | {"number": OTHER}),
        ("papers", {"method": "number_card", "card": "number_card"}),
        ("picture", {"slot": "number.number_card.back", "of": "", "picture": picture()}),
        ("picture", {"slot": "number.number_card.front", "of": "", "picture": picture()}),
    ):
        answer = desk.post(f"{start}/{address}", data)
        assert answer.status_code == 302, answer.content.decode()
        pages.append(desk.get(f"{start}/edit").content.decode())
    assert "代わりに提出する" in pages[-1]
    assert desk.post(f"{start}/submit").status_code == 302
    assert RosterEntry.objects.get(id=entry_id).state == RosterEntry.State.SUBMITTED
    assert set(Letter.objects.values_list("kind", flat=True)) == {"receipt", "entered_for"}
    assert Entry.objects.filter(event="collection.submission.entered_for").count() == 1
    assert twelve_digit_runs(UUIDS.sub("", "\n".join(pages))) == []
    assert DIGITS not in everything_stored()


def test_it_begins_only_with_reason_channel_day_and_notice(cast: Cast, entry_id: UUID) -> None:
    desk = signed_in_client(cast.eto)
    start = f"/desk/proxy-entry/{entry_id}/"
    assert "使い道" in desk.get(start).content.decode()
    tomorrow = jst_day(timezone.now()) + timedelta(days=1)
    later = {
        "received_on_year": str(tomorrow.year),
        "received_on_month": str(tomorrow.month),
        "received_on_day": str(tomorrow.day),
    }
    for wrong in ({"reason": ""}, {"reason": DIGITS}, {"channel": "self"}, {"notice_given": ""}, later):
        assert desk.post(start, beginning(**wrong)).status_code == 422
    assert RosterEntry.objects.get().state == RosterEntry.State.LISTED


@pytest.mark.shows("I-17")
def test_what_came_by_post_keeps_its_channel_and_its_day(cast: Cast, entry_id: UUID) -> None:
    desk = signed_in_client(cast.eto)
    start = f"/desk/proxy-entry/{entry_id}"
    came = jst_day(timezone.now()) - timedelta(days=2)
    given = beginning(
        channel="postal",
        received_on_year=str(came.year),
        received_on_month=str(came.month),
        received_on_day=str(came.day),
    )
    assert desk.post(f"{start}/", given).status_code == 302
    kept = Submission.objects.get()
    assert (kept.channel, kept.received_on) == (Submission.Channel.POSTAL, came)
    page = desk.get(f"{start}/edit").content.decode()
    assert "郵送で受け取った" in page
    assert f"{came.month}/{came.day}" in page


def test_wrong_fields_come_back_with_words_and_keep_the_rest(cast: Cast, entry_id: UUID) -> None:
    desk, start = begun(cast, entry_id)
    answer = desk.post(f"{start}/person", PERSON | {"born_on_month": "13"})
    assert answer.status_code == 422
    assert 'value="千代田1-1"' in answer.content.decode()
    assert "どこかの数字が違っている" in desk.post(f"{start}/number", {"number": DIGITS[:11] + "0"}).content.decode()
    assert desk.post(f"{start}/papers", {"method": "papers"}).status_code == 422
    desk.post(f"{start}/papers", {"method": "number_card", "card": "number_card"})
    refused = desk.post(f"{start}/picture", {"slot": "number.number_card.back", "of": ""})
    assert "写真が届きませんでした" in refused.content.decode()
    assert desk.post(f"{start}/picture", {"slot": "x", "of": ""}).status_code == 404
    assert desk.post(f"{start}/submit")["Location"].endswith("#send")
    desk.post(f"{start}/number", {"number": DIGITS})
    assert "番号と同じ" in desk.post(f"{start}/family", CHILD | {"number": DIGITS}).content.decode()


def test_the_family_is_asked_for_changed_and_removed(cast: Cast, entry_id: UUID) -> None:
    desk, start = begun(cast, entry_id)
    assert desk.post(f"{start}/no-family").status_code == 302
    desk.post(f"{start}/family", CHILD)
    page = desk.get(f"{start}/edit").content.decode()
    found = re.search(rf"{start}/family/[0-9a-f-]{{36}}", page)
    assert found
    assert "直す" in page
    assert desk.get(found[0]).status_code == 200
    assert desk.post(found[0], CHILD | {"given_name": "結衣"}).status_code == 302
    assert "結衣" in desk.get(f"{start}/edit").content.decode()
    assert desk.post(f"{found[0]}/remove").status_code == 302
    assert "結衣" not in desk.get(f"{start}/edit").content.decode()


def test_the_postal_button_fills_blanks(cast: Cast, entry_id: UUID) -> None:
    desk, start = begun(cast, entry_id)
    blank = PERSON | {"go": "postal", "prefecture": "", "city": "", "street": "わたしの町"}
    assert desk.post(f"{start}/person", blank).status_code == 302
    page = desk.get(f"{start}/edit").content.decode()
    assert 'value="千代田区"' in page
    assert 'value="わたしの町"' in page


def test_only_handlers_of_the_organisation_and_only_the_one_who_began(cast: Cast, entry_id: UUID, at: datetime) -> None:
    start = f"/desk/proxy-entry/{entry_id}"
    for actor, status in ((cast.aoki, 403), (cast.inoue, 403), (cast.okada, 403), (cast.ueno, 404)):
        assert signed_in_client(actor).get(f"{start}/").status_code == status
        assert signed_in_client(actor).post(f"{start}/", beginning()).status_code == status
    assert signed_in_client(cast.eto).get(f"{start}/edit").status_code == 404
    assert RosterEntry.objects.get(id=entry_id).state == RosterEntry.State.LISTED


@pytest.mark.shows("L-25")
def test_an_old_sign_in_leads_to_signing_in_again(cast: Cast, entry_id: UUID) -> None:
    desk = signed_in_client(cast.eto, at=timezone.now() - timedelta(minutes=6))
    answer = desk.get(f"/desk/proxy-entry/{entry_id}/")
    assert answer.status_code == 302
    assert "next=" in answer["Location"]
