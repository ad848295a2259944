"""What an organisation pays for: its plan and its codes' paid items by the applicant, prices by the operator (B5)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from warifu.applications.models import Charge, CodeOption, PlanTerm, Price, Scheme
from warifu.applications.queries import billing as queries
from warifu.applications.queries.applications import insist_reviewer
from warifu.applications.rules import billing
from warifu.audit import actions as audit
from warifu.audit.events import Applications as Events
from warifu.foundation.actor import Actor
from warifu.foundation.days import jst_day
from warifu.foundation.refusals import NotFound
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission, require


def choose_plan(
    *, organisation_id: UUID, scheme_id: UUID, plan: str, from_month: date, by: Actor, at: datetime
) -> None:
    """Choose the plan from a month to come; plans change by months (seeds.md B2.7).

    Raises `NotPermitted`, `NotFound`, `PlanUnknown`, `MonthTooLate`.
    """
    require(by=by, permission=Permission.APPLY, organisation_id=organisation_id)
    if plan not in billing.PLANS:
        raise billing.PlanUnknown
    if not Scheme.objects.filter(id=scheme_id).exists():
        raise NotFound
    month = _month_to_come(from_month, at)
    with transaction.atomic():
        PlanTerm.objects.update_or_create(
            organisation_id=organisation_id, scheme_id=scheme_id, from_month=month, defaults={"plan": plan}
        )
        audit.record(
            event=Events.PLAN_CHOSEN,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=scheme_id,
            plan=plan,
            month=month.isoformat(),
        )


def choose_options(
    *,
    organisation_id: UUID,
    user_code_id: UUID,
    paid_statistics: bool,
    keeps_bonded_data: bool,
    from_month: date,
    by: Actor,
    at: datetime,
) -> None:
    """Choose what a user code pays for from a month to come (002-14, seeds.md B2.6).

    Raises `NotPermitted`, `NotFound`, `MonthTooLate`, `KeepingNeedsStatistics`, `NotForTheseIndustries`.
    """
    require(by=by, permission=Permission.APPLY, organisation_id=organisation_id)
    month = _month_to_come(from_month, at)
    own = {code.id: code for code in queries.code_views(organisation_id=organisation_id, month=month)}
    code = own.get(user_code_id)
    if code is None:
        raise NotFound
    if keeps_bonded_data and not paid_statistics:
        raise billing.KeepingNeedsStatistics
    for is_wanted, is_possible, item in (
        (paid_statistics, code.may_pay, Price.Item.STATISTICS),
        (keeps_bonded_data, code.may_keep, Price.Item.KEEPING),
    ):
        if is_wanted and not is_possible:
            raise billing.NotForTheseIndustries(user_code=code.text, item=item.label)
    with transaction.atomic():
        CodeOption.objects.update_or_create(
            user_code_id=user_code_id,
            from_month=month,
            defaults={"paid_statistics": paid_statistics, "keeps_bonded_data": keeps_bonded_data},
        )
        audit.record(
            event=Events.OPTIONS_CHOSEN,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=user_code_id,
            user_code=code.text,
            paid_statistics=paid_statistics,
            keeps_bonded_data=keeps_bonded_data,
            month=month.isoformat(),
        )


def set_price(
    *, scheme_id: UUID, item: str, plan: str, amount: int, from_month: date, source: str, by: Actor, at: datetime
) -> None:
    """Set what an item costs in a plan from a month to come on; earlier months keep their price. For the operator.

    Raises `NotPermitted`, `NotFound`, `PriceUnknown`, `PlanUnknown`, `AmountUnusable`, `MonthTooLate`.
    """
    operator_id = _operator(by)
    if item not in billing.ITEMS:
        raise billing.PriceUnknown
    if plan not in billing.PLANS:
        raise billing.PlanUnknown
    billing.insist_amount(amount)
    if not Scheme.objects.filter(id=scheme_id).exists():
        raise NotFound
    month = _month_to_come(from_month, at)
    with transaction.atomic():
        Price.objects.update_or_create(
            scheme_id=scheme_id,
            item=item,
            plan=plan,
            from_month=month,
            defaults={"amount": amount, "source": source[:200]},
        )
        audit.record(
            event=Events.PRICE_SET,
            by=by,
            at=at,
            organisation_id=operator_id,
            subject_id=scheme_id,
            item=item,
            plan=plan,
            amount=amount,
            month=month.isoformat(),
        )


def charge(*, organisation_id: UUID, month: date, item: str, detail: str, amount: int, by: Actor, at: datetime) -> None:
    """Put a line on an organisation's bill, such as what was used; the same line again replaces it. For the operator.

    Raises `NotPermitted`, `NotFound`, `AmountUnusable`.
    """
    _operator(by)
    billing.insist_amount(amount)
    organisations.organisation(organisation_id=organisation_id)
    with transaction.atomic():
        row, _is_new = Charge.objects.update_or_create(
            organisation_id=organisation_id,
            month=billing.month_of(month),
            item=item[:60],
            detail=detail[:100],
            defaults={"amount": amount},
        )
        audit.record(
            event=Events.CHARGED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=row.id,
            item=row.item,
            detail=row.detail,
            amount=amount,
            month=row.month.isoformat(),
        )


def _operator(by: Actor) -> UUID:
    insist_reviewer(by=by)
    return by.organisation_id or organisations.operator().id


def _month_to_come(from_month: date, at: datetime) -> date:
    month, earliest = billing.month_of(from_month), billing.month_after(billing.month_of(jst_day(at)))
    if month < earliest:
        raise billing.MonthTooLate(month=f"{month:%Y-%m}", earliest=f"{earliest:%Y-%m}")
    return month
