"""備え付ける書類: rules of procedure, outline of the system, manuals, made from the settings (D-04, D-17)."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from warifu.folders.queries import papers
from warifu.organisations.rules import Permission
from warifu.web.desk.folders import frame_of, reached_by
from warifu.web.shared.doors import Visit, door


@door(Permission.FOLDERS_READ)
@require_GET
def page(request: Visit, folder_id: UUID) -> HttpResponse:
    """What to keep at hand, each as a PDF."""
    reached = reached_by(request, folder_id)
    context = {
        **frame_of(request, reached),
        "papers": [(paper.key, gettext(paper.title), gettext(paper.what)) for paper in papers.ALL],
    }
    return render(request, "desk/folder_papers/page.html", context)


@door(Permission.FOLDERS_READ)
@require_GET
def paper(request: Visit, folder_id: UUID, paper_key: str) -> HttpResponse:
    """One of them."""
    reached = reached_by(request, folder_id)
    if paper_key not in papers.BY_KEY:
        raise Http404
    answer = HttpResponse(papers.printed(reached=reached, key=paper_key, at=request.at), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{paper_key}.pdf"'
    return answer


routes = [
    path("folders/<uuid:folder_id>/papers/", page, name="folder_papers.page"),
    path("folders/<uuid:folder_id>/papers/<slug:paper_key>.pdf", paper, name="folder_papers.paper"),
]
