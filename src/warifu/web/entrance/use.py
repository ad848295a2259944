"""利用開始のお申込み for those who have no organisation here yet: it is made with its first administrator (A3)."""

from __future__ import annotations

import re

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET

from warifu.licences.actions import starting
from warifu.licences.rules.procedures import START_OF_USE
from warifu.notices.actions.letters import AddressUnusable
from warifu.organisations.actions import CodeTaken
from warifu.web.shared import visitor
from warifu.web.shared.doors import public
from warifu.web.shared.forms import add_refusal
from warifu.web.shared.start_forms import REFUSALS, StartForm


class FreshForm(StartForm):
    """Also the organisation that is to be made, and who administers it first."""

    organisation_name = forms.CharField(label=_("会社名"), max_length=200)
    code = forms.RegexField(
        re.compile(r"^[a-z0-9](?:[a-z0-9-]{1,38}[a-z0-9])$"),
        label=_("組織コード"),
        help_text=_("サインインのときに使います。英小文字、数字、ハイフンで3文字以上。あとから変えられません。"),
        widget=forms.TextInput({"autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"invalid": _("英小文字、数字、ハイフンで3文字以上にしてください。")},
    )
    family_name = forms.CharField(label=_("管理者の姓"), max_length=100)
    given_name = forms.CharField(label=_("管理者の名"), max_length=100)
    mail = forms.EmailField(
        label=_("管理者のメールアドレス"), help_text=_("利用者IDになり、パスワードを決めるリンクが届きます。")
    )

    def new(self) -> starting.NewOrganisation:
        """The organisation as it was typed."""
        given = self.cleaned_data
        return starting.NewOrganisation(
            code=given["code"],
            name=given["organisation_name"],
            family_name=given["family_name"],
            given_name=given["given_name"],
            mail=given["mail"].lower(),
        )


@public
@sensitive_post_parameters("key")
def start(request: HttpRequest) -> HttpResponse:
    """Take card, key and the new organisation."""
    form = FreshForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            starting.start_fresh(
                shown=form.shown(visitor.address_of(request)),
                new=form.new(),
                issued_to=form.cleaned_data["issued_to"],
                at=request.at,  # type: ignore[attr-defined]
            )
        except CodeTaken as refusal:
            add_refusal(form, refusal, "code")
        except AddressUnusable as refusal:
            add_refusal(form, refusal, "mail")
        except REFUSALS as refusal:
            form.refuse(refusal)
        else:
            return redirect("entrance:use.started")
    context = {"form": form, "procedure": START_OF_USE}
    return render(request, "entrance/use/start.html", context, status=422 if form.errors else 200)


@public
@require_GET
def started(request: HttpRequest) -> HttpResponse:
    """What comes next."""
    return render(request, "entrance/use/started.html", {"procedure": START_OF_USE})


routes = [
    path("use/", start, name="use.start"),
    path("use/started/", started, name="use.started"),
]
