"""利用者ID at the desk: ticking, the table, the review, slips, one ID, files (C1)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from tests.cast import MORNING, Cast
from tests.doors.conftest import SignIn
from tests.rooms.credentials.office import Office, make_office, member_id
from warifu.audit import queries as audit
from warifu.credentials.actions import ids
from warifu.credentials.actions.ids import Order
from warifu.credentials.models import UserId
from warifu.foundation.actor import SYSTEM, Actor, Role
from warifu.notices import queries as letters
from warifu.organisations import actions as organisations

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: MORNING)


@pytest.fixture
def office(db: None) -> Office:
    """Okada's office."""
    return make_office()


@pytest.fixture
def desk(office: Office, sign_in: SignIn) -> Client:
    """The administrator's browser."""
    return sign_in(office.administrator)


def row(actor: Actor, text: str, *, hours: int = 1, way: str = "mail") -> dict[str, Any]:
    key = str(actor.id)
    return {f"{key}-text": text, f"{key}-hours": str(hours), f"{key}-way": way}


def issued(office: Office, actor: Actor, text: str) -> UUID:
    ids.issue(
        organisation_id=office.id,
        is_staff=True,
        orders=[Order(member_id=member_id(actor), text=text, by_slip=actor is office.kuno)],
        by=office.head,
        at=MORNING,
    )
    return UserId.objects.get(text=text).id


class TestListing:
    def test_it_shows_who_has_which_id(self, office: Office, desk: Client) -> None:
        assert "まだIDはありません" in desk.get("/desk/ids/").content.decode()
        issued(office, office.staff, "okada-s005")
        content = desk.get("/desk/ids/?q=コニシ&sort=name").content.decode()
        assert "okada-s005" in content
        assert "okada-s005" not in desk.get("/desk/ids/?show=customer").content.decode()

    def test_a_company_has_no_ids(self, cast: Cast, sign_in: SignIn) -> None:
        answer = sign_in(cast.aoki).get("/desk/ids/")
        assert answer.status_code == 404
        assert "事務所だけの機能です" in answer.content.decode()
        assert "利用者ID</a>" not in sign_in(cast.aoki).get("/desk/").content.decode()


class TestIssue:
    def test_ticks_survive_searching_and_paging(self, office: Office, desk: Client) -> None:
        for number in range(60):
            organisations.add_member(
                organisation_id=office.id,
                roles=Role.STAFF,
                family_name=f"山{number}",
                family_kana=f"ヤマ{number:02d}",
                employee_code=f"y{number:02d}",
                by=SYSTEM,
                at=MORNING,
            )
        first = desk.get("/desk/ids/issue/")
        cursor = first.context["after"]
        assert cursor
        answer = desk.post("/desk/ids/issue/", {"pick": [str(office.staff.id)], "at": cursor, "kind": "staff"})
        content = answer.content.decode()
        assert f'<input type="hidden" name="pick" value="{office.staff.id}">' in content
        assert "ほかに1人を選んでいます" in content
        back = desk.post(
            "/desk/ids/issue/", {"pick": [str(office.staff.id)], "at": answer.context["before"], "kind": "staff"}
        )
        assert f'value="{office.staff.id}" checked' in back.content.decode()
        found = desk.post("/desk/ids/issue/", {"pick": [str(office.staff.id)], "q": "ヤマ07", "kind": "staff"})
        assert [member.family_name for member, _roles, _picked in found.context["members"]] == ["山7"]
        assert found.context["elsewhere"] == [office.staff.id]

    def test_customers_are_listed_apart(self, desk: Client) -> None:
        content = desk.get("/desk/ids/issue/?kind=customer").content.decode()
        assert "佐野" in content
        assert "小西" not in content


