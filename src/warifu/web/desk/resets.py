"""パスワードの再設定: find the person, start, done; nobody here learns the password (003-7, 003-12, L-08)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from warifu.credentials.actions import activation, resets, slips
from warifu.credentials.queries import activation as credentials
from warifu.credentials.queries import ids
from warifu.credentials.rules import resets as rules
from warifu.foundation.actor import NO_ROLE, Role
from warifu.foundation.refusals import NotFound
from warifu.organisations import queries as organisations
from warifu.organisations.queries import MemberView
from warifu.organisations.rules import Permission
from warifu.web.shared import qr
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.words import ROLE_NAMES, role_names

EVERYBODY = Role(sum(Role))


@door(Permission.RESETS_START)
@require_GET
def listing(request: Visit) -> HttpResponse:
    """The people of the organisation, those whose reset this person may start, and who else helps the others."""
    text = request.GET.get("q", "").strip()[:100]
    page = organisations.members_page(
        organisation_id=request.organisation_id, roles=EVERYBODY, text=text, cursor=request.GET.get("at", "")
    )
    found = {member.id for member in page.members}
    texts = ids.living_texts(organisation_id=request.organisation_id, member_ids=found)
    active = credentials.members_with_password(organisation_id=request.organisation_id, member_ids=found)
    query = QueryDict(mutable=True)
    query["q"] = text
    lines = [
        (
            member,
            _names(member.roles),
            texts.get(member.id) or member.mail or member.employee_code,
            member.id in active,
            resets.may_start(by=request.actor, target=member),
            _helpers(request, member),
        )
        for member in page.members
    ]
    context = {
        "lines": lines,
        "text": text,
        "before": f"?{query.urlencode()}&at={page.before}" if page.before else "",
        "after": f"?{query.urlencode()}&at={page.after}" if page.after else "",
    }
    return render(request, "desk/resets/listing.html", context)


@door(Permission.RESETS_START)
@require_GET
def page(request: Visit, member_id: UUID) -> HttpResponse:
    """One person: what will happen, and the one button; or who may press it."""
    member = organisations.member(organisation_id=request.organisation_id, member_id=member_id)
    if not member.is_active:
        raise NotFound
    context = {
        "member": member,
        "roles": _names(member.roles),
        "user_id": ids.living_text(member_id=member_id),
        "is_stopped": ids.is_stopped(member_id=member_id),
        "has_password": bool(
            credentials.members_with_password(organisation_id=request.organisation_id, member_ids={member_id})
        ),
        "may_start": resets.may_start(by=request.actor, target=member),
        "is_self": member_id == request.member_id,
        "helpers": _helpers(request, member),
    }
    return render(request, "desk/resets/page.html", context)


@door(Permission.RESETS_START)
@require_POST
def start(request: Visit, member_id: UUID) -> HttpResponse:
    """Mail the link with which the person chooses the password; neither is shown here (L-08)."""
    reason = activation.send(
        organisation_id=request.organisation_id, member_id=member_id, by=request.actor, at=request.at
    )
    member = organisations.member(organisation_id=request.organisation_id, member_id=member_id)
    words = {
        "first": gettext("%(name)sさんに、はじめての設定のリンクを送ります。"),
        "reset": gettext(
            "%(name)sさんに、パスワードを決め直すリンクを送ります。いまのパスワードは、決め直すまで使えます。"
        ),
    }
    messages.success(request, words[reason] % {"name": member.full_name})
    return redirect("desk:resets.listing")


@door(Permission.RESETS_START, recent=True)
@require_POST
def slip(request: Visit, member_id: UUID) -> HttpResponse:
    """The same on paper, for a person without mail; shown once."""
    made = slips.print_for(
        organisation_id=request.organisation_id, member_id=member_id, by=request.actor, at=request.at
    )
    context = {"slips": [(made, qr.drawn(made.link))], "mailed": 0, "back": reverse("desk:resets.listing")}
    return render(request, "desk/resets/slip.html", context)


def _helpers(request: Visit, member: MemberView) -> str:
    """Who may start a member's reset, by the names of the roles; roles of offices are named in offices only."""
    if member.id == request.member_id and Role.HEAD in member.roles:
        return gettext(ROLE_NAMES[Role.ADMINISTRATOR])
    roles = rules.helpers(target=member.roles)
    if not getattr(request, "warifu_session").is_office:  # noqa: B009
        roles &= Role.ADMINISTRATOR
    return _names(roles or NO_ROLE)


def _names(roles: Role) -> str:
    return "・".join(gettext(name) for name in role_names(roles))


routes = [
    path("resets/", listing, name="resets.listing"),
    path("resets/<uuid:member_id>/", page, name="resets.page"),
    path("resets/<uuid:member_id>/start/", start, name="resets.start"),
    path("resets/<uuid:member_id>/slip/", slip, name="resets.slip"),
]
