"""メール確認コード at sign-in (L-13 … L-15, 000-28 … 000-30)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.apps import apps

from tests.cast import MORNING, Cast
from tests.rooms.credentials.test_signin import HERE, begin, set_password
from tests.rooms.credentials.test_signin import answer as give
from warifu.audit import queries as audit
from warifu.credentials.actions import mail_codes, signin
from warifu.credentials.actions.signin import NextStage, SignedIn
from warifu.credentials.models import MailCode
from warifu.credentials.queries.sessions import living_session
from warifu.credentials.rules.codes import (
    MailCodeExpired,
    MailCodeReplaced,
    MailCodeSpent,
    MailCodeWrong,
    ResendTooSoon,
)
from warifu.notices import queries as letters
from warifu.notices.links import LinkDead

pytestmark = pytest.mark.django_db
LATER = MORNING + timedelta(minutes=1)


@pytest.fixture(autouse=True)
def aoki(cast: Cast) -> Cast:
    """The cast, with the administrator's password set: administrators get a code at every sign-in."""
    set_password(cast.aoki)
    return cast


def waiting(at: datetime = MORNING) -> str:
    """A sign-in of Aoki's that waits for the code; returns its token."""
    token = begin("a001", at=at)
    assert give(token, at=at) == NextStage(stage="code")
    return token


def mailed(number: int = -1) -> str:
    """The code of a letter; the newest without a number."""
    rows = list(MailCode.objects.order_by("id"))
    return mail_codes._code(rows[number])


def wrong() -> str:
    """Six digits that are no code of anybody."""
    codes = {mail_codes._code(row) for row in MailCode.objects.all()}
    return next(f"{number:06}" for number in range(1000) if f"{number:06}" not in codes)


def enter(token: str, code: str, at: datetime = LATER) -> SignedIn | NextStage:
    return give(token, code, stage="code", at=at)


def again(token: str, at: datetime = LATER) -> None:
    signin.open_again(token=token, stage="code", at=at, visitor=HERE)


@pytest.mark.shows("000-28", "000-30", "000-39", "L-14")
def test_the_code_lets_in_and_the_session_stays_weak(cast: Cast) -> None:
    outcome = enter(waiting(), mailed())
    assert isinstance(outcome, SignedIn)
    found = living_session(token=outcome.session_token, at=LATER)
    assert found is not None
    assert (found.actor.level, found.factors) == (1, ("password", "mail_code"))
    sent = audit.timeline(organisation_id=cast.aoba, event_prefix="credentials.mail_code.sent")
    assert len(sent) == 1


@pytest.mark.shows("000-29", "L-15")
def test_it_is_new_at_every_sign_in_and_works_in_that_one_only() -> None:
    first, second = waiting(), waiting()
    assert mailed(0) != mailed(1)
    with pytest.raises(MailCodeWrong):
        enter(second, mailed(0))
    with pytest.raises(MailCodeWrong):
        enter(first, mailed(1))
    assert isinstance(enter(second, mailed(1)), SignedIn)
    with pytest.raises(signin.SignInOver):
        enter(second, mailed(1))


@pytest.mark.shows("000-29", "L-15")
def test_a_newer_one_ends_the_one_before_and_the_sentence_says_so() -> None:
    token = waiting()
    again(token)
    assert MailCode.objects.filter(replaced_at=LATER).count() == 1
    with pytest.raises(MailCodeReplaced):
        enter(token, mailed(0))
    assert isinstance(enter(token, mailed(1)), SignedIn)


@pytest.mark.shows("L-15")
def test_it_lives_ten_minutes() -> None:
    row = waiting() and MailCode.objects.get()
    assert row.valid_until - row.sent_at <= timedelta(minutes=10)
    token = waiting()
    with pytest.raises(MailCodeExpired):
        enter(token, mailed(), at=MORNING + timedelta(minutes=10))
    assert isinstance(enter(token, mailed(), at=MORNING + timedelta(minutes=9, seconds=59)), SignedIn)


@pytest.mark.shows("L-15")
def test_it_bears_five_tries_and_says_how_many_are_left() -> None:
    token, code = waiting(), mailed()
    left = []
    for _ in range(4):
        with pytest.raises(MailCodeWrong) as refused:
            enter(token, wrong())
        left.append(refused.value.values["left"])
    assert left == [4, 3, 2, 1]
    with pytest.raises(MailCodeSpent):
        enter(token, wrong())
    with pytest.raises(MailCodeSpent):
        enter(token, code, at=LATER + timedelta(minutes=1))
    again(token, at=LATER + timedelta(minutes=3))
    assert isinstance(enter(token, mailed(), at=LATER + timedelta(minutes=3)), SignedIn)


@pytest.mark.shows("L-15")
def test_the_next_one_has_to_wait() -> None:
    token = waiting()
    with pytest.raises(ResendTooSoon) as refused:
        again(token, at=MORNING + timedelta(seconds=10))
    assert refused.value.values == {"seconds": 20}
    for number in range(1, 4):
        again(token, at=MORNING + number * mail_codes.RESEND_AFTER)
    process = MailCode.objects.latest("id").process
    late = MORNING + timedelta(seconds=91)
    awaited = mail_codes.awaited(process=process, queue=str(MailCode.objects.latest("id").member_id), at=late)
    assert awaited is not None
    assert (awaited.resend_in, awaited.seconds_left) == (59, 599)


def test_a_page_that_waits_long_says_that_the_mail_has_not_left() -> None:
    waiting()
    process = MailCode.objects.get().process
    soon = mail_codes.awaited(process=process, queue="", at=MORNING + timedelta(seconds=5))
    slow = mail_codes.awaited(process=process, queue="", at=LATER)
    assert soon is not None
    assert slow is not None
    assert (soon.is_slow, soon.is_unsent) == (False, False)
    assert (slow.is_slow, slow.is_unsent) == (True, True)


@pytest.mark.shows("L-15", "V-03", "V-04")
def test_it_stands_in_no_table_and_its_letter_dies_with_it(cast: Cast) -> None:
    token, code = waiting(), mailed()
    dump = "\n".join(
        str(value) for model in apps.get_models() for row in model._default_manager.values_list() for value in row
    )
    assert not re.search(rf"(?<![0-9a-f.]){code}(?![0-9a-f])", dump)
    assert [letter.kind for letter in letters.letters_of(organisation_id=cast.aoba)] == ["mail_code"]
    reference = str(MailCode.objects.get().id)
    assert mail_codes.code_of(reference=reference) == code
    enter(token, code)
    with pytest.raises(LinkDead):
        mail_codes.code_of(reference=reference)


@pytest.mark.shows("L-15")
def test_a_right_code_counts_once_even_at_the_same_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting()
    row, outcomes = MailCode.objects.get(), []
    code, real = mailed(), mail_codes._is_code

    def meanwhile(typed: str, found: MailCode) -> bool:
        monkeypatch.setattr(mail_codes, "_is_code", real)
        outcomes.append(mail_codes.fits(process=row.process, typed=code, at=LATER))
        return real(typed, found)

    monkeypatch.setattr(mail_codes, "_is_code", meanwhile)
    outcomes.append(mail_codes.fits(process=row.process, typed=code, at=LATER))
    assert outcomes == [True, False]


def test_full_width_digits_and_blanks_do_not_matter() -> None:
    token = waiting()
    typed = mailed().translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)})
    assert isinstance(enter(token, f" {typed[:3]} {typed[3:]} "), SignedIn)
