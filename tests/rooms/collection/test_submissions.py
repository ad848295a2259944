"""Handing in: from the purpose notice to the receipt, and everything that may happen on the way."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from tests.cast import Cast, test_number
from warifu.audit.models import Entry
from warifu.collection.actions import dependents, documents, drafts, entries, purpose_notices, submissions
from warifu.collection.models import Dependent, Document, NoticeShown, RosterEntry, Submission
from warifu.collection.queries import purpose_notices as notice_queries
from warifu.collection.queries import submissions as queries
from warifu.collection.rules.submission import Step
from warifu.foundation.actor import Actor
from warifu.foundation.purposes import Purpose
from warifu.foundation.refusals import NotFound
from warifu.notices.models import Letter
from warifu.organisations import actions as organisations
from warifu.organisations.rules import NotPermitted
from warifu.vault import queries as vault
from warifu.vault import sealing
from warifu.vault.rules import MyNumber

pytestmark = pytest.mark.django_db

DIGITS = test_number("12345678901")
OTHER = test_number("22345678901")
PERSON = {
    "family_name": "井上",
    "given_name": "郁",
    "family_kana": "いのうえ",
    "given_kana": "いく",
    "postal_code": "100-0001",
    "prefecture": "東京都",
    "city": "千代田区",
    "street": "千代田1-1",
    "building": "",
}
CHILD = {
    "relation": "child",
    "family_name": "井上",
    "given_name": "結",
    "family_kana": "イノウエ",
    "given_kana": "ユイ",
}
SPOUSE = CHILD | {"relation": "spouse", "given_name": "由美"}


def number(digits: str = DIGITS) -> MyNumber:
    return MyNumber.parse(digits, accepts_test=True)


def picture(kind: str = "JPEG", size: tuple[int, int] = (600, 400)) -> bytes:
    with io.BytesIO() as out:
        Image.new("RGB", size, "white").save(out, kind)
        return out.getvalue()


class Hand:
    """One person's way through a submission, a step a line."""

    def __init__(self, cast: Cast, at: datetime, by: Actor | None = None) -> None:
        self.cast, self.at, self.by = cast, at, by or cast.inoue
        assert cast.inoue.id is not None
        self.member_id: UUID = cast.inoue.id
        self.organisation_id = cast.aoba
        self.submission_id: UUID = uuid4()

    def listed(self) -> Hand:
        entries.add(organisation_id=self.organisation_id, member_id=self.member_id, by=self.cast.aoki, at=self.at)
        return self

    def start(self) -> Hand:
        self.submission_id = submissions.start(
            organisation_id=self.organisation_id, member_id=self.member_id, by=self.by, at=self.at
        )
        return self

    def read(self) -> Hand:
        version = purpose_notices.ensure(organisation_id=self.organisation_id, at=self.at)
        purpose_notices.note_shown(
            organisation_id=self.organisation_id, member_id=self.member_id, version=version, by=self.by, at=self.at
        )
        return self

    def here(self) -> dict[str, object]:
        return {
            "organisation_id": self.organisation_id,
            "submission_id": self.submission_id,
            "by": self.by,
            "at": self.at,
        }

    def person(self, **fields: str) -> Hand:
        drafts.save_person(fields=PERSON | fields, born_on=date(1988, 4, 2), **self.here())  # type: ignore[arg-type]
        return self

    def number(self, digits: str = DIGITS) -> Hand:
        drafts.save_number(number=number(digits), **self.here())  # type: ignore[arg-type]
        return self

    def family(self) -> Hand:
        drafts.answer_family(**self.here())  # type: ignore[arg-type]
        return self

    def relative(self, fields: dict[str, str], digits: str | None, *, third: bool = False, tick: bool = True) -> UUID:
        return dependents.add(
            fields=fields,
            born_on=date(2015, 5, 5),
            is_third_category=third,
            is_checked=tick,
            number=number(digits) if digits else None,
            **self.here(),  # type: ignore[arg-type]
        )

    def papers(self, method: str = "number_card", number_paper: str = "number_card", *identity: str) -> Hand:
        drafts.choose_papers(
            method=method,
            number_paper=number_paper,
            identity_papers=identity,
            one_file=False,
            **self.here(),  # type: ignore[arg-type]
        )
        return self

    def send(self, slot: str, content: bytes | None = None, dependent_id: UUID | None = None) -> UUID:
        return documents.receive(
            entry_member_id=self.member_id,
            slot=slot,
            dependent_id=dependent_id,
            content=content if content is not None else picture(),
            is_masked=False,
            **self.here(),  # type: ignore[arg-type]
        )

    def pictures(self) -> Hand:
        self.send("number.number_card.back")
        self.send("number.number_card.front")
        return self

    def submit(self) -> str:
        return submissions.submit(**self.here())  # type: ignore[arg-type]

    def ready(self) -> Hand:
        return self.listed().start().read().person().number().family().papers().pictures()

    @property
    def entry(self) -> RosterEntry:
        return RosterEntry.objects.get(member_id=self.member_id)

    @property
    def row(self) -> Submission:
        return Submission.objects.get(id=self.submission_id)

    def view(self) -> queries.DraftView:
        return queries.draft(organisation_id=self.organisation_id, submission_id=self.submission_id, on=self.at.date())


