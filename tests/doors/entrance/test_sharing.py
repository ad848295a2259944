"""Into sister services: consent, code, token, what is told; and what must not work (000-17, 000-18, P-07)."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.cast import MORNING, Cast
from tests.doors.conftest import signed_in_client
from tests.leaks import leaks
from warifu.audit import queries as audit
from warifu.credentials.actions import departures, sessions, signing_keys, sister_services
from warifu.credentials.actions.sister_services import Registered
from warifu.credentials.models import Session, SigningKey, SisterCode
from warifu.foundation.actor import OPERATOR, Actor
from warifu.organisations.rules import NotPermitted

pytestmark = pytest.mark.django_db
BACK = "https://sister.example/back"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


class Clock:
    """What `timezone.now` says."""

    def __init__(self) -> None:
        self.at = MORNING

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The morning of the cast, until a test moves it."""
    clock = Clock()
    monkeypatch.setattr(timezone, "now", clock)
    return clock


@dataclass
class Sister:
    """A sister service with its browser side and its machine side."""

    made: Registered

    def address(self, **other: Any) -> str:
        """Where it sends people."""
        query = {
            "response_type": "code",
            "client_id": self.made.client_id,
            "redirect_uri": BACK,
            "scope": "openid profile email roles",
            "state": "the state",
            "nonce": "the nonce",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        } | other
        return f"/oidc/authorize?{urlencode({k: v for k, v in query.items() if v is not None})}"

    def token(self, code: str, *, secret: str = "", **other: Any) -> Any:
        """Redeem a code."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
        pair = base64.b64encode(f"{self.made.client_id}:{secret or self.made.secret}".encode()).decode()
        form = {k: v for k, v in (form | other).items() if v is not None}
        return Client().post("/oidc/token", form, headers={"Authorization": f"Basic {pair}"})

    def userinfo(self, token: str) -> Any:
        """Ask who it is."""
        return Client().get("/oidc/userinfo", headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def sister(cast: Cast) -> Sister:
    """A service of Aoba's that may see roles."""
    return register(cast)


def register(cast: Cast, *, shares_roles: bool = True) -> Sister:
    made = sister_services.add(
        organisation_id=cast.aoba,
        name="青葉の電子帳簿",
        redirect_uris=[BACK, "http://localhost:9/back"],
        shares_roles=shares_roles,
        by=cast.aoki,
        at=MORNING,
    )
    return Sister(made)


def browser(actor: Actor) -> Client:
    return signed_in_client(actor, at=MORNING)


def onward(answer: Any) -> str:
    """Where a page leads on to by itself."""
    assert answer.status_code == 200, answer.content.decode()
    text = answer.content.decode()
    start = text.index('http-equiv="refresh" content="0; url=') + len('http-equiv="refresh" content="0; url=')
    return text[start : text.index('"', start)].replace("&amp;", "&").replace("&#x27;", "'")


def agree(client: Client, address: str, answer: str = "yes") -> dict[str, str]:
    """Agree, and what the service is told in its address."""
    place = urlsplit(onward(client.post(address.replace("authorize?", "authorize/decide?"), {"agrees": answer})))
    assert f"{place.scheme}://{place.netloc}{place.path}" == BACK
    return dict(parse_qsl(place.query))


def claims(token: str) -> dict[str, Any]:
    keys = KeySet.import_key_set(Client().get("/oidc/jwks").json())
    return dict(jwt.decode(token, keys, algorithms=["ES256"]).claims)


