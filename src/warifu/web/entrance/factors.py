"""What follows a change of the ways in which somebody proves who they are (L-24)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from warifu.credentials.actions import factors, sessions
from warifu.credentials.queries.factors import factors_of
from warifu.credentials.queries.sessions import sessions_of
from warifu.organisations.rules import Permission
from warifu.web.shared import visitor
from warifu.web.shared.doors import Visit, door, to_step_up


def factor_door(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A screen on which one's own factors are changed: a proof at most five minutes old, and by a second factor for
    whoever has one already (L-09, L-25)."""

    @door(Permission.OWN_RECORD, recent=True)
    @wraps(view)
    def entered(request: Visit, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.actor.level < 2 and factors.enrolled(member_id=request.member_id):
            return to_step_up(request)
        return view(request, *args, **kwargs)

    return entered


def wanted_of(request: HttpRequest) -> str:
    """The page that somebody came from, or nothing."""
    return visitor.path_within(request, request.POST.get("next", "") or request.GET.get("next", ""))


def to_changed(request: HttpRequest, words: str, *, token: str = "") -> HttpResponse:
    """Say what was changed, and go on to what follows it; `token` is the session's new one, if it has one."""
    messages.success(request, words)
    response = redirect(f"{reverse('entrance:factors.changed')}?{urlencode({'next': wanted_of(request)})}")
    if token:
        visitor.keep_session(response, token)
    return response


@door(Permission.OWN_RECORD)
def changed(request: Visit) -> HttpResponse:
    """Offer to end all other sessions, and recovery codes to whoever has none; then back (L-24)."""
    running = sessions_of(organisation_id=request.organisation_id, member_id=request.member_id, at=request.at)
    mine = factors_of(organisation_id=request.organisation_id, member_id=request.member_id)
    context = {
        "next": wanted_of(request),
        "back": _back(request),
        "others": len([line for line in running if line.id != request.session_id]),
        "wants_codes": bool(mine.living) and mine.codes_left == 0,
    }
    return render(request, "entrance/factors/changed.html", context)


@door(Permission.OWN_RECORD)
@require_POST
def end_others(request: Visit) -> HttpResponse:
    """End every session of one's own but this one."""
    count = sessions.end_all_of_member(
        organisation_id=request.organisation_id,
        member_id=request.member_id,
        reason="factor",
        by=request.actor,
        at=request.at,
        keep=request.session_id,
    )
    messages.success(request, gettext("ほかの端末を{count}台サインアウトしました。").format(count=count))
    return redirect(f"{reverse('entrance:factors.changed')}?{urlencode({'next': wanted_of(request)})}")


def _back(request: HttpRequest) -> str:
    return wanted_of(request) or reverse("entrance:security.page")


routes = [
    path("factors/changed/", changed, name="factors.changed"),
    path("factors/end-others/", end_others, name="factors.end_others"),
]
