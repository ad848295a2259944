"""Every component in all its states, on one page."""

from __future__ import annotations

import re
from datetime import date

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext_lazy as _

from warifu.web.shared.doors import public
from warifu.web.shared.forms import DayField


class SampleForm(forms.Form):
    """One field of each kind."""

    family_name = forms.CharField(label=_("姓"), help_text=_("住民票のとおりの字で"))
    phone = forms.CharField(label=_("携帯番号"), required=False)
    words = forms.CharField(label=_("伝えたいこと"), required=False, widget=forms.Textarea({"rows": 3}))
    department = forms.ChoiceField(
        label=_("所属"), choices=[("", _("選んでください")), ("general", _("総務課")), ("sales", _("営業課"))]
    )
    password = forms.CharField(
        label=_("パスワード"),
        help_text=_("15文字以上。長い文でもかまいません"),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
    channel = forms.ChoiceField(
        label=_("届け方"),
        choices=[("mail", _("メール")), ("sms", _("SMS")), ("paper", _("紙の案内"))],
        widget=forms.RadioSelect,
    )
    purposes = forms.MultipleChoiceField(
        label=_("使い道"),
        choices=[("slip", _("源泉徴収票")), ("insurance", _("雇用保険"))],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    born_on = DayField(label=_("生年月日"), help_text=_("西暦でも「昭和63」のような元号でも"))
    paper = forms.FileField(label=_("番号の書類"), help_text=_("JPEGかPNG、20MBまで"), required=False)
    has_seen = forms.BooleanField(label=_("書類を見て、私が確かめました"))


@public
def page(request: HttpRequest) -> HttpResponse:
    """The gallery: fields empty, filled and wrong; everything else in each of its kinds."""
    filled = {"family_name": "髙橋", "department": "general", "channel": "mail", "born_on": date(1988, 4, 2)}
    wrong = {"family_name": "", "born_on_0": "昭和64", "born_on_1": "1", "born_on_2": "8", "channel": "fax"}
    return render(
        request,
        "demo/gallery/page.html",
        {
            "empty_form": SampleForm(prefix="empty", initial=filled),
            "wrong_form": SampleForm({f"wrong-{name}": value for name, value in wrong.items()}, prefix="wrong"),
            "icons": _icon_names(),
            "born": date(1988, 4, 2),
            "steps_names": [_("使い道"), _("番号"), _("写真"), _("見直し")],
        },
    )


def _icon_names() -> list[str]:
    drawing = settings.SOURCE / "web" / "static" / "icons.svg"
    return re.findall(r'<symbol id="([a-z-]+)"', drawing.read_text(encoding="utf-8"))


routes = [path("gallery/", page, name="gallery.page")]