class TestAgreeing:
    @pytest.mark.shows("000-17", "000-18", "P-07")
    def test_says_what_is_told_and_tells_no_more(self, cast: Cast, sister: Sister) -> None:
        client = browser(cast.eto)
        page = client.get(sister.address()).content.decode()
        for words in ("青葉の電子帳簿", "江藤 栄", "e003@example.jp", "事務取扱担当者", "個人番号は渡しません"):
            assert words in page
        back = agree(client, sister.address())
        assert back["state"] == "the state"
        assert back["iss"] == settings.WARIFU.site_url
        answer = sister.token(back["code"])
        assert answer.status_code == 200
        assert answer["Cache-Control"] == "no-store"
        told = claims(answer.json()["id_token"])
        assert told | {"at_hash": "", "sub": ""} == {
            "iss": settings.WARIFU.site_url,
            "aud": [sister.made.client_id],
            "sub": "",
            "iat": int(MORNING.timestamp()),
            "exp": int(MORNING.timestamp()) + 300,
            "auth_time": int(MORNING.timestamp()),
            "nonce": "the nonce",
            "acr": "urn:warifu:level:2",
            "at_hash": "",
            "name": "江藤 栄",
            "family_name": "江藤",
            "given_name": "栄",
            "email": "e003@example.jp",
            "roles": ["employee", "handler"],
            "organisation_code": "aoba",
        }
        info = sister.userinfo(answer.json()["access_token"])
        assert info.json()["sub"] == told["sub"]
        assert str(cast.eto.id) not in info.content.decode()
        for text in (page, answer.content.decode(), info.content.decode(), str(told)):
            assert leaks(text) == []
        (line,) = audit.timeline(organisation_id=cast.aoba, event_prefix="credentials.sister_service.told")
        assert line.values["scope"] == "openid profile email roles"

    def test_is_remembered_for_the_same_and_for_less(self, cast: Cast, sister: Sister) -> None:
        client = browser(cast.eto)
        sister.token(agree(client, sister.address(scope="openid profile"))["code"])
        assert "code=" in onward(client.get(sister.address(scope="openid profile")))
        assert "code=" in onward(client.get(sister.address(scope="openid")))
        assert "渡して進む" in client.get(sister.address(scope="openid email")).content.decode()
        assert "渡して進む" in client.get(sister.address(scope="openid", prompt="consent")).content.decode()
        assert "渡して進む" in browser(cast.okada).get(sister.address(scope="openid")).content.decode()

    def test_a_no_goes_back_as_a_no(self, cast: Cast, sister: Sister) -> None:
        back = agree(browser(cast.eto), sister.address(), answer="no")
        assert back["error"] == "access_denied"
        assert not SisterCode.objects.exists()

    @pytest.mark.shows("V-08")
    def test_wants_the_forms_token(self, cast: Cast, sister: Sister) -> None:
        client = signed_in_client(cast.eto, at=MORNING, enforce_csrf_checks=True)
        answer = client.post(sister.address().replace("authorize?", "authorize/decide?"), {"agrees": "yes"})
        assert answer.status_code == 403
        assert not SisterCode.objects.exists()

    @pytest.mark.shows("000-18", "P-07")
    def test_is_for_the_people_of_the_services_organisation_only(self, cast: Cast, sister: Sister) -> None:
        client = browser(cast.ueno)
        for answer in (
            client.get(sister.address()),
            client.post(sister.address().replace("authorize?", "authorize/decide?"), {"agrees": "yes"}),
        ):
            assert answer.status_code == 403
            assert "WF-S855" in answer.content.decode()
            assert "青葉" not in answer.content.decode()
        assert not SisterCode.objects.exists()

    def test_roles_are_told_only_where_the_organisation_allows_it(self, cast: Cast) -> None:
        other = register(cast, shares_roles=False)
        client = browser(cast.eto)
        assert "事務取扱担当者" not in client.get(other.address()).content.decode()
        answer = other.token(agree(client, other.address())["code"])
        assert "roles" not in claims(answer.json()["id_token"])

    def test_two_services_know_a_person_by_two_names(self, cast: Cast, sister: Sister) -> None:
        other, client = register(cast), browser(cast.eto)
        subjects = {
            claims(one.token(agree(client, one.address())["code"]).json()["id_token"])["sub"] for one in (sister, other)
        }
        assert len(subjects) == 2


