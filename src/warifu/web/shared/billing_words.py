"""How months, items and bills are called and written, for the applicant and for the operator (002-7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from warifu.applications.queries.billing import Bill
from warifu.applications.rules import billing

ITEMS = {
    billing.BASE: _("基本料"),
    billing.STATISTICS: _("管理統計資料（有料）"),
    billing.KEEPING: _("保税管理資料の保存"),
    billing.USE: _("利用1件の単価"),
}
_HEADER = (
    _("対象月"),
    _("組織"),
    _("項目"),
    _("内容"),
    _("数量"),
    _("単価（税抜き）"),
    _("金額（税抜き）"),
)
_MONTHS_AHEAD = 12


def item_name(item: str) -> str:
    """The name of an item of the table of prices; the operator's own items have theirs."""
    return str(ITEMS.get(item, item))


def month_or(text: str, today: date) -> date:
    """The month that an address names (2026-12), or this one."""
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        return billing.month_of(today)
    return found if abs(found.year - today.year) < 100 else billing.month_of(today)


def months_to_come(today: date) -> list[tuple[str, str]]:
    """The months from which something may change, the next one first."""
    found, month = [], billing.month_of(today)
    for _place in range(_MONTHS_AHEAD):
        month = billing.month_after(month)
        found.append((month.isoformat(), gettext("{year}年{month}月分から").format(year=month.year, month=month.month)))
    return found


def around(month: date) -> dict[str, str]:
    """The months before and after, as addresses name them."""
    return {
        "earlier": f"{billing.month_before(month):%Y-%m}",
        "later": f"{billing.month_after(month):%Y-%m}",
        "this": f"{month:%Y-%m}",
    }


def header() -> list[str]:
    """The first line of a file of bills."""
    return [str(word) for word in _HEADER]


def rows(bills: Iterable[Bill]) -> Iterator[list[Any]]:
    """A line of the file for each line of the bills."""
    for bill in bills:
        for line in bill.lines:
            yield [
                f"{bill.month:%Y-%m}",
                bill.organisation_name,
                item_name(line.item),
                line.detail,
                line.count,
                line.unit,
                line.amount,
            ]


def price_rows(prices: dict[str, dict[str, billing.PriceLine]]) -> list[tuple[str, list[billing.PriceLine | None]]]:
    """Items by plan, for a table."""
    return [(item_name(item), [prices[plan].get(item) for plan in billing.PLANS]) for item in billing.ITEMS]
