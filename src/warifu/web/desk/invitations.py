"""依頼と催促: look first, send then (001-11); ask again, one, some or all who are overdue (001-23)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_POST

from warifu.collection.actions import invitations, reminders
from warifu.notices import actions as notices
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission
from warifu.web.shared import visitor
from warifu.web.shared.doors import Visit, door


@door(Permission.INVITE)
@require_GET
def page(request: Visit) -> HttpResponse:
    """Phase one: who gets a letter, and what it says."""
    preview = invitations.preview(organisation_id=request.organisation_id, by=request.actor, at=request.at)
    plan = organisations.handling_plan(organisation_id=request.organisation_id)
    me = organisations.member(organisation_id=request.organisation_id, member_id=request.member_id)
    context = {"preview": preview, "is_ready": plan.completed_at is not None, "my_mail": me.mail}
    return render(request, "desk/invitations/page.html", context)


@door(Permission.INVITE)
@require_POST
def test(request: Visit) -> HttpResponse:
    """Send the letter to oneself, with invented values."""
    me = organisations.member(organisation_id=request.organisation_id, member_id=request.member_id)
    kind = "reminder" if request.POST.get("kind") == "reminder" else "invitation"
    notices.send_test(
        kind=kind, organisation_id=request.organisation_id, to_mail=me.mail, by=request.actor, at=request.at
    )
    messages.success(request, gettext("%(mail)s にテストメールを送ります。") % {"mail": me.mail})
    return redirect(_back(request))


@door(Permission.INVITE)
@require_POST
def send(request: Visit) -> HttpResponse:
    """Phase two: 「実行」."""
    count = invitations.send(organisation_id=request.organisation_id, by=request.actor, at=request.at)
    words = ngettext("%(count)s人に依頼のメールを送ります。", "%(count)s人に依頼のメールを送ります。", count)
    messages.success(request, words % {"count": count})
    return redirect("desk:people.listing")


@door(Permission.INVITE)
@require_GET
def remind(request: Visit) -> HttpResponse:
    """Who would be reminded, and what the letter says: those picked, or all who are overdue."""
    picked = _picked(request.GET)
    preview = reminders.preview(
        organisation_id=request.organisation_id, entry_ids=picked, by=request.actor, at=request.at
    )
    return render(request, "desk/invitations/remind.html", {"preview": preview, "picked": picked})


@door(Permission.INVITE)
@require_POST
def remind_now(request: Visit) -> HttpResponse:
    """Remind those picked (one click in the list picks one), or all who are overdue."""
    picked = _picked(request.POST)
    organisation_id, by, at = request.organisation_id, request.actor, request.at
    if picked is None:
        count = invitations.remind_all_overdue(organisation_id=organisation_id, by=by, at=at)
    else:
        count = invitations.remind(organisation_id=organisation_id, entry_ids=picked, by=by, at=at)
    words = ngettext("%(count)s人に催促のメールを送ります。", "%(count)s人に催促のメールを送ります。", count)
    messages.success(request, words % {"count": count})
    return redirect(_back(request))


def _picked(values: QueryDict) -> list[UUID] | None:
    """The ids that were picked; None stands for all who are overdue, which must be said."""
    if values.get("all") == "overdue":
        return None
    return [UUID(value) for value in values.getlist("pick") if _is_id(value)]


def _is_id(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True


def _back(request: Visit) -> str:
    return visitor.path_within(request, request.POST.get("next", "")) or reverse("desk:people.listing")


routes = [
    path("invitations/", page, name="invitations.page"),
    path("invitations/test/", test, name="invitations.test"),
    path("invitations/send/", send, name="invitations.send"),
    path("invitations/remind/", remind, name="invitations.remind"),
    path("invitations/remind/now/", remind_now, name="invitations.remind_now"),
]
