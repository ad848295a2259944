"""電子取引データを入れる: many files at once, by dragging or by button, resumable; what waits for a person (B2)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from warifu.folders.actions import intake
from warifu.folders.actions.intake import Sender
from warifu.folders.actions.uploads import Owner
from warifu.folders.queries import search
from warifu.folders.rules.fields import Channel
from warifu.foundation.refusals import Refused
from warifu.organisations.rules import Permission
from warifu.web.desk.folders import frame_of, reached_by
from warifu.web.shared import folder_uploads
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.paging import id_or_none
from warifu.web.shared.refusals import said


class ManyFiles(forms.ClearableFileInput):
    """A control that takes several files."""

    allow_multiple_selected = True


class FilesForm(forms.Form):
    """The files, for browsers without a script."""

    files = forms.FileField(  # type: ignore[assignment]
        label=_("ファイル"),
        help_text=_("いくつでも選べます。受け取ったままのファイルを選んでください。"),
        widget=ManyFiles({"class": "input"}),
    )


@door(Permission.FOLDERS_FILE)
def page(request: Visit, folder_id: UUID) -> HttpResponse:
    """The place to put files in, and the list of those that wait for a person."""
    reached = reached_by(request, folder_id, Permission.FOLDERS_FILE)
    form = FilesForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and request.FILES:
        _take(request, folder_id)
        return redirect("desk:folder_intake.page", folder_id=folder_id)
    form.is_valid()
    lines = search.waiting(reached=reached, after=id_or_none(request.GET.get("after", "")))
    context = {
        **frame_of(request, reached),
        "form": form,
        "lines": lines,
        "older": f"?after={lines[-1].id}" if len(lines) == search.PAGE else "",
        "start": reverse("desk:folder_intake.start", kwargs={"folder_id": folder_id}),
        "piece_size": folder_uploads.PIECE,
    }
    return render(request, "desk/folder_intake/page.html", context, status=422 if form.errors else 200)


@door(Permission.FOLDERS_FILE)
@require_POST
def start(request: Visit, folder_id: UUID) -> HttpResponse:
    """Announce one file; the answer says where its pieces go."""
    reached = reached_by(request, folder_id, Permission.FOLDERS_FILE)
    return folder_uploads.start(
        request,
        folder=reached.folder,
        owner=Owner(id=request.member_id),
        at=request.at,
        place=lambda upload_id: reverse(
            "desk:folder_intake.piece", kwargs={"folder_id": folder_id, "upload_id": upload_id}
        ),
    )


@door(Permission.FOLDERS_FILE)
@require_http_methods(["HEAD", "PATCH", "DELETE"])
def piece(request: Visit, folder_id: UUID, upload_id: UUID) -> HttpResponse:
    """How far an upload is, its next piece, or that it is given up."""
    reached_by(request, folder_id, Permission.FOLDERS_FILE)
    return folder_uploads.piece(
        request,
        folder_id=folder_id,
        upload_id=upload_id,
        owner=Owner(id=request.member_id),
        sender=Sender(channel=Channel.SCREEN, label=request.actor.label),
        by=request.actor,
        at=request.at,
    )


def _take(request: Visit, folder_id: UUID) -> None:
    """Take every file of a plain form; one that is refused does not stop the others."""
    done = 0
    for file in request.FILES.getlist("files"):
        given: dict[str, Any] = {"organisation_id": request.organisation_id, "by": request.actor, "at": request.at}
        try:
            intake.receive(
                folder_id=folder_id,
                file_name=file.name or "",
                content=file.read(),
                channel=Channel.SCREEN,
                **given,
            )
            done += 1
        except Refused as refusal:
            messages.error(request, f"{file.name}: {said(refusal)}")
    if done:
        messages.success(request, gettext("%(count)d件を受け取りました。内容を確かめてください。") % {"count": done})


routes = [
    path("folders/<uuid:folder_id>/intake/", page, name="folder_intake.page"),
    path("folders/<uuid:folder_id>/uploads/", start, name="folder_intake.start"),
    path("folders/<uuid:folder_id>/uploads/<uuid:upload_id>/", piece, name="folder_intake.piece"),
]
