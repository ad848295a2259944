"""Links, re-login, the session's own pages, forgotten passwords, languages."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from tests.cast import MORNING, Cast
from tests.doors.conftest import SignIn
from tests.doors.entrance.test_signin import PASSWORD, attempt, set_password
from warifu.collection.actions import entries
from warifu.collection.models import RosterEntry
from warifu.credentials.actions import activation
from warifu.credentials.models import Activation, Session
from warifu.foundation.actor import SYSTEM, Actor
from warifu.notices import links
from warifu.notices import queries as letters
from warifu.organisations import actions as organisations

pytestmark = pytest.mark.django_db


class Clock:
    """The moment of every request, moved by the test."""

    def __init__(self) -> None:
        self.now: datetime = MORNING

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Requests happen on the cast's morning."""
    clock = Clock()
    monkeypatch.setattr(timezone, "now", clock)
    return clock


def page_of_link(actor: Actor, days: int = 14) -> str:
    """The path of a fresh activation link."""
    assert actor.organisation_id is not None
    assert actor.id is not None
    link = activation.issue(
        organisation_id=actor.organisation_id, member_id=actor.id, purpose="first", by=SYSTEM, at=MORNING, days=days
    )
    return links.resolve(link).removeprefix(settings.WARIFU.site_url)


@pytest.mark.shows("L-06", "V-08")
def test_looking_at_a_link_any_number_of_times_uses_nothing_up(cast: Cast) -> None:
    path = page_of_link(cast.inoue)
    before = list(Activation.objects.values())
    for _ in range(3):
        for method in ("get", "head"):
            assert getattr(Client(), method)(path).status_code == 200
            assert getattr(Client(), method)(f"{path}password/").status_code == 200
    assert Client().get(f"{path}open/").status_code == 405
    assert list(Activation.objects.values()) == before


@pytest.mark.shows("L-06", "L-04", "A-08")
def test_a_link_leads_from_who_invites_to_the_password_and_in(cast: Cast) -> None:
    assert cast.inoue.id is not None
    entries.add(organisation_id=cast.aoba, member_id=cast.inoue.id, by=cast.aoki, at=MORNING)
    path = page_of_link(cast.inoue)
    client = Client()
    first = client.get(path).content.decode()
    assert "株式会社青葉商会" in first
    assert "井上さん" in first
    assert "郁" not in first.split("<main")[1]
    assert RosterEntry.objects.get().opened_at is None
    assert client.post(f"{path}open/").headers["Location"] == f"{path}password/"
    assert RosterEntry.objects.get().opened_at == MORNING
    form = client.get(f"{path}password/").content.decode()
    assert 'autocomplete="new-password"' in form
    assert 'data-shows="id_password"' in form
    assert "onpaste" not in form
    answer = client.post(f"{path}password/", {"password": PASSWORD})
    assert answer.headers["Location"] == "/my/"
    assert answer.cookies[settings.SESSION_COOKIE]["httponly"]
    assert client.get("/security/").status_code == 200
    used = Client().get(path)
    assert used.status_code == 410
    assert "すでに使われています" in used.content.decode()


@pytest.mark.shows("L-03", "L-01")
def test_a_refused_password_says_why_and_the_link_goes_on_working(cast: Cast) -> None:
    path = page_of_link(cast.inoue)
    answer = Client().post(f"{path}password/", {"password": "password-warifu-aoba"})
    assert answer.status_code == 422
    assert "推測されやすい" in answer.content.decode()
    assert "password-warifu-aoba" not in answer.content.decode()
    assert Client().post(f"{path}password/", {"password": PASSWORD}).status_code == 302


