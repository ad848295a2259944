"""電子取引データ: the file beside its fields; confirm, correct, withdraw, restore; its history and stamps (B3, B4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from warifu.folders import timestamps
from warifu.folders.actions import records, stamps
from warifu.folders.queries import files, history, search
from warifu.folders.queries import stamps as stamp_queries
from warifu.folders.queries.access import Reached
from warifu.folders.queries.search import Row
from warifu.folders.rules.files import Media
from warifu.foundation.refusals import Refused
from warifu.organisations.rules import Permission
from warifu.web.desk.folders import frame_of, reached_by
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.folder_forms import CorrectionForm, FieldsForm, ReasonForm
from warifu.web.shared.forms import add_refusal
from warifu.web.shared.refusals import in_words

_FIELD_OF = {"WF-F202": "registration_number", "WF-F204": "reason", "WF-F205": "reason"}


class WordForm(forms.Form):
    """What opens a locked file."""

    word = forms.CharField(
        label=_("ファイルを開くパスワード"), max_length=100, widget=forms.TextInput({"autocomplete": "off"})
    )


class StampForm(forms.Form):
    """A stamp that came beside the file."""

    token = forms.FileField(label=_("タイムスタンプのファイル（.tsr）"))


@door(Permission.FOLDERS_READ)
@require_http_methods(["GET", "DELETE"])
def page(request: Visit, folder_id: UUID, record_id: UUID) -> HttpResponse:
    """One record. A wish to delete it is noted and refused (D-03)."""
    if request.method == "DELETE":
        return _refuse_to_delete(request, folder_id, record_id)
    reached, row = _row(request, folder_id, record_id)
    return _page(request, reached, row, _form(row))


@door(Permission.FOLDERS_FILE)
@require_POST
def confirm(request: Visit, folder_id: UUID, record_id: UUID) -> HttpResponse:
    """File it with the confirmed fields, and go on to the next one that waits."""
    reached, row = _row(request, folder_id, record_id)
    form = FieldsForm(request.POST)
    if form.is_valid():
        try:
            records.confirm(
                organisation_id=request.organisation_id,
                folder_id=folder_id,
                record_id=record_id,
                given=form.given(),
                by=request.actor,
                at=request.at,
            )
        except Refused as refusal:
            add_refusal(form, refusal, _FIELD_OF.get(refusal.code, "traded_on"))
        else:
            messages.success(request, gettext("番号 %(number)d を保存しました。") % {"number": row.number})
            waiting = search.waiting(reached=reached, limit=1)
            if waiting:
                return redirect("desk:folder_records.page", folder_id=folder_id, record_id=waiting[0].id)
            return redirect("desk:folders.page", folder_id=folder_id)
    return _page(request, reached, row, form, status=422)


@door(Permission.FOLDERS_FILE)
def correct(request: Visit, folder_id: UUID, record_id: UUID) -> HttpResponse:
    """Correct the fields, with the reason."""
    reached, row = _row(request, folder_id, record_id)
    known = records.values_of(row=row)
    initial = {**known, "amount": (known["amount"] or "").removesuffix(".00"), "version": row.version}
    form = CorrectionForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            records.correct(
                organisation_id=request.organisation_id,
                folder_id=folder_id,
                record_id=record_id,
                given=form.given(),
                reason=form.cleaned_data["reason"],
                version=form.cleaned_data["version"],
                by=request.actor,
                at=request.at,
            )
        except Refused as refusal:
            add_refusal(form, refusal, _FIELD_OF.get(refusal.code, "traded_on"))
        else:
            messages.success(request, gettext("訂正を保存しました。前の内容は履歴に残っています。"))
            return redirect("desk:folder_records.page", folder_id=folder_id, record_id=record_id)
    return _page(request, reached, row, form, status=422 if form.errors else 200, is_correcting=True)


@door(Permission.FOLDERS_FILE)
def withdraw(request: Visit, folder_id: UUID, record_id: UUID) -> HttpResponse:
    """取消: put in by mistake; it stays to be found."""
    return _with_reason(
        request, folder_id, record_id, records.withdraw, gettext("取消にしました。"), is_restoring=False
    )


@door(Permission.FOLDERS_FILE)
def restore(request: Visit, folder_id: UUID, record_id: UUID) -> HttpResponse:
    """Take the withdrawal back."""
    return _with_reason(
        request, folder_id, record_id, records.restore, gettext("取消を戻しました。"), is_restoring=True
    )


@door(Permission.FOLDERS_FILE)
@require_POST
def opening_word(request: Visit, folder_id: UUID, record_id: UUID) -> HttpResponse:
    """Keep the password beside a locked file (D-07)."""
    _row(request, folder_id, record_id)
    form = WordForm(request.POST)
    if form.is_valid():
        records.set_opening_word(
            organisation_id=request.organisation_id,
            folder_id=folder_id,
            record_id=record_id,
            word=form.cleaned_data["word"],
            by=request.actor,
            at=request.at,
        )
        messages.success(request, gettext("パスワードを控えました。ファイルそのものは変えていません。"))
    return redirect("desk:folder_records.page", folder_id=folder_id, record_id=record_id)


@door(Permission.FOLDERS_FILE)
@require_POST
def stamp(request: Visit, folder_id: UUID, record_id: UUID) -> HttpResponse:
    """Keep a stamp that came beside the file, or ask the set authority for one (D-05)."""
    _row(request, folder_id, record_id)
    form = StampForm(request.POST, request.FILES)
    given: dict[str, Any] = {
        "organisation_id": request.organisation_id,
        "folder_id": folder_id,
        "record_id": record_id,
        "by": request.actor,
        "at": request.at,
    }
    if "ask" in request.POST:
        verdict = stamps.ask(**given)
    elif form.is_valid():
        verdict = stamps.add(token=form.cleaned_data["token"].read(), **given)
    else:
        raise stamps.NoToken
    messages.info(request, gettext("タイムスタンプの照合: %(verdict)s") % {"verdict": gettext(str(verdict.label))})
    return redirect("desk:folder_records.page", folder_id=folder_id, record_id=record_id)


@door(Permission.FOLDERS_READ)
@require_GET
def original(request: Visit, folder_id: UUID, record_id: UUID) -> HttpResponseBase:
    """The bytes as they came."""
    _reached, row = _row(request, folder_id, record_id)
    return _download(files.original(row=row), row.file_name, "application/octet-stream", row.size)


@door(Permission.FOLDERS_READ)
@require_GET
def picture(request: Visit, folder_id: UUID, record_id: UUID, number: int) -> HttpResponse:
    """One page as a picture: a photo as it came, a page of a PDF drawn here, so that no reader runs in the page."""
    _reached, row = _row(request, folder_id, record_id)
    found = files.picture(row=row, number=number)
    return HttpResponse(found.content, content_type=found.media_type, headers={"Cache-Control": "private, max-age=300"})


@door(Permission.FOLDERS_READ)
@require_GET
def attachment(request: Visit, folder_id: UUID, record_id: UUID, number: int) -> HttpResponseBase:
    """One attachment of a kept mail."""
    _reached, row = _row(request, folder_id, record_id)
    name, content = files.attachment(row=row, place=number)
    return _download(iter([content]), name, "application/octet-stream", len(content))


def _row(request: Visit, folder_id: UUID, record_id: UUID) -> tuple[Reached, Row]:
    reached = reached_by(request, folder_id)
    return reached, search.record_of(reached=reached, record_id=record_id)


def _form(row: Row) -> FieldsForm:
    """The form of a record that waits, with what could be read in it."""
    known = {"direction": "received", **{name: value for name, value in row.suggested.items() if name != "source"}}
    if "amount" in known:
        amount = str(known["amount"])
        known["amount"] = amount.removesuffix(".00")
    return FieldsForm(initial=known)


def _page(
    request: Visit,
    reached: Reached,
    row: Row,
    form: forms.Form,
    *,
    status: int = 200,
    is_correcting: bool = False,
) -> HttpResponse:
    media = Media(row.media_type)
    number = max(1, min(id_page(request.GET.get("p", "1")), row.pages or 1))
    context = {
        **frame_of(request, reached),
        "record": search.line_of(row=row),
        "row": row,
        "form": form,
        "is_correcting": is_correcting,
        "is_waiting": row.state == search.State.RECEIVED,
        "media_label": media.label,
        "drawn": files.is_drawn(row=row),
        "page_number": number,
        "previous": number - 1,
        "next": number + 1 if number < row.pages else 0,
        "shown": files.shown(row=row),
        "span": search.span_of(row=row),
        "history": history.of_record(record_id=row.id),
        "stamps": stamp_queries.of_record(record_id=row.id),
        "stamp_form": StampForm(),
        "word_form": WordForm(),
        "may_ask_stamp": timestamps.is_set(),
        "source": row.suggested.get("source", ""),
    }
    return render(request, "desk/folder_records/page.html", context, status=status)


def id_page(text: str) -> int:
    """A page's number as the address says it; 1 for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else 1


