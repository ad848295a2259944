"""The screens of the card at the entrance: sign in, second factor, register, stop (004; I-12, I-13)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from tests.cast import MORNING, Cast
from tests.doors.conftest import signed_in_client
from tests.rooms.cards import wallet as cards
from tests.rooms.cards.wallet import INOUE, wallet
from tests.rooms.credentials.test_signin import GOOD, set_password
from warifu.audit.models import Entry
from warifu.cards.actions import pulls
from warifu.cards.models import CardBinding
from warifu.cards.rules.purposes import What
from warifu.credentials.actions import cards as factors
from warifu.credentials.actions import sessions
from warifu.credentials.models import Session
from warifu.notices.models import Letter

__all__ = ["wallet"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("wallet")]


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    now = [MORNING]
    monkeypatch.setattr(timezone, "now", lambda: now[0])
    return now


def bound(cast: Cast, persona: Any = INOUE) -> None:
    """Inoue's card, registered as the agent does it."""
    assert cast.inoue.id is not None
    sessions.start(member_id=cast.inoue.id, level=2, browser="b", address="192.0.2.1", at=MORNING)
    shown = pulls.show(what=What.ENROL, session_id=Session.objects.latest("id").id, by=cast.inoue, at=MORNING)
    taken = pulls.take(code=shown.code, at=MORNING)
    pull = pulls.use_up(process=taken.process, at=MORNING)
    found = pulls.examine(pull=pull, token=cards.token(taken, persona), profile="", at=MORNING)
    assert found.credential is not None
    factors.enrol(organisation_id=cast.aoba, card=found.credential, by=cast.inoue, at=MORNING)


def question(client: Client) -> Any:
    answer = client.post("/signin/card/challenge/")
    assert answer.status_code == 200, answer.content
    return SimpleNamespace(**answer.json())


def sent(client: Client, asked: Any, *, to: str = "/signin/card/", persona: Any = INOUE, **values: str) -> Any:
    body = {"challenge": asked.challenge, "token": cards.token(asked, persona), "next": ""} | values
    return client.post(to, body)


class TestSignIn:
    @pytest.mark.shows("004-5", "I-12")
    def test_a_registered_card_signs_in_without_name_and_password(self, cast: Cast) -> None:
        bound(cast)
        client = Client()
        answer = sent(client, question(client))
        assert answer.status_code == 302, answer.content.decode()
        session = Session.objects.latest("id")
        assert (session.member_id, session.factors, session.level) == (cast.inoue.id, ["card"], 2)
        assert client.get("/my/").status_code == 200

    def test_anybodys_good_card_signs_in_nobody_and_says_nothing_more(self, cast: Cast) -> None:
        bound(cast)
        client = Client()
        answer = sent(client, question(client), persona=cards.AOKI)
        assert answer.status_code == 422
        assert "カードで確認できませんでした。" in answer.content.decode()
        assert "WF-K510" in Entry.objects.filter(event="credentials.signin.failed").latest("id").body

    @pytest.mark.parametrize("state", ["expired", "not-yet-valid"])
    @pytest.mark.shows("004-15", "L-10")
    def test_the_page_has_one_answer_and_the_trail_the_cause(self, cast: Cast, state: str) -> None:
        bound(cast)
        client = Client()
        answer = sent(client, question(client), persona=replace(INOUE, state=state))
        assert "カードで確認できませんでした。" in answer.content.decode()
        assert "WF-K903" in Entry.objects.filter(event="credentials.signin.failed").latest("id").body

    def test_an_answer_is_taken_once_and_by_its_own_browser(self, cast: Cast) -> None:
        bound(cast)
        client, other = Client(), Client()
        asked = question(client)
        assert sent(other, asked).status_code == 410
        assert sent(client, asked).status_code == 302
        client.cookies.pop(settings.SESSION_COOKIE)
        assert sent(client, asked).status_code == 410

    def test_a_stopped_card_signs_in_nobody(self, cast: Cast) -> None:
        bound(cast)
        CardBinding.objects.update(revoked_at=MORNING)
        client = Client()
        assert sent(client, question(client)).status_code == 422

    def test_whoever_has_left_does_not_come_in(self, cast: Cast) -> None:
        bound(cast)
        CardBinding.objects.get().member.__class__.objects.filter(id=cast.inoue.id).update(state="left")
        client = Client()
        assert sent(client, question(client)).status_code == 422

    def test_a_card_of_two_organisations_asks_which(self, cast: Cast) -> None:
        bound(cast)
        row = CardBinding.objects.get()
        CardBinding.objects.create(
            organisation_id=cast.ueda,
            member_id=cast.ueno.id,
            name="カード",
            credential_hash=row.credential_hash,
            valid_until=row.valid_until,
            status="unconfirmed",
            created_at=MORNING,
        )
        client = Client()
        answer = sent(client, question(client))
        assert answer.status_code == 422
        assert 'name="organisation"' in answer.content.decode()
        assert sent(client, question(client), organisation="ueda").status_code == 302
        assert Session.objects.latest("id").member_id == cast.ueno.id

    def test_the_question_wants_a_form_of_ours(self, cast: Cast) -> None:
        assert Client(enforce_csrf_checks=True).post("/signin/card/challenge/").status_code == 403

    def test_questions_without_end_are_slowed(self) -> None:
        client = Client()
        told = [client.post("/signin/card/challenge/").status_code for _each in range(130)]
        assert told[0] == 200
        assert told[-1] == 429

    @pytest.mark.shows("004-6", "I-13")
    def test_the_page_shows_four_secrets_and_that_waiting_does_not_help(self) -> None:
        text = Client().get("/signin/card/").content.decode()
        for name in ("利用者証明用", "券面事項入力補助用", "住民基本台帳用", "署名用"):
            assert name in text
        assert "時間がたっても" in text
        assert 'type="password"' not in text

    def test_without_issuers_the_door_does_not_offer_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert "/signin/card/" in Client().get("/signin/").content.decode()
        monkeypatch.setattr(settings, "WARIFU", settings.WARIFU.model_copy(update={"card_anchors": None}))
        assert "/signin/card/" not in Client().get("/signin/").content.decode()
        answer = Client().post("/signin/card/challenge/")
        assert (answer.status_code, answer.json()["code"]) == (409, "WF-K514")