@pytest.fixture
def hand(cast: Cast, at: datetime) -> Hand:
    return Hand(cast, at)


def events(prefix: str = "collection.") -> list[str]:
    return list(Entry.objects.filter(event__startswith=prefix).order_by("id").values_list("event", flat=True))


def refuses_unchanged(act: Callable[[], object], refusal: type[Exception]) -> None:
    """The act is refused, and no row of ours, no entry and no letter came or went."""
    before = _everything()
    with pytest.raises(refusal):
        act()
    assert _everything() == before


def _everything() -> list[object]:
    tables = (RosterEntry, Submission, Dependent, Document, NoticeShown, Letter)
    rows: list[object] = [list(table.objects.order_by("pk").values()) for table in tables]
    return [*rows, events()]


class TestStart:
    def test_it_opens_a_draft_with_what_the_office_knows_already(self, hand: Hand) -> None:
        hand.listed().start()
        assert hand.entry.state == RosterEntry.State.STARTED
        assert (hand.row.family_name, hand.row.family_kana) == ("井上", "イノウエ")
        assert hand.row.born_on == date(1988, 4, 2)
        assert events()[-1] == "collection.submission.started"

    def test_it_continues_the_draft_that_is_there(self, hand: Hand) -> None:
        first = hand.listed().start().submission_id
        assert hand.start().submission_id == first
        assert events().count("collection.submission.started") == 1

    def test_it_refuses_somebody_whom_nobody_asked(self, hand: Hand) -> None:
        refuses_unchanged(hand.start, submissions.NotAsked)

    def test_it_refuses_to_start_for_somebody_else(self, hand: Hand, cast: Cast, at: datetime) -> None:
        hand.listed()
        refuses_unchanged(Hand(cast, at, by=cast.eto).start, NotFound)
        refuses_unchanged(Hand(cast, at, by=cast.ueno).start, NotPermitted)

    @pytest.mark.shows("P-15")
    def test_it_refuses_before_the_handling_plan_is_complete(self, cast: Cast, at: datetime) -> None:
        with pytest.raises(purpose_notices.PlanNotComplete):
            purpose_notices.ensure(organisation_id=cast.ueda, at=at)


