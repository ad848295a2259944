"""One article: of the repository, or written by editors; and whether it helped."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from warifu.foundation.refusals import NotFound
from warifu.help.actions import answers
from warifu.help.queries import articles as queries
from warifu.web.shared import help_addresses, visitor
from warifu.web.shared.doors import public


@public
@require_GET
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """An article of the repository."""
    found = queries.source(slug=slug)
    key = f"article:{slug}"
    context = {
        "key": key,
        "title": help_addresses.in_own_words(found.title, found.title_en),
        "lead": help_addresses.in_own_words(found.lead, found.lead_en),
        "place": help_addresses.place_of(kind=found.kind, volume_key=found.volume, chapter=found.chapter),
        "reader": found.reader,
        "body": help_addresses.in_own_words(found.body, found.body_en),
        "is_only_japanese": help_addresses.is_only_japanese(found.body_en),
        "beside": queries.beside(
            key=key,
            volume=found.volume,
            chapter=found.chapter,
            organisation_id=visitor.organisation_of(request),
        ),
        "was_judged": "judged" in request.GET,
    }
    return render(request, "helpcentre/articles/page.html", context)


@public
@require_GET
def written(request: HttpRequest, article_id: UUID) -> HttpResponse:
    """An article that editors wrote: the reader's own organisation's, or the operator's."""
    organisation_id = visitor.organisation_of(request)
    found = queries.written(article_id=article_id, organisation_id=organisation_id)
    key = f"written:{article_id}"
    context = {
        "key": key,
        "title": help_addresses.in_own_words(found.title, found.title_en),
        "lead": help_addresses.in_own_words(found.lead, found.lead_en),
        "place": help_addresses.place_of(kind=found.kind, volume_key=found.volume, chapter=found.chapter),
        "reader": found.reader,
        "author": found.organisation_name,
        "published_at": found.published_at,
        "body": help_addresses.in_own_words(found.body, found.body_en),
        "is_only_japanese": help_addresses.is_only_japanese(found.body_en),
        "beside": queries.beside(key=key, volume=found.volume, chapter=found.chapter, organisation_id=organisation_id),
        "was_judged": "judged" in request.GET,
    }
    return render(request, "helpcentre/articles/page.html", context)


@public
@require_GET
def picture(request: HttpRequest, picture_id: UUID) -> HttpResponse:
    """A picture of an article that editors wrote."""
    content = queries.picture(picture_id=picture_id, organisation_id=visitor.organisation_of(request))
    return HttpResponse(content, content_type="image/jpeg")


@public
@require_POST
def judge(request: HttpRequest) -> HttpResponse:
    """役に立ったか: counted, and nothing else."""
    key = request.POST.get("key", "")
    kind, _colon, name = key.partition(":")
    if kind not in ("article", "written", "procedure") or not name:
        raise NotFound
    answers.judge(key=key, is_helpful=request.POST.get("helpful") == "yes")
    return redirect(f"{help_addresses.address_of(key)}?judged=1#judged")


routes = [
    path("articles/<slug:slug>/", page, name="articles.page"),
    path("written/<uuid:article_id>/", written, name="articles.written"),
    path("pictures/<uuid:picture_id>/", picture, name="articles.picture"),
    path("judge/", judge, name="articles.judge"),
]
