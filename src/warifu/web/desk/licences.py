"""ライセンス・接続情報: what is in use until when, at which addresses; start another licence (000-17 … 000-26)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET

from warifu.foundation.days import jst_day
from warifu.licences.actions import starting
from warifu.licences.queries import connections
from warifu.licences.rules.procedures import RENEWAL, START_OF_USE
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission
from warifu.web.shared import visitor
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.start_forms import REFUSALS, StartForm


@door(Permission.SECURITY_MANAGE)
@require_GET
def page(request: Visit) -> HttpResponse:
    """Addresses, and a tab for each service with its licences or its start, so that no old mail is needed
    (000-19, 000-20, 000-26)."""
    organisation = organisations.organisation(organisation_id=request.organisation_id)
    lines = connections.connections(organisation_id=request.organisation_id)
    services = {line.product_code: line.product for line in lines}
    services |= {each.code: each.name for each in connections.startable()}
    asked = request.GET.get("service", "")
    service = asked if asked in services else next(iter(services), "")
    context = {
        "organisation": organisation,
        "today": jst_day(request.at),
        "tabs": services.items(),
        "service": service,
        "service_name": services.get(service, ""),
        "lines": [line for line in lines if line.product_code == service],
        "may_renew": any(line.product_code == service and not line.is_revoked for line in lines),
        "addresses": connections.addresses_of(organisation_code=organisation.code),
        "procedure": RENEWAL,
    }
    return render(request, "desk/licences/page.html", context)


@door(Permission.SECURITY_MANAGE, recent=True)
@sensitive_post_parameters("key")
def start(request: Visit) -> HttpResponse:
    """利用開始: the users of this very organisation are shared, and the page says so before the button (000-18)."""
    products = {each.code: str(each.id) for each in connections.startable()}
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