class TestPurposeNotice:
    @pytest.mark.shows("P-03")
    def test_it_lists_all_purposes_at_once_and_keeps_version_hash_time_and_person(self, hand: Hand) -> None:
        hand.listed().start().read()
        notice = notice_queries.current(organisation_id=hand.organisation_id)
        assert notice is not None
        assert notice.version == 1
        assert len(notice.purposes) == 4
        assert all(purpose.label in notice.text for purpose in notice.purposes)
        shown = NoticeShown.objects.get()
        assert (shown.member_id, shown.at) == (hand.member_id, hand.at)
        assert len(notice.hash) == 64

    @pytest.mark.shows("P-03")
    def test_no_number_is_taken_before_it_was_shown(self, hand: Hand) -> None:
        hand.listed().start()
        refuses_unchanged(hand.number, drafts.NoticeNotShown)
        refuses_unchanged(lambda: hand.relative(CHILD, OTHER), drafts.NoticeNotShown)

    @pytest.mark.shows("P-03")
    def test_an_added_purpose_holds_only_after_the_new_notice_was_shown(self, hand: Hand, cast: Cast) -> None:
        from warifu.vault.models import SealedNumber

        hand.listed().start().read().number()
        plan = [*notice_queries.current(organisation_id=cast.aoba).purposes, Purpose.EMPLOYMENT_INSURANCE]  # type: ignore[union-attr]
        organisations.write_plan(
            organisation_id=cast.aoba,
            purposes=plan,
            files="従業員等",
            area="執務室",
            report_route="責任者へ",
            responsible_id=cast.okada.id,
            by=cast.aoki,
            at=hand.at,
        )
        organisations.complete_plan(organisation_id=cast.aoba, by=cast.aoki, at=hand.at)
        assert purpose_notices.ensure(organisation_id=cast.aoba, at=hand.at) == 2
        ref = hand.row.number_ref
        assert "employment_insurance" not in SealedNumber.objects.get(ref=ref).purposes
        assert hand.view().next_step is Step.PURPOSE
        hand.read()
        assert "employment_insurance" in SealedNumber.objects.get(ref=ref).purposes

    def test_it_is_noted_once(self, hand: Hand) -> None:
        hand.listed().read().read()
        assert events().count("collection.purpose_notice.shown") == 1

    def test_it_refuses_an_old_version_and_strangers(self, hand: Hand, cast: Cast) -> None:
        hand.listed().read()

        def show(version: int, by: Actor) -> None:
            purpose_notices.note_shown(
                organisation_id=cast.aoba, member_id=hand.member_id, version=version, by=by, at=hand.at
            )

        refuses_unchanged(lambda: show(0, cast.inoue), purpose_notices.NoticeReplaced)
        refuses_unchanged(lambda: show(1, cast.aoki), NotFound)
        refuses_unchanged(lambda: show(1, cast.ueno), NotFound)


class TestDraft:
    @pytest.mark.shows("001-15", "J-03", "J-09")
    def test_it_keeps_the_person_s_fields_with_kana_and_postal_code_put_right(self, hand: Hand) -> None:
        hand.listed().start().person()
        assert (hand.row.family_kana, hand.row.postal_code) == ("イノウエ", "1000001")
        assert events()[-1] == "collection.submission.saved"
        told = len(events())
        hand.person()
        assert len(events()) == told

    def test_it_refuses_fields_that_cannot_be_right(self, hand: Hand) -> None:
        hand.listed().start()
        for wrong in ({"postal_code": "123"}, {"prefecture": "江戸"}, {"family_kana": "inoue"}, {"street": DIGITS}):
            refuses_unchanged(lambda wrong=wrong: hand.person(**wrong), drafts.FieldsWrong)  # type: ignore[misc]

    @pytest.mark.shows("001-14", "P-06")
    def test_it_keeps_only_a_reference_of_the_number(self, hand: Hand) -> None:
        hand.listed().start().read().number()
        assert isinstance(hand.row.number_ref, UUID)
        assert DIGITS not in str(_everything())

    def test_changing_the_number_destroys_the_old_one(self, hand: Hand) -> None:
        from warifu.vault.models import SealedNumber

        first = hand.listed().start().read().number().row.number_ref
        hand.number(OTHER)
        assert SealedNumber.objects.get(ref=first).destroyed_at is not None
        assert hand.row.number_ref not in (first, None)

    def test_two_persons_of_one_submission_cannot_share_a_number(self, hand: Hand) -> None:
        hand.listed().start().read().number()
        refuses_unchanged(lambda: hand.relative(CHILD, DIGITS), drafts.NumberTwice)
        hand.relative(CHILD, OTHER)
        refuses_unchanged(lambda: hand.relative(SPOUSE, OTHER), drafts.NumberTwice)
        refuses_unchanged(lambda: hand.number(OTHER), drafts.NumberTwice)

    def test_nobody_else_may_touch_it(self, hand: Hand, cast: Cast, at: datetime) -> None:
        hand.listed().start().read()
        for by, refusal in ((cast.aoki, NotFound), (cast.ueno, NotFound), (cast.eto, drafts.HeldByOther)):
            stranger = Hand(cast, at, by=by)
            stranger.submission_id = hand.submission_id
            for act in (stranger.person, stranger.number, stranger.family, stranger.papers, stranger.submit):
                refuses_unchanged(act, refusal)
            refuses_unchanged(lambda stranger=stranger: stranger.relative(CHILD, OTHER), refusal)  # type: ignore[misc]

    def test_papers_that_cannot_prove_who_it_is_are_refused(self, hand: Hand) -> None:
        hand.listed().start()
        wrong = [("papers", "resident_record"), ("papers", "resident_record", "pension_book"), ("number_card", "")]
        for choice in (*wrong, ("verified_account", "number_card"), ("papers", "number_notice", "passport")):
            refuses_unchanged(lambda choice=choice: hand.papers(*choice), drafts.ChoiceInsufficient)  # type: ignore[misc]

    def test_another_choice_destroys_the_pictures_it_does_not_need(self, hand: Hand) -> None:
        hand.listed().start().papers().pictures()
        hand.papers("papers", "resident_record", "passport")
        assert set(Document.objects.values_list("state", flat=True)) == {Document.State.DELETED}
        assert hand.entry.images == 0
        assert [view.slot.paper for view in hand.view().slots] == ["resident_record", "passport"]


