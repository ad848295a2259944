"""The desk's page of support codes (003-4, L-09)."""

from __future__ import annotations

import pytest
from django.utils import timezone

from tests.cast import Cast
from tests.doors.conftest import SignIn
from tests.rooms.credentials.heads import HERE, MAIL, head, newest_code, register_phone
from warifu.credentials.actions import self_resets
from warifu.credentials.models import SelfReset
from warifu.foundation.actor import Actor
from warifu.notices.actions import text_messages

pytestmark = pytest.mark.django_db


@pytest.fixture
def kaneko(cast: Cast) -> Actor:
    found = head(cast)
    register_phone(found, at=timezone.now())
    return found


def asked(identifier: str) -> self_resets.Asked:
    at = timezone.now()
    found = self_resets.ask(organisation_code="aoba", identifier=identifier, visitor=HERE, at=at)
    self_resets.send_due(at=at)
    text_messages.deliver_due(at=at)
    return found


class TestPage:
    @pytest.mark.shows("003-4")
    @pytest.mark.parametrize(
        ("identifier", "words"),
        [
            ("a001", "①所長のIDではありません"),
            ("nobody@example.jp", "③利用者IDまたはメールアドレスが違っています"),
            (MAIL, "SMSとメールを送りました"),
        ],
    )
    def test_it_says_why_and_what_to_do(
        self, cast: Cast, kaneko: Actor, sign_in: SignIn, identifier: str, words: str
    ) -> None:
        code = asked(identifier).support_code
        text = sign_in(cast.aoki).post("/desk/support-codes/", {"support_code": code.lower()}).content.decode()
        assert words in text

    @pytest.mark.shows("003-4", "P-07")
    def test_another_organisations_code_is_unknown(self, cast: Cast, kaneko: Actor, sign_in: SignIn) -> None:
        code = asked(MAIL).support_code
        answer = sign_in(cast.ueno).post("/desk/support-codes/", {"support_code": code})
        assert answer.status_code == 422
        assert "このお問合せ番号は見つかりません" in answer.content.decode()

    def test_it_is_in_the_navigation_of_those_who_may(self, cast: Cast, sign_in: SignIn) -> None:
        assert "/desk/support-codes/" in sign_in(cast.aoki).get("/desk/").content.decode()
        assert "/desk/support-codes/" not in sign_in(cast.eto).get("/desk/").content.decode()


class TestApprove:
    @pytest.mark.shows("L-09")
    def test_the_button_is_there_once_phone_and_mail_are_proven(
        self, cast: Cast, kaneko: Actor, sign_in: SignIn
    ) -> None:
        found = asked(MAIL)
        client = sign_in(cast.aoki)
        page = "/desk/support-codes/"
        button = "本人と確かめたので承認する"
        assert button not in client.post(page, {"support_code": found.support_code}).content.decode()
        at = timezone.now()
        self_resets.prove_phone(token=found.token, typed=newest_code(), at=at)
        reset = SelfReset.objects.get()
        self_resets.prove_mail(token=self_resets._link_token(reset.id), at=at)
        assert button in client.post(page, {"support_code": found.support_code}).content.decode()
        client.post(f"{page}{reset.id}/approve/")
        assert self_resets.progress(token=found.token, at=at).all_are_proven
