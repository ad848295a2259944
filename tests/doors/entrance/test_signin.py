"""The sign-in screen: one answer for every failure, cookies, where one lands."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from tests.cast import Cast
from tests.doors.conftest import SignIn
from warifu.audit import queries as audit
from warifu.credentials.actions import activation, mail_codes
from warifu.credentials.models import MailCode
from warifu.foundation.actor import SYSTEM, Actor
from warifu.notices import links

pytestmark = pytest.mark.django_db
PASSWORD = "やまのうえ ふるいはし あおいとり"


def set_password(actor: Actor, password: str = PASSWORD) -> None:
    assert actor.organisation_id is not None
    assert actor.id is not None
    at = timezone.now()
    link = activation.issue(
        organisation_id=actor.organisation_id, member_id=actor.id, purpose="first", by=SYSTEM, at=at
    )
    token = links.resolve(link).rstrip("/").rsplit("/", 1)[-1]
    activation.use(token=token, password=password, at=at, browser="b", address="192.0.2.9")


def attempt(client: Client, identifier: str, password: str = PASSWORD, organisation: str = "aoba", **more: str):  # type: ignore[no-untyped-def]
    data = {"organisation": organisation, "identifier": identifier, "password": password}
    return client.post("/signin/", data | more)


def mailed_code() -> str:
    """The newest mailed code, as its letter says it."""
    return mail_codes.code_of(reference=str(MailCode.objects.latest("id").id))


def enter_code(client: Client, code: str = "", next: str = ""):  # type: ignore[no-untyped-def]  # noqa: A002
    return client.post("/signin/code/", {"code": code or mailed_code(), "next": next})


@pytest.mark.shows("L-22")
def test_it_signs_in_by_mail_or_employee_code_and_leads_to_the_right_home(cast: Cast) -> None:
    set_password(cast.inoue)
    set_password(cast.aoki)
    assert attempt(Client(), "I002@example.jp ").headers["Location"] == "/my/"
    assert attempt(Client(), "i002").headers["Location"] == "/my/"
    client = Client()
    assert attempt(client, "a001", organisation="ＡＯＢＡ").headers["Location"] == "/signin/code/?next="
    assert enter_code(client).headers["Location"] == "/desk/"


@pytest.mark.shows("V-08", "L-22")
def test_its_cookies_are_out_of_reach_for_scripts_and_other_sites(cast: Cast) -> None:
    set_password(cast.inoue)
    client = Client()
    client.cookies[settings.SESSION_COOKIE] = "planted"
    answer = attempt(client, "i002")
    cookie = answer.cookies[settings.SESSION_COOKIE]
    assert cookie.value != "planted"
    assert len(cookie.value) >= 22
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"
    assert not cookie["domain"]


@pytest.mark.shows("L-10")
def test_it_gives_strangers_and_wrong_passwords_the_same_answer(cast: Cast) -> None:
    set_password(cast.inoue)
    answers = [
        attempt(Client(), "i002", "falsch falsch falsch"),
        attempt(Client(), "nobody@example.jp", "falsch falsch falsch"),
        attempt(Client(), "a001", "falsch falsch falsch"),  # not activated yet
        attempt(Client(), "i002", PASSWORD, organisation="ueda"),
        attempt(Client(), "i002", PASSWORD, organisation="nowhere"),
    ]
    assert {answer.status_code for answer in answers} == {422}
    notices = {answer.content.decode().split('role="alert"')[1].split("</div>")[0] for answer in answers}
    assert len(notices) == 1
    assert not any(settings.SESSION_COOKIE in answer.cookies for answer in answers)


@pytest.mark.shows("L-10")
def test_it_hashes_once_for_strangers_too(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from warifu.credentials import passwords

    set_password(cast.inoue)
    passwords.fits("warm up", None)
    hashed: list[str] = []
    real = passwords.check_password
    monkeypatch.setattr(passwords, "check_password", lambda *given: hashed.append("x") or real(*given))
    for identifier, organisation in (("i002", "aoba"), ("stranger", "aoba"), ("i002", "nowhere"), ("a001", "aoba")):
        before = len(hashed)
        attempt(Client(), identifier, "falsch falsch falsch", organisation)
        assert len(hashed) == before + 1


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/%0d%0aSet-Cookie:x",
        "http:///evil.example",
        "/\tevil",
        "http://evil.example@testserver.evil.example/",
    ],
)
def test_it_leads_nowhere_but_to_pages_of_this_site(cast: Cast, wanted: str) -> None:
    set_password(cast.inoue)
    location = attempt(Client(), "i002", next=wanted).headers["Location"]
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))
    assert "\n" not in location
    assert "evil.example" not in location or location.startswith("/%")


def test_it_goes_back_to_the_page_that_was_wanted(cast: Cast) -> None:
    set_password(cast.inoue)
    assert attempt(Client(), "i002", next="/security/?a=1").headers["Location"] == "/security/?a=1"
    blocked = Client().get("/security/")
    assert blocked.status_code == 302
    assert blocked.headers["Location"] == "/signin/?next=%2Fsecurity%2F"


@pytest.mark.shows("L-11")
def test_it_makes_guessers_wait_but_neither_the_known_device_nor_other_addresses(cast: Cast) -> None:
    set_password(cast.inoue)
    own = Client()
    attempt(own, "i002")
    stranger = Client(REMOTE_ADDR="203.0.113.7")
    states = [attempt(stranger, "i002", f"guess number {number} of many").status_code for number in range(7)]
    assert states[:5] == [422] * 5
    assert states[5:] == [429] * 2
    assert attempt(stranger, "i002").status_code == 429  # the right password does not help the guesser
    assert attempt(Client(REMOTE_ADDR="198.51.100.4"), "i002").status_code == 302
    assert attempt(own, "i002").status_code == 302


@pytest.mark.shows("L-11", "L-10")
def test_it_makes_guessers_wait_for_unknown_people_in_the_same_way(cast: Cast) -> None:
    stranger = Client(REMOTE_ADDR="203.0.113.7")
    states = [attempt(stranger, "x999", f"guess number {number} of many").status_code for number in range(6)]
    assert states == [422] * 5 + [429]


def test_it_does_not_believe_a_forwarded_address_from_anybody(cast: Cast) -> None:
    set_password(cast.inoue)
    for number in range(5):
        client = Client(REMOTE_ADDR="203.0.113.7", HTTP_X_FORWARDED_FOR=f"198.51.100.{number}")
        assert attempt(client, "i002", f"guess number {number} of many").status_code == 422
    client = Client(REMOTE_ADDR="203.0.113.7", HTTP_X_FORWARDED_FOR="198.51.100.200")
    assert attempt(client, "i002", "guess again and again").status_code == 429


@pytest.mark.shows("V-08")
def test_it_wants_the_forms_token(cast: Cast) -> None:
    set_password(cast.inoue)
    assert attempt(Client(enforce_csrf_checks=True), "i002").status_code == 403


@pytest.mark.shows("V-09")
def test_the_trail_keeps_successes_and_failures_with_their_factor(cast: Cast) -> None:
    set_password(cast.inoue)
    attempt(Client(), "i002", "falsch falsch falsch")
    attempt(Client(), "i002")
    lines = audit.timeline(organisation_id=cast.aoba, subject_id=cast.inoue.id, event_prefix="credentials.signin.")
    assert [line.event for line in lines] == ["credentials.signin.succeeded", "credentials.signin.failed"]
    assert lines[0].values["factors"] == ["password"]
    assert lines[1].values["factor"] == "password"
    assert "falsch" not in str(lines)
    assert PASSWORD not in str(lines)


def test_it_sends_people_who_are_in_already_to_their_page(cast: Cast, sign_in: SignIn) -> None:
    assert sign_in(cast.inoue).get("/signin/").headers["Location"] == "/my/"


def test_it_remembers_the_organisation(cast: Cast) -> None:
    set_password(cast.inoue)
    client = Client()
    attempt(client, "i002")
    client.post("/signout/")
    assert 'value="aoba"' in client.get("/signin/").content.decode()
    assert 'value="ueda"' in client.get("/signin/?o=ueda").content.decode()