class TestFamily:
    @pytest.mark.shows("001-18", "I-14")
    def test_tax_dependents_need_number_and_tick_and_no_picture(self, hand: Hand) -> None:
        hand.listed().start().read().person().number().papers().pictures()
        child = hand.relative(CHILD, OTHER, tick=False)
        assert [view.dependent_id for view in hand.view().slots] == [None, None]
        assert "確かめたという印" in hand.view().missing[0].words
        dependents.change(
            dependent_id=child,
            fields=CHILD,
            born_on=date(2015, 5, 5),
            is_third_category=False,
            is_checked=True,
            number=None,
            **hand.here(),  # type: ignore[arg-type]
        )
        hand.submit()
        assert hand.entry.dependents == 1

    @pytest.mark.shows("I-15")
    def test_a_third_category_spouse_takes_a_path_and_its_papers(self, hand: Hand) -> None:
        hand.listed().start().read().person().number().papers().pictures()
        spouse = hand.relative(SPOUSE, OTHER, third=True)
        refuses_unchanged(hand.submit, submissions.SomethingMissing)
        dependents.change(
            dependent_id=spouse,
            fields=SPOUSE | {"spouse_path": "agent"},
            born_on=date(1990, 1, 1),
            is_third_category=True,
            is_checked=True,
            number=None,
            **hand.here(),  # type: ignore[arg-type]
        )
        asked = [view.slot.paper for view in hand.view().slots if view.dependent_id == spouse]
        assert asked == ["mandate", "spouse_number"]
        refuses_unchanged(hand.submit, submissions.SomethingMissing)
        hand.send("spouse.mandate.front", dependent_id=spouse)
        hand.send("spouse.spouse_number.front", dependent_id=spouse)
        assert hand.submit()

    def test_third_category_is_for_spouses_only(self, hand: Hand) -> None:
        hand.listed().start().read()
        refuses_unchanged(lambda: hand.relative(CHILD, OTHER, third=True), dependents.ThirdCategoryRefused)

    def test_a_removed_member_leaves_no_number_and_no_picture(self, hand: Hand) -> None:
        from warifu.vault.models import SealedNumber

        hand.listed().start().read()
        spouse = hand.relative(SPOUSE | {"spouse_path": "agent"}, OTHER, third=True)
        hand.send("spouse.mandate.front", dependent_id=spouse)
        dependents.remove(dependent_id=spouse, **hand.here())  # type: ignore[arg-type]
        assert not Dependent.objects.exists()
        assert SealedNumber.objects.get().destroyed_at is not None
        assert Document.objects.get().state == Document.State.DELETED

    def test_wrong_fields_and_strange_ids_are_refused(self, hand: Hand) -> None:
        hand.listed().start().read()
        for wrong in ({"relation": ""}, {"relation": "friend"}, {"family_name": ""}, {"spouse_path": "x"}):
            refuses_unchanged(lambda wrong=wrong: hand.relative(CHILD | wrong, OTHER), drafts.FieldsWrong)  # type: ignore[misc]
        refuses_unchanged(lambda: dependents.remove(dependent_id=uuid4(), **hand.here()), NotFound)  # type: ignore[arg-type]


