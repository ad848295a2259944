"""保存期限: a need that ends otherwise than by leaving, and a keeping that lasts longer than the table says (R-02)."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from warifu.collection.queries import people, subjects
from warifu.foundation.days import jst_day
from warifu.foundation.refusals import Refused
from warifu.organisations.rules import Permission
from warifu.vault.actions import keepings
from warifu.vault.queries import keepings as queries
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.forms import DayField
from warifu.web.shared.refusals import said


class EndForm(forms.Form):
    """Whose number is needed no more, since when."""

    whom = forms.MultipleChoiceField(
        label=_("だれの番号の必要が終わりましたか"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("一人以上を選んでください。")},
    )
    ended_on = DayField(
        label=_("必要が終わった日"),
        help_text=_("扶養から外れた日、最後に支払った日など。この日から、書類ごとの保存期間を数えます。"),
    )


class ProlongForm(forms.Form):
    """Until when, and why."""

    until = DayField(label=_("新しい保存期限"))
    reason = forms.CharField(
        label=_("延ばす理由"), max_length=300, widget=forms.Textarea({"rows": 2, "autocomplete": "off"})
    )


@door(Permission.DISPOSALS_APPROVE)
@require_http_methods(["GET", "POST"])
def end(request: Visit, entry_id: UUID) -> HttpResponse:
    """Record that the numbers of a person or of some of the family are needed no more."""
    today = jst_day(request.at)
    row = people.person(organisation_id=request.organisation_id, entry_id=entry_id, today=today)
    family = subjects.family(organisation_id=request.organisation_id, member_id=row.member_id)
    living = queries.living(organisation_id=request.organisation_id, subject_ids=family)
    named = subjects.named(organisation_id=request.organisation_id, subject_ids=living)
    form = EndForm(request.POST or None, initial={"ended_on": today})
    form.fields["whom"].choices = [  # type: ignore[attr-defined]
        (str(one), f"{named[one].name}({gettext(named[one].relation or '本人')})") for one in family if one in named
    ]
    if request.method == "POST" and form.is_valid():
        try:
            keepings.end_need(
                organisation_id=request.organisation_id,
                subject_ids=[UUID(text) for text in form.cleaned_data["whom"]],
                ended_on=form.cleaned_data["ended_on"],
                by=request.actor,
                at=request.at,
            )
        except keepings.NeedDayWrong as refusal:
            form.add_error("ended_on", said(refusal))
        else:
            messages.success(
                request, gettext("記録しました。書類ごとの保存期限が決まり、過ぎると廃棄の候補になります。")
            )
            return redirect(f"{reverse('desk:disposals.listing')}?tab=planned")
    context = {
        "form": form,
        "row": row,
        "has_any": bool(named),
        "kept": queries.of_subjects(organisation_id=request.organisation_id, subject_ids=family, today=today),
        "names": {one: subject.name for one, subject in named.items()},
    }
    return render(request, "desk/keepings/end.html", context, status=422 if form.errors else 200)


@door(Permission.DISPOSALS_APPROVE)
@require_http_methods(["GET", "POST"])
def prolong(request: Visit, keeping_id: UUID) -> HttpResponse:
    """Keep a number longer for one paper, with a reason."""
    row = queries.keeping_of(organisation_id=request.organisation_id, keeping_id=keeping_id, today=jst_day(request.at))
    form = ProlongForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            keepings.prolong(
                organisation_id=request.organisation_id,
                keeping_id=keeping_id,
                **form.cleaned_data,
                by=request.actor,
                at=request.at,
            )
        except Refused as refusal:
            if refusal.status != 409:
                raise
            form.add_error(None, said(refusal))
        else:
            messages.success(request, gettext("保存期限を延ばしました。"))
            return redirect(f"{reverse('desk:disposals.listing')}?tab=planned")
    names = subjects.named(organisation_id=request.organisation_id, subject_ids=[row.subject_id])
    context = {"form": form, "keeping": row, "subject": names.get(row.subject_id)}
    return render(request, "desk/keepings/prolong.html", context, status=422 if form.errors else 200)


routes = [
    path("people/<uuid:entry_id>/end-of-need/", end, name="keepings.end"),
    path("disposals/<uuid:keeping_id>/prolong/", prolong, name="keepings.prolong"),
]
