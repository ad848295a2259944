"""電子帳簿保存フォルダ on the screen: put in, confirm, search, look, correct, write out, print (003-9, B1 … B4)."""

from __future__ import annotations

import io
import zipfile
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from tests.cast import MORNING, Cast
from tests.doors.conftest import signed_in_client
from tests.rooms.folders.office import Office, open_office, pdf
from tests.rules.folders.test_rules import MAIL, UBL
from warifu.audit.models import Entry
from warifu.folders.models import Folder, FolderAccess, FolderLink, TransactionRecord
from warifu.folders.rules.fields import MIB, Kind

pytestmark = pytest.mark.django_db

FIELDS = {
    "traded_on": "2026-11-21",
    "counterparty": "青葉文具株式会社",
    "amount": "￥１１，０００",
    "kind": "invoice",
    "direction": "received",
}


@pytest.fixture
def office(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Office:
    """The office, this morning."""
    monkeypatch.setattr(timezone, "now", lambda: MORNING)
    return open_office(cast)


def at_folder(office: Office, part: str = "") -> str:
    """An address inside the folder."""
    return f"/desk/folders/{office.folder_id}/{part}"


@pytest.fixture
def kida(office: Office) -> Client:
    """The browser of a staff member."""
    return signed_in_client(office.kida, at=MORNING)


@pytest.fixture
def aoki(office: Office) -> Client:
    """The browser of the leader."""
    return signed_in_client(office.aoki, at=MORNING)


def text(answer: Any) -> str:
    """A page's words."""
    return str(answer.content.decode())


class TestListing:
    @pytest.mark.shows("003-9")
    def test_shows_the_green_folder_with_its_meter(self, office: Office, kida: Client) -> None:
        Folder.objects.update(used=9600 * MIB)
        page = text(kida.get("/desk/folders/"))
        for said in ("folder-mark", "#folder", "桧商事株式会社", "94%", "残りわずか", "100.0"):
            assert said in page
        assert "フォルダを作る" not in page
        assert "当てはまるフォルダがありません" in text(kida.get("/desk/folders/?q=いない"))

    def test_somebody_without_a_folder_is_told_so(self, office: Office) -> None:
        page = text(signed_in_client(office.kubo, at=MORNING).get("/desk/folders/"))
        assert "見られるフォルダがありません" in page
        assert "桧商事" not in page


class TestAdd:
    @pytest.mark.shows("003-9")
    def test_makes_a_folder_with_its_limits(self, office: Office, aoki: Client) -> None:
        given = {"customer_name": "上田商店", "capacity_mb": "500", "file_mb": "20", "form": "person",
                 "year_end_month": "12", "keeping_years": "7", "extension_months": "0"}  # fmt: skip
        assert aoki.post("/desk/folders/add/", given).status_code == 302
        made = Folder.objects.get(customer_name="上田商店")
        assert (made.capacity, made.file_limit, made.is_sole_trader) == (500 * MIB, 20 * MIB, True)
        wrong = aoki.post("/desk/folders/add/", given | {"registration_number": "T1"})
        assert wrong.status_code == 422
        assert "登録番号の形が合いません" in text(wrong)

    @pytest.mark.shows("003-9")
    def test_many_from_a_list_or_every_fault_with_its_row(self, office: Office, aoki: Client) -> None:
        good = "顧客の名前,顧客コード\n甲商店,K1\n乙商店,K2\n".encode()
        bad = "顧客の名前,保存する年数\n甲商店,8\n,7\n".encode()
        answer = aoki.post("/desk/folders/list/", {"file": SimpleUploadedFile("a.csv", bad)})
        assert answer.status_code == 422
        assert "5・7・10のどれか" in text(answer)
        assert Folder.objects.count() == 1
        assert aoki.post("/desk/folders/list/", {"file": SimpleUploadedFile("a.csv", good)}).status_code == 302
        assert Folder.objects.count() == 3
        listed = b"".join(aoki.get("/desk/folders/list/export.csv")).decode()  # type: ignore[arg-type]
        assert "乙商店" in listed


class TestIntake:
    def test_a_plain_form_takes_many_and_names_what_it_refuses(self, office: Office, kida: Client) -> None:
        sent = [SimpleUploadedFile(name, b"%PDF-1.7 " + name.encode()) for name in ("a.pdf", "b.pdf")]
        again = SimpleUploadedFile("c.pdf", b"%PDF-1.7 a.pdf")
        answer = kida.post(at_folder(office, "intake/"), {"files": [*sent, again]}, follow=True)
        page = text(answer)
        assert "2件を受け取りました" in page
        assert "番号 1 で保存されています" in page
        assert TransactionRecord.objects.count() == 2

    @pytest.mark.shows("D-08")
    def test_pieces_go_on_where_they_stopped(self, office: Office, kida: Client) -> None:
        content = b"%PDF-1.7 " + b"z" * 100
        told = {"Upload-Length": str(len(content)), "Upload-Name": "%E8%AB%8B%E6%B1%82.pdf"}
        begun = kida.post(at_folder(office, "uploads/"), headers=told)
        place = begun.headers["Location"]
        sent: dict[str, Any] = {"content_type": "application/offset+octet-stream"}
        kida.patch(place, content[:40], headers={"Upload-Offset": "0"}, **sent)
        wrong = kida.patch(place, content[:40], headers={"Upload-Offset": "0"}, **sent)
        assert (wrong.status_code, wrong.headers["Upload-Offset"]) == (409, "40")
        assert kida.head(place).headers["Upload-Offset"] == "40"
        told_time = {"Upload-Offset": "40", "Date": (MORNING - timedelta(days=1)).isoformat()}
        done = kida.patch(place, content[40:], headers=told_time, **sent)
        assert done.json()["number"] == 1
        assert (office.record(1).file_name, office.record(1).received_at) == ("請求.pdf", MORNING)
        assert signed_in_client(office.aoki, at=MORNING).head(place).status_code == 404

    def test_refusals_on_the_wire_are_json_with_words(self, office: Office, kida: Client) -> None:
        answer = kida.post(at_folder(office, "uploads/"), headers={"Upload-Length": "0"})
        assert (answer.status_code, answer.json()["code"]) == (422, "WF-F303")


class TestRecord:
    @pytest.mark.shows("D-16")
    def test_suggestions_stand_in_the_form_and_a_person_confirms_them(self, office: Office, kida: Client) -> None:
        office.receive(pdf("請求書", "発行日 2026年11月21日", "青葉文具株式会社", "ご請求金額 11,000円"))
        office.look()
        record = office.record(1)
        page = text(kida.get(at_folder(office, f"records/{record.id}/")))
        for said in ('value="2026-11-21"', 'value="11000"', "青葉文具株式会社", "読み取った値が入っています"):
            assert said in page
        assert "この条件" not in page
        picture = kida.get(at_folder(office, f"records/{record.id}/pages/1.png"))
        assert picture.content.startswith(b"\x89PNG")
        answer = kida.post(at_folder(office, f"records/{record.id}/confirm/"), FIELDS)
        assert answer.headers["Location"] == at_folder(office)
        assert office.record(1).amount == 11000

    def test_a_wrong_field_is_said_at_its_place(self, office: Office, kida: Client) -> None:
        office.receive(b"%PDF-1.7 a")
        address = at_folder(office, f"records/{office.record(1).id}/confirm/")
        answer = kida.post(address, FIELDS | {"registration_number": "T7123456789013", "amount": "千円"})
        assert answer.status_code == 422
        assert "金額は数字で" in text(answer)
        assert office.record(1).state == "received"

    @pytest.mark.shows("D-02", "D-04")
    def test_a_correction_shows_before_and_after(self, office: Office, kida: Client) -> None:
        record_id = office.file()
        address = at_folder(office, f"records/{record_id}/correct/")
        assert 'value="11000"' in text(kida.get(address))
        given = FIELDS | {"amount": "12100", "reason": "税込に直す", "version": "1"}
        assert kida.post(address, given).status_code == 302
        page = text(kida.get(at_folder(office, f"records/{record_id}/")))
        for said in ("11,000", "12,100", "税込に直す", "木田"):
            assert said in page
        assert "税込に直す" in text(kida.get(at_folder(office, "history/?q=11000")))
        assert "この条件の履歴はありません" in text(kida.get(at_folder(office, "history/?q=zzz")))

    @pytest.mark.shows("D-03", "D-22")
    def test_delete_is_refused_with_405_and_noted_even_for_the_leader(self, office: Office, aoki: Client) -> None:
        record_id = office.file()
        answer = aoki.delete(at_folder(office, f"records/{record_id}/"))
        assert (answer.status_code, answer.json()["code"]) == (405, "WF-F206")
        assert Entry.objects.filter(event="folders.record.deletion_refused").count() == 1
        assert office.record(1).state == "filed"

    def test_withdrawn_and_restored(self, office: Office, kida: Client) -> None:
        record_id = office.file()
        kida.post(at_folder(office, f"records/{record_id}/withdraw/"), {"reason": "別の会社のもの"})
        assert "取消を戻す" in text(kida.get(at_folder(office, f"records/{record_id}/")))
        kida.post(at_folder(office, f"records/{record_id}/restore/"), {"reason": "当社のもの"})
        assert office.record(1).state == "filed"

    @pytest.mark.shows("D-06")
    def test_a_mail_and_a_message_are_shown_in_words(self, office: Office, kida: Client) -> None:
        office.receive(MAIL, "a.eml")
        office.receive(UBL.encode(), "b.xml")
        office.look()
        mail = text(kida.get(at_folder(office, f"records/{office.record(1).id}/")))
        assert "bill@aoba.example" in mail
        assert "a.pdf" in mail
        part = kida.get(at_folder(office, f"records/{office.record(1).id}/attachments/0/"))
        assert b"".join(part).startswith(b"%PDF")  # type: ignore[arg-type]
        assert part.headers["Content-Disposition"].startswith("attachment")
        message = text(kida.get(at_folder(office, f"records/{office.record(2).id}/")))
        assert "InvoiceLine／Price／PriceAmount" in message

    @pytest.mark.shows("D-06")
    def test_an_original_is_a_download_and_never_a_page(self, office: Office, kida: Client) -> None:
        office.receive(b"<html><script>alert(1)</script>", "a.html")
        office.look()
        answer = kida.get(at_folder(office, f"records/{office.record(1).id}/original/"))
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


class TestSearch:
    @pytest.mark.shows("D-10", "D-11", "D-12")
    def test_lists_only_hits_and_says_how_many(self, office: Office, kida: Client) -> None:
        office.file(b"a", "a.pdf")
        office.file(b"b", "b.pdf", counterparty="上田商店", amount=None, traded_on=date(2026, 10, 1))
        page = text(kida.get(at_folder(office, "?since=2026-11-01&until=2026-11-30&least=1&party=あおばぶんぐ")))
        assert "0件が当てはまります" in page
        page = text(kida.get(at_folder(office, "?since=2026-11-01&least=1,000&party=青葉")))
        assert "1件が当てはまります" in page
        assert "上田商店" not in page
        page = text(kida.get(at_folder(office, "?blank=on")))
        assert "記載なし" in page
        assert "青葉文具" not in page

    @pytest.mark.shows("D-10")
    @pytest.mark.parametrize(
        "asked",
        [
            "since=2026-13-45",
            "least=abc",
            "kind=zzz",
            "since=2026-12-01&until=2026-01-01",
            "least=2&most=1",
        ],
    )
    def test_what_cannot_be_read_finds_nothing_and_writes_nothing_out(
        self, office: Office, kida: Client, asked: str
    ) -> None:
        office.file(b"a", "a.pdf")
        answer = kida.get(at_folder(office, f"?{asked}"))
        assert answer.status_code == 422
        assert "青葉文具株式会社" not in text(answer)
        for part in ("records.csv", "archive.zip", "print/"):
            refused = kida.get(at_folder(office, f"{part}?{asked}"))
            assert refused.status_code == 422
            assert "WF-F208" in text(refused)

    @pytest.mark.shows("D-11")
    def test_signs_of_the_databases_language_are_letters(self, office: Office, kida: Client) -> None:
        for name in ("100%値引商店", "A_1商会", "円\\商店", "百貨店"):
            office.file(name.encode(), "a.pdf", counterparty=name)
        for sign in ("%25", "_", "%5C"):
            assert "1件が当てはまります" in text(kida.get(at_folder(office, f"?party={sign}")))

    def test_days_and_amounts_are_read_as_people_write_them(self, office: Office, kida: Client) -> None:
        office.file(b"a", "a.pdf", amount=Decimal(-1000))
        asked = {"since": "令和8年11月21日", "until": "２０２６/１１/２１", "least": "▲１，０００円", "most": "−1000"}
        assert "1件が当てはまります" in text(kida.get(at_folder(office), asked))

    @pytest.mark.shows("D-13", "D-15")
    def test_reliefs_are_no_switch_of_the_search(self, office: Office, kida: Client) -> None:
        for page in (text(kida.get(at_folder(office))), text(kida.get(at_folder(office, "intake/")))):
            assert "5,000万円" not in page
            assert "猶予" not in page

    @pytest.mark.shows("D-09")
    def test_prints_in_order(self, office: Office, kida: Client) -> None:
        office.file(b"a", "a.pdf", counterparty="甲", traded_on=date(2026, 1, 5))
        office.file(b"b", "b.pdf", counterparty="乙", traded_on=date(2026, 2, 5))
        page = text(kida.get(at_folder(office, "print/")))
        assert page.index("2026/02/05") < page.index("2026/01/05")


class TestExport:
    @pytest.mark.shows("D-14")
    def test_an_auditor_takes_exactly_what_was_opened(self, office: Office) -> None:
        office.file(b"%PDF-1.7 a", "a.pdf", counterparty="甲")
        office.file(b"%PDF-1.7 b", "b.pdf", counterparty="乙", kind=Kind.RECEIPT)
        office.look()
        office.let_in(office.kubo, FolderAccess.Way.AUDITOR, kinds=[Kind.RECEIPT], traded_from=date(2026, 1, 1))
        kubo = signed_in_client(office.kubo, at=MORNING)
        packed = zipfile.ZipFile(io.BytesIO(b"".join(kubo.get(at_folder(office, "archive.zip")))))  # type: ignore[arg-type]
        assert [name for name in packed.namelist() if "originals" in name] == ["originals/00000002_20261121_b.pdf"]
        for name in ("records.csv", "history.csv"):
            assert "甲" not in packed.read(name).decode()
        assert kubo.get(at_folder(office, "intake/")).status_code == 403
        hidden = at_folder(office, f"records/{office.record(1).id}/original/")
        assert kubo.get(hidden).status_code == 404

    @pytest.mark.shows("D-14")
    def test_export_wants_a_fresh_sign_in(self, office: Office, kida: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(timezone, "now", lambda: MORNING + timedelta(minutes=6))
        answer = kida.get(at_folder(office, "archive.zip"))
        assert answer.headers["Location"].startswith("/relogin/")


class TestEnd:
    @pytest.mark.shows("003-9", "D-20")
    def test_the_name_is_typed_after_a_fresh_sign_in_and_it_can_be_taken_back(
        self, office: Office, aoki: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert aoki.post(at_folder(office, "end/"), {"typed_name": "ひのき"}).status_code == 422
        assert aoki.post(at_folder(office, "end/"), {"typed_name": "桧商事株式会社"}).status_code == 302
        assert "今夜1時に利用を終えます" in text(aoki.get(at_folder(office)))
        assert aoki.post(at_folder(office, "end/cancel/")).status_code == 302
        assert office.folder.state == "open"
        monkeypatch.setattr(timezone, "now", lambda: MORNING + timedelta(minutes=6))
        answer = aoki.post(at_folder(office, "end/"), {"typed_name": "桧商事株式会社"})
        assert answer.headers["Location"].startswith("/relogin/")
        assert office.folder.state == "open"

    @pytest.mark.shows("D-19")
    def test_disposal_before_its_day_is_refused_on_the_screen(self, office: Office, aoki: Client) -> None:
        office.file()
        answer = aoki.post(at_folder(office, "dispose/"), {"until": "2026-11-30", "reason": "不要"})
        assert answer.status_code == 422
        assert "保存期間の途中" in text(answer)


class TestAccess:
    def test_gives_and_takes_an_access(self, office: Office, aoki: Client) -> None:
        given = {"member": str(office.kubo.id), "way": "auditor", "traded_from": "2026-04-01", "kinds": ["invoice"]}
        assert aoki.post(at_folder(office, "access/"), given).status_code == 302
        page = text(aoki.get(at_folder(office, "access/")))
        assert "2026/04/01" in page
        access = FolderAccess.objects.get()
        aoki.post(at_folder(office, f"access/{access.id}/end/"))
        assert FolderAccess.objects.get().ended_at == MORNING

    def test_a_link_is_shown_once(self, office: Office, kida: Client) -> None:
        given = {"name": "桧 花子", "mail": "", "days": "7", "most_files": "5"}
        page = text(kida.post(at_folder(office, "links/"), given))
        link = FolderLink.objects.get()
        assert f"/folder-link/{link.id.hex}" in page
        assert link.id.hex not in text(kida.get(at_folder(office, "links/")))
        kida.post(at_folder(office, f"links/{link.id}/end/"))
        assert FolderLink.objects.get().ended_at == MORNING


class TestPapers:
    @pytest.mark.shows("D-04", "D-17", "D-22", "D-09")
    def test_each_paper_says_what_it_must(self, office: Office, kida: Client) -> None:
        expected = {
            "rules": ("日付", "理由", "内容", "担当者", "桧商事株式会社", "ひな形"),
            "outline": ("SHA-256", "トリガー", "サーバーの", "法令のタイムスタンプは総務大臣"),
            "manual": ("検索する", "書面に出す", "監査人", "ZIP"),
            "office-manual": ("eml", "取消"),
        }
        for key, words in expected.items():
            content = kida.get(at_folder(office, f"papers/{key}.pdf")).content
            said = "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).replace("\n", "")
            for word in words:
                assert word in said, (key, word)
            assert "認証ソフト" not in said
        assert kida.get(at_folder(office, "papers/none.pdf")).status_code == 404


class TestStamps:
    @pytest.mark.shows("D-05", "D-18")
    def test_the_words_are_honest(self, office: Office, kida: Client) -> None:
        page = text(kida.get(at_folder(office, "stamps/")))
        for said in ("総務大臣が認定した", "法令のタイムスタンプではありません", "任意です", "12/3"):
            assert said in page
        assert "すべてファイルと一致" in text(kida.post(at_folder(office, "stamps/"), {"since": "", "until": ""}))


class TestCustomer:
    def test_a_customers_id_puts_in_and_sees_its_own_folder_only(self, office: Office) -> None:
        other = Folder.objects.create(
            organisation_id=office.id, customer_name="別の客", customer_key="別の客", mail_code="x", created_at=MORNING
        )
        office.let_in(office.kikuchi, FolderAccess.Way.CUSTOMER)
        kikuchi = signed_in_client(office.kikuchi, at=MORNING)
        assert "別の客" not in text(kikuchi.get("/desk/folders/"))
        assert kikuchi.get(f"/desk/folders/{other.id}/").status_code == 404
        sent = {"files": [SimpleUploadedFile("a.pdf", b"%PDF-1.7 a")]}
        kikuchi.post(at_folder(office, "intake/"), sent)
        assert office.record(1).received_by == "菊池"
        assert kikuchi.get(at_folder(office, "settings/")).status_code == 403
