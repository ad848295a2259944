"""業務の流れ: what each role does by when, from the organisation's own state (000-41)."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, path, reverse
from django.views.decorators.http import require_GET

from warifu.collection.queries import people
from warifu.credentials.queries import certificate_list
from warifu.credentials.queries.certificate_list import Tab
from warifu.foundation.days import jst_day
from warifu.foundation.refusals import translatable as _
from warifu.help.rules.flow import ROLES, Facts, Task, Urgency, for_role, tasks
from warifu.licences.queries import connections
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission
from warifu.vault.queries import keepings
from warifu.vault.queries.keepings import KeepingCounts
from warifu.web.desk import office_work
from warifu.web.shared import procedures
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.words import ROLE_NAMES

BADGES = {
    Urgency.LATE: ("late", _("期限超過"), "alert"),
    Urgency.NOW: ("heed", _("いますること"), "clock"),
    Urgency.SOON: ("info", _("これから"), "calendar"),
    Urgency.DONE: ("done", _("済んでいます"), "check"),
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """A task with its badge and the address of its screen."""

    task: Task
    badge: tuple[str, str, str]
    address: str


@door(Permission.DESK_ENTER)
@require_GET
def page(request: Visit) -> HttpResponse:
    """The whole way by roles: what is late, what is to do now, what comes, what is done."""
    listed = tasks(_facts(request), today=jst_day(request.at))
    roles = [
        {
            "name": ROLE_NAMES[role],
            "is_mine": role in request.actor.roles,
            "lines": [
                Line(task=task, badge=BADGES[task.urgency], address=_address(task.screen))
                for task in for_role(listed, role)
            ],
        }
        for role in ROLES
        if any(task.role is role for task in listed)
    ]
    roles.sort(key=lambda one: not one["is_mine"])
    context = {"roles": roles, "today": jst_day(request.at), "procedures": procedures.ALL}
    return render(request, "desk/flow/page.html", context)


def _facts(request: Visit) -> Facts:
    organisation_id, today = request.organisation_id, jst_day(request.at)
    desk = people.desk(organisation_id=organisation_id, today=today)
    ends = [one.until_day for one in connections.connections(organisation_id=organisation_id)]
    pictures = people.pictures_to_delete(organisation_id=organisation_id)
    own = organisations.organisation(organisation_id=organisation_id)
    work = office_work.of(request)
    kept = keepings.counts_of(organisation_ids=[organisation_id], today=today).get(organisation_id, KeepingCounts())
    certificates = certificate_list.counts(organisation_id=organisation_id, at=request.at)
    return Facts(
        has_plan=organisations.handling_plan(organisation_id=organisation_id).completed_at is not None,
        administrators=organisations.count_leaders(organisation_id=organisation_id),
        rosters_to_confirm=desk.rosters_to_confirm,
        people=desk.counts.all,
        not_invited=desk.counts.not_invited,
        waiting=desk.counts.waiting,
        next_due=people.next_due(organisation_id=organisation_id, today=today),
        overdue=desk.counts.overdue,
        bounced=desk.bounced,
        to_verify=desk.counts.to_verify,
        second=desk.counts.second,
        done=desk.counts.done,
        pictures_kept=pictures.count,
        pictures_until=pictures.first_day,
        is_office=own.is_office,
        is_operator=own.is_operator,
        clients=work.clients,
        clients_late=work.clients_late,
        clients_due=work.next_due,
        offers=work.offers,
        offered=work.offered,
        requests=work.requests,
        papers=work.papers,
        to_review=work.to_review,
        to_approve=kept.proposed,
        to_dispose=kept.approved,
        disposals_overdue=kept.overdue,
        dispose_by=kept.due_on,
        certificates_ending=certificates[Tab.ENDING],
        licence_ends=max(ends) if ends else None,
    )


def _address(screen: str) -> str:
    try:
        return reverse(screen)
    except NoReverseMatch:
        return ""


routes = [path("flow/", page, name="flow.page")]
