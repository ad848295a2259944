"""請求予定 for the applicant and the operator (002-7, B5)."""

from __future__ import annotations

import pytest
from django.utils import timezone

from tests.cast import MORNING, Cast
from tests.doors.conftest import signed_in_client
from tests.rooms.applications.office import Office, open_office, submitted
from tests.rooms.applications.test_procedures import decide
from warifu.applications.models import Charge, CodeOption, PlanTerm, Price, UserCode

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Office:
    """The operator's office; Aoba has one code from December on."""
    monkeypatch.setattr(timezone, "now", lambda: MORNING)
    office = open_office()
    decide(submitted(cast, office), office)
    return office


@pytest.mark.shows("002-7")
def test_a_month_is_shown_planned_and_downloaded(cast: Cast, office: Office) -> None:
    aoki = signed_in_client(cast.aoki, at=MORNING)
    assert "この月の請求はありません" in aoki.get("/desk/billing/").content.decode()
    assert "5,000円" in aoki.get("/desk/billing/?month=2026-12").content.decode()
    change = {"plan": "B", "from_month": "2027-01-01"}
    assert aoki.post(f"/desk/billing/plan/{office.scheme}/", change).status_code == 302
    code = UserCode.objects.get()
    options = f"/desk/billing/codes/{code.id}/"
    refused = aoki.post(options, {"keeps_bonded_data": "on", "from_month": "2027-01-01"})
    assert refused.status_code == 422
    assert "WF-P353" in refused.content.decode()
    assert aoki.post(options, {"paid_statistics": "on", "from_month": "2027-01-01"}).status_code == 302
    text = b"".join(aoki.get("/desk/billing/download/?month=2027-01").streaming_content).decode()  # type: ignore[attr-defined]
    assert '"2027-01","株式会社青葉商会","管理統計資料（有料）","1ANAC","1","1000","1000"' in text
    assert '"2027-01","株式会社青葉商会","基本料","","1","0","0"' in text


def test_the_operator_sees_everybody_sets_prices_and_adds_lines(cast: Cast, office: Office) -> None:
    kato = signed_in_client(office.kato, at=MORNING)
    assert "株式会社青葉商会" in kato.get("/review/billing/?month=2026-12&q=1anac").content.decode()
    prices = f"/review/billing/prices/{office.scheme}/"
    price = {"item": "base", "plan": "A", "amount": "6000", "from_month": "2027-01-01", "source": "理事会"}
    assert kato.post(prices, price).status_code == 302
    assert "理事会" in kato.get(prices).content.decode()
    bill = f"/review/billing/{cast.aoba}/2027-01/"
    assert kato.post(bill, {"item": "利用料", "detail": "1,200件", "amount": "24000"}).status_code == 302
    text = b"".join(kato.get("/review/billing/download/?month=2027-01").streaming_content).decode()  # type: ignore[attr-defined]
    assert '"基本料","","1","6000","6000"' in text
    assert '"利用料","1,200件","1","24000","24000"' in text


def test_bad_amounts_months_and_words_are_refused_at_their_field(cast: Cast, office: Office) -> None:
    kato, aoki = signed_in_client(office.kato, at=MORNING), signed_in_client(cast.aoki, at=MORNING)
    before = Price.objects.count()
    price = {"item": "base", "plan": "A", "amount": "1", "from_month": "2027-01-01"}
    for bad, code in (
        ({"amount": "-1"}, "WF-P355"),
        ({"amount": "1.5"}, "WF-P355"),
        ({"amount": "9" * 60}, "WF-P355"),
        ({"amount": ""}, "WF-P355"),
        ({"amount": "千円"}, "WF-P355"),
        ({"source": "<b>"}, "WF-P313"),
        ({"source": "😀"}, "WF-P312"),
        ({"from_month": "2026-01-01"}, ""),
        ({"item": "x"}, ""),
        ({"plan": "C"}, ""),
    ):
        answer = kato.post(f"/review/billing/prices/{office.scheme}/", {**price, **bad})
        assert (answer.status_code, code in answer.content.decode()) == (422, True), bad
    for bad in ({"item": "", "amount": "1"}, {"item": "x", "amount": "-1"}, {"item": "a\x00", "amount": "1"}):
        assert kato.post(f"/review/billing/{cast.aoba}/2027-01/", bad).status_code == 422
    for month in ("x", "9999-99", "0000-00", "9999-12", "<b>", "2026-13"):
        assert aoki.get("/desk/billing/", {"month": month}).status_code == 200
        assert kato.get("/review/billing/", {"month": month}).status_code == 200
    assert Price.objects.count() == before
    assert not Charge.objects.exists()
    assert not PlanTerm.objects.exists()
    assert not CodeOption.objects.exists()
