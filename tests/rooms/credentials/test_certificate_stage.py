"""The silent stage of a sign-in: a certificate adds a factor for its holder, and nothing for others (C-04)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.cast import MORNING, Cast
from tests.rooms.credentials.test_certificates import ca, issue
from tests.rooms.credentials.test_signin import HERE, answer, begin, set_password
from warifu.audit.models import Entry
from warifu.credentials.actions import certificates, signin
from warifu.credentials.actions.signin import SignedIn, SignInOver
from warifu.credentials.actions.stages import Visitor
from warifu.credentials.models import Certificate, SignIn
from warifu.credentials.queries.sessions import LivingSession, living_session

__all__ = ["ca"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ca")]


def showing(der: bytes) -> Visitor:
    return replace(HERE, certificate=der)


def session_after(visitor: Visitor, at: datetime = MORNING) -> LivingSession:
    outcome = answer(begin(at=at), visitor=visitor, at=at)
    assert isinstance(outcome, SignedIn)
    found = living_session(token=outcome.session_token, at=at)
    assert found is not None
    return found


def foreign_shown() -> list[Any]:
    return list(Entry.objects.filter(event="credentials.certificate.of_another"))


@pytest.mark.shows("C-04", "000-32", "L-28")
def test_ones_own_certificate_is_a_second_factor_and_the_session_names_it(cast: Cast) -> None:
    set_password(cast.inoue)
    made = issue(cast, cast.inoue)
    found = session_after(showing(made.der))
    assert (found.factors, found.actor.level) == (("password", "certificate"), 2)
    assert found.certificate_id == made.id
    assert Certificate.objects.get(id=made.id).used_at == MORNING


@pytest.mark.shows("C-04")
def test_a_certificate_alone_signs_nobody_in(cast: Cast) -> None:
    set_password(cast.inoue)
    made = issue(cast, cast.inoue)
    token = begin()
    with pytest.raises(signin.SignInFailed):
        answer(token, secret="wrong and wrong again", visitor=showing(made.der))
    with pytest.raises(SignInOver):
        signin.proceed(token=token, visitor=showing(made.der), at=MORNING)
    assert SignIn.objects.get().certificate_id is None


@pytest.mark.shows("C-04")
@pytest.mark.parametrize("whose", ["a colleague's", "another organisation's"])
def test_somebody_elses_adds_nothing_and_is_noted(whose: str, cast: Cast) -> None:
    set_password(cast.inoue)
    owner = cast.aoki if whose == "a colleague's" else cast.ueno
    made = issue(cast, owner, organisation_id=owner.organisation_id)
    found = session_after(showing(made.der))
    assert (found.factors, found.certificate_id, found.actor.level) == (("password",), None, 1)
    (noted,) = foreign_shown()
    assert (noted.organisation_id, noted.subject_id) == (cast.aoba, cast.inoue.id)
    shown = json.loads(noted.body)["values"]["certificate"]
    assert shown == (str(made.id) if whose == "a colleague's" else ""), "no organisation learns another's ids"
    assert Certificate.objects.get(id=made.id).used_at is None


def test_it_is_not_noted_without_end(cast: Cast) -> None:
    set_password(cast.inoue)
    made = issue(cast, cast.aoki)
    for minute in range(12):
        session_after(showing(made.der), at=MORNING + timedelta(seconds=minute))
    assert len(foreign_shown()) < 8


@pytest.mark.shows("C-05")
@pytest.mark.parametrize("fault", ["revoked", "ended", "garbage"])
def test_one_that_does_not_hold_adds_nothing(fault: str, cast: Cast) -> None:
    set_password(cast.inoue)
    made = issue(cast, cast.inoue)
    if fault == "revoked":
        certificates.revoke(organisation_id=cast.aoba, certificate_id=made.id, reason="lost", by=cast.inoue, at=MORNING)
    at = made.valid_until if fault == "ended" else MORNING
    found = session_after(showing(b"\x30\x03abc" if fault == "garbage" else made.der), at=at)
    assert (found.factors, found.certificate_id) == (("password",), None)
    assert foreign_shown() == []
