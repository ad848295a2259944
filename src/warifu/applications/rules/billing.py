"""請求予定: what a month costs, from the plan, the codes and the prices of that month (002-7, seeds.md B2.6, B2.7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _

PLANS = ("A", "B")
BASE, STATISTICS, KEEPING, USE = "base", "statistics", "keeping", "use"
ITEMS = (BASE, STATISTICS, KEEPING, USE)
HIGHEST = 100_000_000


@dataclass(frozen=True, kw_only=True)
class PriceLine:
    """A price as it stands in the table: an item in a plan from a month on."""

    item: str
    plan: str
    from_month: date
    amount: int
    source: str = ""


_PRICES = "NACCS掲示板 2014052100043(料金)"
_STATISTICS = "NACCS掲示板 Q&A 2014052000145"
STARTING: tuple[tuple[str, str, int, str], ...] = (
    (BASE, "A", 5_000, _PRICES),
    (BASE, "B", 0, _PRICES),
    (STATISTICS, "A", 1_000, _STATISTICS),
    (STATISTICS, "B", 1_000, _STATISTICS),
    (KEEPING, "A", 1_000, _STATISTICS),
    (KEEPING, "B", 1_000, _STATISTICS),
)
"""With which figures a new scheme begins, and where they are from; the operator changes them in the table of prices.
Unit prices of use are not public: the operator enters them (seeds.md B2.6, B2.7)."""


class PlanUnknown(Refused):
    """There is no such plan."""

    code = "WF-P351"
    sentence = _("料金プランは A か B です。")
    remedy = _("どちらかを選んでください。")
    status = 422


class MonthTooLate(Refused):
    """What is past or running is not changed."""

    code = "WF-P352"
    sentence = _("{month} からの変更は、もう受け付けられません。")
    remedy = _("{earliest} 以後の月を選んでください。料金は月単位で変わります。")
    status = 422


class KeepingNeedsStatistics(Refused):
    """Bonded data are kept only for those who have the paid statistics (seeds.md B2.6)."""

    code = "WF-P353"
    sentence = _("保税管理資料の保存には、有料の管理統計資料が要ります。")
    remedy = _("管理統計資料（有料）も選んでください。")
    status = 422


class NotForTheseIndustries(Refused):
    """None of the code's industries may have this (002-14)."""

    code = "WF-P354"
    sentence = _("利用者コード {user_code} の業種では、「{item}」は使えません。")
    remedy = _("使える業種は、申込みの画面の「見込み」に出ます。")
    status = 422


class AmountUnusable(Refused):
    """An amount is negative or beyond all measure."""

    code = "WF-P355"
    sentence = _("金額は0円から{most}円までの整数です。")
    remedy = _("金額を見直してください。値引きは、料金を下げて表します。")
    status = 422


class PriceUnknown(Refused):
    """There is no such item of the table of prices."""

    code = "WF-P356"
    sentence = _("この料金の項目はありません。")
    remedy = _("一覧から選んでください。")
    status = 422


@dataclass(frozen=True, kw_only=True)
class CodeOfMonth:
    """A user code that lives in a month, with what it pays for."""

    text: str
    paid_statistics: bool = False
    keeps_bonded_data: bool = False


@dataclass(frozen=True, kw_only=True)
class ChargeLine:
    """One line of a month's bill."""

    item: str
    detail: str
    count: int
    unit: int

    @property
    def amount(self) -> int:
        """Yen without tax."""
        return self.count * self.unit


def month_of(day: date) -> date:
    """The first day of a day's month."""
    return day.replace(day=1)


def month_after(month: date) -> date:
    """The first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def month_before(month: date) -> date:
    """The first day of the month before."""
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)


def lives_in(*, month: date, from_day: date, ended_on: date | None) -> bool:
    """Whether something that begins and ends on days counts in a month; the day of the end is not used any more."""
    return from_day < month_after(month) and (ended_on is None or ended_on > month)


def prices_of(*, prices: Iterable[PriceLine], plan: str, month: date) -> dict[str, PriceLine]:
    """The prices that count in a month, by item: of each the newest that has begun."""
    found: dict[str, PriceLine] = {}
    for price in sorted(prices, key=lambda price: price.from_month):
        if price.plan == plan and price.from_month <= month:
            found[price.item] = price
    return found


def bill(
    *, prices: Mapping[str, PriceLine], codes: Sequence[CodeOfMonth], further: Iterable[tuple[str, str, int]] = ()
) -> list[ChargeLine]:
    """The lines of a month's bill: the base, each code's paid items, and what the operator charges besides.

    Nothing is charged in a month in which no code lives, but for the operator's own lines.
    """
    return [*_of_codes(prices, codes), *(ChargeLine(item=i, detail=d, count=1, unit=a) for i, d, a in further)]


def _of_codes(prices: Mapping[str, PriceLine], codes: Sequence[CodeOfMonth]) -> Iterator[ChargeLine]:
    if codes and BASE in prices:
        yield ChargeLine(item=BASE, detail="", count=1, unit=prices[BASE].amount)
    for code in codes:
        if code.paid_statistics and STATISTICS in prices:
            yield ChargeLine(item=STATISTICS, detail=code.text, count=1, unit=prices[STATISTICS].amount)
        if code.keeps_bonded_data and KEEPING in prices:
            yield ChargeLine(item=KEEPING, detail=code.text, count=1, unit=prices[KEEPING].amount)


def insist_amount(amount: int) -> None:
    """Raise `AmountUnusable` for what cannot be charged."""
    if not 0 <= amount <= HIGHEST:
        raise AmountUnusable(most=f"{HIGHEST:,}")
