"""Recovery slips: k of n let somebody administer again after a day, and every administrator can stop it (C4)."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.cast import MORNING, Cast
from tests.rooms.credentials.heads import PASSWORD, set_password
from warifu.audit.models import Entry
from warifu.credentials.actions import attempts, recovery_slips
from warifu.credentials.actions.recovery_slips import WAIT, Paper
from warifu.credentials.models import RecoverySlips
from warifu.credentials.queries import recovery_slips as queries
from warifu.foundation.actor import SYSTEM, Actor, Role
from warifu.notices.models import Letter
from warifu.organisations import actions as organisations
from warifu.organisations import queries as members
from warifu.organisations.rules import LevelTooLow, NotPermitted

pytestmark = pytest.mark.django_db

ETO = "e003@example.jp"


def make(cast: Cast, needed: int = 2, printed: int = 3, at: datetime = MORNING) -> list[Paper]:
    return recovery_slips.make(organisation_id=cast.aoba, needed=needed, printed=printed, by=cast.aoki, at=at)


def show(
    papers: list[Paper],
    *,
    mail: str = ETO,
    organisation: str = "aoba",
    address: str = "192.0.2.1",
    at: datetime = MORNING,
) -> datetime:
    typed = [paper.signs for paper in papers]
    return recovery_slips.show(organisation_code=organisation, typed=typed, mail=mail, address=address, at=at)


def is_administrator(cast: Cast, actor: Actor) -> bool:
    assert actor.id
    return Role.ADMINISTRATOR in members.member(organisation_id=cast.aoba, member_id=actor.id).roles


class TestMake:
    def test_only_the_hash_of_the_whole_is_kept(self, cast: Cast) -> None:
        papers = make(cast)
        row = RecoverySlips.objects.get()
        kept = " ".join(str(value) for value in RecoverySlips.objects.values().get().values())
        bodies = "".join(Entry.objects.values_list("body", flat=True))
        for paper in papers:
            assert paper.signs not in kept
            assert paper.signs not in bodies
            assert paper.signs not in repr(paper)
        assert len(row.secret_hash) == 64
        assert [paper.number for paper in papers] == [1, 2, 3]
        assert papers[0].spoken.count("、") == 7

    @pytest.mark.parametrize(("needed", "printed"), [(1, 3), (3, 3), (2, 10), (5, 2)])
    def test_counts_that_make_no_sense_are_refused(self, cast: Cast, needed: int, printed: int) -> None:
        with pytest.raises(recovery_slips.CountsWrong):
            make(cast, needed, printed)
        assert not RecoverySlips.objects.exists()

    def test_it_wants_an_administrator_with_two_factors(self, cast: Cast) -> None:
        for actor, refusal in (
            (cast.eto, NotPermitted),
            (cast.ueno, NotPermitted),
            (replace(cast.aoki, level=1), LevelTooLow),
        ):
            with pytest.raises(refusal):
                recovery_slips.make(organisation_id=cast.aoba, needed=2, printed=3, by=actor, at=MORNING)
        assert not RecoverySlips.objects.exists()

    def test_new_slips_kill_the_old_ones(self, cast: Cast) -> None:
        old = make(cast)
        new = make(cast, at=MORNING + timedelta(days=1))
        with pytest.raises(recovery_slips.SlipsDoNotFit):
            show(old[:2])
        show(new[:2])


class TestShow:
    def test_any_two_of_three_do_and_order_does_not_matter(self, cast: Cast) -> None:
        for chosen in itertools.permutations(range(3), 2):
            papers = make(cast)
            assert show([papers[place] for place in chosen]) == MORNING + WAIT

    def test_one_or_the_same_twice_do_not(self, cast: Cast) -> None:
        papers = make(cast)
        for chosen in ([papers[0]], [papers[0], papers[0]]):
            with pytest.raises(recovery_slips.SlipsDoNotFit):
                show(chosen)
        assert RecoverySlips.objects.get().claimed_at is None

    def test_two_of_three_needed_do_not(self, cast: Cast) -> None:
        papers = make(cast, 3, 5)
        with pytest.raises(recovery_slips.SlipsDoNotFit):
            show(papers[:2])
        show(papers[1:5])

    def test_slips_of_another_set_spoil_it(self, cast: Cast) -> None:
        theirs = recovery_slips.make(organisation_id=cast.ueda, needed=2, printed=3, by=cast.ueno, at=MORNING)
        papers = make(cast)
        with pytest.raises(recovery_slips.SlipsDoNotFit):
            show([papers[0], theirs[1]])
        with pytest.raises(recovery_slips.SlipsDoNotFit):
            show(theirs[:2])

    @pytest.mark.shows("L-10")
    def test_strangers_learn_nothing_of_organisations(self, cast: Cast) -> None:
        papers = make(cast)
        RecoverySlips.objects.all().delete()
        for organisation in ("aoba", "ueda", "nowhere"):
            with pytest.raises(recovery_slips.SlipsDoNotFit):
                show(papers[:2], organisation=organisation, mail="nobody@example.jp")

    def test_a_mistyped_slip_is_named(self, cast: Cast) -> None:
        papers = make(cast)
        wrong = "A" if papers[1].signs[0] != "A" else "C"
        with pytest.raises(recovery_slips.SlipMistyped) as refused:
            show([papers[0], replace(papers[1], signs=wrong + papers[1].signs[1:])])
        assert refused.value.values == {"place": 2}

    def test_an_unknown_mail_leaves_the_slips_as_they_are(self, cast: Cast) -> None:
        papers = make(cast)
        for mail in ("nobody@example.jp", "u005@example.jp", ""):
            with pytest.raises(recovery_slips.NobodyToLetIn):
                show(papers[:2], mail=mail)
        show(papers[:2])

    @pytest.mark.shows("L-11")
    def test_trying_is_slowed_down(self, cast: Cast) -> None:
        papers = make(cast)

        def go_on() -> None:
            for _ in range(50):
                with pytest.raises(recovery_slips.SlipsDoNotFit):
                    show(papers[:1])

        with pytest.raises(attempts.TooManyAttempts):
            go_on()

    def test_failures_are_recorded(self, cast: Cast) -> None:
        with pytest.raises(recovery_slips.SlipsDoNotFit):
            show(make(cast)[:1])
        assert Entry.objects.filter(event="credentials.recovery_slips.refused").count() == 1

    @pytest.mark.shows("L-12")
    def test_every_administrator_hears_of_it_at_once(self, cast: Cast) -> None:
        show(make(cast)[:2])
        told = {(letter.kind, letter.to_mail) for letter in Letter.objects.all()}
        assert told == {("slips_shown", "a001@example.jp"), ("slips_shown", ETO)}
        view = queries.living(organisation_id=cast.aoba)
        assert view
        assert (view.claimed_for, view.waits_until) == ("江藤 栄", MORNING + WAIT)

    def test_the_same_slips_cannot_be_shown_again(self, cast: Cast) -> None:
        papers = make(cast)
        show(papers[:2])
        with pytest.raises(recovery_slips.SlipsDoNotFit):
            show(papers[:2], mail="i002@example.jp")
        assert RecoverySlips.objects.get().claimed_for_id == cast.eto.id


class TestAfterADay:
    def test_the_member_becomes_administrator_and_gets_a_link(self, cast: Cast) -> None:
        set_password(cast.eto, PASSWORD)
        show(make(cast)[:2])
        Letter.objects.all().delete()
        assert recovery_slips.fulfil_due(at=MORNING + WAIT - timedelta(seconds=1)) == 0
        assert not is_administrator(cast, cast.eto)
        assert recovery_slips.fulfil_due(at=MORNING + WAIT) == 1
        assert is_administrator(cast, cast.eto)
        told = sorted((letter.kind, letter.to_mail) for letter in Letter.objects.all())
        assert told == [("reset", ETO), ("slips_used", "a001@example.jp"), ("slips_used", ETO)]
        assert recovery_slips.fulfil_due(at=MORNING + WAIT) == 0
        assert queries.living(organisation_id=cast.aoba) is None

    def test_other_roles_stay(self, cast: Cast) -> None:
        show(make(cast)[:2])
        recovery_slips.fulfil_due(at=MORNING + WAIT)
        assert cast.eto.id
        roles = members.member(organisation_id=cast.aoba, member_id=cast.eto.id).roles
        assert roles == Role.EMPLOYEE | Role.HANDLER | Role.ADMINISTRATOR

    def test_who_has_left_meanwhile_gets_nothing_and_the_slips_work_again(self, cast: Cast) -> None:
        papers = make(cast)
        show(papers[:2], mail="i002@example.jp")
        assert cast.inoue.id
        organisations.record_leaving(
            organisation_id=cast.aoba,
            member_id=cast.inoue.id,
            left_on=MORNING.date(),
            by=SYSTEM,
            at=MORNING,
        )
        assert recovery_slips.fulfil_due(at=MORNING + WAIT) == 0
        assert not is_administrator(cast, cast.inoue)
        show(papers[:2], at=MORNING + WAIT)


class TestStop:
    def test_any_administrator_stops_it_and_the_slips_are_dead(self, cast: Cast) -> None:
        papers = make(cast)
        show(papers[:2])
        recovery_slips.stop(organisation_id=cast.aoba, by=cast.aoki, at=MORNING)
        assert recovery_slips.fulfil_due(at=MORNING + WAIT) == 0
        assert not is_administrator(cast, cast.eto)
        with pytest.raises(recovery_slips.SlipsDoNotFit):
            show(papers[:2])
        assert Entry.objects.filter(event="credentials.recovery_slips.stopped").count() == 1

    def test_nobody_else_does(self, cast: Cast) -> None:
        show(make(cast)[:2])
        for actor in (cast.eto, cast.inoue, cast.ueno):
            with pytest.raises(NotPermitted):
                recovery_slips.stop(organisation_id=cast.aoba, by=actor, at=MORNING)
        assert RecoverySlips.objects.get().replaced_at is None

    def test_without_a_claim_there_is_nothing_to_stop(self, cast: Cast) -> None:
        make(cast)
        with pytest.raises(recovery_slips.NothingToStop):
            recovery_slips.stop(organisation_id=cast.aoba, by=cast.aoki, at=MORNING)
        assert RecoverySlips.objects.get().replaced_at is None
