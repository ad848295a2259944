"""Sealing, revealing, using and destroying 個人番号."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.cast import MORNING, Cast, test_number
from warifu.audit import queries as trail
from warifu.foundation.actor import OPERATOR, SYSTEM, Actor, ActorKind, Role
from warifu.foundation.ids import new_id
from warifu.foundation.purposes import Purpose
from warifu.foundation.refusals import NotFound, Refused
from warifu.organisations import actions as organisations
from warifu.organisations.rules import NotPermitted, Permission
from warifu.vault import queries, rules
from warifu.vault.actions import numbers
from warifu.vault.models import SealedNumber, UseRecord
from warifu.vault.rules import MyNumber

pytestmark = pytest.mark.django_db

DIGITS = test_number("12345678901")
PURPOSES = [Purpose.WITHHOLDING_SLIP, Purpose.HEALTH_PENSION]
SLIP = Purpose.WITHHOLDING_SLIP


def my_number(base: str = "12345678901") -> MyNumber:
    return MyNumber.parse(test_number(base), accepts_test=True)


def sealed(cast: Cast, *, base: str = "12345678901", subject_id: UUID | None = None) -> UUID:
    assert cast.inoue.id is not None
    return numbers.seal(
        number=my_number(base),
        organisation_id=cast.aoba,
        subject_id=subject_id or cast.inoue.id,
        purposes=PURPOSES,
        by=cast.inoue,
        at=MORNING,
    )


def revealed(cast: Cast, ref: UUID, **changed: Any) -> MyNumber:
    values: dict[str, Any] = {
        "ref": ref,
        "organisation_id": cast.aoba,
        "purpose": SLIP,
        "document": "源泉徴収票 2026年分",
        "by": cast.eto,
        "at": MORNING,
    }
    return numbers.reveal(**values | changed)


def events(cast: Cast, organisation_id: UUID | None = None) -> list[str]:
    return [line.event for line in trail.timeline(organisation_id=organisation_id or cast.aoba, event_prefix="vault.")]


def last_use() -> UseRecord:
    return UseRecord.objects.order_by("-id")[0]


class TestSeal:
    def test_keeps_it_with_a_record_and_an_entry(self, cast: Cast) -> None:
        ref = sealed(cast)
        row = SealedNumber.objects.get(ref=ref)
        assert row.subject_id == cast.inoue.id
        assert row.purposes == ["withholding_slip", "health_pension"]
        assert row.sealed is not None
        assert len(row.sealed) <= 48
        assert events(cast) == ["vault.number.sealed"]
        use = UseRecord.objects.get()
        assert (use.act, use.allowed, use.ref, use.subject_id, use.actor_id) == (
            "seal", True, ref, cast.inoue.id, cast.inoue.id,
        )  # fmt: skip

    @pytest.mark.shows("P-01")
    @pytest.mark.parametrize("purposes", [[], [Purpose.DELETION]], ids=["none", "not to be chosen"])
    def test_needs_a_purpose_to_collect_for(self, cast: Cast, purposes: list[Purpose]) -> None:
        with pytest.raises(rules.NoPurposes):
            numbers.seal(
                number=my_number(),
                organisation_id=cast.aoba,
                subject_id=new_id(),
                purposes=purposes,
                by=SYSTEM,
                at=MORNING,
            )
        assert not SealedNumber.objects.exists()

    def test_is_refused_to_others(self, cast: Cast) -> None:
        token = Actor(kind=ActorKind.TOKEN, organisation_id=cast.aoba, scopes=frozenset(p.value for p in Permission))
        for by in (cast.ueno, OPERATOR, token):
            with pytest.raises(NotPermitted):
                numbers.seal(
                    number=my_number(),
                    organisation_id=cast.aoba,
                    subject_id=new_id(),
                    purposes=PURPOSES,
                    by=by,
                    at=MORNING,
                )
        assert not SealedNumber.objects.exists()
        assert not UseRecord.objects.exists()

    def test_of_many_takes_as_many_statements_as_of_one(self, cast: Cast) -> None:
        def count(many: int) -> int:
            people = [(new_id(), my_number(f"{index:011d}")) for index in range(1, many + 1)]
            with CaptureQueriesContext(
                connection,
            ) as caught:
                numbers.seal_many(numbers=people, organisation_id=cast.aoba, purposes=PURPOSES, by=SYSTEM, at=MORNING)
            return len([query for query in caught.captured_queries if "INSERT" not in query["sql"]])

        count(1)
        assert count(5) == count(50)


class TestReveal:
    @pytest.mark.shows("S-03")
    def test_opens_it_and_writes_record_and_entry_together(self, cast: Cast) -> None:
        ref = sealed(cast)
        number = revealed(cast, ref)
        assert number.digits_for_sealing() == DIGITS
        assert events(cast)[0] == "vault.number.revealed"
        use = last_use()
        assert (use.act, use.allowed, use.ref, use.subject_id, use.purpose, use.document, use.actor_id, use.at) == (
            "reveal", True, ref, cast.inoue.id, "withholding_slip", "源泉徴収票 2026年分", cast.eto.id, MORNING,
        )  # fmt: skip
        assert len(events(cast)) == 2

    @pytest.mark.shows("S-03")
    def test_gives_no_number_when_the_record_cannot_be_written(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ref = sealed(cast)

        def broken(*args: Any, **kwargs: Any) -> None:
            raise OSError("disk full")

        monkeypatch.setattr("warifu.vault.actions.uses.audit.record", broken)
        monkeypatch.setattr("warifu.vault.actions.numbers.audit.record", broken)
        with pytest.raises(OSError, match="disk full"):
            revealed(cast, ref)
        assert UseRecord.objects.filter(act="reveal").count() == 0

    def test_insists_on_being_the_outermost_transaction(self, cast: Cast) -> None:
        ref = sealed(cast)
        with pytest.raises(RuntimeError), transaction.atomic():
            revealed(cast, ref)

    @pytest.mark.shows("S-09", "P-15")
    @pytest.mark.parametrize(
        ("who", "refusal"),
        [
            ("eto", None),
            ("okada", None),
            ("aoki", NotPermitted),
            ("inoue", NotPermitted),
            ("administrator and handler, not appointed", rules.NotAppointed),
            ("receiver", NotPermitted),
            ("all roles, other organisation", NotFound),
            ("operator", NotPermitted),
            ("house", NotPermitted),
            ("token", NotPermitted),
        ],
    )
    def test_by_whom(self, cast: Cast, who: str, refusal: type[Refused] | None) -> None:
        ref = sealed(cast)
        everything = Role(31)
        by = {
            "eto": cast.eto,
            "okada": cast.okada,
            "aoki": cast.aoki,
            "inoue": cast.inoue,
            "administrator and handler, not appointed": replace(cast.aoki, roles=everything),
            "receiver": replace(cast.eto, roles=Role.RECEIVER | Role.EMPLOYEE),
            "all roles, other organisation": replace(cast.ueno, roles=everything),
            "operator": replace(OPERATOR, authenticated_at=MORNING),
            "house": replace(SYSTEM, authenticated_at=MORNING),
            "token": Actor(
                kind=ActorKind.TOKEN,
                id=new_id(),
                organisation_id=cast.aoba,
                authenticated_at=MORNING,
                scopes=frozenset(permission.value for permission in Permission),
            ),
        }[who]
        if refusal is None:
            assert revealed(cast, ref, by=by).digits_for_sealing() == DIGITS
            return
        _assert_denied(cast, refusal, lambda: revealed(cast, ref, by=by), organisation_id=by.organisation_id)

    @pytest.mark.shows("L-25")
    @pytest.mark.parametrize(
        ("age", "passes"),
        [(timedelta(0), True), (timedelta(minutes=5), True), (timedelta(minutes=5, seconds=1), False), (None, False)],
    )
    def test_needs_a_sign_in_of_the_last_five_minutes(self, cast: Cast, age: timedelta | None, passes: bool) -> None:
        ref = sealed(cast)
        by = replace(cast.eto, authenticated_at=None if age is None else MORNING - age)
        if passes:
            revealed(cast, ref, by=by)
        else:
            _assert_denied(cast, rules.SignInNotRecent, lambda: revealed(cast, ref, by=by))

    @pytest.mark.shows("P-01")
    @pytest.mark.parametrize("purpose", [None, "", "marketing", "withholding_slip"])
    def test_needs_a_purpose_of_the_closed_list(self, cast: Cast, purpose: object) -> None:
        ref = sealed(cast)
        _assert_denied(cast, rules.PurposeNeeded, lambda: revealed(cast, ref, purpose=purpose))
        assert rules.PurposeNeeded.status == 403

    @pytest.mark.shows("P-03")
    def test_needs_a_purpose_that_the_person_was_told_of(self, cast: Cast) -> None:
        ref = sealed(cast)
        later = Purpose.DEPENDENTS_DECLARATION
        _assert_denied(cast, rules.PurposeNotAnnounced, lambda: revealed(cast, ref, purpose=later))
        assert cast.inoue.id is not None
        numbers.allow_purposes(
            subject_id=cast.inoue.id, organisation_id=cast.aoba, purposes=[later], by=SYSTEM, at=MORNING
        )
        assert events(cast)[0] == "vault.number.purposes_added"
        assert revealed(cast, ref, purpose=later).digits_for_sealing() == DIGITS

    def test_needs_an_appointment_for_that_purpose(self, cast: Cast) -> None:
        ref = sealed(cast)
        assert cast.eto.id is not None
        organisations.appoint(
            organisation_id=cast.aoba,
            member_id=cast.eto.id,
            purposes=[Purpose.HEALTH_PENSION],
            range_text="全従業員",
            by=cast.aoki,
            at=MORNING,
        )
        _assert_denied(cast, rules.NotAppointed, lambda: revealed(cast, ref))
        revealed(cast, ref, purpose=Purpose.HEALTH_PENSION)

    def test_for_the_handlings_own_work_needs_any_appointment(self, cast: Cast) -> None:
        ref = sealed(cast)
        assert revealed(cast, ref, purpose=Purpose.IDENTITY_VERIFICATION).digits_for_sealing() == DIGITS
        by = replace(cast.aoki, roles=Role(31))
        _assert_denied(
            cast,
            rules.NotAppointed,
            lambda: revealed(cast, ref, purpose=Purpose.IDENTITY_VERIFICATION, by=by),
        )

    @pytest.mark.shows("P-07")
    def test_the_same_person_in_two_organisations_is_two_records_behind_a_wall(self, cast: Cast) -> None:
        ours = sealed(cast)
        theirs = numbers.seal(
            number=my_number(), organisation_id=cast.ueda, subject_id=new_id(), purposes=PURPOSES, by=SYSTEM, at=MORNING
        )
        rows = {row.ref: row for row in SealedNumber.objects.all()}
        assert rows[ours].tag != rows[theirs].tag
        assert queries.same_number(ref=ours, organisation_id=cast.aoba) == []
        with pytest.raises(NotFound):
            queries.same_number(ref=theirs, organisation_id=cast.aoba)
        _assert_denied(cast, NotFound, lambda: revealed(cast, theirs))

    def test_a_row_moved_to_another_organisation_or_person_does_not_open(self, cast: Cast) -> None:
        ref, other = sealed(cast), sealed(cast, base="22222222222", subject_id=cast.okada.id)
        row = SealedNumber.objects.get(ref=ref)
        SealedNumber.objects.filter(ref=other).update(wrapped_key=row.wrapped_key, sealed=row.sealed)
        _assert_denied(cast, rules.SealBroken, lambda: revealed(cast, other))
        theirs = numbers.seal(
            number=my_number(), organisation_id=cast.ueda, subject_id=new_id(), purposes=PURPOSES, by=SYSTEM, at=MORNING
        )
        SealedNumber.objects.filter(ref=theirs).update(organisation_id=cast.aoba)
        _assert_denied(cast, rules.SealBroken, lambda: revealed(cast, theirs))

    @pytest.mark.parametrize("column", ["sealed", "wrapped_key"])
    def test_a_touched_row_does_not_open(self, cast: Cast, column: str) -> None:
        ref = sealed(cast)
        content = bytearray(getattr(SealedNumber.objects.get(ref=ref), column))
        content[-1] ^= 1
        SealedNumber.objects.filter(ref=ref).update(**{column: bytes(content)})
        _assert_denied(cast, rules.SealBroken, lambda: revealed(cast, ref))

    def test_a_document_name_keeps_no_digits_of_a_number(self, cast: Cast) -> None:
        ref = sealed(cast)
        revealed(cast, ref, document=f"源泉徴収票 {DIGITS}")
        assert DIGITS not in last_use().document
        line = trail.timeline(organisation_id=cast.aoba)[0]
        assert DIGITS not in str(line.values)


def _assert_denied(
    cast: Cast, refusal: type[Refused], call: Callable[[], object], organisation_id: UUID | None = None
) -> None:
    organisation_id = organisation_id or cast.aoba
    before = UseRecord.objects.count()
    entries = len(trail.timeline(organisation_id=organisation_id, limit=1000))
    with pytest.raises(refusal):
        call()
    assert UseRecord.objects.count() == before + 1
    use = last_use()
    assert (use.allowed, use.reason, use.organisation_id) == (False, refusal.code, organisation_id)
    lines = trail.timeline(organisation_id=organisation_id, limit=1000)
    assert len(lines) == entries + 1
    assert lines[0].event == "vault.number.denied"


@pytest.mark.shows("S-03")
@pytest.mark.django_db(transaction=True)
def test_a_denied_reveal_stays_on_record_although_it_raises(cast: Cast) -> None:
    ref = sealed(cast)
    with pytest.raises(NotPermitted):
        revealed(cast, ref, by=cast.aoki)
    connection.close()
    assert last_use().allowed is False
    assert events(cast)[0] == "vault.number.denied"


class TestUseMany:
    def test_opens_all_with_a_record_each_and_one_entry(self, cast: Cast) -> None:
        refs = [sealed(cast, base=f"{index:011d}", subject_id=new_id()) for index in range(1, 6)]
        before = len(events(cast))
        opened = numbers.use_many(
            refs=refs, organisation_id=cast.aoba, purpose=SLIP, document="源泉徴収票", by=cast.eto, at=MORNING
        )
        assert [opened[ref].digits_for_sealing() for ref in refs] == [test_number(f"{i:011d}") for i in range(1, 6)]
        assert UseRecord.objects.filter(act="use", allowed=True).count() == 5
        assert len(events(cast)) == before + 1
        assert trail.timeline(organisation_id=cast.aoba)[0].values["count"] == 5

    def test_opens_none_when_one_is_refused(self, cast: Cast) -> None:
        refs = [sealed(cast), new_id()]
        _assert_denied(
            cast,
            NotFound,
            lambda: numbers.use_many(
                refs=refs, organisation_id=cast.aoba, purpose=SLIP, document="", by=cast.eto, at=MORNING
            ),
        )
        assert not UseRecord.objects.filter(act="use", allowed=True).exists()

    def test_needs_no_query_a_number(self, cast: Cast) -> None:
        people = [(new_id(), my_number(f"{index:011d}")) for index in range(1, 501)]
        refs = numbers.seal_many(numbers=people, organisation_id=cast.aoba, purposes=PURPOSES, by=SYSTEM, at=MORNING)

        def reads(some: list[UUID]) -> int:
            with CaptureQueriesContext(connection) as caught:
                numbers.use_many(
                    refs=some, organisation_id=cast.aoba, purpose=SLIP, document="", by=cast.eto, at=MORNING
                )
            return len([query for query in caught.captured_queries if query["sql"].startswith("SELECT")])

        reads(refs[:1])
        assert reads(refs[:5]) == reads(refs) == 2


class TestDestroy:
    @pytest.mark.shows("R-07")
    def test_leaves_the_row_without_key_cipher_text_and_tag(self, cast: Cast) -> None:
        ref = sealed(cast)
        numbers.destroy(ref=ref, organisation_id=cast.aoba, reason="取下げ", by=cast.inoue, at=MORNING)
        row = SealedNumber.objects.get(ref=ref)
        assert (row.key_id, row.wrapped_key, row.sealed, row.tag) == (None, None, None, None)
        assert row.destroyed_at == MORNING
        assert events(cast)[0] == "vault.number.destroyed"
        assert (last_use().act, last_use().document) == ("destroy", "取下げ")
        _assert_denied(cast, rules.NumberDestroyed, lambda: revealed(cast, ref))

    def test_happens_once_and_in_its_own_organisation_only(self, cast: Cast) -> None:
        ref = sealed(cast)
        with pytest.raises(NotFound):
            numbers.destroy(ref=ref, organisation_id=cast.ueda, reason="", by=cast.ueno, at=MORNING)
        with pytest.raises(NotPermitted):
            numbers.destroy(ref=ref, organisation_id=cast.aoba, reason="", by=OPERATOR, at=MORNING)
        assert SealedNumber.objects.get(ref=ref).destroyed_at is None
        numbers.destroy(ref=ref, organisation_id=cast.aoba, reason="取下げ", by=cast.inoue, at=MORNING)
        count = len(events(cast))
        with pytest.raises(rules.NumberDestroyed):
            numbers.destroy(ref=ref, organisation_id=cast.aoba, reason="取下げ", by=cast.inoue, at=MORNING)
        assert len(events(cast)) == count


class TestQueries:
    def test_same_number_names_the_other_persons(self, cast: Cast) -> None:
        ref = sealed(cast)
        sealed(cast)
        other = new_id()
        sealed(cast, subject_id=other)
        sealed(cast, base="22222222222", subject_id=new_id())
        assert queries.same_number(ref=ref, organisation_id=cast.aoba) == [other]

    @pytest.mark.shows("S-07")
    def test_masked_shows_no_digit(self) -> None:
        assert not any(char.isdigit() for char in queries.masked(ref=new_id()))
        assert queries.masked(ref=None) == ""

    def test_uses_are_listed_newest_first_by_key_in_one_query(self, cast: Cast) -> None:
        ref = sealed(cast)
        assert cast.inoue.id is not None
        for _ in range(3):
            revealed(cast, ref)
        with CaptureQueriesContext(connection) as caught:
            lines = queries.uses_of(organisation_id=cast.aoba, subject_id=cast.inoue.id, limit=2)
        assert len(caught) == 1
        assert [line.act for line in lines] == ["reveal", "reveal"]
        assert (lines[0].purpose, lines[0].actor, lines[0].at) == (SLIP, "江藤 栄", MORNING)
        rest = queries.uses_of(organisation_id=cast.aoba, subject_id=cast.inoue.id, before=lines[-1].id)
        assert [line.act for line in rest] == ["reveal", "seal"]
        assert queries.uses_of(organisation_id=cast.ueda, subject_id=cast.inoue.id) == []


def test_moments_are_not_taken_from_the_clock(cast: Cast, at: datetime) -> None:
    ref = sealed(cast)
    assert SealedNumber.objects.get(ref=ref).created_at == at
