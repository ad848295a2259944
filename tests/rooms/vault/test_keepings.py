"""保存と廃棄: a need ends, the night proposes, a handler approves, the responsible person confirms (R-02 … R-09)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import MORNING, Cast
from tests.rooms.vault.test_numbers import PURPOSES, my_number
from warifu.audit.models import Entry
from warifu.foundation.actor import OPERATOR, SYSTEM, Actor
from warifu.foundation.days import JST
from warifu.foundation.ids import new_id
from warifu.foundation.purposes import Purpose
from warifu.foundation.refusals import NotFound, Refused
from warifu.organisations.rules import LevelTooLow, NotPermitted
from warifu.vault.actions import disposing, holds, keepings, numbers
from warifu.vault.models import DisposalPolicy, Keeping, LegalHold, SealedNumber, UseRecord
from warifu.vault.queries import keepings as queries
from warifu.vault.rules import NotAppointed, NumberDestroyed, PurposeNotAnnounced, SignInNotRecent

pytestmark = pytest.mark.django_db

LEFT_ON = date(2026, 3, 31)
SLIP, DECLARATION, HEALTH, THIRD = (
    Purpose.WITHHOLDING_SLIP,
    Purpose.DEPENDENTS_DECLARATION,
    Purpose.HEALTH_PENSION,
    Purpose.THIRD_CATEGORY,
)
ENDS = {SLIP: date(2027, 1, 31), HEALTH: date(2028, 3, 31), DECLARATION: date(2034, 1, 10)}


def morning(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 3, 0, tzinfo=JST)


def at_work(actor: Actor, at: datetime) -> Actor:
    return replace(actor, authenticated_at=at)


def sealed(
    cast: Cast, subject_id: UUID, base: str = "11111111111", purposes: tuple[Purpose, ...] = tuple(ENDS)
) -> UUID:
    return numbers.seal(
        number=my_number(base),
        organisation_id=cast.aoba,
        subject_id=subject_id,
        purposes=purposes,
        by=SYSTEM,
        at=MORNING,
    )


def ended(cast: Cast, *subject_ids: UUID) -> dict[UUID, date]:
    return keepings.end_need(
        organisation_id=cast.aoba, subject_ids=subject_ids, ended_on=LEFT_ON, by=cast.aoki, at=MORNING
    )


def ids(state: str) -> list[UUID]:
    return list(Keeping.objects.filter(state=state).order_by("kept_until").values_list("id", flat=True))


def approved(cast: Cast, on: date) -> list[UUID]:
    """One person's rows whose end had come by a day, proposed and approved."""
    keepings.propose_due(at=morning(on))
    chosen = ids("proposed")
    disposing.approve(organisation_id=cast.aoba, keeping_ids=chosen, by=cast.eto, at=morning(on))
    return chosen


def dump() -> list[tuple[object, ...]]:
    return [
        tuple(sorted(map(repr, model.objects.values_list())))
        for model in (Keeping, LegalHold, DisposalPolicy, SealedNumber, Entry, UseRecord)
    ]


def refused(work: Callable[[], object], refusal: type[Refused]) -> None:
    before = dump()
    with pytest.raises(refusal):
        work()
    assert dump() == before


@pytest.fixture
def person(cast: Cast) -> UUID:
    assert cast.inoue.id is not None
    sealed(cast, cast.inoue.id)
    return cast.inoue.id


class TestEndNeed:
    @pytest.mark.shows("R-02", "R-03", "R-10")
    def test_each_purpose_is_kept_by_its_own_rule(self, cast: Cast, person: UUID) -> None:
        assert ended(cast, person) == {person: date(2034, 1, 10)}
        rows = Keeping.objects.filter(subject_id=person)
        assert {Purpose(row.purpose): row.kept_until for row in rows} == ENDS
        entry = Entry.objects.get(event="vault.keeping.planned")
        assert entry.subject_id == person

    def test_doing_it_twice_plans_nothing_more(self, cast: Cast, person: UUID) -> None:
        ended(cast, person)
        before = dump()
        assert ended(cast, person) == {}
        assert dump() == before

    def test_persons_without_a_number_are_passed_over_whenever_they_left(self, cast: Cast) -> None:
        assert ended(cast, new_id()) == {}
        long_ago = date(2010, 3, 31)
        assert not keepings.end_need(
            organisation_id=cast.aoba, subject_ids=[new_id()], ended_on=long_ago, by=cast.aoki, at=MORNING
        )
        assert not Keeping.objects.exists()

    def test_needs_no_statement_a_person(self, cast: Cast) -> None:
        def statements(count: int, first: int) -> int:
            people = [new_id() for _ in range(count)]
            numbers.seal_many(
                numbers=[(one, my_number(f"{first + place:011d}")) for place, one in enumerate(people)],
                organisation_id=cast.aoba,
                purposes=PURPOSES,
                by=SYSTEM,
                at=MORNING,
            )
            with CaptureQueriesContext(connection) as caught:
                ended(cast, *people)
            return len(caught)

        assert statements(60, 500) <= statements(2, 100) + 5

    def test_who_may_not_and_what_cannot_be(self, cast: Cast, person: UUID) -> None:
        def end(by: Actor, on: date = LEFT_ON) -> Callable[[], object]:
            return lambda: keepings.end_need(
                organisation_id=cast.aoba, subject_ids=[person], ended_on=on, by=by, at=MORNING
            )

        refused(end(cast.inoue), NotPermitted)
        refused(end(cast.ueno), NotPermitted)
        refused(end(cast.aoki, date(2015, 12, 31)), keepings.NeedDayWrong)
        refused(end(cast.aoki, date(2028, 1, 1)), keepings.NeedDayWrong)