class TestEdit:
    def test_ids_are_prefilled(self, office: Office, desk: Client) -> None:
        staff = desk.post("/desk/ids/issue/table/", {"pick": [str(office.staff.id)], "kind": "staff", "hours": "4"})
        content = staff.content.decode()
        assert 'value="okada-s005"' in content
        assert '<option value="4" selected>' in content
        customer = desk.post("/desk/ids/issue/table/", {"pick": [str(office.customer.id)], "kind": "customer"})
        assert 'value="sano@kokyaku.example"' in customer.content.decode()

    def test_somebody_without_mail_can_only_get_a_slip(self, office: Office, desk: Client) -> None:
        content = desk.post("/desk/ids/issue/table/", {"pick": [str(office.kuno.id)], "kind": "staff"}).content.decode()
        assert '<option value="mail"' not in content
        assert '<option value="slip" selected>' in content

    def test_nobody_and_too_many_are_sent_back(self, desk: Client) -> None:
        assert desk.post("/desk/ids/issue/table/", {"kind": "staff"}).status_code == 422
        many = [f"00000000-0000-7000-8000-{number:012d}" for number in range(201)]
        assert desk.post("/desk/ids/issue/table/", {"pick": many, "kind": "staff"}).status_code == 422


class TestCheck:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("okada-new", "使えます"),
            ("ok", "4文字以上"),
            ("s001", "職員番号"),
            ("okada@okada.example ", "使えます"),
            ("s001@okada.example", "メールアドレスと同じ"),
            ("okada o0o0", "半角の英字と数字"),
            ("o0o0o0", "読み違えやすい"),
        ],
    )
    def test_it_answers_while_typing(self, office: Office, desk: Client, text: str, words: str) -> None:
        key = str(office.staff.id)
        answer = desk.post("/desk/ids/issue/check/", {"row": key, "pick": [key], f"{key}-text": text})
        assert words in answer.content.decode()


class TestReview:
    def test_it_reads_out_what_will_be_issued_and_issues_nothing(self, office: Office, desk: Client) -> None:
        data = {
            "kind": "staff",
            "pick": [str(office.staff.id), str(office.kuno.id)],
            **row(office.staff, "ＯＫＡＤＡ－５", hours=8),
            **row(office.kuno, "okada-6", way="slip"),
        }
        content = desk.post("/desk/ids/issue/review/", data).content.decode()
        assert "メールで知らせる人 1人、紙で渡す人 1人です" in content
        assert "okada-5" in content
        assert "8時間" in content
        assert UserId.objects.count() == 0

    def test_faults_lead_back_to_the_table_with_what_was_typed(self, office: Office, desk: Client) -> None:
        data = {"kind": "staff", "pick": [str(office.staff.id)], **row(office.staff, "s001")}
        answer = desk.post("/desk/ids/issue/review/", data)
        assert answer.status_code == 422
        assert "ほかの人の職員番号" in answer.content.decode()
        assert 'value="s001"' in answer.content.decode()

    def test_a_mail_cannot_be_forced_for_somebody_without(self, office: Office, desk: Client) -> None:
        data = {"kind": "staff", "pick": [str(office.kuno.id)], **row(office.kuno, "okada-6", way="mail")}
        assert desk.post("/desk/ids/issue/review/", data).status_code == 422
        assert desk.post("/desk/ids/issue/done/", data).status_code == 422
        assert UserId.objects.count() == 0


class TestDone:
    def test_letters_go_out_and_slips_are_shown_once(self, office: Office, desk: Client) -> None:
        data = {
            "kind": "staff",
            "pick": [str(office.staff.id), str(office.kuno.id)],
            **row(office.staff, "okada-5"),
            **row(office.kuno, "okada-6", way="slip"),
        }
        content = desk.post("/desk/ids/issue/done/", data).content.decode()
        assert "1人には、メールで知らせます" in content
        assert "http://localhost:8000/a/" in content
        assert "<svg" in content
        assert "password" not in content.split("<main")[1].split("</main>")[0].lower()
        again = desk.post("/desk/ids/issue/done/", data)
        assert again.status_code == 422
        assert "/a/" not in again.content.decode()
        assert [letter.kind for letter in letters.letters_of(organisation_id=office.id)] == ["id_issued"]

    def test_only_letters_lead_back_to_the_list(self, office: Office, desk: Client) -> None:
        data = {"kind": "staff", "pick": [str(office.staff.id)], **row(office.staff, "okada-5")}
        assert desk.post("/desk/ids/issue/done/", data).headers["Location"] == "/desk/ids/"


