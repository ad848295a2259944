"""顧問先: the list, one customer with its history, edited in place (003-10; offices only)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from warifu.customers.actions import customers, exports
from warifu.customers.actions.shared import insist_office
from warifu.customers.queries import customers as queries
from warifu.customers.queries import entrustments
from warifu.customers.queries.customers import ChangeLine, CustomerView, Show
from warifu.customers.rules import records
from warifu.customers.rules.entrusting import Clause, Task
from warifu.customers.rules.records import Field, Menu
from warifu.folders.queries import folders
from warifu.foundation.days import jst_day
from warifu.foundation.refusals import Refused
from warifu.organisations import queries as organisations
from warifu.organisations.rules import PERMISSIONS, Permission
from warifu.web.desk.entrustments import OfferForm
from warifu.web.desk.folders import may_here
from warifu.web.shared import csv_files
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.paging import id_or_none
from warifu.web.shared.refusals import said
from warifu.web.shared.words import CLAUSES, MENUS, TASKS

SHOWS = {
    Show.SERVED: _("すべて"),
    Show.MINE: _("わたしの担当"),
    Show.ENTRUSTED: _("委託を受けている"),
    Show.ENDED: _("終えた顧問先"),
}
KINDS = [("company", _("法人")), ("person", _("個人"))]
FIELD_NAMES = {field.name: field.label for field in (*records.CUSTOMER_FIELDS, *records.PERSON_FIELDS)}
OTHER_NAMES = {
    "charges": _("担当"),
    "client": _("委託の相手"),
    "member": _("顧客ID"),
    "menus": _("メニュー"),
    "ended_on": _("終えた日"),
}


class CustomerForm(forms.Form):
    """A new customer: what is known of it; the rest may be filled in later."""

    kind = forms.ChoiceField(label=_("法人か個人か"), choices=KINDS, initial="company", widget=forms.RadioSelect)

    def __init__(self, data: QueryDict | None) -> None:
        super().__init__(data)
        for field in records.CUSTOMER_FIELDS:
            self.fields[field.name] = text_field(field)

    def texts(self) -> dict[str, str]:
        """The fields' texts by name."""
        return {field.name: self.cleaned_data[field.name] for field in records.CUSTOMER_FIELDS}


