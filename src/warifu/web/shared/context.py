"""What the frame around every page needs to know."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext

from warifu.foundation.days import jst_day
from warifu.organisations.rules import Permission, may
from warifu.web.shared import navigation
from warifu.web.shared.words import role_names

if TYPE_CHECKING:
    from warifu.credentials.queries.sessions import LivingSession


def frame(request: HttpRequest) -> dict[str, Any]:
    """Template context of the frame: session (or None), its roles in words, practice or not, address, navigation.

    The navigation is computed only by templates that draw it.
    """
    context: dict[str, Any] = {"session": None, "is_practice": not settings.WARIFU.is_production}
    context |= {"is_demo": settings.WARIFU.mode == "demo", "site_url": settings.WARIFU.site_url}
    session = getattr(request, "warifu_desk", None) or getattr(request, "warifu_session", None)
    if session is not None:
        context["session"] = session
        context["session_roles"] = partial(_roles, session.actor.roles)
        context["navigation"] = partial(navigation.of, request, session)
        context["licence_news"] = partial(_licence_news, session)
        context["may_enter_desk"] = may(
            by=session.actor, permission=Permission.DESK_ENTER, organisation_id=session.organisation_id
        )
    return context


def _licence_news(session: LivingSession) -> str:
    """What the desk says about the organisation's licence: nothing, or that its grace runs, or why new work stops."""
    if session.actor.standing.is_over:
        return session.actor.standing.value
    until = session.licensed_until
    return "grace" if until is not None and until < jst_day(timezone.now()) else ""


def _roles(roles: Any) -> str:
    return "・".join(gettext(name) for name in role_names(roles))
