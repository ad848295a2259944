"""依頼と催促: two phases, nobody asked twice, overdue noted once, letters that came back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import MORNING, Cast
from tests.rooms.collection.people import TODAY, days_ago, enlist, list_people, moment
from warifu.audit import queries as trail
from warifu.collection.actions import asking, invitations, policies, reminders
from warifu.collection.actions.invitations import NothingToSend, NotReady
from warifu.collection.actions.reminders import NothingToRemind
from warifu.collection.models import Policy, RosterEntry
from warifu.foundation.actor import SYSTEM
from warifu.foundation.refusals import NotFound
from warifu.notices import kinds
from warifu.notices import queries as letters
from warifu.notices.models import Letter
from warifu.notices.queries import Bounce
from warifu.organisations.actions import MailTaken
from warifu.organisations.rules import NotPermitted

pytestmark = pytest.mark.django_db


def letters_of(cast: Cast, kind: str = "") -> list[Any]:
    found = letters.letters_of(organisation_id=cast.aoba, limit=500)
    return [letter for letter in found if letter.kind == kind or not kind]


def told(cast: Cast, event: str) -> list[trail.Line]:
    return trail.timeline(organisation_id=cast.aoba, event_prefix=event, limit=500)


def entry(entry_id: UUID) -> RosterEntry:
    return RosterEntry.objects.get(id=entry_id)


def remind_automatically(cast: Cast, **values: Any) -> None:
    policies.ensure(organisation_id=cast.aoba)
    chosen = {"automatic_reminders": True, "reminder_every_days": 3} | values
    Policy.objects.filter(organisation_id=cast.aoba).update(**chosen)


class TestSending:
    @pytest.mark.shows("001-11")
    def test_looking_first_changes_nothing_and_says_what_would_be_sent(self, cast: Cast) -> None:
        enlist(cast.aoba, "佐藤 鈴木")
        enlist(cast.aoba, "紙田", mail="")
        found = invitations.preview(organisation_id=cast.aoba, by=cast.eto, at=MORNING)
        assert (found.to_send, found.without_mail, found.without_mail_names) == (2, 1, ("紙田 太郎",))
        assert isinstance(found.letter, kinds.Invitation)
        assert found.letter.name == "佐藤 太郎"
        assert not RosterEntry.objects.filter(state="invited").exists()
        assert letters_of(cast) == []

    @pytest.mark.shows("001-11", "J-14")
    def test_sending_invites_everybody_listed(self, cast: Cast) -> None:
        first, _second = enlist(cast.aoba, "佐藤 鈴木")
        assert invitations.send(organisation_id=cast.aoba, by=cast.eto, at=MORNING) == 2
        assert entry(first).state == "invited"
        assert entry(first).invited_at == MORNING
        posted = letters_of(cast, "invitation")
        assert len(posted) == 2
        lines = told(cast, "collection.invitation.sent")
        assert {line.subject_id for line in lines} == {entry(first).member_id, entry(_second).member_id}

    @pytest.mark.shows("001-11")
    def test_sending_again_asks_nobody_twice(self, cast: Cast) -> None:
        enlist(cast.aoba, "佐藤 鈴木")
        invitations.send(organisation_id=cast.aoba, by=cast.eto, at=MORNING)
        with pytest.raises(NothingToSend):
            invitations.send(organisation_id=cast.aoba, by=cast.eto, at=MORNING)
        enlist(cast.aoba, "高橋")
        assert invitations.send(organisation_id=cast.aoba, by=cast.eto, at=MORNING) == 1
        assert len(letters_of(cast, "invitation")) == 3
        assert len(told(cast, "collection.invitation.sent")) == 3

    def test_some_can_be_chosen(self, cast: Cast) -> None:
        first, second = enlist(cast.aoba, "佐藤 鈴木")
        assert invitations.send(organisation_id=cast.aoba, entry_ids=[second], by=cast.eto, at=MORNING) == 1
        assert (entry(first).state, entry(second).state) == ("listed", "invited")

    @pytest.mark.shows("P-15")
    def test_nobody_is_asked_before_the_handling_plan_is_complete(self, cast: Cast) -> None:
        (first,) = enlist(cast.ueda, "他田")
        with pytest.raises(NotReady):
            invitations.send(organisation_id=cast.ueda, by=cast.ueno, at=MORNING)
        assert entry(first).state == "listed"

    def test_people_without_mail_stay_listed(self, cast: Cast) -> None:
        (first,) = enlist(cast.aoba, "紙田", mail="")
        with pytest.raises(NothingToSend):
            invitations.send(organisation_id=cast.aoba, by=cast.eto, at=MORNING)
        assert entry(first).state == "listed"

    def test_only_administrators_and_handlers_send(self, cast: Cast) -> None:
        (first,) = enlist(cast.aoba, "佐藤")
        for by in (cast.inoue, cast.okada, cast.ueno):
            with pytest.raises(NotPermitted):
                invitations.send(organisation_id=cast.aoba, by=by, at=MORNING)
            with pytest.raises(NotPermitted):
                invitations.remind(organisation_id=cast.aoba, entry_ids=[first], by=by, at=MORNING)
            with pytest.raises(NotPermitted):
                invitations.preview(organisation_id=cast.aoba, by=by, at=MORNING)
        assert entry(first).state == "listed"

    @pytest.mark.shows("P-07")
    def test_another_organisations_entries_are_not_sent(self, cast: Cast) -> None:
        (theirs,) = enlist(cast.ueda, "他田")
        with pytest.raises(NothingToSend):
            invitations.send(organisation_id=cast.aoba, entry_ids=[theirs], by=cast.eto, at=MORNING)
        assert entry(theirs).state == "listed"

    def test_a_letter_that_goes_out_late_asks_for_a_day_still_to_come(self, cast: Cast) -> None:
        enlist(cast.aoba, "佐藤", registered_on=days_ago(30))
        found = invitations.preview(organisation_id=cast.aoba, by=cast.eto, at=MORNING)
        assert isinstance(found.letter, kinds.Invitation)
        assert found.letter.due_on == TODAY + timedelta(days=2)

    def test_many_are_sent_in_few_statements(self, cast: Cast) -> None:
        list_people(cast.aoba, ["人"] * 20)
        with CaptureQueriesContext(connection) as few:
            invitations.send(organisation_id=cast.aoba, by=cast.eto, at=MORNING)
        list_people(cast.aoba, ["人"] * 400)
        with CaptureQueriesContext(connection) as many:
            invitations.send(organisation_id=cast.aoba, by=cast.eto, at=MORNING)
        assert len(many) <= len(few) + 25

    def test_several_batches_leave_nobody_out(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(asking, "BATCH", 3)
        list_people(cast.aoba, ["人"] * 10)
        assert invitations.send(organisation_id=cast.aoba, by=cast.eto, at=MORNING) == 10
        assert len(letters_of(cast, "invitation")) == 10


class TestReminding:
    @pytest.mark.shows("001-23")
    def test_one_person_is_reminded_at_one_click(self, cast: Cast) -> None:
        (late,) = enlist(cast.aoba, "遅田", state="invited", registered_on=days_ago(9))
        assert invitations.remind(organisation_id=cast.aoba, entry_ids=[late], by=cast.eto, at=MORNING) == 1
        assert (entry(late).reminders, entry(late).reminded_at) == (1, MORNING)
        assert len(letters_of(cast, "reminder")) == 1
        assert len(told(cast, "collection.invitation.reminded")) == 1

    def test_nobody_is_reminded_twice_a_day(self, cast: Cast) -> None:
        (late,) = enlist(cast.aoba, "遅田", state="invited", registered_on=days_ago(9))
        invitations.remind(organisation_id=cast.aoba, entry_ids=[late], by=cast.eto, at=MORNING)
        evening = MORNING + timedelta(hours=13)
        with pytest.raises(NothingToRemind):
            invitations.remind(organisation_id=cast.aoba, entry_ids=[late], by=cast.eto, at=evening)
        tomorrow = MORNING + timedelta(hours=14)
        assert invitations.remind(organisation_id=cast.aoba, entry_ids=[late], by=cast.eto, at=tomorrow) == 1
        assert len(letters_of(cast, "reminder")) == 2

    @pytest.mark.parametrize(
        "values",
        [
            {"state": "listed"},
            {"state": "submitted"},
            {"state": "checked"},
            {"state": "verified"},
            {"state": "not_provided"},
            {"state": "invited", "mail": ""},
            {"state": "invited", "bounced_at": MORNING},
        ],
    )
    def test_who_needs_none_or_cannot_be_reached_gets_none(self, cast: Cast, values: dict[str, Any]) -> None:
        (person,) = enlist(cast.aoba, "人", registered_on=days_ago(9), **values)
        with pytest.raises(NothingToRemind):
            invitations.remind(organisation_id=cast.aoba, entry_ids=[person], by=cast.eto, at=MORNING)
        assert letters_of(cast) == []

    @pytest.mark.shows("001-23", "001-28")
    def test_all_who_are_overdue_are_reminded_at_once(self, cast: Cast) -> None:
        enlist(cast.aoba, "遅一 遅二", state="invited", registered_on=days_ago(9))
        enlist(cast.aoba, "早", state="invited")
        enlist(cast.aoba, "戻", state="invited", registered_on=days_ago(9), bounced_at=moment(1))
        found = reminders.preview(organisation_id=cast.aoba, by=cast.eto, at=MORNING)
        assert (found.to_send, found.without_mail) == (2, 1)
        assert invitations.remind_all_overdue(organisation_id=cast.aoba, by=cast.eto, at=MORNING) == 2
        assert len(letters_of(cast, "reminder")) == 2

    def test_the_reason_stands_in_the_letter(self, cast: Cast) -> None:
        enlist(cast.aoba, "差", state="sent_back", registered_on=days_ago(9))
        found = reminders.preview(organisation_id=cast.aoba, by=cast.eto, at=MORNING)
        assert isinstance(found.letter, kinds.Reminder)
        assert found.letter.reason == "お直しをお願いした内容が、まだ届いていません"


class TestDailyRound:
    @pytest.mark.shows("001-22")
    def test_who_becomes_overdue_is_noted_once(self, cast: Cast) -> None:
        (late,) = enlist(cast.aoba, "遅田", state="invited", registered_on=days_ago(3))
        (early,) = enlist(cast.aoba, "早田", state="invited", registered_on=days_ago(2))
        enlist(cast.aoba, "済田", state="verified", registered_on=days_ago(9))
        assert invitations.daily(at=MORNING) == 1
        assert invitations.daily(at=MORNING + timedelta(minutes=5)) == 0
        (line,) = told(cast, "collection.invitation.overdue")
        assert line.subject_id == entry(late).member_id
        assert line.actor == SYSTEM.label
        assert entry(early).overdue_noted_on is None
        assert letters_of(cast) == []

    def test_the_round_covers_all_organisations_and_may_come_late(self, cast: Cast) -> None:
        enlist(cast.aoba, "遅一 遅二", state="invited", registered_on=days_ago(60))
        enlist(cast.ueda, "他", state="started", registered_on=days_ago(9))
        assert invitations.daily(at=MORNING) == 3
        assert len(trail.timeline(organisation_id=cast.ueda, event_prefix="collection.invitation.overdue")) == 1

    def test_automatic_reminders_go_to_invited_people_after_the_due_day(self, cast: Cast) -> None:
        remind_automatically(cast)
        (first,) = enlist(cast.aoba, "佐藤")
        invitations.send(organisation_id=cast.aoba, by=cast.eto, at=MORNING)
        assert entry(first).next_reminder_on == TODAY + timedelta(days=3)
        sent = []
        for days in range(12):
            at = MORNING + timedelta(days=days)
            invitations.daily(at=at)
            invitations.daily(at=at + timedelta(hours=1))
            sent.append(len(letters_of(cast, "reminder")))
        assert sent == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
        assert entry(first).reminders == 3

    def test_without_the_option_nobody_is_reminded_by_itself(self, cast: Cast) -> None:
        enlist(cast.aoba, "遅", state="invited", registered_on=days_ago(9), next_reminder_on=days_ago(1))
        invitations.daily(at=MORNING)
        assert letters_of(cast) == []

    @pytest.mark.parametrize(
        ("at", "leaves_at"),
        [
            (MORNING.replace(hour=3), MORNING.replace(hour=8)),
            (MORNING.replace(hour=22), MORNING.replace(hour=8) + timedelta(days=1)),
            (MORNING, MORNING),
        ],
    )
    def test_reminders_keep_out_of_quiet_hours(self, cast: Cast, at: datetime, leaves_at: datetime) -> None:
        remind_automatically(cast)
        enlist(cast.aoba, "遅", state="invited", registered_on=days_ago(9), next_reminder_on=TODAY)
        invitations.daily(at=at)
        (letter,) = letters_of(cast, "reminder")
        assert letter.created_at == leaves_at

    def test_an_automatic_reminder_skips_whom_no_mail_reaches(self, cast: Cast) -> None:
        remind_automatically(cast)
        (gone,) = enlist(
            cast.aoba,
            "戻",
            state="invited",
            registered_on=days_ago(9),
            next_reminder_on=TODAY,
            bounced_at=moment(1),
        )
        invitations.daily(at=MORNING)
        assert letters_of(cast) == []
        assert entry(gone).next_reminder_on is None

    def test_a_round_without_anybody_due_costs_two_queries(self, cast: Cast) -> None:
        list_people(cast.aoba, ["人"] * 300, state="invited")
        with CaptureQueriesContext(connection) as seen:
            assert invitations.daily(at=MORNING) == 0
        assert len(seen) == 2


class TestLettersThatComeBack:
    @pytest.fixture
    def came_back(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> UUID:
        (person,) = enlist(cast.aoba, "戻田", state="invited", invited_at=moment(2), registered_on=days_ago(9))
        bounce = Bounce(member_id=entry(person).member_id, at=moment(1), reason="宛先がありません")

        def bounced_since(*, organisation_id: UUID, since: datetime) -> list[Bounce]:
            return [bounce] if organisation_id == cast.aoba else []

        monkeypatch.setattr(letters, "bounced_since", bounced_since)
        return person

    @pytest.mark.shows("001-28")
    def test_a_bounce_is_noted_once(self, came_back: UUID) -> None:
        assert invitations.note_bounces(at=MORNING) == 1
        assert invitations.note_bounces(at=MORNING) == 0
        assert (entry(came_back).bounced_at, entry(came_back).bounce_reason) == (moment(1), "宛先がありません")

    def test_a_mended_address_gets_the_letter_anew(self, cast: Cast, came_back: UUID) -> None:
        invitations.note_bounces(at=MORNING)
        invitations.readdress(
            organisation_id=cast.aoba, entry_id=came_back, mail="new@example.jp", by=cast.eto, at=MORNING
        )
        assert entry(came_back).bounced_at is None
        assert [letter.to_mail for letter in letters_of(cast)] == ["new@example.jp"]
        assert len(told(cast, "collection.invitation.readdressed")) == 1
        assert invitations.note_bounces(at=MORNING) == 0

    def test_an_address_in_use_is_refused(self, cast: Cast, came_back: UUID) -> None:
        with pytest.raises(MailTaken):
            invitations.readdress(
                organisation_id=cast.aoba, entry_id=came_back, mail="a001@example.jp", by=cast.eto, at=MORNING
            )
        with pytest.raises(NotFound):
            invitations.readdress(
                organisation_id=cast.ueda, entry_id=came_back, mail="x@example.jp", by=cast.ueno, at=MORNING
            )
        assert letters_of(cast) == []

    def test_before_the_invitation_only_the_address_changes(self, cast: Cast) -> None:
        (person,) = enlist(cast.aoba, "佐藤")
        invitations.readdress(organisation_id=cast.aoba, entry_id=person, mail="n@example.jp", by=cast.eto, at=MORNING)
        assert letters_of(cast) == []

    @pytest.mark.shows("L-12")
    def test_the_old_address_is_told_and_its_silence_says_nothing(self, cast: Cast) -> None:
        (person,) = enlist(cast.aoba, "移田", state="invited", invited_at=moment(2), mail="old@example.jp")
        for _again in range(2):
            invitations.readdress(
                organisation_id=cast.aoba, entry_id=person, mail="NEW@example.jp", by=cast.eto, at=MORNING
            )
        (word,) = letters_of(cast, "mail_changed")
        assert word.to_mail == "old@example.jp"
        written = Letter.objects.get(kind="mail_changed")
        assert "new@" not in str(written.values).lower()
        Letter.objects.filter(kind="mail_changed").update(state="bounced", settled_at=MORNING)
        assert invitations.note_bounces(at=MORNING) == 0


def test_opening_is_noted_the_first_time(cast: Cast) -> None:
    (person,) = enlist(cast.aoba, "佐藤", state="invited")
    for at in (moment(1), MORNING):
        invitations.note_opened(organisation_id=cast.aoba, member_id=entry(person).member_id, at=at)
    assert entry(person).opened_at == moment(1)
