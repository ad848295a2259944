"""Change one's own password."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from warifu.credentials.actions import attempts
from warifu.credentials.actions import password as passwords
from warifu.foundation.refusals import Refused
from warifu.organisations.rules import Permission
from warifu.web.entrance.activation import PasswordForm
from warifu.web.shared import visitor
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.forms import add_refusal


class ChangeForm(PasswordForm):
    """The present password and the new one (L-04)."""

    current = forms.CharField(
        label=_("いまのパスワード"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
        error_messages={"required": _("いまのパスワードを入れてください。")},
    )
    field_order = ("username", "current", "password")


@door(Permission.OWN_RECORD)
@sensitive_post_parameters("current", "password")
def change(request: Visit) -> HttpResponse:
    """Change the password; other browsers are signed out and the owner gets a mail (L-12, L-24)."""
    form = ChangeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            token = passwords.change(
                organisation_id=request.organisation_id,
                session_id=request.session_id,
                current=form.cleaned_data["current"],
                new=form.cleaned_data["password"],
                by=request.actor,
                at=request.at,
            )
        except (passwords.PasswordWrong, attempts.TooManyAttempts) as refusal:
            add_refusal(form, refusal, "current")
        except Refused as refusal:
            add_refusal(form, refusal, "password")
        else:
            messages.success(request, gettext("パスワードを変えました。ほかの端末はサインアウトしました。"))
            response = redirect("entrance:security.page")
            visitor.keep_session(response, token)
            return response
    return render(request, "entrance/password/change.html", {"form": form}, status=422 if form.errors else 200)


routes = [path("password/", change, name="password.change")]
