"""顧問先の担当者: add, change, tie to a 顧客ID, decide their menus (003-10, 003-11, B3-5)."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from warifu.credentials.queries import ids
from warifu.customers.actions import persons
from warifu.customers.actions.shared import insist_office
from warifu.customers.queries import customers as queries
from warifu.customers.queries.customers import CustomerView, PersonView
from warifu.customers.rules import records
from warifu.customers.rules.records import Menu
from warifu.foundation.actor import Role
from warifu.foundation.days import jst_day
from warifu.foundation.refusals import NotFound, Refused
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission
from warifu.web.desk.customers import text_field
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.refusals import said
from warifu.web.shared.words import MENUS


class PersonForm(forms.Form):
    """A person of a customer."""

    def __init__(self, data: QueryDict | None, *, initial: dict[str, str] | None = None) -> None:
        super().__init__(data, initial=initial)
        for field in records.PERSON_FIELDS:
            self.fields[field.name] = text_field(field)


class MenusForm(forms.Form):
    """What this person's ID shows of this customer."""

    menus = forms.MultipleChoiceField(
        label=_("この顧問先で見せるメニュー"),
        choices=[(menu.value, MENUS[menu]) for menu in Menu],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class TieForm(forms.Form):
    """One of the 顧客ID that the office has issued already."""

    member = forms.ChoiceField(
        label=_("すでにある顧客ID"),
        help_text=_("一つのIDで複数の顧問先を使う方のとき。サインインし直さずに、画面の上で切り替えられます。"),
    )

    def __init__(self, data: QueryDict | None, *, members: list[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["member"].choices = members  # type: ignore[attr-defined]


@door(Permission.CUSTOMERS_MANAGE)
@require_http_methods(["GET", "POST"])
def add(request: Visit, customer_id: UUID) -> HttpResponse:
    """Add a person."""
    insist_office(office_id=request.organisation_id, by=request.actor)
    customer = queries.customer(office_id=request.organisation_id, customer_id=customer_id)
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            persons.add(
                office_id=request.organisation_id,
                customer_id=customer_id,
                values=form.cleaned_data,
                by=request.actor,
                at=request.at,
            )
        except Refused as refusal:
            form.add_error(None, said(refusal))
        else:
            messages.success(request, gettext("担当者を加えました。"))
            return redirect("desk:customers.page", customer_id=customer_id)
    context = {"form": form, "customer": customer}
    return render(request, "desk/customer_persons/add.html", context, status=422 if form.errors else 200)


@door(Permission.CUSTOMERS_MANAGE)
@require_http_methods(["GET", "POST"])
def page(request: Visit, customer_id: UUID, person_id: UUID) -> HttpResponse:
    """One person: their record, their 顧客ID and its menus."""
    customer, person = _found(request, customer_id, person_id)
    form = PersonForm(request.POST or None, initial=person.values)
    if request.method == "POST" and form.is_valid():
        try:
            persons.change(
                office_id=request.organisation_id,
                person_id=person_id,
                values=form.cleaned_data,
                by=request.actor,
                at=request.at,
            )
        except Refused as refusal:
            form.add_error(None, said(refusal))
        else:
            messages.success(request, gettext("書き換えました。前の内容は、変更履歴に残っています。"))
            return redirect("desk:customer_persons.page", customer_id=customer_id, person_id=person_id)
    context = {
        "form": form,
        "customer": customer,
        "person": person,
        "user_id": ids.living_text(member_id=person.member_id) if person.member_id else "",
        "menus_form": MenusForm(None, initial={"menus": [menu.value for menu in person.menus]}),
        "tie_form": TieForm(None, members=_customers_of(request)),
    }
    return render(request, "desk/customer_persons/page.html", context, status=422 if form.errors else 200)


@door(Permission.CUSTOMERS_MANAGE)
@require_POST
def make_member(request: Visit, customer_id: UUID, person_id: UUID) -> HttpResponse:
    """Make the person a user, so that the page of IDs can issue one with their mail address (003-11)."""
    try:
        persons.make_member(office_id=request.organisation_id, person_id=person_id, by=request.actor, at=request.at)
    except Refused as refusal:
        if refusal.status != 409:
            raise
        messages.error(request, said(refusal))
        return redirect("desk:customer_persons.page", customer_id=customer_id, person_id=person_id)
    messages.success(
        request, gettext("利用者に加えました。続けて「IDを発行する」で、この方の顧客IDを発行してください。")
    )
    return redirect("desk:customer_persons.page", customer_id=customer_id, person_id=person_id)


@door(Permission.CUSTOMERS_MANAGE)
@require_POST
def tie(request: Visit, customer_id: UUID, person_id: UUID) -> HttpResponse:
    """Let a 顧客ID that exists serve this customer too."""
    form = TieForm(request.POST, members=_customers_of(request))
    if not form.is_valid():
        messages.error(request, gettext("結び付ける顧客IDを選んでください。"))
        return redirect("desk:customer_persons.page", customer_id=customer_id, person_id=person_id)
    try:
        persons.tie(
            office_id=request.organisation_id,
            person_id=person_id,
            member_id=UUID(form.cleaned_data["member"]),
            by=request.actor,
            at=request.at,
        )
    except Refused as refusal:
        if refusal.status != 409:
            raise
        messages.error(request, said(refusal))
    else:
        messages.success(request, gettext("顧客IDを結び付けました。"))
    return redirect("desk:customer_persons.page", customer_id=customer_id, person_id=person_id)


@door(Permission.CUSTOMERS_MANAGE)
@require_POST
def menus(request: Visit, customer_id: UUID, person_id: UUID) -> HttpResponse:
    """Decide what the ID shows of this customer."""
    form = MenusForm(request.POST)
    if form.is_valid():
        persons.set_menus(
            office_id=request.organisation_id,
            person_id=person_id,
            menus=[Menu(text) for text in form.cleaned_data["menus"]],
            by=request.actor,
            at=request.at,
        )
        messages.success(request, gettext("メニューを決めました。次に開いた画面から変わります。"))
    else:
        messages.error(request, gettext("メニューを選び直してください。"))
    return redirect("desk:customer_persons.page", customer_id=customer_id, person_id=person_id)


@door(Permission.CUSTOMERS_MANAGE, recent=True)
@require_POST
def end(request: Visit, customer_id: UUID, person_id: UUID) -> HttpResponse:
    """Record that the person no longer acts for the customer."""
    persons.end(
        office_id=request.organisation_id,
        person_id=person_id,
        last_day=jst_day(request.at),
        by=request.actor,
        at=request.at,
    )
    messages.success(request, gettext("この方は、この顧問先の画面を開けなくなりました。"))
    return redirect("desk:customers.page", customer_id=customer_id)


def _found(request: Visit, customer_id: UUID, person_id: UUID) -> tuple[CustomerView, PersonView]:
    insist_office(office_id=request.organisation_id, by=request.actor)
    customer = queries.customer(office_id=request.organisation_id, customer_id=customer_id)
    for person in customer.persons:
        if person.id == person_id:
            return customer, person
    raise NotFound


def _customers_of(request: Visit) -> list[tuple[str, str]]:
    found = organisations.members_page(organisation_id=request.organisation_id, roles=Role.CUSTOMER, limit=500).members
    return [(str(member.id), f"{member.full_name} {member.mail}") for member in found]


routes = [
    path("customers/<uuid:customer_id>/persons/add/", add, name="customer_persons.add"),
    path("customers/<uuid:customer_id>/persons/<uuid:person_id>/", page, name="customer_persons.page"),
    path(
        "customers/<uuid:customer_id>/persons/<uuid:person_id>/member/",
        make_member,
        name="customer_persons.make_member",
    ),
    path("customers/<uuid:customer_id>/persons/<uuid:person_id>/tie/", tie, name="customer_persons.tie"),
    path("customers/<uuid:customer_id>/persons/<uuid:person_id>/menus/", menus, name="customer_persons.menus"),
    path("customers/<uuid:customer_id>/persons/<uuid:person_id>/end/", end, name="customer_persons.end"),
]
