"""書き出し: hits as CSV; CSV, originals and history as one ZIP, in one click (D-14)."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from warifu.folders.actions import exports
from warifu.folders.queries import search
from warifu.foundation.days import JST
from warifu.organisations.rules import Permission
from warifu.web.desk.folders import frame_of, reached_by
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.folder_forms import SearchForm

MOST_PRINTED = 2000


@door(Permission.FOLDERS_READ, recent=True)
@require_GET
def records(request: Visit, folder_id: UUID) -> HttpResponseBase:
    """The hits of a search as CSV, in the order of the screen."""
    wanted = SearchForm(request.GET).wanted()
    reached = exports.begin(
        organisation_id=request.organisation_id,
        folder_id=folder_id,
        form="csv",
        wanted=wanted,
        by=request.actor,
        at=request.at,
    )
    lines = exports.records_csv(reached=reached, wanted=wanted, translate=gettext)
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="records-{_moment(request)}.csv"'
    return answer


@door(Permission.FOLDERS_READ, recent=True)
@require_GET
def archive(request: Visit, folder_id: UUID) -> HttpResponseBase:
    """The hits with their originals and the history as one ZIP."""
    wanted = SearchForm(request.GET).wanted()
    reached = exports.begin(
        organisation_id=request.organisation_id,
        folder_id=folder_id,
        form="zip",
        wanted=wanted,
        by=request.actor,
        at=request.at,
    )
    exports.insist_on_store(reached=reached, wanted=wanted)
    pieces = exports.archive(reached=reached, wanted=wanted, translate=gettext, at=request.at)
    answer = StreamingHttpResponse(pieces, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="folder-{_moment(request)}.zip"'
    return answer


@door(Permission.FOLDERS_READ)
@require_GET
def printed(request: Visit, folder_id: UUID) -> HttpResponse:
    """The hits as one page to print, by day and counterparty (D-09, D-13)."""
    reached = reached_by(request, folder_id)
    wanted = SearchForm(request.GET).wanted()
    lines = []
    for line in search.every(reached=reached, wanted=wanted):
        lines.append(line)
        if len(lines) == MOST_PRINTED:
            break
    context = {**frame_of(request, reached), "lines": lines, "most": MOST_PRINTED, "at": request.at}
    return render(request, "desk/folder_exports/printed.html", context)


def _moment(request: Visit) -> str:
    return f"{request.at.astimezone(JST):%Y%m%d-%H%M}"


routes = [
    path("folders/<uuid:folder_id>/records.csv", records, name="folder_exports.records"),
    path("folders/<uuid:folder_id>/archive.zip", archive, name="folder_exports.archive"),
    path("folders/<uuid:folder_id>/print/", printed, name="folder_exports.printed"),
]
