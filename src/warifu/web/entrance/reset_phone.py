"""パスワード再設定用携帯電話番号: the head registers, changes and removes their own number (003-5, L-16)."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from warifu.credentials.actions import attempts, recovery, reset_phones
from warifu.credentials.queries.reset_phones import phone_of
from warifu.foundation.actor import Role
from warifu.notices.actions import text_messages
from warifu.organisations.rules import Permission
from warifu.web.entrance.self_reset import TextCodeForm
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.forms import add_refusal


class PhoneForm(forms.Form):
    """A mobile number, as people type it."""

    phone = forms.CharField(
        label=_("携帯電話番号"),
        max_length=30,
        help_text=_("070、080、090で始まる番号です。例: 090-1234-5678。この番号に確認コードを送ります。"),
        widget=forms.TextInput({"autocomplete": "tel-national", "inputmode": "tel"}),
        error_messages={"required": _("携帯電話番号を入れてください。")},
    )


@door(Permission.OWN_RECORD, recent=True, level_two=True)
def page(request: Visit) -> HttpResponse:
    """The number that counts, the one that waits for its code, and what a number is good for."""
    return _page(request)


@door(Permission.OWN_RECORD, recent=True, level_two=True)
@require_POST
def register(request: Visit) -> HttpResponse:
    """Send a code to a new number."""
    form = PhoneForm(request.POST)
    if form.is_valid():
        try:
            reset_phones.register(
                organisation_id=request.organisation_id,
                phone=form.cleaned_data["phone"],
                by=request.actor,
                at=request.at,
            )
        except (text_messages.PhoneUnusable, text_messages.TextingOff, attempts.TooManyAttempts) as refusal:
            add_refusal(form, refusal, "phone")
        else:
            messages.success(request, gettext("確認コードをSMSで送りました。10分以内に入れてください。"))
            return redirect("entrance:reset_phone.page")
    return _page(request, phone_form=form)


@door(Permission.OWN_RECORD, recent=True, level_two=True)
@require_POST
@sensitive_post_parameters("code")
def confirm(request: Visit) -> HttpResponse:
    """Take the code; from now on the number counts."""
    form = TextCodeForm(request.POST)
    if form.is_valid():
        try:
            reset_phones.confirm(
                organisation_id=request.organisation_id,
                typed=form.cleaned_data["code"],
                by=request.actor,
                at=request.at,
            )
        except reset_phones.PhoneCodeWrong as refusal:
            add_refusal(form, refusal, "code")
        else:
            messages.success(request, gettext("携帯電話番号を登録しました。メールでもお知らせします。"))
            return redirect("entrance:reset_phone.page")
    return _page(request, code_form=form)


@door(Permission.OWN_RECORD, recent=True, level_two=True)
@require_POST
def remove(request: Visit) -> HttpResponse:
    """Forget the number."""
    reset_phones.remove(organisation_id=request.organisation_id, by=request.actor, at=request.at)
    messages.success(request, gettext("携帯電話番号を消しました。メールでもお知らせします。"))
    return redirect("entrance:reset_phone.page")


def _page(
    request: Visit, *, phone_form: PhoneForm | None = None, code_form: TextCodeForm | None = None
) -> HttpResponse:
    if Role.HEAD not in request.actor.roles:
        raise reset_phones.OnlyForHeads
    context = {
        "phone": phone_of(member_id=request.member_id, at=request.at),
        "codes_left": recovery.left(member_id=request.member_id),
        "phone_form": phone_form or PhoneForm(),
        "code_form": code_form or TextCodeForm(),
    }
    status = 422 if phone_form or code_form else 200
    return render(request, "entrance/reset_phone/page.html", context, status=status)


routes = [
    path("security/phone/", page, name="reset_phone.page"),
    path("security/phone/register/", register, name="reset_phone.register"),
    path("security/phone/confirm/", confirm, name="reset_phone.confirm"),
    path("security/phone/remove/", remove, name="reset_phone.remove"),
]
