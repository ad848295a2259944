"""ヘルプの記事: written, previewed, examined by another editor, published, with pictures drawn anew (C2)."""

from __future__ import annotations

from dataclasses import fields
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from warifu.foundation.refusals import Refused
from warifu.help.actions import articles
from warifu.help.queries import editing
from warifu.help.rules.articles import CHANGEABLE, EnglishUnfinished, State, Words
from warifu.help.rules.volumes import VOLUMES, WRITTEN, Reader
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission, may
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.forms import add_refusal

BADGES = {
    State.DRAFT: ("", "pencil"),
    State.REVIEWING: ("heed", "clock"),
    State.SENT_BACK: ("late", "undo"),
    State.PUBLISHED: ("done", "check"),
    State.REPLACED: ("", "clock"),
}
PLACES = [(one.title, [(f"{one.key}/{key}", chapter) for key, chapter in one.chapters]) for one in VOLUMES]


class WordsForm(forms.Form):
    """The words of an article."""

    title = forms.CharField(label=_("題名"), max_length=100, help_text=_("読む人が探す言葉で。例: 名札をなくしたとき"))
    lead = forms.CharField(
        label=_("はじめの一文"), max_length=200, help_text=_("ここだけ読めば答えがわかるように書きます。")
    )
    body = forms.CharField(
        label=_("本文"),
        max_length=50_000,
        widget=forms.Textarea({"rows": 16}),
        help_text=_("「## 」で見出し、「- 」で箇条書き、「**」で挟むと太字になります。"),
    )

    title_en = forms.CharField(
        label=_("英語の題名"),
        max_length=100,
        required=False,
        help_text=_("英語で読む人がいるときだけ、入れてください。"),
    )
    lead_en = forms.CharField(label=_("英語のはじめの一文"), max_length=200, required=False)
    body_en = forms.CharField(
        label=_("英語の本文"),
        max_length=50_000,
        required=False,
        widget=forms.Textarea({"rows": 10}),
        help_text=_("空のときは、日本語の本文と「まだ日本語だけです」の一言が出ます。"),
    )

    def words(self) -> Words:
        """The words that were typed."""
        return Words(**{field.name: self.cleaned_data[field.name] for field in fields(Words)})


class NewForm(WordsForm):
    """A new article: also where it stands and whom it is for."""

    kind = forms.ChoiceField(label=_("種類"), choices=[(one.value, one.label) for one in WRITTEN])
    reader = forms.ChoiceField(label=_("だれ向け"), choices=[(one.value, one.label) for one in Reader])
    place = forms.ChoiceField(label=_("編と章"), choices=PLACES)
    field_order = ("kind", "reader", "place", "title", "lead", "body", "title_en", "lead_en", "body_en")


class PictureForm(forms.Form):
    """A picture and its alternative text."""

    picture = forms.FileField(label=_("画像"), help_text=_("JPEGかPNG、10MBまで。位置などのかくれた情報は除きます。"))
    alt = forms.CharField(
        label=_("画像の説明"), max_length=200, help_text=_("見えない人にも伝わるように、写っているものを書きます。")
    )


class RemarkForm(forms.Form):
    """Why a version is sent back."""

    remark = forms.CharField(label=_("直してほしいところ"), max_length=300, widget=forms.Textarea({"rows": 2}))


@door(Permission.HELP_WRITE)
@require_GET
def listing(request: Visit) -> HttpResponse:
    """The organisation's articles; `q` keeps those whose title holds it, `state` those in a state."""
    text, state = request.GET.get("q", "").strip(), request.GET.get("state", "")
    lines = editing.listing(organisation_id=request.organisation_id)
    total = len(lines)
    lines = [line for line in lines if text.casefold() in line.title.casefold()]
    lines = [line for line in lines if not state or line.state.value == state]
    context = {
        "lines": [(line, BADGES[line.state]) for line in lines],
        "total": total,
        "text": text,
        "state": state,
        "states": State,
        "is_operator": organisations.organisation(organisation_id=request.organisation_id).is_operator,
        "may_keep": may(by=request.actor, permission=Permission.HELP_KEEP, organisation_id=request.organisation_id),
    }
    return render(request, "desk/help_articles/listing.html", context)


@door(Permission.HELP_WRITE)
def add(request: Visit) -> HttpResponse:
    """Begin an article."""
    form = NewForm(request.POST or None)
    is_preview = request.POST.get("do") == "preview"
    if request.method == "POST" and form.is_valid() and not is_preview:
        volume, _slash, chapter = form.cleaned_data["place"].partition("/")
        try:
            article_id = articles.start(
                organisation_id=request.organisation_id,
                kind=form.cleaned_data["kind"],
                reader=form.cleaned_data["reader"],
                volume=volume,
                chapter=chapter,
                words=form.words(),
                by=request.actor,
                at=request.at,
            )
        except Refused as refusal:
            _tell(form, refusal)
        else:
            messages.success(request, gettext("下書きを保存しました。"))
            return redirect("desk:help_articles.page", article_id=article_id)
    context = {"form": form, "preview": form.words() if is_preview and form.is_valid() else None}
    return render(request, "desk/help_articles/add.html", context, status=422 if form.errors else 200)


@door(Permission.HELP_WRITE)
@require_GET
def page(request: Visit, article_id: UUID) -> HttpResponse:
    """An article: what readers see, what is at work, pictures, all its versions."""
    found = editing.article(organisation_id=request.organisation_id, article_id=article_id)
    return render(request, "desk/help_articles/page.html", _page(request, found))


