"""From the card to the licence key, as a customer's browser goes (000-4 … 000-15, A2)."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from tests.cast import Cast
from tests.rooms.licences.shop import COMPANY, Card, Shop, new_card, open_shop, registered
from warifu.licences.models import Licence, Registration
from warifu.licences.queries.registrations import current_terms
from warifu.licences.rules import codes

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(cast: Cast) -> Shop:
    """The operator's shop, open now."""
    return open_shop(timezone.now())


@pytest.fixture
def card(shop: Shop) -> Card:
    """A card that nobody has registered."""
    return new_card(shop, at=timezone.now())


def begun(card: Card) -> Client:
    client = Client()
    pair = {"number": codes.shown(card.number).lower(), "confirmation": codes.shown(card.registering)}
    assert client.post("/register/", pair).headers["Location"] == "/register/terms/"
    return client


def ticked(client: Client, shop: Shop) -> None:
    terms = [str(each.id) for each in current_terms(product_id=shop.product)]
    assert client.post("/register/terms/", {"terms": terms}).headers["Location"] == "/register/company/"


def words(client: Client, address: str) -> str:
    return client.get(address).content.decode()


class TestBegin:
    @pytest.mark.shows("000-8")
    def test_says_when_the_other_confirmation_number_was_typed(self, card: Card) -> None:
        answer = Client().post("/register/", {"number": card.number, "confirmation": card.support})
        assert answer.status_code == 422
        assert "入れられたのは「保守契約用の確認番号」です" in answer.content.decode()

    def test_answers_neutrally_when_the_pair_does_not_fit(self, card: Card, shop: Shop) -> None:
        other = new_card(shop, at=timezone.now())
        answer = Client().post("/register/", {"number": card.number, "confirmation": other.registering})
        assert answer.status_code == 422
        assert "組合せが合いません" in answer.content.decode()

    def test_says_that_a_card_was_used(self, shop: Shop) -> None:
        card = registered(shop, at=timezone.now())
        answer = Client().post("/register/", {"number": card.number, "confirmation": card.registering})
        assert "すでに登録されています" in answer.content.decode()


class TestTerms:
    @pytest.mark.shows("000-9")
    def test_one_tick_is_not_enough(self, card: Card, shop: Shop) -> None:
        client = begun(card)
        first = current_terms(product_id=shop.product)[0]
        answer = client.post("/register/terms/", {"terms": [str(first.id)]})
        assert answer.status_code == 422
        assert answer.content.decode().count(" checked") == 1, "what was ticked stays ticked"
        assert Registration.objects.get().accepted_terms == []

    def test_another_browser_does_not_go_on(self, card: Card) -> None:
        begun(card)
        assert Client().get("/register/terms/").headers["Location"] == "/register/"


class TestReview:
    @pytest.mark.shows("000-7", "000-10", "000-11", "000-13")
    def test_the_whole_way_back_and_forth_loses_nothing(self, card: Card, shop: Shop) -> None:
        client = begun(card)
        ticked(client, shop)
        assert client.post("/register/company/", COMPANY).headers["Location"] == "/register/support/"
        assert words(client, "/register/terms/").count(" checked") == 2
        assert COMPANY["mail"] in words(client, "/register/company/")
        wrong = client.post("/register/support/", {"confirmation": card.registering})
        assert "入れられたのは「登録用の確認番号」です" in wrong.content.decode()
        client.post("/register/support/", {"confirmation": card.support})
        assert COMPANY["name"] in words(client, "/register/review/")
        assert client.post("/register/review/").headers["Location"] == "/register/done/"
        assert Licence.objects.get().state == "active"
        assert client.get("/register/review/").headers["Location"] == "/register/"

    def test_nothing_is_registered_while_a_step_is_missing(self, card: Card) -> None:
        client = begun(card)
        assert client.post("/register/review/").status_code == 422
        assert not Licence.objects.exists()


class TestRead:
    @pytest.mark.shows("000-12")
    def test_company_data_is_read_and_may_renew(self, card: Card, shop: Shop) -> None:
        earlier = registered(shop, at=timezone.now())
        client = begun(card)
        pair = {"earlier-number": earlier.number, "earlier-phone": "03-0000-0000"}
        assert client.post("/register/company/read/", pair).status_code == 422
        assert COMPANY["mail"] not in words(client, "/register/company/")
        pair["earlier-phone"] = COMPANY["phone"]
        assert client.post("/register/company/read/", pair).status_code == 302
        page = words(client, "/register/company/")
        assert COMPANY["mail"] in page
        assert "保守契約を更新する" in page
