"""From licence to a running organisation: both ways, every refusal, nothing half done (000-17 … 000-24, A3, A4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from tests.cast import MORNING, Cast
from tests.rooms.licences.shop import ADDRESS, Shop, new_card, open_shop, registered
from warifu.foundation.actor import Role
from warifu.foundation.refusals import Refused
from warifu.licences.actions import products, proofs, starting
from warifu.licences.models import Licence, Registration, StartOfUse
from warifu.licences.queries.connections import connections
from warifu.licences.rules import codes
from warifu.licences.rules.codes import Code
from warifu.notices import kinds, wording
from warifu.notices.models import Letter
from warifu.organisations import queries as organisations
from warifu.organisations.actions import CodeTaken
from warifu.organisations.models import Member, Organisation
from warifu.organisations.rules import LevelTooLow, NotPermitted

pytestmark = pytest.mark.django_db
NEW = starting.NewOrganisation(
    code="hinoki", name="桧商事株式会社", family_name="桧", given_name="花子", mail="hanako@hinoki.example"
)


@pytest.fixture
def shop(cast: Cast) -> Shop:
    """The operator's shop."""
    return open_shop()


def bought(shop: Shop) -> starting.Shown:
    card = registered(shop)
    licence = Licence.objects.get(registration__card_id=card.id)
    key = proofs.of_row(kind=Code.KEY, row_id=licence.id)
    return starting.Shown(number=card.number, key=key, product_id=shop.product, address=ADDRESS)


def fresh(shown: starting.Shown, code: str = "hinoki", days: int = 0) -> UUID:
    return starting.start_fresh(
        shown=shown, new=replace(NEW, code=code), issued_to="HINOKI Co., Ltd.", at=MORNING + timedelta(days=days)
    )


@pytest.mark.shows("000-22", "000-23", "000-24", "L-06")
def test_a_licence_makes_an_organisation_and_the_letter_says_how_to_get_in(shop: Shop) -> None:
    organisation_id = fresh(bought(shop))
    start = StartOfUse.objects.get()
    first = organisations.member(organisation_id=organisation_id, member_id=start.administrator_id)
    letter = Letter.objects.get(kind="use_started")
    text = wording.write(kinds.from_values(letter.kind, letter.values)).text
    assert Role.ADMINISTRATOR in first.roles
    assert not start.is_shared
    assert letter.to_mail == NEW.mail
    for said in ("/signin/?o=hinoki", "/certificates/obtain/", f"利用者ID: {NEW.mail}", "/a/", "HINOKI Co., Ltd."):
        assert said in text
    assert Licence.objects.get().state == "started"
    assert Registration.objects.get().organisation_id == organisation_id


@pytest.mark.shows("000-17", "000-18")
def test_started_inside_an_organisation_its_users_are_shared(shop: Shop, cast: Cast) -> None:
    starting.start_inside(
        organisation_id=cast.aoba, shown=bought(shop), issued_to="AOBA TRADING", by=cast.aoki, at=MORNING
    )
    (line,) = connections(organisation_id=cast.aoba)
    assert (line.product, line.issued_to, line.is_shared) == ("割符 Box", "AOBA TRADING", True)
    assert connections(organisation_id=cast.ueda) == []
    assert Letter.objects.get(kind="use_started").to_mail == "a001@example.jp"


def test_only_administrators_with_two_factors_start_use(shop: Shop, cast: Cast) -> None:
    shown = bought(shop)
    for by, refusal in (
        (cast.eto, NotPermitted),
        (cast.ueno, NotPermitted),
        (replace(cast.aoki, level=1), LevelTooLow),
    ):
        with pytest.raises(refusal):
            starting.start_inside(organisation_id=cast.aoba, shown=shown, issued_to="A", by=by, at=MORNING)
    assert not StartOfUse.objects.exists()


def revoke(_shop: Shop, _shown: starting.Shown) -> None:
    Licence.objects.update(state="revoked")


def use(_shop: Shop, shown: starting.Shown) -> None:
    fresh(shown, code="kashi")


@pytest.mark.parametrize(
    ("spoil", "days", "refusal"),
    [
        (revoke, 0, starting.LicenceRevoked),
        (use, 0, starting.LicenceUsed),
        (lambda _shop, _shown: None, 365, starting.LicenceExpired),
    ],
)
def test_revoked_used_and_expired_licences_each_get_their_own_sentence(
    shop: Shop, spoil: object, days: int, refusal: type[Refused]
) -> None:
    shown = bought(shop)
    spoil(shop, shown)  # type: ignore[operator]
    before = Organisation.objects.count()
    with pytest.raises(refusal):
        fresh(shown, days=days)
    assert Organisation.objects.count() == before


def test_wrong_key_unregistered_card_and_wrong_product_are_told_apart(shop: Shop) -> None:
    shown, card = bought(shop), new_card(shop)
    other = products.make(code="keep", name="割符 Keep", edition="keeping", licence_months=1, by=shop.kato, at=MORNING)
    for wrong, refusal in (
        (replace(shown, key=codes.made(kind=Code.KEY)), starting.KeyUnknown),
        (replace(shown, number=codes.made(kind=Code.NUMBER)), starting.KeyUnknown),
        (replace(shown, number=card.number), starting.NotRegistered),
        (replace(shown, product_id=other), starting.ProductDiffers),
        (replace(shown, key=card.registering), codes.CodesMixedUp),
    ):
        with pytest.raises(refusal):
            fresh(wrong)
    assert not StartOfUse.objects.exists()


def test_when_the_code_is_taken_the_licence_is_not_used_up(shop: Shop) -> None:
    shown = bought(shop)
    people = Member.objects.count()
    with pytest.raises(CodeTaken):
        fresh(shown, code="aoba")
    assert (Licence.objects.get().state, Member.objects.count()) == ("active", people)
    assert not Letter.objects.filter(kind="use_started").exists()
    fresh(shown)
