"""ライセンス・接続情報, and the start of use inside an organisation and fresh (000-17 … 000-26, A3, A4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.cast import Cast
from tests.doors.conftest import signed_in_client
from tests.rooms.licences.shop import Shop, new_card, open_shop, registered
from warifu.foundation.days import jst_day
from warifu.licences.actions import proofs, revoking, standings
from warifu.licences.models import Licence, StartOfUse
from warifu.licences.rules import codes
from warifu.licences.rules.codes import Code
from warifu.organisations.models import Organisation

pytestmark = pytest.mark.django_db
FRESH = {"organisation_name": "桧商事", "code": "hinoki", "family_name": "桧", "given_name": "花子",
         "mail": "hanako@hinoki.example"}  # fmt: skip


@pytest.fixture
def shop(cast: Cast) -> Shop:
    """The operator's shop, open now."""
    return open_shop(timezone.now())


@pytest.fixture
def given(shop: Shop) -> dict[str, Any]:
    """What a customer types whose card was registered."""
    card = registered(shop, at=timezone.now())
    key = proofs.of_row(kind=Code.KEY, row_id=Licence.objects.get().id)
    return {
        "product": str(shop.product),
        "number": codes.shown(card.number),
        "key": codes.shown(key),
        "issued_to": "AOBA TRADING",
    }


class TestStart:
    @pytest.mark.shows("000-17", "000-18", "000-20", "000-21", "000-22")
    def test_says_whose_users_are_shared_before_the_button(self, cast: Cast, given: dict[str, Any]) -> None:
        aoki = signed_in_client(cast.aoki)
        page = aoki.get("/desk/licences/start/").content.decode()
        assert page.index("共有されるのは「株式会社青葉商会」の利用者です") < page.index("お申込み</button>")
        assert aoki.post("/desk/licences/start/", given).headers["Location"] == "/desk/licences/"
        assert StartOfUse.objects.get().organisation_id == cast.aoba

    @pytest.mark.shows("000-19", "000-26")
    def test_the_addresses_are_found_again_without_the_mail(self, cast: Cast, given: dict[str, Any]) -> None:
        aoki = signed_in_client(cast.aoki)
        aoki.post("/desk/licences/start/", given)
        page = aoki.get("/desk/licences/").content.decode()
        for said in ("/signin/?o=aoba", "/certificates/obtain/", "AOBA TRADING", given["number"], "/desk/hand-over/"):
            assert said in page

    @pytest.mark.shows("000-16", "000-20")
    def test_each_service_has_a_tab_and_one_not_started_its_button(self, cast: Cast, given: dict[str, Any]) -> None:
        aoki = signed_in_client(cast.aoki)
        page = aoki.get("/desk/licences/?service=box").content.decode()
        assert 'href="/desk/licences/start/?product=box"' in page
        assert "用意してください" in page
        start = aoki.get("/desk/licences/start/?product=box").content.decode()
        assert f'<option value="{given["product"]}" selected>' in start
        assert "「ライセンスキーのお知らせ」のメール" in start
        aoki.post("/desk/licences/start/", given)
        page = aoki.get("/desk/licences/?service=box").content.decode()
        assert given["number"] in page
        assert "新しいカードで更新する" in page

    def test_a_licence_used_elsewhere_says_so(self, cast: Cast, given: dict[str, Any]) -> None:
        assert signed_in_client(cast.ueno).post("/desk/licences/start/", given).status_code == 302
        answer = signed_in_client(cast.aoki).post("/desk/licences/start/", given)
        assert answer.status_code == 422
        assert "すでに利用を開始しています" in answer.content.decode()


class TestStanding:
    @pytest.fixture
    def running(self, cast: Cast, given: dict[str, Any]) -> Licence:
        """Aoba's licence, started."""
        assert signed_in_client(cast.aoki).post("/desk/licences/start/", given).status_code == 302
        return Licence.objects.get()

    def test_a_revoked_licence_closes_what_begins_something_and_says_so(
        self, cast: Cast, shop: Shop, running: Licence
    ) -> None:
        now = timezone.now()
        revoking.revoke_licence(licence_id=running.id, reason="返金", by=shop.kato, at=now)
        aoki, eto, inoue = (signed_in_client(one) for one in (cast.aoki, cast.eto, cast.inoue))
        home = aoki.get("/desk/").content.decode()
        assert "新しい収集と発行は止まっています" in home
        assert "/desk/rosters/" not in home
        for client, address in ((aoki, "/desk/rosters/upload/"), (aoki, "/desk/invitations/")):
            answer = client.get(address)
            assert answer.status_code == 403
            assert "WF-L321" in answer.content.decode()
        for client, address in ((aoki, "/desk/people/"), (aoki, "/desk/trail/"), (eto, "/desk/verification/")):
            assert client.get(address).status_code == 200, address
        assert inoue.post("/my/submission/start").status_code == 403
        assert inoue.get("/my/record").status_code == 200

    def test_the_grace_is_announced_with_its_last_day(self, cast: Cast, running: Licence) -> None:
        today = jst_day(timezone.now())
        Licence.objects.update(until_day=today - timedelta(days=1))
        standings.follow_due(at=timezone.now())
        home = signed_in_client(cast.aoki).get("/desk/").content.decode()
        assert "ライセンスの期限が過ぎています" in home
        assert (today + timedelta(days=29)).isoformat()[5:7].lstrip("0") + "/" in home
        assert "/desk/rosters/" in home


class TestFresh:
    @pytest.mark.shows("000-22")
    def test_makes_the_organisation(self, given: dict[str, Any]) -> None:
        assert Client().post("/use/", given | FRESH).headers["Location"] == "/use/started/"
        assert Organisation.objects.get(code="hinoki").name == "桧商事"

    @pytest.mark.parametrize(
        ("changed", "words"),
        [
            ({"code": "aoba"}, "すでに使われています"),
            ({"code": "桧"}, "英小文字、数字、ハイフン"),
            ({"key": codes.made(kind=Code.KEY)}, "組合せが合いません"),
            ({"key": codes.made(kind=Code.SUPPORT)}, "入れられたのは「保守契約用の確認番号」です"),
            ({"number": "R"}, "写しまちがい"),
            ({"mail": "x"}, "メールアドレス"),
        ],
    )
    def test_each_fault_is_said_and_changes_nothing(
        self, given: dict[str, Any], changed: dict[str, str], words: str
    ) -> None:
        before = Organisation.objects.count()
        answer = Client().post("/use/", given | FRESH | changed)
        assert answer.status_code == 422
        assert words in answer.content.decode()
        assert Organisation.objects.count() == before
        assert Licence.objects.get().state == "active"

    def test_a_card_that_was_not_registered_says_so(self, shop: Shop, given: dict[str, Any]) -> None:
        card = new_card(shop, at=timezone.now())
        answer = Client().post("/use/", given | FRESH | {"number": card.number})
        assert "まだ利用者登録されていません" in answer.content.decode()
