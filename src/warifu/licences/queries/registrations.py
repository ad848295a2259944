"""Reads of a registration under way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from warifu.credentials.rules.secrets import digest
from warifu.licences.models import Registration, Terms
from warifu.licences.rules import codes
from warifu.licences.rules.company import is_complete


@dataclass(frozen=True, kw_only=True)
class TermsView:
    """One document of terms in the version that counts now."""

    id: UUID
    code: str
    version: int
    title: str
    body: str


def current_terms(*, product_id: UUID) -> list[TermsView]:
    """The documents of a product, each in its newest version (000-9). One query."""
    newest: dict[str, Terms] = {}
    for row in Terms.objects.filter(product_id=product_id).order_by("code", "version"):
        newest[row.code] = row
    return [
        TermsView(id=row.id, code=row.code, version=row.version, title=row.title, body=row.body)
        for row in newest.values()
    ]


@dataclass(frozen=True, kw_only=True)
class RegistrationView:
    """A registration under way, as its browser sees it."""

    product: str
    number: str
    terms: tuple[TermsView, ...]
    accepted: frozenset[str]
    company: dict[str, Any]
    has_company: bool
    has_support: bool

    @property
    def has_terms(self) -> bool:
        """Whether every document was ticked in the version that counts now."""
        return {str(each.id) for each in self.terms} <= self.accepted

    @property
    def is_ready(self) -> bool:
        """Whether only the last button is missing."""
        return self.has_terms and self.has_company and self.has_support


def under_way(*, token: str, at: datetime) -> RegistrationView | None:
    """What a browser has under way; None when nothing or no longer. Two queries."""
    row = (
        Registration.objects.select_related("card__batch__product")
        .filter(token_hash=digest(token), state=Registration.State.DRAFT, valid_until__gt=at)
        .first()
    )
    if row is None:
        return None
    return RegistrationView(
        product=row.card.batch.product.name,
        number=codes.shown(row.card.number),
        terms=tuple(current_terms(product_id=row.card.batch.product_id)),
        accepted=frozenset(each["id"] for each in row.accepted_terms),
        company=row.company,
        has_company=is_complete(row.company),
        has_support=row.support_confirmed_at is not None,
    )
