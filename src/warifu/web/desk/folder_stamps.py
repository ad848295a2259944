"""タイムスタンプの一括照合: every stamp of a period checked anew; what does not hold is named (JA, JB)."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext_lazy as _

from warifu.folders import timestamps
from warifu.folders.actions import stamps
from warifu.folders.rules import keeping
from warifu.foundation.days import jst_day
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission
from warifu.web.desk.folders import frame_of, reached_by
from warifu.web.shared.doors import Visit, door


class PeriodForm(forms.Form):
    """Which records."""

    since = forms.DateField(label=_("取引年月日（から）"), required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label=_("取引年月日（まで）"), required=False, widget=forms.DateInput({"type": "date"}))


@door(Permission.FOLDERS_READ)
def page(request: Visit, folder_id: UUID) -> HttpResponse:
    """Choose the period; POST checks."""
    reached = reached_by(request, folder_id)
    form = PeriodForm(request.POST or None)
    checked: tuple[int, list[int]] | None = None
    if request.method == "POST" and form.is_valid():
        checked = stamps.check_all(
            organisation_id=request.organisation_id,
            folder_id=folder_id,
            traded_from=form.cleaned_data["since"],
            traded_until=form.cleaned_data["until"],
            by=request.actor,
            at=request.at,
        )
    today = jst_day(request.at)
    calendar = organisations.calendar_exceptions(organisation_id=reached.folder.organisation_id)
    context = {
        **frame_of(request, reached),
        "form": form,
        "checked": checked,
        "is_set": timestamps.is_set(),
        "due": keeping.stamp_due(received_on=today, has_rules=reached.folder.has_rules, exceptions=calendar),
    }
    return render(request, "desk/folder_stamps/page.html", context, status=422 if form.errors else 200)


routes = [path("folders/<uuid:folder_id>/stamps/", page, name="folder_stamps.page")]
