"""One's own mail address: the new one counts once its mailbox is proven; the old one hears of it (L-12, L-25)."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from warifu.credentials.actions import attempts, mail_changes
from warifu.organisations import actions as organisation_actions
from warifu.organisations import queries as organisations
from warifu.organisations.rules import may_change_own_mail
from warifu.web.entrance.factors import factor_door
from warifu.web.entrance.signin import CodeForm
from warifu.web.shared.doors import Visit
from warifu.web.shared.forms import add_refusal


class MailForm(forms.Form):
    """Where letters shall go from now on."""

    mail = forms.EmailField(
        label=_("新しいメールアドレス"),
        help_text=_("このアドレスに6桁の確認コードを送ります。いま受け取れるアドレスを入れてください。"),
        widget=forms.EmailInput({"autocomplete": "email"}),
        error_messages={
            "required": _("新しいメールアドレスを入れてください。"),
            "invalid": _("メールアドレスの形を確かめてください。例: hanako@example.jp"),
        },
    )


@factor_door
def ask(request: Visit) -> HttpResponse:
    """Take the new address and mail a code to it; office people are told why an administrator does this."""
    form = MailForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            change_id = mail_changes.start(
                organisation_id=request.organisation_id,
                mail=form.cleaned_data["mail"],
                by=request.actor,
                at=request.at,
            )
        except (mail_changes.SameMail, attempts.TooManyAttempts) as refusal:
            add_refusal(form, refusal, "mail")
        else:
            return redirect("entrance:mail_change.confirm", change_id=change_id)
    member = organisations.member(organisation_id=request.organisation_id, member_id=request.member_id)
    context = {"form": form, "mail": member.mail, "may_change": may_change_own_mail(roles=request.actor.roles)}
    return render(request, "entrance/mail_change/ask.html", context, status=422 if form.errors else 200)


@factor_door
@sensitive_post_parameters("code")
def confirm(request: Visit, change_id: UUID) -> HttpResponse:
    """Take the code that went to the new address; from then on letters go there."""
    pending = mail_changes.pending(change_id=change_id, by=request.actor, at=request.at)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            mail_changes.confirm(
                organisation_id=request.organisation_id,
                change_id=change_id,
                code=form.cleaned_data["code"],
                by=request.actor,
                at=request.at,
            )
        except (mail_changes.MailNotProven, organisation_actions.MailTaken) as refusal:
            add_refusal(form, refusal, "code")
        else:
            messages.success(
                request,
                gettext("メールアドレスを変えました。古いアドレスにもお知らせを送ります。"),
            )
            return redirect("entrance:security.page")
    context = {"form": form, "pending": pending}
    return render(request, "entrance/mail_change/confirm.html", context, status=422 if form.errors else 200)


routes = [
    path("security/mail/", ask, name="mail_change.ask"),
    path("security/mail/<uuid:change_id>/", confirm, name="mail_change.confirm"),
]
