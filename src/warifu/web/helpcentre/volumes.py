"""A volume of articles by chapters (003-2)."""

from __future__ import annotations

from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from warifu.foundation.refusals import NotFound
from warifu.help.queries import articles
from warifu.help.rules.volumes import volume as volume_of
from warifu.web.shared import help_addresses, visitor
from warifu.web.shared.doors import public


@public
@require_GET
def page(request: HttpRequest, volume: str) -> HttpResponse:
    """The articles of a volume, by chapters in their order; chapters without any are left out."""
    found = volume_of(volume)
    if found is None:
        raise NotFound
    lines = articles.contents(volume=volume, organisation_id=visitor.organisation_of(request))
    places = {key: place for place, (key, _title) in enumerate(found.chapters)}
    lines.sort(key=lambda line: places.get(line.chapter, len(places)))
    chapters = [
        (found.chapter(key), [(line, help_addresses.address_of(line.key)) for line in group])
        for key, group in groupby(lines, key=lambda line: line.chapter)
    ]
    return render(request, "helpcentre/volumes/page.html", {"volume": found, "chapters": chapters})


routes = [path("volumes/<slug:volume>/", page, name="volumes.page")]
