"""ライセンス・接続情報: what an organisation uses until when, and at which addresses (000-19, 000-26)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from warifu.licences.models import Licence, Product, RegistrationCard, StartOfUse, SupportContract
from warifu.licences.rules import codes


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """The addresses that the letter of the start of use carries, so that it need not be kept."""

    administrator: str
    certificate: str


@dataclass(frozen=True, kw_only=True)
class Connection:
    """One licence in use."""

    product: str
    product_code: str
    edition: str
    number: str
    support_id: str
    is_revoked: bool
    from_day: date
    until_day: date
    support_until: date | None
    issued_to: str
    started_at: datetime
    is_shared: bool


@dataclass(frozen=True, kw_only=True)
class ProductView:
    """A product that can be started."""

    id: UUID
    code: str
    name: str


def addresses_of(*, organisation_code: str) -> Addresses:
    """Where administrators sign in, and where the electronic certificate is obtained (000-24)."""
    query = urlencode({"o": organisation_code})
    site = settings.WARIFU.site_url
    return Addresses(administrator=f"{site}/signin/?{query}", certificate=f"{site}/certificates/obtain/")


def connections(*, organisation_id: UUID) -> list[Connection]:
    """What an organisation has started, the newest first. Two queries."""
    rows = StartOfUse.objects.select_related("licence__product", "licence__registration__card")
    found = list(rows.filter(organisation_id=organisation_id).order_by("-at"))
    contracts = SupportContract.objects.filter(registration__in=[row.licence.registration_id for row in found])
    ends: dict[UUID, date] = {}
    for registration_id, day in contracts.order_by("until_day").values_list("registration_id", "until_day"):
        ends[registration_id] = day
    return [
        Connection(
            product=row.licence.product.name,
            product_code=row.licence.product.code,
            edition=Product.Edition(row.licence.product.edition).label,
            is_revoked=row.licence.state == Licence.State.REVOKED,
            from_day=row.licence.from_day,
            number=codes.shown(row.licence.registration.card.number),
            support_id=codes.shown(row.licence.registration.support_id or ""),
            until_day=row.licence.until_day,
            support_until=ends.get(row.licence.registration_id),
            issued_to=row.issued_to,
            started_at=row.at,
            is_shared=row.is_shared,
        )
        for row in found
    ]


def startable() -> list[ProductView]:
    """The products that are sold, and ended ones of which a card or a licence still waits for its start. One query."""
    waiting = Licence.objects.filter(product=OuterRef("id"), state=Licence.State.ACTIVE)
    cards = RegistrationCard.objects.filter(batch__product=OuterRef("id"), state=RegistrationCard.State.ISSUED)
    rows = Product.objects.filter(Q(ended_at=None) | Exists(waiting) | Exists(cards))
    return [ProductView(id=row.id, code=row.code, name=row.name) for row in rows.order_by("name", "id")]


def products() -> list[ProductView]:
    """The products that are sold, by name. One query."""
    return [
        ProductView(id=row.id, code=row.code, name=row.name)
        for row in Product.objects.filter(ended_at=None).order_by("name", "id")
    ]
