"""Members, handling plan, trail and tokens at the desk."""

from __future__ import annotations

import csv
import io

import pytest
from django.utils import timezone

from tests.cast import MORNING, Cast
from tests.doors.conftest import SignIn
from warifu.audit import queries as audit
from warifu.collection.queries import people, purpose_notices
from warifu.credentials.actions import tokens
from warifu.credentials.models import Token
from warifu.foundation.actor import OPERATOR, SYSTEM, Role
from warifu.foundation.days import jst_day
from warifu.foundation.purposes import Purpose
from warifu.notices import queries as letters
from warifu.organisations import actions, queries

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: MORNING)


def test_a_member_is_added_listed_for_collecting_and_mailed(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.aoki)
    data = {"family_name": "木村", "mail": "K009@example.jp", "roles": [int(Role.EMPLOYEE)], "sends_link": "on"}
    answer = client.post("/desk/members/add/", data)
    member = queries.member_by_mail(organisation_id=cast.aoba, mail="k009@example.jp")
    assert member is not None
    assert answer.headers["Location"] == f"/desk/members/{member.id}/"
    assert [letter.kind for letter in letters.letters_of(organisation_id=cast.aoba)] == ["activation"]
    entry = people.entry_of_member(organisation_id=cast.aoba, member_id=member.id, today=jst_day(MORNING))
    assert entry.name == "木村"
    again = client.post("/desk/members/add/", data)
    assert again.status_code == 422
    assert "ほかの利用者が使っています" in again.content.decode()


def test_without_an_address_nothing_is_half_done(cast: Cast, sign_in: SignIn) -> None:
    data = {"family_name": "木村", "roles": [int(Role.EMPLOYEE)], "sends_link": "on"}
    answer = sign_in(cast.aoki).post("/desk/members/add/", data)
    assert answer.status_code == 422
    assert "メールアドレスが登録されていません" in answer.content.decode()
    assert queries.find_members(organisation_id=cast.aoba, text="木村") == []


@pytest.mark.shows("V-01")
def test_new_roles_hold_from_the_next_click_on(cast: Cast, sign_in: SignIn) -> None:
    eto, aoki = sign_in(cast.eto), sign_in(cast.aoki)
    assert eto.get("/desk/verification/").status_code == 200
    answer = aoki.post(f"/desk/members/{cast.eto.id}/roles/", {"roles": [int(Role.EMPLOYEE)]})
    assert answer.status_code == 302
    assert eto.get("/desk/verification/").status_code == 403


def test_the_last_administrator_stays_one(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.aoki)
    answer = client.post(f"/desk/members/{cast.aoki.id}/roles/", {"roles": [int(Role.EMPLOYEE)]})
    assert answer.status_code == 422
    assert "管理者が一人もいなくなる" in answer.content.decode()
    left = client.post(
        f"/desk/members/{cast.aoki.id}/leave/",
        {"leaving-left_on_year": "2026", "leaving-left_on_month": "11", "leaving-left_on_day": "24"},
    )
    assert left.status_code == 422
    assert client.get("/desk/").status_code == 200


@pytest.mark.shows("L-24", "R-10")
def test_leaving_shuts_every_way_in(cast: Cast, sign_in: SignIn) -> None:
    inoue, aoki = sign_in(cast.inoue), sign_in(cast.aoki)
    answer = aoki.post(
        f"/desk/members/{cast.inoue.id}/leave/",
        {"leaving-left_on_year": "2026", "leaving-left_on_month": "11", "leaving-left_on_day": "24"},
    )
    assert answer.status_code == 302
    assert inoue.get("/my/").headers["Location"].startswith("/signin/")
    assert "2026" in aoki.get(f"/desk/members/{cast.inoue.id}/").content.decode()


@pytest.mark.shows("L-08")
def test_an_administrator_starts_a_link_and_sees_no_secret(cast: Cast, sign_in: SignIn) -> None:
    answer = sign_in(cast.aoki).post(f"/desk/members/{cast.inoue.id}/link/", follow=True)
    page = answer.content.decode()
    assert "はじめての設定のリンクを送ります" in page
    assert "/a/" not in page.replace("/a/>", "")
    assert 'name="password"' not in page


