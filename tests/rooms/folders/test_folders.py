"""Folders: made one or many, limits, the end in the night, who reaches them, handing over (B1, D-14, D-20, D-21)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from tests.cast import MORNING, Cast
from tests.rooms.folders.office import Office, open_office
from warifu.audit.models import Entry
from warifu.folders.actions import access, exports, folders, lists, records
from warifu.folders.actions.folders import Wish
from warifu.folders.models import Folder, FolderAccess
from warifu.folders.queries import folders as queries
from warifu.folders.queries import history, search
from warifu.folders.queries.access import reach
from warifu.folders.rules.fields import MIB, Kind
from warifu.folders.rules.keeping import Keeping
from warifu.folders.rules.search import Wanted
from warifu.foundation.actor import Actor
from warifu.foundation.days import JST
from warifu.foundation.refusals import NotFound
from warifu.organisations.rules import LevelTooLow, NotPermitted, Permission

pytestmark = pytest.mark.django_db

NAME = "桧商事株式会社"


@pytest.fixture
def office(cast: Cast) -> Office:
    """The office."""
    return open_office(cast)


def leading(office: Office) -> dict[str, Any]:
    """The arguments of actions, as Aoki."""
    return {**office.named, "by": office.aoki}


class TestOpen:
    @pytest.mark.shows("003-9")
    def test_a_folder_has_its_capacity_and_its_limit(self, office: Office) -> None:
        view = queries.view(folder=office.folder)
        assert (view.capacity, view.file_limit, view.used, view.fill) == (10240 * MIB, 100 * MIB, 0, 0)
        Folder.objects.update(used=9300 * MIB)
        assert queries.view(folder=office.folder).is_nearly_full

    def test_many_are_made_or_none(self, office: Office) -> None:
        wishes = [Wish(customer_name="甲", customer_code="K1"), Wish(customer_name="乙", customer_code="C001")]
        with pytest.raises(folders.CodeTaken):
            folders.open_many(organisation_id=office.id, wishes=wishes, by=office.aoki, at=MORNING)
        assert Folder.objects.count() == 1

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "cp932"])
    def test_a_list_is_read_in_both_encodings(self, encoding: str) -> None:
        text = (
            "顧客の名前,顧客コード,容量の上限（MB）\n髙橋商店,K9,500\n"
            if encoding != "cp932"
            else "顧客の名前\n高橋商店\n"
        )
        found = lists.read(file_name="a.csv", content=text.encode(encoding))
        assert found.problems == []
        assert len(found.wishes) == 1

    def test_an_excel_list_is_read_and_a_broken_one_refused(self) -> None:
        from io import BytesIO

        import openpyxl

        book = openpyxl.Workbook()
        book.active.append(["顧客の名前", "容量の上限（MB）"])
        book.active.append(["桧", 500])
        out = BytesIO()
        book.save(out)
        assert lists.read(file_name="a.xlsx", content=out.getvalue()).wishes[0].capacity == 500 * MIB
        with pytest.raises(lists.ListUnreadable):
            lists.read(file_name="a.xlsx", content=b"PK broken")

    @pytest.mark.parametrize(
        "wrong",
        [
            {"capacity": 10},
            {"file_limit": 3 * 1024 * MIB},
            {"keeping": Keeping(years=6)},
            {"keeping": Keeping(year_end_month=13)},
        ],
    )
    def test_limits_that_cannot_be_are_refused(self, office: Office, wrong: dict[str, Any]) -> None:
        with pytest.raises(folders.LimitsWrong):
            folders.open_one(
                organisation_id=office.id, wish=replace(Wish(customer_name="甲"), **wrong), by=office.aoki, at=MORNING
            )

    def test_the_capacity_never_falls_below_what_is_used(self, office: Office) -> None:
        Folder.objects.update(used=50 * MIB)
        with pytest.raises(folders.LimitsWrong):
            folders.change(**leading(office), wish=Wish(customer_name=NAME, capacity=49 * MIB))
        folders.change(**leading(office), wish=Wish(customer_name=NAME, capacity=50 * MIB))
        assert office.folder.capacity == 50 * MIB

    def test_staff_and_weak_sessions_make_none(self, office: Office) -> None:
        for by, refusal in ((office.kida, NotPermitted), (replace(office.aoki, level=1), LevelTooLow)):
            with pytest.raises(refusal):
                folders.open_one(organisation_id=office.id, wish=Wish(customer_name="甲"), by=by, at=MORNING)
        assert Folder.objects.count() == 1


class TestEnd:
    @pytest.mark.shows("003-9")
    def test_the_name_is_typed_and_the_night_carries_it_out(self, office: Office) -> None:
        with pytest.raises(folders.NameDiffers):
            folders.end(**leading(office), typed_name="桧商事")
        folders.end(**leading(office), typed_name=NAME)
        for hour in (datetime(2026, 11, 24, 23, 59, tzinfo=JST), datetime(2026, 11, 25, 0, 59, tzinfo=JST)):
            assert folders.end_due(at=hour) == 0
            assert office.folder.state == "ending"
        night = datetime(2026, 11, 25, 1, 0, tzinfo=JST)
        assert (folders.end_due(at=night), folders.end_due(at=night)) == (1, 0)
        assert (office.folder.state, office.folder.ended_at) == ("ended", night)

    @pytest.mark.shows("003-9")
    def test_until_the_night_it_is_taken_back(self, office: Office) -> None:
        folders.end(**leading(office), typed_name=NAME)
        folders.cancel_end(**leading(office))
        assert folders.end_due(at=datetime(2026, 11, 25, 1, 0, tzinfo=JST)) == 0
        with pytest.raises(folders.NotEnding):
            folders.cancel_end(**leading(office))
        assert office.folder.state == "open"

    def test_one_asked_for_after_midnight_waits_for_the_next_one_oclock(self, office: Office) -> None:
        late = datetime(2026, 11, 25, 0, 30, tzinfo=JST)
        folders.end(**{**leading(office), "at": late}, typed_name=NAME)
        assert folders.end_due(at=datetime(2026, 11, 25, 1, 0, tzinfo=JST)) == 1

    @pytest.mark.shows("D-20")
    def test_an_ended_folder_is_still_searched_shown_corrected_and_written_out(self, office: Office) -> None:
        record_id = office.file(b"%PDF-1.7 a")
        office.look()
        folders.end(**leading(office), typed_name=NAME)
        folders.end_due(at=datetime(2026, 11, 25, 1, 0, tzinfo=JST))
        page = search.page(
            organisation_id=office.id, folder_id=office.folder_id, wanted=Wanted(), by=office.kida, at=MORNING
        )
        assert [line.id for line in page.lines] == [record_id]
        reached = exports.begin(**office.named, form="zip", wanted=Wanted())
        packed = b"".join(exports.archive(reached=reached, wanted=Wanted(), translate=str, at=MORNING))
        assert b"originals/00000001" in packed
        records.withdraw(**office.named, record_id=record_id, reason="誤り")
        assert history.page(reached=office.reached, asked=history.Asked())[0].act == "withdrawn"


class TestAccess:
    @pytest.mark.shows("D-14")
    def test_an_auditor_sees_a_period_and_kinds_and_nothing_else(self, office: Office) -> None:
        inside = office.file(b"a", traded_on=date(2026, 4, 10), kind=Kind.INVOICE)
        office.file(b"b", traded_on=date(2026, 4, 10), kind=Kind.RECEIPT)
        outside = office.file(b"c", traded_on=date(2025, 4, 10), kind=Kind.INVOICE)
        office.let_in(
            office.kubo,
            FolderAccess.Way.AUDITOR,
            traded_from=date(2026, 4, 1),
            traded_until=date(2027, 3, 31),
            kinds=[Kind.INVOICE],
            valid_until=date(2026, 11, 30),
        )
        reached = reach(**{**office.named, "by": office.kubo}, permission=Permission.FOLDERS_READ)
        assert [line.id for line in search.every(reached=reached, wanted=Wanted())] == [inside]
        assert [line.record_id for line in history.every(reached=reached, asked=history.Asked())] == [inside]
        assert search.waiting(reached=reached) == []
        with pytest.raises(NotFound):
            search.record_of(reached=reached, record_id=outside)
        with pytest.raises(NotFound):
            reach(
                **{**office.named, "by": office.kubo, "at": datetime(2026, 12, 1, tzinfo=JST)},
                permission=Permission.FOLDERS_READ,
            )

    def test_somebody_without_an_access_finds_no_folder(self, office: Office, cast: Cast) -> None:
        for by in (office.kikuchi, office.kubo):
            assert queries.listing(organisation_id=office.id, by=by, at=MORNING) == ([], "")
            with pytest.raises(NotFound):
                reach(**{**office.named, "by": by}, permission=Permission.FOLDERS_READ)
        with pytest.raises(NotFound):
            reach(
                organisation_id=cast.ueda,
                folder_id=office.folder_id,
                permission=Permission.FOLDERS_READ,
                by=cast.ueno,
                at=MORNING,
            )

    def test_taking_it_back_closes_the_folder_at_once(self, office: Office) -> None:
        access_id = office.let_in(office.kikuchi, FolderAccess.Way.CUSTOMER)
        with pytest.raises(access.AccessGivenBefore):
            office.let_in(office.kikuchi, FolderAccess.Way.CUSTOMER)
        access.end(**leading(office), access_id=access_id)
        with pytest.raises(NotFound):
            reach(**{**office.named, "by": office.kikuchi}, permission=Permission.FOLDERS_READ)

    def test_a_wrong_role_or_period_gives_none(self, office: Office) -> None:
        with pytest.raises(access.RoleMissing):
            office.let_in(office.kikuchi, FolderAccess.Way.AUDITOR)
        with pytest.raises(access.PeriodWrong):
            office.let_in(
                office.kubo,
                FolderAccess.Way.AUDITOR,
                traded_from=date(2026, 2, 1),
                traded_until=date(2026, 1, 1),
            )
        assert FolderAccess.objects.count() == 0


class TestHandOver:
    @pytest.mark.shows("D-21")
    def test_history_export_and_rights_survive_a_change_of_office(self, office: Office, cast: Cast) -> None:
        record_id = office.file(b"%PDF-1.7 a")
        records.withdraw(**office.named, record_id=record_id, reason="誤り")
        office.let_in(office.kikuchi, FolderAccess.Way.CUSTOMER)
        Folder.objects.update(keeper_id=cast.ueda)
        keeper: dict[str, Any] = {"organisation_id": cast.ueda, "folder_id": office.folder_id, "by": cast.ueno}
        assert reach(**keeper, permission=Permission.FOLDERS_READ, at=MORNING).is_keeper
        with pytest.raises(NotPermitted):
            reach(**keeper, permission=Permission.FOLDERS_FILE, at=MORNING)
        folders.hand_over(**keeper, to_code="ueda", at=MORNING)
        reached = reach(**keeper, permission=Permission.FOLDERS_MANAGE, at=MORNING)
        assert [line.act for line in history.every(reached=reached, asked=history.Asked())] == ["withdrawn", "filed"]
        assert [line.id for line in search.every(reached=reached, wanted=Wanted())] == [record_id]
        with pytest.raises(NotFound):
            reach(**office.named, permission=Permission.FOLDERS_READ)
        assert Entry.objects.filter(event="folders.folder.handed_over").count() == 2

    def test_the_office_cannot_give_away_what_has_a_keeper_here(self, office: Office, cast: Cast) -> None:
        Folder.objects.update(keeper_id=cast.ueda)
        with pytest.raises(NotFound):
            folders.hand_over(**leading(office), to_code="aoba")
        with pytest.raises(folders.NewOfficeUnknown):
            folders.hand_over(
                organisation_id=cast.ueda, folder_id=office.folder_id, to_code="none", by=cast.ueno, at=MORNING
            )


def test_lists_page_by_key(office: Office) -> None:
    wishes = [Wish(customer_name=f"顧客{number:02d}") for number in range(7)]
    folders.open_many(organisation_id=office.id, wishes=wishes, by=office.aoki, at=MORNING)
    seen: list[str] = []
    after = ""
    while True:
        lines, after = queries.listing(organisation_id=office.id, by=_any(office), at=MORNING, after=after, limit=3)
        seen += [line.customer_name for line in lines]
        if not after:
            break
    assert len(seen) == len(set(seen)) == 8


def _any(office: Office) -> Actor:
    return office.kida
