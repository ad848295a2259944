"""使える端末 at the desk and at the entrance (D)."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from tests.cast import MORNING
from tests.doors.conftest import SignIn
from tests.rooms.credentials.office import GOOD, Office, make_office, member_id, set_password
from warifu.credentials.actions import ids
from warifu.credentials.actions.ids import Order
from warifu.credentials.models import AccessKey, DeviceRestriction, Session
from warifu.organisations import actions as organisations
from warifu.web.shared.visitor import ACCESS_KEY_COOKIE

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: MORNING)


@pytest.fixture
def office(db: None) -> Office:
    """Okada's office: 小西 has an ID and a password, and staff need one stage only."""
    made = make_office()
    organisations.set_sign_in_policy(organisation_id=made.id, policy={"staff": {}}, by=made.head, at=MORNING)
    ids.issue(
        organisation_id=made.id,
        is_staff=True,
        orders=[Order(member_id=member_id(made.staff), text="okada-s005")],
        by=made.head,
        at=MORNING,
    )
    set_password(made, made.staff)
    return made


@pytest.fixture
def desk(office: Office, sign_in: SignIn) -> Client:
    """The administrator's browser."""
    return sign_in(office.administrator)


def begin(client: Client) -> object:
    data = {"organisation": "okada", "identifier": "okada-s005", "password": GOOD}
    return client.post("/signin/", data)


def restrict(office: Office, desk: Client) -> None:
    answer = desk.post(
        f"/desk/devices/{office.staff.id}/restrict/",
        {"from_day_year": "2026", "from_day_month": "11", "from_day_day": "24"},
    )
    assert answer.status_code == 302, answer.content.decode()


def link(office: Office, desk: Client) -> str:
    content = desk.post(f"/desk/devices/{office.staff.id}/key/", {"key-name": "受付のパソコン"}).content.decode()
    return content.split('value="http://localhost:8000')[1].split('"')[0]


@pytest.mark.shows("003-13", "C-08")
def test_refused_registered_let_in_and_stopped(office: Office, desk: Client) -> None:
    restrict(office, desk)
    browser = Client()
    refused = begin(browser)
    assert refused.status_code == 403  # type: ignore[attr-defined]
    assert "この端末では、okada-s005を使えません" in refused.content.decode()  # type: ignore[attr-defined]
    address = link(office, desk)
    page = browser.get(address).content.decode()
    assert "小西さん" in page
    assert "端末そのものを証明するものではない" in page
    assert AccessKey.objects.get().token_hash is None  # looking changes nothing
    taken = browser.post(f"{address}take/")
    assert taken.headers["Location"].startswith("/signin/?o=okada")
    cookie = taken.cookies[ACCESS_KEY_COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie.value not in page
    assert begin(browser).status_code == 302  # type: ignore[attr-defined]
    own = browser.get("/devices/").content.decode()
    assert "受付のパソコン" in own
    assert "この端末" in own
    key = AccessKey.objects.get()
    assert "登録済み" in desk.get(f"/desk/devices/{office.staff.id}/").content.decode()
    assert browser.get(address).status_code == 410
    assert desk.post(f"/desk/devices/key/{key.id}/stop/", {"member": str(office.staff.id)}).status_code == 302
    assert not Session.objects.filter(access_key_id=key.id, ended_at=None).exists()
    assert browser.get("/devices/").headers["Location"].startswith("/signin/")
    assert begin(browser).status_code == 403  # type: ignore[attr-defined]


def test_the_sign_in_page_prolongs_the_cookie(office: Office) -> None:
    browser = Client()
    browser.cookies[ACCESS_KEY_COOKIE] = "abc"
    answer = browser.get("/signin/")
    assert (answer.cookies[ACCESS_KEY_COOKIE].value, answer.cookies[ACCESS_KEY_COOKIE]["max-age"]) == (
        "abc",
        31_536_000,
    )


def test_a_link_opened_by_somebody_else_signed_in_signs_them_out_first(office: Office, desk: Client) -> None:
    answer = desk.post(f"{link(office, desk)}take/")
    assert answer.cookies[settings.SESSION_COOKIE].value == ""
    assert desk.get("/desk/").headers["Location"].startswith("/signin/")


def test_lists_forms_and_files(office: Office, desk: Client) -> None:
    assert "okada-s005" in desk.get("/desk/devices/?show=free").content.decode()
    restrict(office, desk)
    assert "okada-s005" in desk.get("/desk/devices/?show=waiting&q=コニシ").content.decode()
    assert '"okada-s005","職員ID","小西","2026-11-24","0",""' in b"".join(desk.get("/desk/devices/export.csv")).decode()  # type: ignore[arg-type]
    assert desk.post(f"/desk/devices/{office.staff.id}/key/", {"key-name": ""}).status_code == 422
    assert desk.post(f"/desk/devices/{office.staff.id}/restrict/", {}).status_code == 422
    link(office, desk)
    key = AccessKey.objects.get()
    desk.post(f"/desk/devices/key/{key.id}/name/", {"member": str(office.staff.id), "name": "会議室"})
    key.refresh_from_db()
    assert key.name == "会議室"
    desk.post(f"/desk/devices/{office.staff.id}/lift/")
    assert DeviceRestriction.objects.filter(until_day=None).count() == 0


def test_one_looks_after_ones_own_devices_only(office: Office, desk: Client, sign_in: SignIn) -> None:
    link(office, desk)
    key = AccessKey.objects.get()
    kuno, konishi = sign_in(office.kuno), sign_in(office.staff)
    assert kuno.post(f"/devices/{key.id}/stop/").status_code == 404
    assert kuno.post(f"/devices/{key.id}/name/", {"name": "x"}).status_code == 404
    assert konishi.post(f"/devices/{key.id}/name/", {"name": "自宅"}).status_code == 302
    assert konishi.post(f"/devices/{key.id}/stop/").status_code == 302
    key.refresh_from_db()
    assert (key.name, key.revoked_at) == ("自宅", MORNING)
