"""だれが何をできるか: the one table of permissions as a page, with the screens that each one opens (B1)."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from warifu.credentials.rules import resets
from warifu.foundation.actor import NO_ROLE, Role
from warifu.organisations import queries as organisations
from warifu.organisations.rules import LEVEL_TWO, PERMISSIONS, Permission, may
from warifu.web.shared import screens
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.words import PERMISSION_WORDS, ROLE_NAMES, role_names


@dataclass(frozen=True, kw_only=True)
class Line:
    """One permission: the sentence, a mark for each role, and the addresses that demand it."""

    sentence: str
    scope: str
    marks: tuple[bool, ...]
    screens: tuple[str, ...]
    is_mine: bool
    wants_second: bool


@door(Permission.DESK_ENTER)
@require_GET
def page(request: Visit) -> HttpResponse:
    """The table of permissions, made from the rules and from what the screens demand."""
    by_permission = _screens()
    lines = [
        Line(
            sentence=gettext(PERMISSION_WORDS[permission]),
            scope=permission.value,
            marks=tuple(role in roles for role in ROLE_NAMES),
            screens=tuple(sorted(by_permission.get(permission, ()))),
            is_mine=bool(roles & request.actor.roles),
            wants_second=permission in LEVEL_TWO,
        )
        for permission, roles in PERMISSIONS.items()
    ]
    roles = [(gettext(name), role in request.actor.roles) for role, name in ROLE_NAMES.items()]
    may_decide = may(by=request.actor, permission=Permission.SECURITY_MANAGE, organisation_id=request.organisation_id)
    context = {"lines": lines, "roles": roles, "may_decide": may_decide, "resets": _resets(request)}
    return render(request, "desk/permissions/page.html", context)


def _resets(request: Visit) -> list[tuple[str, str, str]]:
    """Who may start whose reset, by the names of the roles; what is not named protects (003-7). Offices only."""
    if not organisations.organisation(organisation_id=request.organisation_id).is_office:
        return []
    every = Role(sum(Role))
    lines = []
    for role, name in ROLE_NAMES.items():
        row = resets.TABLE.get(role, NO_ROLE)
        whom = gettext("すべての人") if row == every else "・".join(gettext(one) for one in role_names(row))
        but = gettext("ご自身(所長の再設定から始めます)") if role is Role.HEAD else ""
        lines.append((gettext(name), whom, but))
    return [line for line in lines if line[1]]


def _screens() -> dict[Permission, set[str]]:
    """The addresses of all screens by the permission that their door demands."""
    found: dict[Permission, set[str]] = {}
    for address, rule in screens.demands():
        if rule.permission is not None:
            found.setdefault(rule.permission, set()).add(address)
    return found


routes = [path("permissions/", page, name="permissions.page")]
