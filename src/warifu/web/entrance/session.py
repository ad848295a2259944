"""The session itself: stay a little longer, sign out."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from warifu.credentials.actions import sessions
from warifu.organisations.rules import Permission
from warifu.web.shared import visitor
from warifu.web.shared.doors import Visit, door, public


@public
@require_POST
def end(request: HttpRequest) -> HttpResponse:
    """Sign out; somebody whose session is over already gets the same answer."""
    session = getattr(request, "warifu_session", None) or getattr(request, "warifu_unproven", None)
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
    path("signout/", end, name="session.end"),
    path("signed-out/", ended, name="session.ended"),
    path("session/extend/", extend, name="session.extend"),
    path("session/state/", state, name="session.state"),
]
