"""The operator's products, cards and licences (A1, 000-4, 000-5, 000-9)."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from tests.cast import Cast
from tests.doors.conftest import signed_in_client
from tests.rooms.licences.shop import COMPANY, Shop, new_card, open_shop, registered
from warifu.audit.models import Entry
from warifu.licences.models import CardBatch, Licence, Product, RegistrationCard, Terms
from warifu.licences.rules import codes
from warifu.notices import kinds, wording
from warifu.notices.models import Letter

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(cast: Cast) -> Shop:
    """The operator's shop, open now."""
    return open_shop(timezone.now())


@pytest.fixture
def kato(shop: Shop) -> Client:
    """A reviewer's browser."""
    return signed_in_client(shop.kato)


class TestProducts:
    @pytest.mark.shows("000-9")
    def test_a_product_and_two_versions_of_its_terms(self, kato: Client) -> None:
        given = {"code": "keep", "name": "割符 Keep", "edition": "keeping", "licence_months": "6"}
        assert kato.post("/review/products/add/", given).status_code == 302
        product = Product.objects.get(code="keep")
        for body in ("はじめ", "つぎ"):
            terms = {"code": "use", "title": "利用規約", "body": body}
            kato.post(f"/review/products/{product.id}/terms/", terms)
        assert list(Terms.objects.filter(product=product).order_by("version").values_list("version", "body")) == [
            (1, "はじめ"),
            (2, "つぎ"),
        ]
        assert "第2版" in kato.get("/review/products/").content.decode()
        assert kato.post("/review/products/add/", given).status_code == 422

    def test_an_ended_product_makes_no_cards_and_what_was_made_goes_on(self, kato: Client, shop: Shop) -> None:
        registered(shop, at=timezone.now())
        page = kato.get(f"/review/products/{shop.product}/end/").content.decode()
        assert "ライセンス 1件は、期限まで使え" in page
        assert kato.post(f"/review/products/{shop.product}/end/").status_code == 302
        assert "に終了しました" in kato.get("/review/products/").content.decode()
        assert str(shop.product) not in kato.get("/review/cards/make/").content.decode()
        assert str(shop.product) in Client().get("/use/").content.decode()
        assert kato.post(f"/review/products/{shop.product}/end/").status_code == 409
        assert Entry.objects.filter(event="licences.product.ended").count() == 1