class TestPropose:
    @pytest.mark.shows("R-04", "R-05")
    def test_the_night_after_the_last_day_proposes(self, cast: Cast, person: UUID) -> None:
        ended(cast, person)
        assert keepings.propose_due(at=morning(ENDS[SLIP])) == 0
        assert keepings.propose_due(at=morning(date(2027, 2, 1))) == 1
        row = Keeping.objects.get(state="proposed")
        assert (row.purpose, row.due_on) == (SLIP.value, date(2027, 2, 1))
        assert keepings.propose_due(at=morning(date(2027, 2, 1))) == 0
        assert Entry.objects.filter(event="vault.disposal.proposed").count() == 1

    @pytest.mark.shows("R-05")
    def test_the_firm_chooses_its_day_and_what_is_late_is_counted(self, cast: Cast, person: UUID) -> None:
        keepings.change_policy(organisation_id=cast.aoba, every_months=12, is_small=False, by=cast.okada, at=MORNING)
        ended(cast, person)
        keepings.propose_due(at=morning(date(2027, 2, 1)))
        last = date(2028, 1, 1)
        assert Keeping.objects.get(state="proposed").due_on == last

        def overdue(day: date) -> int:
            return queries.counts_of(organisation_ids=[cast.aoba], today=day)[cast.aoba].overdue

        assert (overdue(last), overdue(last + timedelta(days=1))) == (0, 1)


