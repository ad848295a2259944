"""名簿の取込み: upload, look over, mend, load, undo (001-5 … 001-12)."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from io import BytesIO, StringIO
from typing import Any, cast
from uuid import UUID

import openpyxl
from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST
from openpyxl.utils import get_column_letter
from openpyxl.writer.excel import save_workbook

from warifu.collection.actions import rosters
from warifu.collection.queries import rosters as queries
from warifu.collection.rules import roster_layout
from warifu.collection.rules.roster_file import (
    ENCODINGS,
    LinesUnreadable,
    NotATable,
    TooManyColumns,
    WrongEncoding,
)
from warifu.foundation.refusals import Refused
from warifu.organisations.rules import Permission
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.forms import add_refusal
from warifu.web.shared.paging import id_or_none
from warifu.web.shared.refusals import said

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_UNREADABLE = (WrongEncoding, NotATable, LinesUnreadable, TooManyColumns)
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0")


class UploadForm(forms.Form):
    """The file."""

    file = forms.FileField(
        label=_("名簿のファイル"),
        help_text=_("ここへファイルを重ねて放すか、ボタンで選んでください。CSV、TSV、Excel(.xlsx)。32MB、20万人まで。"),
        error_messages={
            "required": _("名簿のファイルを選んでください。"),
            "empty": _("ファイルの中身が空です。従業員が書かれたファイルを選んでください。"),
        },
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx", "class": "input"}),
    )


class ReadingForm(forms.Form):
    """How a file is read."""

    encoding = forms.ChoiceField(label=_("文字コード"), required=False)
    has_header = forms.BooleanField(label=_("1行目は見出しです"), required=False)

    def __init__(self, *args: Any, encoding: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(key, name) for key, name in ENCODINGS.items() if key != "utf-8-sig" or encoding == "utf-8-sig"]
        encodings = cast(forms.ChoiceField, self.fields["encoding"])
        encodings.choices = known if encoding else [("", _("Excelのファイル"))]


@door(Permission.ROSTER_LOAD)
def listing(request: Visit) -> HttpResponse:
    """The rosters so far."""
    before = id_or_none(request.GET.get("before", ""))
    lines = queries.listing(organisation_id=request.organisation_id, before=before)
    older = f"?{urlencode({'before': str(lines[-1].id)})}" if len(lines) == queries.PAGE else ""
    return render(request, "desk/rosters/listing.html", {"lines": lines, "older": older})


@door(Permission.ROSTER_LOAD)
def upload(request: Visit) -> HttpResponse:
    """Choose a file; it is checked before anything is loaded."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            roster_id = rosters.receive(
                organisation_id=request.organisation_id,
                file_name=file.name,
                content=file.read(),
                by=request.actor,
                at=request.at,
            )
        except Refused as refusal:
            add_refusal(form, refusal, "file")
        else:
            return redirect("desk:rosters.page", roster_id=roster_id)
    return render(
        request,
        "desk/rosters/upload.html",
        {"form": form, "fields": roster_layout.FULL_FORM},
        status=422 if form.errors else 200,
    )


@door(Permission.ROSTER_LOAD)
@require_GET
def template(request: Visit, form: str, kind: str) -> FileResponse:
    """An empty roster to fill in; in Excel its columns are text, so that zeros stay."""
    fields = roster_layout.FULL_FORM if form == "full" else roster_layout.BARE_FOUR
    return _table_file([[gettext(each.label) for each in fields]], f"{gettext('名簿のひな形')}.{kind}", kind)


@door(Permission.ROSTER_LOAD)
def page(request: Visit, roster_id: UUID) -> HttpResponse:
    """One roster: what the worker does with it, what is the matter with it, what became of it."""
    roster = queries.roster(organisation_id=request.organisation_id, roster_id=roster_id)
    severity = request.GET.get("severity", "")
    if severity not in ("error", "warning"):
        severity = "error" if roster.error_rows else ""
    problems = queries.problems(
        organisation_id=request.organisation_id,
        roster_id=roster_id,
        severity=severity if request.GET.get("severity") != "all" else "",
        after=request.GET.get("after", ""),
    )
    labels = {column.label for column in roster.columns}
    more = urlencode({"severity": severity or "all", "after": problems[-1].key}) if problems else ""
    return render(
        request,
        "desk/rosters/page.html",
        {
            "roster": roster,
            "problems": [(line, gettext(line.reason), line.column in labels) for line in problems],
            "severity": "all" if request.GET.get("severity") == "all" else severity,
            "more": f"?{more}" if len(problems) == queries.PAGE else "",
            "first": f"?{urlencode({'severity': severity or 'all'})}" if request.GET.get("after") else "",
            "refusal": _refusal_words(roster),
            "encoding": ENCODINGS.get(roster.encoding, "Excel"),
            "waiting": max(roster.rows - roster.accepted, 0),
        },
    )


