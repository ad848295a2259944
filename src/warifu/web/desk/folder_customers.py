"""フォルダの顧問先と保存義務者: for which customer of the office a folder is, and who its keeper is here (D-21)."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext

from warifu.folders.actions import keepers
from warifu.folders.actions.folders import CustomerHasFolder
from warifu.foundation.refusals import NotFound
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission
from warifu.web.desk.folders import frame_of, reached_by
from warifu.web.shared import folder_customers
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.paging import id_or_none
from warifu.web.shared.refusals import said


class TieForm(forms.Form):
    """Which customer."""

    customer = forms.UUIDField(widget=forms.HiddenInput)


@door(Permission.FOLDERS_MANAGE, recent=True)
def page(request: Visit, folder_id: UUID) -> HttpResponse:
    """Search the office's customers, pick one and confirm; its organisation, where there is one, becomes the keeper."""
    reached = reached_by(request, folder_id, Permission.FOLDERS_MANAGE)
    office_id = request.organisation_id
    if not organisations.organisation(organisation_id=office_id).is_office:
        raise NotFound
    form = TieForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        customer = folder_customers.chosen(office_id=office_id, customer_id=form.cleaned_data["customer"])
        try:
            keepers.tie(
                organisation_id=office_id,
                folder_id=folder_id,
                customer_id=customer.id,
                customer_code=customer.values["code"],
                keeper_id=customer.client_id,
                by=request.actor,
                at=request.at,
            )
        except (keepers.KeeperStays, CustomerHasFolder) as refusal:
            messages.error(request, said(refusal))
        else:
            messages.success(request, gettext("顧問先と結び付けました。"))
            return redirect("desk:folders.page", folder_id=folder_id)
    tied, picked = reached.folder.customer_id, id_or_none(request.GET.get("customer", ""))
    text = request.GET.get("q", "")
    lines, is_more = folder_customers.found(office_id=office_id, text=text)
    context = {
        **frame_of(request, reached),
        "customer": folder_customers.chosen(office_id=office_id, customer_id=tied) if tied else None,
        "picked": folder_customers.chosen(office_id=office_id, customer_id=picked) if picked else None,
        "text": text,
        "lines": lines,
        "is_more": is_more,
        "days": keepers.CORRECTABLE.days,
    }
    return render(request, "desk/folder_customers/page.html", context, status=422 if request.method == "POST" else 200)


routes = [path("folders/<uuid:folder_id>/customer/", page, name="folder_customers.page")]
