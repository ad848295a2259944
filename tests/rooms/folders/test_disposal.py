"""Disposal: after the end of keeping and never before; the row and its history stay (D-03, D-19)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from tests.cast import MORNING, Cast
from tests.rooms.folders.office import Office, open_office
from warifu.folders import storage
from warifu.folders.actions import disposal, records
from warifu.folders.models import Correction, Folder, TransactionRecord
from warifu.foundation.days import JST
from warifu.organisations.rules import NotPermitted

pytestmark = pytest.mark.django_db

LATER = datetime(2036, 6, 1, 10, 0, tzinfo=JST)


@pytest.fixture
def office(cast: Cast) -> Office:
    """An office whose customer's year ends in March."""
    office = open_office(cast)
    Folder.objects.update(year_end_month=3, keeping_years=10)
    office.file(b"old", "old.pdf", traded_on=date(2026, 3, 31))
    office.file(b"young", "young.pdf", traded_on=date(2026, 4, 1))
    return office


def asked(office: Office, **given: Any) -> dict[str, Any]:
    """The arguments of a disposal, as Aoki."""
    usual = {"until": date(2026, 3, 31), "reason": "保存期間の満了", "by": office.aoki, "at": LATER}
    return {**office.named, **usual, **given}


class TestDispose:
    @pytest.mark.shows("D-19", "D-03", "D-22")
    def test_before_the_end_it_is_refused_and_the_day_is_said(self, office: Office) -> None:
        for at in (MORNING, datetime(2036, 5, 31, 23, 59, tzinfo=JST)):
            with pytest.raises(disposal.KeptUntil) as refused:
                disposal.dispose(**asked(office, at=at))
            assert refused.value.values["day"] < "2026-03-31"
        with pytest.raises(disposal.KeptUntil):
            disposal.dispose(**asked(office, until=date(2026, 4, 1)))
        assert set(TransactionRecord.objects.values_list("state", flat=True)) == {"filed"}

    @pytest.mark.shows("D-19", "D-04")
    def test_after_it_the_original_goes_and_a_tombstone_with_reason_and_person_stays(
        self, office: Office, django_capture_on_commit_callbacks: Any
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            assert disposal.dispose(**asked(office)) == 1
        row = office.record(1)
        assert (row.state, row.disposed_on, row.sha256 != "") == ("disposed", date(2036, 6, 1), True)
        with pytest.raises(storage.OriginalMissing):
            storage.content(name=row.stored_as)
        told = Correction.objects.get(act="disposed")
        assert (told.reason, told.by_name, told.at) == ("保存期間の満了", office.aoki.label, LATER)
        assert storage.content(name=office.record(2).stored_as) == b"young"
        assert office.folder.used == len(b"young")
        assert disposal.dispose(**asked(office)) == 0

    def test_staff_may_not_and_a_reason_is_needed(self, office: Office) -> None:
        with pytest.raises(NotPermitted):
            disposal.dispose(**asked(office, by=office.kida))
        with pytest.raises(records.ReasonMissing):
            disposal.dispose(**asked(office, reason=" "))
        assert office.record(1).state == "filed"
