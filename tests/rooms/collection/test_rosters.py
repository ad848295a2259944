"""Rosters on their way to people: received, checked, mended, loaded, undone, discarded."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import Cast
from warifu.audit import queries as trail
from warifu.collection.actions import roster_loading, rosters
from warifu.collection.models import Policy, Roster, RosterChange, RosterEntry, RosterMend, RosterProblem
from warifu.collection.rules.roster_file import FileEmpty, NotATable, WrongEncoding
from warifu.collection.rules.roster_layout import ColumnsUnknown
from warifu.foundation.refusals import NotFound, Refused
from warifu.notices.models import Letter
from warifu.organisations import actions as members
from warifu.organisations import queries as organisations
from warifu.organisations.rules import NotPermitted
from warifu.vault.models import SealedFile

pytestmark = pytest.mark.django_db

State = Roster.State
BARE = "m01@example.jp,佐藤,,一郎\nm02@example.jp,鈴木,,花子\nm03@example.jp,田中,マリー,愛\n"
FULL = (
    "社員番号,姓,名,セイ,メイ,生年月日,入社日,所属,メールアドレス,電話番号,在籍状態\n"
    "0101,佐藤,一郎,サトウ,イチロウ,1990-01-02,2015-04-01,総務課,s01@example.jp,03-1234-5678,在職\n"
    "0102,鈴木,花子,ｽｽﾞｷ,はなこ,昭和63年4月2日,2016-04-01,営業課,s02@example.jp,,在職\n"
    "0103,田中,愛,タナカ,アイ,1992-02-30,,営業課,s03@example.jp,,在職\n"
)


def receive(cast: Cast, at: datetime, text: str, **more: Any) -> UUID:
    given = {"organisation_id": cast.aoba, "by": cast.eto, "at": at, "file_name": "名簿.csv"} | more
    return rosters.receive(content=text.encode(), **given)


def load(cast: Cast, at: datetime, roster_id: UUID) -> Roster:
    rosters.load(organisation_id=cast.aoba, roster_id=roster_id, by=cast.eto, at=at)
    rosters.work_due(at=at)
    return Roster.objects.get(id=roster_id)


def member(cast: Cast, mail: str) -> organisations.MemberView:
    found = organisations.member_by_mail(organisation_id=cast.aoba, mail=mail)
    assert found is not None
    return found


def events(cast: Cast, roster_id: UUID) -> list[str]:
    return [line.event for line in trail.timeline(organisation_id=cast.aoba, subject_id=roster_id)][::-1]


class TestReceive:
    @pytest.mark.shows("001-8", "001-9", "001-10")
    def test_takes_a_bare_file_and_checks_it(self, cast: Cast, at: datetime) -> None:
        roster = Roster.objects.get(id=receive(cast, at, BARE))
        assert (roster.state, roster.preset, roster.has_header) == (State.CHECKED, "bare", False)
        assert (roster.rows, roster.accepted, roster.added, roster.errors) == (3, 3, 3, 0)
        assert [column["field"] for column in roster.columns] == ["mail", "family_name", "middle_name", "given_name"]

    def test_writes_who_brought_it(self, cast: Cast, at: datetime) -> None:
        roster_id = receive(cast, at, BARE, file_name="C:\\秘密\\名簿\x00.csv")
        assert Roster.objects.get(id=roster_id).file_name == "名簿.csv"
        assert "collection.roster.received" in events(cast, roster_id)

    @pytest.mark.shows("001-12")
    def test_says_where_and_why(self, cast: Cast, at: datetime) -> None:
        roster_id = receive(cast, at, FULL)
        problem = RosterProblem.objects.get(roster_id=roster_id, severity="error")
        assert (problem.row, problem.column, problem.value) == (3, "生年月日", "1992-02-30")
        assert problem.reason
        kinds = set(RosterProblem.objects.filter(roster_id=roster_id, row=2).values_list("column", "suggestion"))
        assert kinds == {("セイ", "スズキ"), ("メイ", "ハナコ"), ("生年月日", "1988-04-02")}

    @pytest.mark.parametrize(
        ("content", "refusal"),
        [(b"", FileEmpty), (b"\x89PNG\r\n\x1a\n" + bytes(900), NotATable), (b"a@x.jp,\x82\xff,b\n", WrongEncoding)],
    )
    def test_refuses_what_is_no_roster_and_keeps_nothing(
        self, cast: Cast, at: datetime, content: bytes, refusal: type[Refused]
    ) -> None:
        with pytest.raises(refusal):
            rosters.receive(organisation_id=cast.aoba, file_name="a.csv", content=content, by=cast.eto, at=at)
        assert not Roster.objects.exists()

    def test_refuses_who_may_not(self, cast: Cast, at: datetime) -> None:
        for by in (cast.inoue, cast.ueno, cast.okada):
            with pytest.raises(NotPermitted):
                receive(cast, at, BARE, by=by)
        assert not Roster.objects.exists()

    def test_a_file_without_known_columns_waits_for_a_choice(self, cast: Cast, at: datetime) -> None:
        roster_id = receive(cast, at, "1,2,3,4,5\n佐藤,一郎,m01@example.jp,x,y\n")
        roster = Roster.objects.get(id=roster_id)
        assert (roster.state, roster.refusal) == (State.REFUSED, ColumnsUnknown.code)


class TestCheck:
    def test_goes_on_where_a_killed_one_left_off(self, cast: Cast, at: datetime) -> None:
        roster_id = receive(cast, at, FULL)
        before = set(RosterProblem.objects.values_list("row", "column", "code"))
        Roster.objects.update(state=State.CHECKING, lease_until=at + rosters.LEASE, progress=1)
        assert rosters.work_due(at=at) == 0
        assert rosters.work_due(at=at + rosters.LEASE + timedelta(seconds=1)) == 1
        roster = Roster.objects.get(id=roster_id)
        assert (roster.state, roster.lease_until, roster.progress) == (State.CHECKED, None, 3)
        assert set(RosterProblem.objects.values_list("row", "column", "code")) == before

    def test_one_who_lost_the_lease_changes_nothing(
        self, cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        roster_id = receive(cast, at, FULL)
        Roster.objects.update(state=State.RECEIVED)

        def interrupted(*, roster: Roster, mine: Any, at: datetime) -> tuple[dict[str, Any], bytes]:
            Roster.objects.update(lease_until=at + timedelta(hours=1))
            return {"accepted": 99, "rows": 99_999}, b"1\n"

        monkeypatch.setattr(roster_loading, "check", interrupted)
        rosters.check(organisation_id=cast.aoba, roster_id=roster_id, at=at)
        roster = Roster.objects.get(id=roster_id)
        assert (roster.state, roster.accepted, roster.checked_ref) == (State.CHECKING, 2, None)
        assert not SealedFile.objects.exclude(ref=roster.file_ref).exists()

    def test_compares_in_a_few_queries_whatever_the_rows(self, cast: Cast, at: datetime) -> None:
        counts = []
        for people in (10, 1000):
            lines = "".join(f"q{number:05d}@example.jp,山田,,太郎\n" for number in range(people))
            roster_id = receive(cast, at, lines)
            Roster.objects.filter(id=roster_id).update(state=State.RECEIVED)
            with CaptureQueriesContext(connection) as queries:
                rosters.check(organisation_id=cast.aoba, roster_id=roster_id, at=at)
            counts.append(len(queries))
        assert counts[0] == counts[1]


class TestChooseColumns:
    def choose(self, cast: Cast, at: datetime, roster_id: UUID, **more: Any) -> None:
        given: dict[str, Any] = {
            "organisation_id": cast.aoba,
            "mapping": {"0": "family_name", "1": "given_name", "2": "mail"},
            "has_header": True,
            "encoding": "",
            "by": cast.eto,
            "at": at,
        }
        rosters.choose_columns(roster_id=roster_id, **given | more)
        rosters.work_due(at=at)

    def test_reads_any_file_by_hand(self, cast: Cast, at: datetime) -> None:
        roster_id = receive(cast, at, "あ,い,う,え,お\n佐藤,一郎,m01@example.jp,x,y\n")
        self.choose(cast, at, roster_id)
        roster = Roster.objects.get(id=roster_id)
        assert (roster.state, roster.preset, roster.rows, roster.added) == (State.CHECKED, "manual", 1, 1)
        load(cast, at, roster_id)
        assert member(cast, "m01@example.jp").full_name == "佐藤 一郎"

    def test_forgets_mends(self, cast: Cast, at: datetime) -> None:
        roster_id = receive(cast, at, FULL)
        RosterMend.objects.create(roster_id=roster_id, row=1, column="姓", value="x")
        self.choose(cast, at, roster_id, mapping={})
        assert not RosterMend.objects.exists()

    @pytest.mark.parametrize("mapping", [{"0": "mail"}, {"0": "family_name", "1": "family_name"}])
    def test_refuses_a_mapping_that_cannot_be(self, cast: Cast, at: datetime, mapping: dict[str, str]) -> None:
        roster_id = receive(cast, at, FULL)
        with pytest.raises(ColumnsUnknown):
            self.choose(cast, at, roster_id, mapping=mapping)
        assert Roster.objects.get(id=roster_id).state == State.CHECKED

    @pytest.mark.parametrize("place", ["mail", "", "-1", "1.5", "01", "１", "1000", "99999999999"])
    def test_refuses_a_place_that_no_row_has(self, cast: Cast, at: datetime, place: str) -> None:
        roster_id = receive(cast, at, FULL)
        with pytest.raises(rosters.PlaceUnknown):
            self.choose(cast, at, roster_id, mapping={"0": "family_name", place: "mail"})
        assert Roster.objects.get(id=roster_id).state == State.CHECKED


class TestKeptCheck:
    """A large roster is loaded from what its check has kept, sealed, and not from the file."""

    @pytest.fixture(autouse=True)
    def _everything_is_large(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(roster_loading, "SMALL", 1)

    def test_loads_the_same_people_without_reading_the_file(
        self, cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        roster_id = receive(cast, at, FULL)
        before = sorted(RosterProblem.objects.values_list("row", "column", "code", "severity", "reason"))
        monkeypatch.setattr(roster_loading, "_opened", None)
        roster = load(cast, at, roster_id)
        assert (roster.state, roster.added, roster.errors) == (State.LOADED, 2, 1)
        suzuki = member(cast, "s02@example.jp")
        assert (suzuki.full_name, suzuki.family_kana, suzuki.born_on) == ("鈴木 花子", "スズキ", date(1988, 4, 2))
        assert sorted(RosterProblem.objects.values_list("row", "column", "code", "severity", "reason")) == before

    def test_compares_with_the_people_of_the_moment_of_loading(self, cast: Cast, at: datetime) -> None:
        first, second = receive(cast, at, FULL), receive(cast, at, FULL.replace("総務課", "経理課"))
        load(cast, at, first)
        roster = load(cast, at, second)
        assert (roster.added, roster.changed) == (0, 1)
        assert member(cast, "s01@example.jp").department == "経理課"

    def test_a_new_check_replaces_what_the_one_before_kept(self, cast: Cast, at: datetime) -> None:
        roster_id = receive(cast, at, FULL)
        before = Roster.objects.get(id=roster_id).checked_ref
        rosters.mend(
            organisation_id=cast.aoba,
            roster_id=roster_id,
            row=3,
            column="生年月日",
            value="1992-02-28",
            by=cast.eto,
            at=at,
        )
        rosters.check_again(organisation_id=cast.aoba, roster_id=roster_id, by=cast.eto, at=at)
        rosters.work_due(at=at)
        assert SealedFile.objects.get(ref=before).destroyed_at == at
        roster = load(cast, at, roster_id)
        assert (roster.added, member(cast, "s03@example.jp").born_on) == (3, date(1992, 2, 28))

    @pytest.mark.parametrize("end", ["load", "discard"])
    def test_nothing_is_kept_once_the_roster_is_done(self, cast: Cast, at: datetime, end: str) -> None:
        roster_id = receive(cast, at, FULL)
        kept = Roster.objects.get(id=roster_id).checked_ref
        if end == "load":
            load(cast, at, roster_id)
        else:
            rosters.discard(organisation_id=cast.aoba, roster_id=roster_id, by=cast.eto, at=at)
        assert Roster.objects.get(id=roster_id).checked_ref is None
        assert SealedFile.objects.get(ref=kept).destroyed_at == at


class TestMend:
    def mend(self, cast: Cast, at: datetime, roster_id: UUID, **more: Any) -> None:
        given = {"row": 3, "column": "生年月日", "value": "1992-02-28", "by": cast.eto, "at": at}
        rosters.mend(**{"organisation_id": cast.aoba, "roster_id": roster_id, **given, **more})

    def test_a_mended_cell_is_checked_again(self, cast: Cast, at: datetime) -> None:
        roster_id = receive(cast, at, FULL)
        self.mend(cast, at, roster_id)
        roster = Roster.objects.get(id=roster_id)
        assert (roster.state, roster.errors, roster.accepted) == (State.CHECKED, 0, 3)
        assert events(cast, roster_id)[-1] == "collection.roster.mended"
        load(cast, at, roster_id)
        assert member(cast, "s03@example.jp").born_on == date(1992, 2, 28)

    @pytest.mark.parametrize("more", [{"row": 4}, {"row": 0}, {"column": "給与"}])
    def test_refuses_a_cell_that_is_not_there(self, cast: Cast, at: datetime, more: dict[str, Any]) -> None:
        roster_id = receive(cast, at, FULL)
        with pytest.raises(NotFound):
            self.mend(cast, at, roster_id, **more)
        assert not RosterMend.objects.exists()

    def test_refuses_other_organisations(self, cast: Cast, at: datetime) -> None:
        roster_id = receive(cast, at, FULL)
        with pytest.raises(NotFound):
            self.mend(cast, at, roster_id, organisation_id=cast.ueda, by=cast.ueno)

    def test_refuses_when_it_is_loaded(self, cast: Cast, at: datetime) -> None:
        roster_id = receive(cast, at, FULL)
        load(cast, at, roster_id)
        with pytest.raises(rosters.NotNow):
            self.mend(cast, at, roster_id)


class TestLoad:
    @pytest.mark.shows("001-5", "001-11", "001-22", "J-13")
    def test_people_become_members_and_entries(self, cast: Cast, at: datetime) -> None:
        Policy.objects.create(organisation_id=cast.aoba, overdue_days=5)
        roster_id = receive(cast, at, BARE)
        assert organisations.member_by_mail(organisation_id=cast.aoba, mail="m01@example.jp") is None
        roster = load(cast, at, roster_id)
        assert (roster.state, roster.added, roster.changed, roster.unchanged) == (State.LOADED, 3, 0, 0)
        entries = RosterEntry.objects.filter(roster_id=roster_id)
        assert {(entry.state, entry.registered_on, entry.due_on) for entry in entries} == {
            ("listed", date(2026, 11, 24), date(2026, 11, 28))
        }
        assert member(cast, "m03@example.jp").full_name == "田中 愛 マリー"

    def test_writes_one_entry_without_names(self, cast: Cast, at: datetime) -> None:
        roster_id = receive(cast, at, BARE)
        load(cast, at, roster_id)
        assert events(cast, roster_id).count("collection.roster.loaded") == 1

    def test_rows_with_errors_stay_out(self, cast: Cast, at: datetime) -> None:
        load(cast, at, receive(cast, at, FULL))
        assert organisations.member_by_mail(organisation_id=cast.aoba, mail="s03@example.jp") is None
        second = member(cast, "s02@example.jp")
        assert (second.full_kana, second.born_on) == ("スズキ ハナコ", date(1988, 4, 2))

    @pytest.mark.shows("J-04")
    def test_the_letters_of_names_are_kept(self, cast: Cast, at: datetime) -> None:
        names = ["\ufa19田", "葛\U000e0100城", "𠮷田", "髙橋", "\ufa11"]
        lines = "".join(f"n{index}@example.jp,{name},,太郎\n" for index, name in enumerate(names))
        load(cast, at, receive(cast, at, lines))
        for index, name in enumerate(names):
            assert member(cast, f"n{index}@example.jp").family_name == name

    def test_the_same_file_again_changes_nothing_and_says_so(self, cast: Cast, at: datetime) -> None:
        load(cast, at, receive(cast, at, FULL))
        before = list(RosterEntry.objects.values_list("id", "roster_id"))
        again = receive(cast, at, FULL)
        roster = Roster.objects.get(id=again)
        assert (roster.accepted, roster.unchanged, roster.added, roster.changed) == (2, 2, 0, 0)
        with pytest.raises(rosters.NothingNew):
            rosters.load(organisation_id=cast.aoba, roster_id=again, by=cast.eto, at=at)
        assert list(RosterEntry.objects.values_list("id", "roster_id")) == before
        assert Roster.objects.get(id=again).state == State.CHECKED

    def test_changed_values_are_told_and_taken(self, cast: Cast, at: datetime) -> None:
        load(cast, at, receive(cast, at, FULL))
        changed = FULL.replace("総務課", "人事課").replace("s01@", "new01@").replace("佐藤", "加藤")
        roster_id = receive(cast, at, changed)
        problem = RosterProblem.objects.get(roster_id=roster_id, row=1)
        assert problem.value == "姓、所属、メールアドレス"
        roster = load(cast, at, roster_id)
        assert (roster.added, roster.changed, roster.unchanged) == (0, 1, 1)
        person = member(cast, "new01@example.jp")
        assert (person.full_name, person.department, person.employee_code) == ("加藤 一郎", "人事課", "0101")

    @pytest.mark.shows("L-12")
    def test_who_was_asked_hears_of_another_address_at_the_old_one(self, cast: Cast, at: datetime) -> None:
        load(cast, at, receive(cast, at, FULL))
        RosterEntry.objects.filter(member_id=member(cast, "s01@example.jp").id).update(invited_at=at)
        load(cast, at, receive(cast, at, FULL.replace("s01@", "new01@").replace("s02@", "new02@")))
        assert list(Letter.objects.values_list("kind", "to_mail")) == [("mail_changed", "s01@example.jp")]

    def test_a_blank_cell_changes_nothing(self, cast: Cast, at: datetime) -> None:
        load(cast, at, receive(cast, at, FULL))
        roster = Roster.objects.get(id=receive(cast, at, FULL.replace("総務課", "").replace("03-1234-5678", "")))
        assert (roster.changed, roster.unchanged) == (0, 2)

    @pytest.mark.shows("J-07")
    def test_a_look_alike_is_told_and_written_as_given(self, cast: Cast, at: datetime) -> None:
        load(cast, at, receive(cast, at, "t1@example.jp,高橋,,一\n"))
        roster_id = receive(cast, at, "t1@example.jp,髙橋,,一\n")
        told = RosterProblem.objects.get(roster_id=roster_id, code="WF-C178")
        assert (told.severity, told.value, told.suggestion) == ("warning", "髙橋", "高橋")
        load(cast, at, roster_id)
        assert member(cast, "t1@example.jp").family_name == "髙橋"

    @pytest.mark.parametrize(
        ("line", "code"),
        [
            ("9999,別,人,e003@example.jp", "WF-C179"),
            ("e003,別,人,other@example.jp", "WF-C180"),
            ("e003,江藤,栄,i002@example.jp", "WF-C179"),
        ],
    )
    def test_somebody_elses_mail_or_code_is_refused(self, cast: Cast, at: datetime, line: str, code: str) -> None:
        roster_id = receive(cast, at, f"社員番号,姓,名,メールアドレス\n{line}\n")
        assert RosterProblem.objects.get(roster_id=roster_id, severity="error").code == code
        with pytest.raises(rosters.NothingToLoad):
            rosters.load(organisation_id=cast.aoba, roster_id=roster_id, by=cast.eto, at=at)

    def test_people_of_other_organisations_are_nobody(self, cast: Cast, at: datetime) -> None:
        roster = load(cast, at, receive(cast, at, "u005@example.jp,上野,,海\n"))
        assert roster.added == 1

    def test_a_member_who_was_no_entry_becomes_one(self, cast: Cast, at: datetime) -> None:
        roster = load(cast, at, receive(cast, at, "i002@example.jp,井上,,郁\n"))
        assert (roster.added, roster.unchanged) == (1, 0)
        entry = RosterEntry.objects.get(member_id=cast.inoue.id)
        assert not entry.brought_member

    def test_somebody_who_left_is_not_loaded(self, cast: Cast, at: datetime) -> None:
        assert cast.inoue.id is not None
        members.record_leaving(
            organisation_id=cast.aoba, member_id=cast.inoue.id, left_on=date(2026, 11, 1), by=cast.aoki, at=at
        )
        roster_id = receive(cast, at, "i002@example.jp,井上,,郁\n")
        assert RosterProblem.objects.get(roster_id=roster_id).code == "WF-C181"

    def test_a_killed_loading_leaves_nothing_and_is_done_once(
        self, cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        roster_id = receive(cast, at, BARE)
        rosters.load(organisation_id=cast.aoba, roster_id=roster_id, by=cast.eto, at=at)

        def killed(*args: Any, **kwargs: Any) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(roster_loading, "_list", killed)
            with pytest.raises(KeyboardInterrupt):
                rosters.work_due(at=at)
        assert not RosterEntry.objects.filter(roster_id=roster_id).exists()
        assert organisations.member_by_mail(organisation_id=cast.aoba, mail="m01@example.jp") is None
        assert rosters.work_due(at=at + timedelta(seconds=1)) == 0
        assert rosters.work_due(at=at + rosters.LEASE + timedelta(seconds=1)) == 1
        assert RosterEntry.objects.filter(roster_id=roster_id).count() == 3
        assert rosters.work_due(at=at + timedelta(hours=1)) == 0

    def test_a_loading_whose_lease_was_lost_is_rolled_back(
        self, cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        roster_id = receive(cast, at, BARE)
        rosters.load(organisation_id=cast.aoba, roster_id=roster_id, by=cast.eto, at=at)
        really = roster_loading.load

        def slow(*, roster: Roster, **more: Any) -> dict[str, int]:
            Roster.objects.filter(id=roster.id).update(lease_until=at + timedelta(hours=1))
            return really(roster=roster, **more)

        monkeypatch.setattr(roster_loading, "load", slow)
        assert rosters.work_due(at=at) == 0
        assert not RosterEntry.objects.exists()

    def test_refuses_who_may_not(self, cast: Cast, at: datetime) -> None:
        roster_id = receive(cast, at, BARE)
        with pytest.raises(NotPermitted):
            rosters.load(organisation_id=cast.aoba, roster_id=roster_id, by=cast.inoue, at=at)
        with pytest.raises(NotFound):
            rosters.load(organisation_id=cast.ueda, roster_id=roster_id, by=cast.ueno, at=at)
        assert Roster.objects.get(id=roster_id).state == State.CHECKED


class TestUndo:
    def undo(self, cast: Cast, at: datetime, roster_id: UUID) -> None:
        rosters.undo(organisation_id=cast.aoba, roster_id=roster_id, by=cast.eto, at=at)

    def test_people_go_and_values_go_back(self, cast: Cast, at: datetime) -> None:
        load(cast, at, receive(cast, at, FULL))
        second = (
            FULL.replace("総務課", "人事課").replace("1990-01-02", "1991-01-02") + "0104,林,健,,,,,,n4@example.jp,,\n"
        )
        roster_id = receive(cast, at, second)
        load(cast, at, roster_id)
        self.undo(cast, at, roster_id)
        assert organisations.member_by_mail(organisation_id=cast.aoba, mail="n4@example.jp") is None
        person = member(cast, "s01@example.jp")
        assert (person.department, person.born_on) == ("総務課", date(1990, 1, 2))
        assert RosterEntry.objects.count() == 2
        assert Roster.objects.get(id=roster_id).state == State.UNDONE
        assert events(cast, roster_id)[-1] == "collection.roster.undone"

    def test_a_value_changed_since_stays(self, cast: Cast, at: datetime) -> None:
        load(cast, at, receive(cast, at, FULL))
        roster_id = receive(cast, at, FULL.replace("総務課", "人事課").replace("s01@", "s91@"))
        load(cast, at, roster_id)
        changed = member(cast, "s91@example.jp")
        members.change_mail(organisation_id=cast.aoba, member_id=changed.id, mail="hand@example.jp", by=cast.eto, at=at)
        self.undo(cast, at, roster_id)
        assert member(cast, "hand@example.jp").department == "総務課"

    def test_a_member_who_was_there_before_stays(self, cast: Cast, at: datetime) -> None:
        roster_id = receive(cast, at, "i002@example.jp,井上,,郁\n")
        load(cast, at, roster_id)
        self.undo(cast, at, roster_id)
        assert member(cast, "i002@example.jp").id == cast.inoue.id
        assert not RosterEntry.objects.exists()

    def test_refused_once_somebody_is_asked(self, cast: Cast, at: datetime) -> None:
        roster_id = receive(cast, at, BARE)
        load(cast, at, roster_id)
        one = RosterEntry.objects.filter(roster_id=roster_id).first()
        assert one is not None
        RosterEntry.objects.filter(id=one.id).update(state="invited", invited_at=at)
        with pytest.raises(rosters.AlreadyAsked):
            self.undo(cast, at, roster_id)
        assert RosterEntry.objects.count() == 3
        assert Roster.objects.get(id=roster_id).state == State.LOADED

    def test_refused_when_something_points_at_a_member(self, cast: Cast, at: datetime) -> None:
        roster_id = receive(cast, at, BARE)
        load(cast, at, roster_id)
        members.change_roles(
            organisation_id=cast.aoba,
            member_id=member(cast, "m01@example.jp").id,
            roles=cast.eto.roles,
            by=cast.aoki,
            at=at,
        )
        with pytest.raises(members.MemberInUse):
            self.undo(cast, at, roster_id)
        assert RosterEntry.objects.count() == 3

    def test_refused_before_loading_and_twice(self, cast: Cast, at: datetime) -> None:
        roster_id = receive(cast, at, BARE)
        with pytest.raises(rosters.NotNow):
            self.undo(cast, at, roster_id)
        load(cast, at, roster_id)
        self.undo(cast, at, roster_id)
        with pytest.raises(rosters.NotNow):
            self.undo(cast, at, roster_id)


class TestDiscard:
    def test_forgets_file_and_problems(self, cast: Cast, at: datetime) -> None:
        roster_id = receive(cast, at, FULL)
        rosters.discard(organisation_id=cast.aoba, roster_id=roster_id, by=cast.eto, at=at)
        assert Roster.objects.get(id=roster_id).state == State.DISCARDED
        assert not RosterProblem.objects.exists()
        with pytest.raises(NotFound):
            rosters.first_lines(organisation_id=cast.aoba, roster_id=roster_id, encoding="", by=cast.eto, at=at)

    def test_refused_once_loaded(self, cast: Cast, at: datetime) -> None:
        roster_id = receive(cast, at, FULL)
        load(cast, at, roster_id)
        with pytest.raises(rosters.NotNow):
            rosters.discard(organisation_id=cast.aoba, roster_id=roster_id, by=cast.eto, at=at)
        assert RosterChange.objects.count() == 0
