"""The page of the head's number for resets (003-5, L-16, L-25)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.cast import Cast
from tests.doors.conftest import SignIn
from tests.rooms.credentials.heads import head, newest_code
from warifu.credentials.actions import reset_phones
from warifu.credentials.models import ResetPhone, Session
from warifu.foundation.actor import Actor
from warifu.notices.actions import text_messages

pytestmark = pytest.mark.django_db


@pytest.fixture
def kaneko(cast: Cast) -> Actor:
    return head(cast)


class TestPage:
    @pytest.mark.shows("003-5")
    def test_it_is_for_heads_only(self, cast: Cast, kaneko: Actor, sign_in: SignIn) -> None:
        assert sign_in(cast.aoki).get("/security/phone/").status_code == 403
        text = sign_in(kaneko).get("/security/phone/").content.decode()
        assert "まだ登録していません" in text
        assert "SMSだけでは決め直せません" in text

    @pytest.mark.shows("L-25")
    def test_it_wants_a_recent_and_strong_proof(self, kaneko: Actor, sign_in: SignIn) -> None:
        old = sign_in(kaneko, at=timezone.now() - timedelta(minutes=6))
        assert old.get("/security/phone/").headers["Location"].startswith("/relogin/")
        weak = sign_in(kaneko)
        Session.objects.update(level=1)
        assert weak.get("/security/phone/").headers["Location"].startswith("/stepup/")


class TestRegister:
    def test_a_number_is_registered_changed_and_removed(self, kaneko: Actor, sign_in: SignIn) -> None:
        assert kaneko.id
        client = sign_in(kaneko)
        client.post("/security/phone/register/", {"phone": "０９０－１２３４－５６７８"})
        assert "090-****-5678" in client.get("/security/phone/").content.decode()
        text_messages.deliver_due(at=timezone.now())
        wrong = client.post("/security/phone/confirm/", {"code": "12345"})
        assert wrong.status_code == 422
        client.post("/security/phone/confirm/", {"code": newest_code()})
        assert reset_phones.number_of(member_id=kaneko.id) == "+819012345678"
        assert "9012345678" not in client.get("/security/phone/").content.decode()
        client.post("/security/phone/remove/")
        assert not ResetPhone.objects.exists()

    def test_a_number_that_takes_no_messages_is_refused(self, kaneko: Actor, sign_in: SignIn) -> None:
        answer = sign_in(kaneko).post("/security/phone/register/", {"phone": "03-1234-5678"})
        assert answer.status_code == 422
        assert "070、080、090で始まる11桁" in answer.content.decode()
