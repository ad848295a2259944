"""営業日: the organisation's exceptions to the calendar by which windows are counted (J-12, seeds.md C-3)."""

from __future__ import annotations

from datetime import date

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from warifu.credentials.rules.windows import viewing_window
from warifu.foundation.days import NotADay, jst_day, parse_day
from warifu.foundation.refusals import NotFound, Refused
from warifu.organisations import queries as organisations
from warifu.organisations.actions import calendar
from warifu.organisations.rules import Permission
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.forms import DayField


class DayForm(forms.Form):
    """A day that is treated otherwise than the calendar says."""

    day = DayField(label=_("日付"), error_messages={"required": _("日付を入れてください。")})
    is_open = forms.TypedChoiceField(
        label=_("扱い"),
        coerce=lambda value: value == "open",
        choices=[("closed", _("休みにする")), ("open", _("営業する"))],
        widget=forms.RadioSelect,
        initial="closed",
    )
    name = forms.CharField(label=_("名前"), max_length=60, help_text=_("例: 創立記念日、年末の営業"))


@door(Permission.SETTINGS_MANAGE)
def page(request: Visit) -> HttpResponse:
    """The exceptions, what a window would be today, and a form for one more."""
    form = DayForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            calendar.set_day(
                organisation_id=request.organisation_id, **form.cleaned_data, by=request.actor, at=request.at
            )
        except Refused as refusal:
            form.add_error("day", gettext(refusal.sentence).format(**refusal.values))
        else:
            messages.success(request, gettext("営業日の例外を書き加えました。"))
            return redirect("desk:calendar.page")
    today = jst_day(request.at)
    exceptions = organisations.calendar_exceptions(organisation_id=request.organisation_id)
    context = {
        "form": form,
        "lines": organisations.calendar_lines(organisation_id=request.organisation_id),
        "window": viewing_window(decided_on=today, starts_on=today, exceptions=exceptions),
    }
    return render(request, "desk/calendar/page.html", context, status=422 if form.errors else 200)


@door(Permission.SETTINGS_MANAGE)
@require_POST
def forget(request: Visit, day: str) -> HttpResponse:
    """Let a day be what the calendar says."""
    calendar.forget_day(organisation_id=request.organisation_id, day=_day(day), by=request.actor, at=request.at)
    messages.success(request, gettext("暦どおりに戻しました。"))
    return redirect("desk:calendar.page")


def _day(text: str) -> date:
    try:
        return parse_day(text)
    except NotADay:
        raise NotFound from None


routes = [
    path("calendar/", page, name="calendar.page"),
    path("calendar/<str:day>/forget/", forget, name="calendar.forget"),
]
