"""顧問先を選ぶ: an office's customers beside its folders. The wing knows both rooms; they do not know each other."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from warifu.customers.queries import customers as queries
from warifu.customers.queries.customers import CustomerLine, CustomerView, Show
from warifu.organisations.rules import is_corporate_number

MOST = 20
"""How many customers a choice lists; a longer list is narrowed by words."""


def found(*, office_id: UUID, text: str) -> tuple[tuple[CustomerLine, ...], bool]:
    """Served customers that some words name, and whether there are more than are listed."""
    page = queries.listed(office_id=office_id, show=Show.SERVED, member_id=None, search=text[:100], limit=MOST)
    return page.lines, bool(page.after)


def chosen(*, office_id: UUID, customer_id: UUID) -> CustomerView:
    """One customer of an office. Raises `NotFound`."""
    return queries.customer(office_id=office_id, customer_id=customer_id)


def by_codes(*, office_id: UUID, codes: Collection[str]) -> dict[str, CustomerLine]:
    """Served customers by their code."""
    return queries.by_codes(office_id=office_id, codes=codes)


def initial_of(*, customer: CustomerView) -> dict[str, Any]:
    """What a new folder's form takes from a customer's record."""
    number, month = customer.values["corporate_number"], customer.values["closing_month"]
    known: dict[str, Any] = {
        "customer_name": customer.name,
        "customer_code": customer.values["code"],
        "registration_number": f"T{number}" if is_corporate_number(number) else "",
        "form": "person" if customer.kind == "person" else "company",
    }
    if month:
        known["year_end_month"] = int(month)
    elif customer.kind == "person":
        known["year_end_month"] = 12
    return known