@door(Permission.ROSTER_LOAD)
@require_GET
def progress(request: Visit, roster_id: UUID) -> HttpResponse:
    """The part of the page that asks how far the work is; when it is done, the whole page is asked for."""
    roster = queries.roster(organisation_id=request.organisation_id, roster_id=roster_id)
    if roster.is_working:
        return render(request, "desk/rosters/progress.html", {"roster": roster})
    if not request.headers.get("HX-Request"):
        return redirect("desk:rosters.page", roster_id=roster_id)
    answer = HttpResponse(status=204)
    answer["HX-Refresh"] = "true"
    return answer


@door(Permission.ROSTER_LOAD)
def columns(request: Visit, roster_id: UUID) -> HttpResponse:
    """Look at the first lines and say which column is which."""
    roster = queries.roster(organisation_id=request.organisation_id, roster_id=roster_id)
    asked = request.POST if request.method == "POST" else request.GET
    encoding = asked.get("encoding", roster.encoding)
    form = ReadingForm(
        request.POST or None,
        encoding=roster.encoding,
        initial={"encoding": encoding, "has_header": roster.has_header},
    )
    given: dict[str, Any] = {
        "organisation_id": request.organisation_id,
        "roster_id": roster_id,
        "by": request.actor,
        "at": request.at,
    }
    problem, lines = "", []
    try:
        lines = rosters.first_lines(encoding=encoding, **given)
        if request.method == "POST" and form.is_valid():
            rosters.choose_columns(
                mapping=_mapping(request, max(map(len, lines), default=0)),
                has_header=form.cleaned_data["has_header"],
                encoding=encoding,
                **given,
            )
            return redirect("desk:rosters.page", roster_id=roster_id)
    except (roster_layout.ColumnsUnknown, rosters.NotNow, *_UNREADABLE) as refusal:
        problem = said(refusal)
    return render(
        request,
        "desk/rosters/columns.html",
        {
            "roster": roster,
            "form": form,
            "problem": problem,
            "choices": _column_choices(request, roster, lines),
            "lines": lines[:8],
            "fields": list(roster_layout.Field),
        },
        status=422 if problem else 200,
    )


@door(Permission.ROSTER_LOAD)
@require_POST
def mend(request: Visit, roster_id: UUID) -> HttpResponse:
    """Put another value into one cell."""
    row = request.POST.get("row", "")
    rosters.mend(
        organisation_id=request.organisation_id,
        roster_id=roster_id,
        row=int(row) if row.isdecimal() and len(row) < 8 else 0,
        column=request.POST.get("column", ""),
        value=request.POST.get("value", ""),
        by=request.actor,
        at=request.at,
    )
    address = reverse("desk:rosters.page", kwargs={"roster_id": roster_id})
    severity = request.POST.get("severity", "")
    return redirect(f"{address}?{urlencode({'severity': severity})}" if severity else address)


@door(Permission.ROSTER_LOAD)
@require_POST
def check_again(request: Visit, roster_id: UUID) -> HttpResponse:
    """Check once more, with the mends."""
    rosters.check_again(organisation_id=request.organisation_id, roster_id=roster_id, by=request.actor, at=request.at)
    return redirect("desk:rosters.page", roster_id=roster_id)


@door(Permission.ROSTER_LOAD)
@require_POST
def load(request: Visit, roster_id: UUID) -> HttpResponse:
    """Load what can be loaded; the worker does it."""
    rosters.load(organisation_id=request.organisation_id, roster_id=roster_id, by=request.actor, at=request.at)
    return redirect("desk:rosters.page", roster_id=roster_id)


@door(Permission.ROSTER_LOAD)
@require_POST
def undo(request: Visit, roster_id: UUID) -> HttpResponse:
    """Take a whole loading back."""
    rosters.undo(organisation_id=request.organisation_id, roster_id=roster_id, by=request.actor, at=request.at)
    messages.success(request, gettext("取込みを取り消しました。"))
    return redirect("desk:rosters.page", roster_id=roster_id)


