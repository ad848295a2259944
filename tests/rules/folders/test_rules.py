"""Fields, keeping, suggestions and lists: what values alone decide."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rooms.folders.office import fields
from warifu.folders.rules import features, files, invoices, keeping, lists, mails, search, suggesting
from warifu.folders.rules import fields as rules
from warifu.folders.rules.fields import Direction, FieldsWrong, Kind, RegistrationNumberWrong
from warifu.folders.rules.keeping import Keeping


class TestFields:
    @pytest.mark.shows("D-16")
    @pytest.mark.parametrize(
        "typed", ["T7123456789012", "Ｔ７１２３４５６７８９０１２", "t7123456789012", "T7-1234-5678-9012"]
    )
    def test_a_registration_number_is_read_as_people_write_it(self, typed: str) -> None:
        assert rules.registration_number(typed) == "T7123456789012"

    @pytest.mark.shows("D-16")
    @pytest.mark.parametrize("typed", ["T7123456789013", "7123456789012", "T712345678901", "T0123456789012", "Tabc"])
    def test_a_wrong_registration_number_is_refused(self, typed: str) -> None:
        with pytest.raises(RegistrationNumberWrong):
            rules.registration_number(typed)

    @pytest.mark.shows("D-12")
    def test_a_paper_without_an_amount_stays_without_one(self) -> None:
        assert rules.checked(fields(amount=None)).amount is None
        assert rules.checked(fields(amount=Decimal(0))).amount == 0

    @pytest.mark.parametrize(
        "wrong",
        [
            {"counterparty": "　"},
            {"counterparty": "あ" * 201},
            {"amount": Decimal("1.234")},
            {"amount": Decimal("NaN")},
            {"amount": Decimal(10) ** 14},
            {"currency": "円"},
            {"traded_on": date(1900, 1, 1)},
            {"memo": "あ" * 501},
        ],
    )
    def test_what_cannot_be_is_refused(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(FieldsWrong):
            rules.checked(fields(**wrong))

    def test_signs_that_nobody_sees_are_left_out_and_gaiji_stay(self) -> None:
        kept = rules.checked(fields(counterparty="\u202e青\x00葉\ue000\ud800", memo="一\n\u200b二"))
        assert (kept.counterparty, kept.memo) == ("青葉\ue000", "一\n二")

    def test_a_code_is_measured_as_it_is_kept(self) -> None:
        with pytest.raises(FieldsWrong):
            rules.checked(fields(counterparty_code="㍿" * 11))
        assert len(search.folded("㍿" * 200)) == search.KEY_LENGTH

    def test_there_is_one_zero(self) -> None:
        assert str(rules.checked(fields(amount=Decimal("-0"))).amount) == "0.00"


class TestKeeping:
    @pytest.mark.shows("D-19")
    def test_the_vectors_of_the_rule(self) -> None:
        march = Keeping(year_end_month=3, years=7)
        assert keeping.span(keeping=march, traded_on=date(2026, 3, 31)).starts_on == date(2026, 6, 1)
        assert keeping.span(keeping=march, traded_on=date(2025, 4, 1)).ends_on == date(2033, 5, 31)
        assert keeping.span(keeping=Keeping(year_end_month=3), traded_on=date(2026, 3, 31)).ends_on == date(2036, 5, 31)
        put_off = Keeping(year_end_month=3, years=7, extension_months=1)
        assert keeping.span(keeping=put_off, traded_on=date(2026, 3, 31)).starts_on == date(2026, 7, 1)

    @pytest.mark.shows("D-19")
    def test_a_sole_traders_year_is_the_calendars(self) -> None:
        found = keeping.span(
            keeping=Keeping(is_sole_trader=True, years=7, year_end_month=3), traded_on=date(2026, 5, 1)
        )
        assert (found.starts_on, found.ends_on) == (date(2027, 3, 16), date(2034, 3, 15))

    @given(
        day=st.dates(date(1995, 1, 1), date(2060, 12, 31)),
        today=st.dates(date(2020, 1, 1), date(2060, 12, 31)),
        month=st.integers(1, 12),
        years=st.sampled_from(keeping.YEARS),
    )
    @settings(deadline=None)
    def test_nothing_is_disposable_before_its_end(self, day: date, today: date, month: int, years: int) -> None:
        rule = Keeping(year_end_month=month, years=years)
        last = keeping.newest_disposable(keeping=rule, today=today)
        assert (day <= last) == (keeping.span(keeping=rule, traded_on=day).ends_on < today)

    @pytest.mark.shows("D-05")
    def test_a_stamp_is_due_two_months_and_seven_business_days_later(self) -> None:
        assert keeping.stamp_due(received_on=date(2026, 11, 21), has_rules=True) == date(2027, 2, 1)
        assert keeping.stamp_due(received_on=date(2026, 11, 24), has_rules=False) == date(2026, 12, 3)


class TestSuggesting:
    def test_the_name_of_a_file_in_any_order(self) -> None:
        for name in ("20261121_株式会社青葉_110000.pdf", "110,000円_20261121_株式会社青葉_請求書.pdf"):
            found = suggesting.from_name(name)
            assert (found.traded_on, found.amount, found.counterparty) == (
                date(2026, 11, 21),
                Decimal(110000),
                "株式会社青葉",
            )

    def test_a_name_that_says_nothing_suggests_nothing(self) -> None:
        assert suggesting.from_name("scan0001.pdf").as_values() == {}

    def test_the_text_of_an_invoice(self) -> None:
        text = (
            "請 求 書\n桧商事株式会社 御中\n請求日 令和8年11月21日\n"
            "株式会社青葉文具\n登録番号 Ｔ７１２３４５６７８９０１２\n"
            "小計 ￥100,000\n消費税 ￥10,000\nご請求金額\n￥110,000\nお支払期限 2026年12月31日\n"
        )
        found = suggesting.from_text(text, own_names=("桧商事株式会社",))
        assert found.traded_on == date(2026, 11, 21)
        assert found.amount == Decimal(110000)
        assert found.counterparty == "株式会社青葉文具"
        assert found.registration_number == "T7123456789012"

    @given(st.text(max_size=300))
    def test_no_text_is_too_strange(self, text: str) -> None:
        suggesting.from_text(text)
        suggesting.from_name(text)


UBL = """<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
  xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
  xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <cbc:ID>INV-7</cbc:ID><cbc:IssueDate>2026-11-21</cbc:IssueDate><cbc:DocumentCurrencyCode>JPY</cbc:DocumentCurrencyCode>
  <cac:AccountingSupplierParty><cac:Party><cac:PartyTaxScheme><cbc:CompanyID>T7123456789012</cbc:CompanyID></cac:PartyTaxScheme>
    <cac:PartyLegalEntity><cbc:RegistrationName>株式会社青葉</cbc:RegistrationName></cac:PartyLegalEntity></cac:Party></cac:AccountingSupplierParty>
  <cac:AccountingCustomerParty><cac:Party>
    <cac:PartyLegalEntity><cbc:RegistrationName>桧商事株式会社</cbc:RegistrationName></cac:PartyLegalEntity></cac:Party></cac:AccountingCustomerParty>
  <cac:LegalMonetaryTotal>
    <cbc:TaxInclusiveAmount currencyID="JPY">110000</cbc:TaxInclusiveAmount></cac:LegalMonetaryTotal>
  <cac:InvoiceLine><cac:Price><cbc:PriceAmount currencyID="JPY">500</cbc:PriceAmount></cac:Price></cac:InvoiceLine>
