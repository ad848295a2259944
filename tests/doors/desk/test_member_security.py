"""A member's devices and factors, for administrators (A4, L-09, L-24)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.cast import Cast
from tests.doors.conftest import SignIn
from tests.doors.entrance.test_security import another, running
from tests.rooms.credentials.test_authenticators import enrol
from warifu.credentials.queries.factors import FactorLine, factors_of
from warifu.foundation.actor import Actor

pytestmark = pytest.mark.django_db

PROOF = {"way": "in_person", "identified": "窓口で運転免許証を見た", "reason": "落とした"}


def apps_of(cast: Cast, actor: Actor) -> tuple[FactorLine, ...]:
    assert actor.id is not None
    return factors_of(organisation_id=cast.aoba, member_id=actor.id).living


class TestPage:
    @pytest.mark.shows("L-24")
    def test_shows_devices_and_factors_and_no_secret(self, cast: Cast, sign_in: SignIn) -> None:
        secret = enrol(cast.eto, timezone.now(), "江藤の電話")
        another(cast.eto)
        page = sign_in(cast.aoki).get(reverse("desk:member_security.page", args=[cast.eto.id])).content.decode()
        assert "江藤の電話" in page
        assert "192.0.2.7" in page
        assert secret not in page

    def test_is_reached_from_the_member(self, cast: Cast, sign_in: SignIn) -> None:
        page = sign_in(cast.aoki).get(reverse("desk:members.page", args=[cast.eto.id])).content.decode()
        assert reverse("desk:member_security.page", args=[cast.eto.id]) in page

    def test_is_not_another_organisations(self, cast: Cast, sign_in: SignIn) -> None:
        answer = sign_in(cast.ueno).get(reverse("desk:member_security.page", args=[cast.eto.id]))
        assert answer.status_code == 404


class TestEndSession:
    @pytest.mark.shows("L-24")
    def test_ends_the_one(self, cast: Cast, sign_in: SignIn) -> None:
        another(cast.eto)
        another(cast.eto)
        line = running(cast, cast.eto)[0]
        sign_in(cast.aoki).post(reverse("desk:member_security.end_session", args=[cast.eto.id, line.id]))
        assert line.id not in {one.id for one in running(cast, cast.eto)}
        assert len(running(cast, cast.eto)) == 1

    def test_ends_none_of_somebody_else_by_a_wrong_address(self, cast: Cast, sign_in: SignIn) -> None:
        another(cast.eto)
        [line] = running(cast, cast.eto)
        address = reverse("desk:member_security.end_session", args=[cast.inoue.id, line.id])
        assert sign_in(cast.aoki).post(address).status_code == 404
        assert len(running(cast, cast.eto)) == 1


class TestEndSessions:
    @pytest.mark.shows("L-24")
    def test_ends_all(self, cast: Cast, sign_in: SignIn) -> None:
        another(cast.eto)
        another(cast.eto)
        answer = sign_in(cast.aoki).post(reverse("desk:member_security.end_sessions", args=[cast.eto.id]), follow=True)
        assert "2台をサインアウトさせました。" in answer.content.decode()
        assert running(cast, cast.eto) == []


class TestLostFactor:
    def address(self, cast: Cast) -> str:
        return reverse("desk:member_security.lost_factor", args=[cast.eto.id])

    @pytest.mark.shows("L-09")
    def test_stops_what_was_lost(self, cast: Cast, sign_in: SignIn) -> None:
        enrol(cast.eto, timezone.now())
        [app] = apps_of(cast, cast.eto)
        given = {"factor": f"authenticator:{app.id}", **PROOF}
        answer = sign_in(cast.aoki).post(self.address(cast), given, follow=True)
        assert "本人にメールで知らせ" in answer.content.decode()
        assert apps_of(cast, cast.eto) == ()

    @pytest.mark.shows("L-09")
    @pytest.mark.parametrize("missing", list(PROOF))
    def test_wants_to_know_how_the_person_was_identified(self, cast: Cast, sign_in: SignIn, missing: str) -> None:
        enrol(cast.eto, timezone.now())
        [app] = apps_of(cast, cast.eto)
        given = {"factor": f"authenticator:{app.id}", **PROOF, missing: ""}
        assert sign_in(cast.aoki).post(self.address(cast), given).status_code == 422
        assert apps_of(cast, cast.eto) == (app,)

    @pytest.mark.shows("L-25")
    def test_wants_a_fresh_proof(self, cast: Cast, sign_in: SignIn) -> None:
        answer = sign_in(cast.aoki, at=timezone.now() - timedelta(minutes=6)).get(self.address(cast))
        assert reverse("entrance:relogin.ask") in answer["Location"]

    def test_says_when_there_is_nothing_to_stop(self, cast: Cast, sign_in: SignIn) -> None:
        assert "止めるものはありません" in sign_in(cast.aoki).get(self.address(cast)).content.decode()