@door(Permission.ROSTER_LOAD)
@require_POST
def discard(request: Visit, roster_id: UUID) -> HttpResponse:
    """Give a roster up."""
    rosters.discard(organisation_id=request.organisation_id, roster_id=roster_id, by=request.actor, at=request.at)
    messages.success(request, gettext("名簿を消しました。"))
    return redirect("desk:rosters.listing")


@door(Permission.ROSTER_LOAD)
@require_GET
def problem_file(request: Visit, roster_id: UUID, kind: str) -> FileResponse:
    """The rows that stay out, with their reasons, as a file that can be mended and sent anew alone."""
    rows = rosters.problem_rows(
        organisation_id=request.organisation_id, roster_id=roster_id, by=request.actor, at=request.at
    )
    return _table_file(rows, f"{gettext('直すところ')}.{kind}", kind)


def _table_file(rows: Iterable[list[str]], name: str, kind: str) -> FileResponse:
    """A table as a download: CSV with BOM or a workbook of text cells; no cell starts a formula (V-06)."""
    safe = ([_safe(cell) for cell in row] for row in rows)
    if kind == "csv":
        content = b"\xef\xbb\xbf" + "".join(_csv_lines(safe)).encode()
        mark = "text/csv; charset=utf-8"
    elif kind == "xlsx":
        content, mark = _workbook(safe), XLSX
    else:
        raise Http404
    return FileResponse(BytesIO(content), as_attachment=True, filename=name, content_type=mark)


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_STARTS_FORMULA) else cell


def _csv_lines(rows: Iterable[list[str]]) -> Iterator[str]:
    for row in rows:
        line = StringIO()
        csv.writer(line).writerow(row)
        yield line.getvalue()


def _workbook(rows: Iterable[list[str]]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    width = 0
    for number, row in enumerate(rows, start=1):
        width = max(width, len(row))
        for place, cell in enumerate(row, start=1):
            visible = "".join(char for char in cell if char.isprintable() or char == "\n")
            written = sheet.cell(row=number, column=place, value=visible)
            written.data_type, written.number_format = "s", "@"
    for place in range(1, width + 1):
        column = sheet.column_dimensions[get_column_letter(place)]
        column.number_format, column.width = "@", 18
    sheet.freeze_panes = "A2"
    out = BytesIO()
    save_workbook(book, out)
    return out.getvalue()


def _mapping(request: Visit, width: int) -> dict[str, str]:
    chosen = {str(place): request.POST.get(f"column-{place}", "") for place in range(width)}
    return {place: key for place, key in chosen.items() if key in roster_layout.BY_KEY}


def _column_choices(
    request: Visit, roster: queries.RosterView, lines: list[list[str]]
) -> list[tuple[str, str, list[str], str]]:
    """Each column with its control's name, what is chosen, and its first values."""
    width = max(map(len, lines), default=0)
    known = [column.field for column in roster.columns]
    found = []
    for place in range(width):
        heading = lines[0][place] if place < len(lines[0]) else ""
        guess = known[place] if place < len(known) else ""
        field = roster_layout.field_of(heading=heading)
        chosen = request.POST.get(f"column-{place}", guess or (field.key if field else ""))
        values = [line[place] if place < len(line) else "" for line in lines[:5]]
        label = gettext("%(number)s列目") % {"number": place + 1}
        found.append((f"column-{place}", label, values, chosen))
    return found


def _refusal_words(roster: queries.RosterView) -> str:
    for refusal in Refused.catalogue():
        if roster.refusal and refusal.code == roster.refusal:
            return said(refusal(**roster.refusal_values))
    return ""


routes = [
    path("rosters/", listing, name="rosters.listing"),
    path("rosters/upload/", upload, name="rosters.upload"),
    path("rosters/template/<str:form>.<str:kind>", template, name="rosters.template"),
    path("rosters/<uuid:roster_id>/", page, name="rosters.page"),
    path("rosters/<uuid:roster_id>/progress/", progress, name="rosters.progress"),
    path("rosters/<uuid:roster_id>/columns/", columns, name="rosters.columns"),
    path("rosters/<uuid:roster_id>/mend/", mend, name="rosters.mend"),
    path("rosters/<uuid:roster_id>/check/", check_again, name="rosters.check_again"),
    path("rosters/<uuid:roster_id>/load/", load, name="rosters.load"),
    path("rosters/<uuid:roster_id>/undo/", undo, name="rosters.undo"),
    path("rosters/<uuid:roster_id>/discard/", discard, name="rosters.discard"),
    path("rosters/<uuid:roster_id>/problems.<str:kind>", problem_file, name="rosters.problem_file"),
]
