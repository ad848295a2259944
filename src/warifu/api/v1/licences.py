"""Licences: products, cards and licences for the operator; registration and start of use for customers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Router, Schema, Status
from pydantic import Field, StringConstraints

from warifu.api.v1 import door
from warifu.api.v1.applications import Newest, Text
from warifu.api.v1.door import IDEMPOTENT, Call
from warifu.api.v1.schemas import ANSWERS, Wish
from warifu.licences.actions import cards, products, registering, revoking, starting
from warifu.licences.queries import cards as queries
from warifu.licences.queries import registrations
from warifu.organisations.rules import Permission, require

router = Router(tags=["licences"])
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]+$")]
Code = Annotated[str, Field(max_length=60)]


class NewProduct(Wish):
    """A product to be sold."""

    code: Slug
    name: Name
    edition: Literal["collecting", "keeping"] = "collecting"
    licence_months: Annotated[int, Field(ge=1, le=120)] = 12


class Product(Schema):
    """A product that is sold."""

    id: UUID
    code: str
    name: str
    edition: str
    licence_months: int
    terms: list[str]


class Products(Schema):
    """Every product."""

    products: list[Product]


class NewTerms(Wish):
    """A document of terms; a second one of the same code is its next version."""

    code: Slug
    title: Name
    body: Annotated[str, Field(min_length=1, max_length=100_000)]


class LicenceMade(Schema):
    """What was made."""

    id: UUID


class NewBatch(Wish):
    """Cards to be made together."""

    product: UUID
    name: Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f]+$")]
    channel: Literal["mail", "box"]
    count: int
    register_until: date


class Batch(Schema):
    """A batch of cards."""

    id: UUID
    product: str
    name: str
    channel: str
    register_until: date
    made_at: datetime
    cards: int
    registered: int


class Batches(Schema):
    """A page of batches, the newest first; `next` is empty on the last one."""

    batches: list[Batch]
    next: str


class Card(Schema):
    """A card, without its confirmation numbers."""

    id: UUID
    number: str
    state: str
    sent_to: str
    registered_at: datetime | None


class Cards(Schema):
    """A page of cards, the newest first; `next` is empty on the last one."""

    cards: list[Card]
    next: str


class Licence(Schema):
    """A licence, without its key."""

    id: UUID
    product: str
    number: str
    company: str
    support_id: str
    state: str
    from_day: date
    until_day: date
    reason: str


class Licences(Schema):
    """A page of licences, the newest first; `next` is empty on the last one."""

    licences: list[Licence]
    next: str


class RevocationReason(Wish):
    """Why."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Done(Schema):
    """It is done."""

    done: bool = True


class RegistrationBegun(Wish):
    """The card: its number, and the confirmation number for registering."""

    number: Code
    confirmation: Code


class Terms(Schema):
    """A document of terms in the version that counts now."""

    id: UUID
    title: str
    version: int
    body: str


class Registration(Schema):
    """A registration under way, known by its token to its beginner only; what has to be accepted."""

    token: str
    product: str
    terms: list[Terms]


class Company(Wish):
    """The company that registers."""

    name: Name
    person: Name
    mail: Annotated[str, Field(max_length=254, pattern=r"^[!-?A-~]+@[!-?A-~]+$")]
    phone: Annotated[str, Field(max_length=20, pattern=r"^[0-9+() -]{6,20}$")]


class Completed(Wish):
    """Terms that are accepted one by one, the company, and the second confirmation number."""

    token: Annotated[str, Field(max_length=100)]
    terms: Annotated[list[UUID], Field(max_length=50)]
    company: Company
    support_confirmation: Code


class Start(Wish):
    """The card, the key of the letter, the product, and whom the certificate names."""

    number: Code
    key: Code
    product: UUID
    issued_to: Annotated[str, StringConstraints(min_length=1, max_length=64)]


@router.get("/products", response={200: Products, **ANSWERS}, summary="List products")
def list_products(request: Call) -> Products:
    """Every product with its terms. Needs the scope `licences:write` of the operator."""
    return Products(
        products=[
            Product(
                id=one.id,
                code=one.code,
                name=one.name,
                edition=one.edition,
                licence_months=one.licence_months,
                terms=[f"{each.code}:{each.version}" for each in one.terms],
            )
            for one in queries.product_lines(by=request.actor)
        ]
    )


@router.post("/products", response={201: LicenceMade, **ANSWERS}, summary="Make a product", openapi_extra=IDEMPOTENT)
def make_product(request: Call, body: NewProduct) -> Status[LicenceMade]:
    """Make a product. Needs `licences:write`."""
    return Status(201, LicenceMade(id=products.make(**body.model_dump(), by=request.actor, at=request.at)))


@router.post(
    "/products/{product_id}/terms",
    response={201: LicenceMade, **ANSWERS},
    summary="Publish terms",
    openapi_extra=IDEMPOTENT,
)
def publish_terms(request: Call, product_id: UUID, body: NewTerms) -> Status[LicenceMade]:
    """Publish a document of terms, or its next version. Needs `licences:write`."""
    made = products.publish_terms(product_id=product_id, **body.model_dump(), by=request.actor, at=request.at)
    return Status(201, LicenceMade(id=made))