class TestApproveAndConfirm:
    @pytest.mark.shows("R-03", "R-05", "R-06", "R-08")
    def test_the_number_goes_with_its_last_purpose(self, cast: Cast, person: UUID) -> None:
        ended(cast, person)
        chosen = approved(cast, date(2027, 2, 1))
        now = morning(date(2027, 2, 1))
        done = disposing.confirm(organisation_id=cast.aoba, keeping_ids=chosen, by=at_work(cast.okada, now), at=now)
        assert (done.count, done.subject_ids) == (1, frozenset())
        number = SealedNumber.objects.get()
        assert (number.destroyed_at, sorted(number.purposes)) == (None, sorted([DECLARATION.value, HEALTH.value]))
        eto = at_work(cast.eto, now)
        numbers.reveal(ref=number.ref, organisation_id=cast.aoba, purpose=HEALTH, document="", by=eto, at=now)
        with pytest.raises(PurposeNotAnnounced):
            numbers.reveal(ref=number.ref, organisation_id=cast.aoba, purpose=SLIP, document="", by=eto, at=now)

        later = morning(date(2034, 1, 11))
        done = disposing.confirm(
            organisation_id=cast.aoba,
            keeping_ids=approved(cast, date(2034, 1, 11)),
            by=at_work(cast.okada, later),
            at=later,
        )
        assert (done.count, done.subject_ids) == (2, frozenset({person}))
        number.refresh_from_db()
        assert (number.key_id, number.wrapped_key, number.sealed, number.tag) == (None, None, None, None)
        assert number.destroyed_at == later
        rows = queries.batch(organisation_id=cast.aoba, batch=done.batch, today=date(2034, 1, 11))
        assert [row.numbers for row in rows] in ([1, 0], [0, 1])
        assert {row.approved_label for row in rows} == {"江藤 栄"}
        assert {row.confirmed_label for row in rows} == {"岡田 修"}
        assert {row.backups_until for row in rows} == {date(2034, 1, 11) + timedelta(days=35)}
        with pytest.raises(NumberDestroyed):
            numbers.reveal(
                ref=number.ref,
                organisation_id=cast.aoba,
                purpose=HEALTH,
                document="",
                by=at_work(cast.eto, later),
                at=later,
            )
        assert UseRecord.objects.filter(act="destroy", subject_id=person).count() == 1
        assert Entry.objects.filter(event="vault.disposal.confirmed").count() == 3

    @pytest.mark.shows("R-05")
    def test_who_approved_does_not_confirm(self, cast: Cast, person: UUID) -> None:
        ended(cast, person)
        now = morning(date(2027, 2, 1))
        keepings.propose_due(at=now)
        chosen = ids("proposed")
        disposing.approve(organisation_id=cast.aoba, keeping_ids=chosen, by=cast.okada, at=now)
        refused(
            lambda: disposing.confirm(
                organisation_id=cast.aoba, keeping_ids=chosen, by=at_work(cast.okada, now), at=now
            ),
            disposing.SamePerson,
        )

    @pytest.mark.shows("R-05", "S-15")
    def test_in_a_small_firm_the_responsible_person_decides_alone(self, cast: Cast, person: UUID) -> None:
        keepings.change_policy(organisation_id=cast.aoba, every_months=1, is_small=True, by=cast.okada, at=MORNING)
        ended(cast, person)
        now = morning(date(2034, 1, 11))
        keepings.propose_due(at=now)
        done = disposing.confirm(
            organisation_id=cast.aoba, keeping_ids=ids("proposed"), by=at_work(cast.okada, now), at=now
        )
        assert done.subject_ids == {person}

    @pytest.mark.shows("S-15")
    def test_the_relief_ends_when_the_firm_becomes_an_office(self, cast: Cast, person: UUID) -> None:
        from warifu.organisations.models import Organisation

        keepings.change_policy(organisation_id=cast.aoba, every_months=1, is_small=True, by=cast.okada, at=MORNING)
        ended(cast, person)
        now = morning(date(2034, 1, 11))
        keepings.propose_due(at=now)
        Organisation.objects.filter(id=cast.aoba).update(is_office=True)
        refused(
            lambda: disposing.confirm(
                organisation_id=cast.aoba, keeping_ids=ids("proposed"), by=at_work(cast.okada, now), at=now
            ),
            keepings.ChangedMeanwhile,
        )

    @pytest.mark.shows("S-15")
    def test_the_relief_is_not_for_offices_nor_for_large_firms(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def choose() -> None:
            keepings.change_policy(organisation_id=cast.aoba, every_months=1, is_small=True, by=cast.okada, at=MORNING)

        with monkeypatch.context() as patch:
            patch.setattr("warifu.vault.rules.keeping.SMALL_FIRM", 3)
            refused(choose, keepings.NotSmall)
        from warifu.organisations.models import Organisation

        Organisation.objects.filter(id=cast.aoba).update(is_office=True)
        refused(choose, keepings.NotSmall)

    def test_an_approval_is_sent_back_with_a_reason(self, cast: Cast, person: UUID) -> None:
        ended(cast, person)
        chosen = approved(cast, date(2027, 2, 1))
        now = morning(date(2027, 2, 1))

        def back(reason: str) -> int:
            return disposing.send_back(
                organisation_id=cast.aoba, keeping_ids=chosen, reason=reason, by=cast.okada, at=now
            )

        refused(lambda: back(" "), keepings.ReasonMissing)
        assert back("まだ提出が残っている") == 1
        row = Keeping.objects.get(id=chosen[0])
        assert (row.state, row.approved_by, row.approved_label, row.approved_at) == ("proposed", None, "", None)

    def test_what_another_has_moved_moves_nothing(self, cast: Cast, person: UUID) -> None:
        ended(cast, person)
        now = morning(date(2034, 1, 11))
        keepings.propose_due(at=now)
        first, *others = ids("proposed")
        disposing.approve(organisation_id=cast.aoba, keeping_ids=[first], by=cast.eto, at=now)
        for wrong, refusal in (
            ([first, *others], keepings.ChangedMeanwhile),
            ([new_id()], keepings.ChangedMeanwhile),
            ([], disposing.NothingChosen),
            ([new_id() for _ in range(501)], disposing.TooManyChosen),
        ):
            refused(
                lambda wrong=wrong: disposing.approve(  # type: ignore[misc]
                    organisation_id=cast.aoba, keeping_ids=wrong, by=cast.eto, at=now
                ),
                refusal,
            )

    def test_who_may_not(self, cast: Cast, person: UUID) -> None:
        ended(cast, person)
        chosen = approved(cast, date(2027, 2, 1))
        now = morning(date(2027, 2, 1))

        def confirm(by: Actor) -> Callable[[], object]:
            return lambda: disposing.confirm(organisation_id=cast.aoba, keeping_ids=chosen, by=by, at=now)

        refused(confirm(at_work(cast.eto, now)), NotPermitted)
        refused(confirm(at_work(cast.aoki, now)), NotPermitted)
        refused(confirm(OPERATOR), NotPermitted)
        refused(confirm(cast.okada), SignInNotRecent)
        refused(confirm(replace(at_work(cast.okada, now), level=1)), LevelTooLow)
        elsewhere = replace(at_work(cast.okada, now), organisation_id=cast.ueda)
        refused(
            lambda: disposing.confirm(organisation_id=cast.ueda, keeping_ids=chosen, by=elsewhere, at=now),
            keepings.ChangedMeanwhile,
        )

    @pytest.mark.shows("P-15")
    def test_a_handler_without_an_appointment_approves_nothing(self, cast: Cast, person: UUID) -> None:
        from warifu.organisations.models import Appointment

        ended(cast, person)
        now = morning(date(2027, 2, 1))
        keepings.propose_due(at=now)
        assert cast.eto.id is not None
        Appointment.objects.filter(member_id=cast.eto.id).update(until_day=date(2026, 12, 31))
        refused(
            lambda: disposing.approve(organisation_id=cast.aoba, keeping_ids=ids("proposed"), by=cast.eto, at=now),
            NotAppointed,
        )

    def test_many_need_no_statement_a_person(self, cast: Cast) -> None:
        def statements(count: int, first: int) -> int:
            people = [new_id() for _ in range(count)]
            numbers.seal_many(
                numbers=[(one, my_number(f"{first + place:011d}")) for place, one in enumerate(people)],
                organisation_id=cast.aoba,
                purposes=[SLIP],
                by=SYSTEM,
                at=MORNING,
            )
            ended(cast, *people)
            now = morning(date(2027, 2, 1))
            chosen = approved(cast, date(2027, 2, 1))
            with CaptureQueriesContext(connection) as caught:
                done = disposing.confirm(
                    organisation_id=cast.aoba, keeping_ids=chosen, by=at_work(cast.okada, now), at=now
                )
            assert len(done.subject_ids) == count
            return len(caught)

        assert statements(60, 500) <= statements(2, 100) + 5


class TestProlong:
    @pytest.mark.shows("R-02")
    def test_longer_with_a_reason_never_shorter(self, cast: Cast, person: UUID) -> None:
        ended(cast, person)
        (chosen,) = approved(cast, date(2027, 2, 1))
        now = morning(date(2027, 2, 1))

        def prolong(until: date, reason: str = "源泉徴収票の再発行を控えている") -> None:
            keepings.prolong(
                organisation_id=cast.aoba, keeping_id=chosen, until=until, reason=reason, by=cast.eto, at=now
            )

        refused(lambda: prolong(ENDS[SLIP]), keepings.DayWrong)
        refused(lambda: prolong(date(2027, 2, 1)), keepings.DayWrong)
        refused(lambda: prolong(date(2038, 2, 1)), keepings.DayWrong)
        refused(lambda: prolong(date(2028, 1, 31), " "), keepings.ReasonMissing)
        prolong(date(2028, 1, 31))
        row = Keeping.objects.get(id=chosen)
        assert (row.state, row.kept_until, row.approved_by, row.due_on) == ("planned", date(2028, 1, 31), None, None)
        assert row.prolonged == "源泉徴収票の再発行を控えている"


class TestHolds:
    @pytest.mark.shows("R-09")
    @pytest.mark.parametrize("is_for_all", [True, False])
    def test_nothing_goes_while_it_lasts(self, cast: Cast, person: UUID, is_for_all: bool) -> None:
        ended(cast, person)
        chosen = approved(cast, date(2027, 2, 1))
        now = morning(date(2027, 2, 1))
        hold_id = holds.place(
            organisation_id=cast.aoba,
            subject_id=None if is_for_all else person,
            reason="税務調査",
            owner="岡田",
            until=date(2027, 3, 1),
            by=cast.okada,
            at=now,
        )
        assert [
            row.is_held for row in queries.chosen(organisation_id=cast.aoba, keeping_ids=chosen, today=date(2027, 2, 1))
        ] == [True]

        def confirm(at: datetime) -> object:
            return disposing.confirm(organisation_id=cast.aoba, keeping_ids=chosen, by=at_work(cast.okada, at), at=at)

        refused(lambda: confirm(now), disposing.UnderHold)
        refused(lambda: confirm(morning(date(2027, 3, 1))), disposing.UnderHold)
        holds.lift(organisation_id=cast.aoba, hold_id=hold_id, by=cast.okada, at=now)
        confirm(now)
        assert Keeping.objects.get(id=chosen[0]).state == "done"

    @pytest.mark.shows("R-09")
    def test_it_ends_by_itself_after_its_day(self, cast: Cast, person: UUID) -> None:
        ended(cast, person)
        chosen = approved(cast, date(2027, 2, 1))
        holds.place(
            organisation_id=cast.aoba,
            subject_id=None,
            reason="訴訟",
            owner="岡田",
            until=date(2027, 2, 28),
            by=cast.okada,
            at=morning(date(2027, 2, 1)),
        )
        now = morning(date(2027, 3, 1))
        disposing.confirm(organisation_id=cast.aoba, keeping_ids=chosen, by=at_work(cast.okada, now), at=now)
        assert Keeping.objects.get(id=chosen[0]).state == "done"

    def test_another_persons_hold_stops_nothing(self, cast: Cast, person: UUID) -> None:
        ended(cast, person)
        chosen = approved(cast, date(2027, 2, 1))
        now = morning(date(2027, 2, 1))
        holds.place(
            organisation_id=cast.aoba,
            subject_id=new_id(),
            reason="訴訟",
            owner="岡田",
            until=date(2027, 12, 31),
            by=cast.okada,
            at=now,
        )
        disposing.confirm(organisation_id=cast.aoba, keeping_ids=chosen, by=at_work(cast.okada, now), at=now)
        assert Keeping.objects.get(id=chosen[0]).state == "done"

    def test_who_may_not_and_what_is_incomplete(self, cast: Cast) -> None:
        def place(by: Actor, reason: str = "訴訟", until: date = date(2027, 1, 1)) -> Callable[[], object]:
            return lambda: holds.place(
                organisation_id=cast.aoba, subject_id=None, reason=reason, owner="岡田", until=until, by=by, at=MORNING
            )

        refused(place(cast.eto), NotPermitted)
        refused(place(cast.okada, reason=" "), holds.HoldIncomplete)
        refused(place(cast.okada, until=date(2026, 11, 23)), holds.HoldIncomplete)
        refused(place(cast.okada, until=date(2040, 1, 1)), holds.HoldIncomplete)
        refused(lambda: holds.lift(organisation_id=cast.aoba, hold_id=new_id(), by=cast.okada, at=MORNING), NotFound)


@pytest.mark.shows("R-07")
def test_a_restored_backup_is_destroyed_again(cast: Cast, person: UUID) -> None:
    other = new_id()
    sealed(cast, other, base="22222222222")
    backup = list(SealedNumber.objects.values())
    ended(cast, person)
    now = morning(date(2034, 1, 11))
    disposing.confirm(
        organisation_id=cast.aoba, keeping_ids=approved(cast, date(2034, 1, 11)), by=at_work(cast.okada, now), at=now
    )
    tombstones = list(queries.destroyed_refs())
    for row in backup:
        SealedNumber.objects.filter(ref=row["ref"]).update(**row)
    assert SealedNumber.objects.filter(destroyed_at=None).count() == 2

    assert disposing.replay(refs=tombstones, at=now) == 1
    assert disposing.replay(refs=tombstones, at=now) == 0
    gone = SealedNumber.objects.get(subject_id=person)
    assert (gone.sealed, gone.wrapped_key, gone.tag, gone.destroyed_at) == (None, None, None, now)
    assert SealedNumber.objects.get(subject_id=other).destroyed_at is None


@pytest.mark.shows("S-04", "R-06")
def test_the_ledger_holds_names_of_papers_and_no_number(cast: Cast, person: UUID) -> None:
    ended(cast, person)
    lines = list(queries.ledger(organisation_id=cast.aoba, today=date(2026, 11, 24)))
    assert {line.paper for line in lines} == {
        "源泉徴収票・給与支払報告書の控え",
        "健康保険・厚生年金保険の書類",
        "扶養控除等申告書などの申告書",
    }
    text = repr(lines) + repr(list(Keeping.objects.values()))
    assert my_number("11111111111").digits_for_sealing() not in text
    assert list(queries.ledger(organisation_id=cast.ueda, today=date(2026, 11, 24))) == []
