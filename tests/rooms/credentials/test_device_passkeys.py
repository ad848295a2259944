"""The strong form of an access key: a passkey that stays in its device (C-08, 003-13)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.cast import MORNING
from tests.rooms.credentials.office import GOOD, Office, member_id
from tests.rooms.credentials.test_access_keys import desk, office, registered, restrict
from tests.rooms.credentials.test_passkeys import enrol
from tests.security_key import BACKED_UP, MAY_BACK_UP, PRESENT, VERIFIED, SecurityKey
from warifu.credentials.actions import access_keys, passkeys, signin
from warifu.credentials.actions.signin import NextStage, SignedIn
from warifu.credentials.actions.stages import Visitor
from warifu.credentials.models import AccessKey, DeviceRestriction, Session
from warifu.foundation.refusals import NotFound

__all__ = ["desk", "office"]
pytestmark = pytest.mark.django_db


def bound(desk: Office, key: SecurityKey) -> str:
    """A registered device of the staff member, bound to a passkey; returns its cookie."""
    shown = registered(desk, desk.staff)
    passkey_id = enrol(desk.staff, key)
    access_keys.bind(
        organisation_id=desk.id,
        key_id=AccessKey.objects.get().id,
        passkey_id=passkey_id,
        by=replace(desk.staff, level=2),
        at=MORNING,
    )
    restrict(desk, desk.staff)
    return shown


def strengthen(desk: Office) -> None:
    access_keys.strengthen(organisation_id=desk.id, member_id=member_id(desk.staff), by=desk.head, at=MORNING)


def begin(shown: str = "") -> tuple[str, signin.SignedIn | signin.NextStage, Visitor]:
    who = Visitor(browser="Chrome Windows", address="192.0.2.1", access_key=shown)
    token = signin.begin(organisation_code="okada", identifier="s005", visitor=who, at=MORNING)
    return token, signin.answer(token=token, stage="password", secret=GOOD, visitor=who, at=MORNING), who


def show(token: str, who: Visitor, key: SecurityKey, desk: Office) -> SignedIn | NextStage:
    question = passkeys.options_for_member(member_id=member_id(desk.staff), purpose=passkeys.SECOND, at=MORNING)
    return signin.answer(token=token, stage="second", secret=key.sign(question), visitor=who, at=MORNING)


@pytest.mark.shows("C-08", "003-13")
def test_the_cookie_alone_no_longer_does_but_the_passkey_of_the_device(desk: Office) -> None:
    key = SecurityKey()
    shown = bound(desk, key)
    strengthen(desk)
    token, outcome, who = begin(shown)
    assert outcome == NextStage(stage="second")
    assert isinstance(show(token, who, key, desk), SignedIn)
    assert Session.objects.latest("id").factors[-1] == "device_passkey"
    token, _outcome, elsewhere = begin("")
    assert isinstance(show(token, elsewhere, key, desk), SignedIn)


@pytest.mark.shows("C-08")
def test_another_passkey_of_the_person_does_not_do(desk: Office) -> None:
    bound(desk, SecurityKey())
    strengthen(desk)
    other = SecurityKey()
    enrol(replace(desk.staff, level=2), other)
    token, _outcome, who = begin()
    with pytest.raises(passkeys.PasskeyNotAccepted):
        show(token, who, other, desk)
    question = passkeys.options_for_anybody(address="192.0.2.1", at=MORNING)
    _token, outcome = signin.by_passkey(answer=other.sign(question), visitor=who, at=MORNING)
    assert outcome == NextStage(stage="second")


@pytest.mark.shows("C-08")
def test_the_passkey_of_the_device_alone_signs_in(desk: Office) -> None:
    key = SecurityKey()
    bound(desk, key)
    strengthen(desk)
    who = Visitor(browser="Chrome Windows", address="192.0.2.1")
    question = passkeys.options_for_anybody(address="192.0.2.1", at=MORNING)
    _token, outcome = signin.by_passkey(answer=key.sign(question), visitor=who, at=MORNING)
    assert isinstance(outcome, SignedIn)


@pytest.mark.shows("C-08")
def test_a_synced_passkey_proves_no_device(desk: Office) -> None:
    registered(desk, desk.staff)
    synced = enrol(desk.staff, SecurityKey(flags=PRESENT | VERIFIED | MAY_BACK_UP | BACKED_UP))
    given = {"organisation_id": desk.id, "key_id": AccessKey.objects.get().id, "at": MORNING}
    with pytest.raises(access_keys.PasskeyNotOfDevice):
        access_keys.bind(passkey_id=synced, by=replace(desk.staff, level=2), **given)
    with pytest.raises(NotFound):
        access_keys.bind(passkey_id=synced, by=desk.head, **given)
    assert AccessKey.objects.get().passkey_id is None


def test_it_is_wanted_only_where_a_device_has_one(desk: Office) -> None:
    registered(desk, desk.staff)
    restrict(desk, desk.staff)
    with pytest.raises(access_keys.NoDevicePasskey):
        strengthen(desk)
    assert not DeviceRestriction.objects.get().wants_passkey


def test_wanting_it_ends_weaker_sessions_and_can_be_taken_back(desk: Office) -> None:
    shown = bound(desk, SecurityKey())
    assert Session.objects.filter(member_id=member_id(desk.staff), ended_at=None).exists()
    strengthen(desk)
    assert not Session.objects.filter(member_id=member_id(desk.staff), ended_at=None).exists()
    access_keys.soften(organisation_id=desk.id, member_id=member_id(desk.staff), by=desk.head, at=MORNING)
    _token, outcome, _who = begin(shown)
    assert outcome == NextStage(stage="second")  # a passkey is enrolled, so a second factor is asked for


def test_stopping_the_key_ends_what_its_passkey_opened(desk: Office) -> None:
    key = SecurityKey()
    bound(desk, key)
    strengthen(desk)
    token, _outcome, who = begin()
    show(token, who, key, desk)
    access_keys.revoke(organisation_id=desk.id, key_id=AccessKey.objects.get().id, by=desk.head, at=MORNING)
    assert not Session.objects.filter(member_id=member_id(desk.staff), ended_at=None).exists()
    token, _outcome, who = begin()
    with pytest.raises(passkeys.PasskeyNotAccepted):
        show(token, who, key, desk)
