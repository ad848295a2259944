"""顧問先の画面: what a 顧客ID sees of each customer that it serves, switched without a new sign-in (003-11, B3-5)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from warifu.customers.actions import inquiries
from warifu.customers.queries import customers as queries
from warifu.customers.queries import inquiries as sent
from warifu.customers.queries.customers import Served
from warifu.customers.rules.records import CUSTOMER_FIELDS, Menu
from warifu.foundation.refusals import NotFound, Refused
from warifu.organisations.rules import Permission
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.inquiries import InquiryForm, in_lines
from warifu.web.shared.refusals import said

_SHOWN = ("name", "kana", "corporate_number", "postal_code", "address", "phone", "mail", "closing_month")
"""What the customer's people see of the office's record; its notes are the office's own."""


@door(Permission.OWN_RECORD)
@require_GET
def listing(request: Visit) -> HttpResponse:
    """The customers that this ID serves; with one only, that one."""
    served = queries.served_by(member_id=request.member_id)
    if len(served) == 1:
        return redirect("mypage:customers.page", customer_id=served[0].customer_id)
    return render(request, "mypage/customers/listing.html", {"served": served})


@door(Permission.OWN_RECORD)
@require_GET
def page(request: Visit, customer_id: UUID) -> HttpResponse:
    """One customer, with the menus that the office has decided."""
    here, others = _here(request, customer_id)
    fields: list[tuple[str, str]] = []
    if Menu.RECORD in here.menus:
        view = queries.customer(office_id=here.office_id, customer_id=customer_id)
        labels = {field.name: field.label for field in CUSTOMER_FIELDS}
        fields = [(gettext(labels[name]), view.values[name]) for name in _SHOWN if view.values[name]]
    context = {
        "here": here,
        "others": others,
        "fields": fields,
        "may_ask": Menu.INQUIRIES in here.menus,
        "may_file": Menu.FOLDERS in here.menus,
    }
    return render(request, "mypage/customers/page.html", context)


@door(Permission.OWN_RECORD)
@require_http_methods(["GET", "POST"])
def inquiry(request: Visit, customer_id: UUID) -> HttpResponse:
    """Tell the office a new name or address, or ask it something; what was sent before is below."""
    here, _others = _here(request, customer_id)
    if Menu.INQUIRIES not in here.menus:
        raise NotFound
    form = InquiryForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            number = inquiries.send(**form.sent(), customer_id=customer_id, by=request.actor, at=request.at)
        except Refused as refusal:
            form.add_error(None, said(refusal))
        else:
            messages.success(request, gettext("お送りしました。受付番号は %(number)s です。") % {"number": number})
            return redirect("mypage:customers.inquiry", customer_id=customer_id)
    lines = [
        (line, in_lines(line)) for line in sent.own(member_id=request.member_id) if line.customer_id == customer_id
    ]
    context = {"form": form, "here": here, "lines": lines}
    return render(request, "mypage/customers/inquiry.html", context, status=422 if form.errors else 200)


def _here(request: Visit, customer_id: UUID) -> tuple[Served, list[Served]]:
    served = queries.served_by(member_id=request.member_id)
    for one in served:
        if one.customer_id == customer_id:
            return one, [other for other in served if other is not one]
    raise NotFound


routes = [
    path("customers/", listing, name="customers.listing"),
    path("customers/<uuid:customer_id>/", page, name="customers.page"),
    path("customers/<uuid:customer_id>/inquiry/", inquiry, name="customers.inquiry"),
]
