"""An organisation decides who shows what; nobody is weakened by oversight nor locked out (L-14, L-19, B5)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from tests.cast import MORNING, Cast
from tests.rooms.credentials.test_authenticators import enrol, weak_session
from warifu.audit import queries as audit
from warifu.credentials.actions import policy, sessions
from warifu.credentials.queries.sessions import living_session
from warifu.credentials.rules.policy import DEFAULTS, Demands
from warifu.foundation.actor import Actor, Role
from warifu.foundation.ids import new_id
from warifu.organisations import queries as organisations
from warifu.organisations.rules import LevelTooLow, NotPermitted

pytestmark = pytest.mark.django_db

STRICT = Demands(mail_code=True, second_factor=True, certificate=True)
WEAK = Demands(mail_code=True)


def decide(cast: Cast, chosen: dict[Role, Demands], *, by: Actor | None = None, **changed: Any) -> None:
    given = {"session_id": changed.pop("session_id", new_id()), "accepts_lower": False} | changed
    policy.decide(organisation_id=cast.aoba, chosen=DEFAULTS | chosen, by=by or cast.aoki, at=MORNING, **given)


def kept(cast: Cast) -> dict[str, Any]:
    return organisations.organisation(organisation_id=cast.aoba).sign_in_policy


@pytest.mark.shows("L-14", "000-28")
def test_what_differs_from_the_defaults_is_kept_and_holds_at_once(cast: Cast) -> None:
    decide(cast, {Role.EMPLOYEE: Demands(mail_code=True), Role.HANDLER: STRICT})
    assert kept(cast) == {
        "employee": {"mail_code": True, "second_factor": False, "certificate": False},
        "handler": {"mail_code": True, "second_factor": True, "certificate": True},
    }
    assert weak_session(cast.eto).demands == STRICT
    assert "organisations.sign_in_policy.changed" in {
        line.event for line in audit.timeline(organisation_id=cast.aoba, actor_id=cast.aoki.id)
    }


@pytest.mark.shows("L-19")
def test_lowering_needs_a_word(cast: Cast) -> None:
    with pytest.raises(policy.LowersDefault):
        decide(cast, {Role.RECEIVER: WEAK})
    assert kept(cast) == {}
    decide(cast, {Role.RECEIVER: WEAK}, accepts_lower=True)
    assert kept(cast)["receiver"]["second_factor"] is False


def certificate_session(cast: Cast) -> UUID:
    assert cast.aoki.id is not None
    token = sessions.start(member_id=cast.aoki.id, level=2, browser="", address="", at=MORNING, certificate_id=new_id())
    found = living_session(token=token, at=MORNING)
    assert found is not None
    return found.id


def test_nobody_demands_of_themselves_a_certificate_that_they_did_not_show(cast: Cast) -> None:
    with pytest.raises(policy.LocksOutEditor):
        decide(cast, {Role.ADMINISTRATOR: STRICT}, session_id=weak_session(cast.aoki).id)
    assert kept(cast) == {}
    decide(cast, {Role.ADMINISTRATOR: STRICT}, session_id=certificate_session(cast))
    assert kept(cast)["administrator"]["certificate"] is True


def test_somebody_elses_session_is_no_proof(cast: Cast) -> None:
    assert cast.eto.id is not None
    sessions.start(member_id=cast.eto.id, level=2, browser="", address="", at=MORNING, certificate_id=new_id())
    with pytest.raises(policy.LocksOutEditor):
        decide(cast, {Role.ADMINISTRATOR: STRICT}, session_id=weak_session(cast.eto).id)


def test_nobody_demands_of_themselves_a_code_that_cannot_reach_them(cast: Cast) -> None:
    from warifu.organisations.models import Member

    Member.objects.filter(id=cast.aoki.id).update(mail="")
    with pytest.raises(policy.CodeHasNoMailbox):
        decide(cast, {Role.RECEIVER: STRICT})
    enrol(cast.aoki)
    decide(cast, {Role.RECEIVER: STRICT})


def test_only_leaders_with_two_factors_decide(cast: Cast) -> None:
    for by, refusal in (
        (cast.okada, NotPermitted),
        (cast.ueno, NotPermitted),
        (replace(cast.aoki, level=1), LevelTooLow),
    ):
        with pytest.raises(refusal):
            decide(cast, {Role.HANDLER: STRICT}, by=by)
    assert kept(cast) == {}
