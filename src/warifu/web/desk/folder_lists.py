"""フォルダをまとめて作る: a list in Excel or CSV is looked over, then made all at once or not at all (003-9, B1)."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from warifu.folders.actions import folders, lists
from warifu.folders.actions.folders import Wish
from warifu.folders.rules import lists as rules
from warifu.foundation.refusals import Refused
from warifu.organisations.rules import Permission
from warifu.web.shared import csv_files, folder_customers
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.forms import add_refusal

LARGEST = 5 * 1024 * 1024


class ListForm(forms.Form):
    """The file."""

    file = forms.FileField(
        label=_("フォルダの一覧のファイル"),
        help_text=_("CSVかExcel(.xlsx)。2000行、5MBまで。"),
        error_messages={"required": _("ファイルを選んでください。"), "empty": _("ファイルの中身が空です。")},
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx", "class": "input"}),
    )


@door(Permission.FOLDERS_MANAGE)
def upload(request: Visit) -> HttpResponse:
    """Read a list; with faults nothing is made and each is named, without any every folder is made."""
    form = ListForm(request.POST or None, request.FILES or None)
    problems: list[rules.Problem] = []
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        if file.size > LARGEST:
            form.add_error("file", gettext("ファイルが5MBを超えています。分けて読み込んでください。"))
        else:
            try:
                found = lists.read(file_name=file.name, content=file.read())
                problems = found.problems
                if not problems:
                    made = folders.open_many(
                        organisation_id=request.organisation_id,
                        wishes=_tied(request.organisation_id, found.wishes),
                        by=request.actor,
                        at=request.at,
                    )
                    messages.success(request, gettext("%(count)d件のフォルダを作りました。") % {"count": len(made)})
                    return redirect("desk:folders.listing")
            except Refused as refusal:
                add_refusal(form, refusal, "file")
    context = {"form": form, "problems": [(each, gettext(each.what)) for each in problems]}
    return render(request, "desk/folder_lists/upload.html", context, status=422 if form.errors or problems else 200)


def _tied(office_id: UUID, wishes: list[Wish]) -> list[Wish]:
    """The wishes with the office's customers that their codes name."""
    known = folder_customers.by_codes(office_id=office_id, codes={wish.customer_code for wish in wishes})
    return [
        replace(wish, customer_id=customer.id, keeper_id=customer.client_id)
        if (customer := known.get(wish.customer_code))
        else wish
        for wish in wishes
    ]


@door(Permission.FOLDERS_MANAGE)
@require_GET
def template(request: Visit) -> HttpResponseBase:
    """An empty list to fill in."""
    example = (gettext("例: 桧商事株式会社"), "C001", "T7123456789012", "10240", "100", gettext("法人"), "3", "10")
    return csv_files.answer(
        file_name="folders.csv", header=[gettext(name) for name in rules.COLUMNS.values()], rows=[example]
    )


@door(Permission.FOLDERS_READ)
@require_GET
def export(request: Visit) -> HttpResponseBase:
    """All folders with their settings and meters, as CSV that can be filled in and read again."""
    rows = lists.rows(organisation_id=request.organisation_id, by=request.actor, at=request.at, translate=gettext)
    header = [*rules.COLUMNS.values(), _("使っている量（MB）"), _("件数"), _("状態")]
    return csv_files.answer(file_name="folders.csv", header=[gettext(str(name)) for name in header], rows=rows)


routes = [
    path("folders/list/", upload, name="folder_lists.upload"),
    path("folders/list/template.csv", template, name="folder_lists.template"),
    path("folders/list/export.csv", export, name="folder_lists.export"),
]