def test_dead_links_say_kindly_how_to_get_a_new_one(cast: Cast, clock: Clock) -> None:
    replaced = page_of_link(cast.inoue)
    expired = page_of_link(cast.inoue, days=1)
    clock.now += timedelta(days=2)
    for path, words in ((replaced, "新しいリンクが送られた"), (expired, "有効期限を過ぎました")):
        for address in (path, f"{path}password/"):
            answer = Client().get(address)
            assert answer.status_code == 410
            assert words in answer.content.decode()
            assert "/forgotten/?o=aoba" in answer.content.decode()
        assert Client().post(f"{path}password/", {"password": PASSWORD}).status_code == 410
        assert Client().post(f"{path}open/").headers["Location"] == path
    broken = Client().get("/a/nonsense/")
    assert broken.status_code == 404
    assert "途中で切れない" in broken.content.decode()


@pytest.mark.shows("L-10")
def test_a_forgotten_password_gets_the_same_answer_for_everybody(cast: Cast) -> None:
    set_password(cast.inoue)
    answers = []
    for organisation, mail in (("aoba", "i002@example.jp"), ("aoba", "who@example.jp"), ("nowhere", "i002@example.jp")):
        answer = Client().post("/forgotten/", {"organisation": organisation, "mail": mail}, follow=True)
        words = answer.content.decode().split("<h1>")[1]
        answers.append((answer.redirect_chain, answer.status_code, words))
    assert answers[0] == answers[1] == answers[2]
    assert [letter.kind for letter in letters.letters_of(organisation_id=cast.aoba)] == ["reset"]


@pytest.mark.shows("L-25", "L-22")
def test_relogin_gives_a_new_token_and_leads_back(cast: Cast, sign_in: SignIn, clock: Clock) -> None:
    set_password(cast.okada)
    client = sign_in(cast.okada, at=MORNING)
    clock.now += timedelta(minutes=6)
    asked = client.get("/desk/trail/export/?event=vault.")
    assert asked.headers["Location"] == "/relogin/?next=%2Fdesk%2Ftrail%2Fexport%2F%3Fevent%3Dvault."
    old = client.cookies[settings.SESSION_COOKIE].value
    wrong = client.post("/relogin/", {"password": "falsch falsch falsch", "next": "/desk/trail/export/"})
    assert wrong.status_code == 422
    right = client.post("/relogin/", {"password": PASSWORD, "next": "/desk/trail/export/"})
    assert right.headers["Location"] == "/desk/trail/export/"
    assert client.cookies[settings.SESSION_COOKIE].value != old
    assert client.get("/desk/trail/export/").status_code == 200
    stolen = Client()
    stolen.cookies[settings.SESSION_COOKIE] = old
    assert stolen.get("/security/").headers["Location"].startswith("/signin/")


