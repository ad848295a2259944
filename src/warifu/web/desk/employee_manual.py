"""従業員向けマニュアル: an organisation's own, with pictures, as a file to edit and as PDF (000-42, 000-43)."""

from __future__ import annotations

import base64
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import get_language, gettext, override
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from warifu.help import office_file
from warifu.help.actions import manuals
from warifu.help.queries import manuals as queries
from warifu.help.rules.manuals import (
    Carrier,
    Choices,
    ChoicesUnusable,
    Papers,
    Part,
    Phone,
    Step,
    in_english,
    parts,
    read,
)
from warifu.notices import papers
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission
from warifu.web.shared import help_addresses
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.forms import add_refusal

HEADS = (_("順"), _("すること"), _("画面"))
LANGUAGES = {"ja": "日本語", "en": "English"}
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class ManualForm(forms.Form):
    """What the manual says."""

    title = forms.CharField(label=_("題名"), max_length=60)
    sender_name = forms.CharField(label=_("メールの差出人の名前"), max_length=100)
    sender_mail = forms.EmailField(
        label=_("メールの差出人のアドレス"),
        max_length=254,
        help_text=_("従業員が、受信する相手に加えるアドレスです。"),
    )
    deadline = forms.CharField(
        label=_("提出の期限"),
        max_length=100,
        help_text=_("例: 11月30日(月)まで。案内のメールの期限に任せてもかまいません。"),
    )
    contact = forms.CharField(
        label=_("問合せ先"), max_length=200, help_text=_("担当の部署、電話番号、受付の時間など。")
    )
    message = forms.CharField(
        label=_("会社からひとこと"), max_length=500, required=False, widget=forms.Textarea({"rows": 3})
    )
    papers = forms.ChoiceField(
        label=_("使ってもらう書類"), choices=[(one.value, one.label) for one in Papers], widget=forms.RadioSelect
    )
    phones = forms.MultipleChoiceField(
        label=_("どの電話の説明を入れるか"),
        choices=[(one.value, one.label) for one in Phone],
        widget=forms.CheckboxSelectMultiple,
    )
    carriers = forms.MultipleChoiceField(
        label=_("どのメールの受信設定を入れるか"),
        choices=[(one.value, one.label) for one in Carrier],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    with_family = forms.BooleanField(label=_("扶養家族の説明を入れる"), required=False)
    with_paper_way = forms.BooleanField(label=_("紙や窓口で出す説明を入れる"), required=False)
    title_en = forms.CharField(
        label=_("英語の題名"),
        max_length=60,
        required=False,
        help_text=_("英語のマニュアルも渡すときだけ、入れてください。"),
    )
    deadline_en = forms.CharField(label=_("英語の提出の期限"), max_length=100, required=False)
    contact_en = forms.CharField(label=_("英語の問合せ先"), max_length=200, required=False)
    message_en = forms.CharField(
        label=_("英語のひとこと"), max_length=500, required=False, widget=forms.Textarea({"rows": 2})
    )


@door(Permission.INVITE)
def page(request: Visit) -> HttpResponse:
    """Choose, look at what comes of it, and take it as a file."""
    now = queries.choices(organisation_id=request.organisation_id)
    form = ManualForm(request.POST or None, initial=now.kept())
    if request.method == "POST" and form.is_valid():
        try:
            manuals.choose(
                organisation_id=request.organisation_id,
                choices=read(form.cleaned_data, otherwise=now),
                by=request.actor,
                at=request.at,
            )
        except ChoicesUnusable as refusal:
            add_refusal(form, refusal, "message")
        else:
            messages.success(request, gettext("マニュアルの内容を保存しました。下の見本で確かめ、ファイルにできます。"))
            return redirect("desk:employee_manual.page")
    language = _language(request.GET)
    context = {
        "form": form,
        "manual": _drawn(request, now, language),
        "title": _words(now, language).title,
        "heads": _heads(language),
        "language": language,
        "languages": LANGUAGES,
    }
    return render(request, "desk/employee_manual/page.html", context, status=422 if form.errors else 200)


@door(Permission.INVITE)
@require_POST
def word(request: Visit) -> HttpResponse:
    """The manual as a file of a word processor, to be adapted."""
    language = _language(request.POST)
    choices = queries.choices(organisation_id=request.organisation_id)
    listed = _parts(request, choices, language)
    content = office_file.docx(
        title=_words(choices, language).title,
        parts=listed,
        pictures={
            step.shot: (help_addresses.shots()[step.shot].file.read_bytes(), _alt(step, language))
            for part in listed
            for step in part.steps
            if step.shot in help_addresses.shots()
        },
        heads=_heads(language),
        at=request.at,
        language=language,
    )
    return _file(request, content, "docx", WORD, language)


@door(Permission.INVITE)
@require_POST
def pdf(request: Visit) -> HttpResponse:
    """The manual as a tagged PDF."""
    language = _language(request.POST)
    choices = queries.choices(organisation_id=request.organisation_id)
    values = {
        "organisation": organisations.organisation(organisation_id=request.organisation_id),
        "manual": _drawn(request, choices, language, for_paper=True),
        "heads": _heads(language),
    }
    title = _words(choices, language).title
    content = papers.pdf("papers/employee_manual.html", values, title=title, language=language)
    return _file(request, content, "pdf", "application/pdf", language)


def _language(values: QueryDict) -> str:
    asked = values.get("in", get_language() or "")
    return asked if asked in LANGUAGES else "ja"


def _file(request: Visit, content: bytes, form: str, kind: str, language: str) -> HttpResponse:
    manuals.note_made(organisation_id=request.organisation_id, form=form, by=request.actor, at=request.at)
    answer = HttpResponse(content, content_type=kind)
    name = "employee-manual" if language == "ja" else f"employee-manual-{language}"
    answer["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return answer


def _words(choices: Choices, language: str) -> Choices:
    if language == "ja":
        return choices
    with override(language):
        return in_english(choices, say=gettext)


def _heads(language: str) -> tuple[str, ...]:
    with override(language):
        return tuple(str(head) for head in HEADS)


def _parts(request: Visit, choices: Choices, language: str) -> list[Part]:
    home = organisations.organisation(organisation_id=request.organisation_id)
    with override(language):
        return parts(_words(choices, language), organisation_name=home.name, say=gettext)


def _drawn(request: Visit, choices: Choices, language: str, *, for_paper: bool = False) -> list[dict[str, Any]]:
    shots = help_addresses.shots()
    return [
        {
            "part": part,
            "steps": [
                {
                    "step": step,
                    "picture": _source(shots[step.shot], for_paper=for_paper) if step.shot in shots else "",
                    "alt": _alt(step, language) if step.shot in shots else "",
                }
                for step in part.steps
            ],
        }
        for part in _parts(request, choices, language)
    ]


def _alt(step: Step, language: str) -> str:
    with override(language):
        return help_addresses.alt_of(help_addresses.shots()[step.shot], step=step.title)


def _source(shot: help_addresses.Shot, *, for_paper: bool) -> str:
    if not for_paper:
        return shot.address
    return f"data:image/png;base64,{base64.b64encode(shot.file.read_bytes()).decode()}"


routes = [
    path("employee-manual/", page, name="employee_manual.page"),
    path("employee-manual/word/", word, name="employee_manual.word"),
    path("employee-manual/pdf/", pdf, name="employee_manual.pdf"),
]
