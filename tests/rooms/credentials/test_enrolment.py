"""Who may have a certificate made, and for how long (B2, L-09)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import transaction

from tests.cast import MORNING, Cast
from tests.rooms.credentials.test_signin import GOOD, HERE, begin, set_password
from warifu.credentials.actions import departures, enrolment, signin
from warifu.credentials.models import Enrolment, MailCode, Passkey
from warifu.credentials.rules import enrolment as rules
from warifu.foundation.actor import SYSTEM, Actor
from warifu.notices import links
from warifu.organisations import queries
from warifu.organisations.rules import LevelTooLow

pytestmark = pytest.mark.django_db


def token_for(actor: Actor) -> str:
    assert actor.organisation_id is not None
    assert actor.id is not None
    member = queries.member(organisation_id=actor.organisation_id, member_id=actor.id)
    with transaction.atomic():
        return enrolment.start(member=member, factors=["password", "mail_code"], address="192.0.2.1", at=MORNING)


def weak(actor: Actor) -> Actor:
    assert actor.organisation_id is not None
    assert actor.id is not None
    member = queries.member(organisation_id=actor.organisation_id, member_id=actor.id)
    return queries.actor_of(member=member, level=1, authenticated_at=MORNING)


class TestHolder:
    def test_it_is_whoever_signed_in_with_the_level_that_was_shown(self, cast: Cast) -> None:
        holder = enrolment.holder_of(token=token_for(cast.inoue), at=MORNING + timedelta(minutes=9))
        assert (holder.actor.id, holder.organisation_id, holder.actor.level) == (cast.inoue.id, cast.aoba, 1)

    @pytest.mark.parametrize("token", ["", "wfe_guessed"])
    def test_a_guess_opens_nothing(self, cast: Cast, token: str) -> None:
        with pytest.raises(enrolment.EnrolmentOver):
            enrolment.holder_of(token=token, at=MORNING)

    def test_somebody_who_has_left_meanwhile_is_nobody(self, cast: Cast) -> None:
        token = token_for(cast.inoue)
        assert cast.inoue.id is not None
        departures.record(
            organisation_id=cast.aoba, member_id=cast.inoue.id, left_on=date(2026, 11, 23), by=SYSTEM, at=MORNING
        )
        with pytest.raises(enrolment.EnrolmentOver):
            enrolment.holder_of(token=token, at=MORNING)

    def test_the_token_itself_stands_in_no_table(self, cast: Cast) -> None:
        token = token_for(cast.inoue)
        assert Enrolment.objects.get().token_hash != token
        assert token not in repr(list(Enrolment.objects.values_list()))


@pytest.mark.shows("L-09")
class TestProof:
    def test_a_password_alone_is_too_little(self, cast: Cast) -> None:
        with pytest.raises(enrolment.ProofTooWeak):
            enrolment.insist_proven(shown=("password",), by=weak(cast.inoue))
        enrolment.insist_proven(shown=("password", "mail_code"), by=weak(cast.inoue))
        enrolment.insist_proven(shown=("password",), by=cast.inoue)

    def test_a_mailed_code_is_too_little_for_whoever_has_a_second_factor(self, cast: Cast) -> None:
        Passkey.objects.create(
            member_id=cast.inoue.id, name="k", credential_id=b"1", public_key=b"2", created_at=MORNING
        )
        with pytest.raises(LevelTooLow):
            enrolment.insist_proven(shown=("password", "mail_code"), by=weak(cast.inoue))

    @pytest.mark.parametrize(
        ("factors", "level", "enough"),
        [
            ((), 1, False),
            (("password",), 1, False),
            (("mail_code",), 1, True),
            (("external",), 1, False),
            ((), 2, True),
        ],
    )
    def test_the_rule(self, factors: tuple[str, ...], level: int, enough: bool) -> None:
        assert rules.has_shown_enough(factors=factors, level=level) is enough


class TestSignIn:
    @pytest.mark.shows("000-28", "000-29")
    def test_everybody_is_asked_for_a_code_even_where_sign_in_asks_for_none(self, cast: Cast) -> None:
        set_password(cast.inoue)
        assert isinstance(
            signin.answer(token=begin(), stage="password", secret=GOOD, visitor=HERE, at=MORNING), signin.SignedIn
        )
        token = signin.begin(
            organisation_code="aoba", identifier="i002", visitor=HERE, at=MORNING, purpose=signin.ENROLMENT
        )
        outcome = signin.answer(
            token=token, stage="password", secret=GOOD, visitor=HERE, at=MORNING, purpose=signin.ENROLMENT
        )
        assert outcome == signin.NextStage(stage="code")

    def test_its_process_opens_no_session(self, cast: Cast) -> None:
        set_password(cast.inoue)
        token = signin.begin(
            organisation_code="aoba", identifier="i002", visitor=HERE, at=MORNING, purpose=signin.ENROLMENT
        )
        for attempt in (
            lambda: signin.answer(token=token, stage="password", secret=GOOD, visitor=HERE, at=MORNING),
            lambda: signin.due_stage(token=token, at=MORNING),
            lambda: signin.open_again(token=token, stage="code", at=MORNING),
            lambda: signin.proceed(token=token, visitor=HERE, at=MORNING),
        ):
            with pytest.raises(signin.SignInOver):
                attempt()
        assert MailCode.objects.count() == 0


def test_a_proposed_name_is_organisation_and_person_cut_to_fit() -> None:
    assert rules.proposed(organisation_name="株式会社 青葉商会", person_name="青木　葵") == "株式会社 青葉商会 青木 葵"
    assert len(rules.proposed(organisation_name="長" * 80, person_name="青木 葵")) == 64


def test_old_tokens_are_forgotten_but_what_led_to_a_certificate_is_kept(cast: Cast) -> None:
    token_for(cast.inoue)
    token_for(cast.eto)
    Enrolment.objects.filter(member_id=cast.eto.id).update(used_at=MORNING)
    assert enrolment.tidy(at=MORNING + timedelta(hours=23)) == 0
    assert enrolment.tidy(at=MORNING + timedelta(days=2)) == 1
    assert Enrolment.objects.get().member_id == cast.eto.id


def test_a_letter_without_its_certificate_stays() -> None:
    with pytest.raises(links.LinkDead):
        links.resolve(links.LateLink(kind="certificate_password", reference="00000000-0000-7000-8000-000000000000"))
