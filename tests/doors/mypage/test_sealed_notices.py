"""The pages on which a person opens a sealed notice, and the door where the first password is typed."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.cast import MORNING, Cast
from tests.doors.conftest import SignIn, signed_in_client
from tests.rooms.credentials.test_sealed_notices import issue
from warifu.credentials.models import NoticeLook

pytestmark = pytest.mark.django_db
VALUE = re.compile(r'value="((?:[A-Z3-9]{4}-){2}[A-Z3-9]{4})"')


@pytest.fixture(autouse=True)
def _morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: MORNING)


@pytest.mark.shows("002-28", "002-29", "002-35", "L-07")
def test_it_is_found_in_the_list_opened_and_typed_at_the_door(cast: Cast) -> None:
    notice_id = issue(cast)
    okada = signed_in_client(cast.okada, at=MORNING)
    assert "職員ID i002 の初期パスワード" in okada.get("/my/sealed-notices/").content.decode()
    page = okada.get(f"/my/sealed-notices/{notice_id}/").content.decode()
    assert "2026-12-04T00:00:00+09:00" in page
    answer = okada.post(f"/my/sealed-notices/{notice_id}/open/")
    assert answer.headers["Cache-Control"] == "no-store"
    found = VALUE.search(answer.content.decode())
    assert found
    given = {"organisation": "aoba", "identifier": "i002", "password": found[1]}
    there = Client().post("/first/", given)
    assert re.fullmatch(r"/a/[^/]+/password/", there.headers["Location"])
    assert found[1] not in okada.get(f"/my/sealed-notices/{notice_id}/").content.decode()


@pytest.mark.shows("L-25")
def test_it_asks_for_the_password_again_before_it_opens(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    notice_id = issue(cast)
    okada = signed_in_client(cast.okada, at=MORNING)
    monkeypatch.setattr(timezone, "now", lambda: MORNING + timedelta(minutes=6))
    answer = okada.post(f"/my/sealed-notices/{notice_id}/open/")
    assert answer.headers["Location"].startswith("/relogin/")
    assert not NoticeLook.objects.exists()


@pytest.mark.shows("002-30")
def test_after_the_window_it_says_how_to_get_a_new_one(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    notice_id = issue(cast)
    late = MORNING + timedelta(days=10)
    monkeypatch.setattr(timezone, "now", lambda: late)
    okada = signed_in_client(cast.okada, at=late)
    page = okada.get(f"/my/sealed-notices/{notice_id}/").content.decode()
    assert "出し直しを依頼" in page
    assert "封を開く" not in page
    assert okada.post(f"/my/sealed-notices/{notice_id}/open/").status_code == 410


@pytest.mark.shows("L-10")
def test_a_wrong_first_password_keeps_what_was_typed_but_the_password(cast: Cast) -> None:
    given = {"organisation": "aoba", "identifier": "i002", "password": "AAAA-BBBB-CCCC"}
    answer = Client().post("/first/", given)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert 'value="i002"' in text
    assert "はじめの設定に進めませんでした。" in text


@pytest.mark.shows("J-12")
def test_the_office_writes_its_own_days_into_the_calendar(cast: Cast, sign_in: SignIn) -> None:
    aoki = signed_in_client(cast.aoki, at=MORNING)
    form = {"day_year": "2026", "day_month": "11", "day_day": "26", "is_open": "closed", "name": "創立記念日"}
    assert aoki.post("/desk/calendar/", form).status_code == 302
    page = aoki.get("/desk/calendar/").content.decode()
    assert "創立記念日" in page
    assert "11/27" in page
    again = aoki.post("/desk/calendar/", form | {"day_day": "22"})
    assert again.status_code == 422
    assert aoki.post("/desk/calendar/2026-11-26/forget/").status_code == 302
    assert "創立記念日</td>" not in aoki.get("/desk/calendar/").content.decode()


def test_the_office_issues_a_notice_and_sees_who_opened_it(cast: Cast) -> None:
    aoki = signed_in_client(cast.aoki, at=MORNING)
    form = {
        "lets_in": str(cast.inoue.id),
        "opener": str(cast.okada.id),
        "subject": "職員ID i002",
        "starts_on_year": "2026",
        "starts_on_month": "12",
        "starts_on_day": "1",
    }
    assert aoki.post("/desk/sealed-notices/issue/?q=i002", form).headers["Location"] == "/desk/sealed-notices/"
    assert "職員ID i002" in aoki.get("/desk/sealed-notices/?q=いのうえ").content.decode()
    assert "職員ID i002" not in aoki.get("/desk/sealed-notices/?q=山田").content.decode()
