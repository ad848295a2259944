"""The applicant's wizard (002-7 … 002-35)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.cast import MORNING, Cast
from tests.doors.conftest import signed_in_client
from tests.rooms.applications.office import Office, open_office, submitted
from warifu.applications.actions import review
from warifu.applications.models import Application

pytestmark = pytest.mark.django_db
LINE = {"user_code": "追加1", "shares_sign_on": "no", "method": "net", "count": "1"}


@pytest.fixture
def office(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Office:
    """The operator's office, on the morning of the cast."""
    monkeypatch.setattr(timezone, "now", lambda: MORNING)
    return open_office()


@pytest.fixture
def aoki(cast: Cast, office: Office) -> Client:
    """Aoki at the browser."""
    return signed_in_client(cast.aoki, at=MORNING)


def lines(*industries: str) -> dict[str, object]:
    found: dict[str, object] = {"lines": str(len(industries))}
    for place, industry in enumerate(industries):
        found |= {f"line{place}-{name}": value for name, value in LINE.items()}
        found[f"line{place}-industries"] = [industry]
    return found


class TestWizard:
    @pytest.mark.shows("002-9", "002-10", "002-11", "002-12", "002-13", "002-15", "002-16", "002-18", "002-21")
    def test_it_goes_from_start_to_receipt_and_back_loses_nothing(self, aoki: Client, office: Office) -> None:
        begin = aoki.get("/desk/applications/start/").content.decode()
        assert "用意するもの" in begin
        assert "いちばん早い利用開始日は11/30(月)" in begin
        start = aoki.post("/desk/applications/start/", {"scheme": str(office.scheme), "operation": "add"})
        at = start.headers["Location"].removesuffix("operation/")
        given = {"desired_start_year": "2026", "desired_start_month": "12", "desired_start_day": "10"}
        step = aoki.post(f"{at}operation/", {"version": "1", "reason": "通関業を始めるため", **given})
        assert step.headers["Location"] == f"{at}person/"
        assert 'value="青木 葵"' in aoki.get(f"{at}person/").content.decode()
        people = {"person_name": "青木 葵", "person_mail": "a001@example.jp"}
        people |= {"manager_name": "岡田 修", "manager_mail": "o004@example.jp"}
        assert aoki.post(f"{at}person/", {"version": "2", **people}).headers["Location"] == f"{at}codes/"
        wanted = {"version": "3", **lines("customs", "consolidation")}
        assert aoki.post(f"{at}codes/", wanted).headers["Location"] == f"{at}settings/"
        page = aoki.get(f"{at}codes/").content.decode()
        assert "1ANACA0A" in page
        assert "1ANACA0B" in page
        tabs = {"追加1:name": "青葉商会", "追加1:customs": "標準", "追加1:consolidation": "標準"}
        assert aoki.post(f"{at}settings/", {"version": "4", **tabs}).headers["Location"] == f"{at}review/"
        assert "通関業を始めるため" in aoki.get(f"{at}operation/").content.decode()
        done = aoki.post(f"{at}review/", {"version": "5"})
        assert done.headers["Location"] == at
        assert re.search(r"申込み 2600001[A-Z]", aoki.get(at).content.decode())

    @pytest.mark.shows("002-17")
    def test_an_unfinished_one_is_not_sent_and_leads_to_each_fault(self, aoki: Client, office: Office) -> None:
        start = aoki.post("/desk/applications/start/", {"scheme": str(office.scheme), "operation": "add"})
        at = start.headers["Location"].removesuffix("operation/")
        answer = aoki.post(f"{at}review/", {"version": "1"})
        assert answer.status_code == 422
        text = answer.content.decode()
        for step in ("operation", "person", "codes"):
            assert f'href="{at}{step}/"' in text
        assert Application.objects.get().state == "draft"

    def test_a_second_tab_is_told_and_nothing_is_overwritten(self, aoki: Client, office: Office) -> None:
        start = aoki.post("/desk/applications/start/", {"scheme": str(office.scheme), "operation": "add"})
        at = start.headers["Location"].removesuffix("operation/")
        aoki.post(f"{at}operation/", {"version": "1", "reason": "一つ目"})
        answer = aoki.post(f"{at}operation/", {"version": "1", "reason": "二つ目"})
        assert answer.status_code == 409
        assert "WF-U302" in answer.content.decode()
        assert Application.objects.get().form["reason"] == "一つ目"

    def test_industries_that_cannot_share_say_why_and_what_would_help(self, aoki: Client, office: Office) -> None:
        start = aoki.post("/desk/applications/start/", {"scheme": str(office.scheme), "operation": "add"})
        at = start.headers["Location"].removesuffix("operation/")
        wanted = {"version": "1", "lines": "1", **{f"line0-{name}": value for name, value in LINE.items()}}
        wanted |= {"line0-industries": ["customs", "bonded"], "line0-shares_sign_on": "yes"}
        aoki.post(f"{at}codes/", wanted)
        text = aoki.get(f"{at}codes/").content.decode()
        assert "同じ群に入っていません" in text
        assert "保税蔵置場を別の行にすると" in text

    @pytest.mark.parametrize("words", [{}, {"version": "x"}, {"version": "9" * 40}, {"version": "1", "lines": "-1"}])
    def test_nonsense_is_no_fault_of_the_server(self, words: dict[str, str], aoki: Client, office: Office) -> None:
        start = aoki.post("/desk/applications/start/", {"scheme": str(office.scheme), "operation": "add"})
        at = start.headers["Location"].removesuffix("operation/")
        for step in ("operation", "person", "codes", "settings", "review"):
            assert aoki.post(f"{at}{step}/", words).status_code < 500


