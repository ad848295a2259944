"""The reviewers' queue and what they decide (002-24 … 002-31, C1)."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from tests.cast import MORNING, Cast
from tests.doors.conftest import signed_in_client
from tests.rooms.applications.office import Office, draft, open_office, submitted
from warifu.applications.models import Application

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Office:
    """The operator's office, on the morning of the cast."""
    monkeypatch.setattr(timezone, "now", lambda: MORNING)
    return open_office()


@pytest.fixture
def kato(office: Office) -> Client:
    """A reviewer at the browser."""
    return signed_in_client(office.kato, at=MORNING)


@pytest.fixture
def waiting(cast: Cast, office: Office) -> UUID:
    """An application that waits."""
    return submitted(cast, office)


def start_on(day: str) -> dict[str, str]:
    year, month, number = day.split("-")
    return {"confirmed_start_year": year, "confirmed_start_month": month, "confirmed_start_day": number}


def test_the_queue_shows_what_was_sent_and_no_drafts(cast: Cast, kato: Client, office: Office, waiting: UUID) -> None:
    draft(cast, office)
    text = kato.get("/review/applications/").content.decode()
    assert text.count("株式会社青葉商会") == 1
    assert "株式会社青葉商会" not in kato.get("/review/applications/?state=approved").content.decode()
    assert "株式会社青葉商会" in kato.get("/review/applications/?q=青葉").content.decode()


@pytest.mark.shows("002-31")
def test_it_is_taken_and_approved_with_another_start(kato: Client, waiting: UUID) -> None:
    at = f"/review/applications/{waiting}/"
    assert "承認する" not in kato.get(at).content.decode()
    kato.post(f"{at}take/")
    text = kato.get(at).content.decode()
    assert "承認して、番号を割り当てる" in text
    assert "審査を始めました" in text
    assert kato.post(f"{at}approve/", start_on("2026-12-15")).headers["Location"] == at
    assert "1ANACA0A" in kato.get(at).content.decode()


def test_a_start_that_is_too_early_is_said_at_its_field(kato: Client, waiting: UUID) -> None:
    at = f"/review/applications/{waiting}/"
    kato.post(f"{at}take/")
    answer = kato.post(f"{at}approve/", start_on("2026-11-25"))
    assert answer.status_code == 422
    assert "いちばん早い開始日は 2026-11-30" in answer.content.decode()
    assert Application.objects.get().state == "in_review"


def test_asking_back_wants_words(kato: Client, waiting: UUID) -> None:
    at = f"/review/applications/{waiting}/"
    kato.post(f"{at}take/")
    assert kato.post(f"{at}ask/", {}).status_code == 422
    assert kato.post(f"{at}ask/", {"ask_reason": "くわしく"}).status_code == 302
    assert Application.objects.get().state == "sent_back"


def test_a_colleague_s_application_cannot_be_decided(office: Office, kato: Client, waiting: UUID) -> None:
    at = f"/review/applications/{waiting}/"
    kato.post(f"{at}take/")
    kimura = signed_in_client(office.kimura, at=MORNING)
    answer = kimura.post(f"{at}reject/", {"reject-reason": "だめ"})
    assert answer.status_code == 409
    assert "WF-U401" in answer.content.decode()
    assert Application.objects.get().state == "in_review"


def test_it_is_held_released_and_rejected(kato: Client, waiting: UUID) -> None:
    at = f"/review/applications/{waiting}/"
    for verb, words, state in (
        ("take", {}, "in_review"),
        ("hold", {"hold-reason": "照会中"}, "on_hold"),
        ("take", {}, "in_review"),
        ("release", {}, "submitted"),
        ("take", {}, "in_review"),
        ("reject", {"reject-reason": "対象外です"}, "rejected"),
    ):
        kato.post(f"{at}{verb}/", words)
        assert Application.objects.get().state == state
    assert "対象外です" in kato.get(at).content.decode()
