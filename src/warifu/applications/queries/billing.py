"""Reads of 請求予定: one organisation's month, everybody's month, the table of prices (002-7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from warifu.applications.models import Charge, CodeOption, Identification, PlanTerm, Price, Scheme, UserCode
from warifu.applications.queries.applications import insist_reviewer
from warifu.applications.rules import billing, industries
from warifu.applications.rules.billing import ChargeLine, CodeOfMonth, PriceLine
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import NotFound
from warifu.organisations import queries as organisations

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class SchemeBill:
    """A month of an organisation under one scheme: the plan, the codes that live, the prices that count."""

    scheme_id: UUID
    scheme: str
    plan: str
    codes: tuple[CodeOfMonth, ...]
    prices: dict[str, PriceLine]


@dataclass(frozen=True, kw_only=True)
class Bill:
    """A month of an organisation, line by line, in yen without tax."""

    organisation_id: UUID
    organisation_name: str
    month: date
    schemes: tuple[SchemeBill, ...]
    lines: tuple[ChargeLine, ...]

    @property
    def total(self) -> int:
        """The sum of the lines."""
        return sum(line.amount for line in self.lines)


@dataclass(frozen=True, kw_only=True)
class CodeView:
    """A living user code: what it may pay for by its industries, and what it pays for from a month on."""

    id: UUID
    text: str
    industries: tuple[str, ...]
    may_pay: bool
    is_free: bool
    may_keep: bool
    paid_statistics: bool
    keeps_bonded_data: bool


def bill(*, organisation_id: UUID, organisation_name: str, month: date) -> Bill:
    """What an organisation is charged for a month. Five queries."""
    return _bills({organisation_id: organisation_name}, month)[0]


def bill_of(*, by: Actor, organisation_id: UUID, month: date) -> Bill:
    """An organisation's month, for the operator. Raises `NotPermitted`, `NotFound`."""
    insist_reviewer(by=by)
    name = organisations.organisation(organisation_id=organisation_id).name
    return bill(organisation_id=organisation_id, organisation_name=name, month=month)


def bills_page(*, by: Actor, month: date, text: str = "", after: UUID | None = None) -> tuple[list[Bill], UUID | None]:
    """A page of organisations with what a month costs each, in the order of their ids, and where the next page begins.
    Six queries. Raises `NotPermitted`."""
    insist_reviewer(by=by)
    rows = list(_payers(month, text, after)[: PAGE + 1])
    found = _bills(dict(rows[:PAGE]), month)
    return found, rows[PAGE - 1][0] if len(rows) > PAGE else None


def all_bills(*, by: Actor, month: date) -> Iterator[Bill]:
    """Everybody's month, for a file. Raises `NotPermitted`."""
    after: UUID | None = None
    while True:
        page, after = bills_page(by=by, month=month, after=after)
        yield from page
        if after is None:
            return


def code_views(*, organisation_id: UUID, month: date) -> list[CodeView]:
    """The living codes of an organisation with what they may pay for and, from a month on, do. Three queries."""
    codes = list(UserCode.objects.filter(organisation_id=organisation_id, ended_on=None).order_by("text"))
    kinds: dict[UUID, set[str]] = defaultdict(set)
    for code_id, keys in Identification.objects.filter(user_code__in=codes, ended_on=None).values_list(
        "user_code_id", "industries"
    ):
        kinds[code_id] |= {key for key in keys if key in industries.INDUSTRIES}
    options = _options([code.id for code in codes], month)
    found = []
    for code in codes:
        may, (pays, keeps) = industries.statistics(industries=kinds[code.id]), options.get(code.id, (False, False))
        found.append(
            CodeView(
                id=code.id,
                text=code.text,
                industries=tuple(sorted(kinds[code.id])),
                may_pay=may.may_pay,
                is_free=may.is_free,
                may_keep=may.may_keep,
                paid_statistics=pays,
                keeps_bonded_data=keeps,
            )
        )
    return found


def plan_of(*, organisation_id: UUID, scheme_id: UUID, month: date) -> str:
    """The plan of an organisation in a month; A when nothing was chosen. One query."""
    terms = PlanTerm.objects.filter(organisation_id=organisation_id, scheme_id=scheme_id, from_month__lte=month)
    return terms.order_by("-from_month").values_list("plan", flat=True).first() or billing.PLANS[0]


