"""申込みの審査: the queue and one application, for the operator's reviewers (002-24 … 002-31, C1)."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from warifu.applications.actions import review
from warifu.applications.queries import applications as queries
from warifu.applications.queries.applications import QUEUE
from warifu.applications.rules import industries
from warifu.applications.rules.form import lines_of
from warifu.applications.rules.planner import StartTooEarly, plan
from warifu.audit import queries as trail
from warifu.foundation.days import NotADay, jst_day, parse_day
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission, add_business_days
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.forms import DayField, add_refusal
from warifu.web.shared.paging import id_or_none
from warifu.web.shared.refusals import said

TABS = {
    "": _("審査するもの"),
    "submitted": _("受付済み"),
    "in_review": _("審査中"),
    "on_hold": _("保留"),
    "sent_back": _("差戻し中"),
    "approved": _("承認"),
    "rejected": _("不承認"),
    "void": _("無効"),
}
FIELDS = {
    "": _("全体"),
    "desired_start": _("利用開始希望日"),
    "reason": _("変更の理由"),
    "person": _("申込担当者"),
    "manager": _("責任者"),
    "lines": _("利用者コード"),
    "settings": _("システム設定"),
}


class AskForm(forms.Form):
    """Words about each field; those left empty are not asked."""

    def __init__(self, *given: object, **more: object) -> None:
        super().__init__(*given, **more)  # type: ignore[arg-type]
        for name, label in FIELDS.items():
            self.fields[f"ask_{name}"] = forms.CharField(
                label=label, required=False, max_length=1000, widget=forms.Textarea({"rows": 2})
            )

    def comments(self) -> dict[str, str]:
        """What was asked, by field."""
        return {name: self.cleaned_data[f"ask_{name}"] for name in FIELDS}


class ApproveForm(forms.Form):
    """The settled start, which may differ from the wished one."""

    confirmed_start = DayField(label=_("決定した利用開始日"))


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("理由"), max_length=1000, widget=forms.Textarea({"rows": 3}))


@door(Permission.REVIEW)
@require_GET
def listing(request: Visit) -> HttpResponse:
    """The queue, the newest first."""
    state, text = request.GET.get("state", ""), request.GET.get("q", "").strip()
    state = state if state in TABS else ""
    lines, older = queries.queue_page(
        by=request.actor, state=state, text=text, before=id_or_none(request.GET.get("before", ""))
    )
    address = reverse("review:applications.listing")
    today = jst_day(request.at)
    context = {
        "lines": lines,
        "tabs": TABS.items(),
        "state": state,
        "text": text,
        "older": f"{address}?{urlencode({'state': state, 'q': text, 'before': str(older)})}" if older else "",
        "next_business_day": add_business_days(day=today, count=1),
        "waiting": QUEUE,
    }
    return render(request, "review/applications/listing.html", context)


@door(Permission.REVIEW)
@require_GET
def page(request: Visit, application_id: UUID) -> HttpResponse:
    """One application, whole, with what can be done to it now."""
    return _page(request, application_id)


@door(Permission.REVIEW)
@require_POST
def take(request: Visit, application_id: UUID) -> HttpResponse:
    """Begin to examine it."""
    review.take(application_id=application_id, by=request.actor, at=request.at)
    return redirect("review:applications.page", application_id=application_id)


@door(Permission.REVIEW)
@require_POST
def release(request: Visit, application_id: UUID) -> HttpResponse:
    """Give it back to the queue."""
    review.release(application_id=application_id, by=request.actor, at=request.at)
    messages.success(request, gettext("審査待ちに戻しました。"))
    return redirect("review:applications.listing")


@door(Permission.REVIEW)
@require_POST
def ask(request: Visit, application_id: UUID) -> HttpResponse:
    """Send it back with words about fields."""
    form = AskForm(request.POST)
    if form.is_valid():
        try:
            review.send_back(application_id=application_id, comments=form.comments(), by=request.actor, at=request.at)
        except review.ReasonMissing as refusal:
            form.add_error("ask_", gettext(refusal.sentence))
        else:
            messages.success(request, gettext("差し戻しました。申込担当者と責任者にメールを送ります。"))
            return redirect("review:applications.listing")
    return _page(request, application_id, ask=form)


@door(Permission.REVIEW)
@require_POST
def hold(request: Visit, application_id: UUID) -> HttpResponse:
    """Put it off, with a reason for colleagues."""
    form = ReasonForm(request.POST, prefix="hold")
    if form.is_valid():
        review.hold(application_id=application_id, reason=form.cleaned_data["reason"], by=request.actor, at=request.at)
        messages.success(request, gettext("保留にしました。"))
        return redirect("review:applications.listing")
    return _page(request, application_id, hold=form)


@door(Permission.REVIEW, recent=True)
@require_POST
def approve(request: Visit, application_id: UUID) -> HttpResponse:
    """Decide for it; codes are allotted in the same stroke."""
    form = ApproveForm(request.POST)
    if form.is_valid():
        try:
            found = review.approve(
                application_id=application_id,
                confirmed_start=form.cleaned_data["confirmed_start"],
                by=request.actor,
                at=request.at,
            )
        except StartTooEarly as refusal:
            add_refusal(form, refusal, "confirmed_start")
        else:
            ids = "、".join(each.user_id for each in found.identifications) if found else ""
            messages.success(request, gettext("承認しました。{ids}").format(ids=ids))
            return redirect("review:applications.page", application_id=application_id)
    return _page(request, application_id, approve=form)


@door(Permission.REVIEW, recent=True)
@require_POST
def reject(request: Visit, application_id: UUID) -> HttpResponse:
    """Decide against it, with the reason for the applicant."""
    form = ReasonForm(request.POST, prefix="reject")
    if form.is_valid():
        review.reject(
            application_id=application_id, reason=form.cleaned_data["reason"], by=request.actor, at=request.at
        )
        messages.success(request, gettext("不承認にしました。申込担当者と責任者にメールを送ります。"))
        return redirect("review:applications.listing")
    return _page(request, application_id, reject=form)


def _page(request: Visit, application_id: UUID, **filled: Any) -> HttpResponse:
    view = queries.for_review(by=request.actor, application_id=application_id)
    today = jst_day(request.at)
    wished = _day(view.line.desired_start)
    days = None
    if wished is not None:
        try:
            days = plan(
                decided_on=today,
                starts_on=wished,
                exceptions=organisations.calendar_exceptions(organisation_id=view.organisation_id),
            )
        except StartTooEarly as refusal:
            filled["too_early"] = said(refusal)
    context = {
        "view": view,
        "is_mine": view.line.state == "in_review" and view.line.reviewer_id == request.member_id,
        "may_take": view.line.state in ("submitted", "on_hold"),
        "lines": [
            {
                "user_code": line.user_code,
                "industries": [
                    gettext(industries.INDUSTRIES[key].name) for key in line.industries if key in industries.INDUSTRIES
                ],
                "shares": line.shares_sign_on,
                "method": line.method,
                "count": line.count,
            }
            for line in lines_of(view.form)
        ],
        "days": days,
        "history": trail.timeline(organisation_id=view.organisation_id, subject_id=application_id),
        "ask": AskForm(),
        "approve": ApproveForm(initial={"confirmed_start": wished}),
        "hold": ReasonForm(prefix="hold"),
        "reject": ReasonForm(prefix="reject"),
        **filled,
    }
    has_errors = any(isinstance(form, forms.Form) and form.errors for form in filled.values())
    return render(request, "review/applications/page.html", context, status=422 if has_errors else 200)


def _day(text: str) -> date | None:
    try:
        return parse_day(text)
    except NotADay:
        return None


_AT = "applications/<uuid:application_id>/"
routes = [
    path("applications/", listing, name="applications.listing"),
    path(_AT, page, name="applications.page"),
    path(f"{_AT}take/", take, name="applications.take"),
    path(f"{_AT}release/", release, name="applications.release"),
    path(f"{_AT}ask/", ask, name="applications.ask"),
    path(f"{_AT}hold/", hold, name="applications.hold"),
    path(f"{_AT}approve/", approve, name="applications.approve"),
    path(f"{_AT}reject/", reject, name="applications.reject"),
]