class TestPage:
    def test_change_log_out_slip_and_end(self, office: Office, desk: Client) -> None:
        held = issued(office, office.staff, "okada-s005")
        assert "エス・ゼロ・ゼロ・ご" in desk.get(f"/desk/ids/{held}/").content.decode()
        assert desk.post(f"/desk/ids/{held}/log-out/", {"hours": "6"}).status_code == 302
        assert UserId.objects.get(id=held).logout_hours == 6
        assert desk.post(f"/desk/ids/{held}/log-out/", {"hours": "9"}).status_code == 422
        taken = desk.post(f"/desk/ids/{held}/change/", {"text": "s001"})
        assert (taken.status_code, "ほかの人の職員番号" in taken.content.decode()) == (422, True)
        changed = desk.post(f"/desk/ids/{held}/change/", {"text": "konishi-5"})
        new = UserId.objects.get(ended_at=None).id
        assert changed.headers["Location"] == f"/desk/ids/{new}/"
        assert "/a/" in desk.post(f"/desk/ids/{new}/slip/").content.decode()
        assert desk.post(f"/desk/ids/{new}/end/").status_code == 302
        assert UserId.objects.filter(ended_at=None).count() == 0
        assert "だれにも発行できません" in desk.get(f"/desk/ids/{new}/").content.decode()

    @pytest.mark.shows("003-7")
    def test_it_sees_the_heads_id_and_changes_nothing(self, office: Office, sign_in: SignIn) -> None:
        held = issued(office, office.head, "okada-head")
        kubo = sign_in(office.it)
        assert "あなたの役割では、この人のIDを変えられません" in kubo.get(f"/desk/ids/{held}/").content.decode()
        for verb in ("change", "log-out", "slip", "end"):
            answer = kubo.post(f"/desk/ids/{held}/{verb}/", {"text": "okada-new", "hours": "2"})
            assert (answer.status_code, "WF-S720" in answer.content.decode()) == (403, True), verb
        assert UserId.objects.get().text == "okada-head"


class TestFiles:
    def test_the_list_and_the_months_leave_as_files_and_that_is_noted(self, office: Office, desk: Client) -> None:
        issued(office, office.staff, "okada-s005")
        content = b"".join(desk.get("/desk/ids/export.csv")).decode()  # type: ignore[arg-type]
        assert '"okada-s005","職員ID","小西","コニシ"' in content
        months = b"".join(desk.get("/desk/ids/months.csv")).decode()  # type: ignore[arg-type]
        assert '"2026-11","1","0","0","0","100","0","0"' in months
        assert "2026年11月" in desk.get("/desk/ids/months/").content.decode()
        lines = audit.timeline(organisation_id=office.id, event_prefix="credentials.user_ids.exported")
        assert sorted(line.values["kind"] for line in lines) == ["ids", "months"]


class TestMembers:
    def test_roles_of_an_office_are_offered_in_offices_only(self, desk: Client, cast: Cast, sign_in: SignIn) -> None:
        assert "所長" in desk.get("/desk/members/add/").content.decode()
        company = sign_in(cast.aoki)
        assert "所長" not in company.get("/desk/members/add/").content.decode()
        answer = company.post(f"/desk/members/{cast.inoue.id}/roles/", {"roles": [int(Role.HEAD)]})
        assert answer.status_code == 422


class TestTrail:
    def test_it_tells_in_words_what_was_issued_and_ended(self, office: Office, desk: Client) -> None:
        held = issued(office, office.kuno, "okada-s006")
        desk.post(f"/desk/ids/{held}/end/")
        content = desk.get("/desk/trail/?event=credentials.").content.decode()
        for words in ("利用者IDを発行しました", "名前 okada-s006", "種類 職員ID", "受け取り方 紙", "利用を終えました"):
            assert words in content, words
