"""ライセンス・接続情報: what is in use until when, at which addresses; start another licence (000-17 … 000-26)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET

from warifu.licences.actions import starting
from warifu.licences.queries import connections
from warifu.licences.rules.procedures import START_OF_USE
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission
from warifu.web.shared import visitor
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.start_forms import REFUSALS, StartForm


@door(Permission.SECURITY_MANAGE)
@require_GET
def page(request: Visit) -> HttpResponse:
    """Licences in use and the addresses, so that no old mail is needed (000-19, 000-26)."""
    organisation = organisations.organisation(organisation_id=request.organisation_id)
    context = {
        "organisation": organisation,
        "lines": connections.connections(organisation_id=request.organisation_id),
        "addresses": connections.addresses_of(organisation_code=organisation.code),
        "products": connections.products(),
    }
    return render(request, "desk/licences/page.html", context)


@door(Permission.SECURITY_MANAGE, recent=True)
@sensitive_post_parameters("key")
def start(request: Visit) -> HttpResponse:
    """利用開始: the users of this very organisation are shared, and the page says so before the button (000-18)."""
    products = {each.code: str(each.id) for each in connections.products()}
    form = StartForm(request.POST or None, initial={"product": products.get(request.GET.get("product", ""), "")})
    if request.method == "POST" and form.is_valid():
        try:
            starting.start_inside(
                organisation_id=request.organisation_id,
                shown=form.shown(visitor.address_of(request)),
                issued_to=form.cleaned_data["issued_to"],
                by=request.actor,
                at=request.at,
            )
        except REFUSALS as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, gettext("利用を開始しました。「導入作業開始のお知らせ」をメールでお送りします。"))
            return redirect("desk:licences.page")
    context = {
        "form": form,
        "organisation": organisations.organisation(organisation_id=request.organisation_id),
        "procedure": START_OF_USE,
    }
    return render(request, "desk/licences/start.html", context, status=422 if form.errors else 200)


routes = [
    path("licences/", page, name="licences.page"),
    path("licences/start/", start, name="licences.start"),
]
