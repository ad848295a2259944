"""Manual pages that cannot be out of date: a procedure's declaration, and pictures of the screens it names (C3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, path, reverse
from django.utils.translation import gettext, override
from django.views.decorators.http import require_GET

from warifu.foundation.procedures import Audience, Margin, Procedure, Step
from warifu.foundation.refusals import Refused
from warifu.help.rules.documents import Document
from warifu.help.rules.volumes import Kind, Reader
from warifu.notices import kinds
from warifu.web.helpcentre.refusals import Article, article_of
from warifu.web.shared import help_addresses, procedures
from warifu.web.shared.doors import public
from warifu.web.shared.help_addresses import Shot

READERS = {
    Audience.EMPLOYEE: Reader.EMPLOYEE,
    Audience.ADMINISTRATOR: Reader.ADMINISTRATOR,
    Audience.OFFICE: Reader.OFFICE,
    Audience.APPLICANT: Reader.ADMINISTRATOR,
    Audience.OPERATOR: Reader.OPERATOR,
}


@dataclass(frozen=True, kw_only=True)
class DrawnStep:
    """A step with its margin notes, the screen that it is done on, and that screen's pictures with what they show."""

    step: Step
    margins: tuple[Margin, ...]
    address: str
    shots: tuple[tuple[Shot, str], ...]


@public
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Every procedure, by whom it is for."""
    groups = [(audience, [one for one in procedures.ALL if one.audience is audience]) for audience in Audience]
    return render(request, "helpcentre/manual/listing.html", {"groups": [group for group in groups if group[1]]})


@public
@require_GET
def page(request: HttpRequest, procedure: str) -> HttpResponse:
    """One procedure: what to prepare, its steps with pictures, deadlines, letters, and what may be refused."""
    found = procedures.procedure(procedure)
    context = {
        "procedure": found,
        "key": f"procedure:{found.key}",
        "steps": [_step(found, step) for step in found.steps],
        "cautions": [margin for margin in found.margins if not margin.step],
        "letters": [kinds.BY_NAME[kind].label for kind in found.letters if kind in kinds.BY_NAME],
        "refusals": _refusals(found.refusals),
        "was_judged": "judged" in request.GET,
    }
    return render(request, "helpcentre/manual/page.html", context)


def documents() -> Iterable[Document]:
    """The manual pages, for the index."""
    for place, found in enumerate(procedures.ALL):
        words = _words(found)
        with override("en"):
            title_en, lead_en, *words_en = map(gettext, (found.title, found.purpose, *words))
        yield Document(
            key=f"procedure:{found.key}",
            kind=Kind.PROCEDURE,
            reader=READERS[found.audience],
            order=place,
            title=found.title,
            lead=found.purpose,
            title_en=title_en,
            lead_en=lead_en,
            text_en=" ".join(words_en),
            text=" ".join(words),
            pictures=sum(len(help_addresses.shots_of(step.screen)) for step in found.steps if step.screen),
        )


def _words(found: Procedure) -> list[str]:
    """Everything that a manual page says, in its order."""
    steps = (words for step in found.steps for words in (step.title, step.what))
    deadlines = (words for one in found.deadlines for words in (one.what, one.when, one.otherwise))
    margins = (margin.words for margin in found.margins)
    return [words for words in (*found.prepare, *steps, *deadlines, *margins, found.next) if words]


def _step(found: Procedure, step: Step) -> DrawnStep:
    shots = help_addresses.shots_of(step.screen) if step.screen else []
    return DrawnStep(
        step=step,
        margins=tuple(margin for margin in found.margins if margin.step == step.key),
        address=_address(step.screen),
        shots=tuple((shot, help_addresses.alt_of(shot, step=step.title)) for shot in shots),
    )


def _address(screen: str) -> str:
    try:
        return reverse(screen) if screen else ""
    except NoReverseMatch:
        return ""


def _refusals(codes: Iterable[str]) -> list[Article]:
    known = {refusal.code: refusal for refusal in Refused.catalogue()}
    return [article_of(known[code]) for code in codes if code in known]


routes = [
    path("manual/", listing, name="manual.listing"),
    path("manual/<slug:procedure>/", page, name="manual.page"),
]
