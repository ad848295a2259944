"""An operator who sells a product with two documents of terms, and cards for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tests.cast import MORNING
from tests.rooms.applications.office import open_office
from warifu.foundation.actor import Actor
from warifu.licences.actions import cards, products, proofs, registering
from warifu.licences.models import RegistrationCard
from warifu.licences.queries.registrations import current_terms
from warifu.licences.rules.codes import Code

ADDRESS = "192.0.2.7"
COMPANY = {"name": "桧商事株式会社", "person": "桧 花子", "mail": "hanako@hinoki.example", "phone": "03-1234-5678"}


@dataclass(frozen=True, kw_only=True)
class Shop:
    """The operator's side."""

    product: UUID
    kato: Actor


@dataclass(frozen=True, kw_only=True)
class Card:
    """A card as the customer holds it."""

    id: UUID
    number: str
    registering: str
    support: str


def open_shop(at: datetime = MORNING, kato: Actor | None = None) -> Shop:
    """Open the operator's shop."""
    kato = kato or open_office(at).kato
    product = products.make(code="box", name="割符 Box", edition="collecting", licence_months=12, by=kato, at=at)
    for code, title in (("use", "利用規約"), ("support", "保守規約")):
        products.publish_terms(product_id=product, code=code, title=title, body="第1条", by=kato, at=at)
    return Shop(product=product, kato=kato)


def new_card(
    shop: Shop, *, product: UUID | None = None, at: datetime = MORNING, until: date = date(2027, 3, 31)
) -> Card:
    """A card from a fresh batch."""
    batch = cards.make_batch(
        product_id=product or shop.product,
        name="11月分",
        channel="mail",
        count=1,
        register_until=until,
        by=shop.kato,
        at=at,
    )
    row = RegistrationCard.objects.get(batch_id=batch)
    return Card(
        id=row.id,
        number=row.number,
        registering=proofs.of_row(kind=Code.REGISTERING, row_id=row.id),
        support=proofs.of_row(kind=Code.SUPPORT, row_id=row.id),
    )


def filled(shop: Shop, card: Card, *, at: datetime = MORNING) -> str:
    """A registration to which only the last button is missing; its token."""
    token = registering.begin(number=card.number, confirmation=card.registering, address=ADDRESS, at=at)
    product = registering.draft(token=token, at=at).card.batch.product_id
    terms = [each.id for each in current_terms(product_id=product)]
    registering.accept_terms(token=token, terms_ids=terms, at=at)
    registering.save_company(token=token, company=COMPANY, renews=False, at=at)
    registering.confirm_support(token=token, confirmation=card.support, address=ADDRESS, at=at)
    return token


def registered(shop: Shop, *, at: datetime = MORNING) -> Card:
    """A card that was registered."""
    card = new_card(shop, at=at)
    registering.register(token=filled(shop, card, at=at), at=at)
    return card
