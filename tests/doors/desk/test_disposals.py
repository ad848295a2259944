"""Retention and disposal on screen: the list, the two steps, the certificate, holds (R-05, R-06, R-09)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from tests.cast import Cast
from tests.doors.conftest import SignIn
from tests.rooms.collection import submitted
from tests.rooms.collection.submitted import Waiting
from warifu.collection.actions import leaving
from warifu.foundation.days import jst_day
from warifu.vault.actions import keepings

pytestmark = pytest.mark.django_db


def left(cast: Cast, years: int = 9) -> Waiting:
    """Inoue with a child, gone so many years ago; the night has proposed what may go."""
    now = timezone.now()
    case = submitted.waiting(cast)
    submitted.child(case, ticked=True)
    leaving.record(
        organisation_id=cast.aoba,
        member_id=case.member_id,
        left_on=jst_day(now) - timedelta(days=366 * years),
        by=cast.aoki,
        at=now,
    )
    keepings.propose_due(at=now)
    return case


def ids(state: str) -> list[str]:
    return [
        str(one) for one in apps.get_model("vault.Keeping").objects.filter(state=state).values_list("id", flat=True)
    ]


def page(browser: Client, query: str = "") -> str:
    return browser.get(reverse("desk:disposals.listing") + query).content.decode()


def approve(browser: Client, chosen: list[str]) -> str:
    return browser.post(reverse("desk:disposals.approve"), {"pick": chosen}, follow=True).content.decode()


class TestListing:
    @pytest.mark.shows("R-05", "R-03")
    def test_candidates_with_paper_basis_and_whose(self, cast: Cast, sign_in: SignIn) -> None:
        left(cast)
        shown = page(sign_in(cast.eto))
        assert "井上 郁" in shown
        assert "井上 郁さんの子" in shown
        assert "所得税法施行規則76条の3" in shown
        assert shown.count('name="pick"') == len(ids("proposed")) == 6

    def test_is_searched_and_filtered(self, cast: Cast, sign_in: SignIn) -> None:
        left(cast)
        browser = sign_in(cast.eto)
        assert page(browser, "?q=結").count('name="pick"') == 3
        assert page(browser, "?q=イノウエ").count('name="pick"') == 6
        assert "この条件に合うものはありません" in page(browser, "?q=だれでもない")
        assert page(browser, "?purpose=withholding_slip").count('name="pick"') == 2
        assert page(browser, "?late=on").count('name="pick"') == 0
        assert page(browser, "?tab=nothing&at=nonsense&purpose=x").count('name="pick"') == 6

    @pytest.mark.shows("R-05")
    def test_what_is_late_is_on_the_first_page_and_red(self, cast: Cast, sign_in: SignIn) -> None:
        left(cast)
        apps.get_model("vault.Keeping").objects.update(due_on=jst_day(timezone.now()) - timedelta(days=1))
        browser = sign_in(cast.eto)
        home = browser.get(reverse("desk:home.page")).content.decode()
        assert "保存期限を過ぎた番号があります" in home
        assert "廃棄の期限超過" in home
        assert "期限を過ぎた廃棄が6件あります" in page(browser)
        assert page(browser, "?late=on").count('name="pick"') == 6

    def test_the_administrator_looks_and_decides_nothing(self, cast: Cast, sign_in: SignIn) -> None:
        left(cast)
        browser = sign_in(cast.aoki)
        assert 'name="pick"' not in page(browser)
        assert browser.post(reverse("desk:disposals.approve"), {"pick": ids("proposed")}).status_code == 403
        assert ids("approved") == []


class TestApproveAndConfirm:
    @pytest.mark.shows("R-05", "R-06")
    def test_the_handler_approves_and_the_responsible_person_destroys(self, cast: Cast, sign_in: SignIn) -> None:
        case = left(cast)
        assert "6件の廃棄を承認しました" in approve(sign_in(cast.eto), ids("proposed"))
        browser = sign_in(cast.okada)
        chosen = ids("approved")
        last = browser.post(reverse("desk:disposals.check"), {"pick": chosen}).content.decode()
        assert "元に戻せません" in last
        wrong = browser.post(reverse("desk:disposals.confirm"), {"pick": chosen, "word": "はい"})
        assert wrong.status_code == 422
        assert len(ids("approved")) == 6

        done = browser.post(reverse("desk:disposals.confirm"), {"pick": chosen, "word": "廃棄"}, follow=True)
        assert "6件を廃棄しました" in done.content.decode()
        numbers = apps.get_model("vault.SealedNumber").objects
        assert numbers.filter(destroyed_at=None).count() == 0
        submission = apps.get_model("collection.Submission").objects.get(id=case.submission_id)
        assert submission.number_ref is None
        assert submission.family_name == "井上"  # the rest stays
        assert not submission.documents.exclude(state="deleted").exists()
        letter = apps.get_model("notices.Letter").objects.get(kind="number_disposed")
        assert letter.to_mail == "i002@example.jp"
        assert sorted(letter.values["of_whom"]) == ["井上 結", "井上 郁"]

    @pytest.mark.shows("R-06")
    def test_the_certificate_names_who_what_when_and_how(self, cast: Cast, sign_in: SignIn, tmp_path: Path) -> None:
        left(cast)
        approve(sign_in(cast.eto), ids("proposed"))
        browser = sign_in(cast.okada)
        browser.post(reverse("desk:disposals.confirm"), {"pick": ids("approved"), "word": "廃棄"})
        batch = apps.get_model("vault.Keeping").objects.values_list("batch", flat=True).first()
        answer = browser.get(reverse("desk:disposals.certificate", args=[batch]))
        file = tmp_path / "certificate.pdf"
        file.write_bytes(answer.content)
        text = "".join(part.extract_text() for part in PdfReader(file).pages)
        for words in ("株式会社青葉商会", "岡田 修", "江藤 栄", "井上 郁", "個人番号 2件", "復元不能"):
            assert words in text
        assert sign_in(cast.ueno).get(reverse("desk:disposals.certificate", args=[batch])).status_code in (403, 404)
        assert browser.get(reverse("desk:disposals.certificate", args=[UUID(int=1)])).status_code == 404

    def test_an_approval_is_sent_back(self, cast: Cast, sign_in: SignIn) -> None:
        left(cast)
        approve(sign_in(cast.eto), ids("proposed"))
        browser = sign_in(cast.okada)
        back = {"pick": ids("approved"), "reason": "まだ要る"}
        assert (
            "6件の承認を差戻しました"
            in browser.post(reverse("desk:disposals.send_back"), back, follow=True).content.decode()
        )
        assert len(ids("proposed")) == 6

    @pytest.mark.parametrize("pick", [[], ["00000000-0000-7000-8000-000000000000"]])
    def test_nothing_or_something_unknown_is_said_beside_the_list(
        self, cast: Cast, sign_in: SignIn, pick: list[str]
    ) -> None:
        left(cast)
        words = approve(sign_in(cast.eto), pick)
        assert "印を付けてから" in words or "ほかの人がすでに進めた" in words
        assert len(ids("proposed")) == 6

    def test_what_is_no_id_is_not_found(self, cast: Cast, sign_in: SignIn) -> None:
        left(cast)
        assert sign_in(cast.eto).post(reverse("desk:disposals.approve"), {"pick": "x'"}).status_code == 404

    def test_an_older_proof_of_identity_leads_to_re_login(self, cast: Cast, sign_in: SignIn) -> None:
        left(cast)
        approve(sign_in(cast.eto), ids("proposed"))
        browser = sign_in(cast.okada, at=timezone.now() - timedelta(minutes=6))
        answer = browser.post(reverse("desk:disposals.confirm"), {"pick": ids("approved"), "word": "廃棄"})
        assert answer.status_code == 302
        assert len(ids("approved")) == 6


class TestExport:
    @pytest.mark.shows("S-04")
    def test_the_ledger_as_a_file(self, cast: Cast, sign_in: SignIn) -> None:
        left(cast)
        answer = sign_in(cast.okada).get(reverse("desk:disposals.export"))
        lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
        assert len(lines) == 7
        assert '"i002"' in lines[1]
        assert apps.get_model("audit.Entry").objects.filter(event="vault.disposals.exported").count() == 1


class TestPolicy:
    @pytest.mark.shows("S-15")
    def test_the_small_firm_is_refused_to_an_office(self, cast: Cast, sign_in: SignIn) -> None:
        apps.get_model("organisations.Organisation").objects.filter(id=cast.aoba).update(is_office=True)
        answer = sign_in(cast.okada).post(reverse("desk:disposals.policy"), {"every_months": "1", "is_small": "on"})
        assert answer.status_code == 422
        assert "この組織では選べません" in answer.content.decode()

    def test_the_day_is_chosen(self, cast: Cast, sign_in: SignIn) -> None:
        browser = sign_in(cast.okada)
        assert browser.post(reverse("desk:disposals.policy"), {"every_months": "5"}).status_code == 422
        browser.post(reverse("desk:disposals.policy"), {"every_months": "12"})
        assert apps.get_model("vault.DisposalPolicy").objects.get().every_months == 12


def day(prefix: str, value: date) -> dict[str, str]:
    return {f"{prefix}_year": str(value.year), f"{prefix}_month": str(value.month), f"{prefix}_day": str(value.day)}


class TestProlong:
    def test_a_later_day_with_a_reason(self, cast: Cast, sign_in: SignIn) -> None:
        left(cast)
        browser = sign_in(cast.eto)
        address = reverse("desk:keepings.prolong", args=[ids("proposed")[0]])
        today = jst_day(timezone.now())
        early = browser.post(address, {**day("until", today - timedelta(days=1)), "reason": "調査"})
        assert early.status_code == 422
        assert "より後で" in early.content.decode()
        browser.post(address, {**day("until", today + timedelta(days=100)), "reason": "調査"})
        assert len(ids("planned")) == 1
        assert "延長: 調査" in page(browser, "?tab=planned")


class TestEnd:
    @pytest.mark.shows("R-03")
    def test_a_child_leaves_the_family_and_only_its_number_is_planned(self, cast: Cast, sign_in: SignIn) -> None:
        case = submitted.waiting(cast)
        child = submitted.child(case, ticked=True)
        browser = sign_in(cast.eto)
        address = reverse("desk:keepings.end", args=[case.entry_id])
        assert "井上 結(子)" in browser.get(address).content.decode()
        today = jst_day(timezone.now())
        none = browser.post(address, day("ended_on", today))
        assert none.status_code == 422
        assert "一人以上を選んでください" in none.content.decode()
        browser.post(address, {"whom": str(child.subject_id), **day("ended_on", today)})
        rows = apps.get_model("vault.Keeping").objects.values_list("subject_id", flat=True)
        assert set(rows) == {child.subject_id}
        assert "番号の保存と廃棄" in browser.get(reverse("desk:people.page", args=[case.entry_id])).content.decode()


class TestHolds:
    @pytest.mark.shows("R-09")
    def test_one_persons_numbers_are_held_by_employee_code(self, cast: Cast, sign_in: SignIn) -> None:
        left(cast)
        browser = sign_in(cast.okada)
        until = jst_day(timezone.now()) + timedelta(days=30)
        form = {"reason": "税務調査", "owner": "岡田", **day("until", until)}
        address = reverse("desk:holds.listing")
        unknown = browser.post(address, {**form, "employee_code": "zzz"})
        assert unknown.status_code == 422
        assert "見つかりません" in unknown.content.decode()
        browser.post(address, {**form, "employee_code": "I002"})
        assert page(browser).count("保全中") >= 6
        words = approve(sign_in(cast.eto), ids("proposed"))
        assert "保全中" in words
        assert ids("approved") == []
        hold = apps.get_model("vault.LegalHold").objects.order_by("id")[0]
        browser.post(reverse("desk:holds.lift", args=[hold.id]))
        hold.refresh_from_db()
        assert hold.lifted_at is not None

    def test_a_handler_sees_and_does_not_hold(self, cast: Cast, sign_in: SignIn) -> None:
        browser = sign_in(cast.eto)
        address = reverse("desk:holds.listing")
        assert "保全を始める" not in browser.get(address).content.decode().split("</h1>", 1)[1]
        until = jst_day(timezone.now())
        assert browser.post(address, {"reason": "調査", "owner": "江藤", **day("until", until)}).status_code == 403
        assert not apps.get_model("vault.LegalHold").objects.exists()


@pytest.mark.shows("P-13", "R-06")
def test_the_person_reads_until_when_and_that_it_is_gone(cast: Cast, sign_in: SignIn) -> None:
    case = submitted.waiting(cast)
    browser = sign_in(cast.inoue)
    address = reverse("mypage:record.page")
    assert "必要なあいだだけです" in browser.get(address).content.decode()
    now: datetime = timezone.now()
    keepings.end_need(
        organisation_id=cast.aoba, subject_ids=[case.member_id], ended_on=jst_day(now), by=cast.eto, at=now
    )
    assert "扶養控除等申告書などの申告書" in browser.get(address).content.decode()


@pytest.mark.shows("R-10")
def test_a_leaving_day_that_cannot_be_is_said_at_its_field_and_nothing_is_recorded(cast: Cast, sign_in: SignIn) -> None:
    case = submitted.waiting(cast)
    address = reverse("desk:members.leave", args=[case.member_id])
    answer = sign_in(cast.aoki).post(address, day("leaving-left_on", date(2015, 3, 31)))
    assert "必要が終わった日として、使えない日です" in answer.content.decode()
    assert apps.get_model("organisations.Member").objects.get(id=case.member_id).state == "active"
    assert ids("planned") == []
