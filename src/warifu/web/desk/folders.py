"""電子帳簿保存フォルダ: the list, one folder with its search, add one or many, change, end (003-9, B1)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from warifu.folders.actions import disposal, folders
from warifu.folders.actions.folders import Wish
from warifu.folders.queries import folders as queries
from warifu.folders.queries import search
from warifu.folders.queries.access import Reached, reach
from warifu.folders.rules.fields import MIB
from warifu.folders.rules.search import NO_LIMITS
from warifu.foundation.days import jst_day
from warifu.foundation.refusals import Refused
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission, may
from warifu.web.shared import folder_customers
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.folder_forms import FolderForm, ReasonForm, SearchForm
from warifu.web.shared.forms import add_refusal
from warifu.web.shared.paging import id_or_none

STATES = {"": _("すべて"), **queries.STATES}


class EndForm(forms.Form):
    """The customer's name, typed once more."""

    typed_name = forms.CharField(label=_("顧客の名前"), max_length=200, widget=forms.TextInput({"autocomplete": "off"}))


class HandOverForm(forms.Form):
    """To whom."""

    to_code = forms.CharField(label=_("新しい事務所の組織コード"), max_length=40)


class DisposeForm(ReasonForm):
    """Up to which day of trade, and why."""

    field_order = ("until", "reason")

    until = forms.DateField(
        label=_("取引年月日がこの日までのもの"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )


@door(Permission.FOLDERS_READ)
@require_GET
def listing(request: Visit) -> HttpResponse:
    """Folders by the customer's name, with their meters; asked for the one of a customer, that one."""
    text, state = request.GET.get("q", ""), request.GET.get("state", "")
    customer_id = id_or_none(request.GET.get("customer", ""))
    given: dict[str, Any] = {"organisation_id": request.organisation_id, "by": request.actor, "at": request.at}
    lines, after = queries.listing(
        **given, text=text, state=state, customer_id=customer_id, after=request.GET.get("after", "")
    )
    if customer_id and len(lines) == 1:
        return redirect("desk:folders.page", folder_id=lines[0].id)
    context = {
        "lines": lines,
        "totals": queries.totals(**given),
        "states": STATES.items(),
        "state": state if state in STATES else "",
        "text": text,
        "next": f"?{urlencode({'q': text, 'state': state, 'after': after})}" if after else "",
        "may_manage": may_here(request, Permission.FOLDERS_MANAGE),
        "is_narrowed": bool(text or state or customer_id),
        "organisation_id": request.organisation_id,
        "may_see_customers": may_here(request, Permission.CUSTOMERS_MANAGE),
    }
    return render(request, "desk/folders/listing.html", context)


@door(Permission.FOLDERS_MANAGE)
def add(request: Visit) -> HttpResponse:
    """One new folder: an office picks the customer first, a company's own has its own name in it already."""
    own = organisations.organisation(organisation_id=request.organisation_id)
    customer_id = id_or_none(request.GET.get("customer", "")) if own.is_office else None
    if own.is_office and request.method == "GET" and not customer_id and "free" not in request.GET:
        return _choose(request)
    customer = folder_customers.chosen(office_id=own.id, customer_id=customer_id) if customer_id else None
    initial: dict[str, Any] = {}
    if customer is not None:
        initial = folder_customers.initial_of(customer=customer)
    elif not own.is_office:
        number = f"T{own.corporate_number}" if own.corporate_number else ""
        initial = {"customer_name": own.name, "registration_number": number}
    form = FolderForm(request.POST or None, initial=initial, is_own=not own.is_office)
    if request.method == "POST" and form.is_valid():
        wish = wish_of(form)
        if customer is not None:
            wish = replace(wish, customer_id=customer.id, keeper_id=customer.client_id)
        try:
            folder_id = folders.open_one(
                organisation_id=request.organisation_id, wish=wish, by=request.actor, at=request.at
            )
        except Refused as refusal:
            add_refusal(form, refusal, field_of(refusal))
        else:
            messages.success(request, gettext("フォルダを作りました。ファイルを入れられます。"))
            return redirect("desk:folders.page", folder_id=folder_id)
    context = {"form": form, "is_office": own.is_office, "customer": customer}
    return render(request, "desk/folders/add.html", context, status=422 if form.errors else 200)


def _choose(request: Visit) -> HttpResponse:
    """The first step of an office: whose folder it shall be."""
    text = request.GET.get("q", "")
    lines, is_more = folder_customers.found(office_id=request.organisation_id, text=text)
    meters = queries.meters(organisation_id=request.organisation_id, customer_ids=[line.id for line in lines])
    context = {"lines": [(line, line.id in meters) for line in lines], "is_more": is_more, "text": text}
    return render(request, "desk/folders/choose.html", context)


@door(Permission.FOLDERS_READ)
@require_GET
def page(request: Visit, folder_id: UUID) -> HttpResponse:
    """One folder: search and its hits, nothing but hits (D-10 … D-12)."""
    reached = reached_by(request, folder_id)
    form = SearchForm(request.GET)
    found, count = search.Page(lines=[], after=""), 0
    if form.is_valid():
        found = search.page(
            organisation_id=request.organisation_id,
            folder_id=folder_id,
            wanted=form.wanted(),
            by=request.actor,
            at=request.at,
            after=request.GET.get("after", ""),
        )
        count = search.count(reached=reached, wanted=form.wanted())
    context = {
        **frame_of(request, reached),
        "form": form,
        "lines": found.lines,
        "count": min(count, search.COUNTED),
        "is_more": count > search.COUNTED,
        "asked": _kept(request.GET),
        "is_asked": bool(_kept(request.GET)),
        "next": f"?{_kept(request.GET, after=found.after)}" if found.after else "",
        "first": f"?{_kept(request.GET)}" if request.GET.get("after") else "",
        "waiting": search.count_waiting(folder_id=folder_id) if reached.limits == NO_LIMITS else 0,
        "faulty": queries.faulty(reached=reached) if reached.limits == NO_LIMITS else [],
    }
    return render(request, "desk/folders/page.html", context, status=422 if form.errors else 200)


@door(Permission.FOLDERS_MANAGE)
def change(request: Visit, folder_id: UUID) -> HttpResponse:
    """Name, limits, years."""
    reached = reached_by(request, folder_id, Permission.FOLDERS_MANAGE)
    folder = reached.folder
    initial = {
        "customer_name": folder.customer_name,
        "customer_code": folder.customer_code,
        "registration_number": folder.registration_number,
        "capacity_mb": -(-folder.capacity // MIB),
        "file_mb": -(-folder.file_limit // MIB),
        "form": "person" if folder.is_sole_trader else "company",
        "year_end_month": folder.year_end_month,
        "keeping_years": folder.keeping_years,
        "extension_months": folder.extension_months,
        "has_rules": folder.has_rules,
    }
    form = FolderForm(request.POST or None, initial=initial, is_own=not folder.organisation.is_office)
    if request.method == "POST" and form.is_valid():
        try:
            folders.change(
                organisation_id=request.organisation_id,
                folder_id=folder_id,
                wish=wish_of(form),
                by=request.actor,
                at=request.at,
            )
        except Refused as refusal:
            add_refusal(form, refusal, field_of(refusal))
        else:
            messages.success(request, gettext("フォルダの設定を変えました。"))
            return redirect("desk:folders.page", folder_id=folder_id)
    context = {
        **frame_of(request, reached),
        "form": form,
        "is_office": reached.folder.organisation.is_office,
        "disposable": disposal.last_day(folder=folder, today=jst_day(request.at)),
    }
    return render(request, "desk/folders/change.html", context, status=422 if form.errors else 200)


@door(Permission.FOLDERS_MANAGE, recent=True)
def end(request: Visit, folder_id: UUID) -> HttpResponse:
    """利用終了: type the name, after a fresh sign-in; the night carries it out."""
    reached = reached_by(request, folder_id, Permission.FOLDERS_MANAGE)
    form = EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            folders.end(
                organisation_id=request.organisation_id,
                folder_id=folder_id,
                typed_name=form.cleaned_data["typed_name"],
                by=request.actor,
                at=request.at,
            )
        except (folders.NameDiffers, folders.NotOpen) as refusal:
            add_refusal(form, refusal, "typed_name")
        else:
            messages.success(request, gettext("今夜1時に利用を終えます。それまでは取り消せます。"))
            return redirect("desk:folders.page", folder_id=folder_id)
    context = {**frame_of(request, reached), "form": form}
    return render(request, "desk/folders/end.html", context, status=422 if form.errors else 200)


@door(Permission.FOLDERS_MANAGE)
@require_POST
def cancel_end(request: Visit, folder_id: UUID) -> HttpResponse:
    """Take the ending back."""
    folders.cancel_end(organisation_id=request.organisation_id, folder_id=folder_id, by=request.actor, at=request.at)
    messages.success(request, gettext("利用終了を取り消しました。いままでどおり使えます。"))
    return redirect("desk:folders.page", folder_id=folder_id)


@door(Permission.FOLDERS_MANAGE, recent=True)
def hand_over(request: Visit, folder_id: UUID) -> HttpResponse:
    """Give the folder, with everything in it, to another office (D-21)."""
    reached = reached_by(request, folder_id, Permission.FOLDERS_READ)
    form = HandOverForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            folders.hand_over(
                organisation_id=request.organisation_id,
                folder_id=folder_id,
                to_code=form.cleaned_data["to_code"],
                by=request.actor,
                at=request.at,
            )
        except folders.NewOfficeUnknown as refusal:
            add_refusal(form, refusal, "to_code")
        else:
            messages.success(request, gettext("フォルダを引き継ぎました。"))
            return redirect("desk:folders.listing")
    context = {**frame_of(request, reached), "form": form}
    return render(request, "desk/folders/hand_over.html", context, status=422 if form.errors else 200)


@door(Permission.FOLDERS_MANAGE, recent=True)
def dispose(request: Visit, folder_id: UUID) -> HttpResponse:
    """Dispose of what has been kept long enough, never of anything else (D-03, D-19)."""
    reached = reached_by(request, folder_id, Permission.FOLDERS_MANAGE)
    last = disposal.last_day(folder=reached.folder, today=jst_day(request.at))
    form = DisposeForm(request.POST or None, initial={"until": last})
    if request.method == "POST" and form.is_valid():
        try:
            count = disposal.dispose(
                organisation_id=request.organisation_id,
                folder_id=folder_id,
                until=form.cleaned_data["until"],
                reason=form.cleaned_data["reason"],
                by=request.actor,
                at=request.at,
            )
        except disposal.KeptUntil as refusal:
            add_refusal(form, refusal, "until")
        else:
            messages.success(
                request, gettext("%(count)d件のファイルを廃棄しました。記録と履歴は残っています。") % {"count": count}
            )
            return redirect("desk:folders.page", folder_id=folder_id)
    context = {**frame_of(request, reached), "form": form, "last": last}
    return render(request, "desk/folders/dispose.html", context, status=422 if form.errors else 200)


def reached_by(request: Visit, folder_id: UUID, permission: Permission = Permission.FOLDERS_READ) -> Reached:
    """The folder that a request is about."""
    return reach(
        organisation_id=request.organisation_id,
        folder_id=folder_id,
        permission=permission,
        by=request.actor,
        at=request.at,
    )


def frame_of(request: Visit, reached: Reached) -> dict[str, Any]:
    """What every screen of a folder shows around its own part."""
    is_whole = reached.limits == NO_LIMITS
    return {
        "folder": queries.view(folder=reached.folder),
        "limits": reached.limits,
        "is_whole": is_whole,
        "is_keeper": reached.is_keeper,
        "may_see_customer": reached.folder.customer_id is not None
        and not reached.is_keeper
        and may_here(request, Permission.CUSTOMERS_MANAGE),
        "may_file": is_whole and not reached.is_keeper and may_here(request, Permission.FOLDERS_FILE),
        "may_manage": not reached.is_keeper and may_here(request, Permission.FOLDERS_MANAGE),
        "may_hand_over": may_here(request, Permission.FOLDERS_MANAGE)
        and (reached.is_keeper or reached.folder.keeper_id is None),
    }


def may_here(request: Visit, permission: Permission) -> bool:
    """Whether the visitor's roles allow a thing in their organisation."""
    return may(by=request.actor, permission=permission, organisation_id=request.organisation_id)


def wish_of(form: FolderForm) -> Wish:
    """What a folder's form wishes."""
    typed = form.cleaned_data
    return Wish(
        customer_name=typed["customer_name"],
        customer_code=typed["customer_code"],
        registration_number=typed["registration_number"],
        capacity=typed["capacity_mb"] * MIB,
        file_limit=typed["file_mb"] * MIB,
        keeping=form.keeping(),
        has_rules=typed["has_rules"],
    )


def field_of(refusal: Refused) -> str:
    """The field of a folder's form that a refusal is about."""
    return {"WF-F102": "customer_code", "WF-F103": "capacity_mb", "WF-F202": "registration_number"}.get(
        refusal.code, "customer_name"
    )


def _kept(asked: QueryDict, after: str = "") -> str:
    kept = {key: value for key, value in asked.items() if value and key != "after"}
    return urlencode(kept | ({"after": after} if after else {}))


routes = [
    path("folders/", listing, name="folders.listing"),
    path("folders/add/", add, name="folders.add"),
    path("folders/<uuid:folder_id>/", page, name="folders.page"),
    path("folders/<uuid:folder_id>/settings/", change, name="folders.change"),
    path("folders/<uuid:folder_id>/end/", end, name="folders.end"),
    path("folders/<uuid:folder_id>/end/cancel/", cancel_end, name="folders.cancel_end"),
    path("folders/<uuid:folder_id>/hand-over/", hand_over, name="folders.hand_over"),
    path("folders/<uuid:folder_id>/dispose/", dispose, name="folders.dispose"),
]
