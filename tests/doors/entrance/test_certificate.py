"""Requests that show an electronic certificate: what opens, what closes, what it costs (C-04, C-05, B5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.cast import MORNING, Cast
from tests.rooms.credentials.test_certificates import ca, issue
from warifu.credentials.actions import certificates, sessions
from warifu.credentials.models import Certificate, Session
from warifu.foundation.actor import Actor

__all__ = ["ca"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ca")]
Browser = Callable[..., Client]


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    def become(at: datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: at)

    become(MORNING)
    return become


def browser(actor: Actor, *, shows: bytes = b"", opened_with: Any = None) -> Client:
    """A browser in which somebody is signed in, whose connection shows a certificate."""
    assert actor.id is not None
    token = sessions.start(
        member_id=actor.id, level=2, browser="tests", address="127.0.0.1", certificate_id=opened_with, at=MORNING
    )
    client = Client()
    client.cookies[settings.SESSION_COOKIE] = token
    return showing(client, shows)


def showing(client: Client, der: bytes) -> Client:
    client.defaults["asgi.scope"] = {"state": {"certificate": der}}
    return client


def demand(cast: Cast) -> None:
    policy = {"administrator": {"certificate": True}}
    apps.get_model("organisations.Organisation").objects.filter(id=cast.aoba).update(sign_in_policy=policy)


def code(answer: Any) -> str:
    found = [line for line in ("WF-S651", "WF-S652", "WF-S653", "WF-S654") if line in answer.content.decode()]
    return found[0] if found else ""


@pytest.mark.usefixtures("now")
class TestNeeded:
    def test_it_is_there_for_everybody(self) -> None:
        answer = Client().get("/certificate/")
        assert answer.status_code == 200
        assert "開き直して" in answer.content.decode(), "browsers choose once for each connection"

    @pytest.mark.shows("000-34", "000-36")
    def test_a_closed_door_says_how_to_get_one_and_to_close_the_browser(self, cast: Cast) -> None:
        demand(cast)
        answer = browser(cast.aoki).get("/desk/")
        words = answer.content.decode()
        assert (answer.status_code, code(answer)) == (403, "WF-S651")
        assert "ブラウザーをすべて閉じて" in words
        assert 'href="/help/codes/WF-S651/"' in words

    @pytest.mark.shows("000-34")
    def test_ones_own_opens_the_desk_and_nobody_elses(self, cast: Cast) -> None:
        demand(cast)
        assert browser(cast.aoki, shows=issue(cast, cast.aoki).der).get("/desk/").status_code == 200
        for other in (cast.inoue, cast.ueno):
            made = issue(cast, other, organisation_id=other.organisation_id)
            answer = browser(cast.aoki, shows=made.der).get("/desk/")
            assert (answer.status_code, code(answer)) == (403, "WF-S652")

    def test_ones_own_record_and_other_roles_need_none(self, cast: Cast) -> None:
        demand(cast)
        assert browser(cast.aoki).get("/my/").status_code == 200
        assert browser(cast.eto).get("/desk/").status_code == 200
        assert browser(cast.ueno).get("/desk/").status_code == 200, "another organisation decides for itself"

    def test_nothing_is_done_behind_a_closed_door(self, cast: Cast) -> None:
        demand(cast)
        before = apps.get_model("organisations.Member").objects.count()
        answer = browser(cast.aoki).post("/desk/members/new/", {"family_name": "新井", "mail": "x@example.jp"})
        assert answer.status_code in (403, 404)
        assert apps.get_model("organisations.Member").objects.count() == before


@pytest.mark.usefixtures("now")
class TestSession:
    @pytest.mark.shows("C-04")
    def test_it_ends_where_its_certificate_is_not_shown_and_goes_on_where_it_is(self, cast: Cast) -> None:
        made, other = issue(cast, cast.aoki), issue(cast, cast.aoki)
        client = browser(cast.aoki, shows=made.der, opened_with=made.id)
        assert client.get("/desk/").status_code == 200
        for shows in (b"", other.der):
            answer = showing(client, shows).get("/my/")
            assert (answer.status_code, code(answer)) == (403, "WF-S653")
            assert Session.objects.get().ended_at is None
        assert showing(client, made.der).get("/my/").status_code == 200

    def test_an_unproven_one_is_not_prolonged(self, cast: Cast, now: Callable[[datetime], None]) -> None:
        made = issue(cast, cast.aoki)
        client = browser(cast.aoki, opened_with=made.id)
        now(MORNING + timedelta(minutes=30))
        client.get("/my/")
        assert Session.objects.get().seen_at == MORNING

    def test_public_pages_stay_open_to_it_and_signing_out_ends_it(self, cast: Cast) -> None:
        made = issue(cast, cast.aoki)
        client = browser(cast.aoki, opened_with=made.id)
        assert client.get("/signin/").status_code == 200
        assert client.post("/signout/").status_code == 302
        assert Session.objects.get().ended_at == MORNING

    @pytest.mark.shows("C-05")
    @pytest.mark.parametrize("fault", ["revoked", "ended"])
    def test_the_next_request_is_refused(self, fault: str, cast: Cast, now: Callable[[datetime], None]) -> None:
        made = issue(cast, cast.aoki)
        client = browser(cast.aoki, shows=made.der, opened_with=made.id)
        assert client.get("/desk/").status_code == 200
        if fault == "revoked":
            certificates.revoke(
                organisation_id=cast.aoba, certificate_id=made.id, reason="lost", by=cast.aoki, at=MORNING
            )
        else:
            Certificate.objects.update(valid_until=MORNING)
        answer = client.get("/desk/")
        assert (answer.status_code, code(answer)) == (403, "WF-S654")

    @pytest.mark.shows("C-04")
    def test_a_certificate_alone_opens_nothing(self, cast: Cast) -> None:
        answer = showing(Client(), issue(cast, cast.aoki).der).get("/desk/")
        assert answer.status_code == 302
        assert answer["Location"].startswith("/signin/")


@pytest.mark.usefixtures("now")
class TestCost:
    def test_a_certificate_costs_one_query_and_none_costs_none(self, cast: Cast) -> None:
        made = issue(cast, cast.aoki)
        client = browser(cast.aoki, shows=made.der, opened_with=made.id)
        with CaptureQueriesContext(
            connection,
        ) as with_one:
            client.get("/my/")
        plain = browser(cast.aoki)
        with CaptureQueriesContext(connection) as without:
            plain.get("/my/")
        asked = [query["sql"] for query in with_one if "credentials_certificate" in query["sql"]]
        assert len(asked) == 1
        assert asked[0].startswith("SELECT")
        assert not any("credentials_certificate" in query["sql"] for query in without)

    def test_use_is_noted_once_a_minute(self, cast: Cast, now: Callable[[datetime], None]) -> None:
        made = issue(cast, cast.aoki)
        client = browser(cast.aoki, shows=made.der, opened_with=made.id)
        for seconds, noted in ((0, None), (61, 61), (90, 61), (125, 125)):
            now(MORNING + timedelta(seconds=seconds))
            client.get("/my/")
            used = Certificate.objects.get().used_at
            assert used == (None if noted is None else MORNING + timedelta(seconds=noted))
