"""保全: disposal stands still while a tax audit or a lawsuit lasts (R-09)."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from warifu.collection.queries import subjects
from warifu.foundation.days import jst_day
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission, may
from warifu.vault.actions import holds
from warifu.vault.queries import keepings as queries
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.forms import DayField
from warifu.web.shared.refusals import said


class HoldForm(forms.Form):
    """Why, whose, until when, and for whom."""

    employee_code = forms.CharField(
        label=_("社員番号"),
        max_length=40,
        required=False,
        help_text=_("一人とその家族だけのときに入れます。空のままなら、組織の全員の廃棄を止めます。"),
        widget=forms.TextInput({"class": "code", "autocomplete": "off"}),
    )
    reason = forms.CharField(label=_("理由"), max_length=300, help_text=_("例: 税務調査、訴訟、本人からの申し出"))
    owner = forms.CharField(label=_("受け持つ人"), max_length=100)
    until = DayField(label=_("保全の終わりの日"))


@door(Permission.DISPOSALS_READ)
@require_http_methods(["GET", "POST"])
def listing(request: Visit) -> HttpResponse:
    """Holds that run and holds that are over; the responsible person begins one here."""
    may_confirm = may(
        by=request.actor, permission=Permission.DISPOSALS_CONFIRM, organisation_id=request.organisation_id
    )
    form = HoldForm(request.POST if request.method == "POST" else None, initial={"owner": request.actor.label})
    if request.method == "POST" and form.is_valid() and _place(request, form):
        messages.success(request, gettext("保全を始めました。終わりの日まで、廃棄は進められません。"))
        return redirect("desk:holds.listing")
    rows = queries.holds(organisation_id=request.organisation_id, today=jst_day(request.at))
    ids = {row.subject_id for row in rows if row.subject_id}
    names = subjects.named(organisation_id=request.organisation_id, subject_ids=ids)
    context = {
        "lines": [(row, names[row.subject_id].name if row.subject_id in names else "") for row in rows],
        "form": form,
        "may_confirm": may_confirm,
    }
    return render(request, "desk/holds/listing.html", context, status=422 if form.errors else 200)


@door(Permission.DISPOSALS_CONFIRM)
@require_POST
def lift(request: Visit, hold_id: UUID) -> HttpResponse:
    """End a hold before its day."""
    holds.lift(organisation_id=request.organisation_id, hold_id=hold_id, by=request.actor, at=request.at)
    messages.success(request, gettext("保全を終えました。"))
    return redirect("desk:holds.listing")


def _place(request: Visit, form: HoldForm) -> bool:
    code = form.cleaned_data["employee_code"].strip()
    whom: list[UUID | None] = [None]
    if code:
        named = organisations.members_named(organisation_id=request.organisation_id, texts=[code.lower()])
        if not named:
            form.add_error("employee_code", gettext("この社員番号の人は見つかりません。"))
            return False
        whom = list(subjects.family(organisation_id=request.organisation_id, member_id=named[0].id))
    try:
        for subject_id in whom:
            holds.place(
                organisation_id=request.organisation_id,
                subject_id=subject_id,
                reason=form.cleaned_data["reason"],
                owner=form.cleaned_data["owner"],
                until=form.cleaned_data["until"],
                by=request.actor,
                at=request.at,
            )
    except holds.HoldIncomplete as refusal:
        form.add_error("until", said(refusal))
        return False
    return True


routes = [
    path("holds/", listing, name="holds.listing"),
    path("holds/<uuid:hold_id>/lift/", lift, name="holds.lift"),
]
