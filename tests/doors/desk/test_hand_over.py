"""The desk's page of the hand-over, and the hint while there is one administrator (000-26, 000-38, 000-40)."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.cast import Cast
from tests.doors.conftest import SignIn
from tests.rooms.credentials.heads import hire
from warifu.credentials.models import HandOver
from warifu.foundation.actor import Role
from warifu.organisations import queries as organisations

pytestmark = pytest.mark.django_db


def begin(client: Client, cast: Cast) -> HandOver:
    client.post("/desk/hand-over/start/", {"giver": str(cast.aoki.id), "taker": str(cast.eto.id)})
    return HandOver.objects.get()


class TestHint:
    @pytest.mark.shows("000-40")
    def test_a_lonely_administrator_is_told_to_register_a_second(self, cast: Cast, sign_in: SignIn) -> None:
        client = sign_in(cast.aoki)
        for page in ("/desk/", "/desk/members/"):
            assert "管理者が一人だけです" in client.get(page).content.decode()
        assert "管理者が一人だけです" not in sign_in(cast.eto).get("/desk/").content.decode()
        hire(cast.aoba, Role.ADMINISTRATOR, "木村", "k009")
        for page in ("/desk/", "/desk/members/"):
            assert "管理者が一人だけです" not in client.get(page).content.decode()


class TestPage:
    @pytest.mark.shows("000-40")
    def test_it_is_walked_from_one_end_to_the_other(self, cast: Cast, sign_in: SignIn) -> None:
        aoki = sign_in(cast.aoki)
        row = begin(aoki, cast)
        text = aoki.get("/desk/hand-over/").content.decode()
        assert "青木 葵さんから江藤 栄さんへ" in text
        assert "まだ、二つの確認でのサインインがありません" in text
        step = f"/desk/hand-over/{row.id}/"
        answer = aoki.post(f"{step}signed-in/", follow=True)
        assert "江藤 栄さんは、まだ二つの確認でサインインしていません" in answer.content.decode()
        eto = sign_in(cast.eto)
        aoki.post(f"{step}signed-in/")
        assert aoki.post(f"{step}roles/").headers["Location"] == "/desk/"
        assert aoki.get("/desk/hand-over/").status_code == 403
        for name, given in (
            ("certificates", {}),
            ("devices", {}),
            ("contacts", {"contact": "総務課 江藤"}),
            ("tokens", {}),
        ):
            assert f"{step}{name}/" in eto.get("/desk/hand-over/").content.decode()
            eto.post(f"{step}{name}/", given)
        assert "引継ぎを終える" in eto.get("/desk/hand-over/").content.decode()
        eto.post(f"{step}finish/")
        assert "これまでの引継ぎ" in eto.get("/desk/hand-over/").content.decode()
        assert organisations.organisation(organisation_id=cast.aoba).contact == "総務課 江藤"

    def test_somebody_unfit_is_refused_at_the_form(self, cast: Cast, sign_in: SignIn) -> None:
        given = {"giver": str(cast.aoki.id), "taker": str(cast.aoki.id)}
        answer = sign_in(cast.aoki).post("/desk/hand-over/start/", given)
        assert answer.status_code == 422
        assert "青木 葵さんには引き継げません" in answer.content.decode()
        for taker in ("", "x", str(cast.ueno.id)):
            answer = sign_in(cast.aoki).post("/desk/hand-over/start/", {**given, "taker": taker})
            assert answer.status_code == 422
        assert not HandOver.objects.exists()


class TestStep:
    def test_an_unknown_step_is_none(self, cast: Cast, sign_in: SignIn) -> None:
        client = sign_in(cast.aoki)
        row = begin(client, cast)
        assert client.post(f"/desk/hand-over/{row.id}/coffee/").status_code == 404

    def test_a_step_out_of_turn_is_refused(self, cast: Cast, sign_in: SignIn) -> None:
        client = sign_in(cast.aoki)
        row = begin(client, cast)
        assert client.post(f"/desk/hand-over/{row.id}/devices/").status_code == 409
        row.refresh_from_db()
        assert row.done == []


class TestStop:
    def test_it_can_be_given_up(self, cast: Cast, sign_in: SignIn) -> None:
        client = sign_in(cast.aoki)
        row = begin(client, cast)
        client.post(f"/desk/hand-over/{row.id}/stop/")
        assert "やめました" in client.get("/desk/hand-over/").content.decode()


class TestPaper:
    @pytest.mark.shows("000-26", "000-38")
    def test_it_lists_every_address_and_no_secret(self, cast: Cast, sign_in: SignIn) -> None:
        text = sign_in(cast.aoki).get("/desk/hand-over/paper/").content.decode()
        main = text.split("<main", 1)[1].split("</main>", 1)[0]
        for words in ("http://localhost:8000/signin/", "http://localhost:8000/desk/", "aoba", "パスワードなどの秘密は"):
            assert words in main
        assert "/a/" not in main