class TestSigningInFirst:
    def test_leads_to_sign_in_and_back(self, sister: Sister) -> None:
        answer = Client().get(sister.address())
        assert answer.status_code == 302
        place = urlsplit(answer["Location"])
        assert place.path == "/signin/"
        assert parse_qs(place.query)["next"] == [sister.address()]

    @pytest.mark.shows("L-25")
    def test_proves_again_when_the_service_wants_it(self, cast: Cast, sister: Sister, clock: Clock) -> None:
        client = browser(cast.eto)
        clock.at = MORNING + timedelta(minutes=3)
        for wish in ({"prompt": "login"}, {"max_age": "60"}, {"max_age": "0"}):
            answer = client.get(sister.address(**wish))
            assert answer.status_code == 302, wish
            assert answer["Location"].startswith("/relogin/"), wish
        assert client.get(sister.address(max_age="600")).status_code == 200

    @pytest.mark.parametrize(
        ("who", "error"), [("", "login_required"), ("eto", "consent_required"), ("stale", "login_required")]
    )
    def test_asks_nothing_when_the_service_forbids_it(
        self, who: str, error: str, cast: Cast, sister: Sister, clock: Clock
    ) -> None:
        client = browser(cast.eto) if who else Client()
        if who == "stale":
            clock.at = MORNING + timedelta(minutes=3)
            address = sister.address(prompt="none", max_age="60")
        else:
            address = sister.address(prompt="none")
        place = urlsplit(onward(client.get(address)))
        assert dict(parse_qsl(place.query))["error"] == error
        assert place.netloc == "sister.example"


class TestWrongRequests:
    @pytest.mark.shows("V-08")
    @pytest.mark.parametrize(
        "wrong",
        [
            {"client_id": "unknown"},
            {"client_id": None},
            {"redirect_uri": "https://evil.example/back"},
            {"redirect_uri": f"{BACK}/"},
            {"redirect_uri": f"{BACK}?x=1"},
            {"redirect_uri": "https://sister.example/back/../evil"},
            {"redirect_uri": None},
        ],
        ids=str,
    )
    def test_nothing_goes_to_an_address_that_is_not_registered(
        self, wrong: dict[str, Any], cast: Cast, sister: Sister
    ) -> None:
        for client in (Client(), browser(cast.eto)):
            answer = client.get(sister.address(**wrong))
            assert answer.status_code == 400
            assert "WF-S854" in answer.content.decode()
            assert 'http-equiv="refresh"' not in answer.content.decode()
            assert 'href="https://evil' not in answer.content.decode()

    @pytest.mark.parametrize(
        ("wrong", "error"),
        [
            ({"response_type": "token"}, "unsupported_response_type"),
            ({"response_type": "id_token"}, "unsupported_response_type"),
            ({"scope": "profile"}, "invalid_scope"),
            ({"scope": None}, "invalid_scope"),
            ({"code_challenge": None}, "invalid_request"),
            ({"code_challenge_method": "plain"}, "invalid_request"),
            ({"code_challenge_method": None}, "invalid_request"),
            ({"code_challenge": "short"}, "invalid_request"),
        ],
        ids=str,
    )
    def test_the_service_hears_what_is_wrong(
        self, wrong: dict[str, Any], error: str, cast: Cast, sister: Sister
    ) -> None:
        back = dict(parse_qsl(urlsplit(onward(browser(cast.eto).get(sister.address(**wrong)))).query))
        assert back["error"] == error
        assert back["state"] == "the state"

    def test_an_ended_service_is_not_there(self, cast: Cast, sister: Sister) -> None:
        client = browser(cast.eto)
        token = sister.token(agree(client, sister.address())["code"]).json()["access_token"]
        code = agree(client, sister.address())["code"]
        sister_services.end(organisation_id=cast.aoba, service_id=sister.made.service_id, by=cast.aoki, at=MORNING)
        assert client.get(sister.address()).status_code == 400
        assert sister.token(code).status_code == 401
        assert sister.userinfo(token).status_code == 401


