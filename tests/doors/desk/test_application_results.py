"""The result of an application: IDs, window, papers, checklist (002-26 … 002-36, C3, C4)."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import unquote
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from tests.cast import MORNING, Cast
from tests.doors.conftest import signed_in_client
from tests.rooms.applications.office import Office, open_office, submitted
from warifu.applications.actions import review
from warifu.applications.models import Paper

pytestmark = pytest.mark.django_db
START = MORNING.replace(month=12, day=15)


@pytest.fixture
def office(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Office:
    """The operator's office, on the morning of the cast."""
    on(MORNING, monkeypatch)
    return open_office()


@pytest.fixture
def approved(cast: Cast, office: Office) -> UUID:
    """An application of Aoki's that was approved for 15 December, five days after the wished day."""
    application_id = submitted(cast, office)
    review.take(application_id=application_id, by=office.kato, at=MORNING)
    review.approve(application_id=application_id, confirmed_start=START.date(), by=office.kato, at=MORNING)
    return application_id


def on(day: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: day)


def page(client: Client, application_id: UUID) -> str:
    return client.get(f"/desk/applications/{application_id}/result/").content.decode()


class TestPage:
    @pytest.mark.shows("002-4", "002-5", "002-28", "002-29", "002-30", "002-31", "002-35")
    def test_it_says_the_settled_start_the_ids_and_until_when_to_open(self, cast: Cast, approved: UUID) -> None:
        text = page(signed_in_client(cast.aoki, at=MORNING), approved)
        for words in ("1ANACA0A", "1ANACA0B", "12/15(火)", "希望日 12/10(木)", "12/17(木)まで開けます", "12/9(水)まで",
                      "封緘通知へ", 'data-countdown="2026-12-18T00:00:00+09:00"', "12/15(火)から出せます"):  # fmt: skip
            assert words in text
        assert "承諾通知書を出す" not in text

    @pytest.mark.shows("002-25")
    def test_the_header_names_company_and_office(self, cast: Cast, approved: UUID) -> None:
        head = page(signed_in_client(cast.aoki, at=MORNING), approved).partition("<main")[0]
        for words in ("株式会社青葉商会", "総務課・", "青木 葵", "サインアウト"):
            assert words in head

    @pytest.mark.shows("002-30", "002-36")
    def test_after_the_window_only_a_new_notice_helps(
        self, cast: Cast, approved: UUID, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        after = START.replace(day=18)
        on(after, monkeypatch)
        text = page(signed_in_client(cast.aoki, at=after), approved)
        assert "期間が過ぎたため、開けません" in text
        assert "封緘通知へ" not in text
        assert 'href="/desk/sealed-notices/issue/"' in text
        assert "data-countdown" not in text

    def test_before_the_decision_it_leads_to_the_application(self, cast: Cast, office: Office) -> None:
        application_id = submitted(cast, office)
        answer = signed_in_client(cast.aoki, at=MORNING).get(f"/desk/applications/{application_id}/result/")
        assert answer.headers["Location"] == f"/desk/applications/{application_id}/"


class TestPaper:
    @pytest.mark.shows("002-32", "002-33")
    def test_the_notice_is_refused_before_the_start_and_a_pdf_from_then_on(
        self, cast: Cast, approved: UUID, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        address = f"/desk/applications/{approved}/papers/approval/"
        early = signed_in_client(cast.aoki, at=MORNING).post(address)
        assert (early.status_code, "WF-U611" in early.content.decode()) == (409, True)
        assert not Paper.objects.exists()
        on(START, monkeypatch)
        aoki = signed_in_client(cast.aoki, at=START)
        assert "承諾通知書を出す" in page(aoki, approved)
        answer = aoki.post(address)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
        assert answer.content.startswith(b"%PDF-")
        number = Paper.objects.get().number
        assert f"契約内容変更承諾通知書_{number}.pdf" in unquote(answer.headers["Content-Disposition"])
        assert number in page(aoki, approved)

    @pytest.mark.shows("002-34")
    def test_the_form_is_there_before_the_start_and_need_not_be_posted(self, cast: Cast, approved: UUID) -> None:
        aoki = signed_in_client(cast.aoki, at=MORNING)
        assert "郵送は要りません" in page(aoki, approved)
        assert aoki.post(f"/desk/applications/{approved}/papers/form/").content.startswith(b"%PDF-")
        assert aoki.post(f"/desk/applications/{approved}/papers/nothing/").status_code == 404


class TestTick:
    def test_it_is_noted_and_taken_back(self, cast: Cast, approved: UUID) -> None:
        aoki = signed_in_client(cast.aoki, at=MORNING)
        address = f"/desk/applications/{approved}/tick/"
        assert aoki.post(address, {"item": "told", "done": "yes"}).status_code == 302
        assert "印を外す" in page(aoki, approved)
        aoki.post(address, {"item": "told", "done": "no"})
        assert "印を外す" not in page(aoki, approved)

    def test_what_the_system_sees_is_not_ticked_by_hand(self, cast: Cast, approved: UUID) -> None:
        answer = signed_in_client(cast.aoki, at=MORNING).post(
            f"/desk/applications/{approved}/tick/", {"item": "signed_in", "done": "yes"}
        )
        assert (answer.status_code, "WF-U601" in answer.content.decode()) == (422, True)