class TestSubmit:
    @pytest.mark.shows("001-19")
    def test_it_hands_in_and_posts_a_receipt_without_the_number(self, hand: Hand) -> None:
        code = hand.ready().submit()
        assert (hand.entry.state, hand.row.state) == ("submitted", "submitted")
        assert hand.entry.images == 2
        letter = Letter.objects.get()
        assert (letter.kind, letter.values["receipt"]) == ("receipt", code)
        assert len(letter.values["purposes"]) == 4
        assert len(letter.values["papers"]) == 2
        assert DIGITS not in str(letter.values)
        assert events()[-1] == "collection.submission.submitted"

    def test_it_refuses_while_anything_is_missing(self, hand: Hand) -> None:
        for step in (hand.listed().start, hand.read, hand.person, hand.number, hand.family, hand.papers):
            step()
            refuses_unchanged(hand.submit, submissions.SomethingMissing)
        hand.pictures().submit()

    def test_it_refuses_a_second_time(self, hand: Hand) -> None:
        hand.ready().submit()
        refuses_unchanged(hand.submit, drafts.NotADraft)
        refuses_unchanged(hand.start, submissions.AlreadyHandedIn)
        refuses_unchanged(hand.number, drafts.NotADraft)

    def test_nobody_without_an_address_gets_a_letter_but_the_receipt_is_there(self, hand: Hand, cast: Cast) -> None:
        from warifu.organisations.models import Member

        Member.objects.filter(id=hand.member_id).update(mail="")
        code = hand.ready().submit()
        assert not Letter.objects.exists()
        assert queries.receipt(organisation_id=cast.aoba, member_id=hand.member_id).receipt == code


