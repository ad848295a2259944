"""The days of an application, as a page, a file and a feed (B4)."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone

from tests.cast import MORNING, Cast
from tests.doors.conftest import signed_in_client
from tests.rooms.applications.office import Office, draft, open_office, submitted

pytestmark = pytest.mark.django_db
SEED = {
    "decided_year": "2024", "decided_month": "12", "decided_day": "2",
    "start_year": "2024", "start_month": "12", "start_day": "10",
}  # fmt: skip


@pytest.fixture
def office(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Office:
    """The operator's office, on the morning of the cast."""
    monkeypatch.setattr(timezone, "now", lambda: MORNING)
    return open_office()


@pytest.fixture
def aoki(cast: Cast, office: Office) -> Client:
    """Aoki at the browser."""
    return signed_in_client(cast.aoki, at=MORNING)


def days_in(calendar: bytes) -> list[str]:
    return sorted(re.findall(r"DTSTART;VALUE=DATE:(\d{8})", calendar.decode()))


class TestPlanner:
    @pytest.mark.shows("002-30", "002-36")
    def test_it_tells_the_seeds_own_days_and_gives_them_as_a_file(self, aoki: Client) -> None:
        page = aoki.get("/desk/applications/planner/", SEED).content.decode()
        for day in ("2024/12/2(月)", "2024/12/4(水)", "2024/12/10(火)", "2024/12/12(木)"):
            assert day in page
        file = aoki.get("/desk/applications/planner.ics", SEED)
        assert file.headers["Content-Type"] == "text/calendar; charset=utf-8"
        assert days_in(file.content) == ["20241202", "20241204", "20241210", "20241210", "20241212"]

    def test_it_begins_with_the_next_business_day_and_the_earliest_start(self, aoki: Client) -> None:
        page = aoki.get("/desk/applications/planner/").content.decode()
        assert 'value="25"' in page
        assert "ファイル（.ics）" not in page

    def test_a_start_that_is_too_early_names_the_first_good_one(self, aoki: Client) -> None:
        early = SEED | {"start_day": "5"}
        answer = aoki.get("/desk/applications/planner/", early)
        assert (answer.status_code, "2024-12-06" in answer.content.decode()) == (422, True)
        assert aoki.get("/desk/applications/planner.ics", early).status_code == 302

    @pytest.mark.parametrize("words", [{"decided_year": "x"}, {"start_year": "9999", "start_month": "99"}, {"q": "1"}])
    def test_nonsense_is_no_fault_of_the_server(self, words: dict[str, str], aoki: Client) -> None:
        assert aoki.get("/desk/applications/planner/", words).status_code in (200, 422)


class TestPage:
    def test_it_tells_assumed_days_as_assumed_and_offers_both_ways(
        self, cast: Cast, aoki: Client, office: Office
    ) -> None:
        application_id = submitted(cast, office)
        page = aoki.get(f"/desk/applications/{application_id}/dates/").content.decode()
        for words in (
            "まだ決まっていません",
            "11/25(水)",
            "12/4(金)",
            "12/10(木)",
            "12/14(月)",
            "配信のアドレスを作る",
        ):
            assert words in page
        file = aoki.get(f"/desk/applications/{application_id}/dates/warifu.ics").content
        assert days_in(file) == ["20261125", "20261204", "20261210", "20261210", "20261214"]

    def test_a_draft_without_a_day_says_what_is_missing(self, cast: Cast, aoki: Client, office: Office) -> None:
        application_id = draft(cast, office, desired_start="")
        page = aoki.get(f"/desk/applications/{application_id}/dates/").content.decode()
        assert "利用開始希望日を入れると" in page


class TestShare:
    def test_the_address_is_shown_once_works_without_signing_in_and_dies_when_ended(
        self, cast: Cast, aoki: Client, office: Office
    ) -> None:
        at = f"/desk/applications/{submitted(cast, office)}/dates/"
        shown = re.search(
            r'value="https?://[^/]+(/calendar/[\w-]{43}\.ics)"', aoki.post(f"{at}share/").content.decode()
        )
        assert shown
        assert shown[1] not in aoki.get(at).content.decode()
        feed = Client().get(shown[1])
        assert (feed.status_code, feed.headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
        assert days_in(feed.content) == ["20261125", "20261204", "20261210", "20261210", "20261214"]
        for private in ("青木", "岡田", "青葉", "a001@"):
            assert private not in feed.content.decode()
        assert Client().head(shown[1]).status_code == 200
        assert aoki.post(f"{at}unshare/").status_code == 302
        assert Client().get(shown[1]).status_code == 404
        assert Client().get("/calendar/nothing.ics").status_code == 404
