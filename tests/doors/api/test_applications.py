"""An application through the API from draft to user IDs, and a card from registration to use (D)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from tests.cast import MORNING, Cast
from tests.doors.api.conftest import OF_OPERATOR, Program, head_of
from tests.rooms.applications.office import Office, form, open_office
from tests.rooms.licences.shop import new_card, open_shop
from warifu.applications.models import Application
from warifu.credentials.actions import tokens
from warifu.credentials.models import Token
from warifu.foundation.actor import Role
from warifu.licences.actions import proofs
from warifu.licences.models import Licence, StartOfUse
from warifu.licences.rules.codes import Code
from warifu.organisations.models import Member

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Office:
    """The operator's office, on the morning of the cast."""
    monkeypatch.setattr(timezone, "now", lambda: MORNING)
    return open_office()


def begun(ours: Program, office: Office, **values: Any) -> str:
    """A draft with a whole form; its address."""
    made = ours.post("/applications", {"scheme": str(office.scheme), "procedure": "user_codes", "operation": "add"})
    at = f"/applications/{made.json()['id']}"
    assert ours.put(at, {"version": 1, "values": {**form(), **values}}).json() == {"version": 2}
    return at


@pytest.mark.shows("002-18", "002-31")
def test_from_draft_to_user_ids_without_secrets(program: Callable[..., Program], office: Office) -> None:
    ours, theirs = program(), program(*OF_OPERATOR, by=head_of(office))
    at = begun(ours, office)
    assert ours.get(f"{at}/outlook").json() == {"faults": [], "user_ids": ["1ANACA0A", "1ANACA0B"]}
    receipt = ours.post(f"{at}/submit", {"version": 2}).json()["receipt"]
    assert theirs.get("/review/applications").json()["applications"][0]["receipt"] == receipt
    queued = f"/review{at}"
    assert theirs.post(f"{queued}/approve", {"confirmed_start": "2026-12-10"}).json()["code"] == "WF-U301"
    assert theirs.post(f"{queued}/take").json()["state"] == "in_review"
    assert theirs.post(f"{queued}/approve", {"confirmed_start": "2026-12-15"}).status_code == 200
    found = ours.get(at).json()
    assert (found["state"], found["confirmed_start"]) == ("approved", "2026-12-15")
    assert found["user_ids"] == ["1ANACA0A", "1ANACA0B"]
    assert "password" not in str(found)
    assert [one["user_id"] for one in ours.get("/user-ids").json()["user_ids"]] == found["user_ids"]
    assert ours.get("/bills/2026-12-15").json()["total"] == 5_000


@pytest.mark.shows("002-24")
def test_it_is_asked_back_answered_held_and_rejected(program: Callable[..., Program], office: Office) -> None:
    ours, theirs = program(), program(*OF_OPERATOR, by=head_of(office))
    at = begun(ours, office)
    ours.post(f"{at}/submit", {"version": 2})
    theirs.post(f"/review{at}/take")
    assert theirs.post(f"/review{at}/ask", {"comments": {}}).json()["code"] == "WF-U402"
    assert theirs.post(f"/review{at}/ask", {"comments": {"reason": "くわしく"}}).json()["state"] == "sent_back"
    assert ours.get(at).json()["comments"][0]["words"] == "くわしく"
    assert ours.post(f"{at}/submit", {"version": 2}).status_code == 200
    for verb, state in (("take", "in_review"), ("hold", "on_hold"), ("take", "in_review"), ("reject", "rejected")):
        body = {"reason": "対象外"} if verb in ("hold", "reject") else None
        assert theirs.post(f"/review{at}/{verb}", body).json()["state"] == state
    assert ours.post(f"{at}/withdraw").json()["code"] == "WF-U301"


def test_what_is_the_matter_is_said_with_codes_and_nothing_is_overwritten(
    program: Callable[..., Program], office: Office
) -> None:
    ours = program()
    at = begun(ours, office, reason="", desired_start="9999-12-31", lines=[
        {"user_code": "<b>", "industries": ["pirates"], "method": "fax", "count": -1}])  # fmt: skip
    codes = {fault["refusal"]["code"] for fault in ours.get(f"{at}/outlook").json()["faults"]}
    assert codes == {"WF-P310", "WF-P323", "WF-P333", "WF-P334", "WF-P335", "WF-P336"}
    assert ours.post(f"{at}/submit", {"version": 2}).json()["code"] == "WF-U303"
    assert ours.put(at, {"version": 1, "values": {"reason": "x"}}).json()["code"] == "WF-U302"
    for values in ({"lines": "x"}, {"lines": [{"count": "x"}]}, {"person": {"age": 1}}, {"settings": {"a": 1}}):
        assert ours.put(at, {"version": 2, "values": values}).json()["code"] == "WF-P422"
    nothing = ours.put(at, {"version": 2, "values": {"reason": "a\x00b"}})
    assert nothing.status_code < 500
    assert Application.objects.get().state == "draft"


def test_a_program_does_no_more_than_who_issued_it_may_do_now(
    cast: Cast, program: Callable[..., Program], office: Office
) -> None:
    with pytest.raises(tokens.ScopeUnknown):
        program("applications:review")
    ours = program("applications:write")
    Member.objects.filter(id=cast.aoki.id).update(roles=int(Role.EMPLOYEE))
    body = {"scheme": str(office.scheme), "procedure": "user_codes", "operation": "add"}
    assert ours.post("/applications", body).json()["code"] == "WF-O101"
    assert not Application.objects.exists()
    assert Token.objects.count() == 1


@pytest.mark.shows("000-7", "000-11", "000-21")
def test_a_card_is_registered_and_started_without_a_browser(program: Callable[..., Program], office: Office) -> None:
    shop = open_shop(kato=office.kato)
    card, ours = new_card(shop), program()
    wrong = ours.post("/registrations", {"number": card.number, "confirmation": card.support})
    assert wrong.json()["code"] == "WF-L102"
    found = ours.post("/registrations", {"number": card.number, "confirmation": card.registering}).json()
    company = {"name": "桧商事", "person": "桧 花子", "mail": "hanako@hinoki.example", "phone": "03-1234-5678"}
    done = {
        "token": found["token"],
        "terms": [one["id"] for one in found["terms"]],
        "company": company,
        "support_confirmation": card.support,
    }
    assert ours.post("/registrations/complete", {**done, "terms": []}).json()["code"] == "WF-L205"
    assert ours.post("/registrations/complete", done).json() == {"done": True}
    key = proofs.of_row(kind=Code.KEY, row_id=Licence.objects.get().id)
    start = {"number": card.number, "key": key, "product": str(shop.product), "issued_to": "AOBA"}
    assert ours.post("/starts", start).json() == {"done": True}
    assert StartOfUse.objects.get().is_shared
    assert ours.post("/starts", start).json()["code"] == "WF-L303"


def test_the_days_are_planned_and_impossible_ones_refused(program: Callable[..., Program], office: Office) -> None:
    ours = program()
    found = ours.get("/application-days", decided="2026-12-02", start="2026-12-10").json()
    assert (found["settings_deadline"], found["secret_visible_until"]) == ("2026-12-04", "2026-12-14")
    for decided, start, code in (
        ("2026-12-02", "2026-12-03", "WF-U101"),
        ("2026-12-02", "2099-12-03", "WF-P323"),
        ("2026-02-30", "2026-12-03", "WF-P422"),
        ("9999-12-31", "9999-12-31", "WF-P422"),
    ):
        assert ours.get("/application-days", decided=decided, start=start).json()["code"] == code