class TestBackAndForth:
    def test_it_can_be_taken_back_and_handed_in_again_with_what_was_entered(self, hand: Hand) -> None:
        hand.ready().submit()
        first = hand.row
        submissions.withdraw(organisation_id=hand.organisation_id, member_id=hand.member_id, by=hand.by, at=hand.at)
        assert hand.entry.state == RosterEntry.State.WITHDRAWN
        hand.start()
        assert (hand.row.round, hand.row.number_ref) == (2, first.number_ref)
        assert hand.view().missing == ()
        hand.submit()
        assert hand.entry.state == RosterEntry.State.SUBMITTED

    def test_it_cannot_be_taken_back_before_or_by_others(self, hand: Hand, cast: Cast) -> None:
        hand.ready()

        def withdraw(by: Actor) -> None:
            submissions.withdraw(organisation_id=cast.aoba, member_id=hand.member_id, by=by, at=hand.at)

        refuses_unchanged(lambda: withdraw(cast.inoue), submissions.NothingToWithdraw)
        hand.submit()
        refuses_unchanged(lambda: withdraw(cast.eto), NotFound)

    def test_sent_back_opens_a_new_round_that_shares_pictures_until_they_are_replaced(self, hand: Hand) -> None:
        hand.ready()
        spouse = hand.relative(SPOUSE | {"spouse_path": "agent"}, OTHER, third=True)
        hand.send("spouse.mandate.front", dependent_id=spouse)
        hand.send("spouse.spouse_number.front", dependent_id=spouse)
        hand.submit()
        first = hand.submission_id
        RosterEntry.objects.update(state=RosterEntry.State.SENT_BACK)
        Submission.objects.update(state=Submission.State.SENT_BACK, sent_back_reasons=["ぼやけています"])
        hand.start()
        assert hand.entry.state == RosterEntry.State.SENT_BACK
        assert hand.view().missing == ()
        old = Dependent.objects.get(submission_id=first)
        new = Dependent.objects.get(submission_id=hand.submission_id)
        assert (new.subject_id, new.number_ref) == (old.subject_id, old.number_ref)
        assert new.id != old.id
        hand.send("number.number_card.back")
        assert Document.objects.get(submission_id=first, side="back").state == Document.State.DELETED
        own = queries.own(organisation_id=hand.organisation_id, member_id=hand.member_id, at=hand.at)
        assert own is not None
        assert own.sent_back_reasons == ("ぼやけています",)
        hand.submit()
        assert hand.entry.state == RosterEntry.State.SUBMITTED

    @pytest.mark.shows("P-12")
    def test_not_providing_is_a_state_that_forgets_what_was_entered(self, hand: Hand) -> None:
        from warifu.vault.models import SealedNumber

        hand.ready()
        hand.relative(CHILD, OTHER)
        submissions.not_provided(organisation_id=hand.organisation_id, member_id=hand.member_id, by=hand.by, at=hand.at)
        assert hand.entry.state == RosterEntry.State.NOT_PROVIDED
        assert not SealedNumber.objects.filter(destroyed_at=None).exists()
        assert set(Document.objects.values_list("state", flat=True)) == {Document.State.DELETED}
        assert events()[-1] == "collection.submission.not_provided"
        hand.start()
        assert hand.entry.state == RosterEntry.State.STARTED

    def test_not_providing_after_a_second_round_destroys_shared_references_once(self, hand: Hand) -> None:
        hand.ready().submit()
        RosterEntry.objects.update(state=RosterEntry.State.SENT_BACK)
        Submission.objects.update(state=Submission.State.SENT_BACK)
        hand.start()
        submissions.not_provided(organisation_id=hand.organisation_id, member_id=hand.member_id, by=hand.by, at=hand.at)
        assert not Submission.objects.exclude(number_ref=None).exists()

    @pytest.mark.shows("P-12")
    def test_the_office_may_record_it_too(self, hand: Hand, cast: Cast) -> None:
        hand.listed()

        def record(by: Actor, said_on: date) -> None:
            submissions.record_not_provided(
                organisation_id=cast.aoba, member_id=hand.member_id, said_on=said_on, by=by, at=hand.at
            )

        today = hand.at.date()
        refuses_unchanged(lambda: record(cast.aoki, today), NotPermitted)
        refuses_unchanged(lambda: record(cast.eto, today + timedelta(days=1)), submissions.ReasonNeeded)
        record(cast.eto, today)
        assert hand.entry.state == RosterEntry.State.NOT_PROVIDED
        record(cast.eto, today)
        assert events().count("collection.submission.not_provided") == 1

    def test_it_is_too_late_once_confirmed(self, hand: Hand, cast: Cast) -> None:
        hand.listed()
        RosterEntry.objects.update(state=RosterEntry.State.VERIFIED)
        refuses_unchanged(
            lambda: submissions.not_provided(
                organisation_id=cast.aoba, member_id=hand.member_id, by=cast.inoue, at=hand.at
            ),
            submissions.AlreadyConfirmed,
        )


@pytest.mark.parametrize("verb", ["start", "submit", "withdraw", "not_provided"])
def test_every_verb_locks_the_submission_before_its_entry(hand: Hand, verb: str) -> None:
    hand.ready()
    if verb == "withdraw":
        hand.submit()
    with CaptureQueriesContext(connection) as done:
        if verb == "submit":
            hand.submit()
        else:
            act = getattr(submissions, verb)
            act(organisation_id=hand.organisation_id, member_id=hand.member_id, by=hand.by, at=hand.at)
    statements = " ".join(query["sql"] for query in done.captured_queries)
    tables = re.findall(r'(?:FROM|UPDATE) "collection_(submission|rosterentry)"', statements)
    assert tables.index("submission") < tables.index("rosterentry")


