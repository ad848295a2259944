"""The head's way back in, as a browser walks it: one page for everybody, three proofs (003-4, 003-5)."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from tests.cast import MORNING, Cast
from tests.rooms.credentials.heads import MAIL, NEXT, head, newest_code, recovery_code, register_phone
from warifu.credentials.actions import self_resets
from warifu.credentials.models import Session
from warifu.foundation.actor import Actor
from warifu.notices import links
from warifu.notices.actions import text_messages
from warifu.notices.models import Letter

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: MORNING)


@pytest.fixture
def kaneko(cast: Cast) -> Actor:
    found = head(cast)
    register_phone(found)
    Letter.objects.all().delete()
    return found


def ask(client: Client, identifier: str = MAIL, organisation: str = "aoba"):  # type: ignore[no-untyped-def]
    return client.post("/self-reset/", {"organisation": organisation, "identifier": identifier})


def work() -> None:
    """What the worker does meanwhile."""
    self_resets.send_due(at=MORNING)
    text_messages.deliver_due(at=MORNING)


def mailed_path() -> str:
    letter = Letter.objects.filter(kind="self_reset_link").latest("id")
    return links.resolve(links.LateLink(**letter.values["link"])).removeprefix(settings.WARIFU.site_url)


def neutral(text: str) -> str:
    """A page without what differs from asking to asking: its codes and tokens."""
    text = re.sub(r"[A-Z3-9]{4}-[A-Z3-9]{2}", "CODE", text)
    return re.sub(r"[A-Za-z0-9]{64}", "TOKEN", text)


class TestAsk:
    def test_the_sign_in_page_leads_here(self, cast: Cast) -> None:
        assert "サインインでお困りの方" in Client().get("/signin/").content.decode()
        text = Client().get("/self-reset/?o=aoba").content.decode()
        assert 'value="aoba"' in text
        assert "ご用意いただくもの" in text

    @pytest.mark.shows("L-10", "003-4")
    def test_everybody_gets_the_same_answer(self, cast: Cast, kaneko: Actor) -> None:
        """Status, place, cookie and words are the same for the head, for others, and for nobody."""
        seen = []
        for organisation, identifier in (
            ("aoba", MAIL),
            ("aoba", "i002@example.jp"),
            ("aoba", "a001"),
            ("aoba", "nobody@example.jp"),
            ("nowhere", MAIL),
        ):
            client = Client()
            answer = ask(client, identifier, organisation)
            work()
            page = client.get("/self-reset/steps/")
            wrong = client.post("/self-reset/steps/phone/", {"code": "12345"})
            seen.append(
                (
                    answer.status_code,
                    answer.headers["Location"],
                    sorted(answer.cookies),
                    page.status_code,
                    neutral(page.content.decode()),
                    wrong.status_code,
                    neutral(wrong.content.decode()),
                )
            )
        for other in seen:
            assert other == seen[0]
        assert [letter.to_mail for letter in Letter.objects.all()] == [MAIL]

    @pytest.mark.shows("V-08")
    def test_its_cookie_is_out_of_reach_for_scripts(self, cast: Cast) -> None:
        cookie = ask(Client()).cookies[f"{settings.SESSION_COOKIE}_reset"]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert cookie["max-age"] == 1800

    def test_empty_fields_are_named(self, cast: Cast) -> None:
        answer = Client().post("/self-reset/", {})
        assert answer.status_code == 422
        assert "利用者IDかメールアドレスを入れてください" in answer.content.decode()


class TestSteps:
    @pytest.mark.shows("003-5", "L-09", "L-08")
    def test_it_leads_to_a_new_password_and_signs_nobody_in(self, cast: Cast, kaneko: Actor) -> None:
        code = recovery_code(kaneko)
        client = Client()
        ask(client)
        work()
        assert "1と2が済むと" in client.get("/self-reset/steps/").content.decode()
        assert client.post("/self-reset/steps/phone/", {"code": newest_code()}).status_code == 302
        assert client.get("/self-reset/password/").headers["Location"] == "/self-reset/steps/"
        path = mailed_path()
        assert "始めたのはあなたですか" in client.get(path).content.decode()
        assert client.post(f"{path}receive/").headers["Location"] == "/self-reset/steps/"
        answer = client.post("/self-reset/steps/third/", {"recovery_code": code})
        assert answer.headers["Location"] == "/self-reset/password/"
        assert client.post("/self-reset/password/", {"password": "short"}).status_code == 422
        assert client.post("/self-reset/password/", {"password": NEXT}).headers["Location"] == "/self-reset/done/"
        assert "これまでどおり必要です" in client.get("/self-reset/done/").content.decode()
        assert not Session.objects.filter(member_id=kaneko.id, ended_at=None).exists()
        assert client.get("/self-reset/steps/").status_code == 410

    @pytest.mark.shows("003-5")
    def test_another_browser_has_none_of_it(self, cast: Cast, kaneko: Actor) -> None:
        ask(Client())
        work()
        for path in ("/self-reset/steps/", "/self-reset/password/"):
            assert Client().get(path).status_code == 410
        assert Client().post("/self-reset/steps/phone/", {"code": newest_code()}).status_code == 410


class TestReceive:
    @pytest.mark.shows("003-5")
    def test_the_link_in_another_browser_counts_for_the_mail_only(self, cast: Cast, kaneko: Actor) -> None:
        client, other = Client(), Client()
        ask(client)
        work()
        answer = other.post(f"{mailed_path()}receive/")
        assert answer.status_code == 200
        assert "始めた端末の画面に戻り" in answer.content.decode()
        assert other.get("/self-reset/steps/").status_code == 410
        text = client.get("/self-reset/steps/").content.decode()
        assert text.count("済み") == 1

    @pytest.mark.shows("V-08")
    def test_looking_uses_nothing_up(self, cast: Cast, kaneko: Actor) -> None:
        ask(Client())
        work()
        path = mailed_path()
        for _ in range(3):
            assert Client().get(path).status_code == 200
            assert Client().head(path).status_code == 200
        assert Client().get(f"{path}receive/").status_code == 405

    def test_a_made_up_link_is_refused(self, cast: Cast) -> None:
        assert Client().get("/self-reset/mail/abc/").status_code == 404


class TestAgain:
    def test_another_message_is_wanted_in_the_same_words_for_all(self, cast: Cast, kaneko: Actor) -> None:
        for identifier in (MAIL, "nobody@example.jp"):
            client = Client()
            ask(client, identifier)
            work()
            answer = client.post("/self-reset/steps/again/", follow=True)
            assert "お送りできるときは、新しいSMSが届きます" in answer.content.decode()
