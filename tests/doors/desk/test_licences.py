"""ライセンス・接続情報, and the start of use inside an organisation and fresh (000-17 … 000-26, A3, A4)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.cast import Cast
from tests.doors.conftest import signed_in_client
from tests.rooms.licences.shop import Shop, new_card, open_shop, registered
from warifu.licences.actions import proofs
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

    def test_a_licence_used_elsewhere_says_so(self, cast: Cast, given: dict[str, Any]) -> None:
        assert signed_in_client(cast.ueno).post("/desk/licences/start/", given).status_code == 302
        answer = signed_in_client(cast.aoki).post("/desk/licences/start/", given)
        assert answer.status_code == 422
        assert "すでに利用を開始しています" in answer.content.decode()


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