class TestOnBehalf:
    def enter(self, hand: Hand, **changed: object) -> Hand:
        version = purpose_notices.ensure(organisation_id=hand.organisation_id, at=hand.at)
        values: dict[str, object] = {
            "organisation_id": hand.organisation_id,
            "member_id": hand.member_id,
            "channel": "paper",
            "reason": "スマートフォンを持っていないため",
            "received_on": hand.at.date(),
            "notice_version": version,
            "by": hand.by,
            "at": hand.at,
        }
        hand.submission_id = submissions.enter_for(**(values | changed))  # type: ignore[arg-type]
        return hand

    @pytest.mark.shows("001-7", "001-20", "001-21")
    def test_a_handler_enters_marked_logged_and_the_person_is_told(self, cast: Cast, at: datetime) -> None:
        hand = Hand(cast, at, by=cast.eto).listed()
        self.enter(hand).person().number().family().papers().pictures().submit()
        assert (hand.row.channel, hand.row.entered_by) == ("paper", cast.eto.id)
        assert hand.entry.state == RosterEntry.State.SUBMITTED
        assert events()[-1] == "collection.submission.entered_for"
        assert set(Letter.objects.values_list("kind", flat=True)) == {"receipt", "entered_for"}
        told = Letter.objects.get(kind="entered_for").values
        assert told["reason"] == "スマートフォンを持っていないため"
        assert told["entered_by"] == "江藤 栄"

    @pytest.mark.shows("I-16")
    def test_a_number_heard_on_the_telephone_is_handed_in_before_its_papers(self, cast: Cast, at: datetime) -> None:
        hand = Hand(cast, at, by=cast.eto).listed()
        self.enter(hand, channel="telephone").person().number().family().submit()
        assert hand.entry.state == RosterEntry.State.SUBMITTED
        assert hand.row.method == ""

    def test_the_person_waits_meanwhile(self, cast: Cast, at: datetime) -> None:
        hand = self.enter(Hand(cast, at, by=cast.eto).listed())
        own = Hand(cast, at)
        own.submission_id = hand.submission_id
        refuses_unchanged(own.start, drafts.HeldByOffice)
        refuses_unchanged(own.person, drafts.HeldByOffice)

    def test_it_refuses_without_reason_channel_and_day(self, cast: Cast, at: datetime) -> None:
        hand = Hand(cast, at, by=cast.eto).listed().read()
        tomorrow = at.date() + timedelta(days=1)
        for wrong in ({"reason": " "}, {"reason": DIGITS}, {"channel": "self"}, {"received_on": tomorrow}):
            refuses_unchanged(lambda wrong=wrong: self.enter(hand, **wrong), submissions.ReasonNeeded)  # type: ignore[misc]

    def test_only_handlers_may_and_not_for_themselves(self, cast: Cast, at: datetime) -> None:
        hand = Hand(cast, at, by=cast.eto).listed().read()
        refuses_unchanged(lambda: self.enter(hand, by=cast.aoki), NotPermitted)
        refuses_unchanged(lambda: self.enter(hand, by=cast.ueno), NotPermitted)
        refuses_unchanged(lambda: self.enter(hand, member_id=cast.eto.id), submissions.NotForOneself)
        refuses_unchanged(lambda: self.enter(hand, notice_version=0), purpose_notices.NoticeReplaced)