@door(Permission.HELP_WRITE)
def edit(request: Visit, article_id: UUID) -> HttpResponse:
    """Write on: the draft, or the next version of what is published; look at it before saving."""
    found = editing.article(organisation_id=request.organisation_id, article_id=article_id)
    newest = found.versions[0]
    form = WordsForm(request.POST or None, initial={field.name: getattr(newest, field.name) for field in fields(Words)})
    is_preview = request.POST.get("do") == "preview"
    if request.method == "POST" and form.is_valid() and not is_preview:
        try:
            articles.write(
                organisation_id=request.organisation_id,
                article_id=article_id,
                words=form.words(),
                by=request.actor,
                at=request.at,
            )
        except Refused as refusal:
            _tell(form, refusal)
        else:
            messages.success(request, gettext("下書きを保存しました。"))
            return redirect("desk:help_articles.page", article_id=article_id)
    preview = form.words() if is_preview and form.is_valid() else None
    context = {"form": form, "article": found, "preview": preview}
    return render(request, "desk/help_articles/edit.html", context, status=422 if form.errors else 200)


@door(Permission.HELP_WRITE)
@require_POST
def hand_in(request: Visit, article_id: UUID) -> HttpResponse:
    """Ask for the draft to be examined."""
    articles.hand_in(organisation_id=request.organisation_id, article_id=article_id, by=request.actor, at=request.at)
    messages.success(request, gettext("確認を頼みました。ほかの編集者が公開できます。"))
    return redirect("desk:help_articles.page", article_id=article_id)


@door(Permission.HELP_WRITE)
@require_POST
def send_back(request: Visit, article_id: UUID) -> HttpResponse:
    """Send a version back with words."""
    form = RemarkForm(request.POST)
    if not form.is_valid():
        found = editing.article(organisation_id=request.organisation_id, article_id=article_id)
        context = _page(request, found) | {"remark": form}
        return render(request, "desk/help_articles/page.html", context, status=422)
    articles.send_back(
        organisation_id=request.organisation_id,
        article_id=article_id,
        remark=form.cleaned_data["remark"],
        by=request.actor,
        at=request.at,
    )
    messages.success(request, gettext("差し戻しました。"))
    return redirect("desk:help_articles.page", article_id=article_id)


@door(Permission.HELP_WRITE)
@require_POST
def publish(request: Visit, article_id: UUID) -> HttpResponse:
    """Publish what was examined."""
    articles.publish(organisation_id=request.organisation_id, article_id=article_id, by=request.actor, at=request.at)
    messages.success(request, gettext("公開しました。すぐに検索で見つかります。"))
    return redirect("desk:help_articles.page", article_id=article_id)


@door(Permission.HELP_WRITE)
@require_POST
def retire(request: Visit, article_id: UUID) -> HttpResponse:
    """Take an article away from readers."""
    articles.retire(organisation_id=request.organisation_id, article_id=article_id, by=request.actor, at=request.at)
    messages.success(request, gettext("記事を取り下げました。版は残っています。"))
    return redirect("desk:help_articles.listing")


@door(Permission.HELP_WRITE)
@require_POST
def add_picture(request: Visit, article_id: UUID) -> HttpResponse:
    """Add a picture; the line that shows it stands beside it afterwards."""
    found = editing.article(organisation_id=request.organisation_id, article_id=article_id)
    form = PictureForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            articles.add_picture(
                organisation_id=request.organisation_id,
                article_id=article_id,
                content=form.cleaned_data["picture"].read(),
                alt=form.cleaned_data["alt"],
                by=request.actor,
                at=request.at,
            )
        except articles.PictureUnusable as refusal:
            add_refusal(form, refusal, "picture")
        else:
            messages.success(request, gettext("画像を加えました。下の1行を本文に貼ると出ます。"))
            return redirect("desk:help_articles.page", article_id=article_id)
    return render(request, "desk/help_articles/page.html", _page(request, found) | {"picture": form}, status=422)


def _page(request: Visit, found: editing.ArticleView) -> dict[str, Any]:
    waiting = found.at_work
    has_other = editing.has_other_editor(organisation_id=request.organisation_id, member_id=request.member_id)
    is_reviewing = waiting is not None and waiting.state is State.REVIEWING
    return {
        "article": found,
        "versions": [(one, BADGES[one.state]) for one in found.versions],
        "can_write": found.retired_at is None and not is_reviewing,
        "can_hand_in": waiting is not None and waiting.state in CHANGEABLE,
        "is_reviewing": is_reviewing,
        "can_publish": is_reviewing
        and waiting is not None
        and (waiting.written_by != request.member_id or not has_other),
        "picture": PictureForm(),
        "remark": RemarkForm(),
    }


def _tell(form: forms.Form, refusal: Refused) -> None:
    if refusal.status != 422:
        raise refusal
    add_refusal(form, refusal, "title_en" if isinstance(refusal, EnglishUnfinished) else "body")


routes = [
    path("help/", listing, name="help_articles.listing"),
    path("help/add/", add, name="help_articles.add"),
    path("help/<uuid:article_id>/", page, name="help_articles.page"),
    path("help/<uuid:article_id>/edit/", edit, name="help_articles.edit"),
    path("help/<uuid:article_id>/hand-in/", hand_in, name="help_articles.hand_in"),
    path("help/<uuid:article_id>/send-back/", send_back, name="help_articles.send_back"),
    path("help/<uuid:article_id>/publish/", publish, name="help_articles.publish"),
    path("help/<uuid:article_id>/retire/", retire, name="help_articles.retire"),
    path("help/<uuid:article_id>/pictures/", add_picture, name="help_articles.add_picture"),
]