</Invoice>"""
ZEDI = (
    "<?xml version='1.0' encoding='UTF-8'?><EDI><支払通知発行日>2026-11-20</支払通知発行日>"
    "<支払通知番号>P-1</支払通知番号><支払人名>桧商事株式会社</支払人名><支払金額>55000</支払金額></EDI>"
)


class TestInvoices:
    @pytest.mark.shows("D-23", "D-06", "D-12")
    def test_a_jp_pint_invoice_suggests_its_total_not_a_unit_price(self) -> None:
        found = invoices.suggested(UBL.encode())
        assert (found.amount, found.counterparty, found.registration_number) == (
            Decimal(110000),
            "株式会社青葉",
            "T7123456789012",
        )
        assert (found.direction, found.document_number, found.traded_on) == (
            Direction.RECEIVED,
            "INV-7",
            date(2026, 11, 21),
        )

    @pytest.mark.shows("D-16")
    def test_ones_own_invoice_is_a_sent_one(self) -> None:
        found = invoices.suggested(UBL.encode(), own_number="T7123456789012")
        assert (found.direction, found.counterparty) == (Direction.SENT, "桧商事株式会社")

    def test_a_foreign_invoice_with_taxes_in_two_currencies_suggests_its_own(self) -> None:
        taxes = "".join(
            f'<cac:TaxTotal><cbc:TaxAmount currencyID="{unit}">{tax}</cbc:TaxAmount></cac:TaxTotal>'
            for unit, tax in (("USD", "112.23"), ("JPY", "16000"))
        )
        foreign = UBL.replace('currencyID="JPY">110000', 'currencyID="USD">1234.56').replace(
            "<cac:LegalMonetaryTotal>", f"{taxes}<cac:LegalMonetaryTotal>"
        )
        found = invoices.suggested(foreign.encode())
        assert (found.amount, found.currency) == (Decimal("1234.56"), "USD")

    def test_an_order_and_a_credit_note_are_read_by_their_own_names(self) -> None:
        order = (
            UBL.replace("AccountingSupplierParty", "SellerSupplierParty")
            .replace("LegalMonetaryTotal", "AnticipatedMonetaryTotal")
            .replace("TaxInclusiveAmount", "PayableAmount")
            .replace("<Invoice", "<Order")
            .replace("</Invoice", "</Order")
        )
        found = invoices.suggested(order.encode())
        assert (found.kind, found.counterparty, found.amount) == (Kind.ORDER, "株式会社青葉", Decimal(110000))
        credit = UBL.replace("<Invoice ", "<CreditNote ").replace("</Invoice>", "</CreditNote>")
        assert invoices.suggested(credit.encode()).amount == Decimal(-110000)

    def test_a_payment_notice(self) -> None:
        found = invoices.suggested(ZEDI.encode())
        assert (found.amount, found.kind, found.counterparty) == (Decimal(55000), Kind.PAYMENT, "桧商事株式会社")

    @pytest.mark.shows("D-06")
    def test_every_item_is_listed_with_its_name(self) -> None:
        listed = {item.name: item.value for item in invoices.items(UBL.encode())}
        assert listed["LegalMonetaryTotal／TaxInclusiveAmount"] == "110000 JPY"
        assert listed["InvoiceLine／Price／PriceAmount"] == "500 JPY"

    @pytest.mark.parametrize(
        "evil",
        [
            '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
            '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
            "<a>",
            "",
        ],
    )
    def test_what_may_not_be_read_is_not(self, evil: str) -> None:
        with pytest.raises(invoices.NoInvoice):
            invoices.items(evil.encode())


MAIL = (
    "From: =?utf-8?b?6Z2S6JGJ5paH5YW3?= <bill@aoba.example>\r\nTo: in@hinoki.example\r\n"
    "Date: Sat, 21 Nov 2026 10:00:00 +0900\r\nSubject: =?utf-8?b?6KuL5rGC5pu4?=\r\nMessage-ID: <1@aoba.example>\r\n"
    "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    "ご請求金額 5,500円です。\r\n--b\r\nContent-Type: application/pdf\r\n"
    'Content-Disposition: attachment; filename="../a.pdf"\r\n\r\n'
    "%PDF-1.7\r\n--b--\r\n"
).encode()


class TestMails:
    def test_a_mail_suggests_day_sender_and_sum(self) -> None:
        mail = mails.read(MAIL)
        assert (mail.subject, mail.sender_name, mail.attachments[0].name) == ("請求書", "青葉文具", "a.pdf")
        found = mails.suggested(mail)
        assert (found.traded_on, found.amount, found.kind) == (date(2026, 11, 21), Decimal(5500), Kind.INVOICE)
        assert mails.attachment(MAIL, place=0)[1].startswith(b"%PDF")

    @given(st.binary(max_size=400))
    def test_strange_bytes_are_no_mail_or_a_mail(self, content: bytes) -> None:
        with suppress(mails.NoMail):
            mails.suggested(mails.read(content))

    def test_letters_of_japanese_mailers_are_read(self) -> None:
        raw = (
            b"From: a@aoba.example\r\nDate: Sat, 21 Nov 2026 10:00:00 +0900\r\nSubject: \x1b$B@A5a=q\x1b(B\r\n"
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
            b"Content-Type: text/plain; charset=ISO-2022-JP\r\n\r\n"
            b'\x1b$B@A5a=q\x1b(B\r\n--b\r\nContent-Disposition: attachment; filename="\x90\xbf\x8b\x81.pdf"\r\n'
            b"Content-Type: application/pdf\r\n\r\n%PDF-1.7\r\n--b\r\n"
            b"Content-Disposition: attachment; filename=winmail.dat\r\n"
            b"Content-Type: application/ms-tnef\r\n\r\nx\r\n--b--\r\n"
        )
        mail = mails.read(raw)
        assert (mail.subject, mail.body.strip()) == ("請求書", "請求書")
        assert [one.name for one in mail.attachments] == ["請求.pdf", "winmail.dat"]

    def test_what_is_attached_to_a_forwarded_mail_stands_behind_it(self) -> None:
        raw = (
            b"From: b@aoba.example\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n"
            b"Content-Type: message/rfc822\r\n\r\n" + MAIL + b"\r\n--o--\r\n"
        )
        found = mails.read(raw).attachments
        assert [(one.name, one.media) for one in found] == [
            ("請求書.eml", files.Media.MAIL),
            ("a.pdf", files.Media.PDF),
        ]
        assert mails.attachment(raw, place=1)[1].startswith(b"%PDF")

    def test_a_mail_in_html_only_is_shown_as_words(self) -> None:
        raw = b"From: a@b.example\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        words = b"<style>p{}</style><p>5,500&yen;</p><script>x</script>"
        assert mails.read(raw + words).body == "5,500¥"

    @pytest.mark.parametrize(
        "header",
        [
            b"Message-ID: <[",
            b"From: a@[::bad",
            b"From: =?utf-8?b?zzzz?= <",
            b"From: \xff\xfe",
            b"From: a@b\r\nTo: " + b"a@b," * 20000,
        ],
    )
    def test_broken_headers_stop_nobody(self, header: bytes) -> None:
        started = time.perf_counter()
        mails.suggested(mails.read(header + b"\r\nDate: Tue, 99 Foo 2026\r\n\r\nx"))
        assert time.perf_counter() - started < 1

    def test_parts_without_an_end_are_no_mail(self) -> None:
        parts = b"".join(
            b"--x%d\r\nContent-Type: multipart/mixed; boundary=x%d\r\n\r\n" % (place, place + 1)
            for place in range(1500)
        )
        for many in (parts, b"--x0\r\n\r\na\r\n" * 20_000):
            with pytest.raises(mails.NoMail):
                mails.read(b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x0\r\n\r\n" + many)


class TestFiles:
    def test_the_bytes_say_what_a_file_is(self) -> None:
        assert files.media_of(head=b"%PDF-1.7", file_name="a.jpg") is files.Media.PDF
        assert files.media_of(head=MAIL, file_name="a.eml") is files.Media.MAIL
        assert files.media_of(head=b"<html>", file_name="a.pdf") is files.Media.OTHER

    @given(st.text(max_size=400))
    def test_a_name_holds_no_path(self, name: str) -> None:
        plain = files.plain_name(name)
        assert plain
        assert len(plain) <= 150
        assert not set(plain) & set('/\\<>:"|?*')


class TestLists:
    HEAD = ("顧客の名前", "顧客コード", "容量の上限（MB）", "法人・個人", "保存する年数")

    @pytest.mark.shows("003-9")
    def test_rows_become_folders(self) -> None:
        rows, problems = lists.parse(
            [self.HEAD, ("桧商事株式会社", "C001", "2,048", "法人", "7"), ("", "", "", "", "")]
        )
        assert problems == []
        assert (rows[0].capacity_mb, rows[0].keeping.years) == (2048, 7)

    def test_each_fault_is_named_with_its_row(self) -> None:
        rows = [self.HEAD, ("", "C1", "x", "団体", "8"), ("桧", "C1", "", "", "")]
        problems = lists.parse(rows)[1]
        assert [(each.row, each.column) for each in problems] == [
            (2, "顧客の名前"),
            (2, "法人・個人"),
            (2, "保存する年数"),
            (2, "容量の上限（MB）"),
            (3, "顧客コード"),
        ]


class TestFeatures:
    @pytest.mark.shows("D-22", "D-18")
    def test_each_point_has_its_test_and_nothing_is_called_certified(self) -> None:
        from pathlib import Path

        root = Path(__file__).resolve().parents[3]
        assert [feature.mark for feature in features.ALL] == [f"J{letter}" for letter in "ABCDEFGHIJK"]
        for feature in features.ALL:
            path, _, name = feature.test.partition("::")
            assert f"class {name}" in (root / path).read_text(encoding="utf-8"), feature.mark
            assert "認証" not in feature.does.replace("時刻認証", "")
