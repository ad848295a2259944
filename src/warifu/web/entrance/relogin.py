"""The password once more, before numbers, exports and rights are touched (L-25)."""

from __future__ import annotations

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from warifu.credentials.actions import attempts
from warifu.credentials.actions import password as passwords
from warifu.credentials.queries.factors import factors_of
from warifu.credentials.queries.identity_providers import identities_of
from warifu.organisations.rules import Permission
from warifu.web.entrance.factors import wanted_of
from warifu.web.entrance.signin import home_of
from warifu.web.shared import visitor
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.forms import add_refusal


class ReloginForm(forms.Form):
    """The present password."""

    password = forms.CharField(
        label=_("パスワード"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
        error_messages={"required": _("パスワードを入れてください。")},
    )
    next = forms.CharField(required=False, widget=forms.HiddenInput)


@door(Permission.OWN_RECORD)
@sensitive_post_parameters("password")
def ask(request: Visit) -> HttpResponse:
    """Ask for the password and go back; the session gets a new token (L-22)."""
    form = ReloginForm(request.POST or None, initial={"next": request.GET.get("next", "")})
    if request.method == "POST" and form.is_valid():
        try:
            token = passwords.prove_again(
                organisation_id=request.organisation_id,
                session_id=request.session_id,
                password=form.cleaned_data["password"],
                address=visitor.address_of(request),
                by=request.actor,
                at=request.at,
            )
        except (passwords.PasswordWrong, attempts.TooManyAttempts) as refusal:
            add_refusal(form, refusal, "password")
        else:
            back = visitor.path_within(request, form.cleaned_data["next"])
            response = redirect(back or home_of(request.actor.roles))
            visitor.keep_session(response, token)
            return response
    status = 422 if form.errors else 200
    mine = factors_of(organisation_id=request.organisation_id, member_id=request.member_id)
    identities = identities_of(organisation_id=request.organisation_id, member_id=request.member_id)
    context = {"form": form, "mine": mine, "next": wanted_of(request), "identities": identities}
    return render(request, "entrance/relogin/ask.html", context, status=status)


routes = [path("relogin/", ask, name="relogin.ask")]