@pytest.mark.shows("002-28")
def test_an_approved_one_names_start_and_ids_and_leads_to_the_result(cast: Cast, aoki: Client, office: Office) -> None:
    application_id = submitted(cast, office)
    review.take(application_id=application_id, by=office.kato, at=MORNING)
    review.approve(
        application_id=application_id,
        confirmed_start=(MORNING + timedelta(days=21)).date(),
        by=office.kato,
        at=MORNING,
    )
    text = aoki.get(f"/desk/applications/{application_id}/").content.decode()
    for words in ("1ANACA0A", "12/15(火)", f'href="/desk/applications/{application_id}/result/"'):
        assert words in text


class TestEntrances:
    @pytest.mark.shows("002-1", "002-10")
    def test_each_procedure_says_what_to_prepare_and_leads_to_the_others(self, aoki: Client, office: Office) -> None:
        address = "/desk/applications/start/"
        for key, title, wanted in (
            ("", "利用者コードの申込み", "業種ごとのシステム設定"),
            ("identifications/", "識別番号の申込み", "識別番号を加える、または削除する利用者コード"),
            ("code_changes/", "利用者コードの変更・削除", "変更または削除する利用者コード"),
        ):
            text = aoki.get(address + key).content.decode()
            assert f"<h1>{title}" in re.sub(r"<h1[^>]*>", "<h1>", text)
            assert wanted in text
            assert text.count(f'href="{address}') >= 2
        assert "利用者コードがまだありません" in aoki.get(f"{address}identifications/").content.decode()
        assert aoki.get(f"{address}nothing/").status_code == 404

    @pytest.mark.shows("002-1")
    def test_numbers_are_asked_for_and_ended_by_their_own_wizard(
        self, cast: Cast, aoki: Client, office: Office
    ) -> None:
        first = submitted(cast, office)
        review.take(application_id=first, by=office.kato, at=MORNING)
        review.approve(application_id=first, confirmed_start=MORNING.replace(month=12, day=10).date(),
                       by=office.kato, at=MORNING)  # fmt: skip
        begin = {"scheme": str(office.scheme), "operation": "add"}
        start = aoki.post("/desk/applications/start/identifications/", begin)
        at = start.headers["Location"].removesuffix("operation/")
        text = aoki.get(f"{at}codes/").content.decode()
        assert "識別番号を追加する" in text
        assert "追加1" not in text
        wanted = {**lines("customs"), "line0-user_code": "1ANAC", "version": "1"}
        assert aoki.post(f"{at}codes/", wanted).headers["Location"] == f"{at}settings/"
        assert "1ANACA0C" in aoki.get(f"{at}codes/").content.decode()
        start = aoki.post("/desk/applications/start/identifications/", {**begin, "operation": "delete"})
        at = start.headers["Location"].removesuffix("operation/")
        assert "システム設定" not in re.sub(r"<[^>]+>", "", aoki.get(f"{at}codes/").content.decode())
        chosen = {"version": "1", "user_ids": ["1ANACA0B"]}
        assert aoki.post(f"{at}codes/", chosen).headers["Location"] == f"{at}review/"
        assert "1ANACA0B" in aoki.get(f"{at}review/").content.decode()


class TestOutlook:
    @pytest.mark.shows("002-14", "002-19", "002-20", "002-22")
    def test_it_follows_the_ticks_without_saving(self, aoki: Client, office: Office) -> None:
        start = aoki.post("/desk/applications/start/", {"scheme": str(office.scheme), "operation": "add"})
        at = start.headers["Location"].removesuffix("operation/")
        both = {**lines("customs"), "line0-industries": ["customs", "consolidation"]}
        apart = {**lines("customs", "bonded"), "line1-user_code": "追加2"}
        for ticked, ids in (
            (lines("customs", "consolidation"), {"1ANACA0A", "1ANACA0B"}),
            ({**both, "line0-shares_sign_on": "yes"}, {"1ANACA0A"}),
            (apart, {"1ANACA0A", "1ANADA0A"}),
        ):
            text = aoki.post(f"{at}outlook/", ticked).content.decode()
            assert set(re.findall(r"1ANA\w{4}", text)) == ids
            assert "5,000円" in text
        refused = {**both, "line0-industries": ["customs", "bonded"], "line0-shares_sign_on": "yes"}
        assert "同じ群に入っていません" in aoki.post(f"{at}outlook/", refused).content.decode()
        assert Application.objects.get().form == {}


def test_what_a_second_tab_typed_stays_on_its_screen(aoki: Client, office: Office) -> None:
    start = aoki.post("/desk/applications/start/", {"scheme": str(office.scheme), "operation": "add"})
    at = start.headers["Location"].removesuffix("operation/")
    aoki.post(f"{at}operation/", {"version": "1", "reason": "一つ目"})
    text = aoki.post(f"{at}operation/", {"version": "1", "reason": "二つ目"}).content.decode()
    assert "二つ目" in text
    assert 'name="version" value="2"' in text
    assert aoki.post(f"{at}operation/", {"version": "2", "reason": "二つ目"}).status_code == 302
