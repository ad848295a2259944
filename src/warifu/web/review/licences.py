"""ライセンス: who bought what until when; take one back (A1, A4)."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from warifu.licences.actions import revoking
from warifu.licences.queries import cards as queries
from warifu.organisations.rules import Permission
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.forms import add_refusal
from warifu.web.shared.paging import id_or_none

TABS = {"": _("すべて"), "active": _("利用開始前"), "started": _("利用中"), "revoked": _("取消")}


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("理由"), max_length=200)


@door(Permission.LICENCES_MANAGE)
@require_GET
def listing(request: Visit) -> HttpResponse:
    """Licences, the newest first."""
    state, text = request.GET.get("state", ""), request.GET.get("q", "").strip()
    state = state if state in TABS else ""
    lines, older = queries.licences_page(
        by=request.actor, state=state, text=text, before=id_or_none(request.GET.get("before", ""))
    )
    address = reverse("review:licences.listing")
    context = {
        "lines": lines,
        "tabs": TABS.items(),
        "state": state,
        "text": text,
        "older": f"{address}?{urlencode({'state': state, 'q': text, 'before': str(older)})}" if older else "",
    }
    return render(request, "review/licences/listing.html", context)


@door(Permission.LICENCES_MANAGE, recent=True)
def revoke(request: Visit, licence_id: UUID) -> HttpResponse:
    """Take a licence back."""
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            revoking.revoke_licence(
                licence_id=licence_id, reason=form.cleaned_data["reason"], by=request.actor, at=request.at
            )
        except revoking.RevokedBefore as refusal:
            add_refusal(form, refusal, "reason")
        else:
            messages.success(request, gettext("ライセンスを取り消しました。"))
            return redirect("review:licences.listing")
    return render(request, "review/licences/revoke.html", {"form": form}, status=422 if form.errors else 200)


routes = [
    path("licences/", listing, name="licences.listing"),
    path("licences/<uuid:licence_id>/revoke/", revoke, name="licences.revoke"),
]