class TestPictures:
    @pytest.mark.shows("001-16", "001-17")
    def test_it_seals_a_picture_into_its_slot_and_decodes_nothing(self, hand: Hand) -> None:
        hand.listed().start().papers()
        for kind in ("JPEG", "PNG"):
            hand.send("number.number_card.back", picture(kind))
        document = Document.objects.exclude(state=Document.State.DELETED).get()
        assert (document.state, document.paper, document.side) == ("received", "number_card", "back")
        assert hand.entry.images == 1
        assert events()[-1] == "collection.document.received"

    @pytest.mark.shows("V-05")
    def test_it_refuses_everything_but_small_jpeg_and_png(self, hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
        hand.listed().start().papers()
        jpeg = picture()
        cases: list[tuple[bytes, type[Exception]]] = [
            (b"", documents.PictureEmpty),
            (b"\x00\x00\x00\x18ftypheic" + b"\0" * 50, documents.PictureIsHeif),
            (b"%PDF-1.7\n", documents.PictureIsPdf),
            (b"GIF89a" + b"\0" * 50, documents.PictureUnknown),
            (jpeg[:20], documents.PictureUnknown),
            (picture("PNG")[:20], documents.PictureUnknown),
            (jpeg + b"\0" * (10 * 1024 * 1024), documents.PictureTooLarge),
            (_png_header(20_000, 20_000), documents.PictureTooManyPixels),
        ]
        for content, refusal in cases:
            refuses_unchanged(lambda content=content: hand.send("number.number_card.back", content), refusal)  # type: ignore[misc]

    def test_it_refuses_a_picture_that_no_choice_asks_for(self, hand: Hand) -> None:
        hand.listed().start().papers()
        refuses_unchanged(lambda: hand.send("identity.passport.front"), documents.SlotUnknown)
        refuses_unchanged(lambda: hand.send("number.number_card.back", dependent_id=uuid4()), documents.SlotUnknown)

    def test_a_person_sends_a_limited_number(self, hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
        from warifu.collection.rules import pictures

        hand.listed().start().papers().pictures()
        monkeypatch.setattr(pictures, "MAX_UPLOADS", 2)
        refuses_unchanged(lambda: hand.send("number.number_card.back"), documents.TooManyPictures)

    def test_it_is_sealed_before_any_lock_is_taken(self, hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
        hand.listed().start().papers()
        depth, depths = len(connection.savepoint_ids), []
        write = sealing.write_privately

        def watched(path: Path, content: bytes) -> None:
            depths.append(len(connection.savepoint_ids))
            write(path, content)

        monkeypatch.setattr(sealing, "write_privately", watched)
        hand.send("number.number_card.back")
        assert depths == [depth]

    def test_a_refused_one_leaves_nothing_on_the_disk(self, hand: Hand) -> None:
        hand.listed().start().papers().pictures()
        before = stored()
        refuses_unchanged(lambda: hand.send("identity.passport.front"), documents.SlotUnknown)
        assert stored() == before


def stored() -> set[Path]:
    return {path for path in (settings.WARIFU.data_dir / "sealed").rglob("*") if path.is_file()}


def _png_header(width: int, height: int) -> bytes:
    small = picture("PNG", (1, 1))
    return small[:16] + width.to_bytes(4, "big") + height.to_bytes(4, "big") + small[24:]


class TestQueries:
    @pytest.mark.shows("P-13")
    def test_a_person_sees_kinds_uses_and_the_timeline(self, hand: Hand, cast: Cast) -> None:
        hand.ready().submit()
        record = queries.record(organisation_id=cast.aoba, member_id=hand.member_id)
        assert record.pictures[0].label.startswith("個人番号カード")
        assert [line.act for line in record.uses if line.act == "seal"] == ["seal"]
        assert record.lines[0].sentence == "提出しました"
        assert record.notices[0].version == 1

    def test_others_find_nothing(self, hand: Hand, cast: Cast) -> None:
        hand.ready().submit()
        with pytest.raises(NotFound):
            queries.record(organisation_id=cast.ueda, member_id=hand.member_id)
        with pytest.raises(NotFound):
            queries.receipt(organisation_id=cast.ueda, member_id=hand.member_id)
        with pytest.raises(NotFound):
            queries.draft(organisation_id=cast.ueda, submission_id=hand.submission_id, on=hand.at.date())
        assert queries.own(organisation_id=cast.ueda, member_id=hand.member_id, at=hand.at) is None

    def test_a_draft_takes_a_fixed_number_of_queries(
        self, hand: Hand, django_assert_num_queries: Callable[..., object]
    ) -> None:
        hand.ready()
        for given in range(3):
            hand.relative(CHILD | {"given_name": f"子{given}"}, None)
        with django_assert_num_queries(6):  # type: ignore[attr-defined]
            hand.view()

    def test_uses_are_those_of_the_family_too(self, hand: Hand, cast: Cast) -> None:
        hand.listed().start().read()
        hand.relative(CHILD, OTHER)
        record = queries.record(organisation_id=cast.aoba, member_id=hand.member_id)
        assert len([line for line in record.uses if line.act == "seal"]) == 1
        assert vault.uses_of(organisation_id=cast.ueda, subject_id=hand.member_id) == []
