"""Authenticator apps and recovery codes (L-17, L-20)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
from django.apps import apps

from tests.cast import MORNING, Cast
from warifu.audit import queries as audit
from warifu.credentials.actions import attempts, authenticators, factors, recovery, sessions, stepup
from warifu.credentials.models import Authenticator, RecoveryCode
from warifu.credentials.queries.factors import factors_of
from warifu.credentials.queries.sessions import LivingSession, living_session
from warifu.credentials.rules.codes import SecondNotAccepted
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import NotFound
from warifu.notices import queries as letters
from warifu.organisations.rules import LevelTooLow

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()
HOTP = ("755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489")
"""RFC 4226 appendix D, counters 0 … 9."""
TOTP = (
    (59, "94287082"), (1111111109, "07081804"), (1111111111, "14050471"),
    (1234567890, "89005924"), (2000000000, "69279037"), (20000000000, "65353130"),
)  # fmt: skip
"""RFC 6238 appendix B, SHA-1; the house takes six digits, which are the last six of the eight."""


def code_of(secret: str, at: datetime) -> str:
    return pyotp.TOTP(secret).at(at)


def enrol(actor: Actor, at: datetime = MORNING, name: str = "スマートフォン") -> str:
    """An app of somebody, confirmed; returns its secret."""
    assert actor.organisation_id is not None
    made = authenticators.start(organisation_id=actor.organisation_id, name=name, by=actor, at=at)
    authenticators.confirm(organisation_id=actor.organisation_id, code=code_of(made.secret, at), by=actor, at=at)
    return made.secret


def weak_session(actor: Actor, at: datetime = MORNING) -> LivingSession:
    """A session opened with the password alone."""
    assert actor.id is not None
    token = sessions.start(member_id=actor.id, level=1, browser="b", address="a", at=at, factors=["password"])
    found = living_session(token=token, at=at)
    assert found is not None
    return found


def step_up(cast: Cast, session: LivingSession, code: str, at: datetime = MORNING) -> str:
    return stepup.by_code(
        organisation_id=cast.aoba, session_id=session.id, code=code, address="a", by=session.actor, at=at
    )


@pytest.mark.shows("L-17")
@pytest.mark.parametrize(("counter", "code"), list(enumerate(HOTP)))
def test_it_counts_as_rfc_4226_does(counter: int, code: str) -> None:
    at = datetime.fromtimestamp(max(counter, 1) * authenticators.STEP, UTC)
    assert authenticators.matching_step(secret=RFC_SECRET, code=code, at=at, after=-1) == counter


@pytest.mark.shows("L-17")
@pytest.mark.parametrize(("seconds", "code"), TOTP)
def test_it_tells_the_time_as_rfc_6238_does(seconds: int, code: str) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    step = seconds // authenticators.STEP
    assert authenticators.matching_step(secret=RFC_SECRET, code=code[-6:], at=at, after=0) == step
    assert authenticators.matching_step(secret=RFC_SECRET, code=code[-6:], at=at, after=step) is None


@pytest.mark.shows("L-17")
@pytest.mark.parametrize(("seconds", "fits"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_clock_may_be_one_step_off(seconds: int, fits: bool) -> None:
    at = datetime.fromtimestamp(1234567890, UTC)
    shown = code_of(RFC_SECRET, at + timedelta(seconds=seconds))
    found = authenticators.matching_step(secret=RFC_SECRET, code=shown, at=at, after=0)
    assert (found is not None) == fits


@pytest.mark.parametrize("typed", ["０８９００５９２４"[3:], "005 924", " 005-924 "])
def test_full_width_and_blanks_do_not_matter(typed: str) -> None:
    at = datetime.fromtimestamp(1234567890, UTC)
    assert authenticators.matching_step(secret=RFC_SECRET, code=typed, at=at, after=0)


@pytest.mark.django_db
class TestApp:
    """The app from its QR code to its end."""

    @pytest.mark.shows("L-17")
    def test_its_secret_is_long_sealed_and_nowhere_in_the_tables(self, cast: Cast) -> None:
        secret = enrol(cast.eto)
        raw = base64.b32decode(secret)
        assert len(raw) == 20
        dump = b"".join(
            bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode()
            for model in apps.get_models()
            for row in model._default_manager.values_list()
            for value in row
        )
        for form in (raw, secret.encode(), raw.hex().encode(), base64.b64encode(raw)):
            assert form not in dump

    def test_it_counts_for_nothing_before_its_first_code(self, cast: Cast) -> None:
        assert cast.eto.id is not None
        made = authenticators.start(organisation_id=cast.aoba, name="x", by=cast.eto, at=MORNING)
        assert not authenticators.fits(member_id=cast.eto.id, code=code_of(made.secret, MORNING), at=MORNING)
        assert factors.enrolled(member_id=cast.eto.id) == frozenset()
        again = authenticators.pending(organisation_id=cast.aoba, by=cast.eto)
        assert again is not None
        assert again.secret == made.secret
        assert made.address.startswith("otpauth://totp/")
        with pytest.raises(authenticators.CodeWrong):
            authenticators.confirm(organisation_id=cast.aoba, code="000000", by=cast.eto, at=MORNING)
        with pytest.raises(NotFound):
            authenticators.confirm(organisation_id=cast.aoba, code="000000", by=cast.aoki, at=MORNING)
        newer = authenticators.start(organisation_id=cast.aoba, name="y", by=cast.eto, at=MORNING)
        assert newer.secret != made.secret
        assert Authenticator.objects.count() == 1

    @pytest.mark.shows("L-17")
    def test_a_step_is_taken_once(self, cast: Cast) -> None:
        assert cast.eto.id is not None
        secret = enrol(cast.eto)
        later = MORNING + timedelta(minutes=1)
        first = code_of(secret, MORNING)
        assert not authenticators.fits(member_id=cast.eto.id, code=first, at=MORNING)
        assert authenticators.fits(member_id=cast.eto.id, code=code_of(secret, later), at=later)
        assert not authenticators.fits(member_id=cast.eto.id, code=code_of(secret, later), at=later)
        before = code_of(secret, later - timedelta(seconds=30))
        assert not authenticators.fits(member_id=cast.eto.id, code=before, at=later)

    @pytest.mark.shows("L-17")
    def test_of_two_at_the_same_moment_one_gets_in(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        assert cast.eto.id is not None
        secret = enrol(cast.eto)
        later = MORNING + timedelta(minutes=1)
        code, outcomes = code_of(secret, later), []
        real: Callable[..., int | None] = authenticators.matching_step

        def meanwhile(**given: Any) -> int | None:
            """Between reading the row and writing it, the other request comes in and is done."""
            step = real(**given)
            monkeypatch.setattr(authenticators, "matching_step", real)
            outcomes.append(authenticators.fits(member_id=cast.eto.id, code=code, at=later))  # type: ignore[arg-type]
            return step

        monkeypatch.setattr(authenticators, "matching_step", meanwhile)
        outcomes.append(authenticators.fits(member_id=cast.eto.id, code=code, at=later))
        assert outcomes == [True, False]

    @pytest.mark.shows("L-21", "L-12")
    def test_it_is_stopped_by_its_owner_only_and_stays_in_the_list(self, cast: Cast) -> None:
        assert cast.eto.id is not None
        secret = enrol(cast.eto)
        line = factors_of(organisation_id=cast.aoba, member_id=cast.eto.id).authenticators[0]
        with pytest.raises(NotFound):
            authenticators.revoke(organisation_id=cast.aoba, authenticator_id=line.id, by=cast.aoki, at=MORNING)
        with pytest.raises(LevelTooLow):
            authenticators.revoke(
                organisation_id=cast.aoba,
                authenticator_id=line.id,
                by=weak_session(cast.eto).actor,
                at=MORNING,
            )
        later = MORNING + timedelta(minutes=1)
        authenticators.revoke(organisation_id=cast.aoba, authenticator_id=line.id, by=cast.eto, at=later)
        assert not authenticators.fits(member_id=cast.eto.id, code=code_of(secret, later), at=later)
        mine = factors_of(organisation_id=cast.aoba, member_id=cast.eto.id)
        assert [(line.created_at, line.revoked_at) for line in mine.past] == [(MORNING, later)]
        kinds = {letter.kind for letter in letters.letters_of(organisation_id=cast.aoba)}
        assert kinds == {"factor_added", "factor_revoked"}

    @pytest.mark.shows("L-28", "L-22")
    def test_its_code_strengthens_a_running_session(self, cast: Cast) -> None:
        secret = enrol(cast.eto)
        session = weak_session(cast.eto)
        later = MORNING + timedelta(minutes=1)
        found = living_session(token=step_up(cast, session, code_of(secret, later), later), at=later)
        assert found is not None
        assert (found.id, found.actor.level, found.actor.authenticated_at) == (session.id, 2, later)
        assert found.factors == ("password", "authenticator")
        line = audit.timeline(organisation_id=cast.aoba, event_prefix="credentials.signin.stepped_up")[0]
        assert (line.values["factor"], line.values["level"]) == ("authenticator", 2)

    @pytest.mark.shows("L-11", "L-12", "L-17")
    def test_guesses_inside_a_session_wait_are_recorded_and_the_owner_hears(self, cast: Cast) -> None:
        secret = enrol(cast.eto)
        session = weak_session(cast.eto)
        for _ in range(5):
            with pytest.raises(SecondNotAccepted):
                step_up(cast, session, "000000")
        with pytest.raises(attempts.TooManyAttempts):
            step_up(cast, session, code_of(secret, MORNING + timedelta(seconds=30)))
        later = MORNING + timedelta(minutes=1)
        assert step_up(cast, session, code_of(secret, later), later)
        failed = audit.timeline(organisation_id=cast.aoba, event_prefix="credentials.signin.failed")
        assert len(failed) == 5
        kinds = [letter.kind for letter in letters.letters_of(organisation_id=cast.aoba)]
        assert kinds.count("second_factor_failed") == 1


@pytest.mark.django_db
class TestRecoveryCodes:
    """Ten codes for the day on which the phone is lost."""

    @pytest.mark.shows("L-20")
    def test_they_are_long_kept_as_hashes_and_used_once(self, cast: Cast) -> None:
        assert cast.eto.id is not None
        codes = recovery.make(organisation_id=cast.aoba, by=cast.eto, at=MORNING)
        assert len(set(codes)) == 10
        assert all(30 ** len(code.replace("-", "")) >= 2**112 for code in codes)
        dump = str(list(RecoveryCode.objects.values()))
        assert not any(code in dump or code.replace("-", "") in dump for code in codes)
        typed = codes[3].lower().replace("-", " ")
        assert recovery.fits(member_id=cast.eto.id, typed=typed, at=MORNING)
        assert not recovery.fits(member_id=cast.eto.id, typed=codes[3], at=MORNING)
        assert cast.aoki.id is not None
        assert not recovery.fits(member_id=cast.aoki.id, typed=codes[4], at=MORNING)
        used = audit.timeline(organisation_id=cast.aoba, event_prefix="credentials.recovery_code.used")
        assert [line.values["count"] for line in used] == [9]

    @pytest.mark.shows("L-20", "L-12")
    def test_new_ones_end_the_old_ones_and_the_owner_hears_of_it(self, cast: Cast) -> None:
        assert cast.eto.id is not None
        old = recovery.make(organisation_id=cast.aoba, by=cast.eto, at=MORNING)
        later = MORNING + timedelta(days=1)
        new = recovery.make(organisation_id=cast.aoba, by=cast.eto, at=later)
        assert not recovery.fits(member_id=cast.eto.id, typed=old[0], at=later)
        assert recovery.fits(member_id=cast.eto.id, typed=new[0], at=later)
        mine = factors_of(organisation_id=cast.aoba, member_id=cast.eto.id)
        assert [(batch.made_at, batch.count, batch.left) for batch in mine.recovery] == [
            (later, 10, 9), (MORNING, 10, 0),
        ]  # fmt: skip
        assert mine.codes_left == 9
        assert len(letters.letters_of(organisation_id=cast.aoba)) == 2

    def test_a_code_strengthens_a_session_once(self, cast: Cast) -> None:
        enrol(cast.eto)
        codes = recovery.make(organisation_id=cast.aoba, by=cast.eto, at=MORNING)
        session = weak_session(cast.eto)
        found = living_session(token=step_up(cast, session, codes[0]), at=MORNING)
        assert found is not None
        assert found.factors == ("password", "recovery_code")
        with pytest.raises(SecondNotAccepted):
            step_up(cast, session, codes[0])

    @pytest.mark.shows("L-09")
    def test_whoever_has_a_factor_must_have_shown_it(self, cast: Cast) -> None:
        enrol(cast.eto)
        with pytest.raises(LevelTooLow):
            recovery.make(organisation_id=cast.aoba, by=weak_session(cast.eto).actor, at=MORNING)
        assert not RecoveryCode.objects.exists()


def test_a_list_of_factors_costs_three_queries(cast: Cast, django_assert_num_queries: Any) -> None:
    assert cast.eto.id is not None
    enrol(cast.eto)
    with django_assert_num_queries(3):
        factors_of(organisation_id=cast.aoba, member_id=cast.eto.id)
    assert factors_of(organisation_id=cast.ueda, member_id=cast.eto.id).lines == ()
