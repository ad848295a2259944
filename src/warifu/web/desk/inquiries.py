"""届出・お問い合わせ: send one to the operator, answer those that came in (003-15)."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from warifu.customers.actions import inquiries
from warifu.customers.actions.shared import insist_office
from warifu.customers.queries import inquiries as queries
from warifu.foundation.refusals import Refused
from warifu.organisations.rules import Permission
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.inquiries import InquiryForm, in_lines
from warifu.web.shared.refusals import said


class AnswerForm(forms.Form):
    """What the sender reads."""

    answer = forms.CharField(
        label=_("お答え"),
        required=False,
        max_length=inquiries.LONGEST,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("お断りするときは、理由と、次にしていただくことを書いてください。"),
    )


@door(Permission.CUSTOMERS_MANAGE)
@require_GET
def listing(request: Visit) -> HttpResponse:
    """What customers sent to the office."""
    insist_office(office_id=request.organisation_id, by=request.actor)
    return _queue(request, about_customers=True)


@door(Permission.LICENCES_MANAGE)
@require_GET
def operator(request: Visit) -> HttpResponse:
    """What organisations sent to the operator."""
    return _queue(request, about_customers=False)


@door(Permission.CUSTOMERS_MANAGE)
@require_http_methods(["GET", "POST"])
def page(request: Visit, inquiry_id: UUID) -> HttpResponse:
    """One request of a customer: take it, then answer it."""
    return _one(request, inquiry_id, take="desk:inquiries.take", back="desk:inquiries.listing")


@door(Permission.LICENCES_MANAGE)
@require_http_methods(["GET", "POST"])
def operator_page(request: Visit, inquiry_id: UUID) -> HttpResponse:
    """One request of an organisation: take it, then answer it."""
    return _one(request, inquiry_id, take="desk:inquiries.operator_take", back="desk:inquiries.operator")


@door(Permission.CUSTOMERS_MANAGE)
@require_POST
def take(request: Visit, inquiry_id: UUID) -> HttpResponse:
    """Take a customer's request."""
    return _take(request, inquiry_id, "desk:inquiries.page")


@door(Permission.LICENCES_MANAGE)
@require_POST
def operator_take(request: Visit, inquiry_id: UUID) -> HttpResponse:
    """Take an organisation's request."""
    return _take(request, inquiry_id, "desk:inquiries.operator_page")


@door(Permission.SETTINGS_MANAGE)
@require_http_methods(["GET", "POST"])
def send(request: Visit) -> HttpResponse:
    """Tell the operator a new name or address, or ask a question; what was sent before is below."""
    form = InquiryForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            number = inquiries.send(**form.sent(), by=request.actor, at=request.at)
        except Refused as refusal:
            form.add_error(None, said(refusal))
        else:
            messages.success(request, gettext("お送りしました。受付番号は %(number)s です。") % {"number": number})
            return redirect("desk:inquiries.send")
    lines = [(line, in_lines(line)) for line in queries.own(member_id=request.member_id)]
    context = {"form": form, "lines": lines}
    return render(request, "desk/inquiries/send.html", context, status=422 if form.errors else 200)


def _queue(request: Visit, *, about_customers: bool) -> HttpResponse:
    is_open = request.GET.get("show") != "closed"
    lines, before, after = queries.queue(
        addressee_id=request.organisation_id,
        about_customers=about_customers,
        is_open=is_open,
        cursor=request.GET.get("at", ""),
    )
    query = "show=open" if is_open else "show=closed"
    context = {
        "lines": [(line, reverse(_page_of(about_customers), kwargs={"inquiry_id": line.id})) for line in lines],
        "is_open": is_open,
        "before": f"?{query}&at={before}" if before else "",
        "after": f"?{query}&at={after}" if after else "",
    }
    return render(request, "desk/inquiries/listing.html", context)


def _one(request: Visit, inquiry_id: UUID, *, take: str, back: str) -> HttpResponse:
    view = queries.inquiry(addressee_id=request.organisation_id, inquiry_id=inquiry_id)
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        is_accepted = request.POST.get("verdict") == "accept"
        try:
            inquiries.close(
                organisation_id=request.organisation_id,
                inquiry_id=inquiry_id,
                is_accepted=is_accepted,
                answer=form.cleaned_data["answer"],
                by=request.actor,
                at=request.at,
            )
        except Refused as refusal:
            if refusal.status != 409:
                raise
            form.add_error(None, said(refusal))
        else:
            messages.success(request, gettext("お答えしました。"))
            return redirect(back)
    context = {
        "inquiry": view,
        "values": in_lines(view),
        "form": form,
        "take": reverse(take, kwargs={"inquiry_id": inquiry_id}),
        "back": reverse(back),
    }
    return render(request, "desk/inquiries/page.html", context, status=422 if form.errors else 200)


def _take(request: Visit, inquiry_id: UUID, own: str) -> HttpResponse:
    try:
        inquiries.take(organisation_id=request.organisation_id, inquiry_id=inquiry_id, by=request.actor, at=request.at)
    except inquiries.NotWaiting as refusal:
        messages.error(request, said(refusal))
    return redirect(own, inquiry_id=inquiry_id)


def _page_of(about_customers: bool) -> str:
    return "desk:inquiries.page" if about_customers else "desk:inquiries.operator_page"


routes = [
    path("inquiries/", listing, name="inquiries.listing"),
    path("inquiries/send/", send, name="inquiries.send"),
    path("inquiries/operator/", operator, name="inquiries.operator"),
    path("inquiries/operator/<uuid:inquiry_id>/", operator_page, name="inquiries.operator_page"),
    path("inquiries/operator/<uuid:inquiry_id>/take/", operator_take, name="inquiries.operator_take"),
    path("inquiries/<uuid:inquiry_id>/", page, name="inquiries.page"),
    path("inquiries/<uuid:inquiry_id>/take/", take, name="inquiries.take"),
]
