"""Records: confirmed, corrected, withdrawn, restored; never deleted (D-01 … D-04)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from tests.cast import MORNING, Cast
from tests.rooms.folders.office import Office, fields, open_office
from warifu.audit.models import Entry
from warifu.folders.actions import exports, records
from warifu.folders.models import Correction, FolderAccess, TransactionRecord
from warifu.folders.queries import history
from warifu.folders.rules.fields import FieldsWrong
from warifu.foundation.actor import OPERATOR
from warifu.foundation.refusals import NotFound
from warifu.organisations.rules import NotPermitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(cast: Cast) -> Office:
    """The office."""
    return open_office(cast)


class TestConfirm:
    def test_files_what_a_person_confirmed(self, office: Office) -> None:
        record_id = office.file(amount=Decimal(11000), counterparty=" 青葉文具株式会社　")
        row = office.record(1)
        assert (row.state, row.amount, row.version) == ("filed", Decimal(11000), 1)
        assert row.counterparty is not None
        assert row.counterparty.name == "青葉文具株式会社"
        assert Correction.objects.get(record_id=record_id).act == "filed"

    def test_is_done_once(self, office: Office) -> None:
        record_id = office.file()
        with pytest.raises(records.NotNow):
            office.confirm(record_id)
        assert Correction.objects.count() == 1

    def test_a_wrong_field_changes_nothing(self, office: Office) -> None:
        office.receive(b"bytes")
        with pytest.raises(FieldsWrong):
            office.confirm(office.record(1).id, counterparty=" ")
        assert office.record(1).state == "received"
        assert Correction.objects.count() == 0


class TestHistory:
    @pytest.mark.shows("D-01", "D-02", "D-04", "D-22")
    def test_edit_withdrawal_and_restoration_all_appear_and_the_export_is_the_screen(self, office: Office) -> None:
        record_id = office.file(amount=Decimal(11000))
        given = fields(amount=Decimal(12100), counterparty="青葉文具本店")
        records.correct(**office.named, record_id=record_id, given=given, reason="税込に直す", version=1)
        records.withdraw(**office.named, record_id=record_id, reason="別の会社のもの")
        records.restore(**office.named, record_id=record_id, reason="やはり当社のもの")
        lines = history.page(reached=office.reached, asked=history.Asked())
        assert [line.act for line in lines] == ["restored", "withdrawn", "corrected", "filed"]
        corrected = lines[2]
        assert (corrected.at, corrected.by, corrected.reason) == (MORNING, "木田", "税込に直す")
        assert {(change.field, change.before, change.after) for change in corrected.changes} == {
            ("取引先", "青葉文具株式会社", "青葉文具本店"),
            ("取引金額", "11,000", "12,100"),
        }
        written = "".join(
            exports.history_csv(reached=office.reached, asked=history.Asked(), translate=lambda text: text)
        )
        for line in lines:
            for change in line.changes:
                assert f'"{change.field}","{change.before}","{change.after}","{line.reason}","{line.by}"' in written

    @pytest.mark.shows("D-02")
    @pytest.mark.parametrize("words", ["青葉文具株式会社", "11,000", "税込に", "木田", "1"])
    def test_is_found_by_what_stood_before_by_reason_by_person_and_by_number(self, office: Office, words: str) -> None:
        record_id = office.file(amount=Decimal(11000))
        given = fields(amount=Decimal(12100), counterparty="本店")
        records.correct(**office.named, record_id=record_id, given=given, reason="税込に直す", version=1)
        asked = history.Asked(text=words.replace(",", ""), without_filing=True)
        assert [line.act for line in history.page(reached=office.reached, asked=asked)] == ["corrected"]
        assert history.page(reached=office.reached, asked=history.Asked(text="どこにもない")) == []

    @pytest.mark.shows("D-04")
    @pytest.mark.parametrize("reason", ["", "　", "あ" * 501])
    def test_a_correction_without_a_reason_is_refused(self, office: Office, reason: str) -> None:
        record_id = office.file()
        before = Entry.objects.count()
        for act in (records.withdraw, records.restore):
            with pytest.raises(records.ReasonMissing):
                act(**office.named, record_id=record_id, reason=reason)
        with pytest.raises(records.ReasonMissing):
            records.correct(**office.named, record_id=record_id, given=fields(amount=None), reason=reason, version=1)
        assert Correction.objects.count() == 1
        assert Entry.objects.count() == before

    def test_of_two_people_who_correct_the_same_one_wins(self, office: Office) -> None:
        record_id = office.file(amount=Decimal(1))
        named: dict[str, Any] = {**office.named, "record_id": record_id, "reason": "直し", "version": 1}
        records.correct(**named, given=fields(amount=Decimal(2)))
        with pytest.raises(records.NotNow):
            records.correct(**named, given=fields(amount=Decimal(3)))
        assert office.record(1).amount == Decimal(2)

    def test_a_correction_that_changes_nothing_is_none(self, office: Office) -> None:
        record_id = office.file(amount=Decimal(5))
        with pytest.raises(records.NothingChanged):
            records.correct(**office.named, record_id=record_id, given=fields(amount=Decimal(5)), reason="x", version=1)

    def test_each_act_writes_one_entry(self, office: Office) -> None:
        record_id = office.file()
        before = Entry.objects.count()
        records.withdraw(**office.named, record_id=record_id, reason="まちがい")
        assert Entry.objects.count() == before + 1


class TestNeverDeleted:
    @pytest.mark.shows("D-03")
    def test_no_way_of_the_program_deletes(self, office: Office) -> None:
        office.file()
        row, change = TransactionRecord.objects.get(), Correction.objects.get()
        for delete in (
            row.delete,
            change.delete,
            TransactionRecord.objects.all().delete,
            Correction.objects.all().delete,
        ):
            with pytest.raises(TypeError):
                delete()
        assert TransactionRecord.objects.count() == Correction.objects.count() == 1

    @pytest.mark.shows("D-03", "D-06", "D-08")
    @pytest.mark.parametrize(
        "statement",
        [
            "DELETE FROM folders_transactionrecord",
            "DELETE FROM folders_correction",
            "UPDATE folders_correction SET reason = 'x'",
            "UPDATE folders_transactionrecord SET sha256 = 'x'",
            "UPDATE folders_transactionrecord SET received_at = '2020-01-01'",
            "UPDATE folders_transactionrecord SET stored_as = 'x'",
        ],
    )
    def test_nor_does_a_statement_past_the_program(self, office: Office, statement: str) -> None:
        office.file()
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
        assert TransactionRecord.objects.count() == 1

    @pytest.mark.shows("D-03")
    def test_a_wish_to_delete_is_refused_and_noted_whoever_has_it(self, office: Office) -> None:
        record_id = office.file()
        for by in (office.aoki, OPERATOR):
            with pytest.raises(records.NeverDeleted):
                records.refuse_to_delete(**{**office.named, "by": by}, record_id=record_id)
        assert Entry.objects.filter(event="folders.record.deletion_refused").count() == 2
        assert office.record(1).state == "filed"


class TestWhoMay:
    def test_an_auditor_and_another_organisation_change_nothing(self, office: Office, cast: Cast) -> None:
        record_id = office.file()
        office.let_in(office.kubo, FolderAccess.Way.AUDITOR)
        named = {**office.named, "record_id": record_id, "reason": "x"}
        with pytest.raises(NotPermitted):
            records.withdraw(**{**named, "by": office.kubo})
        with pytest.raises((NotPermitted, NotFound)):
            records.withdraw(**{**named, "by": cast.ueno, "organisation_id": cast.ueda})
        with pytest.raises(NotFound):
            records.withdraw(**{**named, "by": office.kikuchi})
        assert office.record(1).state == "filed"

    def test_a_customer_who_was_let_in_may_correct(self, office: Office) -> None:
        record_id = office.file()
        office.let_in(office.kikuchi, FolderAccess.Way.CUSTOMER)
        records.withdraw(**{**office.named, "by": office.kikuchi}, record_id=record_id, reason="まちがい")
        assert office.record(1).state == "withdrawn"
