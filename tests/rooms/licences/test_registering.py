"""From card to licence: every step, every refusal, what is in the letter (000-4 … 000-15, A2, A4)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.cast import MORNING, Cast
from tests.rooms.licences.shop import ADDRESS, COMPANY, Shop, filled, new_card, open_shop, registered
from warifu.audit.models import Entry
from warifu.credentials.actions.attempts import TooManyAttempts
from warifu.foundation.refusals import Refused
from warifu.licences.actions import cards, products, proofs, registering
from warifu.licences.models import Licence, Registration, RegistrationCard, SupportContract
from warifu.licences.queries.registrations import current_terms
from warifu.licences.rules import codes
from warifu.licences.rules.codes import Code
from warifu.notices import kinds, wording
from warifu.notices.models import Letter

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(cast: Cast) -> Shop:
    """The operator's shop."""
    return open_shop()


@pytest.mark.shows("000-4", "000-7", "000-13", "000-14", "000-15")
def test_a_card_becomes_a_licence_and_the_letter_carries_key_and_support_id(shop: Shop) -> None:
    card = registered(shop)
    licence = Licence.objects.get()
    contract = SupportContract.objects.get()
    assert (licence.from_day, licence.until_day) == (date(2026, 11, 24), date(2027, 11, 23))
    assert (contract.until_day, contract.card_id) == (licence.until_day, card.id)
    letter = Letter.objects.get(kind="licence_key_issued")
    written = wording.write(kinds.from_values(letter.kind, letter.values))
    key = codes.shown(proofs.of_row(kind=Code.KEY, row_id=licence.id))
    support_id = Registration.objects.get().support_id
    assert letter.to_mail == COMPANY["mail"]
    assert key in written.text
    assert codes.shown(support_id or "") in written.text
    assert written.subject.startswith("【")
    assert key not in str(letter.values), "the key stands in no table"


@pytest.mark.shows("000-9")
def test_terms_are_ticked_one_by_one_and_their_versions_are_kept(shop: Shop) -> None:
    card = new_card(shop)
    token = registering.begin(number=card.number, confirmation=card.registering, address=ADDRESS, at=MORNING)
    terms = current_terms(product_id=shop.product)
    with pytest.raises(registering.TermsNotTicked):
        registering.accept_terms(token=token, terms_ids=[terms[0].id], at=MORNING)
    assert Registration.objects.get().accepted_terms == []
    registering.accept_terms(token=token, terms_ids=[each.id for each in terms], at=MORNING)
    kept = Registration.objects.get().accepted_terms
    assert {(each["code"], each["version"], each["at"]) for each in kept} == {
        ("use", 1, MORNING.isoformat()),
        ("support", 1, MORNING.isoformat()),
    }


def test_terms_that_change_under_way_are_asked_again(shop: Shop) -> None:
    card = new_card(shop)
    token = filled(shop, card)
    products.publish_terms(
        product_id=shop.product, code="use", title="利用規約", body="第2版", by=shop.kato, at=MORNING
    )
    with pytest.raises(registering.RegistrationIncomplete):
        registering.register(token=token, at=MORNING)
    assert not Licence.objects.exists()


@pytest.mark.shows("000-8")
def test_the_two_confirmation_numbers_are_told_apart_without_costing_a_try(shop: Shop) -> None:
    card = new_card(shop)
    for _turn in range(30):
        with pytest.raises(codes.CodesMixedUp):
            registering.begin(number=card.number, confirmation=card.support, address=ADDRESS, at=MORNING)
    token = registering.begin(number=card.number, confirmation=card.registering, address=ADDRESS, at=MORNING)
    with pytest.raises(codes.CodesMixedUp):
        registering.confirm_support(token=token, confirmation=card.registering, address=ADDRESS, at=MORNING)


def answer(number: str, confirmation: str) -> type[Refused]:
    with pytest.raises(Refused) as refusal:
        registering.begin(number=number, confirmation=confirmation, address=ADDRESS, at=MORNING)
    return refusal.type


@pytest.mark.shows("L-11")
def test_guessing_gets_one_answer_is_slowed_down_and_stands_in_the_trail(shop: Shop) -> None:
    card, other = new_card(shop), new_card(shop)
    unknown = codes.made(kind=Code.NUMBER)
    for number in (card.number, unknown):
        with pytest.raises(registering.PairUnknown):
            registering.begin(number=number, confirmation=other.registering, address=ADDRESS, at=MORNING)
    assert Entry.objects.filter(event="licences.code.refused").count() == 2
    answers = [answer(card.number, other.registering) for _turn in range(10)]
    assert answers[0] is registering.PairUnknown
    assert answers[-1] is TooManyAttempts
    assert not Registration.objects.exists()


