"""One's own authenticator apps: add with a QR code or a typed key, confirm, stop (L-17)."""

from __future__ import annotations

from uuid import UUID

import segno
from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from warifu.credentials.actions import attempts, authenticators
from warifu.credentials.queries.factors import factors_of
from warifu.credentials.rules.secrets import grouped
from warifu.foundation.refusals import NotFound
from warifu.web.entrance.factors import factor_door, to_changed, wanted_of
from warifu.web.entrance.passkeys import NameForm, strengthened
from warifu.web.shared.doors import Visit
from warifu.web.shared.forms import add_refusal


class FirstCodeForm(forms.Form):
    """The first code that the app shows (A-08)."""

    code = forms.CharField(
        label=_("アプリに出ている6桁のコード"),
        max_length=20,
        widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}),
        error_messages={"required": _("コードを入れてください。")},
    )


@factor_door
def add(request: Visit) -> HttpResponse:
    """What to prepare, and the name of the app; nothing is made before the button is pressed."""
    form = NameForm(request.POST or None, initial={"name": gettext("自分のスマートフォン")})
    wanted = wanted_of(request)
    if request.method == "POST" and form.is_valid():
        authenticators.start(
            organisation_id=request.organisation_id, name=form.cleaned_data["name"], by=request.actor, at=request.at
        )
        return redirect(f"{reverse('entrance:authenticators.confirm')}?{urlencode({'next': wanted})}")
    context = {"form": form, "next": wanted}
    return render(request, "entrance/authenticators/add.html", context, status=422 if form.errors else 200)


@factor_door
@sensitive_post_parameters("code")
def confirm(request: Visit) -> HttpResponse:
    """Show the QR code and the key, and take the first code; the session is as strong as the app afterwards."""
    pending = authenticators.pending(organisation_id=request.organisation_id, by=request.actor)
    wanted = wanted_of(request)
    if pending is None:
        return redirect(f"{reverse('entrance:authenticators.add')}?{urlencode({'next': wanted})}")
    form = FirstCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            authenticators.confirm(
                organisation_id=request.organisation_id,
                code=form.cleaned_data["code"],
                by=request.actor,
                at=request.at,
            )
        except (authenticators.CodeWrong, attempts.TooManyAttempts) as refusal:
            add_refusal(form, refusal, "code")
        else:
            token = strengthened(request, "authenticator")
            return to_changed(request, gettext("認証アプリを登録しました。"), token=token)
    context = {
        "form": form,
        "next": wanted,
        "picture": _picture(pending.address),
        "address": pending.address,
        "key": grouped(pending.secret),
    }
    return render(request, "entrance/authenticators/confirm.html", context, status=422 if form.errors else 200)


@factor_door
def revoke(request: Visit, authenticator_id: UUID) -> HttpResponse:
    """Say what stopping means, then stop it."""
    mine = factors_of(organisation_id=request.organisation_id, member_id=request.member_id)
    line = next((line for line in mine.authenticators if line.id == authenticator_id), None)
    if line is None:
        raise NotFound
    if request.method == "POST":
        authenticators.revoke(
            organisation_id=request.organisation_id, authenticator_id=line.id, by=request.actor, at=request.at
        )
        return to_changed(request, gettext("認証アプリ「{name}」を止めました。").format(name=line.name))
    context = {"line": line, "next": wanted_of(request), "is_last": len(mine.living) == 1}
    return render(request, "entrance/authenticators/revoke.html", context)


def _picture(address: str) -> SafeString:
    """The QR code as markup, since the content policy lets no picture in from a text."""
    drawn = segno.make(address, error="l").svg_inline(omitsize=True, border=4, svgclass="qr", lineclass=None)
    return SafeString(drawn)


routes = [
    path("authenticators/add/", add, name="authenticators.add"),
    path("authenticators/confirm/", confirm, name="authenticators.confirm"),
    path("authenticators/<uuid:authenticator_id>/revoke/", revoke, name="authenticators.revoke"),
]
