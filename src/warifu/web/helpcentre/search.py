"""The one search over articles, procedures and refusals (003-1, 003-3)."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from warifu.foundation.days import jst_day
from warifu.help.actions import answers
from warifu.help.queries import search as queries
from warifu.help.rules.searching import LONGEST_QUERY, normal
from warifu.help.rules.volumes import Kind, Reader
from warifu.web.shared import help_addresses, visitor
from warifu.web.shared.doors import public
from warifu.web.shared.paging import count_or

_READERS = {one.value: one for one in Reader}
_KINDS = {one.value: one for one in Kind}


@public
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """What answers `q`; that nothing did is kept for the authors, without who asked."""
    query = request.GET.get("q", "")[:LONGEST_QUERY]
    number = count_or(request.GET.get("page", ""), 1)
    reader, kind = _READERS.get(request.GET.get("for", "")), _KINDS.get(request.GET.get("kind", ""))
    organisation_id = visitor.organisation_of(request)
    found = queries.search(
        query=query,
        organisation_id=organisation_id,
        reader=reader,
        kind=kind,
        page=number,
        in_english=get_language() == "en",
    )
    if query and (found.is_partial or not found.count) and not (reader or kind):
        on = jst_day(request.at)  # type: ignore[attr-defined]
        answers.note_unanswered(query=query, organisation_id=organisation_id, on=on)
    context = {
        "query": query,
        "is_asked": bool(normal(query)),
        "is_narrowed": bool(reader or kind),
        "found": found,
        "hits": [
            {
                "hit": hit,
                "address": help_addresses.address_of(hit.key),
                "place": help_addresses.place_of(kind=hit.kind, volume_key=hit.volume, chapter=hit.chapter)[1:],
            }
            for hit in found.hits
        ],
        "readers": [(one, one is reader, _address(query, one, kind)) for one in (None, *Reader)],
        "kinds": [(one, one is kind, _address(query, reader, one)) for one in (None, *Kind)],
        "older": _address(query, reader, kind, number + 1) if found.has_next else "",
        "newer": _address(query, reader, kind, number - 1) if number > 1 else "",
    }
    return render(request, "helpcentre/search/page.html", context)


def _address(query: str, reader: Reader | None, kind: Kind | None, number: int = 1) -> str:
    parts = {"q": query, "for": reader.value if reader else "", "kind": kind.value if kind else ""}
    if number > 1:
        parts["page"] = str(number)
    return "?" + urlencode({name: value for name, value in parts.items() if value})


routes = [path("search/", page, name="search.page")]
