"""Who may enter a screen: each view says it in one decorator, and the permission page is made from that.

Permission is checked twice on purpose: here for a quick answer, in the action for the truth.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from warifu.credentials.actions import denials
from warifu.credentials.queries.sessions import LivingSession
from warifu.foundation.actor import Actor
from warifu.organisations.rules import LEVEL_TWO, NotPermitted, Permission, refusal
from warifu.web.shared import acting, certificates, visitor

RECENT = timedelta(minutes=5)
"""How old the last proof of identity may be before numbers, exports and rights are touched (L-25)."""

_ONES_OWN = frozenset({Permission.OWN_RECORD, Permission.HAND_IN})
"""What a person does for themselves, even while they act for a client."""


class Visit(HttpRequest):
    """A request of somebody who is signed in: the door has put these on it."""

    actor: Actor
    member_id: UUID
    organisation_id: UUID
    at: datetime
    session_id: UUID
    warifu_desk: LivingSession


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What a view demands: None as permission means that anybody may enter."""

    permission: Permission | None
    recent: bool = False
    level_two: bool = False


def public(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase]:
    """A screen for everybody, signed in or not; `request.at` is the moment of the request."""

    @wraps(view)
    def entered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.at = timezone.now()  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    entered.rule = Rule(permission=None)  # type: ignore[attr-defined]
    return entered


def door(
    permission: Permission, *, recent: bool = False, level_two: bool = False
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """A screen for those who hold a permission in their organisation.

    Somebody not signed in is led to sign-in and back; somebody without the permission gets `NotPermitted` (403) or what
    the organisation's licence withholds (`StandingOver`, `NotInEdition`). A browser that does not show the electronic
    certificate that the session or the organisation demands is refused as well (B5).
    Somebody whose session is too weak, by the permission, by `level_two` or by the organisation's demands on their
    roles, is led to step-up and back (L-14, L-19). With `recent`, a proof of identity older than `RECENT` leads to
    re-login and back (L-25).
    """

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def entered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            session = getattr(request, "warifu_session", None)
            if session is None:
                certificates.insist_on_session(request)
                return to_sign_in(request)
            if permission not in _ONES_OWN:
                session = acting.as_client(session)
            visit = cast(Visit, request)
            visit.at = timezone.now()
            visit.warifu_desk = session
            visit.actor = session.actor
            visit.member_id = session.member_id
            visit.organisation_id = session.organisation_id
            visit.session_id = session.id
            _let_in(visit, permission)
            if session.demands.certificate and permission is not Permission.OWN_RECORD:
                certificates.insist_on_own(request, session)
            if is_too_weak(session, permission, level_two=level_two):
                return _with_return(request, "entrance:stepup.ask")
            if recent and not is_recent(visit.actor, visit.at):
                return _with_return(request, "entrance:relogin.ask")
            return view(visit, *args, **kwargs)

        entered.rule = Rule(permission=permission, recent=recent, level_two=level_two)  # type: ignore[attr-defined]
        return entered

    return decorate


def is_too_weak(session: LivingSession, permission: Permission, *, level_two: bool = False) -> bool:
    """Whether a session needs a second factor before it opens a door: one's own record never asks for it."""
    if session.actor.level >= 2 or permission is Permission.OWN_RECORD:
        return level_two and session.actor.level < 2
    return level_two or permission in LEVEL_TWO or session.demands.second_factor


def _let_in(visit: Visit, permission: Permission) -> None:
    refused = refusal(by=visit.actor, permission=permission, organisation_id=visit.organisation_id)
    if refused is NotPermitted:
        denials.record(
            organisation_id=visit.organisation_id,
            by=visit.actor,
            view=visit.resolver_match.view_name if visit.resolver_match else "",
            permission=permission.value,
            at=visit.at,
        )
    if refused is not None:
        raise refused


def is_recent(actor: Actor, at: datetime) -> bool:
    """Whether the actor proved their identity within `RECENT`."""
    return actor.authenticated_at is not None and at - actor.authenticated_at <= RECENT


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Lead somebody to sign-in, and back to a page that reads only (the form's own page, when one was sent)."""
    return _with_return(request, "entrance:signin.ask")


def to_step_up(request: HttpRequest) -> HttpResponse:
    """Lead somebody whose session is too weak to a second proof, and back."""
    return _with_return(request, "entrance:stepup.ask")


def _with_return(request: HttpRequest, name: str) -> HttpResponse:
    is_part = "HX-Request" in request.headers
    reads = request.method in ("GET", "HEAD") and not is_part
    page = request.headers.get("HX-Current-URL" if is_part else "Referer", "")
    back = request.get_full_path() if reads else visitor.path_within(request, page) or "/"
    address = f"{reverse(name)}?{urlencode({'next': back})}"
    if is_part:
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)
