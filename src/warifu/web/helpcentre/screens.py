"""What explains a screen: every page's help link leads here (A-07)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET

from warifu.help.queries import articles
from warifu.web.shared import help_addresses, procedures
from warifu.web.shared.doors import public


@public
@require_GET
def page(request: HttpRequest, screen: str) -> HttpResponse:
    """The articles and procedures of a screen; the only one is opened at once, none leads to the start."""
    found = articles.explaining(screen=screen)
    manuals = procedures.with_screen(screen)
    if not found and not manuals:
        return redirect("helpcentre:start.page")
    if len(found) == 1 and not manuals:
        return redirect("helpcentre:articles.page", slug=found[0].slug)
    lines = [
        {
            "title": help_addresses.in_own_words(one.title, one.title_en),
            "lead": help_addresses.in_own_words(one.lead, one.lead_en),
            "address": help_addresses.address_of(f"article:{one.slug}"),
        }
        for one in found
    ]
    return render(request, "helpcentre/screens/page.html", {"lines": lines, "manuals": manuals})


routes = [path("screens/<str:screen>/", page, name="screens.page")]
