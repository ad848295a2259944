"""The session itself: where one is signed in, stay a little longer, sign out."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from warifu.credentials.actions import sessions
from warifu.credentials.queries.sessions import sessions_of
from warifu.credentials.rules.sessions import browser_name
from warifu.organisations.rules import Permission
from warifu.web.shared import visitor
from warifu.web.shared.doors import Visit, door, public


@door(Permission.OWN_RECORD)
def listing(request: Visit) -> HttpResponse:
    """Where this person is signed in (L-24)."""
    lines = sessions_of(organisation_id=request.organisation_id, member_id=request.member_id, at=request.at)
    devices = [(line, browser_name(line.browser)) for line in lines]
    return render(request, "entrance/session/listing.html", {"devices": devices, "here": request.session_id})


@door(Permission.OWN_RECORD)
@require_POST
def end_other(request: Visit, session_id: UUID) -> HttpResponse:
    """End one of one's own sessions."""
    sessions.end(
        session_id=session_id,
        organisation_id=request.organisation_id,
        only_of=request.member_id,
        by=request.actor,
        at=request.at,
    )
    messages.success(request, gettext("その端末をサインアウトしました。"))
    return redirect("entrance:session.listing")


@public
@require_POST
def end(request: HttpRequest) -> HttpResponse:
    """Sign out; somebody whose session is over already gets the same answer."""
    session = getattr(request, "warifu_session", None)
    if session is not None:
        sessions.end(
            session_id=session.id,
            organisation_id=session.organisation_id,
            only_of=session.member_id,
            by=session.actor,
            at=request.at,  # type: ignore[attr-defined]
        )
    response = redirect("entrance:session.ended")
    visitor.forget_session(response)
    return response


@public
def ended(request: HttpRequest) -> HttpResponse:
    """Signed out."""
    return render(request, "entrance/session/ended.html")


@door(Permission.OWN_RECORD)
@require_POST
def extend(request: Visit) -> HttpResponse:
    """Stay signed in: the request itself has prolonged the session (A-06); tells how many seconds it has now."""
    return _seconds_left(request)


@door(Permission.OWN_RECORD)
def state(request: Visit) -> HttpResponse:
    """How many seconds the session has; asked with `X-Background`, so that asking does not prolong it."""
    return _seconds_left(request)


def _seconds_left(request: Visit) -> JsonResponse:
    return JsonResponse({"seconds": request.warifu_session.seconds_left})  # type: ignore[attr-defined]


routes = [
    path("session/", listing, name="session.listing"),
    path("session/<uuid:session_id>/end/", end_other, name="session.end_other"),
    path("signout/", end, name="session.end"),
    path("signed-out/", ended, name="session.ended"),
    path("session/extend/", extend, name="session.extend"),
    path("session/state/", state, name="session.state"),
]
