"""準備と手順の確認表: each procedure on one sheet to tick off, on screen and paper (000-1 … 000-3)."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET

from warifu.foundation.procedures import Audience, Margin, Procedure, Step
from warifu.foundation.refusals import NotFound
from warifu.notices import kinds, papers
from warifu.web.shared import procedures
from warifu.web.shared.doors import public


@dataclass(frozen=True, kw_only=True)
class Line:
    """One step to tick off, with its margin notes and the name of the letter that leaves after it."""

    step: Step
    margins: tuple[Margin, ...]
    letter: str


@public
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """The way in by its chapters (000-1), then every procedure by whom it is for."""
    context = {
        "chapters": [procedures.procedure(key) for key in procedures.WAY_IN],
        "groups": [
            (audience, [one for one in procedures.ALL if one.audience is audience])
            for audience in Audience
            if any(one.audience is audience for one in procedures.ALL)
        ],
    }
    return render(request, "helpcentre/checklists/listing.html", context)


@public
@require_GET
def page(request: HttpRequest, procedure: str) -> HttpResponse:
    """One procedure to tick off, printable."""
    return render(request, "helpcentre/checklists/page.html", _sheet(procedures.procedure(procedure)))


@public
@require_GET
def paper(request: HttpRequest, procedure: str) -> HttpResponse:
    """The same sheet as a PDF in the reader's language, with the page's address."""
    found = procedures.procedure(procedure)
    address = settings.WARIFU.site_url + reverse("helpcentre:checklists.page", kwargs={"procedure": found.key})
    values = _sheet(found) | {"scan": papers.qr(address), "scan_words": address}
    language = get_language() or papers.LANGUAGE
    made = papers.pdf("helpcentre/checklists/paper.html", values, title=gettext(found.title), language=language)
    name = f"warifu-{found.key.replace('_', '-')}{'' if language == papers.LANGUAGE else f'-{language}'}.pdf"
    return HttpResponse(
        made, content_type="application/pdf", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _sheet(found: Procedure) -> dict[str, object]:
    return {
        "procedure": found,
        "lines": [
            Line(
                step=step,
                margins=tuple(margin for margin in found.margins if margin.step == step.key),
                letter=gettext(kinds.BY_NAME[step.letter].label) if step.letter else "",
            )
            for step in found.steps
        ],
        "margins": [margin for margin in found.margins if not margin.step],
        "follows": _follows(found),
    }


def _follows(found: Procedure) -> Procedure | None:
    try:
        return procedures.procedure(found.follows)
    except NotFound:
        return None


routes = [
    path("checklists/", listing, name="checklists.listing"),
    path("checklists/<str:procedure>.pdf", paper, name="checklists.paper"),
    path("checklists/<str:procedure>/", page, name="checklists.page"),
]
