"""パスワードの再設定 at the desk: few steps, by the table, and nobody learns a password (003-7, 003-12, L-08)."""

from __future__ import annotations

import pytest
from django.utils import timezone

from tests.cast import MORNING, Cast
from tests.doors.conftest import SignIn
from tests.rooms.credentials.office import Office, make_office, set_password
from warifu.credentials.models import Activation
from warifu.notices import queries as letters

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: MORNING)


@pytest.fixture
def office(db: None) -> Office:
    """Okada's office, where everybody has chosen a password."""
    made = make_office()
    for actor in (made.head, made.staff, made.customer):
        set_password(made, actor)
    return made


@pytest.mark.shows("003-12", "L-08")
def test_list_person_start_done(office: Office, sign_in: SignIn) -> None:
    konishi = sign_in(office.staff)
    address = f"/desk/resets/{office.customer.id}/"
    assert address in konishi.get("/desk/resets/?q=サノ").content.decode()
    page = konishi.get(address).content.decode()
    assert "再設定を始める" in page
    assert 'type="password"' not in page
    before = Activation.objects.count()
    answer = konishi.post(f"{address}start/", follow=True)
    assert "佐野さんに、パスワードを決め直すリンクを送ります" in answer.content.decode()
    assert "/a/" not in answer.content.decode()  # whoever starts it never sees the link
    assert Activation.objects.count() == before + 1
    assert letters.letters_of(organisation_id=office.id)[0].kind == "reset"


@pytest.mark.shows("003-7")
def test_the_page_says_who_can_help_instead(office: Office, sign_in: SignIn) -> None:
    for actor, target, helpers in (
        (office.it, office.head, "所長・管理者"),
        (office.it, office.payroll, "所長・管理者"),
        (office.staff, office.kuno, "所長・管理者・IT担当者"),
    ):
        client = sign_in(actor)
        content = client.get(f"/desk/resets/{target.id}/").content.decode()
        assert f"助けられる人: {helpers}" in content
        assert "再設定を始める</h2>" not in content
        before = Activation.objects.count()
        for verb in ("start", "slip"):
            answer = client.post(f"/desk/resets/{target.id}/{verb}/")
            assert (answer.status_code, "WF-S720" in answer.content.decode()) == (403, True)
        assert Activation.objects.count() == before


def test_the_head_is_told_of_the_self_reset(office: Office, sign_in: SignIn) -> None:
    okada = sign_in(office.head)
    assert "パスワードを忘れた" in okada.get(f"/desk/resets/{office.head.id}/").content.decode()
    assert "WF-S721" in okada.post(f"/desk/resets/{office.head.id}/start/").content.decode()


def test_a_slip_is_shown_once(office: Office, sign_in: SignIn) -> None:
    answer = sign_in(office.staff).post(f"/desk/resets/{office.customer.id}/slip/")
    content = answer.content.decode()
    assert "パスワードを決め直すための紙です" in content
    assert "http://localhost:8000/a/" in content
    assert answer.headers["Cache-Control"].startswith("no-store") or "no-store" in answer.headers["Cache-Control"]


def test_customers_and_payroll_without_staff_have_no_such_page(office: Office, cast: Cast, sign_in: SignIn) -> None:
    assert sign_in(office.customer).get("/desk/resets/").status_code == 403
    assert sign_in(cast.aoki).get(f"/desk/resets/{office.staff.id}/").status_code == 404


@pytest.mark.shows("003-7")
def test_the_table_stands_on_the_permission_page_of_offices(office: Office, cast: Cast, sign_in: SignIn) -> None:
    content = sign_in(office.it).get("/desk/permissions/").content.decode()
    assert "だれがだれのパスワードの再設定を始められるか" in content
    assert "職員・顧客・従業員" in content
    assert "だれがだれの" not in sign_in(cast.aoki).get("/desk/permissions/").content.decode()
