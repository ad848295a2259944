"""審査の結果: IDs, secrets in their window, papers, and what is still to be done (002-26 … 002-36, C3, C4)."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST

from warifu.applications.actions import papers, ticks
from warifu.applications.queries import applications, results
from warifu.organisations.rules import Permission, may
from warifu.web.shared.doors import Visit, door


@door(Permission.APPLY)
@require_GET
def page(request: Visit, application_id: UUID) -> HttpResponse:
    """What came out; before the decision the application's own page says how far it is."""
    view = applications.own(organisation_id=request.organisation_id, application_id=application_id)
    if view.line.state != "approved":
        return redirect("desk:applications.page", application_id=application_id)
    context = {
        "result": results.result(organisation_id=request.organisation_id, application_id=application_id, at=request.at),
        "is_opener": request.member_id,
        "may_issue": may(by=request.actor, permission=Permission.IDS_ISSUE, organisation_id=request.organisation_id),
    }
    return render(request, "desk/application_results/page.html", context)


@door(Permission.APPLY)
@require_POST
def paper(request: Visit, application_id: UUID, kind: str) -> HttpResponse:
    """A paper as PDF, to keep; that it was given out is recorded."""
    printed = papers.print_paper(
        organisation_id=request.organisation_id,
        application_id=application_id,
        kind=kind,
        by=request.actor,
        at=request.at,
    )
    answer = HttpResponse(printed.content, content_type="application/pdf")
    answer["Content-Disposition"] = str(content_disposition_header(as_attachment=True, filename=printed.file_name))
    return answer


@door(Permission.APPLY)
@require_POST
def tick(request: Visit, application_id: UUID) -> HttpResponse:
    """Note a point of the checklist as done, or take the note away."""
    ticks.mark(
        organisation_id=request.organisation_id,
        application_id=application_id,
        item=request.POST.get("item", ""),
        is_done=request.POST.get("done") == "yes",
        by=request.actor,
        at=request.at,
    )
    return redirect("desk:application_results.page", application_id=application_id)


_AT = "applications/<uuid:application_id>/"
routes = [
    path(f"{_AT}result/", page, name="application_results.page"),
    path(f"{_AT}papers/<slug:kind>/", paper, name="application_results.paper"),
    path(f"{_AT}tick/", tick, name="application_results.tick"),
]
