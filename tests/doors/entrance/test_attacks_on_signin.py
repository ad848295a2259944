"""Attacks on the way in: guessing, replay, fixation, telling people apart (L-10, L-11, L-15, L-22)."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.cast import Cast
from tests.doors.conftest import SignIn
from tests.doors.entrance.test_signin import PASSWORD, attempt, enter_code, mailed_code, set_password
from tests.security_key import PRESENT, SecurityKey
from warifu.credentials.actions import authenticators, sessions
from warifu.credentials.models import Passkey, Session
from warifu.credentials.models import SignIn as Process
from warifu.foundation.actor import Actor
from warifu.web.entrance.signin import PROCESS_COOKIE

pytestmark = pytest.mark.django_db


def alert(page: Any) -> str:
    """What a page says went wrong."""
    return re.sub(r"<[^>]+>|\s+", "", page.content.decode().split('class="field-error"', 1)[1].split("<input")[0])


def app_of(actor: Actor) -> str:
    """An authenticator app of somebody, confirmed an hour ago; returns its secret."""
    at = timezone.now() - timedelta(hours=1)
    assert actor.organisation_id is not None
    made = authenticators.start(organisation_id=actor.organisation_id, name="x", by=actor, at=at)
    code = pyotp.TOTP(made.secret).at(at)
    authenticators.confirm(organisation_id=actor.organisation_id, code=code, by=actor, at=at)
    return made.secret


def passkey_of(client: Client, **claims: Any) -> SecurityKey:
    """A passkey that somebody registers in their browser."""
    key = SecurityKey(**claims)
    options = client.post("/passkeys/add/options/").json()
    answer = client.post("/passkeys/add/", {"name": "会社のPC", "answer": key.make(options)})
    assert answer.status_code == 302, answer.content.decode()
    return key


def by_passkey(client: Client, key: SecurityKey, **more: str) -> Any:
    options = client.post("/signin/passkey/options/").json()
    return client.post("/signin/passkey/", {"answer": key.sign(options)} | more)


class TestGuessing:
    """Many tries."""

    @pytest.mark.shows("L-15", "L-11")
    def test_a_code_bears_five_tries_and_the_account_then_waits(self, cast: Cast) -> None:
        set_password(cast.aoki)
        client = Client()
        attempt(client, "a001")
        right = mailed_code()
        wrong = f"{(int(right) + 1) % 10**6:06}"
        said = [alert(enter_code(client, wrong)) for _ in range(5)]
        assert [re.search(r"あと(\d)回", words)[1] for words in said[:4]] == ["4", "3", "2", "1"]  # type: ignore[index]
        assert "このコードは使えなくなりました" in said[4]
        blocked = enter_code(client, right)
        assert blocked.status_code == 422
        assert settings.SESSION_COOKIE not in blocked.cookies
        assert not Session.objects.exclude(browser="b").exists()

    @pytest.mark.shows("L-11")
    def test_new_processes_give_a_guesser_no_more_tries(self, cast: Cast) -> None:
        set_password(cast.eto)
        app_of(cast.eto)
        answers = []
        for _ in range(8):
            client = Client(REMOTE_ADDR="203.0.113.9")
            attempt(client, "e003")
            answers.append(client.post("/signin/second/", {"code": "000000"}))
        assert "しばらくお待ち" in alert(answers[-1])
        assert "しばらくお待ち" not in alert(answers[4])


class TestReplay:
    """What worked once does not work twice."""

    @pytest.mark.shows("L-17")
    def test_a_code_of_the_app_opens_one_session(self, cast: Cast) -> None:
        set_password(cast.eto)
        code = pyotp.TOTP(app_of(cast.eto)).now()
        first, second = Client(), Client(REMOTE_ADDR="203.0.113.9")
        attempt(first, "e003")
        attempt(second, "e003")
        assert first.post("/signin/second/", {"code": code}).headers["Location"] == "/desk/"
        again = second.post("/signin/second/", {"code": code})
        assert again.status_code == 422
        assert settings.SESSION_COOKIE not in again.cookies

    @pytest.mark.shows("L-18")
    def test_an_answer_of_a_passkey_opens_one_session(self, cast: Cast, sign_in: SignIn) -> None:
        key = passkey_of(sign_in(cast.eto))
        client = Client()
        answer = key.sign(client.post("/signin/passkey/options/").json())
        first = client.post("/signin/passkey/", {"answer": answer})
        assert first.headers["Location"] == "/desk/"
        assert settings.SESSION_COOKIE in first.cookies
        again = Client().post("/signin/passkey/", {"answer": answer})
        assert again.status_code == 422
        assert "やり直してください" in again.content.decode()
        assert settings.SESSION_COOKIE not in again.cookies

    def test_a_finished_sign_in_cannot_be_taken_up_again(self, cast: Cast) -> None:
        set_password(cast.aoki)
        client = Client()
        attempt(client, "a001")
        process, code = client.cookies[PROCESS_COOKIE].value, mailed_code()
        enter_code(client, code)
        thief = Client()
        thief.cookies[PROCESS_COOKIE] = process
        assert enter_code(thief, code).status_code == 410
        assert thief.get("/signin/code/").status_code == 410


class TestFixation:
    """What somebody else has planted is worth nothing."""

    @pytest.mark.shows("L-22")
    def test_a_planted_session_is_replaced_at_every_way_in(self, cast: Cast, sign_in: SignIn) -> None:
        assert cast.inoue.id is not None
        key = passkey_of(sign_in(cast.eto))
        planted = sessions.start(member_id=cast.inoue.id, level=1, browser="b", address="a", at=timezone.now())
        victim = Client()
        victim.cookies[settings.SESSION_COOKIE] = planted
        by_passkey(victim, key)
        assert victim.cookies[settings.SESSION_COOKIE].value != planted
        attacker = Client()
        attacker.cookies[settings.SESSION_COOKIE] = planted
        assert attacker.get("/desk/").status_code in (302, 403)

    @pytest.mark.shows("L-22")
    def test_a_session_gets_a_new_token_when_it_grows_stronger(self, cast: Cast) -> None:
        assert cast.eto.id is not None
        secret = app_of(cast.eto)
        weak = sessions.start(member_id=cast.eto.id, level=1, browser="b", address="a", at=timezone.now())
        client, thief = Client(), Client()
        for browser in (client, thief):
            browser.cookies[settings.SESSION_COOKIE] = weak
        step_up = client.post("/stepup/", {"code": pyotp.TOTP(secret).now(), "next": "/desk/"})
        assert step_up.headers["Location"] == "/desk/"
        assert client.cookies[settings.SESSION_COOKIE].value != weak
        assert thief.get("/desk/").headers["Location"].startswith("/signin/")

    @pytest.mark.shows("L-15")
    def test_the_code_of_ones_own_sign_in_does_not_finish_a_planted_one(self, cast: Cast) -> None:
        set_password(cast.aoki)
        attacker, victim = Client(), Client()
        attempt(attacker, "a001")
        attempt(victim, "a001")
        code = mailed_code()
        victim.cookies[PROCESS_COOKIE] = attacker.cookies[PROCESS_COOKIE].value
        refused = enter_code(victim, code)
        assert refused.status_code == 422
        assert settings.SESSION_COOKIE not in refused.cookies


class TestTellingPeopleApart:
    """Who exists, who has what: the answers are the same, and so is the work behind them (L-10)."""

    @pytest.mark.shows("L-10")
    def test_the_question_to_passkeys_names_nobody(self, cast: Cast, sign_in: SignIn) -> None:
        passkey_of(sign_in(cast.eto))
        client = Client()
        client.cookies["warifu_organisation"] = "aoba"
        options = client.post("/signin/passkey/options/").json()
        assert set(options) == {"challenge", "rpId", "timeout", "userVerification"}

    @pytest.mark.shows("L-10")
    def test_passkeys_that_are_unknown_stopped_or_wrong_get_the_same_answer(self, cast: Cast, sign_in: SignIn) -> None:
        key, stopped = passkey_of(sign_in(cast.eto)), passkey_of(sign_in(cast.aoki))
        Passkey.objects.filter(member_id=cast.aoki.id).update(revoked_at=timezone.now())
        key.origin = "http://evil.example"
        unknown = SecurityKey(user_handle=stopped.user_handle)
        answers = [by_passkey(Client(), given) for given in (key, stopped, unknown)]
        assert {answer.status_code for answer in answers} == {422}
        said = {answer.content.decode().split('role="alert"')[1].split("</div>")[0] for answer in answers}
        assert len(said) == 1

    @pytest.mark.shows("L-10")
    def test_a_wrong_password_costs_the_same_work_whatever_follows_the_right_one(self, cast: Cast) -> None:
        for actor in (cast.inoue, cast.aoki, cast.eto):
            set_password(actor)
        app_of(cast.eto)
        attempt(Client(), "another", "falsch falsch falsch")  # the address is counted from here on
        work, pages = {}, set()
        for name in ("i002", "a001", "e003", "stranger"):
            client = Client()
            client.get("/signin/")
            with CaptureQueriesContext(connection) as queries:
                answer = attempt(client, name, "falsch falsch falsch")
            assert answer.status_code == 422
            work[name] = len(queries)
            pages.add(answer.content.decode().split('role="alert"')[1].split("</div>")[0])
        assert len(pages) == 1
        members = [count for name, count in work.items() if name != "stranger"]
        assert max(members) - min(members) == 0, work
        assert abs(work["stranger"] - members[0]) <= 8, work

    @pytest.mark.shows("L-10")
    def test_the_second_stage_is_shown_to_nobody_without_the_password(self, cast: Cast) -> None:
        set_password(cast.eto)
        app_of(cast.eto)
        client = Client()
        attempt(client, "e003", "falsch falsch falsch")
        assert client.get("/signin/second/").status_code == 410
        assert client.post("/signin/second/options/").status_code == 410
        assert client.get("/signin/code/").status_code == 410


class TestPasskeyAnswers:
    """Answers that a browser would not give."""

    @pytest.mark.shows("L-18")
    @pytest.mark.parametrize(
        "claims", [{"origin": "https://warifu.example"}, {"site": "warifu.example"}, {"flags": PRESENT}]
    )
    def test_wrong_origin_site_or_no_verification(self, cast: Cast, sign_in: SignIn, claims: dict[str, Any]) -> None:
        key = passkey_of(sign_in(cast.eto))
        for name, value in claims.items():
            setattr(key, name, value)
        refused = by_passkey(Client(), key)
        assert refused.status_code == 422
        assert settings.SESSION_COOKIE not in refused.cookies
        assert not Process.objects.exists()

    @pytest.mark.parametrize("answer", ["", "{}", "[]", "x" * 50_000, '{"rawId": {"a": 1}, "response": null}'])
    def test_nonsense_is_refused(self, cast: Cast, answer: str, sign_in: SignIn) -> None:
        assert Client().post("/signin/passkey/", {"answer": answer}).status_code == 422
        mine = sign_in(cast.eto)
        assert mine.post("/passkeys/prove/", {"answer": answer}).status_code == 302
        assert mine.post("/passkeys/add/", {"name": "x", "answer": answer}).status_code == 422
        assert not Passkey.objects.exists()

    @pytest.mark.shows("V-08")
    def test_it_wants_the_forms_token_so_that_nobody_is_signed_in_as_somebody_else(
        self, cast: Cast, sign_in: SignIn
    ) -> None:
        key = passkey_of(sign_in(cast.eto))
        answer = key.sign(Client().post("/signin/passkey/options/").json())
        strict = Client(enforce_csrf_checks=True)
        assert strict.post("/signin/passkey/", {"answer": answer}).status_code == 403
        assert strict.post("/signin/passkey/options/").status_code == 403

    def test_somebody_elses_passkey_does_not_strengthen_a_session(self, cast: Cast, sign_in: SignIn) -> None:
        assert cast.aoki.id is not None
        key = passkey_of(sign_in(cast.eto))
        passkey_of(sign_in(cast.aoki))
        weak = sessions.start(member_id=cast.aoki.id, level=1, browser="b", address="a", at=timezone.now())
        client = Client()
        client.cookies[settings.SESSION_COOKIE] = weak
        options = client.post("/passkeys/prove/options/").json()
        answer = client.post("/passkeys/prove/", {"answer": key.sign(options), "next": "/desk/members/"})
        assert answer.headers["Location"] == "/stepup/"
        assert Session.objects.latest("id").level == 1


@pytest.mark.shows("L-15", "V-04", "V-09")
def test_a_code_stands_neither_in_an_address_nor_a_cookie_nor_a_log(
    cast: Cast, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    set_password(cast.aoki)
    client = Client()
    caplog.set_level("DEBUG")
    first = attempt(client, "a001")
    code = mailed_code()
    page = client.get("/signin/code/").content.decode()
    last = enter_code(client, code)
    logged = caplog.text + "".join(capfd.readouterr())
    traces = [first.headers["Location"], last.headers["Location"], page, logged]
    traces += [morsel.OutputString() for morsel in client.cookies.values()]
    assert not any(re.search(rf"(?<![0-9a-f.]){code}(?![0-9a-f])", trace) for trace in traces)
    assert PASSWORD not in json.dumps(traces, ensure_ascii=False)
