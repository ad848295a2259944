"""Nobody outside can lock a person out for good, whatever they try and for how long (L-11, A3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pyotp
import pytest
from django.db.models import Max

from tests.cast import MORNING, Cast
from tests.rooms.credentials.test_authenticators import enrol
from tests.rooms.credentials.test_signin import GOOD, begin, set_password
from tests.rooms.credentials.test_signin import answer as give
from warifu.credentials.actions import activation, attempts, devices, mail_codes, signin
from warifu.credentials.actions.signin import NextStage, SignedIn
from warifu.credentials.actions.stages import Visitor
from warifu.credentials.models import Attempt, MailCode
from warifu.credentials.rules.codes import CodeNotAccepted, ResendTooSoon
from warifu.credentials.rules.limits import LIMITS
from warifu.foundation.actor import SYSTEM, Actor
from warifu.foundation.refusals import Refused
from warifu.notices import links
from warifu.notices import queries as letters

pytestmark = pytest.mark.django_db
STRANGER = Visitor(browser="s", address="203.0.113.7")


def device_of(actor: Actor) -> Visitor:
    """A browser in which somebody has signed in before."""
    assert actor.id is not None
    return Visitor(browser="b", address="192.0.2.1", device=devices.token_of(member_id=actor.id))


def for_a_day(attack: Callable[[datetime], object]) -> datetime:
    """Attack at every moment at which it is possible again, for twenty-three hours: after a day failures are forgotten.

    Returns a moment at which strangers have to wait, because the last attack has just been counted.
    """
    at, last = MORNING, MORNING
    while last < MORNING + timedelta(hours=23):
        try:
            attack(at)
            last = at
        except attempts.TooManyAttempts:
            at = max(at, Attempt.objects.aggregate(Max("blocked_until"))["blocked_until__max"])
        except Refused:
            last = at
        at += timedelta(seconds=1)
    with pytest.raises(attempts.TooManyAttempts):
        attack(at)
    return at


@pytest.mark.shows("L-11")
@pytest.mark.parametrize("purpose", list(LIMITS))
def test_no_limit_grows_without_end(purpose: str) -> None:
    limit = LIMITS[purpose]
    assert limit.wait(10**6) <= timedelta(hours=1)
    assert limit.wait(limit.free - 1) == timedelta(0)
    if purpose not in ("second.letter", "denial"):
        assert limit.cap <= timedelta(minutes=15)


@pytest.mark.shows("L-11")
def test_a_day_of_wrong_passwords_leaves_the_owners_device_free(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    set_password(cast.inoue)
    monkeypatch.setattr("warifu.credentials.passwords.fits", lambda typed, _kept: typed == GOOD)
    after = for_a_day(lambda at: give(begin(at=at), "guess of a stranger", at=at, visitor=STRANGER))
    own = device_of(cast.inoue)
    assert isinstance(give(begin(at=after), at=after, visitor=own), SignedIn)
    assert isinstance(
        give(begin(at=after), at=after, visitor=Visitor(browser="b", address=STRANGER.address, device=own.device)),
        SignedIn,
    )


@pytest.mark.shows("L-11", "L-12")
def test_somebody_who_knows_the_password_cannot_fill_the_owners_queue_of_second_factors(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_password(cast.eto)
    secret = enrol(cast.eto)
    monkeypatch.setattr("warifu.credentials.passwords.fits", lambda typed, _kept: typed == GOOD)

    wrong = []

    def attack(at: datetime) -> None:
        token = begin("e003", at=at)
        assert give(token, at=at, visitor=STRANGER) == NextStage(stage="second")
        try:
            give(token, "000000", stage="second", at=at, visitor=STRANGER)
        except CodeNotAccepted:
            wrong.append(at)
            raise

    after = for_a_day(attack)
    assert len(wrong) <= 105
    token = begin("e003", at=after)
    own = device_of(cast.eto)
    give(token, at=after, visitor=own)
    code = pyotp.TOTP(secret).at(after)
    assert isinstance(give(token, code, stage="second", at=after, visitor=own), SignedIn)
    told = [letter for letter in letters.letters_of(organisation_id=cast.aoba) if letter.kind == "second_factor_failed"]
    assert 20 <= len(told) <= 25


@pytest.mark.shows("L-11", "L-15")
def test_somebody_who_knows_the_password_cannot_use_up_the_owners_codes(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_password(cast.aoki)
    monkeypatch.setattr("warifu.credentials.passwords.fits", lambda typed, _kept: typed == GOOD)
    after = for_a_day(lambda at: give(begin("a001", at=at), at=at, visitor=STRANGER))
    assert MailCode.objects.count() <= 105
    own, token = device_of(cast.aoki), begin("a001", at=after)
    assert give(token, at=after, visitor=own) == NextStage(stage="code")
    code = mail_codes.code_of(reference=str(MailCode.objects.latest("id").id))
    assert isinstance(give(token, code, stage="code", at=after, visitor=own), SignedIn)


@pytest.mark.shows("L-11", "L-09")
def test_a_new_device_has_a_way_in_past_any_queue(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    set_password(cast.inoue)
    monkeypatch.setattr("warifu.credentials.passwords.fits", lambda typed, _kept: typed == GOOD)
    after = for_a_day(lambda at: give(begin(at=at), "guess of a stranger", at=at, visitor=STRANGER))
    assert cast.inoue.organisation_id is not None
    assert cast.inoue.id is not None
    link = activation.issue(
        organisation_id=cast.inoue.organisation_id, member_id=cast.inoue.id, purpose="reset", by=SYSTEM, at=after
    )
    token = links.resolve(link).rstrip("/").rsplit("/", 1)[-1]
    assert activation.use(token=token, password=GOOD, at=after, browser="b", address="198.51.100.9")


@pytest.mark.shows("L-11", "L-15")
def test_codes_that_are_read_cost_their_reader_nothing(cast: Cast) -> None:
    set_password(cast.aoki)
    for number in range(12):
        at = MORNING + number * timedelta(minutes=2)
        token = begin("a001", at=at)
        give(token, at=at)
        code = mail_codes.code_of(reference=str(MailCode.objects.latest("id").id))
        assert isinstance(give(token, code, stage="code", at=at), SignedIn)


def test_asking_again_and_again_mails_few_codes(cast: Cast) -> None:
    set_password(cast.aoki)
    token = begin("a001")
    give(token)
    for second in range(0, 600, 5):
        try:
            signin.open_again(token=token, stage="code", at=MORNING + timedelta(seconds=second), visitor=STRANGER)
        except (ResendTooSoon, attempts.TooManyAttempts):
            continue
    assert MailCode.objects.count() <= 8
