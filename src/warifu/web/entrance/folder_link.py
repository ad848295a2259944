"""提出リンク: somebody without an ID hands files in; nothing of the folder is shown (B2)."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from warifu.folders.actions import intake, links, uploads
from warifu.folders.actions.intake import Sender
from warifu.folders.actions.links import Opened
from warifu.folders.actions.uploads import Owner
from warifu.folders.rules.fields import Channel
from warifu.foundation.actor import Actor, ActorKind
from warifu.foundation.refusals import Refused
from warifu.web.shared import folder_uploads
from warifu.web.shared.doors import public
from warifu.web.shared.refusals import said


class OneFileForm(forms.Form):
    """Files, for browsers without a script."""

    files = forms.FileField(  # type: ignore[assignment]
        label=_("ファイル"),
        help_text=_("請求書・領収書などを、受け取ったままのファイルで選んでください。"),
        widget=forms.ClearableFileInput({"class": "input"}),
    )


@public
def page(request: HttpRequest, token: str) -> HttpResponse:
    """Where to put files; what was sent is said, nothing else is shown."""
    opened = links.opened(token=token, at=request.at)  # type: ignore[attr-defined]
    form = OneFileForm(request.POST or None, request.FILES or None)
    form.fields["files"].widget.attrs["multiple"] = True
    if request.method == "POST" and request.FILES:
        _take(request, opened)
        return redirect("entrance:folder_link.page", token=token)
    context = {
        "opened": opened,
        "form": form,
        "start": reverse("entrance:folder_link.start", kwargs={"token": token}),
        "piece_size": folder_uploads.PIECE,
    }
    return render(request, "entrance/folder_link/page.html", context)


@public
@require_POST
def start(request: HttpRequest, token: str) -> HttpResponse:
    """Announce one file."""
    try:
        opened = links.opened(token=token, at=request.at)  # type: ignore[attr-defined]
    except links.LinkOver as refusal:
        return folder_uploads.refused(refusal)
    return folder_uploads.start(
        request,
        folder=opened.folder,
        owner=Owner(link_id=opened.link_id),
        at=request.at,  # type: ignore[attr-defined]
        place=lambda upload_id: reverse("entrance:folder_link.piece", kwargs={"token": token, "upload_id": upload_id}),
    )


@public
@require_http_methods(["HEAD", "PATCH", "DELETE"])
def piece(request: HttpRequest, token: str, upload_id: UUID) -> HttpResponse:
    """How far an upload is, its next piece, or that it is given up."""
    try:
        opened = links.opened(token=token, at=request.at)  # type: ignore[attr-defined]
    except links.LinkOver as refusal:
        return folder_uploads.refused(refusal)
    return folder_uploads.piece(
        request,
        folder_id=opened.folder.id,
        upload_id=upload_id,
        owner=Owner(link_id=opened.link_id),
        sender=_sender(opened),
        by=_actor(opened),
        at=request.at,  # type: ignore[attr-defined]
    )


def _take(request: HttpRequest, opened: Opened) -> None:
    done = 0
    for file in request.FILES.getlist("files")[: opened.files_left]:
        size, owner, at = file.size or 0, Owner(link_id=opened.link_id), request.at  # type: ignore[attr-defined]
        try:
            standing = uploads.start(folder=opened.folder, file_name=file.name or "", size=size, owner=owner, at=at)
            for begin in range(0, size, folder_uploads.PIECE):
                uploads.append(
                    folder_id=opened.folder.id,
                    upload_id=standing.id,
                    place=begin,
                    piece=file.read(folder_uploads.PIECE),
                    owner=owner,
                    sender=_sender(opened),
                    by=_actor(opened),
                    at=at,
                )
            done += 1
        except intake.AlreadyThere:
            messages.info(request, gettext("%(name)s は、すでに受け取っています。") % {"name": file.name})
        except Refused as refusal:
            messages.error(request, f"{file.name}: {said(refusal)}")
    if done:
        messages.success(request, gettext("%(count)d件を受け取りました。ありがとうございました。") % {"count": done})


def _sender(opened: Opened) -> Sender:
    return Sender(channel=Channel.LINK, label=opened.name)


def _actor(opened: Opened) -> Actor:
    """Whoever holds the link, as the trail names them."""
    return Actor(kind=ActorKind.SYSTEM, label=opened.name, organisation_id=opened.folder.organisation_id)


routes = [
    path("folder-link/<str:token>/", page, name="folder_link.page"),
    path("folder-link/<str:token>/uploads/", start, name="folder_link.start"),
    path("folder-link/<str:token>/uploads/<uuid:upload_id>/", piece, name="folder_link.piece"),
]