def prices(*, scheme_id: UUID) -> list[PriceLine]:
    """The whole table of prices of a scheme, the newest month first. Raises `NotFound`."""
    if not Scheme.objects.filter(id=scheme_id).exists():
        raise NotFound
    return list(_prices([scheme_id]).get(scheme_id, []))


def current_prices(*, scheme_id: UUID, month: date) -> dict[str, dict[str, PriceLine]]:
    """The prices of a month, by plan and item."""
    table = prices(scheme_id=scheme_id)
    return {plan: billing.prices_of(prices=table, plan=plan, month=month) for plan in billing.PLANS}


def _payers(month: date, text: str, after: UUID | None) -> QuerySet[UserCode, tuple[UUID, str]]:
    living = Q(from_day__lt=billing.month_after(month)) & (Q(ended_on=None) | Q(ended_on__gt=month))
    rows = UserCode.objects.filter(living)
    if text:
        rows = rows.filter(Q(organisation__name__icontains=text) | Q(text=text.upper()))
    if after:
        rows = rows.filter(organisation_id__gt=after)
    return rows.order_by("organisation_id").values_list("organisation_id", "organisation__name").distinct()


def _bills(names: dict[UUID, str], month: date) -> list[Bill]:
    codes: dict[tuple[UUID, UUID], list[UserCode]] = defaultdict(list)
    schemes: dict[UUID, str] = {}
    rows = UserCode.objects.filter(organisation_id__in=names, from_day__lt=billing.month_after(month))
    for code in rows.select_related("scheme").order_by("text"):
        if billing.lives_in(month=month, from_day=code.from_day, ended_on=code.ended_on):
            codes[(code.organisation_id, code.scheme_id)].append(code)
            schemes[code.scheme_id] = code.scheme.name
    options = _options([code.id for each in codes.values() for code in each], month)
    plans: dict[tuple[UUID, UUID], str] = {}
    terms = PlanTerm.objects.filter(organisation_id__in=names, from_month__lte=month).order_by("from_month")
    for organisation_id, scheme_id, plan in terms.values_list("organisation_id", "scheme_id", "plan"):
        plans[(organisation_id, scheme_id)] = plan
    tables = _prices(schemes)
    further: dict[UUID, list[tuple[str, str, int]]] = defaultdict(list)
    charges = Charge.objects.filter(organisation_id__in=names, month=month).order_by("item", "detail")
    for organisation_id, item, detail, amount in charges.values_list("organisation_id", "item", "detail", "amount"):
        further[organisation_id].append((item, detail, amount))
    found = []
    for organisation_id, name in names.items():
        parts = []
        for (owner, scheme_id), own in codes.items():
            if owner == organisation_id:
                plan = plans.get((owner, scheme_id), billing.PLANS[0])
                parts.append(
                    SchemeBill(
                        scheme_id=scheme_id,
                        scheme=schemes[scheme_id],
                        plan=plan,
                        codes=tuple(_of_month(code, options) for code in own),
                        prices=billing.prices_of(prices=tables.get(scheme_id, []), plan=plan, month=month),
                    )
                )
        lines = [line for part in parts for line in billing.bill(prices=part.prices, codes=part.codes)]
        lines += billing.bill(prices={}, codes=(), further=further[organisation_id])
        found.append(
            Bill(
                organisation_id=organisation_id,
                organisation_name=name,
                month=month,
                schemes=tuple(parts),
                lines=tuple(lines),
            )
        )
    return found


def _of_month(code: UserCode, options: dict[UUID, tuple[bool, bool]]) -> CodeOfMonth:
    pays, keeps = options.get(code.id, (False, False))
    return CodeOfMonth(text=code.text, paid_statistics=pays, keeps_bonded_data=keeps)


def _options(code_ids: Collection[UUID], month: date) -> dict[UUID, tuple[bool, bool]]:
    rows = CodeOption.objects.filter(user_code_id__in=code_ids, from_month__lte=month).order_by("from_month")
    return {row.user_code_id: (row.paid_statistics, row.keeps_bonded_data) for row in rows}


def _prices(scheme_ids: Collection[UUID]) -> dict[UUID, list[PriceLine]]:
    found: dict[UUID, list[PriceLine]] = {}
    for row in Price.objects.filter(scheme_id__in=scheme_ids).order_by("-from_month", "item", "plan"):
        found.setdefault(row.scheme_id, []).append(
            PriceLine(item=row.item, plan=row.plan, from_month=row.from_month, amount=row.amount, source=row.source)
        )
    return found