def used(shop: Shop, number: str) -> None:
    card = RegistrationCard.objects.get(number=number)
    RegistrationCard.objects.filter(id=card.id).update(state="registered")


def revoked(shop: Shop, number: str) -> None:
    card = RegistrationCard.objects.get(number=number)
    cards.revoke(card_id=card.id, reason="紛失", by=shop.kato, at=MORNING)


@pytest.mark.parametrize(
    ("spoil", "days", "refusal"),
    [
        (used, 0, registering.CardUsed),
        (revoked, 0, registering.CardRevoked),
        (lambda _shop, _number: None, 200, registering.CardExpired),
    ],
)
def test_used_revoked_and_expired_cards_each_get_their_own_sentence(
    shop: Shop, spoil: object, days: int, refusal: type[Refused]
) -> None:
    card = new_card(shop)
    spoil(shop, card.number)  # type: ignore[operator]
    with pytest.raises(refusal):
        registering.begin(
            number=card.number, confirmation=card.registering, address=ADDRESS, at=MORNING + timedelta(days=days)
        )


def test_of_two_browsers_with_one_card_one_wins_and_nothing_is_half_done(shop: Shop) -> None:
    card = new_card(shop)
    first, second = filled(shop, card), filled(shop, card)
    registering.register(token=second, at=MORNING)
    with pytest.raises(registering.CardUsed):
        registering.register(token=first, at=MORNING)
    assert Licence.objects.count() == 1
    assert Letter.objects.filter(kind="licence_key_issued").count() == 1
    assert Registration.objects.filter(state="registered").count() == 1


def test_a_registration_is_resumed_by_its_token_and_ends_after_a_week(shop: Shop) -> None:
    token = filled(shop, new_card(shop))
    assert registering.draft(token=token, at=MORNING + timedelta(days=6)).company["name"] == COMPANY["name"]
    for other, at in ((token, MORNING + timedelta(days=8)), ("another", MORNING)):
        with pytest.raises(registering.RegistrationOver):
            registering.draft(token=other, at=at)


@pytest.mark.shows("000-12")
def test_company_data_is_read_from_an_earlier_registration_when_both_match(shop: Shop) -> None:
    earlier, card = registered(shop), new_card(shop)
    token = registering.begin(number=card.number, confirmation=card.registering, address=ADDRESS, at=MORNING)
    for number, phone in ((earlier.number, "03-9999-9999"), (card.number, COMPANY["phone"])):
        with pytest.raises(registering.EarlierUnknown):
            registering.read_earlier(token=token, number=number, phone=phone, address=ADDRESS, at=MORNING)
    registering.read_earlier(
        token=token, number=earlier.number, phone="０３１２３４５６７８", address=ADDRESS, at=MORNING
    )
    assert registering.draft(token=token, at=MORNING).company["name"] == COMPANY["name"]


@pytest.mark.shows("000-6")
def test_the_same_entrance_renews_a_contract_and_its_licence(shop: Shop) -> None:
    earlier, card = registered(shop), new_card(shop)
    token = filled(shop, card)
    registering.read_earlier(token=token, number=earlier.number, phone=COMPANY["phone"], address=ADDRESS, at=MORNING)
    registering.save_company(token=token, company=COMPANY, renews=True, at=MORNING)
    registering.register(token=token, at=MORNING)
    assert Licence.objects.get().until_day == date(2028, 11, 23)
    assert sorted(SupportContract.objects.values_list("from_day", flat=True)) == [
        date(2026, 11, 24),
        date(2027, 11, 24),
    ]
    assert Letter.objects.filter(kind="support_renewed").count() == 1


def test_a_revoked_licence_is_not_renewed_and_the_card_stays_unused(shop: Shop) -> None:
    earlier, card = registered(shop), new_card(shop)
    token = filled(shop, card)
    registering.read_earlier(token=token, number=earlier.number, phone=COMPANY["phone"], address=ADDRESS, at=MORNING)
    registering.save_company(token=token, company=COMPANY, renews=True, at=MORNING)
    Licence.objects.update(state="revoked")
    with pytest.raises(registering.EarlierRevoked):
        registering.register(token=token, at=MORNING)
    assert RegistrationCard.objects.get(id=card.id).state == "issued"
    assert SupportContract.objects.count() == 1


def test_a_card_of_another_product_renews_nothing(shop: Shop) -> None:
    earlier = registered(shop)
    other = products.make(code="keep", name="割符 Keep", edition="keeping", licence_months=1, by=shop.kato, at=MORNING)
    token = filled(shop, new_card(shop, product=other))
    registering.read_earlier(token=token, number=earlier.number, phone=COMPANY["phone"], address=ADDRESS, at=MORNING)
    with pytest.raises(registering.OtherProduct):
        registering.save_company(token=token, company=COMPANY, renews=True, at=MORNING)
