"""答えのなかった質問と言い換え: what authors see of what readers did not find; the operator's dictionary (C1)."""

from __future__ import annotations

import re
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from warifu.help.actions import answers, synonyms
from warifu.help.articles import synonyms as of_repository
from warifu.help.queries import editing
from warifu.organisations.rules import Permission
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.forms import add_refusal


class GroupForm(forms.Form):
    """Words that mean the same."""

    words = forms.CharField(
        label=_("同じ意味の言葉"), max_length=300, help_text=_("読点かコンマで区切ります。例: 社保、社会保険")
    )


@door(Permission.HELP_KEEP)
def page(request: Visit) -> HttpResponse:
    """The questions without answer, and the synonyms; only the operator's editors see them."""
    form = GroupForm(request.POST or None)
    questions = editing.unanswered(by=request.actor)
    if request.method == "POST" and form.is_valid():
        try:
            words = re.split(r"[、，,]", form.cleaned_data["words"])
            synonyms.add(words=words, by=request.actor, at=request.at)
        except synonyms.GroupUnusable as refusal:
            add_refusal(form, refusal, "words")
        else:
            messages.success(request, gettext("言い換えを加えました。すぐに検索に使われます。"))
            return redirect("desk:help_words.page")
    context = {
        "questions": questions,
        "groups": editing.synonyms(by=request.actor),
        "fixed": of_repository(),
        "form": form,
    }
    return render(request, "desk/help_words/page.html", context, status=422 if form.errors else 200)


@door(Permission.HELP_KEEP)
@require_POST
def settle(request: Visit, question_id: UUID) -> HttpResponse:
    """Take a question off the list."""
    answers.settle(question_id=question_id, by=request.actor, at=request.at)
    messages.success(request, gettext("済みにしました。また聞かれたら、一覧に戻ります。"))
    return redirect("desk:help_words.page")


@door(Permission.HELP_KEEP)
@require_POST
def remove(request: Visit, group_id: UUID) -> HttpResponse:
    """Let a group of synonyms go."""
    synonyms.remove(group_id=group_id, by=request.actor, at=request.at)
    messages.success(request, gettext("言い換えを外しました。"))
    return redirect("desk:help_words.page")


routes = [
    path("help-words/", page, name="help_words.page"),
    path("help-words/questions/<uuid:question_id>/settle/", settle, name="help_words.settle"),
    path("help-words/synonyms/<uuid:group_id>/remove/", remove, name="help_words.remove"),
]
