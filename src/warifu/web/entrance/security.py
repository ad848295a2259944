"""サインインと安全: one's own ways of signing in, the devices where one is signed in, and what happened (A4)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from warifu.cards.queries.bindings import are_cards_set_up, bindings_of
from warifu.credentials.actions import sessions
from warifu.credentials.queries.access_keys import KeyState, keys_of, restricted_from
from warifu.credentials.queries.certificates import certificates_of
from warifu.credentials.queries.factors import factors_of
from warifu.credentials.queries.sessions import sessions_of
from warifu.credentials.rules.sessions import PARALLEL
from warifu.foundation.actor import Role
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission, may_change_own_mail
from warifu.web.entrance import history
from warifu.web.shared.devices import devices_of
from warifu.web.shared.doors import Visit, door

NEWEST = 5
"""How many lines of the history stand on the page; the rest is one link away."""


@door(Permission.OWN_RECORD)
def page(request: Visit) -> HttpResponse:
    """Everything with which this person signs in, and where they are signed in (L-12, L-21, L-24)."""
    mine: dict[str, Any] = {"organisation_id": request.organisation_id, "member_id": request.member_id}
    devices = devices_of(sessions_of(at=request.at, **mine), here=request.session_id)
    context = {
        "factors": factors_of(**mine),
        "certificates": [(line, line.state(request.at)) for line in certificates_of(**mine)],
        "cards": [
            (line, line.is_over(request.at), line.ends_soon(request.at))
            for line in bindings_of(**mine)
            if line.revoked_at is None
        ],
        "cards_are_set_up": are_cards_set_up(),
        "keys": [key for key in keys_of(at=request.at, **mine) if key.state is KeyState.REGISTERED],
        "restricted_from": restricted_from(member_id=request.member_id),
        "devices": devices,
        "others": sum(not device.is_here for device in devices),
        "parallel": PARALLEL,
        "history": history.happened(limit=NEWEST, **mine),
        "member": organisations.member(**mine),
        "may_change_mail": may_change_own_mail(roles=request.actor.roles),
        "is_head": Role.HEAD in request.actor.roles,
    }
    return render(request, "entrance/security/page.html", context)


@door(Permission.OWN_RECORD)
@require_POST
def end_session(request: Visit, session_id: UUID) -> HttpResponse:
    """End one of one's own sessions."""
    sessions.end(
        session_id=session_id,
        organisation_id=request.organisation_id,
        only_of=request.member_id,
        by=request.actor,
        at=request.at,
    )
    messages.success(request, gettext("その端末をサインアウトしました。"))
    return redirect("entrance:security.page")


@door(Permission.OWN_RECORD)
@require_POST
def end_others(request: Visit) -> HttpResponse:
    """End all of one's own sessions but this one."""
    count = sessions.end_all_of_member(
        organisation_id=request.organisation_id,
        member_id=request.member_id,
        reason="own_wish",
        by=request.actor,
        at=request.at,
        keep=request.session_id,
    )
    messages.success(request, gettext("ほかの端末を{count}台サインアウトしました。").format(count=count))
    return redirect("entrance:security.page")


routes = [
    path("security/", page, name="security.page"),
    path("security/sessions/<uuid:session_id>/end/", end_session, name="security.end_session"),
    path("security/sessions/end-others/", end_others, name="security.end_others"),
]
