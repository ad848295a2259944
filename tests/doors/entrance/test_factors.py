"""The screens of factors: step-up with its reason, enrolment on the spot, stop, recovery codes, what follows."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from tests.cast import Cast
from tests.doors.conftest import SignIn
from tests.doors.entrance.test_attacks_on_signin import app_of, by_passkey, passkey_of
from tests.doors.entrance.test_signin import attempt, mailed_code, set_password
from warifu.credentials.actions import sessions
from warifu.credentials.models import Authenticator, MailCode, Passkey, RecoveryCode, Session
from warifu.foundation.actor import Actor

pytestmark = pytest.mark.django_db


def weak_client(actor: Actor, *, minutes_ago: int = 0) -> Client:
    """A browser in which somebody signed in with the password alone."""
    assert actor.id is not None
    at = timezone.now() - timedelta(minutes=minutes_ago)
    client = Client()
    client.cookies[settings.SESSION_COOKIE] = sessions.start(
        member_id=actor.id, level=1, browser="tests", address="127.0.0.1", at=at, factors=["password"]
    )
    return client


class TestStepUp:
    """A second factor inside a running session."""

    @pytest.mark.shows("L-14", "L-19")
    @pytest.mark.parametrize(
        ("page", "reason"),
        [
            ("/desk/members/", "利用者を加え、役割を変える"),
            ("/desk/tokens/", "APIトークンを発行する"),
            ("/desk/", "担当者の画面に入るときは"),
        ],
    )
    def test_it_says_which_action_wants_it(self, cast: Cast, page: str, reason: str) -> None:
        client = weak_client(cast.aoki)
        led = client.get(page)
        assert led.headers["Location"].startswith("/stepup/?next=%2Fdesk%2F")
        text = client.get(led.headers["Location"]).content.decode()
        assert reason in text
        assert "/passkeys/add/?next=/desk/" in text
        assert "/authenticators/add/?next=/desk/" in text
        assert "one-time-code" not in text

    @pytest.mark.shows("L-19", "L-28", "L-22")
    def test_a_passkey_registered_on_the_spot_opens_the_page(self, cast: Cast) -> None:
        client = weak_client(cast.aoki)
        key_page = client.get("/passkeys/add/?next=/desk/members/").content.decode()
        assert "この端末で登録する" in key_page
        old = client.cookies[settings.SESSION_COOKIE].value
        passkey_of(client)
        assert client.cookies[settings.SESSION_COOKIE].value != old
        assert client.get("/desk/members/").status_code == 200
        row = Session.objects.get(member_id=cast.aoki.id)
        assert (row.level, row.factors) == (2, ["password", "passkey"])

    @pytest.mark.shows("L-17", "L-19", "A-08")
    def test_an_app_registered_on_the_spot_opens_the_page(self, cast: Cast) -> None:
        client = weak_client(cast.aoki)
        begun = client.post("/authenticators/add/", {"name": "電話", "next": "/desk/members/"})
        page = client.get(begun.headers["Location"]).content.decode()
        assert "<svg" in page
        assert "data:" not in page
        assert 'autocomplete="one-time-code"' in page
        secret = re.search(r'id="authenticator-key">([A-Z2-7-]+)<', page)[1].replace("-", "")  # type: ignore[index]
        wrong = client.post("/authenticators/confirm/", {"code": "000000"})
        assert wrong.status_code == 422
        assert secret in wrong.content.decode().replace("-", "")
        code = pyotp.TOTP(secret).now()
        done = client.post("/authenticators/confirm/", {"code": code, "next": "/desk/members/"})
        assert done.headers["Location"] == "/factors/changed/?next=%2Fdesk%2Fmembers%2F"
        assert client.get("/desk/members/").status_code == 200
        assert client.get("/authenticators/confirm/").headers["Location"].startswith("/authenticators/add/")

    def test_a_code_leads_on_and_a_wrong_one_says_what_is_wrong(self, cast: Cast) -> None:
        secret = app_of(cast.aoki)
        client = weak_client(cast.aoki)
        wrong = client.post("/stepup/", {"code": "000000", "next": "/desk/members/"})
        assert wrong.status_code == 422
        assert "認証アプリのコード、または予備コードが合いません" in wrong.content.decode()
        right = client.post("/stepup/", {"code": pyotp.TOTP(secret).now(), "next": "/desk/members/"})
        assert right.headers["Location"] == "/desk/members/"
        assert client.get("/stepup/?next=/desk/members/").headers["Location"] == "/desk/members/"

    def test_a_passkey_leads_on(self, cast: Cast, sign_in: SignIn) -> None:
        key = passkey_of(sign_in(cast.aoki))
        client = weak_client(cast.aoki)
        assert "パスキーで確認する" in client.get("/stepup/?next=/desk/members/").content.decode()
        options = client.post("/passkeys/prove/options/").json()
        answer = client.post("/passkeys/prove/", {"answer": key.sign(options), "next": "/desk/members/"})
        assert answer.headers["Location"] == "/desk/members/"
        assert client.get("/desk/members/").status_code == 200


class TestOwnFactors:
    """Adding, renaming and stopping."""

    @pytest.mark.shows("L-25")
    @pytest.mark.parametrize("page", ["/passkeys/add/", "/authenticators/add/", "/recovery/"])
    def test_an_old_proof_is_not_enough(self, cast: Cast, page: str) -> None:
        led = weak_client(cast.aoki, minutes_ago=6).get(page)
        assert led.headers["Location"].startswith("/relogin/")

    @pytest.mark.shows("L-25", "L-09")
    @pytest.mark.parametrize("page", ["/passkeys/add/", "/authenticators/add/", "/recovery/"])
    def test_whoever_has_a_factor_shows_it_first(self, cast: Cast, page: str) -> None:
        app_of(cast.aoki)
        client = weak_client(cast.aoki)
        assert client.get(page).headers["Location"].startswith("/stepup/")
        assert client.post(page, {"name": "x"}).headers["Location"].startswith("/stepup/")
        assert Authenticator.objects.count() == 1
        assert not RecoveryCode.objects.exists()

    @pytest.mark.shows("L-25", "L-22")
    def test_a_passkey_is_proof_enough_again(self, cast: Cast, sign_in: SignIn) -> None:
        key = passkey_of(sign_in(cast.aoki))
        client = weak_client(cast.aoki, minutes_ago=6)
        assert "パスキーで確認する" in client.get("/relogin/?next=/passkeys/add/").content.decode()
        options = client.post("/passkeys/prove/options/").json()
        client.post("/passkeys/prove/", {"answer": key.sign(options), "next": "/passkeys/add/"})
        assert client.get("/passkeys/add/").status_code == 200

    @pytest.mark.shows("L-24", "L-21")
    def test_a_stopped_passkey_lets_nobody_in_and_other_sessions_may_be_ended(
        self, cast: Cast, sign_in: SignIn
    ) -> None:
        client, other = sign_in(cast.aoki), sign_in(cast.aoki)
        key = passkey_of(client)
        row = Passkey.objects.get()
        page = client.get(f"/passkeys/{row.id}/revoke/").content.decode()
        assert "これが最後の方法です" in page
        done = client.post(f"/passkeys/{row.id}/revoke/", {"next": "/desk/"})
        offer = client.get(done.headers["Location"]).content.decode()
        assert "ほかの端末をすべてサインアウトさせる" in offer
        assert by_passkey(Client(), key).status_code == 422
        client.post("/factors/end-others/", {"next": "/desk/"})
        assert other.get("/desk/").headers["Location"].startswith("/signin/")
        assert client.get("/desk/").status_code == 200

    def test_nobody_touches_what_belongs_to_others(self, cast: Cast, sign_in: SignIn) -> None:
        passkey_of(sign_in(cast.aoki))
        app_of(cast.aoki)
        passkey, app = Passkey.objects.get(), Authenticator.objects.get()
        stranger = sign_in(cast.ueno)
        for page in (
            f"/passkeys/{passkey.id}/revoke/", f"/passkeys/{passkey.id}/rename/", f"/authenticators/{app.id}/revoke/",
        ):  # fmt: skip
            assert stranger.get(page).status_code == 404
            assert stranger.post(page, {"name": "x"}).status_code == 404
        passkey.refresh_from_db()
        assert (passkey.name, passkey.revoked_at) == ("会社のPC", None)

    def test_a_passkey_gets_another_name(self, cast: Cast, sign_in: SignIn) -> None:
        client = sign_in(cast.aoki)
        passkey_of(client)
        row = Passkey.objects.get()
        assert 'value="会社のPC"' in client.get(f"/passkeys/{row.id}/rename/").content.decode()
        client.post(f"/passkeys/{row.id}/rename/", {"name": "自宅のPC", "next": "/desk/"})
        row.refresh_from_db()
        assert row.name == "自宅のPC"

    def test_an_app_is_stopped(self, cast: Cast, sign_in: SignIn) -> None:
        app_of(cast.aoki)
        row = Authenticator.objects.get()
        client = sign_in(cast.aoki)
        assert "認証アプリを止める" in client.get(f"/authenticators/{row.id}/revoke/").content.decode()
        client.post(f"/authenticators/{row.id}/revoke/")
        row.refresh_from_db()
        assert row.revoked_at

    @pytest.mark.shows("L-20")
    def test_recovery_codes_are_shown_once(self, cast: Cast, sign_in: SignIn) -> None:
        client = sign_in(cast.aoki)
        assert not RecoveryCode.objects.exists()
        page = client.post("/recovery/", {"next": "/desk/"})
        codes = re.findall(r'<code class="code">([A-Z0-9-]+)</code>', page.content.decode())
        assert len(codes) == 10
        assert page.headers["Cache-Control"] == "no-store"
        later = client.get("/recovery/").content.decode()
        assert not any(code in later for code in codes)
        assert "いま使えるコードが10個あります" in later


class TestMailCodePage:
    """The page that waits for the mailed code."""

    @pytest.mark.shows("L-14", "L-15", "A-06", "A-08")
    def test_it_says_when_it_was_sent_how_long_it_lives_and_when_to_ask_again(self, cast: Cast) -> None:
        set_password(cast.aoki)
        client = Client()
        attempt(client, "a001")
        page = client.get("/signin/code/").content.decode()
        assert "a***@example.jp" in page
        assert "a001@example.jp" not in page
        assert re.search(r'data-left="(59\d|600)"', page)
        assert re.search(r'data-wait="(2\d|30)"', page)
        assert 'autocomplete="one-time-code"' in page
        assert "二要素" not in page
        assert "多要素" not in page

    @pytest.mark.shows("L-15")
    def test_asking_too_soon_is_answered_kindly_and_changes_nothing(self, cast: Cast) -> None:
        set_password(cast.aoki)
        client = Client()
        attempt(client, "a001")
        code = mailed_code()
        page = client.post("/signin/code/resend/", follow=True).content.decode()
        assert "コードを送ったばかりです" in page
        assert MailCode.objects.count() == 1
        assert client.post("/signin/code/", {"code": code}).headers["Location"] == "/desk/"

    @pytest.mark.shows("000-29")
    def test_a_new_code_ends_the_one_before(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        set_password(cast.aoki)
        client = Client()
        attempt(client, "a001")
        old = mailed_code()
        later = timezone.now() + timedelta(seconds=70)
        monkeypatch.setattr(timezone, "now", lambda: later)
        page = client.post("/signin/code/resend/", follow=True).content.decode()
        assert "前のコードは使えません" in page
        refused = client.post("/signin/code/", {"code": old}).content.decode()
        assert "新しいコードを送ったため使えなくなりました" in refused
        assert client.post("/signin/code/", {"code": mailed_code()}).headers["Location"] == "/desk/"

    def test_a_mail_that_has_not_left_is_said_to_be_late(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        set_password(cast.aoki)
        client = Client()
        attempt(client, "a001")
        later = timezone.now() + timedelta(seconds=70)
        monkeypatch.setattr(timezone, "now", lambda: later)
        page = client.get("/signin/code/").content.decode()
        assert "メールが、まだ送り出されていません" in page
        assert "<details open>" in page