class TestRedeeming:
    @pytest.mark.parametrize(
        ("wrong", "status"),
        [
            ({"secret": "guessed"}, 401),
            ({"redirect_uri": "http://localhost:9/back"}, 400),
            ({"redirect_uri": None}, 400),
            ({"code_verifier": "w" * 43}, 400),
            ({"code_verifier": None}, 400),
            ({"grant_type": "password"}, 400),
            ({"grant_type": "client_credentials"}, 400),
        ],
        ids=str,
    )
    def test_wants_everything_right(self, wrong: dict[str, Any], status: int, cast: Cast, sister: Sister) -> None:
        code = agree(browser(cast.eto), sister.address())["code"]
        answer = sister.token(code, **wrong)
        assert answer.status_code == status
        assert "access_token" not in answer.json()

    def test_takes_the_secret_in_the_form_too(self, cast: Cast, sister: Sister) -> None:
        form = {
            "grant_type": "authorization_code",
            "code": agree(browser(cast.eto), sister.address())["code"],
            "redirect_uri": BACK,
            "code_verifier": VERIFIER,
            "client_id": sister.made.client_id,
            "client_secret": sister.made.secret,
        }
        assert Client().post("/oidc/token", form).status_code == 200
        assert Client().post("/oidc/token", form | {"client_secret": ""}).status_code == 401

    def test_a_code_that_comes_twice_kills_what_it_became(self, cast: Cast, sister: Sister) -> None:
        code = agree(browser(cast.eto), sister.address())["code"]
        token = sister.token(code).json()["access_token"]
        assert sister.userinfo(token).status_code == 200
        assert sister.token(code).json()["error"] == "invalid_grant"
        assert sister.userinfo(token).status_code == 401
        (line,) = audit.timeline(organisation_id=cast.aoba, event_prefix="credentials.sister_service.replayed")
        assert line.values["name"] == "青葉の電子帳簿"

    def test_a_code_of_another_service_is_worth_nothing(self, cast: Cast, sister: Sister) -> None:
        other = register(cast)
        code = agree(browser(cast.eto), sister.address())["code"]
        assert other.token(code).status_code == 400
        assert sister.token(code).status_code == 200

    def test_a_code_is_good_for_two_minutes_and_a_token_for_fifteen(
        self, cast: Cast, sister: Sister, clock: Clock
    ) -> None:
        client = browser(cast.eto)
        late = agree(client, sister.address())["code"]
        token = sister.token(agree(client, sister.address())["code"]).json()["access_token"]
        clock.at = MORNING + timedelta(minutes=3)
        assert sister.token(late).status_code == 400
        assert sister.userinfo(token).status_code == 200
        clock.at = MORNING + timedelta(minutes=16)
        assert sister.userinfo(token).status_code == 401

    @pytest.mark.shows("L-24")
    @pytest.mark.parametrize("why", ["signed out", "left", "timed out"])
    def test_tells_nothing_after_the_session(self, why: str, cast: Cast, sister: Sister, clock: Clock) -> None:
        client = browser(cast.eto)
        token = sister.token(agree(client, sister.address())["code"]).json()["access_token"]
        code = agree(client, sister.address())["code"]
        assert cast.eto.id is not None
        if why == "signed out":
            client.post("/signout/")
        elif why == "left":
            departures.record(
                organisation_id=cast.aoba, member_id=cast.eto.id, left_on=MORNING.date(), by=cast.aoki, at=MORNING
            )
        else:
            Session.objects.filter(member_id=cast.eto.id).update(seen_at=MORNING - timedelta(hours=2))
        answer = sister.userinfo(token)
        assert answer.status_code == 401
        assert "江藤" not in answer.content.decode()
        assert sister.token(code).status_code == 400

    def test_rubbish_is_refused_in_the_protocols_form(self, cast: Cast, sister: Sister) -> None:
        assert sister.token("").json()["error"] in ("invalid_request", "invalid_grant")
        assert Client().post("/oidc/token").status_code == 400
        assert Client().get("/oidc/token").status_code == 405
        for token in ("", "guessed"):
            answer = sister.userinfo(token)
            assert answer.status_code == 401
            assert "invalid_token" in answer["WWW-Authenticate"]

    @pytest.mark.shows("L-11")
    def test_guessing_secrets_is_slowed_down(self, sister: Sister) -> None:
        answers = [sister.token("code", secret="guessed").status_code for _ in range(40)]
        assert answers[0] == 401
        assert answers[-1] == 429


class TestKeys:
    def test_are_shown_without_their_private_half_and_kept_sealed(self, sister: Sister) -> None:
        (key,) = Client().get("/oidc/jwks").json()["keys"]
        assert set(key) == {"kty", "crv", "x", "y", "kid", "alg", "use"}
        assert b'"d"' not in bytes(SigningKey.objects.get().sealed_key)

    def test_are_replaced_while_old_tokens_still_prove_true(self, cast: Cast, sister: Sister, clock: Clock) -> None:
        client = browser(cast.eto)
        token = sister.token(agree(client, sister.address())["code"]).json()["id_token"]
        assert signing_keys.daily(at=MORNING + timedelta(days=30)) == 0
        signing_keys.rotate(by=OPERATOR, at=MORNING)
        again = sister.token(agree(client, sister.address())["code"]).json()["id_token"]
        assert claims(token)["sub"] == claims(again)["sub"]
        assert len(Client().get("/oidc/jwks").json()["keys"]) == 2
        signing_keys.daily(at=MORNING + timedelta(days=3))
        assert len(Client().get("/oidc/jwks").json()["keys"]) == 1
        signing_keys.daily(at=MORNING + timedelta(days=91))
        assert SigningKey.objects.filter(retired_at=None).count() == 1
        with pytest.raises(signing_keys.OperatorsOnly):
            signing_keys.rotate(by=cast.aoki, at=MORNING)


