"""The head's number for resets: whose, which, how it begins to count (003-5, L-12, L-16)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.cast import MORNING, Cast
from tests.rooms.credentials.heads import MAIL, head, newest_code, register_phone
from warifu.audit.models import Entry
from warifu.credentials.actions import attempts, reset_phones
from warifu.credentials.models import ResetPhone
from warifu.credentials.queries.reset_phones import phone_of
from warifu.foundation.actor import Actor
from warifu.notices.actions import text_messages
from warifu.notices.models import Letter, PhoneMessage, TextMessage
from warifu.organisations.rules import LevelTooLow

pytestmark = pytest.mark.django_db


@pytest.fixture
def kaneko(cast: Cast) -> Actor:
    found = head(cast)
    Letter.objects.all().delete()
    return found


def register(kaneko: Actor, phone: str = "090-1234-5678", minutes: int = 0) -> None:
    assert kaneko.organisation_id
    at = MORNING + timedelta(minutes=minutes)
    reset_phones.register(organisation_id=kaneko.organisation_id, phone=phone, by=kaneko, at=at)
    text_messages.deliver_due(at=at)


def confirm(kaneko: Actor, typed: str, minutes: float = 0) -> None:
    assert kaneko.organisation_id
    at = MORNING + timedelta(minutes=minutes)
    reset_phones.confirm(organisation_id=kaneko.organisation_id, typed=typed, by=kaneko, at=at)


@pytest.mark.shows("003-5", "L-16")
def test_a_number_counts_only_after_its_code(kaneko: Actor) -> None:
    assert kaneko.id
    register(kaneko)
    assert reset_phones.number_of(member_id=kaneko.id) == ""
    assert phone_of(member_id=kaneko.id, at=MORNING).waiting == "090-****-5678"
    confirm(kaneko, newest_code())
    assert reset_phones.number_of(member_id=kaneko.id) == "+819012345678"
    view = phone_of(member_id=kaneko.id, at=MORNING)
    assert (view.phone, view.waiting) == ("090-****-5678", "")


@pytest.mark.shows("L-12")
def test_its_owner_is_told_by_mail_at_each_change(kaneko: Actor) -> None:
    assert kaneko.organisation_id
    register_phone(kaneko)
    register_phone(kaneko, phone="08011112222", at=MORNING + timedelta(minutes=1))
    reset_phones.remove(organisation_id=kaneko.organisation_id, by=kaneko, at=MORNING + timedelta(minutes=2))
    letters = [(letter.kind, letter.to_mail, letter.values["factor_name"]) for letter in Letter.objects.order_by("id")]
    assert letters == [
        ("factor_added", MAIL, "090-****-5678"),
        ("factor_added", MAIL, "080-****-2222"),
        ("factor_revoked", MAIL, "080-****-2222"),
    ]
    assert not ResetPhone.objects.exists()


def test_the_trail_does_not_hold_the_number(kaneko: Actor) -> None:
    register_phone(kaneko)
    bodies = "".join(Entry.objects.values_list("body", flat=True))
    assert "9012345678" not in bodies
    assert Entry.objects.filter(event="credentials.reset_phone.confirmed").count() == 1


def test_the_old_number_counts_until_the_new_one_is_proven(kaneko: Actor) -> None:
    assert kaneko.id
    register_phone(kaneko)
    register(kaneko, "080-1111-2222", minutes=1)
    assert reset_phones.number_of(member_id=kaneko.id) == "+819012345678"
    confirm(kaneko, newest_code(), minutes=2)
    assert reset_phones.number_of(member_id=kaneko.id) == "+818011112222"


@pytest.mark.shows("L-15")
def test_a_code_lives_ten_minutes_and_a_new_one_ends_it(kaneko: Actor) -> None:
    register(kaneko)
    first = newest_code()
    with pytest.raises(reset_phones.PhoneCodeWrong):
        confirm(kaneko, first, minutes=10)
    register(kaneko, minutes=1)
    second = newest_code()
    assert first != second
    with pytest.raises(reset_phones.PhoneCodeWrong):
        confirm(kaneko, first, minutes=2)
    confirm(kaneko, second, minutes=10.9)


@pytest.mark.shows("L-15")
def test_a_code_bears_five_tries(kaneko: Actor) -> None:
    register(kaneko)
    right = newest_code()
    wrong = "000000" if right != "000000" else "000001"
    for _ in range(5):
        with pytest.raises(reset_phones.PhoneCodeWrong):
            confirm(kaneko, wrong)
    with pytest.raises(reset_phones.PhoneCodeWrong):
        confirm(kaneko, right)
    assert kaneko.id
    assert reset_phones.number_of(member_id=kaneko.id) == ""


def test_a_code_works_once(kaneko: Actor) -> None:
    register(kaneko)
    code = newest_code()
    confirm(kaneko, code)
    with pytest.raises(reset_phones.PhoneCodeWrong):
        confirm(kaneko, code)


def test_messages_cannot_be_ordered_without_end(kaneko: Actor) -> None:
    def go_on() -> None:
        for _ in range(20):
            register(kaneko)

    with pytest.raises(attempts.TooManyAttempts):
        go_on()
    assert PhoneMessage.objects.count() <= 5


@pytest.mark.shows("003-5")
def test_only_a_head_with_two_factors_may(kaneko: Actor, cast: Cast) -> None:
    for actor in (cast.aoki, cast.inoue, cast.okada):
        with pytest.raises(reset_phones.OnlyForHeads):
            reset_phones.register(organisation_id=cast.aoba, phone="09012345678", by=actor, at=MORNING)
    with pytest.raises(LevelTooLow):
        register(replace(kaneko, level=1))
    assert not TextMessage.objects.exists()
    assert not ResetPhone.objects.exists()


@pytest.mark.parametrize("phone", ["03-1234-5678", "090-1234-567", "abc", "+1 212 555 0100"])
def test_only_mobile_numbers_are_taken(kaneko: Actor, phone: str) -> None:
    with pytest.raises(text_messages.PhoneUnusable):
        register(kaneko, phone)
    assert not ResetPhone.objects.exists()
