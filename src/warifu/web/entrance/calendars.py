"""The calendar feed of an application: read by calendar programs, which cannot sign in (B4)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe

from warifu.applications.queries import calendars as queries
from warifu.web.shared import calendars
from warifu.web.shared.doors import public


@public
@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The days behind an address that nobody can guess; not found once it is revoked."""
    at = request.at  # type: ignore[attr-defined]
    found = queries.days_behind(token=token, at=at)
    return HttpResponse(calendars.of_application(found, at=at), content_type=calendars.MEDIA_TYPE)


routes = [path("calendar/<str:token>.ics", feed, name="calendars.feed")]
