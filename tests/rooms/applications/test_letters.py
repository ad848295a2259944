"""The letters of an application: to the person in charge and to the responsible manager, each time (C2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from tests.cast import MORNING, Cast
from tests.rooms.applications.office import Office, form, open_office, submitted
from warifu.applications.actions import deadlines, review
from warifu.applications.models import Application
from warifu.notices import kinds, wording
from warifu.notices.models import Letter

pytestmark = pytest.mark.django_db
START = MORNING.replace(month=12, day=10)
PERSON, MANAGER = "a001@example.jp", "o004@example.jp"


@pytest.fixture
def office(cast: Cast) -> Office:
    """The operator's office."""
    return open_office()


def nothing(_office: Office, _application_id: UUID) -> None:
    """Sending itself writes the first letter."""


def ask(office: Office, application_id: UUID) -> None:
    review.take(application_id=application_id, by=office.kato, at=MORNING)
    review.send_back(application_id=application_id, comments={"reason": "くわしく"}, by=office.kato, at=MORNING)


def approve(office: Office, application_id: UUID) -> None:
    review.take(application_id=application_id, by=office.kato, at=MORNING)
    review.approve(application_id=application_id, confirmed_start=START.date(), by=office.kato, at=MORNING)


def reject(office: Office, application_id: UUID) -> None:
    review.take(application_id=application_id, by=office.kato, at=MORNING)
    review.reject(application_id=application_id, reason="書類が足りません", by=office.kato, at=MORNING)


def let_it_lapse(office: Office, application_id: UUID) -> None:
    approve(office, application_id)
    deadlines.void_due(at=MORNING + timedelta(days=11))


def let_the_window_near_its_end(office: Office, application_id: UUID) -> None:
    approve(office, application_id)
    deadlines.tell_closing(at=START + timedelta(days=1))


@pytest.mark.shows("002-18", "002-24", "002-26", "002-27", "002-28", "002-30", "J-14")
@pytest.mark.parametrize(
    ("happens", "kind", "page", "words"),
    [
        (nothing, kinds.ApplicationReceived, "", "申込みを受け付けました。"),
        (ask, kinds.ApplicationSentBack, "", "くわしく"),
        (approve, kinds.ApplicationConfirmed, "result/", "2026年12月10日"),
        (reject, kinds.ApplicationRejected, "", "書類が足りません"),
        (let_it_lapse, kinds.ApplicationVoid, "", "無効になりました"),
        (let_the_window_near_its_end, kinds.WindowClosing, "result/", "2026年12月14日"),
    ],
)
def test_each_goes_to_both_names_the_receipt_and_leads_to_the_right_page(
    happens: Callable[[Office, UUID], None],
    kind: type[kinds.Letter],
    page: str,
    words: str,
    cast: Cast,
    office: Office,
) -> None:
    application_id = submitted(cast, office)
    happens(office, application_id)
    letters = list(Letter.objects.filter(kind=kind.kind()).order_by("to_mail"))
    assert [(letter.to_mail, letter.to_name) for letter in letters] == [(PERSON, "青木 葵"), (MANAGER, "岡田 修")]
    receipt = Application.objects.get(id=application_id).receipt
    assert receipt
    for letter in letters:
        written = wording.write(kinds.from_values(letter.kind, letter.values))
        assert receipt in written.subject + written.text
        assert words in written.text
        assert f"/desk/applications/{application_id}/{page}\n" in written.text + "\n"
        assert f"{letter.to_name} 様" in written.text
        assert "1ANAC" not in written.text


def test_one_who_is_both_gets_it_once(cast: Cast, office: Office) -> None:
    submitted(cast, office, manager=form()["person"])
    assert Letter.objects.filter(kind=kinds.ApplicationReceived.kind()).count() == 1
