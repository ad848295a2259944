"""A new link by mail: for forgotten passwords and for links that no longer work."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext_lazy as _

from warifu.credentials.actions import activation
from warifu.web.shared import visitor
from warifu.web.shared.doors import public


class ForgottenForm(forms.Form):
    """Where the link goes to."""

    organisation = forms.CharField(
        label=_("組織コード"),
        max_length=40,
        help_text=_("会社から届いたメールに書いてあります。"),
        widget=forms.TextInput({"autocapitalize": "none", "spellcheck": "false", "autocomplete": "organization"}),
        error_messages={"required": _("組織コードを入れてください。")},
    )
    mail = forms.EmailField(
        label=_("メールアドレス"),
        help_text=_("会社に登録されているメールアドレスです。"),
        widget=forms.EmailInput({"autocomplete": "email"}),
        error_messages={
            "required": _("メールアドレスを入れてください。"),
            "invalid": _("メールアドレスの形を確かめてください。例: hanako@example.jp"),
        },
    )


@public
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for the address and mail a link to it if it is known; the answer never says whether it is (L-10)."""
    if request.method != "POST":
        remembered = request.COOKIES.get(visitor.ORGANISATION_COOKIE, "")
        form = ForgottenForm(initial={"organisation": request.GET.get("o") or remembered})
        return render(request, "entrance/forgotten/ask.html", {"form": form})
    form = ForgottenForm(request.POST)
    if not form.is_valid():
        return render(request, "entrance/forgotten/ask.html", {"form": form}, status=422)
    activation.request(
        organisation_code=form.cleaned_data["organisation"],
        mail=form.cleaned_data["mail"],
        address=visitor.address_of(request),
        at=request.at,  # type: ignore[attr-defined]
    )
    return redirect("entrance:forgotten.sent")


@public
def sent(request: HttpRequest) -> HttpResponse:
    """The same words for everybody."""
    return render(request, "entrance/forgotten/sent.html")


routes = [
    path("forgotten/", ask, name="forgotten.ask"),
    path("forgotten/sent/", sent, name="forgotten.sent"),
]
