"""A lost factor is stopped by an administrator who knows who asks (L-09, L-12, L-21, L-24)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from tests.cast import MORNING, Cast
from tests.rooms.credentials.test_authenticators import enrol, weak_session
from warifu.audit import queries as audit
from warifu.credentials.actions import authenticators, factors, lost_factors, recovery
from warifu.credentials.queries.factors import factors_of
from warifu.credentials.queries.sessions import sessions_of
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import NotFound
from warifu.notices import queries as letters
from warifu.organisations.rules import LevelTooLow, NotPermitted

pytestmark = pytest.mark.django_db


def held(cast: Cast, actor: Actor) -> Any:
    assert actor.id is not None
    return factors_of(organisation_id=cast.aoba, member_id=actor.id)


def remove(cast: Cast, factor: str, factor_id: UUID | None, *, by: Actor | None = None, **changed: Any) -> None:
    given = {
        "member_id": cast.eto.id,
        "way": "in_person",
        "identified": "11月24日、窓口で運転免許証を見た",
        "reason": "電車に置き忘れた",
    } | changed
    lost_factors.remove(
        organisation_id=cast.aoba, factor=factor, factor_id=factor_id, by=by or cast.aoki, at=MORNING, **given
    )


@pytest.fixture
def app(cast: Cast) -> UUID:
    """The authenticator app of Eto."""
    enrol(cast.eto)
    line: UUID = held(cast, cast.eto).living[0].id
    return line


@pytest.mark.shows("L-09", "L-21")
def test_it_is_stopped_with_how_the_person_was_identified(cast: Cast, app: UUID) -> None:
    remove(cast, "authenticator", app)
    assert held(cast, cast.eto).living == ()
    assert [line.id for line in held(cast, cast.eto).past] == [app]
    entry = next(
        line
        for line in audit.timeline(organisation_id=cast.aoba, subject_id=cast.eto.id)
        if line.event == "credentials.factor.removed"
    )
    assert entry.values["identified_by"] == "in_person"
    assert entry.values["reason"] == "電車に置き忘れた"
    assert entry.actor == cast.aoki.label


@pytest.mark.shows("L-12", "L-24")
def test_the_person_hears_of_it_and_is_signed_out_everywhere(cast: Cast, app: UUID) -> None:
    assert cast.eto.id is not None
    weak_session(cast.eto)
    remove(cast, "authenticator", app)
    kinds = [line.kind for line in letters.letters_of(organisation_id=cast.aoba, member_id=cast.eto.id)]
    assert "factor_revoked" in kinds
    assert sessions_of(organisation_id=cast.aoba, member_id=cast.eto.id, at=MORNING) == []


@pytest.mark.shows("L-09")
def test_afterwards_a_new_one_may_be_set_up_with_the_password_alone(cast: Cast, app: UUID) -> None:
    weak = replace(cast.eto, level=1)
    with pytest.raises(LevelTooLow):
        factors.insist_may_change(by=weak)
    remove(cast, "authenticator", app)
    factors.insist_may_change(by=weak)


def test_recovery_codes_go_all_at_once(cast: Cast, app: UUID) -> None:
    assert cast.eto.id is not None
    codes = recovery.make(organisation_id=cast.aoba, by=cast.eto, at=MORNING)
    remove(cast, "recovery_code", None)
    assert held(cast, cast.eto).codes_left == 0
    assert not recovery.fits(member_id=cast.eto.id, typed=codes[0], at=MORNING)
    with pytest.raises(NotFound):
        remove(cast, "recovery_code", None)


@pytest.mark.shows("L-09")
@pytest.mark.parametrize(
    "missing", [{"way": ""}, {"way": "by_mail"}, {"identified": "  "}, {"reason": ""}], ids=lambda it: next(iter(it))
)
def test_without_proof_and_words_nothing_is_stopped(cast: Cast, app: UUID, missing: dict[str, str]) -> None:
    with pytest.raises(lost_factors.NotIdentified):
        remove(cast, "authenticator", app, **missing)
    assert [line.id for line in held(cast, cast.eto).living] == [app]


def test_only_an_administrator_with_two_factors_may(cast: Cast, app: UUID) -> None:
    for by, refusal in (
        (cast.okada, NotPermitted),
        (cast.ueno, NotPermitted),
        (replace(cast.aoki, level=1), LevelTooLow),
    ):
        with pytest.raises(refusal):
            remove(cast, "authenticator", app, by=by)
    assert [line.id for line in held(cast, cast.eto).living] == [app]


def test_nobody_stops_their_own_here(cast: Cast) -> None:
    enrol(cast.aoki)
    own = held(cast, cast.aoki).living[0].id
    with pytest.raises(lost_factors.OwnLostFactor):
        remove(cast, "authenticator", own, member_id=cast.aoki.id)
    assert held(cast, cast.aoki).living


def test_the_factor_must_be_this_members_and_run(cast: Cast, app: UUID) -> None:
    assert cast.eto.id is not None
    with pytest.raises(NotFound):
        remove(cast, "authenticator", app, member_id=cast.inoue.id)
    with pytest.raises(NotFound):
        remove(cast, "passkey", app)
    with pytest.raises(NotFound):
        remove(cast, "password", app)
    remove(cast, "authenticator", app)
    with pytest.raises(NotFound):
        remove(cast, "authenticator", app)
    assert not authenticators.fits(member_id=cast.eto.id, code="000000", at=MORNING)
