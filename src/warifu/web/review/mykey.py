"""マイキーIDの受付: from when reservations and applications are taken, and how many at the same time (004-3)."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from warifu.cards.actions import mykeys
from warifu.cards.queries import mykeys as queries
from warifu.foundation.days import JST
from warifu.organisations.rules import Permission
from warifu.web.shared.doors import Visit, door


class StageForm(forms.Form):
    """The moments, in the time of Japan; empty means not announced."""

    reserve_from = forms.DateTimeField(
        label=_("予約（発行）を受け付ける日時"),
        required=False,
        help_text=_("例: 2026-07-01 00:00。空けると、まだ受け付けません。"),
    )
    apply_from = forms.DateTimeField(
        label=_("申込みを受け付ける日時"),
        required=False,
        help_text=_("この日時まで、申込みのボタンは出ません。画面には、いつからかが出ます。"),
    )
    slots = forms.IntegerField(
        label=_("同時に読み取る人数"),
        min_value=1,
        max_value=1000,
        help_text=_("これより多い人は順番を待ちます。待ち時間は、直近15分に進んだ人数から出します。"),
    )


@door(Permission.LICENCES_MANAGE)
def stage(request: Visit) -> HttpResponse:
    """Show and set the stage."""
    found = queries.stage()
    initial = {
        "reserve_from": found.reserve_from and found.reserve_from.astimezone(JST).strftime("%Y-%m-%d %H:%M"),
        "apply_from": found.apply_from and found.apply_from.astimezone(JST).strftime("%Y-%m-%d %H:%M"),
        "slots": found.slots,
    }
    form = StageForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        mykeys.set_stage(**form.cleaned_data, by=request.actor, at=request.at)
        messages.success(request, gettext("マイキーIDの受付を変えました。"))
        return redirect("review:mykey.stage")
    context = {"form": form, "stage": found}
    return render(request, "review/mykey/stage.html", context, status=422 if form.errors else 200)


routes = [path("mykey/", stage, name="mykey.stage")]
