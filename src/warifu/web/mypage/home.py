"""はじめの画面: where the person's submission stands, and the one next step."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

from warifu.cards.queries import mykeys
from warifu.collection.queries import purpose_notices
from warifu.collection.queries import submissions as queries
from warifu.credentials.queries import sealed_notices
from warifu.foundation.actor import Role
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission, may
from warifu.web.shared.doors import Visit, door


@door(Permission.OWN_RECORD)
def page(request: Visit) -> HttpResponse:
    """The state in words, with its next step; a purpose that was added since is shown first (P-03)."""
    own = queries.own(organisation_id=request.organisation_id, member_id=request.member_id, at=request.at)
    notice = purpose_notices.current(organisation_id=request.organisation_id)
    shown = purpose_notices.shown_to(organisation_id=request.organisation_id, member_id=request.member_id)
    organisation = organisations.organisation(organisation_id=request.organisation_id)
    notices = sealed_notices.own(organisation_id=request.organisation_id, member_id=request.member_id, at=request.at)
    is_new = notice is not None and all(view.version != notice.version for view in shown)
    context = {
        "own": own,
        "name": request.actor.label,
        "contact": organisation.contact,
        "sealed_notices": [line for line in notices if line.state in ("open", "early")],
        "may_hand_in": may(by=request.actor, permission=Permission.HAND_IN, organisation_id=request.organisation_id),
        "is_customer": Role.CUSTOMER in request.actor.roles,
        "takes_mykey": mykeys.is_announced(),
        "has_new_purposes": is_new and bool(shown),
    }
    return render(request, "mypage/home/page.html", context)


routes = [path("", page, name="home.page")]