def _with_reason(
    request: Visit, folder_id: UUID, record_id: UUID, act: Callable[..., None], done: str, *, is_restoring: bool
) -> HttpResponse:
    reached, row = _row(request, folder_id, record_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            act(
                organisation_id=request.organisation_id,
                folder_id=folder_id,
                record_id=record_id,
                reason=form.cleaned_data["reason"],
                by=request.actor,
                at=request.at,
            )
        except (records.NotNow, records.ReasonMissing) as refusal:
            add_refusal(form, refusal, "reason")
        else:
            messages.success(request, done)
            return redirect("desk:folder_records.page", folder_id=folder_id, record_id=record_id)
    context = {
        **frame_of(request, reached),
        "record": search.line_of(row=row),
        "form": form,
        "is_restoring": is_restoring,
    }
    return render(request, "desk/folder_records/withdraw.html", context, status=422 if form.errors else 200)


def _refuse_to_delete(request: Visit, folder_id: UUID, record_id: UUID) -> HttpResponse:
    try:
        records.refuse_to_delete(
            organisation_id=request.organisation_id,
            folder_id=folder_id,
            record_id=record_id,
            by=request.actor,
            at=request.at,
        )
    except records.NeverDeleted as refusal:
        return JsonResponse(
            in_words(refusal), status=405, headers={"Allow": "GET"}, json_dumps_params={"ensure_ascii": False}
        )


def _download(pieces: Iterator[bytes], name: str, media_type: str, size: int) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(pieces, content_type=media_type)
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    answer["Content-Length"] = str(size)
    return answer


routes = [
    path("folders/<uuid:folder_id>/records/<uuid:record_id>/", page, name="folder_records.page"),
    path("folders/<uuid:folder_id>/records/<uuid:record_id>/confirm/", confirm, name="folder_records.confirm"),
    path("folders/<uuid:folder_id>/records/<uuid:record_id>/correct/", correct, name="folder_records.correct"),
    path("folders/<uuid:folder_id>/records/<uuid:record_id>/withdraw/", withdraw, name="folder_records.withdraw"),
    path("folders/<uuid:folder_id>/records/<uuid:record_id>/restore/", restore, name="folder_records.restore"),
    path("folders/<uuid:folder_id>/records/<uuid:record_id>/word/", opening_word, name="folder_records.opening_word"),
    path("folders/<uuid:folder_id>/records/<uuid:record_id>/stamp/", stamp, name="folder_records.stamp"),
    path("folders/<uuid:folder_id>/records/<uuid:record_id>/original/", original, name="folder_records.original"),
    path(
        "folders/<uuid:folder_id>/records/<uuid:record_id>/pages/<int:number>.png",
        picture,
        name="folder_records.picture",
    ),
    path(
        "folders/<uuid:folder_id>/records/<uuid:record_id>/attachments/<int:number>/",
        attachment,
        name="folder_records.attachment",
    ),
]