class TestSecond:
    def test_after_the_password_the_card_is_the_second_factor(self, cast: Cast) -> None:
        set_password(cast.inoue)
        bound(cast)
        client = Client()
        body = {"organisation": "aoba", "identifier": "i002", "password": GOOD}
        assert client.post("/signin/", body).headers["Location"].startswith("/signin/second/")
        assert "data-card" in client.get("/signin/second/").content.decode()
        wrong = sent(client, question(client), to="/signin/second/", persona=cards.AOKI)
        assert wrong.status_code == 422
        assert sent(client, question(client), to="/signin/second/").status_code == 302
        assert Session.objects.latest("id").factors == ["password", "card"]

    def test_a_weak_session_is_made_strong(self, cast: Cast) -> None:
        bound(cast)
        assert cast.inoue.id is not None
        token = sessions.start(member_id=cast.inoue.id, level=1, browser="b", address="192.0.2.1", at=MORNING)
        client = Client()
        client.cookies[settings.SESSION_COOKIE] = token
        wrong = sent(client, question(client), to="/stepup/card/", persona=cards.AOKI)
        assert wrong.headers["Location"].startswith("/stepup/")
        assert sent(client, question(client), to="/stepup/card/", next="/security/").headers["Location"] == "/security/"
        assert [row.level for row in Session.objects.all() if "card" in row.factors] == [2]


class TestOwnCards:
    def test_the_page_gives_a_code_which_the_agent_can_take(self, cast: Cast) -> None:
        client = signed_in_client(cast.inoue, at=MORNING)
        page = client.post("/security/cards/add/", follow=True)
        text = page.content.decode()
        found = re.search(r"<code>(\w{4}-\w{4})</code>", text)
        assert found
        state = re.search(r'data-state="([^"]+)"', text)
        assert state
        assert client.get(state[1]).json() == {"state": "waiting", "code": ""}
        taken = pulls.take(code=found[1], at=MORNING)
        assert client.get(state[1]).json()["state"] == "taken"
        stranger = signed_in_client(cast.aoki, at=MORNING)
        assert stranger.get(state[1]).status_code == 404
        agent = Client()
        body = {"process": taken.process, "token": cards.token(taken)}
        assert agent.post("/api/v1/agent/card/answer", body, content_type="application/json").status_code == 200
        assert client.get(state[1]).json()["state"] == "done"
        done = client.get(page.redirect_chain[-1][0])
        assert done.headers["Location"].startswith("/factors/changed/")
        assert "有効性未確認" in client.get("/security/").content.decode()

    @pytest.mark.shows("004-14", "004-11")
    def test_a_failed_reading_says_known_code_article_and_one_next_thing(self, cast: Cast) -> None:
        client = signed_in_client(cast.inoue, at=MORNING)
        page = client.post("/security/cards/add/", follow=True)
        found = re.search(r"<code>(\w{4}-\w{4})</code>", page.content.decode())
        assert found
        taken = pulls.take(code=found[1], at=MORNING)
        pulls.fail(process=taken.process, code="WF-K104", at=MORNING)
        text = client.get(page.redirect_chain[-1][0]).content.decode()
        assert "MKCZ405E" in text
        assert "/help/codes/WF-K104/" in text
        main = text.partition("<main")[2].partition("</main>")[0]
        assert main.count("button-primary") == 1
        assert "カードを動かさずに、もう一度読み取る" in text

    def test_one_factor_is_not_enough(self, cast: Cast) -> None:
        assert cast.inoue.id is not None
        token = sessions.start(member_id=cast.inoue.id, level=1, browser="b", address="192.0.2.1", at=MORNING)
        client = Client()
        client.cookies[settings.SESSION_COOKIE] = token
        assert client.get("/security/cards/add/").headers["Location"].startswith("/stepup/")

    def test_a_card_is_stopped_by_its_owner_and_by_nobody_else(self, cast: Cast) -> None:
        bound(cast)
        row = CardBinding.objects.get()
        assert signed_in_client(cast.aoki, at=MORNING).post(f"/security/cards/{row.id}/revoke/").status_code == 404
        client = signed_in_client(cast.inoue, at=MORNING)
        assert client.get(f"/security/cards/{row.id}/revoke/").status_code == 200
        client.post(f"/security/cards/{row.id}/revoke/")
        row.refresh_from_db()
        assert row.revoked_at == MORNING
        assert Letter.objects.filter(kind="factor_revoked").count() == 1

    def test_ninety_days_before_its_end_the_owner_is_told_once(self, cast: Cast) -> None:
        bound(cast)
        end = CardBinding.objects.get().valid_until
        assert factors.warn_due(at=end - timedelta(days=91)) == 0
        assert factors.warn_due(at=end - timedelta(days=89)) == 1
        assert factors.warn_due(at=end - timedelta(days=88)) == 0
        assert Letter.objects.filter(kind="card_ending").count() == 1

    def test_the_page_says_that_it_ends_soon(self, cast: Cast, clock: list[datetime]) -> None:
        bound(cast, replace(INOUE, state="expiring"))
        text = signed_in_client(cast.inoue, at=MORNING).get("/security/").content.decode()
        assert "まもなく期限" in text
        assert "更新したカードを登録する" in text