class ChargesForm(forms.Form):
    """Who looks after a customer, and who mainly."""

    members = forms.MultipleChoiceField(label=_("担当"), required=False, widget=forms.CheckboxSelectMultiple)
    main = forms.ChoiceField(label=_("主な担当"), required=False)

    def __init__(self, data: QueryDict | None, *, staff: list[tuple[str, str]], initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        self.fields["members"].choices = staff  # type: ignore[attr-defined]
        self.fields["main"].choices = [("", _("決めない")), *staff]  # type: ignore[attr-defined]


def text_field(field: Field) -> forms.CharField:
    """The form's field for a field of a record."""
    widget = forms.Textarea({"rows": 3}) if field.name == "note" else forms.TextInput({"autocomplete": "off"})
    return forms.CharField(
        label=gettext(field.label),
        required=field.needed,
        max_length=field.length * 2,
        widget=widget,
        error_messages={"required": _("この欄は空けておけません。")},
    )


@door(Permission.CUSTOMERS_MANAGE)
@require_GET
def listing(request: Visit) -> HttpResponse:
    """The customers of the office, one page of them."""
    insist_office(office_id=request.organisation_id, by=request.actor)
    show, search = _asked(request.GET)
    page = queries.listed(
        office_id=request.organisation_id,
        show=show,
        member_id=request.member_id,
        search=search,
        cursor=request.GET.get("at", ""),
    )
    counts = queries.counts(office_id=request.organisation_id, member_id=request.member_id)
    context = {
        "lines": page.lines,
        "tabs": [(option.value, name, counts[option], _query(option, search)) for option, name in SHOWS.items()],
        "show": show.value,
        "text": search,
        "total": counts[Show.SERVED] + counts[Show.ENDED],
        "before": f"?{_query(show, search)}&at={page.before}" if page.before else "",
        "after": f"?{_query(show, search)}&at={page.after}" if page.after else "",
        "query": _query(show, search),
    }
    return render(request, "desk/customers/listing.html", context)


@door(Permission.CUSTOMERS_MANAGE, recent=True)
@require_GET
def export(request: Visit) -> HttpResponseBase:
    """The list as a file."""
    exports.record(office_id=request.organisation_id, what="customers", by=request.actor, at=request.at)
    show, search = _asked(request.GET)
    rows = queries.export(office_id=request.organisation_id, show=show, member_id=request.member_id, search=search)
    return csv_files.answer(
        file_name="customers.csv",
        header=[
            gettext("法人か個人か"),
            *(gettext(field.label) for field in records.CUSTOMER_FIELDS),
            gettext("終えた日"),
        ],
        rows=(
            [str(dict(KINDS)[row.kind]), *row.values.values(), row.ended_on.isoformat() if row.ended_on else ""]
            for row in rows
        ),
    )


@door(Permission.CUSTOMERS_MANAGE)
@require_http_methods(["GET", "POST"])
def add(request: Visit) -> HttpResponse:
    """Take on a customer."""
    insist_office(office_id=request.organisation_id, by=request.actor)
    form = CustomerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            customer_id = customers.add(
                office_id=request.organisation_id,
                kind=form.cleaned_data["kind"],
                values=form.texts(),
                by=request.actor,
                at=request.at,
            )
        except Refused as refusal:
            form.add_error(None, said(refusal))
        else:
            messages.success(request, gettext("顧問先を加えました。次に、担当者を加えると顧客IDを発行できます。"))
            return redirect("desk:customers.page", customer_id=customer_id)
    return render(request, "desk/customers/add.html", {"form": form}, status=422 if form.errors else 200)


@door(Permission.CUSTOMERS_MANAGE)
@require_GET
def page(request: Visit, customer_id: UUID) -> HttpResponse:
    """One customer: its record with empty rows hidden or shown, persons, charges, entrustments, newest changes."""
    return _page(request, customer_id)


@door(Permission.CUSTOMERS_MANAGE)
@require_POST
def change(request: Visit, customer_id: UUID) -> HttpResponse:
    """Change the one field that was opened, in place."""
    name = request.POST.get("field", "")
    text = request.POST.get("text", "")
    try:
        customers.change(
            office_id=request.organisation_id,
            customer_id=customer_id,
            values={name: text},
            by=request.actor,
            at=request.at,
        )
    except Refused as refusal:
        if refusal.status != 409:
            raise
        return _page(request, customer_id, edited=name, text=text, fault=said(refusal), status=422)
    messages.success(request, gettext("書き換えました。前の内容は、変更履歴に残っています。"))
    return redirect(_kept(request, customer_id))


@door(Permission.CUSTOMERS_MANAGE)
@require_POST
def charges(request: Visit, customer_id: UUID) -> HttpResponse:
    """Decide who looks after the customer."""
    form = ChargesForm(request.POST, staff=_staff(request), initial={})
    if form.is_valid():
        customers.set_charges(
            office_id=request.organisation_id,
            customer_id=customer_id,
            member_ids=[UUID(text) for text in form.cleaned_data["members"]],
            main_id=id_or_none(form.cleaned_data["main"]),
            by=request.actor,
            at=request.at,
        )
        messages.success(request, gettext("担当を決めました。"))
    else:
        messages.error(request, gettext("担当を選び直してください。"))
    return redirect("desk:customers.page", customer_id=customer_id)


@door(Permission.CUSTOMERS_MANAGE, recent=True)
@require_POST
def end(request: Visit, customer_id: UUID) -> HttpResponse:
    """Record that the office no longer serves the customer."""
    try:
        customers.end(
            office_id=request.organisation_id,
            customer_id=customer_id,
            last_day=jst_day(request.at),
            by=request.actor,
            at=request.at,
        )
    except customers.StillEntrusted as refusal:
        messages.error(request, said(refusal))
    else:
        messages.success(request, gettext("顧問先を終えました。記録は「終えた顧問先」で読めます。"))
    return redirect("desk:customers.page", customer_id=customer_id)


@door(Permission.CUSTOMERS_MANAGE)
@require_GET
def history(request: Visit, customer_id: UUID) -> HttpResponse:
    """The whole history of a customer, to search and to page through (003-10 (a))."""
    insist_office(office_id=request.organisation_id, by=request.actor)
    view = queries.customer(office_id=request.organisation_id, customer_id=customer_id)
    search = request.GET.get("q", "")[:100]
    lines, before, after = queries.history(
        office_id=request.organisation_id, customer_id=customer_id, search=search, cursor=request.GET.get("at", "")
    )
    query = urlencode({"q": search})
    context = {
        "customer": view,
        "lines": [(line, field_name(line)) for line in lines],
        "text": search,
        "query": query,
        "before": f"?{query}&at={before}" if before else "",
        "after": f"?{query}&at={after}" if after else "",
    }
    return render(request, "desk/customers/history.html", context)


@door(Permission.CUSTOMERS_MANAGE, recent=True)
@require_GET
def history_export(request: Visit, customer_id: UUID) -> HttpResponseBase:
    """The history as a file."""
    view = queries.customer(office_id=request.organisation_id, customer_id=customer_id)
    exports.record(
        office_id=request.organisation_id, what="history", by=request.actor, at=request.at, customer_id=view.id
    )
    rows = queries.history_export(
        office_id=request.organisation_id, customer_id=customer_id, search=request.GET.get("q", "")[:100]
    )
    return csv_files.answer(
        file_name="customer-history.csv",
        header=[str(word) for word in (_("日時"), _("だれが"), _("だれの"), _("何を"), _("変更前"), _("変更後"))],
        rows=(
            [line.at.isoformat(), line.by_name, line.person, field_name(line), line.before, line.after] for line in rows
        ),
    )


def field_name(line: ChangeLine) -> str:
    """The field of a line of the history, in words."""
    name = FIELD_NAMES.get(line.field)
    return gettext(name) if name else str(OTHER_NAMES.get(line.field, line.field))


def _page(
    request: Visit, customer_id: UUID, *, edited: str = "", text: str = "", fault: str = "", status: int = 200
) -> HttpResponse:
    insist_office(office_id=request.organisation_id, by=request.actor)
    view = queries.customer(office_id=request.organisation_id, customer_id=customer_id)
    lines, _before, after = queries.history(office_id=request.organisation_id, customer_id=customer_id, limit=5)
    edited = edited or request.GET.get("edit", "")
    is_whole = request.GET.get("rows") == "all"
    fields = [
        (field, gettext(field.label), view.values[field.name], field.name == edited)
        for field in records.CUSTOMER_FIELDS
        if is_whole or view.values[field.name] or field.name == edited
    ]
    context = {
        "customer": view,
        "kind": dict(KINDS)[view.kind],
        "fields": fields,
        "hidden": len(records.CUSTOMER_FIELDS) - len(fields),
        "is_whole": is_whole,
        "text": text or view.values.get(edited, ""),
        "fault": fault,
        "charges_form": _charges_form(request, view),
        "persons": [(person, _menus_of(person.menus)) for person in view.persons],
        "changes": [(line, field_name(line)) for line in lines],
        "has_more_changes": bool(after),
        "entrustments": [
            (line, [TASKS[task] for task in line.tasks])
            for line in entrustments.of_customer(office_id=request.organisation_id, customer_id=customer_id)
        ],
        "offer_form": OfferForm(None),
        "clauses": [CLAUSES[clause] for clause in Clause],
        "tasks": [TASKS[task] for task in Task],
        "folders": folders.listing(
            organisation_id=request.organisation_id, by=request.actor, at=request.at, customer_id=customer_id
        )[0]
        if may_here(request, Permission.FOLDERS_READ)
        else [],
        "may_add_folder": may_here(request, Permission.FOLDERS_MANAGE),
    }
    return render(request, "desk/customers/page.html", context, status=status)


def _charges_form(request: Visit, view: CustomerView) -> ChargesForm:
    return ChargesForm(
        None,
        staff=_staff(request),
        initial={
            "members": [str(charge.member_id) for charge in view.charges],
            "main": next((str(charge.member_id) for charge in view.charges if charge.is_main), ""),
        },
    )


def _staff(request: Visit) -> list[tuple[str, str]]:
    page = organisations.members_page(
        organisation_id=request.organisation_id, roles=PERMISSIONS[Permission.CUSTOMERS_MANAGE], limit=500
    )
    return [(str(row.id), row.full_name) for row in page.members]


def _menus_of(menus: tuple[Menu, ...]) -> str:
    return "、".join(str(MENUS[menu]) for menu in menus)


def _asked(query: QueryDict) -> tuple[Show, str]:
    shows = {show.value: show for show in Show}
    return shows.get(query.get("show", ""), Show.SERVED), query.get("q", "")[:100]


def _query(show: Show, search: str) -> str:
    return urlencode({"show": show.value, "q": search})


def _kept(request: Visit, customer_id: UUID) -> str:
    """The customer's page with its empty rows shown or hidden as they were."""
    address = reverse("desk:customers.page", kwargs={"customer_id": customer_id})
    return f"{address}?rows=all" if request.POST.get("rows") == "all" else address


routes = [
    path("customers/", listing, name="customers.listing"),
    path("customers/export/", export, name="customers.export"),
    path("customers/add/", add, name="customers.add"),
    path("customers/<uuid:customer_id>/", page, name="customers.page"),
    path("customers/<uuid:customer_id>/change/", change, name="customers.change"),
    path("customers/<uuid:customer_id>/charges/", charges, name="customers.charges"),
    path("customers/<uuid:customer_id>/end/", end, name="customers.end"),
    path("customers/<uuid:customer_id>/history/", history, name="customers.history"),
    path("customers/<uuid:customer_id>/history/export/", history_export, name="customers.history_export"),
]
