"""封緘通知: first passwords that this person may open, each in its window (002-29 … 002-36, L-07)."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_POST

from warifu.credentials.actions import sealed_notices
from warifu.credentials.queries import sealed_notices as queries
from warifu.credentials.rules.sessions import browser_name
from warifu.organisations.rules import Permission
from warifu.web.shared import visitor
from warifu.web.shared.doors import Visit, door


@door(Permission.OWN_RECORD)
@require_GET
def listing(request: Visit) -> HttpResponse:
    """All notices of this person, with what can be opened until when."""
    lines = queries.own(organisation_id=request.organisation_id, member_id=request.member_id, at=request.at)
    return render(request, "mypage/sealed_notices/listing.html", {"lines": lines})


@door(Permission.OWN_RECORD)
@require_GET
def page(request: Visit, notice_id: UUID) -> HttpResponse:
    """One notice: its window, what opening means, and every look so far."""
    line, looks = queries.own_notice(
        organisation_id=request.organisation_id, member_id=request.member_id, notice_id=notice_id, at=request.at
    )
    seen = [(look, browser_name(look.browser)) for look in looks]
    return render(request, "mypage/sealed_notices/page.html", {"line": line, "looks": seen})


@door(Permission.OWN_RECORD, recent=True)
@require_POST
def open(request: Visit, notice_id: UUID) -> HttpResponse:  # noqa: A001
    """Open it: the value is made now, is on this answering page and nowhere else."""
    opened = sealed_notices.open(
        organisation_id=request.organisation_id,
        notice_id=notice_id,
        browser=request.headers.get("User-Agent", ""),
        address=visitor.address_of(request),
        by=request.actor,
        at=request.at,
    )
    first = settings.WARIFU.site_url + reverse("entrance:first.use")
    line, _looks = queries.own_notice(
        organisation_id=request.organisation_id, member_id=request.member_id, notice_id=notice_id, at=request.at
    )
    return render(
        request, "mypage/sealed_notices/opened.html", {"line": line, "opened": opened, "first_address": first}
    )


routes = [
    path("sealed-notices/", listing, name="sealed_notices.listing"),
    path("sealed-notices/<uuid:notice_id>/", page, name="sealed_notices.page"),
    path("sealed-notices/<uuid:notice_id>/open/", open, name="sealed_notices.open"),
]