@pytest.mark.shows("P-15", "S-02")
def test_the_wizard_ends_only_when_everything_is_written_down(cast: Cast, sign_in: SignIn) -> None:
    new = actions.create(code="ebisu", name="恵比寿工業", by=OPERATOR, at=MORNING)
    boss = actions.add_member(
        organisation_id=new,
        roles=Role.ADMINISTRATOR | Role.RESPONSIBLE | Role.HANDLER,
        family_name="恵比寿",
        by=SYSTEM,
        at=MORNING,
    )
    member = queries.member(organisation_id=new, member_id=boss)
    client = sign_in(queries.actor_of(member=member, level=2))
    assert "まだ整っていません" in client.get("/desk/handling/").content.decode()
    tried = client.post("/desk/handling/review/")
    assert tried.status_code == 409
    for missing in ("利用目的", "扱うファイル", "責任者", "報告経路", "事務取扱担当者"):
        assert missing in tried.content.decode()
    assert client.post("/desk/handling/purposes/", {"purposes": ["made_up"]}).status_code == 422
    client.post("/desk/handling/purposes/", {"purposes": ["withholding_slip", "health_pension"]})
    places = {"file_names": "給与ファイル", "area": "総務", "report_route": "責任者へ"}
    client.post("/desk/handling/places/", places)
    client.post("/desk/handling/responsible/", {"responsible": str(boss)})
    assert client.post("/desk/handling/review/").status_code == 409
    assert purpose_notices.current(organisation_id=new) is None
    client.post("/desk/handling/appoint/", {"member": str(boss), "purposes": ["withholding_slip"], "range": "全従業員"})
    assert client.post("/desk/handling/review/").headers["Location"] == "/desk/handling/"
    plan = queries.handling_plan(organisation_id=new)
    assert plan.completed_at is not None
    assert plan.responsible_id == boss
    notice = purpose_notices.current(organisation_id=new)
    assert notice is not None
    assert set(notice.purposes) == {Purpose.WITHHOLDING_SLIP, Purpose.HEALTH_PENSION}


def test_people_of_other_organisations_cannot_be_named(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.aoki)
    data = {"member": str(cast.ueno.id), "purposes": ["withholding_slip"], "range": "全従業員"}
    assert client.post("/desk/handling/appoint/", data).status_code == 422
    assert client.post("/desk/handling/responsible/", {"responsible": str(cast.ueno.id)}).status_code == 422


def test_the_trail_tells_in_words_and_narrows(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.okada)
    page = client.get("/desk/trail/").content.decode()
    assert "事務取扱担当者を任命しました" in page
    assert "江藤 栄さん" in page
    narrowed = client.get("/desk/trail/?event=organisations.appointment.made").content.decode()
    assert narrowed.count("<time") == 2
    nobody = client.get(f"/desk/trail/?actor={cast.eto.id}").content.decode()
    assert "この条件の記録はありません" in nobody
    tomorrow = client.get("/desk/trail/?since=2026-11-25").content.decode()
    assert "この条件の記録はありません" in tomorrow
    assert client.get("/desk/trail/?actor=x&event=y&since=z&before=w").status_code == 200


def test_the_trail_pages_by_key_in_few_queries(cast: Cast, sign_in: SignIn, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    for number in range(120):
        actions.change_settings(
            organisation_id=cast.aoba,
            name="青葉",
            auto_logout_hours=1 + number % 8,
            contact="",
            by=cast.aoki,
            at=MORNING,
        )
    client = sign_in(cast.okada)
    seen, address = 0, "/desk/trail/?event=organisations.organisation.changed"
    while address:
        with django_assert_max_num_queries(6):
            answer = client.get(address)
        seen += len(answer.context["lines"])
        older = answer.context["older"]
        address = f"/desk/trail/{older}" if older else ""
    assert seen == 120


@pytest.mark.shows("V-06", "L-25")
def test_the_trail_is_exported_defused_and_the_export_recorded(cast: Cast, sign_in: SignIn) -> None:
    actions.add_member(organisation_id=cast.aoba, roles=Role.EMPLOYEE, family_name="=SUM(A1)", by=SYSTEM, at=MORNING)
    answer = sign_in(cast.okada, at=MORNING).get("/desk/trail/export/")
    text = b"".join(answer).decode("utf-8-sig")  # type: ignore[arg-type]
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0][2] == "出来事"
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    assert audit.timeline(organisation_id=cast.aoba, limit=1)[0].event == "audit.trail.exported"
    assert len(rows) > 10


def test_a_token_is_shown_once_and_stopped(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.aoki)
    answer = client.post("/desk/tokens/issue/", {"name": "人事システム", "scopes": ["people:read"], "days": "90"})
    page = answer.content.decode()
    value = page.split('value="wft_')[1].split('"')[0]
    assert tokens.authenticate(token=f"wft_{value}", at=MORNING).organisation_id == cast.aoba
    assert answer.headers["Cache-Control"] == "no-store"
    assert value not in client.get("/desk/tokens/").content.decode()
    client.post(f"/desk/tokens/{Token.objects.get().id}/revoke/")
    with pytest.raises(tokens.TokenUnknown):
        tokens.authenticate(token=f"wft_{value}", at=MORNING)
    assert "止めました" in client.get("/desk/tokens/").content.decode()


def test_tokens_and_help_lead_to_the_description_of_the_api(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.aoki)
    for address in ("/desk/tokens/", "/help/"):
        page = client.get(address).content.decode()
        assert 'href="/api/v1/docs"' in page
    assert client.get("/api/v1/docs").status_code == 200
