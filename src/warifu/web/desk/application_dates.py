"""日程: the days of an application, before it is sent and after it is decided, as a page, a file and a feed (B4)."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlsplit
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from warifu.applications.actions import calendar_links
from warifu.applications.queries import calendars as queries
from warifu.applications.rules import planner as rules
from warifu.applications.rules.calendars import Certainty, Entry, entries
from warifu.foundation.days import jst_day
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission, add_business_days
from warifu.web.shared import calendars
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.forms import DayField, add_refusal


class PlanForm(forms.Form):
    """When the review may end and when use is to start."""

    decided = DayField(
        label=_("審査が終わる日"), help_text=_("わからないときは、次の営業日のままにします。遅くなることもあります。")
    )
    start = DayField(label=_("利用を始めたい日"))


@door(Permission.APPLY)
@require_GET
def planner(request: Visit) -> HttpResponse:
    """The days of an application that is not written yet, as `warifu plan` tells them."""
    form, found, starts_on = _planned(request)
    context = {"form": form, "entries": found, "query": request.GET.urlencode(), "starts_on": starts_on}
    return render(request, "desk/application_dates/planner.html", context, status=422 if form.errors else 200)


@door(Permission.APPLY)
@require_GET
def planner_file(request: Visit) -> HttpResponse:
    """The same days for a calendar; without good days it leads back to the form."""
    _form, found, _starts_on = _planned(request)
    if not found:
        return redirect(f"{reverse('desk:application_dates.planner')}?{request.GET.urlencode()}")
    written = calendars.written(
        name=gettext("利用者コードの申込み"),
        place=f"planned.{request.member_id}@{urlsplit(settings.WARIFU.site_url).hostname}",
        certainty=Certainty.ASSUMED,
        entries=found,
        changed_at=request.at,
        at=request.at,
        address=settings.WARIFU.site_url + reverse("desk:application_dates.planner"),
    )
    return _file(written)


@door(Permission.APPLY)
@require_GET
def page(request: Visit, application_id: UUID) -> HttpResponse:
    """The days of one application, and how a calendar program gets them."""
    return _page(request, application_id)


@door(Permission.APPLY)
@require_GET
def file(request: Visit, application_id: UUID) -> HttpResponse:
    """The days as a file for a calendar."""
    found = queries.days_of(organisation_id=request.organisation_id, application_id=application_id, at=request.at)
    return _file(calendars.of_application(found, at=request.at))


@door(Permission.APPLY)
@require_POST
def share(request: Visit, application_id: UUID) -> HttpResponse:
    """Make an address for calendar programs; it is on the answering page and nowhere else."""
    address = calendar_links.make(
        organisation_id=request.organisation_id, application_id=application_id, by=request.actor, at=request.at
    )
    return _page(request, application_id, address)


@door(Permission.APPLY)
@require_POST
def unshare(request: Visit, application_id: UUID) -> HttpResponse:
    """End the address."""
    calendar_links.revoke(
        organisation_id=request.organisation_id, application_id=application_id, by=request.actor, at=request.at
    )
    messages.success(request, gettext("配信を止めました。前のアドレスは、もう使えません。"))
    return redirect("desk:application_dates.page", application_id=application_id)


def _page(request: Visit, application_id: UUID, address: str = "") -> HttpResponse:
    context = {
        "days": queries.days_of(organisation_id=request.organisation_id, application_id=application_id, at=request.at),
        "shared_since": queries.shared_since(organisation_id=request.organisation_id, application_id=application_id),
        "address": address,
    }
    return render(request, "desk/application_dates/page.html", context)


def _planned(request: Visit) -> tuple[PlanForm, tuple[Entry, ...], date | None]:
    exceptions = organisations.calendar_exceptions(organisation_id=request.organisation_id)
    following = add_business_days(day=jst_day(request.at), count=1, exceptions=exceptions)
    form = PlanForm(
        request.GET or None,
        initial={"decided": following, "start": rules.earliest_start(decided_on=following, exceptions=exceptions)},
    )
    if not form.is_bound or not form.is_valid():
        return form, (), None
    decided_on, starts_on = form.cleaned_data["decided"], form.cleaned_data["start"]
    try:
        found = rules.plan(decided_on=decided_on, starts_on=starts_on, exceptions=exceptions)
    except rules.StartTooEarly as refusal:
        add_refusal(form, refusal, "start")
        return form, (), None
    return form, entries(plan=found, starts_on=starts_on), starts_on


def _file(written: bytes) -> HttpResponse:
    answer = HttpResponse(written, content_type=calendars.MEDIA_TYPE)
    answer["Content-Disposition"] = str(content_disposition_header(as_attachment=True, filename="warifu.ics"))
    return answer


_AT = "applications/<uuid:application_id>/dates/"
routes = [
    path("applications/planner/", planner, name="application_dates.planner"),
    path("applications/planner.ics", planner_file, name="application_dates.planner_file"),
    path(_AT, page, name="application_dates.page"),
    path(f"{_AT}warifu.ics", file, name="application_dates.file"),
    path(f"{_AT}share/", share, name="application_dates.share"),
    path(f"{_AT}unshare/", unshare, name="application_dates.unshare"),
]
