"""保存期間: until when a number is kept for a paper once nobody needs it any more, as one dated table (R-02 … R-04).

Organisations may keep longer by a decision with a reason, never shorter: the table is the product's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from warifu.foundation.purposes import Purpose
from warifu.foundation.refusals import translatable as _

BATCH_MONTHS = (1, 2, 3, 4, 6, 12)
"""How many months may lie between two days on which disposals are carried out (R-05)."""

SMALL_FIRM = 100
"""The greatest number of people at whom one responsible person may decide alone (annex 1-2 note; S-15)."""

LONGEST_YEARS = 10
"""How far ahead a keeping may be prolonged at once."""


class Start(Enum):
    """From when the years count."""

    DECLARATION = "declaration"  # the day after 10 January of the year after the submission limit
    COMPLETION = "completion"  # the day after the need ended
    SLIP = "slip"  # the last slip is due on 31 January of the following year; no year counts after it
    YEAR_END = "year_end"  # the first day of the following year


@dataclass(frozen=True, kw_only=True)
class KeepingRule:
    """How long one kind of paper is kept. `from_day` is the first day of an end of need to which the rule applies."""

    purpose: Purpose
    paper: str
    start: Start
    years: int
    basis: str
    from_day: date = date(2016, 1, 1)


RULES: tuple[KeepingRule, ...] = (
    KeepingRule(
        purpose=Purpose.DEPENDENTS_DECLARATION,
        paper=_("扶養控除等申告書などの申告書"),
        start=Start.DECLARATION,
        years=7,
        basis=_("所得税法施行規則76条の3"),
    ),
    KeepingRule(
        purpose=Purpose.RETIREMENT_INCOME,
        paper=_("退職所得の受給に関する申告書"),
        start=Start.DECLARATION,
        years=7,
        basis=_("所得税法施行規則77条"),
    ),
    KeepingRule(
        purpose=Purpose.WITHHOLDING_SLIP,
        paper=_("源泉徴収票・給与支払報告書の控え"),
        start=Start.SLIP,
        years=0,
        basis=_("保存の定めなし(最後の提出が済むまで)"),
    ),
    KeepingRule(
        purpose=Purpose.EMPLOYMENT_INSURANCE,
        paper=_("雇用保険の被保険者に関する書類"),
        start=Start.COMPLETION,
        years=4,
        basis=_("雇用保険法施行規則143条"),
    ),
    KeepingRule(
        purpose=Purpose.HEALTH_PENSION,
        paper=_("健康保険・厚生年金保険の書類"),
        start=Start.COMPLETION,
        years=2,
        basis=_("健康保険法施行規則34条・厚生年金保険法施行規則28条"),
    ),
    KeepingRule(
        purpose=Purpose.THIRD_CATEGORY,
        paper=_("国民年金第3号被保険者の届出の控え"),
        start=Start.COMPLETION,
        years=2,
        basis=_("厚生年金保険の書類にならう"),
    ),
    KeepingRule(
        purpose=Purpose.FEE_PAYMENT_RECORD,
        paper=_("報酬・料金等の支払調書の控え"),
        start=Start.SLIP,
        years=0,
        basis=_("保存の定めなし(最後の提出が済むまで)"),
    ),
    KeepingRule(
        purpose=Purpose.RENT_PAYMENT_RECORD,
        paper=_("不動産の使用料等の支払調書の控え"),
        start=Start.SLIP,
        years=0,
        basis=_("保存の定めなし(最後の提出が済むまで)"),
    ),
    KeepingRule(
        purpose=Purpose.DIVIDEND_PAYMENT_RECORD,
        paper=_("配当等の支払調書の控え"),
        start=Start.SLIP,
        years=0,
        basis=_("保存の定めなし(最後の提出が済むまで)"),
    ),
    KeepingRule(
        purpose=Purpose.PROPERTY_SAVINGS,
        paper=_("財形貯蓄の申告書の控え"),
        start=Start.YEAR_END,
        years=5,
        basis=_("租税特別措置法施行規則(顧問の専門家に確かめてください)"),
    ),
)
"""The table of rule R-02. A change of the law adds a line with its own `from_day`; the older line stays."""


def rule_for(*, purpose: Purpose, ended_on: date) -> KeepingRule:
    """The line of the table for a purpose whose need ended on a day: the newest that applied then (R-02)."""
    fitting = [rule for rule in RULES if rule.purpose is purpose and rule.from_day <= ended_on]
    if not fitting:
        raise ValueError(f"no keeping rule for {purpose} in {ended_on.year}")
    return max(fitting, key=lambda rule: rule.from_day)


def kept_until(*, rule: KeepingRule, ended_on: date) -> date:
    """The last day on which the paper is kept; its number is a candidate for disposal on the day after (R-04).

    `ended_on` is the last day on which the number was needed: a leaver's last day, the day of the last payment.
    """
    next_year = ended_on.year + 1
    match rule.start:
        case Start.DECLARATION:
            return _years_from(date(next_year, 1, 11), rule.years)
        case Start.COMPLETION:
            return _years_from(ended_on + timedelta(days=1), rule.years)
        case Start.SLIP:
            return date(next_year, 1, 31)
        case Start.YEAR_END:
            return _years_from(date(next_year, 1, 1), rule.years)


def batch_day(*, day: date, every_months: int) -> date:
    """The first day from `day` on which an organisation carries out its disposals: the first of each n-th month.

    A candidate that still lies there after that day is overdue (R-05).
    """
    month = date(day.year, day.month, 1)
    while month < day or (month.month - 1) % every_months:
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return month


def _years_from(first: date, years: int) -> date:
    """The last day of a term of years that begins on `first` (民法143条: without that day, the month's last)."""
    try:
        return first.replace(year=first.year + years) - timedelta(days=1)
    except ValueError:
        return date(first.year + years, 2, 28)
