"""書面の確かめ: whether a notice or a form that somebody holds is authentic, for everybody (002-32, C3)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from warifu.applications.actions import papers
from warifu.credentials.actions.attempts import TooManyAttempts
from warifu.foundation.refusals import Refused
from warifu.web.shared import visitor
from warifu.web.shared.doors import public
from warifu.web.shared.forms import add_refusal

LARGEST = 10 * 1024 * 1024
"""Bytes of a file that is looked at; the house's own papers are far smaller."""
_SIGNS = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "class": "code"}


class PaperForm(forms.Form):
    """What stands on the paper, and the file when there is one."""

    number = forms.CharField(
        label=_("書面の番号"),
        max_length=24,
        help_text=_("書面のいちばん上にあります。例: 2600001A-N5"),
        widget=forms.TextInput(_SIGNS),
        error_messages={"required": _("番号を入れてください。")},
    )
    check_code = forms.CharField(
        label=_("確認記号"),
        max_length=20,
        help_text=_("QRコードの横にある8文字です。"),
        widget=forms.TextInput(_SIGNS),
        error_messages={"required": _("確認記号を入れてください。")},
    )
    file = forms.FileField(
        label=_("PDFファイル"),
        required=False,
        allow_empty_file=True,
        help_text=_("ファイルで受け取ったときは、書き換えられていないかも確かめます。ファイルは残しません。"),
        widget=forms.FileInput({"accept": "application/pdf,.pdf"}),
    )

    def clean_file(self) -> Any:
        """A file of a size that a paper can have."""
        file = self.cleaned_data["file"]
        if file is not None and file.size > LARGEST:
            raise forms.ValidationError(_("ファイルが大きすぎます。10MBまでです。"))
        return file


@public
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Number and check code, typed from the paper."""
    return _answer(request, PaperForm(request.POST or None, request.FILES or None))


@public
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, number: str, check: str) -> HttpResponse:
    """What the QR code leads to: the answer at once, and a place for the file."""
    given = {"number": number, "check_code": check}
    return _answer(request, PaperForm(given, request.FILES or None))


def _answer(request: HttpRequest, form: PaperForm) -> HttpResponse:
    found = None
    status = 200
    if form.is_bound:
        status = 422
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            found = papers.examine(
                number=form.cleaned_data["number"],
                check_code=form.cleaned_data["check_code"],
                content=file.read() if file is not None else None,
                address=visitor.address_of(request),
                at=request.at,  # type: ignore[attr-defined]
            )
        except (papers.PaperUnknown, TooManyAttempts) as refusal:
            status = _refused(form, refusal)
        else:
            status = 200
    return render(request, "entrance/papers/page.html", {"form": form, "found": found}, status=status)


def _refused(form: PaperForm, refusal: Refused) -> int:
    add_refusal(form, refusal, "number")
    return refusal.status


routes = [
    path("papers/", ask, name="papers.ask"),
    path("papers/<str:number>/<str:check>/", page, name="papers.page"),
]
