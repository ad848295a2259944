"""Reads of a registration under way."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from warifu.licences.models import Terms


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
