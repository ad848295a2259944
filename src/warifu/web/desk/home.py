"""きょうの仕事: what waits for this person today."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from warifu.audit import queries as trail
from warifu.collection.queries import people
from warifu.collection.queries.people import Counts
from warifu.foundation.days import jst_day
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission, may
from warifu.vault.queries import keepings
from warifu.vault.queries.keepings import KeepingCounts
from warifu.web.desk import office_work
from warifu.web.shared.doors import Visit, door


@door(Permission.DESK_ENTER)
@require_GET
def page(request: Visit) -> HttpResponse:
    """The desk's first page: what to do, how far the collecting is, what happened."""
    organisation_id = request.organisation_id
    today = jst_day(request.at)
    desk = people.desk(organisation_id=organisation_id, today=today)
    rights = {
        "may_verify": Permission.VERIFY,
        "may_invite": Permission.INVITE,
        "may_load": Permission.ROSTER_LOAD,
        "may_handle": Permission.HANDLING_MANAGE,
        "may_see_trail": Permission.TRAIL_VIEW,
        "may_add_members": Permission.MEMBERS_MANAGE,
        "may_approve_disposals": Permission.DISPOSALS_APPROVE,
        "may_confirm_disposals": Permission.DISPOSALS_CONFIRM,
    }
    mine = {
        name: may(by=request.actor, permission=permission, organisation_id=organisation_id)
        for name, permission in rights.items()
    }
    plan = organisations.handling_plan(organisation_id=organisation_id)
    work = office_work.of(request)
    kept = keepings.counts_of(organisation_ids=[organisation_id], today=today).get(organisation_id, KeepingCounts())
    context = {
        "today": today,
        "desk": desk,
        "counts": desk.counts,
        "kept": kept,
        "work": work,
        "late_reasons": [(gettext(reason.sentence), count) for reason, count in desk.late_reasons],
        "is_ready": plan.completed_at is not None,
        "parts": _parts(desk.counts),
        "timeline": trail.timeline(organisation_id=organisation_id, limit=6) if mine["may_see_trail"] else [],
    }
    context["is_alone"] = mine["may_add_members"] and organisations.count_leaders(organisation_id=organisation_id) == 1
    context["has_work"] = any(
        (
            mine["may_verify"] and (desk.counts.to_verify or desk.counts.second),
            desk.counts.overdue,
            mine["may_invite"] and (desk.bounced or desk.counts.not_invited),
            mine["may_load"] and desk.rosters_to_confirm,
            mine["may_handle"] and plan.completed_at is None,
            work.is_any,
            mine["may_approve_disposals"] and kept.proposed,
            mine["may_confirm_disposals"] and kept.approved,
        )
    )
    return render(request, "desk/home/page.html", context | mine)


def _parts(counts: Counts) -> list[dict[str, object]]:
    """The progress bar: for each state its words, class, count, and where its piece starts."""
    pieces = [
        (gettext("完了"), "fill-done", counts.done),
        (gettext("確認待ち"), "fill-check", counts.to_verify + counts.second),
        (gettext("提出待ち"), "fill-wait", counts.waiting),
        (gettext("期限超過"), "fill-late", counts.overdue),
        (gettext("提出なし"), "fill-none", counts.not_provided),
    ]
    if counts.ended:
        pieces.append((gettext("退職・退出"), "fill-none", counts.ended))
    parts: list[dict[str, object]] = []
    start = 0
    for words, fill, count in pieces:
        parts.append({"words": words, "fill": fill, "count": count, "start": start})
        start += count
    return parts


routes = [path("", page, name="home.page")]
