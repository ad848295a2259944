"""The guided hand-over: step by step, resumable, and never leaving nobody (000-26, 000-38, 000-40)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from tests.cast import MORNING, Cast
from tests.rooms.credentials.heads import hire
from tests.rooms.credentials.test_certificates import issue
from warifu.audit.models import Entry
from warifu.credentials.actions import authorities, departures, hand_over, sessions, tokens
from warifu.credentials.models import AccessKey, Certificate, DeviceRestriction, HandOver, Session, Token
from warifu.credentials.queries import hand_over as queries
from warifu.credentials.rules.hand_over import Step
from warifu.foundation.actor import OPERATOR, SYSTEM, Actor, Role
from warifu.foundation.refusals import NotFound, Refused
from warifu.notices.models import Letter
from warifu.organisations import queries as members
from warifu.organisations.rules import LevelTooLow, NotPermitted, Permission

pytestmark = pytest.mark.django_db


def start(cast: Cast, *, giver: Actor | None = None, taker: Actor | None = None, by: Actor | None = None) -> UUID:
    giver, taker = giver or cast.aoki, taker or cast.eto
    assert giver.id
    assert taker.id
    return hand_over.start(organisation_id=cast.aoba, from_id=giver.id, to_id=taker.id, by=by or cast.aoki, at=MORNING)


def sign_in(actor: Actor, level: int = 2, minutes: int = 1) -> None:
    assert actor.id
    at = MORNING + timedelta(minutes=minutes)
    sessions.start(member_id=actor.id, level=level, browser="b", address="a", at=at)


def do(cast: Cast, row: UUID, step: Step, by: Actor, **values: object) -> None:
    verbs: dict[Step, Callable[..., None]] = {
        Step.SIGNED_IN: hand_over.confirm_signed_in,
        Step.ROLES: hand_over.move_roles,
        Step.CERTIFICATES: hand_over.settle_certificates,
        Step.DEVICES: hand_over.end_devices,
        Step.CONTACTS: hand_over.settle_contacts,
        Step.TOKENS: hand_over.review_tokens,
    }
    defaults: dict[Step, dict[str, object]] = {
        Step.CERTIFICATES: {"revoked": []},
        Step.CONTACTS: {"contact": "総務課"},
        Step.TOKENS: {"revoked": []},
    }
    at = MORNING + timedelta(minutes=5)
    verbs[step](organisation_id=cast.aoba, hand_over_id=row, by=by, at=at, **{**defaults.get(step, {}), **values})


def as_now(cast: Cast, actor: Actor) -> Actor:
    """An actor with the roles of this moment."""
    assert actor.id
    return replace(actor, roles=members.member(organisation_id=cast.aoba, member_id=actor.id).roles)


def moved(cast: Cast) -> tuple[UUID, Actor]:
    """A hand-over after its second step, and the new administrator."""
    row = start(cast)
    sign_in(cast.eto)
    do(cast, row, Step.SIGNED_IN, cast.aoki)
    do(cast, row, Step.ROLES, cast.aoki)
    return row, as_now(cast, cast.eto)


@pytest.mark.shows("000-26", "000-38", "000-40")
def test_it_goes_from_one_to_the_other_step_by_step(cast: Cast) -> None:
    row, eto = moved(cast)
    assert as_now(cast, cast.aoki).roles == Role.EMPLOYEE
    assert Role.ADMINISTRATOR in eto.roles
    assert Role.HANDLER in eto.roles
    for step in (Step.TOKENS, Step.CERTIFICATES, Step.CONTACTS, Step.DEVICES):
        do(cast, row, step, eto)
    hand_over.finish(organisation_id=cast.aoba, hand_over_id=row, by=eto, at=MORNING)
    view = queries.one(organisation_id=cast.aoba, hand_over_id=row)
    assert view.finished_at == MORNING
    assert queries.running(organisation_id=cast.aoba) is None
    steps = Entry.objects.filter(event="credentials.hand_over.step_done").count()
    ends = Entry.objects.filter(event__in=["credentials.hand_over.started", "credentials.hand_over.finished"]).count()
    assert (steps, ends) == (6, 2)
    assert members.organisation(organisation_id=cast.aoba).contact == "総務課"


@pytest.mark.shows("L-12")
def test_both_and_the_other_administrators_get_letters(cast: Cast) -> None:
    hire(cast.aoba, Role.ADMINISTRATOR, "木村", "k009")
    start(cast)
    told = {letter.to_mail for letter in Letter.objects.filter(kind="hand_over_news")}
    assert told == {"a001@example.jp", "e003@example.jp", "k009@example.jp"}


def test_another_administrator_does_it_for_somebody_absent(cast: Cast) -> None:
    other = hire(cast.aoba, Role.ADMINISTRATOR, "木村", "k009")
    row = start(cast, by=other)
    sign_in(cast.eto)
    for step in Step:
        do(cast, row, step, other)
    hand_over.finish(organisation_id=cast.aoba, hand_over_id=row, by=other, at=MORNING)
    assert as_now(cast, cast.aoki).roles == Role.EMPLOYEE


class TestWhoAndWhom:
    def test_it_wants_an_administrator_with_two_factors(self, cast: Cast) -> None:
        for actor, refusal in (
            (cast.eto, NotPermitted),
            (cast.inoue, NotPermitted),
            (cast.ueno, NotPermitted),
            (replace(cast.aoki, level=1), LevelTooLow),
        ):
            with pytest.raises(refusal):
                start(cast, by=actor)
        assert not HandOver.objects.exists()

    def test_another_organisations_member_cannot_take_over(self, cast: Cast) -> None:
        with pytest.raises(NotFound):
            start(cast, taker=cast.ueno)

    def test_another_organisation_neither_sees_nor_touches_it(self, cast: Cast) -> None:
        row = start(cast)
        with pytest.raises(NotFound):
            hand_over.stop(organisation_id=cast.ueda, hand_over_id=row, by=cast.ueno, at=MORNING)
        with pytest.raises(NotFound):
            queries.one(organisation_id=cast.ueda, hand_over_id=row)

    def test_who_leads_nothing_hands_nothing_over(self, cast: Cast) -> None:
        with pytest.raises(hand_over.NothingToHandOver):
            start(cast, giver=cast.inoue)

    def test_not_to_oneself_nor_to_those_who_cannot_get_in(self, cast: Cast) -> None:
        mailless = hire(cast.aoba, Role.STAFF, "木村", "k009", mail="")
        gone = hire(cast.aoba, Role.STAFF, "久保", "k010")
        assert gone.id
        departures.record(organisation_id=cast.aoba, member_id=gone.id, left_on=MORNING.date(), by=SYSTEM, at=MORNING)
        for taker in (cast.aoki, mailless, gone):
            with pytest.raises(hand_over.CannotTakeOver):
                start(cast, taker=taker)
        assert not HandOver.objects.exists()

    def test_only_one_runs_at_a_time(self, cast: Cast) -> None:
        row = start(cast)
        with pytest.raises(hand_over.HandOverRunning):
            start(cast, taker=cast.okada)
        hand_over.stop(organisation_id=cast.aoba, hand_over_id=row, by=cast.aoki, at=MORNING)
        start(cast, taker=cast.okada)


class TestOrder:
    @pytest.mark.parametrize("step", [step for step in Step if step is not Step.SIGNED_IN])
    def test_nothing_before_the_new_one_has_signed_in(self, cast: Cast, step: Step) -> None:
        row = start(cast)
        with pytest.raises(hand_over.StepTooEarly):
            do(cast, row, step, cast.aoki)
        assert HandOver.objects.get().done == []
        assert as_now(cast, cast.aoki).roles == cast.aoki.roles

    def test_a_step_is_done_once(self, cast: Cast) -> None:
        row, eto = moved(cast)
        do(cast, row, Step.DEVICES, eto)
        for step in (Step.SIGNED_IN, Step.ROLES, Step.DEVICES):
            with pytest.raises(hand_over.StepTooEarly):
                do(cast, row, step, eto)
        assert as_now(cast, cast.eto).roles == eto.roles

    def test_it_does_not_end_early(self, cast: Cast) -> None:
        row, eto = moved(cast)
        with pytest.raises(hand_over.StepTooEarly):
            hand_over.finish(organisation_id=cast.aoba, hand_over_id=row, by=eto, at=MORNING)
        assert HandOver.objects.get().finished_at is None

    def test_a_weak_or_old_sign_in_does_not_count(self, cast: Cast) -> None:
        sign_in(cast.eto, minutes=-1)
        row = start(cast)
        sign_in(cast.eto, level=1)
        with pytest.raises(hand_over.NotSignedInStrongly):
            do(cast, row, Step.SIGNED_IN, cast.aoki)
        sign_in(cast.eto)
        do(cast, row, Step.SIGNED_IN, cast.aoki)

    def test_after_the_rights_have_moved_the_old_one_is_out(self, cast: Cast) -> None:
        row, _eto = moved(cast)
        with pytest.raises(NotPermitted):
            do(cast, row, Step.DEVICES, as_now(cast, cast.aoki))

    def test_it_can_be_left_and_taken_up_and_stopped(self, cast: Cast) -> None:
        row, eto = moved(cast)
        view = queries.running(organisation_id=cast.aoba)
        assert view
        assert set(view.open_steps) == {Step.CERTIFICATES, Step.DEVICES, Step.CONTACTS, Step.TOKENS}
        hand_over.stop(organisation_id=cast.aoba, hand_over_id=row, by=eto, at=MORNING)
        assert queries.running(organisation_id=cast.aoba) is None
        assert queries.past(organisation_id=cast.aoba)[0].stopped_at == MORNING
        with pytest.raises(NotFound):
            do(cast, row, Step.DEVICES, eto)
        assert Role.ADMINISTRATOR in as_now(cast, cast.eto).roles


class TestNobodyIsNotLeft:
    def test_a_taker_who_left_meanwhile_gets_nothing(self, cast: Cast) -> None:
        row = start(cast)
        sign_in(cast.eto)
        do(cast, row, Step.SIGNED_IN, cast.aoki)
        assert cast.eto.id
        departures.record(
            organisation_id=cast.aoba, member_id=cast.eto.id, left_on=MORNING.date(), by=SYSTEM, at=MORNING
        )
        with pytest.raises(hand_over.CannotTakeOver):
            do(cast, row, Step.ROLES, cast.aoki)
        assert as_now(cast, cast.aoki).roles == cast.aoki.roles

    def test_a_heads_office_has_a_head_afterwards(self, cast: Cast) -> None:
        kaneko = hire(cast.aoba, Role.HEAD | Role.STAFF, "金子", "k006")
        row = start(cast, giver=kaneko, by=kaneko)
        sign_in(cast.eto)
        do(cast, row, Step.SIGNED_IN, kaneko)
        do(cast, row, Step.ROLES, kaneko)
        assert Role.HEAD in as_now(cast, cast.eto).roles
        assert Role.ADMINISTRATOR not in as_now(cast, cast.eto).roles
        assert as_now(cast, kaneko).roles == Role.STAFF

    def test_roles_move_wholly_or_not_at_all(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        row = start(cast)
        sign_in(cast.eto)
        do(cast, row, Step.SIGNED_IN, cast.aoki)

        def nobody(*_args: object, **_values: object) -> None:
            raise hand_over.NobodyWouldLead

        monkeypatch.setattr(hand_over, "_insist_led", nobody)
        with pytest.raises(Refused):
            do(cast, row, Step.ROLES, cast.aoki)
        assert as_now(cast, cast.aoki).roles == cast.aoki.roles
        assert as_now(cast, cast.eto).roles == cast.eto.roles
        assert HandOver.objects.get().done == ["signed-in"]


class TestWhatIsLeftBehind:
    def test_devices_and_sessions_of_the_old_one_end_and_a_restriction_stays(self, cast: Cast) -> None:
        row, eto = moved(cast)
        sign_in(cast.aoki)
        AccessKey.objects.create(member_id=cast.aoki.id, name="k", link_hash="x", link_until=MORNING, issued_at=MORNING)
        DeviceRestriction.objects.create(organisation_id=cast.aoba, member_id=cast.aoki.id, from_day=MORNING.date())
        do(cast, row, Step.DEVICES, eto)
        assert not Session.objects.filter(member_id=cast.aoki.id, ended_at=None).exists()
        assert AccessKey.objects.get().revoked_at
        assert DeviceRestriction.objects.get().until_day is None
        assert Session.objects.filter(member_id=cast.eto.id, ended_at=None).exists()

    def test_tokens_are_reviewed(self, cast: Cast) -> None:
        for name in ("人事", "給与"):
            tokens.issue(
                organisation_id=cast.aoba,
                name=name,
                scopes=[Permission.PEOPLE_VIEW.value],
                valid_until=MORNING + timedelta(days=30),
                by=cast.aoki,
                at=MORNING,
            )
        row, eto = moved(cast)
        view = queries.one(organisation_id=cast.aoba, hand_over_id=row)
        left = queries.left_behind(organisation_id=cast.aoba, hand_over=view, at=MORNING)
        assert {token.name for token in left.tokens} == {"人事", "給与"}
        ends = next(token.id for token in left.tokens if token.name == "給与")
        do(cast, row, Step.TOKENS, eto, revoked=[ends, uuid4()])
        assert set(Token.objects.filter(revoked_at=None).values_list("name", flat=True)) == {"人事"}

    def test_the_contact_stays_when_it_is_not_changed(self, cast: Cast) -> None:
        row, eto = moved(cast)
        do(cast, row, Step.CONTACTS, eto, contact="")
        assert not Entry.objects.filter(event="organisations.organisation.changed").exists()

    @pytest.mark.shows("C-05")
    def test_certificates_end_now_or_go_on_until_they_are_over(self, cast: Cast) -> None:
        authorities.init(name="Aoba Root CA", by=OPERATOR, at=MORNING - timedelta(days=1))
        for device in ("会社のパソコン", "自宅のパソコン"):
            issue(cast, cast.aoki, device_name=device)
        issue(cast, cast.eto)
        row, eto = moved(cast)
        view = queries.one(organisation_id=cast.aoba, hand_over_id=row)
        left = queries.left_behind(organisation_id=cast.aoba, hand_over=view, at=MORNING)
        ends = next(line.id for line in left.certificates if line.device_name == "自宅のパソコン")
        theirs = Certificate.objects.get(member_id=cast.eto.id).id
        do(cast, row, Step.CERTIFICATES, eto, revoked=[ends, theirs])
        living = Certificate.objects.filter(member__isnull=False, revoked_at=None)
        assert set(living.values_list("device_name", flat=True)) == {"会社のパソコン", "経理のノートPC"}