class TestDescription:
    def test_names_this_installation_and_its_doors(self, sister: Sister) -> None:
        answer = Client().get("/.well-known/openid-configuration")
        document = answer.json()
        assert document["issuer"] == settings.WARIFU.site_url
        assert document["subject_types_supported"] == ["pairwise"]
        for name in ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"):
            assert Client().get(urlsplit(document[name]).path).status_code in (200, 400, 401, 405)


class TestSigningOut:
    def test_asks_and_leads_back_only_to_a_registered_address(self, cast: Cast, sister: Sister) -> None:
        client = browser(cast.eto)
        hint = sister.token(agree(client, sister.address())["code"]).json()["id_token"]
        query = {"id_token_hint": hint, "post_logout_redirect_uri": BACK, "state": "s"}
        page = client.get("/oidc/logout", query).content.decode()
        assert f'{BACK}?state=s"' in page
        assert Session.objects.filter(ended_at=None).count() == 1
        answer = client.post("/oidc/logout", query)
        assert onward(answer) == f"{BACK}?state=s"
        assert Session.objects.filter(ended_at=None).count() == 0

    @pytest.mark.shows("V-08")
    @pytest.mark.parametrize("hint", ["", "rubbish", "true"])
    def test_leads_nowhere_else(self, hint: str, cast: Cast, sister: Sister) -> None:
        client = browser(cast.eto)
        if hint == "true":
            hint = sister.token(agree(client, sister.address())["code"]).json()["id_token"]
        wanted = "https://evil.example/" if hint.count(".") == 2 else BACK
        answer = client.post("/oidc/logout", {"id_token_hint": hint, "post_logout_redirect_uri": wanted})
        assert answer.status_code == 302
        assert answer["Location"] == "/signed-out/"


class TestRegistering:
    @pytest.mark.parametrize(
        "address",
        [
            "http://sister.example/back",
            "javascript:alert(1)",
            "https://sister.example/#x",
            "https://user@sister.example/",
            "//sister.example/",
            "https:///back",
            "",
            "https://sister.example\\@evil.example/",
        ],
    )
    @pytest.mark.shows("V-08")
    def test_takes_protected_addresses_only(self, address: str, cast: Cast) -> None:
        with pytest.raises(sister_services.AddressUnfit):
            sister_services.add(
                organisation_id=cast.aoba,
                name="x",
                redirect_uris=[address],
                shares_roles=False,
                by=cast.aoki,
                at=MORNING,
            )

    @pytest.mark.parametrize("who", ["inoue", "eto", "okada", "ueno"])
    def test_is_for_administrators(self, who: str, cast: Cast) -> None:
        with pytest.raises(NotPermitted):
            sister_services.add(
                organisation_id=cast.aoba,
                name="x",
                redirect_uris=[BACK],
                shares_roles=False,
                by=getattr(cast, who),
                at=MORNING,
            )

    def test_shows_the_secret_once(self, cast: Cast) -> None:
        client = browser(cast.aoki)
        page = client.post("/desk/sister-services/add/", {"name": "帳簿", "addresses": BACK}).content.decode()
        secret = next(part for part in page.split('"') if part.startswith("wfs_"))
        assert secret not in client.get("/desk/sister-services/").content.decode()
        refused = client.post("/desk/sister-services/add/", {"name": "帳簿", "addresses": "http://evil.example"})
        assert refused.status_code == 422


def test_a_sixth_session_ends_the_first_and_its_tokens(cast: Cast, sister: Sister) -> None:
    token = sister.token(agree(browser(cast.eto), sister.address())["code"]).json()["access_token"]
    assert cast.eto.id is not None
    for _ in range(5):
        sessions.start(member_id=cast.eto.id, level=2, browser="b", address="192.0.2.1", at=MORNING)
    assert sister.userinfo(token).status_code == 401
