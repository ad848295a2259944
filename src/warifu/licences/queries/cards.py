"""Reads for the operator: products, batches, cards, licences. Each insists on who asks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from warifu.credentials.rules.secrets import bare
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import NotFound
from warifu.licences.models import CardBatch, Licence, Product, RegistrationCard, Terms
from warifu.licences.queries.office import insist_manager
from warifu.licences.rules import codes

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class TermsLine:
    """One version of a document of terms."""

    title: str
    code: str
    version: int
    published_at: datetime


@dataclass(frozen=True, kw_only=True)
class ProductLine:
    """A product with its documents of terms, every version."""

    id: UUID
    code: str
    name: str
    edition: str
    licence_months: int
    ended_at: datetime | None
    cards_out: int
    licences: int
    terms: tuple[TermsLine, ...]


@dataclass(frozen=True, kw_only=True)
class BatchLine:
    """A batch of cards and how many of them were registered."""

    id: UUID
    product: str
    name: str
    channel: str
    register_until: date
    made_at: datetime
    cards: int
    registered: int


@dataclass(frozen=True, kw_only=True)
class CardLine:
    """A card as lists show it, without its confirmation numbers."""

    id: UUID
    number: str
    state: str
    state_label: str
    sent_to: str
    registered_at: datetime | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class LicenceLine:
    """A licence as lists show it."""

    id: UUID
    product: str
    number: str
    company: str
    support_id: str
    state: str
    state_label: str
    from_day: date
    until_day: date
    reason: str


def product_lines(*, by: Actor) -> list[ProductLine]:
    """Every product, ended ones too. Two queries. Raises `NotPermitted`."""
    insist_manager(by=by)
    terms: dict[UUID, list[TermsLine]] = {}
    for row in Terms.objects.order_by("code", "-version"):
        line = TermsLine(title=row.title, code=row.code, version=row.version, published_at=row.published_at)
        terms.setdefault(row.product_id, []).append(line)
    return [
        ProductLine(
            id=row.id,
            code=row.code,
            name=row.name,
            edition=Product.Edition(row.edition).label,
            licence_months=row.licence_months,
            ended_at=row.ended_at,
            cards_out=row.cards_out,
            licences=row.living_licences,
            terms=tuple(terms.get(row.id, ())),
        )
        for row in _products()
    ]


def batches_page(*, by: Actor, text: str = "", before: UUID | None = None) -> tuple[list[BatchLine], UUID | None]:
    """A page of batches, the newest first, and where the next one begins. Raises `NotPermitted`."""
    insist_manager(by=by)
    rows = _batches()
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(product__name__icontains=text) | Q(cards__number=bare(text)))
    if before:
        rows = rows.filter(id__lt=before)
    found = [_batch(row) for row in rows[: PAGE + 1]]
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None


def batch(*, by: Actor, batch_id: UUID) -> BatchLine:
    """One batch. Raises `NotPermitted`, `NotFound`."""
    insist_manager(by=by)
    row = _batches().filter(id=batch_id).first()
    if row is None:
        raise NotFound
    return _batch(row)


def cards_page(
    *, by: Actor, batch_id: UUID, state: str = "", text: str = "", before: UUID | None = None
) -> tuple[list[CardLine], UUID | None]:
    """A page of a batch's cards, the newest first. Raises `NotPermitted`."""
    rows = _cards(by, batch_id, state, text)
    if before:
        rows = rows.filter(id__lt=before)
    found = [_card(row) for row in rows[: PAGE + 1]]
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None


def all_cards(*, by: Actor, batch_id: UUID, state: str = "", text: str = "") -> Iterator[CardLine]:
    """Every card of a batch, for a file. Raises `NotPermitted`."""
    rows = _cards(by, batch_id, state, text)
    return (_card(row) for row in rows.iterator(chunk_size=500))


def licences_page(
    *, by: Actor, state: str = "", text: str = "", before: UUID | None = None
) -> tuple[list[LicenceLine], UUID | None]:
    """A page of licences, the newest first. One query. Raises `NotPermitted`."""
    insist_manager(by=by)
    rows = Licence.objects.select_related("product", "registration__card").order_by("-id")
    if state:
        rows = rows.filter(state=state)
    if text:
        code = bare(text)
        rows = rows.filter(
            Q(registration__card__number=code)
            | Q(registration__support_id=code)
            | Q(registration__company__name__icontains=text)
        )
    if before:
        rows = rows.filter(id__lt=before)
    found = [_licence(row) for row in rows[: PAGE + 1]]
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None


def _products() -> Any:
    """Products by name, with how many cards nobody has registered yet and how many licences live."""
    is_out = Q(state=RegistrationCard.State.ISSUED, batch__product=OuterRef("id"))
    cards_out = RegistrationCard.objects.filter(is_out).values("batch__product").annotate(n=Count("id")).values("n")
    living = Licence.objects.filter(product=OuterRef("id")).exclude(state=Licence.State.REVOKED)
    licences = living.order_by().values("product").annotate(n=Count("id")).values("n")
    return Product.objects.annotate(
        cards_out=Coalesce(Subquery(cards_out), 0), living_licences=Coalesce(Subquery(licences), 0)
    ).order_by("name", "id")


def _batches() -> QuerySet[CardBatch, CardBatch]:
    is_registered = Q(cards__state=RegistrationCard.State.REGISTERED)
    return (
        CardBatch.objects.select_related("product")
        .annotate(all_cards=Count("cards"), registered=Count("cards", filter=is_registered))
        .order_by("-id")
    )


def _batch(row: Any) -> BatchLine:
    return BatchLine(
        id=row.id,
        product=row.product.name,
        name=row.name,
        channel=CardBatch.Channel(row.channel).label,
        register_until=row.register_until,
        made_at=row.made_at,
        cards=row.all_cards,
        registered=row.registered,
    )


def _cards(by: Actor, batch_id: UUID, state: str, text: str) -> QuerySet[RegistrationCard, RegistrationCard]:
    insist_manager(by=by)
    rows = RegistrationCard.objects.filter(batch_id=batch_id).order_by("-id")
    if state:
        rows = rows.filter(state=state)
    if text:
        rows = rows.filter(Q(number__contains=bare(text) or text) | Q(sent_to__icontains=text))
    return rows


def _card(row: RegistrationCard) -> CardLine:
    return CardLine(
        id=row.id,
        number=codes.shown(row.number),
        state=row.state,
        state_label=RegistrationCard.State(row.state).label,
        sent_to=row.sent_to,
        registered_at=row.registered_at,
        reason=row.reason,
    )


def _licence(row: Licence) -> LicenceLine:
    return LicenceLine(
        id=row.id,
        product=row.product.name,
        number=codes.shown(row.registration.card.number),
        company=row.registration.company.get("name", ""),
        support_id=codes.shown(row.registration.support_id or ""),
        state=row.state,
        state_label=Licence.State(row.state).label,
        from_day=row.from_day,
        until_day=row.until_day,
        reason=row.reason,
    )