@router.get("/batches", response={200: Batches, **ANSWERS}, summary="List batches of cards")
def list_batches(request: Call, text: Text = "", cursor: Newest = None) -> Batches:
    """Batches, the newest first. Needs `licences:write`."""
    found, older = queries.batches_page(by=request.actor, text=text, before=cursor)
    return Batches(batches=[Batch(**vars(one)) for one in found], next=str(older or ""))


@router.post("/batches", response={201: Batch, **ANSWERS}, summary="Make cards", openapi_extra=IDEMPOTENT)
def make_batch(request: Call, body: NewBatch) -> Status[Batch]:
    """Make a batch of cards. Their confirmation numbers are printed or mailed, never read here. Needs
    `licences:write`."""
    made = cards.make_batch(
        product_id=body.product,
        name=body.name,
        channel=body.channel,
        count=body.count,
        register_until=body.register_until,
        by=request.actor,
        at=request.at,
    )
    return Status(201, Batch(**vars(queries.batch(by=request.actor, batch_id=made))))


@router.get("/batches/{batch_id}/cards", response={200: Cards, **ANSWERS}, summary="List the cards of a batch")
def list_cards(request: Call, batch_id: UUID, cursor: Newest = None) -> Cards:
    """The cards of a batch without their confirmation numbers. Needs `licences:write`."""
    queries.batch(by=request.actor, batch_id=batch_id)
    found, older = queries.cards_page(by=request.actor, batch_id=batch_id, before=cursor)
    return Cards(
        cards=[
            Card(
                id=one.id,
                number=one.number,
                state=one.state,
                sent_to=one.sent_to,
                registered_at=one.registered_at,
            )
            for one in found
        ],
        next=str(older or ""),
    )


@router.get("/licences", response={200: Licences, **ANSWERS}, summary="List licences")
def list_licences(
    request: Call,
    state: Literal["", "active", "started", "revoked"] = "",
    text: Text = "",
    cursor: Newest = None,
) -> Licences:
    """Licences, the newest first, without their keys. Needs `licences:write`."""
    found, older = queries.licences_page(by=request.actor, state=state, text=text, before=cursor)
    names = Licence.model_fields
    return Licences(
        licences=[Licence(**{name: getattr(one, name) for name in names}) for one in found], next=str(older or "")
    )


@router.post(
    "/licences/{licence_id}/revoke", response={200: Done, **ANSWERS}, summary="Revoke", openapi_extra=IDEMPOTENT
)
def revoke(request: Call, licence_id: UUID, body: RevocationReason) -> Done:
    """Take a licence back, with the reason. Needs `licences:write`."""
    revoking.revoke_licence(licence_id=licence_id, reason=body.reason, by=request.actor, at=request.at)
    return Done()


@router.post("/registrations", response={201: Registration, **ANSWERS}, summary="Begin to register a card")
def begin(request: Call, body: RegistrationBegun) -> Status[Registration]:
    """Begin to register a card; guessing is slowed down as on the page. Needs the scope `applications:write`."""
    _require(request)
    token = registering.begin(
        number=body.number, confirmation=body.confirmation, address=door.address_of(request), at=request.at
    )
    view = registrations.under_way(token=token, at=request.at)
    assert view is not None  # noqa: S101
    terms = [Terms(id=one.id, title=one.title, version=one.version, body=one.body) for one in view.terms]
    return Status(201, Registration(token=token, product=view.product, terms=terms))


@router.post(
    "/registrations/complete",
    response={200: Done, **ANSWERS},
    summary="Register a card",
    openapi_extra=IDEMPOTENT,
)
def complete(request: Call, body: Completed) -> Done:
    """Accept the terms, name the company, confirm the support contract and register; the letter carries the licence
    key. Needs `applications:write`."""
    _require(request)
    registering.accept_terms(token=body.token, terms_ids=body.terms, at=request.at)
    registering.save_company(token=body.token, company=body.company.model_dump(), renews=False, at=request.at)
    registering.confirm_support(
        token=body.token,
        confirmation=body.support_confirmation,
        address=door.address_of(request),
        at=request.at,
    )
    registering.register(token=body.token, at=request.at)
    return Done()


@router.post("/starts", response={200: Done, **ANSWERS}, summary="Start use", openapi_extra=IDEMPOTENT)
def start(request: Call, body: Start) -> Done:
    """Start use for this organisation, whose users are shared; the letter goes to whoever issued the token. Needs
    `applications:write`."""
    starting.start_inside(
        organisation_id=request.organisation_id,
        shown=starting.Shown(
            number=body.number, key=body.key, product_id=body.product, address=door.address_of(request)
        ),
        issued_to=body.issued_to,
        by=request.actor,
        at=request.at,
    )
    return Done()


def _require(request: Call) -> None:
    require(by=request.actor, permission=Permission.APPLY, organisation_id=request.organisation_id)