def test_relogin_leads_nowhere_else(cast: Cast, sign_in: SignIn) -> None:
    set_password(cast.okada)
    answer = sign_in(cast.okada).post("/relogin/", {"password": PASSWORD, "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/desk/"


@pytest.mark.shows("L-11")
def test_relogin_makes_guessers_wait(cast: Cast, sign_in: SignIn) -> None:
    set_password(cast.okada)
    client = sign_in(cast.okada)
    for _ in range(5):
        client.post("/relogin/", {"password": "falsch falsch falsch"})
    assert "しばらくお待ち" in client.post("/relogin/", {"password": PASSWORD}).content.decode()


@pytest.mark.shows("L-22", "L-24")
def test_signing_out_ends_the_session_for_every_copy_of_the_cookie(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.inoue)
    copy = Client()
    copy.cookies[settings.SESSION_COOKIE] = client.cookies[settings.SESSION_COOKIE].value
    assert client.get("/signout/").status_code == 405
    answer = client.post("/signout/")
    assert answer.headers["Location"] == "/signed-out/"
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert copy.get("/security/").status_code == 302
    assert client.post("/signout/").status_code == 302


@pytest.mark.shows("L-24")
def test_every_page_of_a_signed_in_person_can_sign_out(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.aoki)
    for path in ("/my/", "/desk/", "/security/", "/password/", "/relogin/", "/desk/members/", "/help/", "/"):
        assert 'action="/signout/"' in client.get(path).content.decode(), path


@pytest.mark.shows("003-6", "L-23", "A-06")
def test_a_session_is_used_up_by_idling_and_kept_by_working(cast: Cast, sign_in: SignIn, clock: Clock) -> None:
    organisations.change_settings(
        organisation_id=cast.aoba, name="青葉", auto_logout_hours=2, contact="", by=cast.aoki, at=MORNING
    )
    client = sign_in(cast.inoue, at=MORNING)
    clock.now += timedelta(hours=1, minutes=58)
    asked = client.get("/session/state/", headers={"X-Background": "1"})
    assert asked.json() == {"seconds": 120}
    assert client.post("/session/extend/").json() == {"seconds": 7200}
    clock.now += timedelta(hours=1, minutes=59)
    assert client.get("/security/").status_code == 200
    clock.now += timedelta(hours=2)
    assert client.get("/security/").headers["Location"] == "/signin/?next=%2Fsecurity%2F"
    assert Session.objects.get().end_reason == "timed_out"


@pytest.mark.shows("A-06")
def test_every_page_carries_the_warning_with_its_seconds(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(cast.aoki, at=MORNING).get("/desk/").content.decode()
    assert 'id="session-guard"' in page
    assert 'data-seconds="3600"' in page
    assert 'data-extend="/session/extend/"' in page
    assert "js/session.js" in page


@pytest.mark.shows("A-06")
def test_a_form_that_was_open_during_the_sign_out_can_be_sent_after_signing_in_again(cast: Cast, clock: Clock) -> None:
    set_password(cast.inoue)
    client = Client(enforce_csrf_checks=True)
    client.get("/signin/")
    token = client.cookies[settings.CSRF_COOKIE_NAME].value
    attempt(client, "i002", csrfmiddlewaretoken=token)
    clock.now += timedelta(hours=3)
    attempt(client, "i002", csrfmiddlewaretoken=token)
    answer = client.post("/password/", {"current": "x", "password": "short", "csrfmiddlewaretoken": token})
    assert answer.status_code == 422


@pytest.mark.shows("L-24")
def test_people_see_and_end_their_own_sessions_only(cast: Cast, sign_in: SignIn) -> None:
    here, other, foreign = sign_in(cast.inoue), sign_in(cast.inoue), sign_in(cast.aoki)
    page = here.get("/security/").content.decode()
    assert page.count('/end/"') == 1
    ended = Session.objects.filter(member_id=cast.inoue.id).latest("id").id
    assert foreign.post(f"/security/sessions/{ended}/end/").status_code == 404
    assert here.post(f"/security/sessions/{ended}/end/").status_code == 302
    assert other.get("/security/").status_code == 302


@pytest.mark.shows("L-04")
def test_a_password_is_changed_with_the_present_one(cast: Cast) -> None:
    set_password(cast.inoue)
    client = Client()
    attempt(client, "i002")
    new = "correct horse battery staple"
    assert client.post("/password/", {"current": "falsch falsch", "password": new}).status_code == 422
    assert client.post("/password/", {"current": PASSWORD, "password": new}).headers["Location"] == "/security/"
    assert client.get("/security/").status_code == 200
    assert attempt(Client(), "i002").status_code == 422
    assert attempt(Client(), "i002", new).status_code == 302


def test_the_language_is_chosen_by_post_and_leads_back_to_this_site(cast: Cast) -> None:
    client = Client()
    assert client.get("/language/").status_code == 405
    answer = client.post("/language/", {"language": "en", "next": "/signin/?o=aoba"})
    assert answer.headers["Location"] == "/signin/?o=aoba"
    assert '<html lang="en"' in client.get("/signin/").content.decode()
    assert client.post("/language/", {"language": "en", "next": "//evil.example"}).headers["Location"] == "/"
    assert "xx" not in client.post("/language/", {"language": "xx"}).cookies


def test_the_first_page_has_a_door_for_each(cast: Cast) -> None:
    page = Client().get("/").content.decode()
    assert "/signin/?next=/my/" in page
    assert "/signin/?next=/desk/" in page
