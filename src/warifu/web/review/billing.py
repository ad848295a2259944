"""請求予定と料金: what every organisation is charged for a month, and the table of prices (B5)."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from warifu.applications.actions import contracts
from warifu.applications.queries import billing as queries
from warifu.applications.queries import schemes
from warifu.applications.rules import billing
from warifu.foundation.days import jst_day
from warifu.organisations.rules import Permission
from warifu.web.shared import billing_words as words
from warifu.web.shared import csv_files
from warifu.web.shared.application_forms import TypedField, said, said_later
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.paging import id_or_none

_AMOUNT = dict.fromkeys(
    ("required", "invalid", "min_value", "max_value"), said_later(billing.AmountUnusable(most=f"{billing.HIGHEST:,}"))
)


class PriceForm(forms.Form):
    """What an item costs in a plan from a month on."""

    item = forms.ChoiceField(label=_("項目"), choices=list(words.ITEMS.items()))
    plan = forms.ChoiceField(label=_("料金プラン"), choices=[("A", _("プランA")), ("B", _("プランB"))])
    amount = forms.IntegerField(
        label=_("金額（税抜き、円）"), min_value=0, max_value=billing.HIGHEST, error_messages=_AMOUNT
    )
    from_month = forms.ChoiceField(label=_("いつから"))
    source = TypedField("name", label=_("出典"), help_text=_("どの文書の金額かを書きます。"))

    def __init__(self, *given: Any, today: date, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["from_month"].choices = words.months_to_come(today)  # type: ignore[attr-defined]


class ChargeForm(forms.Form):
    """A line that the operator puts on a bill."""

    item = TypedField("name", label=_("項目"), help_text=_("例: 利用料"))
    detail = TypedField("name", label=_("内容"), help_text=_("例: 1,200件"))
    amount = forms.IntegerField(
        label=_("金額（税抜き、円）"), min_value=0, max_value=billing.HIGHEST, error_messages=_AMOUNT
    )

    def clean_item(self) -> str:
        """The item; a line without one cannot be told from another."""
        text = str(self.cleaned_data["item"])
        if not text or text in billing.ITEMS:
            raise forms.ValidationError(gettext("項目の名前を入れてください。"))
        return text


@door(Permission.REVIEW)
@require_GET
def listing(request: Visit) -> HttpResponse:
    """Everybody's month."""
    month, text = words.month_or(request.GET.get("month", ""), jst_day(request.at)), request.GET.get("q", "").strip()
    bills, after = queries.bills_page(
        by=request.actor, month=month, text=text, after=id_or_none(request.GET.get("after", ""))
    )
    address = reverse("review:billing.listing")
    query = {"month": f"{month:%Y-%m}", "q": text, "after": str(after)}
    context = {
        "bills": bills,
        "month": month,
        "text": text,
        "older": f"{address}?{urlencode(query)}" if after else "",
        "schemes": schemes.all_schemes(),
        **words.around(month),
    }
    return render(request, "review/billing/listing.html", context)


@door(Permission.REVIEW)
@require_GET
def download(request: Visit) -> StreamingHttpResponse:
    """Everybody's month as CSV."""
    month = words.month_or(request.GET.get("month", ""), jst_day(request.at))
    return csv_files.answer(
        file_name=f"billing-{month:%Y-%m}.csv",
        header=words.header(),
        rows=words.rows(queries.all_bills(by=request.actor, month=month)),
    )


@door(Permission.REVIEW)
def prices(request: Visit, scheme_id: UUID) -> HttpResponse:
    """The table of prices, and a new price from a month to come."""
    form = PriceForm(request.POST or None, today=jst_day(request.at))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            contracts.set_price(
                scheme_id=scheme_id,
                item=given["item"],
                plan=given["plan"],
                amount=given["amount"],
                from_month=date.fromisoformat(given["from_month"]),
                source=given["source"],
                by=request.actor,
                at=request.at,
            )
        except billing.MonthTooLate as refusal:
            form.add_error("from_month", said(refusal))
        else:
            messages.success(request, gettext("料金を定めました。"))
            return redirect("review:billing.prices", scheme_id=scheme_id)
    table = [(words.item_name(price.item), price) for price in queries.prices(scheme_id=scheme_id)]
    context = {"form": form, "table": table}
    return render(request, "review/billing/prices.html", context, status=422 if form.errors else 200)


@door(Permission.REVIEW)
def charge(request: Visit, organisation_id: UUID, month: str) -> HttpResponse:
    """Put a line on an organisation's bill."""
    form, on = ChargeForm(request.POST or None), words.month_or(month, jst_day(request.at))
    if request.method == "POST" and form.is_valid():
        contracts.charge(
            organisation_id=organisation_id,
            month=on,
            item=form.cleaned_data["item"],
            detail=form.cleaned_data["detail"],
            amount=form.cleaned_data["amount"],
            by=request.actor,
            at=request.at,
        )
        messages.success(request, gettext("請求に項目を加えました。"))
        return redirect(f"{reverse('review:billing.listing')}?month={on:%Y-%m}")
    bill = queries.bill_of(by=request.actor, organisation_id=organisation_id, month=on)
    lines = [(words.item_name(line.item), line) for line in bill.lines]
    context = {"form": form, "bill": bill, "lines": lines}
    return render(request, "review/billing/charge.html", context, status=422 if form.errors else 200)


routes = [
    path("billing/", listing, name="billing.listing"),
    path("billing/download/", download, name="billing.download"),
    path("billing/prices/<uuid:scheme_id>/", prices, name="billing.prices"),
    path("billing/<uuid:organisation_id>/<str:month>/", charge, name="billing.charge"),
]
