"""お問合せ番号: why a self-reset sent nothing; and the second administrator's approval (003-4, L-09)."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from warifu.credentials.actions import attempts, self_resets, support_codes
from warifu.organisations.rules import Permission
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.forms import add_refusal


class SupportCodeForm(forms.Form):
    """The six signs that the person reads out."""

    support_code = forms.CharField(
        label=_("お問合せ番号"),
        max_length=20,
        help_text=_("お困りの方の画面に出ている6つの文字です。例: HJ4K-9P"),
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": _("お問合せ番号を入れてください。")},
    )


@door(Permission.RESETS_START)
def page(request: Visit) -> HttpResponse:
    """Take a support code; say which of the causes it was, and what to do."""
    form = SupportCodeForm(request.POST or None)
    found = None
    if request.method == "POST" and form.is_valid():
        try:
            found = support_codes.read(
                organisation_id=request.organisation_id,
                typed=form.cleaned_data["support_code"],
                by=request.actor,
                at=request.at,
            )
        except (support_codes.SupportCodeUnknown, attempts.TooManyAttempts) as refusal:
            add_refusal(form, refusal, "support_code")
    context = {"form": form, "found": found}
    return render(request, "desk/support_codes/page.html", context, status=422 if form.errors else 200)


@door(Permission.RESETS_START, recent=True)
@require_POST
def approve(request: Visit, reset_id: UUID) -> HttpResponse:
    """Vouch for the head who is on the telephone."""
    self_resets.approve(organisation_id=request.organisation_id, reset_id=reset_id, by=request.actor, at=request.at)
    messages.success(request, gettext("再設定を承認しました。ご本人の画面で、新しいパスワードを決められます。"))
    return redirect("desk:support_codes.page")


routes = [
    path("support-codes/", page, name="support_codes.page"),
    path("support-codes/<uuid:reset_id>/approve/", approve, name="support_codes.approve"),
]
