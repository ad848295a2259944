"""請求予定: what a month costs, the plan, and what each user code pays for (002-7, B5)."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from warifu.applications.actions import contracts
from warifu.applications.queries import billing as queries
from warifu.applications.rules import billing
from warifu.foundation.days import jst_day
from warifu.foundation.refusals import NotFound, Refused
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission
from warifu.web.shared import billing_words as words
from warifu.web.shared import csv_files
from warifu.web.shared.application_forms import said
from warifu.web.shared.doors import Visit, door


class PlanForm(forms.Form):
    """The plan from a month on."""

    plan = forms.ChoiceField(
        label=_("料金プラン"),
        choices=[("A", _("プランA（基本料あり）")), ("B", _("プランB（基本料なし）"))],
        widget=forms.RadioSelect,
    )
    from_month = forms.ChoiceField(label=_("いつから"))

    def __init__(self, *given: Any, today: date, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["from_month"].choices = words.months_to_come(today)  # type: ignore[attr-defined]


class OptionsForm(forms.Form):
    """What a user code pays for, from a month on."""

    paid_statistics = forms.BooleanField(label=_("管理統計資料（有料）を受け取る"), required=False)
    keeps_bonded_data = forms.BooleanField(label=_("保税管理資料を保存する"), required=False)
    from_month = forms.ChoiceField(label=_("いつから"))

    def __init__(self, *given: Any, today: date, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["from_month"].choices = words.months_to_come(today)  # type: ignore[attr-defined]


@door(Permission.APPLY)
@require_GET
def page(request: Visit) -> HttpResponse:
    """A month, line by line, with the way to the month before and after."""
    month = words.month_or(request.GET.get("month", ""), jst_day(request.at))
    return render(request, "desk/billing/page.html", {**_month(request, month), **words.around(month)})


@door(Permission.APPLY)
@require_GET
def download(request: Visit) -> StreamingHttpResponse:
    """A month as CSV."""
    month = words.month_or(request.GET.get("month", ""), jst_day(request.at))
    bill = _month(request, month)["bill"]
    return csv_files.answer(file_name=f"billing-{month:%Y-%m}.csv", header=words.header(), rows=words.rows([bill]))


@door(Permission.APPLY)
def plan(request: Visit, scheme_id: UUID) -> HttpResponse:
    """Choose the plan from a month to come."""
    today = jst_day(request.at)
    now = queries.plan_of(
        organisation_id=request.organisation_id, scheme_id=scheme_id, month=billing.month_after(billing.month_of(today))
    )
    form = PlanForm(request.POST or None, today=today, initial={"plan": now})
    if request.method == "POST" and form.is_valid():
        try:
            contracts.choose_plan(
                organisation_id=request.organisation_id,
                scheme_id=scheme_id,
                plan=form.cleaned_data["plan"],
                from_month=date.fromisoformat(form.cleaned_data["from_month"]),
                by=request.actor,
                at=request.at,
            )
        except (billing.PlanUnknown, billing.MonthTooLate) as refusal:
            form.add_error("from_month", said(refusal))
        else:
            messages.success(request, gettext("料金プランを選びました。"))
            return redirect(f"{reverse('desk:billing.page')}?month={form.cleaned_data['from_month'][:7]}")
    prices = queries.current_prices(scheme_id=scheme_id, month=billing.month_after(billing.month_of(today)))
    context = {"form": form, "prices": words.price_rows(prices)}
    return render(request, "desk/billing/plan.html", context, status=422 if form.errors else 200)


@door(Permission.APPLY)
def options(request: Visit, user_code_id: UUID) -> HttpResponse:
    """Choose what a user code pays for, from a month to come."""
    today = jst_day(request.at)
    following = billing.month_after(billing.month_of(today))
    own = {one.id: one for one in queries.code_views(organisation_id=request.organisation_id, month=following)}
    code = own.get(user_code_id)
    if code is None:
        raise NotFound
    initial = {"paid_statistics": code.paid_statistics, "keeps_bonded_data": code.keeps_bonded_data}
    form = OptionsForm(request.POST or None, today=today, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            contracts.choose_options(
                organisation_id=request.organisation_id,
                user_code_id=user_code_id,
                paid_statistics=given["paid_statistics"],
                keeps_bonded_data=given["keeps_bonded_data"],
                from_month=date.fromisoformat(given["from_month"]),
                by=request.actor,
                at=request.at,
            )
        except Refused as refusal:
            form.add_error(_place_of(refusal, code), said(refusal))
        else:
            messages.success(request, gettext("有料項目を選びました。"))
            return redirect(f"{reverse('desk:billing.page')}?month={given['from_month'][:7]}")
    return render(
        request, "desk/billing/options.html", {"form": form, "code": code}, status=422 if form.errors else 200
    )


def _place_of(refusal: Refused, code: queries.CodeView) -> str:
    if isinstance(refusal, billing.MonthTooLate):
        return "from_month"
    is_of_statistics = isinstance(refusal, billing.NotForTheseIndustries) and not code.may_pay
    return "paid_statistics" if is_of_statistics else "keeps_bonded_data"


def _month(request: Visit, month: date) -> dict[str, Any]:
    organisation = organisations.organisation(organisation_id=request.organisation_id)
    bill = queries.bill(organisation_id=organisation.id, organisation_name=organisation.name, month=month)
    return {
        "bill": bill,
        "lines": [(words.item_name(line.item), line) for line in bill.lines],
        "unit_prices": [
            (part.scheme, part.plan, price.amount)
            for part in bill.schemes
            if (price := part.prices.get(billing.USE)) is not None
        ],
        "codes": queries.code_views(organisation_id=request.organisation_id, month=month),
    }


routes = [
    path("billing/", page, name="billing.page"),
    path("billing/download/", download, name="billing.download"),
    path("billing/plan/<uuid:scheme_id>/", plan, name="billing.plan"),
    path("billing/codes/<uuid:user_code_id>/", options, name="billing.options"),
]
