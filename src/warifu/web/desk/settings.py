"""設定: the organisation, and how it collects (003-6, 001-22, I-18, I-20)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from warifu.collection.actions import policies
from warifu.collection.queries import policies as policy_queries
from warifu.organisations import actions as organisation_actions
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission
from warifu.web.shared.doors import Visit, door

HOURS = [(hour, format_lazy(_("{hour}時"), hour=hour)) for hour in range(24)]

SHORT = forms.NumberInput({"class": "input input-short"})


class OrganisationForm(forms.Form):
    """The organisation as people see it, and how long a screen stays open."""

    name = forms.CharField(label=_("組織の名前"), max_length=200, help_text=_("メールの差出人と画面に出ます。"))
    contact = forms.CharField(
        label=_("問合せ先"),
        max_length=200,
        required=False,
        help_text=_("メールに書きます。担当の部署と電話番号など。"),
    )
    auto_logout_hours = forms.TypedChoiceField(
        label=_("自動でサインアウトするまで"),
        coerce=int,
        choices=[(hours, format_lazy(_("{hours}時間"), hours=hours)) for hours in range(1, 9)],
        help_text=_("操作がないとき。短いほど、席を離れた間に見られる心配が減ります。"),
    )


class CollectingForm(forms.Form):
    """How the organisation collects."""

    overdue_days = forms.IntegerField(
        label=_("期限超過にするまでの日数"),
        min_value=1,
        max_value=90,
        widget=SHORT,
        help_text=_("名簿に登録した日から数えます(暦の日数)。3なら、11/21に登録した人は11/24から期限超過です。"),
    )
    automatic_reminders = forms.BooleanField(label=_("期限を過ぎた人に、自動で催促のメールを送る"), required=False)
    reminder_every_days = forms.IntegerField(label=_("催促の間隔(日)"), min_value=1, max_value=30, widget=SHORT)
    quiet_from_hour = forms.TypedChoiceField(label=_("自動の催促を送らない時間の始まり"), coerce=int, choices=HOURS)
    quiet_until_hour = forms.TypedChoiceField(
        label=_("自動の催促を送らない時間の終わり"),
        coerce=int,
        choices=HOURS,
        help_text=_("この間にできた催促は、終わりの時刻に送ります。"),
    )
    second_check = forms.BooleanField(
        label=_("本人確認を二人で行う"),
        required=False,
        help_text=_("二人目が見届けると、取り違えに気づけます。"),
    )
    second_check_off_reason = forms.CharField(
        label=_("一人で行う理由"),
        max_length=300,
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("二人で行わないときは、間違いに気づく手順を書きます。"),
    )
    image_keep_days = forms.IntegerField(
        label=_("確認のあと画像を残す日数"),
        min_value=0,
        max_value=30,
        widget=SHORT,
        help_text=_("過ぎると自動で消します。0なら確認した日に消します。"),
    )

    def clean(self) -> dict[str, Any] | None:
        """A single pair of eyes needs its reason (I-18)."""
        values = super().clean() or self.cleaned_data
        if not values.get("second_check") and not values.get("second_check_off_reason", "").strip():
            self.add_error("second_check_off_reason", _("一人で行う理由を書いてください。"))
        return values


@door(Permission.SETTINGS_MANAGE)
@require_GET
def page(request: Visit) -> HttpResponse:
    """What is chosen now."""
    context = {
        "organisation": organisations.organisation(organisation_id=request.organisation_id),
        "policy": policy_queries.current(organisation_id=request.organisation_id),
    }
    return render(request, "desk/settings/page.html", context)


@door(Permission.SETTINGS_MANAGE)
@require_http_methods(["GET", "POST"])
def organisation(request: Visit) -> HttpResponse:
    """Change name, contact and automatic sign-out."""
    now = organisations.organisation(organisation_id=request.organisation_id)
    initial = {"name": now.name, "contact": now.contact, "auto_logout_hours": now.auto_logout_hours}
    form = OrganisationForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        organisation_actions.change_settings(
            organisation_id=request.organisation_id, **form.cleaned_data, by=request.actor, at=request.at
        )
        messages.success(request, gettext("組織の設定を変えました。"))
        return redirect("desk:settings.page")
    return render(request, "desk/settings/organisation.html", {"form": form})


@door(Permission.SETTINGS_MANAGE)
@require_http_methods(["GET", "POST"])
def collecting(request: Visit) -> HttpResponse:
    """Change how the organisation collects."""
    form = CollectingForm(
        request.POST or None, initial=asdict(policy_queries.current(organisation_id=request.organisation_id))
    )
    if request.method == "POST" and form.is_valid():
        policies.change(organisation_id=request.organisation_id, **form.cleaned_data, by=request.actor, at=request.at)
        messages.success(request, gettext("収集の設定を変えました。"))
        return redirect("desk:settings.page")
    return render(request, "desk/settings/collecting.html", {"form": form})


routes = [
    path("settings/", page, name="settings.page"),
    path("settings/organisation/", organisation, name="settings.organisation"),
    path("settings/collecting/", collecting, name="settings.collecting"),
]
