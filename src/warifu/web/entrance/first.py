"""The first password of a sealed notice, typed at the door; it leads to choosing a lasting one (L-06, L-07)."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from warifu.credentials.actions import attempts, sealed_notices
from warifu.web.entrance.signin import SignInForm
from warifu.web.shared import visitor
from warifu.web.shared.doors import public
from warifu.web.shared.forms import add_refusal


class FirstForm(SignInForm):
    """Who it is, and the first password."""

    password = forms.CharField(
        label=_("初期パスワード"),
        max_length=60,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": _("初期パスワードを入れてください。")},
    )


@public
@sensitive_post_parameters("password")
def use(request: HttpRequest) -> HttpResponse:
    """Take the first password; every failure gets the same answer (L-10)."""
    remembered = request.COOKIES.get(visitor.ORGANISATION_COOKIE, "")
    form = FirstForm(request.POST or None, initial={"organisation": remembered})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            token = sealed_notices.redeem(
                organisation_code=given["organisation"],
                identifier=given["identifier"],
                value=given["password"],
                visitor=visitor.of(request),
                at=request.at,  # type: ignore[attr-defined]
            )
        except (sealed_notices.FirstPasswordWrong, attempts.TooManyAttempts) as refusal:
            add_refusal(form, refusal, "password")
        else:
            return redirect("entrance:activation.password", token=token)
    return render(request, "entrance/first/use.html", {"form": form}, status=422 if form.errors else 200)


routes = [path("first/", use, name="first.use")]