class TestBatches:
    @pytest.mark.shows("000-4", "000-5")
    def test_cards_are_made_and_printed_with_two_numbers_named_apart(self, kato: Client, shop: Shop) -> None:
        given = {"product": str(shop.product), "name": "12月分", "channel": "box", "count": "3",
                 "register_until_year": "2027", "register_until_month": "3", "register_until_day": "31"}  # fmt: skip
        assert kato.post("/review/cards/make/", given).status_code == 302
        batch = CardBatch.objects.get()
        page = kato.get(f"/review/cards/{batch.id}/").content.decode()
        sheet = kato.post(f"/review/cards/{batch.id}/sheet/").content.decode()
        assert page.count("未登録") == 4
        assert sheet.count("登録用の確認番号") == sheet.count("保守契約用の確認番号") == 3
        assert Entry.objects.filter(event="licences.cards.printed").exists()
        assert not RegistrationCard.objects.filter(printed_at=None).exists()

    @pytest.mark.shows("000-4", "000-8")
    def test_the_paper_has_both_numbers_apart_and_a_code_to_the_page(
        self, kato: Client, shop: Shop, tmp_path: Path
    ) -> None:
        card = new_card(shop, at=timezone.now())
        answer = kato.post(f"/review/cards/{CardBatch.objects.get().id}/sheet.pdf")
        assert answer.headers["Cache-Control"] == "no-store"
        (tmp_path / "cards.pdf").write_bytes(answer.content)
        read = subprocess.run(
            ["pdftotext", "-layout", tmp_path / "cards.pdf", "-"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        first, second = read.index("登録用の確認番号"), read.index("保守契約用の確認番号")
        assert first < read.index(codes.shown(card.registering)) < second < read.index(codes.shown(card.support))
        assert "/register/" in read
        assert Entry.objects.filter(event="licences.cards.printed").count() == 1

    def test_a_card_goes_out_by_mail_with_both_numbers(self, kato: Client, shop: Shop) -> None:
        card = new_card(shop, at=timezone.now())
        batch = CardBatch.objects.get()
        kato.post(f"/review/cards/{batch.id}/{card.id}/send/", {"to_name": "桧", "to_mail": COMPANY["mail"]})
        letter = Letter.objects.get(kind="registration_card_delivered")
        text = wording.write(kinds.from_values(letter.kind, letter.values)).text
        assert f"登録用の確認番号: {codes.shown(card.registering)}" in text
        assert f"保守契約用の確認番号: {codes.shown(card.support)}" in text
        assert card.support[:4] not in str(letter.values)

    def test_a_revoked_card_is_not_sent(self, kato: Client, shop: Shop) -> None:
        card = new_card(shop, at=timezone.now())
        at = f"/review/cards/{CardBatch.objects.get().id}/{card.id}/"
        assert kato.post(f"{at}revoke/", {"reason": ""}).status_code == 422
        assert kato.post(f"{at}revoke/", {"reason": "紛失"}).status_code == 302
        assert kato.post(f"{at}send/", {"to_name": "桧", "to_mail": "h@hinoki.example"}).status_code == 422
        assert not Letter.objects.filter(kind="registration_card_delivered").exists()

    def test_the_file_has_no_confirmation_numbers(self, kato: Client, shop: Shop) -> None:
        card = new_card(shop, at=timezone.now())
        answer = kato.get(f"/review/cards/{CardBatch.objects.get().id}/export.csv")
        text = b"".join(answer).decode()  # type: ignore[call-overload]
        assert codes.shown(card.number) in text
        assert codes.shown(card.registering) not in text

    def test_a_batch_is_found_by_a_number_of_it(self, kato: Client, shop: Shop) -> None:
        card = new_card(shop, at=timezone.now())
        other = codes.made(kind=codes.Code.NUMBER)
        assert "11月分" in kato.get("/review/cards/", {"q": codes.shown(card.number)}).content.decode()
        assert "11月分" not in kato.get("/review/cards/", {"q": other}).content.decode()


class TestLicences:
    def test_a_licence_is_found_and_taken_back(self, kato: Client, shop: Shop) -> None:
        registered(shop, at=timezone.now())
        licence = Licence.objects.get()
        assert COMPANY["name"] in kato.get("/review/licences/", {"q": "桧"}).content.decode()
        assert COMPANY["name"] not in kato.get("/review/licences/", {"state": "started"}).content.decode()
        kato.post(f"/review/licences/{licence.id}/revoke/", {"reason": "返品"})
        licence.refresh_from_db()
        assert (licence.state, licence.reason) == ("revoked", "返品")
        assert kato.post(f"/review/licences/{licence.id}/revoke/", {"reason": "返品"}).status_code == 422


@pytest.mark.parametrize("address", ["/review/products/", "/review/cards/", "/review/licences/"])
def test_only_the_operator_s_people_enter(cast: Cast, address: str) -> None:
    assert signed_in_client(cast.aoki).get(address).status_code == 403


def test_a_customer_neither_prints_cards_nor_ends_products(cast: Cast, shop: Shop) -> None:
    new_card(shop, at=timezone.now())
    aoki = signed_in_client(cast.aoki)
    for address in (f"/review/cards/{CardBatch.objects.get().id}/sheet.pdf", f"/review/products/{shop.product}/end/"):
        assert aoki.post(address).status_code == 403
    assert Product.objects.get().ended_at is None
    assert not Entry.objects.filter(event="licences.cards.printed").exists()
