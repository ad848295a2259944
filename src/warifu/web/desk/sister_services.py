"""姉妹サービス: which services take in the people of this organisation (000-17, 000-18)."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from warifu.credentials.actions import sister_services
from warifu.credentials.queries import sharing as queries
from warifu.foundation.refusals import Refused
from warifu.organisations.rules import Permission
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.forms import add_refusal


class ServiceForm(forms.Form):
    """What the service's people give."""

    name = forms.CharField(
        label=_("サービスの名前"),
        max_length=100,
        help_text=_("利用者に、どこへ情報を渡すかを確かめる画面に出ます。"),
        error_messages={"required": _("サービスの名前を入れてください。")},
    )
    addresses = forms.CharField(
        label=_("戻り先のアドレス（redirect URI）"),
        max_length=5000,
        help_text=_("一行に一つ。サービスの説明にあるとおりに入れてください。一字でも違うと、つながりません。"),
        widget=forms.Textarea({"rows": 3, "spellcheck": "false"}),
        error_messages={"required": _("戻り先のアドレスを入れてください。")},
    )
    shares_roles = forms.BooleanField(
        label=_("役割（管理者、従業員など）も共有してよい"),
        required=False,
        help_text=_("氏名とメールアドレスは、サービスが求め、本人が同意したときに渡します。個人番号は渡せません。"),
    )


@door(Permission.SECURITY_MANAGE)
@require_GET
def listing(request: Visit) -> HttpResponse:
    """All services, ended ones included."""
    lines = queries.services_of(organisation_id=request.organisation_id)
    return render(request, "desk/sister_services/listing.html", {"lines": lines, "issuer": settings.WARIFU.site_url})


@door(Permission.SECURITY_MANAGE, recent=True)
def add(request: Visit) -> HttpResponse:
    """Register a service; its secret is on the answering page and nowhere else, ever."""
    form = ServiceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = sister_services.add(
                organisation_id=request.organisation_id,
                name=form.cleaned_data["name"],
                redirect_uris=form.cleaned_data["addresses"].splitlines(),
                shares_roles=form.cleaned_data["shares_roles"],
                by=request.actor,
                at=request.at,
            )
        except Refused as refusal:
            add_refusal(form, refusal, "addresses")
        else:
            context = {"made": made, "name": form.cleaned_data["name"], "issuer": settings.WARIFU.site_url}
            return render(request, "desk/sister_services/added.html", context)
    return render(request, "desk/sister_services/add.html", {"form": form}, status=422 if form.errors else 200)


@door(Permission.SECURITY_MANAGE, recent=True)
@require_POST
def end(request: Visit, service_id: UUID) -> HttpResponse:
    """Stop sharing with a service."""
    sister_services.end(organisation_id=request.organisation_id, service_id=service_id, by=request.actor, at=request.at)
    messages.success(request, gettext("姉妹サービスとの共有をやめました。"))
    return redirect("desk:sister_services.listing")


routes = [
    path("sister-services/", listing, name="sister_services.listing"),
    path("sister-services/add/", add, name="sister_services.add"),
    path("sister-services/<uuid:service_id>/end/", end, name="sister_services.end"),
]
