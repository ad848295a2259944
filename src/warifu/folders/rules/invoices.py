"""Structured invoices: Peppol BIS / JP PINT (UBL), and payment notices like those of ZEDI (D-06, D-23).

The file is kept as it came; here it is only read, with every expansion of entities forbidden.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from defusedxml import DefusedXmlException, ElementTree

from warifu.folders.rules import fields
from warifu.folders.rules.fields import Direction, Kind
from warifu.folders.rules.suggesting import Suggested
from warifu.foundation.days import NotADay, parse_day

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MOST_ITEMS = 2000

_UBL = {"Invoice": Kind.INVOICE, "CreditNote": Kind.INVOICE, "Order": Kind.ORDER, "SelfBilledInvoice": Kind.INVOICE}
_TOTALS = ("LegalMonetaryTotal", "AnticipatedMonetaryTotal")
_ZEDI_NAMES: dict[str, tuple[str, ...]] = {
    "document_number": ("支払通知番号", "請求書番号", "PaymentNoticeNumber"),
    "traded_on": ("支払通知発行日", "支払日", "振込日", "請求書発行日", "PaymentDate"),
    "counterparty": ("支払人名", "支払企業法人名", "支払企業名", "PayerName"),
    "amount": ("支払金額", "振込金額", "支払金額合計", "PaymentAmount"),
}


class NoInvoice(ValueError):
    """The XML is broken, forbidden, or of a kind that is not known here."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One value of a message with its name, as the screen lists it (D-06)."""

    name: str
    value: str


def items(content: bytes) -> list[Item]:
    """Every value of a message with the names above it. Raises `NoInvoice` for what is no XML that may be read."""
    found: list[Item] = []
    _collect(_root(content), (), found)
    return found


def suggested(content: bytes, *, own_number: str = "") -> Suggested:
    """What the message says of the fields; `own_number` is the keeper's 登録番号, which tells received from sent.

    Raises `NoInvoice`.
    """
    root = _root(content)
    kind = _UBL.get(_local(root.tag))
    if kind is not None:
        return _ubl(root, kind, own_number)
    found = _zedi(root)
    if found == Suggested():
        raise NoInvoice("unknown root")
    return replace(found, source="xml", kind=Kind.PAYMENT)


def _root(content: bytes) -> Element:
    try:
        root: Element = ElementTree.fromstring(content, forbid_dtd=True)
    except (DefusedXmlException, ElementTree.ParseError, ValueError, LookupError) as fault:
        raise NoInvoice(type(fault).__name__) from None
    return root


def _ubl(root: Element, kind: Kind, own_number: str) -> Suggested:
    seller = _either(_party(root, "AccountingSupplierParty"), _party(root, "SellerSupplierParty"))
    buyer = _either(_party(root, "AccountingCustomerParty"), _party(root, "BuyerCustomerParty"))
    sold_by_us = bool(own_number) and seller[1] == own_number
    other = buyer if sold_by_us else seller
    total = next((name for name in _TOTALS if _child(root, name) is not None), "")
    money = _either(_of(root, total, "TaxInclusiveAmount"), _of(root, total, "PayableAmount"))
    amount = _decimal(money[0])
    if _local(root.tag) == "CreditNote" and amount is not None:
        amount = -abs(amount)
    return Suggested(
        source="xml",
        traded_on=_day(_text(root, "IssueDate")),
        amount=amount,
        currency=money[1] or _text(root, "DocumentCurrencyCode"),
        counterparty=other[0][: fields.NAME_LENGTH],
        registration_number=other[1],
        kind=kind,
        direction=Direction.SENT if sold_by_us else Direction.RECEIVED,
        document_number=_text(root, "ID")[:100],
    )


def _either(first: tuple[str, str], second: tuple[str, str]) -> tuple[str, str]:
    return first if any(first) else second


def _party(root: Element, role: str) -> tuple[str, str]:
    """Name and 登録番号 of a party; the number may carry its scheme (`9999:T…`) or lack the T."""
    place = _child(root, role)
    party = _child(place, "Party") if place is not None else None
    if party is None:
        return ("", "")
    name = next(
        (
            text
            for path in (("PartyLegalEntity", "RegistrationName"), ("PartyName", "Name"))
            if (text := _deep(party, path))
        ),
        "",
    )
    numbers = [_deep(party, ("PartyTaxScheme", "CompanyID")), _deep(party, ("PartyLegalEntity", "CompanyID"))]
    for number in numbers:
        plain = number.rpartition(":")[2]
        try:
            found = fields.registration_number(plain if plain.upper().startswith("T") else f"T{plain}" if plain else "")
        except fields.RegistrationNumberWrong:
            continue
        if found:
            return (name, found)
    return (name, "")


def _zedi(root: Element) -> Suggested:
    values: dict[str, str] = {}
    found: list[Item] = []
    _collect(root, (), found)
    for item in found:
        last = item.name.rpartition("／")[2]
        for field, names in _ZEDI_NAMES.items():
            if last in names:
                values.setdefault(field, item.value)
    return Suggested(
        traded_on=_day(values.get("traded_on", "")),
        amount=_decimal(values.get("amount", "")),
        currency="JPY" if "amount" in values else "",
        counterparty=values.get("counterparty", "")[: fields.NAME_LENGTH],
        document_number=values.get("document_number", "")[:100],
    )


def _collect(node: Element, above: tuple[str, ...], found: list[Item]) -> None:
    if len(found) >= MOST_ITEMS or len(above) > 30:
        return
    path = (*above, _local(node.tag))
    text = (node.text or "").strip()
    if text:
        unit = node.get("currencyID") or node.get("unitCode") or ""
        found.append(Item(name="／".join(path[1:] or path), value=f"{text} {unit}".strip()))
    for child in node:
        if isinstance(child.tag, str):
            _collect(child, path, found)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _child(node: Element | None, name: str) -> Element | None:
    if node is None:
        return None
    return next((child for child in node if isinstance(child.tag, str) and _local(child.tag) == name), None)


def _deep(node: Element, path: tuple[str, ...]) -> str:
    at: Element | None = node
    for name in path:
        at = _child(at, name)
    return (at.text or "").strip() if at is not None else ""


def _text(root: Element, name: str) -> str:
    return _deep(root, (name,))


def _of(root: Element, group: str, name: str) -> tuple[str, str]:
    found = _child(_child(root, group), name)
    return ((found.text or "").strip(), found.get("currencyID", "")) if found is not None else ("", "")


def _decimal(text: str) -> Decimal | None:
    try:
        amount = Decimal(text.replace(",", "").replace("_", "?"))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount) <= fields.LARGEST else None


def _day(text: str) -> date | None:
    try:
        return parse_day(text[:10]) if text else None
    except NotADay:
        return None
