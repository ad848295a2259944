"""訂正・取消の履歴: what was changed, before and after, why, by whom; searched, shown, printed, exported (D-02)."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from warifu.folders.actions import exports
from warifu.folders.queries import history
from warifu.folders.rules.search import Wanted
from warifu.organisations.rules import Permission
from warifu.web.desk.folders import frame_of, reached_by
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.paging import id_or_none


class AskForm(forms.Form):
    """Words, a period, and whether first filings are left out."""

    q = forms.CharField(label=_("変更前・変更後・理由・人・番号"), max_length=200, required=False)
    since = forms.DateField(label=_("この日から"), required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label=_("この日まで"), required=False, widget=forms.DateInput({"type": "date"}))
    changes = forms.BooleanField(label=_("訂正と取消だけ"), required=False)


@door(Permission.FOLDERS_READ)
@require_GET
def page(request: Visit, folder_id: UUID) -> HttpResponse:
    """The newest changes first, fifty a page."""
    reached = reached_by(request, folder_id)
    form, asked = _asked(request)
    lines = history.page(reached=reached, asked=asked, after=id_or_none(request.GET.get("after", "")))
    kept = {key: value for key, value in request.GET.items() if value and key != "after"}
    context = {
        **frame_of(request, reached),
        "form": form,
        "lines": lines,
        "asked": urlencode(kept),
        "older": f"?{urlencode({**kept, 'after': str(lines[-1].id)})}" if len(lines) == history.PAGE else "",
    }
    return render(request, "desk/folder_history/page.html", context)


@door(Permission.FOLDERS_READ, recent=True)
@require_GET
def export(request: Visit, folder_id: UUID) -> HttpResponseBase:
    """The same lines as CSV, all of them."""
    reached = exports.begin(
        organisation_id=request.organisation_id,
        folder_id=folder_id,
        form="history",
        wanted=Wanted(),
        by=request.actor,
        at=request.at,
    )
    lines = exports.history_csv(reached=reached, asked=_asked(request)[1], translate=gettext)
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="history.csv"'
    return answer


def _asked(request: Visit) -> tuple[AskForm, history.Asked]:
    form = AskForm(request.GET)
    form.is_valid()
    typed = form.cleaned_data
    return form, history.Asked(
        text=typed.get("q", ""),
        since=typed.get("since"),
        until=typed.get("until"),
        without_filing=typed.get("changes", False),
    )


routes = [
    path("folders/<uuid:folder_id>/history/", page, name="folder_history.page"),
    path("folders/<uuid:folder_id>/history.csv", export, name="folder_history.export"),
]
